"""The image that was brought, the ink found in it and the box, without a browser."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.ink.preprocessing import sketch
from tests import shapes
from ui.components import crop_box
from ui.state import keys

KEY = keys.DRAW_FILE


def two_digits() -> np.ndarray:
    """uint8 [400, 800, 3]: a 3 on the left and, far from it, a larger 7 that is crossed out."""
    strokes = [*shapes.strokes(3, 150, 100, 120), *shapes.strokes(7, 180, 560, 110)]
    strokes += [np.float32([[540, 100 + n], [760, 300 - n]]) for n in (0, 200)]
    ink = sketch(strokes, [14] * len(strokes), 800)[:400]
    return np.repeat(np.uint8(255 * (1 - ink))[..., None], 3, 2)


def script(pixels):
    import streamlit as st  # noqa: PLC0415

    from ui.sections import image_box  # noqa: PLC0415
    from ui.state import keys  # noqa: PLC0415

    key = keys.DRAW_FILE
    if keys.brought_of(key) not in st.session_state:
        image_box.bring(key, pixels)
    if "drag" in st.session_state:  # the component calls the same
        image_box.read_inside(key, st.session_state.pop("drag"))
    image_box.image_box(key, st.session_state[keys.read_of(key)][0])


def opened(pixels: np.ndarray) -> AppTest:
    return AppTest.from_function(script, args=(pixels,), default_timeout=60).run()


def given(at: AppTest) -> dict:
    assert not at.exception
    (data,) = [json.loads(part.proto.json) for part in at.get("bidi_component")]
    return data


def drag(at: AppTest, box: tuple[float, float, float, float]) -> dict:
    at.session_state["drag"] = box
    return given(at.run())


def test_the_box_lies_around_what_was_taken_for_ink():
    data = given(opened(two_digits()))
    left, top, width, height = data["box"]
    assert (left, left + width) == pytest.approx((0.11, 0.99), abs=0.06)
    assert (top, top + height) == pytest.approx((0.2, 0.8), abs=0.1)
    assert data["inkAt"] == [0, 0, 1, 1]
    assert data["ink"].startswith("data:image/png")


def test_a_picture_is_read_anew_inside_the_box_and_as_a_whole_again(classifier):
    at = opened(two_digits())
    before = given(at)
    data = drag(at, (0.05, 0.1, 0.4, 0.8))
    image, problem = at.session_state[keys.read_of(KEY)]
    assert (classifier.predict(image).digit, problem) == (3, "")
    assert data["box"] == data["inkAt"] == pytest.approx([0.05, 0.1, 0.4, 0.8])
    assert at.session_state[keys.brought_of(KEY)].part.shape == (320, 320, 3)
    at.button(key="picture-whole").click().run()
    after = given(at)
    assert after["box"] == before["box"]
    assert after["turn"] != data["turn"]  # the browser takes the box that Python sets
    assert not at.button


def test_nothing_is_lost_where_no_ink_is_in_the_box():
    at = opened(two_digits())
    image_given = given(at)["image"]
    data = drag(at, (0.4, 0.1, 0.15, 0.5))
    image, problem = at.session_state[keys.read_of(KEY)]
    assert image is None
    assert problem == "I see no ink inside the box: drag it around your digit, or choose the whole picture."
    assert (data["image"], data["ink"]) == (image_given, "")
    assert data["box"] == [0.4, 0.1, 0.15, 0.5]
    assert at.caption[0].value.startswith("Nothing was taken for ink: drag the box")


@pytest.mark.parametrize(
    ("sent", "box"),
    [
        ([0.1, 0.2, 0.3, 0.4], (0.1, 0.2, 0.3, 0.4)),
        ([-1, 0.5, 9, 0], (0.0, 0.5, 1.0, 0.04)),
        ([0.99, 0.99, 0.5, 0.5], (0.96, 0.96, 0.04, 0.04)),
        ([0.1, 0.2, 0.3], None),
        ([0.1, 0.2, 0.3, float("nan")], None),
        ([0.1, 0.2, True, 0.4], None),
        ("0.1", None),
        (None, None),
    ],
)
def test_a_box_from_a_browser_lies_within_the_picture(sent, box):
    found = crop_box.checked(sent)
    assert found == (None if box is None else pytest.approx(box))
