"""Break it: what is done to a network, or to the image, is answered at once and can be taken back."""

import pytest
from streamlit.testing.v1 import AppTest

from core.models import networks
from core.models.classifiers import Classifier
from core.nn.damage import NONE
from tests.networks import with_noise
from ui.content.glossary import marked_html

PAGE = """
import numpy as np
import streamlit as st
from core.data import datasets
from core.models import classifiers
from core.records import ColourImage, DigitImage
from ui.sections import break_it
name = st.session_state["network"]
if name == "cifar-small":
    image = ColourImage(np.random.default_rng(0).random((32, 32, 3)).astype(np.float32))
else:
    image = DigitImage(datasets.mnist().x_test[0].astype(np.float32) / 255)
break_it.break_section(classifiers.shipped(name), image)
"""


def opened(network: str = "first-conv-best", **state) -> AppTest:
    at = AppTest.from_string(PAGE, default_timeout=60)
    for key, value in {"network": network, **state}.items():
        at.session_state[key.replace("_", "-")] = value
    return run(at)


def run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def says(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


def field(at: AppTest, kind: str, label: str):
    (found,) = (one for one in getattr(at, kind) if one.label == label)
    return found


def test_a_slider_is_followed_undone_and_mended():
    at = opened()
    assert "It sees a 7" in says(at)
    field(at, "slider", "Prune the smallest weights").set_value(99)
    run(at)
    assert marked_html("<b>99%</b><small>of its weights are 0") in says(at)
    field(at, "select_slider", "Bits per weight").set_value(4)
    run(at)
    at.button(key="break-undo").click()
    run(at)
    assert field(at, "slider", "Prune the smallest weights").value == 99
    assert field(at, "select_slider", "Bits per weight").value == 32
    at.button(key="break-mend").click()
    run(at)
    assert field(at, "slider", "Prune the smallest weights").value == 0
    at.button(key="break-undo").click()  # mending can be taken back, too
    run(at)
    assert field(at, "slider", "Prune the smallest weights").value == 99


def test_what_was_done_to_one_network_is_not_done_to_another_of_its_name(monkeypatch):
    at = opened()
    field(at, "slider", "Prune the smallest weights").set_value(99)
    run(at)
    other = Classifier(with_noise(networks.shipped("first-conv-best")))
    monkeypatch.setattr("core.models.classifiers.shipped", lambda name="": other)
    run(at)
    assert at.session_state["break-past"][1] == [NONE]
    assert field(at, "slider", "Prune the smallest weights").value == 0


def test_each_field_says_what_it_does():
    at = opened()
    notes = {one.label: one.help or "" for one in (*at.slider, *at.select_slider)}
    assert "become 0" in notes["Prune the smallest weights"]
    assert "moved by chance" in notes["Noise on the weights"]
    assert "255 with 8 bits" in notes["Bits per weight"]
    assert "before softmax" in notes["Temperature"]
    assert at.selectbox(key="break-layer").options[0] == "conv2d_1: Conv2D 4x4"


def test_parts_are_switched_off_layer_by_layer():
    at = opened()
    field(at, "multiselect", "Maps or units").set_value(["all of it"])
    run(at)
    at.selectbox(key="break-layer").set_value("dense_1")
    run(at)
    field(at, "multiselect", "Maps or units").set_value([1, 2])
    run(at)
    (_, past) = at.session_state["break-past"]
    assert dict(past[-1].off) == {"conv2d_1": tuple(range(16)), "dense_1": (0, 1)}
    at.button(key="break-undo").click()
    run(at)
    assert dict(at.session_state["break-past"][1][-1].off) == {"conv2d_1": tuple(range(16))}


def test_the_curves_of_two_networks_say_how_far_they_hold():
    at = opened()
    at.segmented_control(key="break-curve").set_value("Bits")
    run(at)
    said = [caption.value for caption in at.caption]
    assert sum("within 1% of" in line and "bits" in line for line in said) == 2


def test_two_networks_of_one_name_have_a_curve_each(monkeypatch):
    """As two trainings of one recipe have: the second one's curve stood for both."""
    other = Classifier(with_noise(networks.shipped("first-conv-best")))
    monkeypatch.setattr("ui.state.selection.second", lambda: other)
    at = opened()
    at.segmented_control(key="break-curve").set_value("Bits")
    run(at)
    said = [caption.value.partition(": ")[0] for caption in at.caption if "within 1% of" in caption.value]
    assert said == [other.network.name, f"{other.network.name}, beside it"]


def test_in_colour_the_curves_are_said_to_be_of_one_network():
    at = opened("cifar-small")
    assert any("the curves are of this network on 500 test pictures" in c.value for c in at.caption)
    at = opened("cifar-small", break_what="The picture")
    assert at.toggle[-1].label == "Also on 500 test pictures"


@pytest.mark.parametrize("network", ["first-conv-best", "cifar-small"])
def test_the_picture_is_damaged(network):
    at = opened(network, break_what="The picture")
    assert "The damaged picture" in says(at)
    kinds = field(at, "segmented_control", "Damage").options
    assert ("Thin" in kinds) == (network != "cifar-small")
    field(at, "segmented_control", "Damage").set_value("Cover")
    run(at)
    assert field(at, "slider", "How much").value == 0.25
