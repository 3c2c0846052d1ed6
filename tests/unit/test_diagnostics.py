"""Curves as tables: one row per epoch, and what is said of them."""

from dataclasses import replace

import pytest

from core.data import datasets
from core.records import Metric
from core.runs import reproduction
from core.training import diagnostics
from core.training.recipes import RECIPES
from tests.unit.training_tables import CASES, FIRST_CONV, FLAT, NORMALISED_TOO_SMALL, PERCEPTRON


def _stopped(number):
    """One point, where a training was stopped."""
    return [Metric(100, number, 1.0, 0.6, 1.0, 0.7, 0.9, whole=True)]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.181614, "epoch 0.2 of 4"),
        (0.012, "epoch under 0.1 of 4"),
        (1.0, "epoch 1 of 4"),
        (2.97, "epoch 3.0 of 4"),
    ],
)
def test_an_epoch_that_has_not_ended_is_told_to_a_tenth(number, expected):
    assert f"70.0% after {expected};" in diagnostics.diagnose(_stopped(number), 4).sentence


def test_what_is_left_of_a_stopped_training_is_told_to_a_tenth():
    points = [replace(_stopped(i / 3 + 0.004)[0], validation_accuracy=0.7 + i / 20) for i in range(1, 5)]
    sentence = "rose from 75.0% to 90.0% over the last epoch; 2.7 of 4 are left."
    assert sentence in diagnostics.diagnose(points, 4).sentence


NORMALISED = RECIPES["minute"].config
# Recipe "minute", seed 0: (images, training accuracy, validation accuracy), stopped at 1,792 and gone on with.
LAGS = [
    (256, 0.164, 0.213),
    (1792, 0.585, 0.748),
    (2048, 0.723, 0.696),
    (8832, 0.910, 0.541),
    (37120, 0.966, 0.972),
]


@pytest.mark.parametrize(
    ("shown", "steps"),
    [(1, None), (2, None), (3, None), (4, 69), (5, None)],
)
def test_averages_that_lag_behind_are_told_from_bad_learning(shown, steps):
    points = [
        Metric(images, images / 57_000, 1.0, learnt, 1.0, read, 1.0) for images, learnt, read in LAGS[:shown]
    ]
    sentence = diagnostics.lag(points, NORMALISED)
    if steps is None:
        assert sentence == ""
        return
    assert sentence == (
        "The network has learnt more than it shows: it reads 91.0% while learning but 54.1% of the validation "
        "pictures, because batch normalization reads with averages over all steps so far. They catch up within "
        f"some 500 steps; {steps} are done."
    )


def test_only_batch_normalization_in_its_first_epoch_lags():
    images, learnt, read = LAGS[3]
    point = Metric(images, 0.155, 1.0, learnt, 1.0, read, 1.0)
    assert diagnostics.lag([point], NORMALISED)
    assert diagnostics.lag([], NORMALISED) == ""
    assert diagnostics.lag([point], RECIPES["perceptron"].config) == ""
    assert diagnostics.lag([replace(point, epoch=3.0)], NORMALISED) == ""  # it may know these by heart
    assert diagnostics.lag([replace(point, images=80_000)], NORMALISED) == ""
    assert diagnostics.lag([replace(point, validation_accuracy=None)], NORMALISED) == ""


def as_points(rows: list[tuple], every: int = 1) -> list[Metric]:
    return [
        Metric(
            images=60_000 * every * number,
            epoch=float(every * number),
            seconds=10.0 * number,
            train_accuracy=train_accuracy,
            train_loss=train_loss,
            validation_accuracy=accuracy,
            validation_loss=loss,
            whole=True,
        )
        for number, (train_loss, train_accuracy, loss, accuracy) in enumerate(rows, 1)
    ]


@pytest.mark.parametrize(("rows", "epochs", "kind", "sentence"), CASES)
def test_what_is_said_of_a_table(rows, epochs, kind, sentence):
    assert diagnostics.diagnose(as_points(rows), epochs) == diagnostics.Diagnosis(kind, sentence)


@pytest.mark.parametrize(
    ("rate", "word"), [(0.001, "larger"), (1.0, "larger"), (3.0, "smaller"), (1000.0, "smaller")]
)
def test_where_the_curves_do_not_tell_the_rate_itself_does(rate, word):
    """Dead units and a rate that moves nothing end at the same loss, that of guessing."""
    flat = [(2.304, 0.11, 2.302, 0.1135)] * 3
    assert f"try a {word} learning rate" in diagnostics.diagnose(as_points(flat), 10, rate).sentence


# Of 26 letters guessing gives 3.8%, and a loss of 3.258; of 47 characters 2.1% and 3.850.
OF_LETTERS = {
    "nothing learnt": (26, [(3.262, 0.038, 3.258, 0.0385)] * 3, "that of guessing being 3.258"),
    "no guess": (26, [(3.25, 0.04, 3.1, 0.09), (2.9, 0.12, 2.8, 0.14)], "Still improving"),
    "one epoch": (47, [(3.6, 0.06, 3.3, 0.12)], "Of the validation pictures it reads 12.0%"),
    "forgotten": (47, [(3.6, 0.06, 3.3, 0.12), (3.9, 0.021, 3.87, 0.0213)], "has forgotten what it knew"),
    "slowly": (47, [(3.86, 0.02, 3.84, 0.025), (3.84, 0.025, 3.82, 0.028)], "learns very slowly"),
}


@pytest.mark.parametrize(("classes", "rows", "sentence"), OF_LETTERS.values(), ids=OF_LETTERS)
def test_what_guessing_gives_depends_on_how_many_classes_there_are(classes, rows, sentence):
    assert sentence in diagnostics.diagnose(as_points(rows), 10, 1.0, classes).sentence


# (data set, a training that is flat at this training and validation accuracy, what it is)
UNDERFITTING = [
    ("mnist", 0.93, 0.925, "underfitting"),
    ("emnist-letters", 0.92, 0.915, "flat"),
    ("emnist-letters", 0.6, 0.56, "underfitting"),
    ("emnist-balanced", 0.87, 0.86, "flat"),
    ("emnist-balanced", 0.52, 0.51, "underfitting"),
    ("fashion-mnist", 0.91, 0.9, "flat"),
    ("fashion-mnist", 0.84, 0.835, "underfitting"),
    ("cifar10", 0.9, 0.88, "flat"),
    ("cifar10", 0.45, 0.42, "underfitting"),
]


@pytest.mark.parametrize(("data", "train", "validation", "kind"), UNDERFITTING)
def test_what_is_underfitting_depends_on_the_data_set(data, train, validation, kind):
    """Nine of ten letters or photographs read rightly is much; of digits it is little."""
    known, rows = datasets.KINDS[data], [(0.3, train, 0.3, validation)] * 5
    assert diagnostics.diagnose(as_points(rows), 10, 1.0, len(known.names), known.baseline).kind == kind


def test_a_tiny_rate_is_told_under_batch_normalization_too():
    assert (
        "try a larger learning rate" in diagnostics.diagnose(as_points(NORMALISED_TOO_SMALL), 3, 0.001).sentence
    )


# What is said of all that is measured in the project, at the end of each.
SAID = {
    "first-conv": {"overfitting"},
    "first-conv-dropout": {"flat", "overfitting"},
    "first-conv-200": {"flat", "overfitting"},
    "first-conv-50": {"flat", "improving"},
    "first-conv-two": {"flat", "improving"},
    "first-conv-best": {"flat"},
    "simplified-lenet": {"improving"},
    "perceptron": {"improving"},
    "two-conv-one-pooling": {"overfitting"},
    "without-pooling": {"overfitting"},
    "own-cifar": {"overfitting"},
    "cifar-perceptron": {"improving"},
    "cifar-two": {"improving"},
    "cifar-three": {"by heart"},  # 78.6% of the training images, 69.5% of the test images
    "cifar-three-dropout": {"improving"},
    "cifar-three-adam": {"overfitting"},
    "two-conv-one-pooling-default-rate": {"improving"},
    "without-pooling-default-rate": {"improving"},
    "cifar-three-adam-epsilon": {"overfitting"},
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_of_real_curves(name):
    for one in reproduction.read().get(name, ()):
        rows = [(e.train_loss, e.train_accuracy, e.loss, e.accuracy) for e in one.curve]
        for end in range(1, len(rows)):  # none of these ever collapses, or does not learn
            kind = diagnostics.diagnose(as_points(rows[:end]), one.of).kind
            assert kind not in ("collapsed", "not learning")
        assert diagnostics.diagnose(as_points(rows), one.of).kind in SAID[name]


def test_points_between_epochs_change_nothing():
    points = as_points(FIRST_CONV)
    sample = replace(points[3], epoch=9.5, validation_accuracy=0.1, validation_loss=9.0, whole=False)
    unmeasured = replace(points[3], epoch=9.7, validation_accuracy=None, validation_loss=None, whole=False)
    assert diagnostics.diagnose([*points[:9], sample, unmeasured, points[9]], 10) == diagnostics.diagnose(
        points, 10
    )


def test_epochs_are_counted_in_passes_not_in_points():
    """Few training digits: all validation digits are measured after every fifth pass only."""
    said = diagnostics.diagnose(as_points(PERCEPTRON[:4], every=5), 30).sentence
    assert "over the last 15 epochs; 10 of 30 are left." in said


def test_a_rise_of_one_epoch_is_no_overfitting():
    rows = [*FIRST_CONV[:4], (0.010, 0.997, 0.049, 0.9845), (0.005, 0.999, 0.300, 0.9846)]
    assert diagnostics.diagnose(as_points(rows), 10).kind != "overfitting"


def test_losses_that_are_no_numbers_are_left_out():
    lost = (float("nan"), 0.1, float("inf"), 0.1)
    assert diagnostics.diagnose(as_points([*FLAT, lost]), 10) == diagnostics.diagnose(as_points(FLAT), 10)


def test_a_very_small_loss_is_not_shown_as_nothing():
    rows = [*FIRST_CONV[:9], (0.00004, 1.0, 0.0797, 0.9850)]
    assert "from 0.028 to under 0.001 since" in diagnostics.diagnose(as_points(rows), 10).sentence
