"""Own classes: from names to bars with these names, on the page."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data import own_classes
from core.models import own_features
from core.records import Drawing
from core.storage import own_classes as stored
from core.storage.store import open_store

PAGE = str(Path(__file__).parents[2] / "pages" / "own_classes.py")


@pytest.fixture
def at(tmp_path, monkeypatch) -> AppTest:
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    return run(AppTest.from_file(PAGE, default_timeout=60))


def run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def says(at: AppTest) -> str:
    return " ".join([*(element.proto.body for element in at.get("html")), *told(at)])


def told(at: AppTest) -> list[str]:
    """What components were given, as JSON."""
    return [part.proto.json for part in at.get("bidi_component") if part.proto.json]


def asked(at: AppTest) -> str:
    return next(one.value for one in at.markdown if "Next" in one.value)


def drawn(at: AppTest, stroke: list) -> AppTest:
    """As if this had been drawn on the canvas."""
    from core.ink import fabricjs  # noqa: PLC0415
    from core.records import Drawing  # noqa: PLC0415
    from ui.components import canvas  # noqa: PLC0415

    objects = fabricjs.to_objects(
        Drawing((np.array(stroke, np.float32),)), canvas.SIDE, ink=canvas.INK, brush=18
    )
    at.session_state["canvas"] = {"drawing": {"raw": {"objects": objects}, "data": None}}
    return run(at)


def test_from_names_to_bars_with_these_names(at):
    (names,) = at.text_input
    names.set_value("heart, star")
    at.button(key="own-begin").click()
    run(at)
    assert asked(at) == "**Next: heart** (1 of 5)"
    assert "Draw one of each of two classes at least" in says(at)
    at.button(key="own-keep-0").click()
    run(at)
    assert at.info[0].value == "Draw it first: the paper is empty, so nothing was kept as heart."
    drawn(at, [[100, 100], [200, 300], [300, 100]])
    at.button(key="own-keep-0").click()
    run(at)
    assert asked(at) == "**Next: star** (1 of 5)"
    drawn(at, [[100, 300], [300, 290]])
    at.button(key="own-keep-1").click()
    run(at)
    drawn(at, [[100, 100], [205, 300], [300, 105]])
    assert "Heart, " in says(at)
    assert '"names": ["heart", "star", "none of these"]' in says(at)
    at.button(key="own-undo-1").click()
    run(at)
    assert "Draw one of each of two classes at least" in says(at)


def test_what_another_tab_has_kept_meanwhile_stays(at):
    """This one's buttons were sent when there were six of each; the other has kept two more since."""
    at.button(key="own-example-Shapes").click()
    run(at)
    drawn(at, [[100, 100], [200, 300], [300, 100]])
    whose = open_store(), at.session_state["browser"]
    (shown,) = stored.load(*whose)
    one, other = (Drawing((np.array([[0, 0], [n, 90]], np.float32),)) for n in (40, 50))
    _, changed = stored.change(*whose, shown.id, lambda now: now.with_drawing(0, one).with_drawing(1, other))
    at.button(key="own-keep-0").click()
    run(at)
    assert stored.load(*whose)[0].counts == [8, 7, 6, 6, 6]
    stored.change(*whose, shown.id, lambda now: now.without(now.examples[0]))  # the places after it move
    at.button(key="own-undo-1").click()
    run(at)
    (now,) = stored.load(*whose)
    assert now.counts == [7, 6, 6, 6, 6]
    assert changed.examples[-1] not in now.examples  # the last of its class that was shown


def test_it_can_be_looked_into_and_its_mistakes_are_shown(at):
    at.button(key="own-example-Signs").click()
    at.session_state["own-inside"] = at.session_state["own-good"] = True
    run(at)
    (flow,) = [json.loads(part) for part in told(at) if '"flow"' in part]
    assert [name for name, _ in flow["flow"]["answers"]] == ["plus", "minus", "times", "equals"]
    assert flow["flow"]["called"] == "the last equals"
    assert sum(share for _, share in flow["flow"]["answers"]) == pytest.approx(1)
    assert any("of 24 drawings are right" in caption.value for caption in at.caption)
    assert at.selectbox(key="mistakes-true").options == ["any", "plus", "minus", "times", "equals"]


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_network_that_gives_no_numbers_gets_one_sentence(at, monkeypatch, number):
    monkeypatch.setattr(own_features, "of", lambda base, pixels: np.full((len(pixels), 4), number, np.float32))
    whose = open_store(), at.session_state["browser"]
    stored.add(*whose, replace(own_classes.example("Signs", 2), name=f"Signs, {number}"))
    at.session_state["own-inside"] = at.session_state["own-good"] = at.session_state["own-take"] = True
    run(at)
    drawn(at, [[100, 100], [205, 300], [300, 105]])
    (bars,) = [json.loads(part) for part in told(at) if '"base"' in part]
    assert bars["probabilities"] is None
    assert "is not a number (NaN), so nothing can be learnt from it: choose another." in bars["says"]
    assert not [part for part in told(at) if '"head"' in part]
    assert bars["says"] in [one.value for one in at.info]  # in the place of its accuracy


def test_a_drawing_of_which_it_makes_no_numbers_gets_one_sentence(at, monkeypatch):
    at.button(key="own-example-Signs").click()
    run(at)
    known = own_features.of
    monkeypatch.setattr(own_features, "of", lambda base, pixels: np.nan * known(base, pixels))
    drawn(at, [[100, 100], [205, 300], [300, 105]])
    (bars,) = [json.loads(part) for part in told(at) if '"base"' in part]
    assert bars["probabilities"] is None
    assert bars["says"].startswith("What this network makes of this is not a number")


def test_a_class_called_any_can_be_filtered(at):
    own = own_classes.example("Signs", 2)
    named = replace(own, name="With any", classes=("plus", "any", "times", "equals"))
    stored.add(open_store(), at.session_state["browser"], named)
    at.session_state["own-good"] = True
    run(at)
    at.segmented_control(key="mistakes-kind").set_value("All")
    at.selectbox(key="mistakes-true").set_value("“any”")
    run(at)
    assert any(one.value == "**2 pictures**, true any" for one in at.markdown)


def test_a_browser_is_told_what_was_learnt_and_with_which_network_to_read(at):
    at.button(key="own-example-Shapes").click()
    run(at)
    sent = [json.loads(part) for part in told(at)]
    (head,) = [one for one in sent if "head" in one]
    (bars,) = [one for one in sent if "base" in one]
    (answer,) = [one for one in sent if "answers" in one]
    assert head["names"] == bars["names"] == ["circle", "square", "triangle", "star", "heart", "none of these"]
    assert [bars["base"]] == answer["networks"]
    at.selectbox(key="own-base").set_value(-1)
    run(at)
    (head,) = [json.loads(part) for part in told(at) if '"head"' in part]
    assert head["on"] == "pixels"


def test_the_list_of_sets_shows_names_as_they_are(at):
    at.text_input[0].set_value("2 * 3, [x]")
    at.button(key="own-begin").click()
    run(at)
    assert at.selectbox(key="own-set").options == ["2 * 3, [x]"]


def test_names_that_cannot_be_taken_get_a_sentence_and_are_still_there(at):
    (names,) = at.text_input
    names.set_value("heart")
    at.button(key="own-begin").click()
    run(at)
    assert at.info[0].value.startswith("There is 1 name; 2 to 20 are accepted")
    assert at.text_input[0].value == "heart"


def test_examples_are_there_at_once_and_a_set_can_be_deleted(at):
    at.button(key="own-example-Shapes").click()
    run(at)
    assert "It has learnt them" in says(at)
    assert any("heart: 6 drawings" in caption.value for caption in at.caption)
    at.button(key="own-example-Letters").click()
    run(at)
    assert len(at.selectbox(key="own-set").options) == 2
    at.selectbox(key="own-base").set_value(-1)
    run(at)
    at.button(key="own-delete").click()
    run(at)
    assert at.selectbox(key="own-set").options == ["Shapes"]


# -- of images


def picture(colour: tuple[int, int, int], seed: int) -> bytes:
    """A PNG that is nearly of one colour."""
    noise = np.random.default_rng(seed).integers(-30, 30, (48, 64, 3))
    data = io.BytesIO()
    Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).save(data, "PNG")
    return data.getvalue()


RED, BLUE = (200, 40, 40), (40, 60, 210)


def bring(at: AppTest, *files: tuple[str, bytes]) -> None:
    turn = at.session_state["own-turn"]
    at.file_uploader(key=f"own-files-{turn}").set_value([(name, data, "image/png") for name, data in files])
    run(at)


@pytest.fixture
def of_images(at) -> AppTest:
    at.segmented_control(key="subject").set_value("Images")
    run(at)
    at.text_input[0].set_value("red, blue")
    at.button(key="own-begin").click()
    run(at)
    at.segmented_control(key="own-way").set_value("Upload")
    return run(at)


def test_images_are_told_apart_by_what_the_shipped_network_makes_of_them(of_images):
    at = of_images
    assert asked(at) == "**Next: red** (1 of 5)"
    for label, colour in enumerate((RED, BLUE)):
        bring(at, *((f"{n}.png", picture(colour, n)) for n in range(5)))
        at.button(key=f"own-keep-{label}").click()
        run(at)
    assert asked(at) == "There are 5 of each: show it one, or add more. **Next: red**"
    assert any("red: 5 images" in caption.value for caption in at.caption)
    bring(at, ("another.png", picture(BLUE, 9)))
    assert "Blue, " in says(at)
    at.session_state["own-inside"] = at.session_state["own-good"] = True
    run(at)
    (flow,) = [json.loads(part) for part in told(at) if '"flow"' in part]
    assert [name for name, _ in flow["flow"]["answers"]] == ["red", "blue"]
    assert any("100% of 10 images are right" in caption.value for caption in at.caption)
    at.segmented_control(key="subject").set_value("Digits")
    run(at)
    assert not [one for one in at.selectbox if one.label == "Classes"]  # the others are of images


def test_a_file_that_is_no_image_gets_a_sentence_and_the_others_are_kept(of_images):
    at = of_images
    bring(at, ("notes.png", b"dear diary"), ("red.png", picture(RED, 0)))
    assert [one.value for one in at.info] == [
        "notes.png: This is a text file, not a picture that I can read: PNG, JPEG, WebP and GIF are accepted."
    ]
    at.button(key="own-keep-0").click()
    run(at)
    assert any("red: 1 image" in caption.value for caption in at.caption)


def test_of_more_than_there_is_room_for_the_first_are_kept(of_images):
    at = of_images
    bring(at, *((f"{n}.png", picture(RED, n)) for n in range(31)))
    assert at.info[0].value.startswith("There are 31 images; 30 of a class are kept")
    at.button(key="own-keep-0").click()
    run(at)
    assert any("red: 30 images" in caption.value for caption in at.caption)
    assert at.button(key="own-keep-0").disabled
