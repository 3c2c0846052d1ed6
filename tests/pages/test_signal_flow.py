"""What the image of a network from left to right is given, against the panel and the network themselves."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.data import datasets
from core.ink.preprocessing import from_strokes
from core.models import classifiers
from core.nn.architectures import (
    FUNCTIONS,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from core.records import ColourImage
from tests import colours, shapes
from tests.pages.look_inside import classifier_of, page, sent
from ui.components import feature_maps, signal_flow
from ui.components.feature_maps.views import View

# As imported networks have them: what is trained here has its batch normalisation folded.
EVERY_KIND = (
    Conv2D(9, 3, 2, "same", "linear"),
    BatchNormalization(),
    Activation("relu"),
    Conv2D(16, 3, 1, "same", "tanh"),
    MaxPooling2D(2),
    AveragePooling2D(8),
    Flatten(),
    Dropout(0.3),
    Dense(40, "sigmoid"),
    Activation("linear"),
    Dense(10, "softmax"),
)


@pytest.fixture(scope="module")
def image():
    return from_strokes(shapes.strokes(3))


@pytest.fixture(scope="module")
def colour():
    return ColourImage(colours.pictures(10, 3)[0][7].astype(np.float32) / 255)


@pytest.fixture(scope="module")
def every_kind():
    return classifier_of(EVERY_KIND, low=0.02)  # a variance is above 0


def flow(classifier, image, view=None) -> dict:
    data = signal_flow.data(classifier, image, view or View())
    json.dumps(data, allow_nan=False)
    return data["flow"]


def test_the_columns_are_the_layers_that_make_numbers(classifier, image):
    columns = flow(classifier, image)["columns"]
    assert [(column["layer"], column["plain"], " ".join(column["keras"])) for column in columns] == [
        (0, "looks for strokes", "Conv2D 5x5"),
        (1, "keeps the strongest", "MaxPooling 2x2"),
        (2, "looks for patterns", "Conv2D 3x3"),
        (3, "keeps the strongest", "MaxPooling 2x2"),
        (4, "looks for patterns", "Conv2D 3x3"),
        (5, "looks for patterns", "Conv2D 3x3"),
        (8, "weighs up", "Flatten Dropout 0.1 Dense 64"),
        (9, "answers", "Dense 11"),
    ]
    assert [len(column["maps"]) for column in columns] == [8, 8, 8, 8, 8, 8, 12, 11]
    values = classifier.activations(image)["conv2d_1"]
    sums = np.abs(values).sum((0, 1))
    assert columns[0]["maps"] == sorted(range(20), key=lambda m: -sums[m])[:8]
    assert (columns[0]["height"], columns[0]["width"], columns[0]["count"]) == (28, 28, 8)


@pytest.mark.parametrize("layer", [2, 4, 5])
def test_a_line_is_as_thick_as_the_sums_that_the_panel_shows(classifier, image, layer):
    column = next(c for c in flow(classifier, image)["columns"] if c["layer"] == layer)
    for map_, feeds in zip(column["maps"], column["feeds"], strict=True):
        channels = feature_maps.data(classifier, image, View(layer, map_))["chosen"]["sum"]["channels"]
        total = sum(abs(channel["sum"]) for channel in channels)
        expected = {channel["map"]: channel["sum"] / total for channel in channels}
        assert len(feeds) >= 8
        for source, share in feeds:
            assert share == pytest.approx(expected[source], abs=1e-4)
        assert feeds[0][0] == channels[0]["map"]


def test_all_that_are_shown_are_linked_and_the_shares_are_a_whole(classifier, image):
    columns = flow(classifier, image, View(opened=(2, 4)))["columns"]
    patterns, pooled, further = columns[2], columns[3], columns[4]
    assert len(patterns["maps"]) == 48
    assert [len(feeds) for feeds in pooled["feeds"]] == [1] * 8
    assert [[share for _, share in feeds] for feeds in pooled["feeds"]] == [[1.0]] * 8
    assert len(further["maps"]) == 64
    for map_, feeds in list(zip(further["maps"], further["feeds"], strict=True))[::16]:
        channels = feature_maps.data(classifier, image, View(4, map_))["chosen"]["sum"]["channels"]
        adding = {channel["map"] for channel in channels if channel["sum"]}
        assert {source for source, _ in feeds} >= set(pooled["maps"]) & adding
        assert sum(abs(share) for _, share in feeds) <= 1.001


def test_a_map_that_is_looked_at_is_shown_though_it_is_weak(classifier, image):
    values = classifier.activations(image)["conv2d_1"]
    weakest = int(np.abs(values).sum((0, 1)).argmin())
    assert weakest not in flow(classifier, image)["columns"][0]["maps"]
    shown = flow(classifier, image, View(0, weakest))
    assert shown["columns"][0]["maps"][-1] == weakest
    assert len(shown["columns"][0]["maps"]) == 8
    assert shown["run"] == {"side": 5, "step": 1, "top": -2, "left": -2, "maps": []}  # over the image


def test_the_window_runs_over_the_maps_that_add_most(classifier, image):
    run = flow(classifier, image, View(2, 5))["run"]
    channels = feature_maps.data(classifier, image, View(2, 5))["chosen"]["sum"]["channels"]
    assert (run["side"], run["step"], run["top"], run["layer"]) == (3, 1, -1, 1)
    assert [n for n, _ in run["maps"]] == [channel["map"] for channel in channels[:6]]
    assert (run["height"], run["width"], run["count"]) == (14, 14, 6)
    assert flow(classifier, image, View(1, 5))["run"]["maps"] == [[5, 1.0]]  # pooling has one
    assert flow(classifier, image, View(8, 5))["run"] is None  # units have no window


def test_the_answers_are_those_beside_the_picture(classifier, tutorials_classifier, image):
    prediction = classifier.predict(image)
    answers = flow(classifier, image)["answers"]
    assert [name for name, _ in answers] == [*"0123456789", "not a digit"]
    assert [p for _, p in answers[:10]] == pytest.approx(prediction.probabilities.tolist())
    assert answers[10][1] == pytest.approx(1 - prediction.is_digit)
    assert len(flow(tutorials_classifier, image)["answers"]) == 10


def test_every_kind_of_layer_in_colour(every_kind, colour):
    columns = flow(every_kind, colour)["columns"]
    assert [column["plain"] for column in columns] == [
        "looks for edges",
        "evens out",
        "drops what is below 0",
        "looks for patterns",
        "keeps the strongest",
        "takes the mean",
        "weighs up",
        "answers",
    ]
    assert columns[-1]["keras"] == ["Activation linear", "Dense 10"]
    assert columns[0]["sources"] == 1  # three colours, one image
    assert {tuple(feeds[0]) for feeds in columns[0]["feeds"]} <= {(0, 1.0), (0, -1.0)}
    for column in columns:
        view = View(column["layer"], column["maps"][-1])
        assert flow(every_kind, colour, view)["columns"][-1]["maps"] == list(range(10))


def test_a_perceptron_weighs_the_picture_itself(colour):
    columns = flow(classifier_of((Flatten(), Dense(30, "relu"), Dense(10, "softmax"))), colour)["columns"]
    assert [len(column["maps"]) for column in columns] == [12, 10]
    assert columns[0]["keras"] == ["Flatten", "Dense 30"]
    assert all([source for source, _ in feeds] == [0] for feeds in columns[0]["feeds"])


def test_one_of_many_units_is_shown_on_demand_up_to_a_limit(colour):
    classifier = classifier_of((Flatten(), Dense(600, "relu"), Dense(10, "softmax")))
    column = flow(classifier, colour, View(1, 599, opened=(1,)))["columns"][0]
    assert len(column["maps"]) == signal_flow.MANY
    assert 599 in column["maps"]


def test_what_is_no_number_is_no_answer_and_no_line(every_kind, colour):
    broken = classifier_of(EVERY_KIND, low=1e30, high=1e38)
    shown = flow(broken, colour)
    assert any(p is None for _, p in shown["answers"])


def test_the_cifar_network_has_words_for_answers(colour):
    shown = flow(classifiers.shipped("cifar-small"), colour)
    assert [name for name, _ in shown["answers"]] == list(datasets.KINDS["cifar10"].classes)
    assert len(shown["columns"]) == 12


def test_the_page_begins_with_a_test_digit_and_then_takes_the_drawing():
    at = page(inside_view="Left to right")
    assert not at.exception
    data = sent(at)
    assert data["flow"]["called"] == "a test digit"
    answers = dict(data["flow"]["answers"])
    assert max(answers, key=answers.get) == str(datasets.mnist().y_test[0])
    assert any("it looks at a test digit: a 7." in caption.value for caption in at.caption)
    drawn = sent(page(shapes.fabric(3), inside_view="Left to right"))
    assert drawn["flow"]["called"] == "your drawing"
    assert len(json.dumps(drawn)) < 90_000  # what is sent after each stroke


def test_a_mean_of_answers_from_a_file_is_shown_with_the_logarithm_behind_it(colour):
    """As an import makes them where several networks' probabilities are averaged."""
    layers = (Flatten(), Dense(10, "softmax"), Activation("log"), Dense(10, "softmax"))
    columns = flow(classifier_of(layers, -0.01, 0.01), colour)["columns"]
    assert [column["plain"] for column in columns] == ["weighs up", "takes the logarithm", "answers"]


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name not in ("linear", "leaky_relu")])
def test_each_function_has_its_words_and_its_formula(function):
    assert signal_flow.plain((Activation(function), Dense(10, "softmax")), 0, 1, (28, 28, 1))
    script = Path(feature_maps.__file__).with_name("arithmetic.js").read_text()
    assert f"\n  {function}: (z, y) =>" in script  # else it says that no function follows
