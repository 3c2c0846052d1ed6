"""The image of the network on Train that is edited, and the recipe's card beside it, without a browser."""

import json
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.data.datasets import KINDS
from core.nn import architectures
from core.nn.architectures import MAX_LAYERS, Conv2D, Dense, Flatten, MaxPooling2D
from core.training.recipes import RECIPES
from tests.pages.opened import page, words
from ui.components import network_editor
from ui.figures import network_rows

LAYERS = (Conv2D(4, 5), MaxPooling2D(2), Flatten(), Dense(10, "softmax"))
SEND = """
import streamlit as st
from core.records import TrainConfig
from core.nn.architectures import Conv2D, Dense, Flatten, MaxPooling2D
from ui.sections.editable_diagram import editable_diagram, take
from ui.state import keys, train_config
LAYERS = (Conv2D(4, 5), MaxPooling2D(2), Flatten(), Dense(10, "softmax"))
if keys.CONFIG not in st.session_state:
    train_config.put(TrainConfig(LAYERS, "Adam"), "quick")
if sent := st.session_state.pop("sent", None):
    take(sent)
editable_diagram()
"""


def given(at: AppTest) -> dict:
    assert not at.exception
    found = [json.loads(part.proto.json or "{}") for part in at.get("bidi_component")]
    (data,) = [data for data in found if "rows" in data and "kinds" in data]
    return data


def sent(at: AppTest, **what) -> dict:
    at.session_state["sent"] = what
    return given(at.run())


@pytest.fixture
def edited() -> AppTest:
    return AppTest.from_string(SEND, default_timeout=60).run()


def test_each_row_says_shape_and_parameters_of_its_layer():
    rows = network_rows.rows(LAYERS)
    assert [(row.name, row.shape, row.parameters) for row in rows] == [
        ("input", "28x28x1", ""),
        ("Conv2D 5x5", "24x24x4", "104 parameters"),
        ("MaxPooling 2x2", "12x12x4", ""),
        ("Flatten", "576", ""),
        ("Dense 10", "10", "5,770 parameters"),
    ]
    assert rows[1].about.startswith("4 kernels of 5x5x1. Each kernel is slid")
    assert all(row.image.startswith("<svg") and not row.problem for row in rows)
    assert re.findall(r">(\d)</text>", rows[-1].image) == list("0123456789")


def test_where_a_layer_does_not_fit_its_row_says_why_and_offers_flatten(edited):
    said = sent(edited, number=1, layers=architectures.to_json((LAYERS[0], LAYERS[-1])))
    assert [row["problem"] for row in said["rows"]] == [
        "",
        "Dense needs a vector, but gets 24x24x4; put Flatten before it",
    ]
    assert [row["mend"] for row in said["rows"]] == [False, True]
    assert (said["rows"][1]["shape"], said["total"]) == ("", "")


def test_a_layer_is_made_wider_and_everything_follows_at_once(edited):
    layers = [*LAYERS]
    layers[0] = replace(LAYERS[0], filters=6)
    said = sent(edited, number=1, layers=architectures.to_json(layers))
    assert edited.session_state["config"].layers == tuple(layers)
    assert [row["shape"] for row in said["rows"]] == ["24x24x6", "12x12x6", "864", "10"]
    assert (said["total"], said["heard"], said["undo"]) == ("8,806 parameters in all", 1, True)
    said = sent(edited, number=2, undo=True)
    assert (edited.session_state["config"].layers, said["heard"], said["undo"]) == (LAYERS, 2, False)
    sent(edited, number=3, undo=True)  # nothing is left to take back
    assert edited.session_state["config"].layers == LAYERS


TOO_MANY = [{"kind": "Dropout", "rate": 0.1}] * (MAX_LAYERS + 1)


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        ([{"kind": "Dense", "units": 5000}], "Units is 5000, but has to lie between 1 and 4096."),
        ([{"kind": "Dense", "units": 2.5}], "Units 2.5 is not a whole number."),
        ([{"kind": "Lambda"}], f"Unknown layer 'Lambda'; known are {', '.join(architectures.LAYERS)}."),
        (TOO_MANY, f"These are {MAX_LAYERS + 1} layers; at most {MAX_LAYERS} are trained here."),
        ([], "There is no layer; there has to be one."),
        ("layers", "There is no layer; there has to be one."),
    ],
)
def test_what_cannot_be_built_is_said_and_the_network_stays(edited, layers, why):
    said = sent(edited, number=7, layers=layers)
    assert (said["said"], said["heard"]) == (why, 7)
    assert edited.session_state["config"].layers == LAYERS


@pytest.mark.parametrize("nonsense", [{"number": "1", "layers": []}, {"number": float("inf")}, {"layers": []}])
def test_what_is_no_message_is_not_heeded(edited, nonsense):
    before = given(edited)
    assert sent(edited, **nonsense) == before


def test_the_answers_stay_as_they_are_and_sizes_have_steps():
    said = network_editor.data(LAYERS, (28, 28, 1), {})
    assert [(row["field"], row["answers"]) for row in said["rows"]] == [
        ("filters", False),
        ("pool", False),
        ("", False),
        ("units", True),
    ]
    letters = network_editor.data(
        (Flatten(), Dense(26, "softmax")), (28, 28, 1), {}, classes=tuple("abcdefghijklmnopqrstuvwxyz")
    )
    assert [row["answers"] for row in letters["rows"]] == [False, True]
    shirts = network_editor.data(LAYERS, (28, 28, 1), {}, classes=KINDS["fashion-mnist"].classes)
    assert (shirts["rows"][-1]["answers"], "<text" in shirts["rows"][-1]["image"]) == (True, False)  # no digits
    assert network_editor.steps("filters")[:10] == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
    assert (network_editor.steps("units")[-1], network_editor.steps("filters")[-1]) == (4096, 512)
    assert network_editor.steps("pool") == list(range(1, 15))
    assert network_editor.steps("rate")[::6] == [0.0, 0.3, 0.6, 0.9]


def test_another_recipe_brings_nothing_of_the_network_before_back(jobs):
    at = page("train", **{"layer-table": True, "edit-1-0": True})
    at.number_input(key="layer-1-0-filters").set_value(99).run()
    at.button(key="remove-1").click().run()
    assert given(at)["undo"]
    at.selectbox(key="start-from").select("first-conv").run()
    data = given(at)
    assert not data["undo"]
    assert at.button(key="undo-layers").disabled
    assert data["rows"][0]["name"] == "Conv2D 4x4"
    assert at.session_state["config"].layers == RECIPES["first-conv"].config.layers


def card(at: AppTest) -> str:
    (html,) = [part.proto.body for part in at.get("html") if "dl-expected" in part.proto.body]
    return html


def figures(at: AppTest) -> list[str]:
    return re.findall(r"<b>(.*?)</b>(.*?)</div>", card(at))


def test_the_recipes_card_says_what_is_expected_and_who_has_timed_it(jobs):
    at = page("train")
    stated = [("98.9%", "of the test digits expected"), ("2 seconds", "as stated, on two cores")]
    assert figures(at) == stated
    at.number_input(key="train-1-epochs").set_value(2).run()
    assert figures(at) == stated
    assert "dl-dim" in card(at)
    assert "you have changed it" in words(at)
    at.button(key="reset").click().run()
    assert "dl-dim" not in card(at)
    at.selectbox(key="start-from").select("first-conv-200").run()
    assert figures(at) == [("–", "no accuracy is promised"), ("–", "not yet timed on this computer")]


CARD = """
from ui.sections import train_form
from ui.state import train_config
train_config.load("first-conv")
train_form.recipe_card(took=12.34)
"""


def test_a_time_that_was_measured_here_is_told():
    at = AppTest.from_string(CARD).run()
    assert figures(at) == [
        ("98%", "of the test digits expected"),
        ("12 s", "the last time it was trained here"),
    ]
