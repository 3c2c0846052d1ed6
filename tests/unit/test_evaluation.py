"""What is counted of a network's answers, against tables by hand, scikit-learn, SciPy and the literature."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from core.analysis import evaluation, evaluation_sets
from core.analysis.evaluation import Choice
from core.data import datasets, label_errors
from core.nn import calibration
from core.nn.architectures import Dense, Flatten
from core.records import Labelled
from tests.networks import by_chance

# number  true  says a, b, c      read  certainty
#   0     a     0.9  0.1  0.0      a    0.9
#   1     a     0.3  0.7  0.0      b    0.7   wrong
#   2     b     0.1  0.8  0.1      b    0.8
#   3     b     0.5  0.1  0.4      a    0.5   wrong, loss 2.303
#   4     c     0.3  0.6  0.1      b    0.6   wrong, loss 2.303
#   5     a     0.6  0.4  0.0      a    0.6
PROBABILITIES = np.array(
    [[9, 1, 0], [3, 7, 0], [1, 8, 1], [5, 1, 4], [3, 6, 1], [6, 4, 0]], np.float32
) / np.float32(10)
LABELS = np.array([0, 0, 1, 1, 2, 0], np.uint8)
SMALL = evaluation.evaluate(PROBABILITIES, LABELS, ("a", "b", "c"))


@pytest.fixture(scope="module")
def random():
    """2,000 images of five classes, of which about 60% are read rightly."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 2000)
    logits = rng.normal(size=(2000, 5)) + 1.5 * np.eye(5)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return evaluation.evaluate(probabilities.astype(np.float32), labels, tuple("abcde"))


def test_what_is_read_and_how_surely():
    assert SMALL.predicted.tolist() == [0, 1, 1, 0, 1, 0]
    np.testing.assert_allclose(SMALL.confidence, [0.9, 0.7, 0.8, 0.5, 0.6, 0.6])
    np.testing.assert_allclose(SMALL.losses, -np.log([0.9, 0.3, 0.8, 0.1, 0.1, 0.6]), rtol=1e-6)


def test_confusion_and_scores_by_hand():
    assert evaluation.confusion(SMALL).tolist() == [[2, 1, 0], [1, 1, 0], [0, 1, 0]]
    a, b, c = evaluation.scores(SMALL)
    assert a == ("a", 3, 2 / 3, 2 / 3, 2 / 3)
    assert b == ("b", 2, 1 / 3, 1 / 2, 0.4)
    assert c == ("c", 1, None, 0, 0)  # nothing was read as a c


def test_confusion_and_scores_by_scikit_learn(random):
    table = metrics.confusion_matrix(random.labels, random.predicted)
    np.testing.assert_array_equal(evaluation.confusion(random), table)
    expected = np.array(metrics.precision_recall_fscore_support(random.labels, random.predicted))
    found = np.array([[s.precision, s.recall, s.f1, s.images] for s in evaluation.scores(random)])
    np.testing.assert_allclose(found.T, expected)
    exact = random.probabilities.astype(float)
    loss = metrics.log_loss(random.labels, exact / exact.sum(1, keepdims=True))
    assert random.losses.mean() == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [  # Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_in_the_literature(right, total, low, high):
    assert evaluation.interval(right, total) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("right", "total"), [(9953, 10_000), (10_000, 10_000), (0, 3), (1, 2)])
def test_wilsons_interval_by_scipy(right, total):
    expected = stats.binomtest(right, total).proportion_ci(0.95, "wilson")
    assert evaluation.interval(right, total) == pytest.approx(expected, abs=1e-9)


def test_nothing_measured_tells_nothing():
    assert evaluation.interval(0, 0) == (0, 1)


@pytest.mark.parametrize(
    ("choice", "numbers"),
    [
        (Choice(), [1, 4, 3]),
        (Choice(order="least sure first"), [3, 4, 1]),
        (Choice(order="largest loss first"), [3, 4, 1]),  # 3 and 4 are equal: by number
        (Choice(order="by class"), [1, 3, 4]),
        (Choice("Read rightly", "least sure first"), [5, 2, 0]),  # the hardest correct ones
        (Choice("All", "by number", min_confidence=0.6, max_confidence=0.8), [1, 2, 4, 5]),
        (Choice(predicted=1), [1, 4]),
        (Choice(true=0, predicted=1), [1]),
        (Choice("Read rightly", true=0), [0, 5]),
        (Choice("Doubtful labels", "by number"), [2, 4]),
        (Choice(true=2, predicted=0), []),
    ],
)
def test_which_pictures_and_in_what_order(choice, numbers):
    assert evaluation.select(SMALL, choice, mislabelled=[2, 4]).tolist() == numbers


def test_each_cell_holds_as_many_as_it_says(random):
    table = evaluation.confusion(random)
    for true in range(5):
        for read in range(5):
            kind = "Read rightly" if true == read else "Mistakes"
            assert len(evaluation.select(random, Choice(kind, true=true, predicted=read))) == table[true, read]


def test_the_gaps_of_the_bars_are_the_calibration_error(random):
    bins = evaluation.reliability(random)
    assert sum(b.images for b in bins) == 2000
    gap = sum(b.images * abs(b.accuracy - b.confidence) for b in bins) / 2000
    expected = calibration.expected_calibration_error(random.probabilities.astype(float), random.labels)
    assert gap == pytest.approx(expected, abs=1e-6)
    for b in bins:
        assert b.low - 1e-6 <= b.confidence <= b.high + 1e-6


def test_refusing_by_hand():
    curve = evaluation.coverage(SMALL)
    # from none refused to all but the surest; 4 and 5 are equally sure and go together
    np.testing.assert_allclose(curve.rejected, [0, 1 / 6, 3 / 6, 4 / 6, 5 / 6])
    np.testing.assert_allclose(curve.accuracy, [3 / 6, 3 / 5, 2 / 3, 1, 1])
    np.testing.assert_allclose(curve.confidence, [0.5, 0.6, 0.7, 0.8, 0.9])
    assert [evaluation.min_rejected(curve, a) for a in (0.5, 0.6, 0.99, 1.0)] == [0, 1, 3, 3]


def test_no_refusing_helps_a_network_that_is_surest_when_wrong():
    wrong = evaluation.evaluate(np.array([[0.9, 0.1], [0.6, 0.4]], np.float32), np.array([1, 0]), ("a", "b"))
    assert evaluation.min_rejected(evaluation.coverage(wrong), 0.6) is None


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [
        # Fagerland, Lydersen and Laake, The McNemar test for binary matched-pairs data, 2013: airways before
        # and after a transplantation, one and seven discordant pairs of 21 children, exact p = 0.070
        (1, 7, 0.0703),
        (0, 0, 1.0),
        (5, 5, 1.0),
    ],
)
def test_mcnemars_exact_test_by_hand(first, second, p):
    assert evaluation.mcnemar(first, second) == pytest.approx(p, abs=5e-5)
    assert evaluation.mcnemar(second, first) == evaluation.mcnemar(first, second)


@pytest.mark.parametrize(("first", "second"), [(43, 22), (121, 59), (3, 0), (1000, 900)])
def test_mcnemars_exact_test_by_scipy(first, second):
    expected = stats.binomtest(first, first + second, 0.5).pvalue
    assert evaluation.mcnemar(first, second) == pytest.approx(expected, rel=1e-9)


def test_two_networks_in_words():
    other = evaluation.evaluate(PROBABILITIES[:, [1, 0, 2]], LABELS, SMALL.classes)  # a and b exchanged
    found = evaluation.compare(SMALL, other)
    assert [group.tolist() for group in found[:4]] == [[], [0, 2, 5], [1, 3], [4]]
    assert found.p == evaluation.mcnemar(3, 2)
    said = evaluation.in_words(found, ("Ann", "Bob"))
    assert said.startswith("Ann alone reads 3 pictures rightly, Bob alone 2; 1 picture neither.")
    assert said.endswith("a difference at least as large would come always, so it may well be chance.")
    better = found._replace(first=np.arange(43), second=np.arange(22), p=evaluation.mcnemar(43, 22))
    assert "come 1.3 times in 100, so Ann is better, and hardly by chance." in evaluation.in_words(
        better, ("Ann", "Bob")
    )
    same = evaluation.compare(SMALL, SMALL)
    assert evaluation.in_words(same, ("Ann", "Bob")).startswith("They get the same")


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match=r"6 pictures of 2 classes .* but there are 6 x 3"):
        evaluation.evaluate(PROBABILITIES, LABELS, ("a", "b"))
    broken = PROBABILITIES.copy()
    broken[0] = np.nan
    with pytest.raises(ValueError, match="not numbers"):
        evaluation.evaluate(broken, LABELS, SMALL.classes)


def test_a_softmax_of_nothing_has_a_large_loss_and_no_infinite_one():
    found = evaluation.evaluate(np.array([[1, 0]], np.float32), np.array([1]), ("a", "b"))
    assert 80 < found.losses[0] < 100


def test_the_shipped_networks_answers_are_its_own(tutorials_classifier):
    data = evaluation_sets.SETS[evaluation_sets.TEST]("")
    work = evaluation.answers(tutorials_classifier, evaluation_sets.TEST, data)
    found = evaluation.evaluate(work.result(60), data.labels, data.classes)
    accuracy = (found.predicted == found.labels).mean()
    assert accuracy == pytest.approx(tutorials_classifier.network.about["test_accuracy"])
    np.testing.assert_allclose(found.probabilities.sum(1), 1, atol=1e-5)


def test_doubtful_labels_are_mnists_and_most_people_doubt_them():
    labels = datasets.mnist().y_test
    assert len(label_errors.MNIST_TEST) == 15  # as many as the paper's table 1 says
    for number, doubt in label_errors.MNIST_TEST.items():
        assert labels[number] == doubt.label != doubt.proposed
        assert doubt.for_label + doubt.for_proposed + doubt.for_neither == 5
        assert doubt.for_label < 3


@pytest.mark.parametrize("data", datasets.KINDS)
def test_images_of_every_data_set_are_read_in_the_background(data, tmp_path, monkeypatch):
    """The training images of EMNIST's letters were in nobody's queue."""
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    kind = datasets.KINDS[data]
    shape, outputs = kind.shape, len(kind.classes)
    classifier = SimpleNamespace(
        network=by_chance(Flatten(), Dense(outputs, "softmax"), data=data),
        outputs=lambda pixels: np.eye(outputs, dtype=np.float32)[: len(pixels)],
    )
    images = np.zeros((3, *(shape if shape[-1] == 3 else shape[:2])), np.uint8)
    found = evaluation.answers(classifier, "some", Labelled(images, np.arange(3), kind.names, "")).result(10)
    assert found.argmax(1).tolist() == [0, 1, 2]
    assert found.shape == (3, len(kind.names))
