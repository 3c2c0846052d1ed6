"""Fool it: every way of it answers, for digits and for images in colour."""

from streamlit.testing.v1 import AppTest

from core.models import networks
from core.models.classifiers import Classifier
from tests.networks import with_noise

PAGE = """
import numpy as np
import streamlit as st
from core.ink import files
from core.models import classifiers
from core.records import ColourImage, Drawing
from tests import shapes
from ui.components import canvas
from ui.sections import fool
name = st.session_state["network"]
if name == "cifar-small":
    image = ColourImage(np.random.default_rng(0).random((32, 32, 3)).astype(np.float32))
else:
    if "canvas_history" not in st.session_state:
        strokes = tuple(shapes.strokes(st.session_state["what"]))
        canvas.put(Drawing(strokes, (18.0,) * len(strokes), 340))
    image = files.to_digit_image(canvas.last_drawing())
fool.fool_section(classifiers.shipped(name), image)
"""


def opened(network: str = "first-conv-best", what: int = 4, **state) -> AppTest:
    at = AppTest.from_string(PAGE, default_timeout=60)
    for key, value in {"network": network, "what": what, **state}.items():
        at.session_state[key.replace("_", "-")] = value
    return run(at)


def run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def says(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


def choose(at: AppTest, label: str, value) -> AppTest:
    (control,) = (c for c in at.segmented_control if c.label == label)
    control.set_value(value)
    return run(at)


def test_pixels_are_changed_step_by_step():
    at = opened()
    assert "as it was: a 4" in says(at)
    at.selectbox(key="fool-target").set_value(9)
    run(at)
    at.button(key="fool-smallest").click()
    run(at)
    assert "Now it sees a 9" in says(at)
    at.slider(key="fool-step").set_value(0)
    run(at)
    assert "Not yet: still a 4" in says(at)
    at.toggle(key="fool-others").set_value(True)
    run(at)
    assert "Digit Lab&#x27;s own network" in says(at)
    at.toggle(key="fool-one-step").set_value(True)
    run(at)
    assert len(at.slider) == 1  # one step is no matter of steps
    choose(at, "Measured by", "L2")
    assert at.slider(key="fool-budget-L2").value == 2.0


def test_where_no_budget_is_enough_it_says_so(monkeypatch):
    monkeypatch.setattr("core.analysis.adversarial.smallest", lambda *_, **__: None)
    at = opened()
    at.button(key="fool-smallest").click()
    run(at)
    assert at.info[0].value == "Even 0.5 is not enough for that: choose another aim."


def test_a_stroke_is_found_and_drawn_on_request():
    at = opened(what=1, fool_how="Add a stroke")
    assert "of 100 points; your best is 0" in says(at)
    at.button(key="fool-stroke-find").click()
    run(at)
    assert "pixels makes a 1 into a" in says(at)
    before = len(at.session_state["canvas_history"])
    at.button(key="fool-stroke-draw").click()
    run(at)
    assert len(at.session_state["canvas_history"]) == before + 1
    assert "pixels makes a 1 into a" not in says(at)  # it is of another drawing


def test_what_was_found_of_one_network_is_never_shown_as_anothers(monkeypatch):
    at = opened(what=1, fool_how="Add a stroke")
    at.button(key="fool-stroke-find").click()
    run(at)
    assert "pixels makes a" in says(at)
    other = Classifier(with_noise(networks.shipped("first-conv-best")))
    monkeypatch.setattr("core.models.classifiers.shipped", lambda name="": other)
    assert "pixels makes a" not in says(run(at))


def test_it_dreams_of_classes_and_maps():
    at = opened(fool_how="Let it dream")
    assert "a 3: its probability rises from" in says(at)
    at.selectbox(key="dream-layer").set_value("conv2d_2")
    run(at)
    at.number_input(key="dream-unit-conv2d_2").set_value(2)
    run(at)
    assert "number 2 of conv2d_2: its mean rises from" in says(at)
    at.button(key="dream-again").click()
    run(at)


def test_pictures_in_colour_are_fooled_by_pixels_and_dreamt_of():
    at = opened("cifar-small")
    assert "as it was: a" in says(at)
    assert "ten times as strong" in says(at)
    choose(at, "How it is fooled", "Let it dream")
    assert "dl-grown-colour" in says(at)
