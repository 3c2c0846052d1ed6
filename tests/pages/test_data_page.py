"""The Data page without a browser."""

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.analysis import evaluation_sets
from core.data import datasets
from core.records import Labelled
from ui.components import gallery

ROOT = Path(__file__).parents[2]


def page() -> AppTest:
    return AppTest.from_file(ROOT / "app.py", default_timeout=60).switch_page("pages/data.py").run()


def component(at: AppTest, key: str) -> dict:
    """What the component that was given `key` in its data was sent."""
    found = [json.loads(part.proto.json) for part in at.get("bidi_component")]
    return next(data for data in found if key in data)


def html(at: AppTest, kind: str) -> list[str]:
    return [part.proto.body for part in at.get("html") if f'class="{kind}' in part.proto.body]


@pytest.fixture
def colours(monkeypatch):
    """A set of images in colour, of three classes whose names are words, and of one that has none."""
    rng = np.random.default_rng(0)
    labels = np.array([0, 2, 2, 0, 2], np.uint8)
    data = Labelled(rng.integers(0, 256, (5, 6, 6, 3), np.uint8), labels, ("cat", "dog", "ship"), "1")
    monkeypatch.setitem(evaluation_sets.SETS, "colours", lambda visitor: data)
    return data


def test_each_class_has_a_row_and_a_digit_is_shown_as_numbers():
    at = page()
    assert not at.exception
    data, labels = component(at, "sheet"), datasets.mnist().y_train
    assert data["heads"] == list("0123456789")
    numbers = [item["number"] for item in data["items"]]
    assert labels[numbers].reshape(10, 10).tolist() == [[c] * 10 for c in range(10)]
    grid = component(at, "thousandths")
    np.testing.assert_allclose(grid["thousandths"], datasets.mnist().x_train[0] / 255 * 1000, atol=0.5)
    assert "Its label is **5**." in [m.value for m in at.markdown]


def test_another_digit_by_its_number_brings_its_label():
    at = page()
    at.number_input(key="data-number").set_value(7).run()
    assert not at.exception
    assert at.segmented_control(key="data-label").value == "3" == str(datasets.mnist().y_train[7])
    (cells,) = html(at, "dl-onehot")
    assert re.findall(r"<b>(\d)</b>", cells) == list("0001000000")
    at.segmented_control(key="data-label").set_value("9").run()
    (cells,) = html(at, "dl-onehot")
    assert re.findall(r"<b>(\d)</b>", cells) == list("0000000001")


def test_a_class_is_browsed_to_its_last_page():
    at = page()
    at.selectbox(key="data-class").set_value("5").run()
    first = [item["number"] for item in component(at, "sheet")["items"]]
    assert set(datasets.mnist().y_train[first]) == {5}
    assert at.button(key="data-page-before").disabled
    at.session_state["data-page"] = 54
    at.run()
    assert at.button(key="data-page-next").disabled
    last = [item["number"] for item in component(at, "sheet")["items"] if item]
    assert len(last) == 5421 - 54 * 100
    assert last[-1] == np.flatnonzero(datasets.mnist().y_train == 5)[-1]


def test_sliders_change_what_is_augmented():
    at = page()
    shown = html(at, "dl-thumbs")[-1]
    at.button(key="augment-again").click().run()
    assert html(at, "dl-thumbs")[-1] != shown
    for name in ("rotation", "shear", "scale", "shift", "elastic"):
        at.slider(key=f"augment-{name}").set_value(0.0)
    at.run()
    rows = np.array(re.findall(r"[^-]mask-image:url\(([^)]*)", html(at, "dl-thumbs")[-1])).reshape(4, 10)
    assert (rows == rows[0]).all()


def test_pictures_in_colour_and_words_as_classes(colours):
    at = page()
    at.selectbox(key="data-set").set_value("colours").run()
    assert not at.exception
    data = component(at, "sheet")
    assert data["colour"]
    assert data["heads"] == ["cat", "dog", "ship"]
    assert [item and item["number"] for item in data["items"]][:3] == [0, 3, None]
    at.segmented_control(key="data-channel").set_value("blue").run()
    grid = component(at, "thousandths")["thousandths"]
    np.testing.assert_allclose(grid, colours.images[0, ..., 2] / 255 * 1000, atol=0.5)
    at.selectbox(key="data-class").set_value("dog").run()
    assert not at.exception
    assert any("No picture here is labelled dog" in c.value for c in at.caption)


def test_a_set_that_is_not_there_says_so(monkeypatch):
    def absent(visitor):
        raise evaluation_sets.NotThere("Nobody has drawn anything yet.")

    monkeypatch.setitem(evaluation_sets.SETS, "absent", absent)
    at = page()
    at.selectbox(key="data-set").set_value("absent").run()
    assert not at.exception
    assert [i.value for i in at.info] == ["Nobody has drawn anything yet."]


def test_the_sheet_holds_the_pictures_row_by_row():

    pictures = np.random.default_rng(1).integers(0, 256, (5, 2, 3), np.uint8)
    png = base64.b64decode(gallery.sheet(pictures, 4).split(",")[1])
    ink = np.asarray(Image.open(io.BytesIO(png)))[..., 1]
    assert ink.shape == (4, 12)
    np.testing.assert_array_equal(ink[:2, 3:6], pictures[1])
    np.testing.assert_array_equal(ink[2:, :3], pictures[4])
    assert not ink[2:, 3:].any()
