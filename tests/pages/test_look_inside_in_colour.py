"""Looking inside a network that names images in colour: its arithmetic, its explanations, the page."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import attribution, embedding, works
from core.analysis.attribution import METHODS, logit
from core.data import datasets
from core.models import classifiers, networks
from core.models.classifiers import Classifier
from core.nn import architectures, unit_trace
from core.nn.architectures import Conv2D, Dense, Flatten, MaxPooling2D
from core.records import ColourImage, State, TrainConfig
from core.storage import states
from core.storage.store import open_store
from tests import colours
from tests.pages.look_inside import classifier_of, sent
from ui import visits
from ui.components import feature_maps
from ui.components.feature_maps import chosen_map, sums
from ui.components.feature_maps.views import View

ROOT = Path(__file__).parents[2]
SHAPE = datasets.KINDS["cifar10"].shape


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return classifiers.shipped("cifar-small")


@pytest.fixture(scope="module")
def linear() -> Classifier:
    return classifier_of((Flatten(), Dense(10, "softmax")))


@pytest.fixture(scope="module")
def image() -> ColourImage:
    return ColourImage(colours.pictures(10, 3)[0][7].astype(np.float32) / 255)


@pytest.fixture
def small(monkeypatch, tmp_path):
    data = colours.dataset()
    colours.install(monkeypatch, tmp_path, data)
    chosen_map._search.cache_clear()
    works._works.clear()
    yield data
    chosen_map._search.cache_clear()
    works._works.clear()


# -- the arithmetic


def test_each_number_is_the_networks_own(shipped, image):
    activations, rng = shipped.activations(image), np.random.default_rng(1)
    for number, (name, values) in enumerate(activations.items()):
        for _ in range(8):
            place = tuple(int(rng.integers(n)) for n in values.shape)
            e = unit_trace.explain(shipped.network, image.pixels, activations, number, place)
            size = max(np.abs(e.inputs * e.weights).sum() if e.weights.size else 0, abs(e.found))
            assert e.found == values[place]
            assert abs(e.value - e.found) <= 1e-6 * size, (name, place)


def test_a_number_sees_the_pixels_that_change_it():
    """Each pixel is changed in turn; weights are positive, so no change can cancel another."""
    layers = (Conv2D(2, 3, 2, "same", "linear"), MaxPooling2D(2))
    classifier = classifier_of((*layers, Flatten(), Dense(10, "softmax")), low=0.5, high=1)
    base = np.random.default_rng(1).random((1, *SHAPE), np.float32)
    changed = np.repeat(base, 1024, 0)
    changed.reshape(1024, 1024, 3)[np.arange(1024), np.arange(1024), 2] += 1000
    names = architectures.names(layers)
    before, after = (classifier.activations_many(pixels, names) for pixels in (base, changed))
    for name, field in zip(names, unit_trace.receptive_fields(layers, SHAPE), strict=True):
        differs = (after[name] != before[name]).any(-1).reshape(32, 32, *after[name].shape[1:3])
        for row, column in np.ndindex(differs.shape[2:]):
            rows, columns = np.nonzero(differs[:, :, row, column])
            assert field.rows[row] == (rows.min(), rows.max() + 1)
            assert field.columns[column] == (columns.min(), columns.max() + 1)


def test_the_sum_goes_over_three_colours(shipped, image):
    data = feature_maps.data(shipped, image, View(0, 3, (10, 12)))
    json.dumps(data, allow_nan=False)
    assert data["input"]["colour"]
    assert data["layers"][0]["kernels"]["colour"]
    said = data["chosen"]["sum"]
    assert said["names"] == ("red", "green", "blue")
    assert sorted(channel["map"] for channel in said["channels"]) == [0, 1, 2]
    kernel = shipped.network.weights["conv2d_1/kernel"]
    for channel in said["channels"]:
        window = image.pixels[9:12, 11:14, channel["map"]]
        assert channel["sum"] == pytest.approx((window * kernel[..., channel["map"], 3]).sum(), abs=1e-5)
    assert [name for name, _ in data["softmax"]] == list(datasets.KINDS["cifar10"].classes)
    assert feature_maps.data(shipped, image, View(1, 0))["chosen"]["sum"]["names"] is None


def test_a_dense_unit_names_the_colour_of_each_pixel(linear, image):
    term = feature_maps.data(linear, image, View(1, 3))["chosen"]["sum"]["terms"][0]
    row, column, colour = re.fullmatch(r"row (\d+), column (\d+), (red|green|blue)", term[0]).groups()
    at = int(row) - 1, int(column) - 1, sums.RGB.index(colour)
    assert term[1] == pytest.approx(image.pixels[at])
    assert term[2] == pytest.approx(
        linear.network.weights["dense_1/kernel"][np.ravel_multi_index(at, SHAPE), 3], rel=1e-5
    )


# -- which pixels decided


def test_all_four_of_a_linear_network(linear, image):
    weights = linear.network.weights["dense_1/kernel"][:, 4].reshape(SHAPE)
    found = attribution.integrated_gradients(linear, image.pixels, 4, steps=3, answer=logit)
    assert found.map == pytest.approx((weights * image.pixels).sum(-1), abs=1e-4)
    found = attribution.saliency(linear, image.pixels, 4, answer=logit)
    assert found.map == pytest.approx(np.abs(weights).max(-1), abs=1e-6)
    found = attribution.occlusion(linear, image.pixels, 4, patch=3, answer=logit)
    falls = (weights * (image.pixels - np.float32(attribution.GREY))).sum(-1)
    expected = np.array([[falls[y : y + 3, x : x + 3].sum() for x in range(0, 31, 2)] for y in range(0, 31, 2)])
    assert found.map == pytest.approx(np.kron(expected, np.ones((2, 2))), abs=1e-3)
    with pytest.raises(attribution.ExplanationError, match="no convolution"):
        attribution.grad_cam(linear, image.pixels, 4)


def test_integrated_gradients_add_up_to_the_rise_over_black(shipped, image):
    answers, _ = attribution.log_odds(shipped.outputs(np.stack([0 * image.pixels, image.pixels])), 8)
    found = attribution.integrated_gradients(shipped, image.pixels, 8, steps=512)
    assert found.facts["rise"] == pytest.approx(answers[1] - answers[0], abs=1e-3)
    assert found.map.sum() == pytest.approx(answers[1] - answers[0], rel=0.03, abs=0.03)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_gives_one_number_per_pixel(shipped, image, name):
    found = METHODS[name].explain(shipped, image.pixels, 8)
    assert (found.map.shape, found.map.dtype) == ((32, 32), np.float32)
    assert np.isfinite(found.map).all()


# -- the rooms


def page(**state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for key, value in {"subject": "Images", **state}.items():
        at.session_state[key] = value
    return room(at, "look_inside")


def room(at: AppTest, name: str) -> AppTest:
    """The same visitor, in another room."""
    at.switch_page(f"pages/{name}.py").run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    found = " ".join(re.sub(r"<[^>]+>", " ", part.proto.body) for part in at.get("html"))
    kinds = ("markdown", "caption", "info", "error")
    return " ".join(" ".join([found, *(part.value for kind in kinds for part in at.get(kind))]).split())


@pytest.mark.usefixtures("by_the_navigation")
def test_a_test_picture_is_looked_at(small):
    at = page(**{"pictures-way": "Test picture", "pictures-number": 27, "decided-all": True})
    name = datasets.KINDS["cifar10"].classes[small.y_test[27]]
    assert f"labelled {name}." in words(at)
    assert sent(at)["noun"] == "pictures"
    assert sent(at)["chosen"] is None
    at.button(key="inside-next").click().run()
    assert at.number_input(key="pictures-number").value == 28
    at.selectbox(key="inside-class-in-colour").set_value("frog").run()
    assert small.y_test[at.number_input(key="pictures-number").value] == 6
    assert METHODS["Add it up"].in_colour[0] in words(room(at, "why"))
    assert next(c for c in at.segmented_control if c.label == "What is asked").options[0].startswith("Why a")
    assert small.y_test[at.number_input(key="pictures-number").value] == 6
    at.segmented_control(key="subject").set_value("Digits").run()
    assert not at.exception
    assert at.segmented_control(key="inside-way").value == "Draw"


@pytest.mark.usefixtures("by_the_navigation")
def test_what_was_brought_is_looked_at_without_the_data(image, monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    at = page(**{"pictures-brought": {"Picture": image.pixels}})
    assert sent(at)["network"] == networks.shipped("cifar-small").name
    in_place_of_the_map = words(room(at, "map_of_digits"))
    assert "CIFAR-10 is not on this computer yet: put cifar10.npz into" in in_place_of_the_map
    room(at, "look_inside")
    at.segmented_control(key="pictures-way").set_value("Test picture").run()
    assert not at.exception
    assert "CIFAR-10 is not on this computer yet: put cifar10.npz into" in words(at)
    shown = sent(at)["flow"]  # one of the images that come with the app
    assert shown["called"] == "a painted scene"
    assert max(shown["answers"], key=lambda pair: pair[1])[0] == "ship"
    chosen = feature_maps.data(classifiers.shipped("cifar-small"), image, View(0, 3))["chosen"]
    assert "cannot be looked for. CIFAR-10 is not on this computer yet" in chosen["absent"]


def test_the_strongest_and_the_nearest_are_of_its_own_data(small, shipped):
    image = ColourImage(small.x_train[17].astype(np.float32) / 255)
    feature_maps.data(shipped, image, View(0, 2, top_activations=True))
    chosen_map._search(shipped, datasets.version(shipped.network.data)).wait()
    found = feature_maps.data(shipped, image, View(0, 2, top_activations=True))["chosen"]["topActivations"]
    values = shipped.activations_many(small.x_test.astype(np.float32) / 255, ["conv2d_1"])["conv2d_1"][..., 2]
    assert found["colour"]
    assert found["digits"][0]["number"] == values.reshape(100, -1).max(1).argmax()
    at = room(page(**{"pictures-way": "Test picture", "neighbourhood-map": "PCA"}), "map_of_digits")
    assert "The five nearest of the 400 training pictures" in words(at)
    assert len([part for part in at.get("bidi_component") if '"axes"' in part.proto.json]) == 1
    space, learnt = embedding.tests(shipped).result(60), embedding.training(shipped).result(60)
    first = embedding.nearest(shipped, space, learnt, image.pixels)[0]
    assert (first.number, first.label) == (17, small.y_train[17])


def test_a_mistake_is_opened_with_the_network_that_made_it(small):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["mistakes-network"] = -3
    at.switch_page("pages/mistakes.py").run()
    at.button(key="mistakes-look").click().run()
    assert not at.exception
    assert sent(at)["network"] == networks.shipped("cifar-small").name
    number = at.number_input(key="pictures-number").value
    label = datasets.KINDS["cifar10"].classes[small.y_test[number]]
    assert at.segmented_control(key="pictures-way").value == "Test picture"
    assert f"labelled {label}." in words(at)
    assert max(dict(sent(at)["softmax"]).items(), key=lambda pair: pair[1])[0] != label


def test_a_picture_goes_from_pictures_to_look_inside(small):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["pictures-way"], at.session_state["pictures-number"] = "Test picture", 13
    at.session_state["subject"] = "Images"
    at.run()
    at.button(key="pictures-look").click().run()
    assert not at.exception
    assert at.number_input(key="pictures-number").value == 13
    assert sent(at)["noun"] == "pictures"


def test_a_click_on_a_picture_looks_at_it(small):
    at = page(**{"pictures-brought": {"Picture": np.zeros(SHAPE, np.float32)}})
    at.session_state["inside-class-in-colour"] = "frog"
    at.session_state["maps-look"] = 61
    at.run()
    assert not at.exception
    assert at.segmented_control(key="pictures-way").value == "Test picture"
    assert at.number_input(key="pictures-number").value == 61
    assert at.selectbox(key="inside-class-in-colour").value == "any"


@pytest.fixture
def trained(monkeypatch, tmp_path) -> int:
    """A run whose network knew nothing before its first step, and took all for frogs at its seventh."""
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    store = open_store()
    last = classifier_of(FROG.layers).network
    number = store.add(FROG, name="frogs", visitor=visits.HOME)
    token = store.claim(number, "here", "cpu")
    weights = {name: np.zeros(array.shape, np.float16) for name, array in last.weights.items()}
    for step in (0, 7):
        weights["dense_1/bias"][6] = step
        states.add(store, number, State(step, 50 * step, step / 9, step / 5, dict(weights)), token=token)
    store.finish(number, last, b"", None, test_accuracy=0.3, status="done", token=token)
    return number


FROG = TrainConfig((Flatten(), Dense(10, "softmax")), "Adam", data="cifar10")


def probabilities(at: AppTest) -> dict[str, float]:
    return dict(sent(at)["flow"]["answers"])


def test_a_network_that_names_images_is_shown_as_it_was(image, trained):
    at = page(**{"pictures-brought": {"Picture": image.pixels}, "pictures-network": trained})
    last = probabilities(at)
    slider = next(one for one in at.select_slider if one.label == "As it was")
    assert (slider.value, slider.options) == (-1, ["after 0 images", "after 350 images", "at the end"])
    slider.set_value(7).run()
    assert probabilities(at)["frog"] > 0.99
    next(one for one in at.select_slider if one.label == "As it was").set_value(0).run()
    assert probabilities(at) == pytest.approx(dict.fromkeys(datasets.KINDS["cifar10"].classes, 0.1))
    next(one for one in at.select_slider if one.label == "As it was").set_value(-1).run()
    assert probabilities(at) == last


def test_a_run_leads_to_look_inside_with_its_network(trained):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["run"] = trained
    at.switch_page("pages/train.py").run()
    at.button(key="look-inside-it").click().run()
    assert not at.exception
    assert (at.session_state["pictures-network"], at.session_state["subject"]) == (trained, "Images")
