"""The page Look inside without a browser: what its one component is given, and what the page says."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.data import datasets
from core.ink.preprocessing import from_strokes
from core.models import classifiers, networks
from core.models.classifiers import Classifier
from core.nn.architectures import Dense, Flatten
from core.records import Network
from core.worker import export, models
from tests import shapes
from tests.pages.look_inside import page, sent
from ui.components import feature_maps
from ui.components.feature_maps import chosen_map, sums, views
from ui.components.feature_maps.views import View

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def image():
    return from_strokes(shapes.strokes(3))


@pytest.mark.parametrize("view", ["All maps", "Left to right"])
def test_an_empty_canvas_says_what_to_do_and_shows_what_a_test_digit_becomes(view):
    at = page(inside_view=view)
    assert not at.exception
    assert max(dict(sent(at)["softmax"]).items(), key=lambda pair: pair[1])[0] == "7"
    assert any('"invitation": "Draw a digit, or choose' in part.proto.json for part in at.get("bidi_component"))
    assert any("it looks at a test digit: a 7." in caption.value for caption in at.caption)


def test_a_drawing_becomes_maps():
    at = page(shapes.fabric(3))
    assert not at.exception
    data = sent(at)
    layers = networks.shipped().layers
    assert data["layers"][0]["title"] == "Conv2D 5x5"
    assert len(data["layers"]) == len(layers)
    assert data["layers"][0]["shape"] == "28 x 28 x 20"
    assert data["layers"][0]["parameters"] == 520
    assert data["layers"][0]["sprite"].startswith("data:image/png;base64,")
    assert [layer["title"] for layer in data["layers"] if layer.get("thin")] == ["Flatten", "Dropout 0.1"]
    shares = dict(data["softmax"])
    assert list(shares)[-1] == "not a digit"
    assert max(shares, key=shares.get) == "3"
    assert sum(shares.values()) == pytest.approx(1, abs=1e-4)
    assert data["chosen"] is None


def test_a_test_digit_by_number_class_and_chance():
    at = page()
    at.segmented_control(key="inside-way").set_value("Test digit").run()
    assert not at.exception
    labels = datasets.mnist().y_test
    assert max(dict(sent(at)["softmax"]).items(), key=lambda pair: pair[1])[0] == str(labels[0])
    at.number_input(key="inside-number").set_value(9999).run()
    at.button(key="inside-next").click().run()
    assert at.number_input(key="inside-number").value == 0
    at.selectbox(key="inside-class").set_value("4").run()
    fours = np.flatnonzero(labels == 4)
    assert at.number_input(key="inside-number").value == fours[0]
    at.button(key="inside-next").click().run()
    assert at.number_input(key="inside-number").value == fours[1]
    at.button(key="inside-before").click().run()
    at.button(key="inside-before").click().run()
    assert at.number_input(key="inside-number").value == fours[-1]
    at.button(key="inside-surprise").click().run()
    assert labels[at.number_input(key="inside-number").value] == 4
    assert not at.exception


def test_another_network_reads():
    at = page(shapes.fabric(3), reader=-2)
    assert len(sent(at)["softmax"]) == 10
    assert sent(at)["layers"][0]["shape"] == "25 x 25 x 16"


@pytest.mark.parametrize(
    "said",
    [
        None,
        "x",
        {"layer": 99, "map": 0},
        {"layer": 0, "map": 20},
        {"layer": -1, "map": 0},
        {"layer": 6, "map": 0},
        {"layer": "0", "map": [1]},
        {"layer": float("nan"), "map": 0, "opened": [1e9, "x", None]},
    ],
)
def test_a_view_that_this_network_has_not_is_none(said, monkeypatch):
    monkeypatch.setattr(feature_maps.st, "session_state", {"maps": {"view": said}})
    assert views.viewed(networks.shipped().layers).layer is None


def test_a_view_that_it_has(monkeypatch):
    said = {"layer": 1, "map": 19, "at": [13, 0], "opened": [2], "topActivations": False}
    monkeypatch.setattr(feature_maps.st, "session_state", {"maps": {"view": said}})
    assert views.viewed(networks.shipped().layers) == View(1, 19, (13, 0), (2,))
    said["at"] = [14, 0]
    assert views.viewed(networks.shipped().layers).at is None


@pytest.mark.parametrize("layer", [0, 1, 2, 5, 8, 9])
def test_the_sum_is_the_networks_own_number(classifier, image, layer):
    data = feature_maps.data(classifier, image, View(layer, 3))
    json.dumps(data, allow_nan=False)
    chosen = data["chosen"]
    said = chosen["sum"]
    name = list(classifier.activations(image))[layer]
    values = classifier.activations(image)[name][..., 3]
    assert chosen["at"] is None or values[tuple(chosen["at"])] == values.max()
    assert float(said["value"].replace("−", "-")) == pytest.approx(float(values.max()), rel=2e-5)
    if said["kind"] == "Conv2D":
        total = sum(channel["sum"] for channel in said["channels"]) + said["bias"]
        assert total == pytest.approx(float(said["before"].replace("−", "-")), rel=1e-5)
    if said["kind"] == "Dense":
        total = sum(term[3] for term in said["terms"]) + said["rest"] + said["bias"]
        assert total == pytest.approx(float(said["before"].replace("−", "-")), rel=1e-4)


def test_six_digits():
    assert [sums.six(n) for n in (0.0, -0.0, 9.797985, -1234567.0, 1e-9, float("nan"))] == [
        "0",
        "0",
        "9.79799",
        "−1.23457e+06",
        "1.00000e−09",
        "not a number",
    ]


def test_what_is_folded_is_not_sent(classifier, image, monkeypatch):
    monkeypatch.setattr(feature_maps, "AT_ONCE", 5000)
    shown = [bool(layer.get("sprite")) for layer in feature_maps.data(classifier, image, View())["layers"]]
    assert shown[:4] == [False, True, False, False]  # 15,680, then 3,920, then 9,408 and 2,352 numbers
    data = feature_maps.data(classifier, image, View(opened=(0,)))
    assert "sprite" in data["layers"][0]
    assert "sprite" in feature_maps.data(classifier, image, View(2, 0))["layers"][2]


def test_a_network_without_convolutions_shows_its_weights(image):
    layers = (Flatten(), Dense(10, "softmax"))
    model = models.build(layers)
    network = Network("flat", layers, models.get_weights(model), export.to_litert(model), {})
    flat = Classifier(network)
    assert not feature_maps.has_maps(flat)
    weights = feature_maps.data(flat, image, View(1, 3))["chosen"]["weights"]
    assert (weights["height"], weights["width"], weights["count"]) == (28, 28, 1)


def test_numbers_that_are_none_are_said(classifier, image):
    network = classifier.network
    weights = {key: array.copy() for key, array in network.weights.items()}
    weights["conv2d_1/kernel"][0, 0, 0, 3] = np.nan
    model = models.build(network.layers)
    models.set_weights(model, weights)
    broken = Classifier(replace(network, weights=weights, litert=export.to_litert(model)))
    data = feature_maps.data(broken, image, View(0, 3, (14, 14)))
    json.dumps(data, allow_nan=False)
    assert data["layers"][0]["broken"] == 28 * 28
    assert data["chosen"]["sum"]["value"] == "not a number"
    assert "not a number" in data["chosen"]["sum"]["remark"]


def test_the_strongest_digits_come_with_their_places(tutorials_classifier, image, monkeypatch):
    few = replace(datasets.mnist(), x_test=datasets.mnist().x_test[:300])
    monkeypatch.setattr(feature_maps.datasets, "mnist", lambda: few)
    chosen_map._search.cache_clear()
    feature_maps.data(tutorials_classifier, image, View(0, 2, top_activations=True))
    chosen_map._search(tutorials_classifier, datasets.version(tutorials_classifier.network.data)).wait()
    found = feature_maps.data(tutorials_classifier, image, View(2, 5, top_activations=True))["chosen"][
        "topActivations"
    ]
    chosen_map._search.cache_clear()
    json.dumps(found, allow_nan=False)
    assert found["count"] == len(found["digits"]) <= 9
    for digit in found["digits"]:
        top, bottom, left, right = digit["box"]
        assert 0 <= top < bottom <= 28
        assert 0 <= left < right <= 28
        assert digit["label"] == few.y_test[digit["number"]]


def test_the_strongest_images_are_looked_for_anew_where_other_files_have_taken_their_place(
    tutorials_classifier, image, monkeypatch
):
    """Else the numbers of the first files' images would be shown as those of the second, or be too large."""
    for version, count in (("first", 300), ("second", 20)):
        few = replace(datasets.mnist(), x_test=datasets.mnist().x_test[:count])
        monkeypatch.setattr(datasets, "load", lambda data, few=few: few)
        monkeypatch.setattr(datasets, "version", lambda data, version=version: version)
        chosen_map._search(tutorials_classifier, version).wait()
        found = feature_maps.data(tutorials_classifier, image, View(2, 5, top_activations=True))["chosen"]
        numbers = [digit["number"] for digit in found["topActivations"]["digits"]]
        assert numbers
        assert max(numbers) < count
    chosen_map._search.cache_clear()


def test_a_click_on_a_digit_looks_at_it():
    at = page(shapes.fabric(3))
    at.session_state["maps-look"] = 61
    at.run()
    assert not at.exception
    assert at.segmented_control(key="inside-way").value == "Test digit"
    assert at.number_input(key="inside-number").value == 61


def test_the_shipped_network_is_what_the_page_reads_by_default():
    assert sent(page(shapes.fabric(1)))["network"] == classifiers.shipped().network.name
