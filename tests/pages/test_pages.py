"""The pages without a browser: what is on them for each kind of drawing."""

import base64
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.ink import files
from core.models import networks
from core.records import Drawing
from tests import shapes
from tests.pages.opened import answer

ROOT = Path(__file__).parents[2]


def app(drawing: dict | None = None) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    if drawing:
        at.session_state["canvas"] = {"drawing": {"raw": drawing, "data": None}}
    return at.run()


def boxes(at: AppTest) -> list[dict]:
    """What the images with a box, one at most, are given to show."""
    found = [json.loads(part.proto.json) for part in at.get("bidi_component") if part.proto.json]
    return [data for data in found if "inkAt" in data]


def text(at: AppTest, kind: str) -> str:
    """The text that the browser makes of the answer, of the card or of the bars."""
    data = answer(at)
    (told,) = data["answers"]
    if kind == "dl-digit":
        refused = told is None or told["digit"] is None
        return f"— {told['abstention'] if told else data['invitation']}" if refused else f"{told['digit']} sure"
    shares = [0.0] * 10 if told is None else told["probabilities"]
    judged = f" one digit? {told['isDigit']:.1%}" if data["hasRejectClass"] else ""
    return " ".join(f"{digit} {share:.1%}" for digit, share in enumerate(shares)) + judged


@pytest.mark.parametrize("place", [(200, 60, 60), *shapes.PLACES])
def test_every_digit_is_read_in_several_sizes_and_places(place):
    at = app()
    for digit in range(10):
        at.session_state["canvas"] = {"drawing": {"raw": shapes.fabric(digit, 18, place), "data": None}}
        at.run()
        assert not at.exception
        assert text(at, "dl-digit").startswith(f"{digit} ")
        rows = re.findall(r"(\d) (\d+\.\d)%", text(at, "dl-rows"))
        assert [int(d) for d, _ in rows] == list(range(10))
        assert sum(float(p) for _, p in rows) == pytest.approx(100, abs=0.5)


def test_an_empty_canvas_invites():
    at = app()
    assert not at.exception
    assert text(at, "dl-digit") == "— Draw a digit from 0 to 9."
    assert at.button(key="undo").disabled
    assert at.button(key="redo").disabled
    assert at.button(key="clear").disabled


def test_a_dot_is_no_digit():
    dot = {"type": "Path", "strokeWidth": 18, "path": [["M", 50, 50], ["L", 50.01, 50]]}
    assert text(app({"objects": [dot]}), "dl-digit") == "— That is only a dot so far. Draw a whole digit."


def test_a_letter_is_no_digit_and_its_bars_are_dimmed():
    at = app(shapes.fabric("A"))
    assert text(at, "dl-digit") == "— I don't think that is a digit. Try a clear digit from 0 to 9."
    said = text(at, "dl-rows")
    assert sum(float(p) for p in re.findall(r"\d (\d+\.\d)%", said)) == pytest.approx(100, abs=0.5)
    assert float(re.search(r"one digit\? (\d+\.\d)%", said)[1]) < 50


def number(*digits, size=100, step=100) -> dict:
    """The canvas component's JSON of digits side by side."""
    strokes = [s for n, d in enumerate(digits) for s in shapes.strokes(d, size, 20 + n * step, 100)]
    return {
        "objects": [
            {"type": "Path", "strokeWidth": 10, "path": [["M", *s[0]], *(["L", *p] for p in s[1:])]}
            for s in ([[float(x), float(y)] for x, y in s] for s in strokes)
        ]
    }


def test_several_digits_are_a_number_and_each_can_be_looked_at():
    at = app(number(4, 2))
    assert not at.exception
    data = answer(at)
    assert (data["number"]["text"], data["number"]["words"]) == (
        "42",
        "That is 42. The bars are of its 1st digit.",
    )
    assert data["answers"][0]["digit"] == 4
    assert len(data["number"]["strokes"]) == 2  # the 4's
    assert 0.5 < data["number"]["probability"] <= data["answers"][0]["probabilities"][4]
    boxes = next(html.body for html in at.get("html") if html.body.startswith('<div class="dl-boxes"'))
    assert len(re.findall('class="dl-box[" ]', boxes)) == 2
    at.segmented_control(key="number-digit").set_value(1).run()
    data = answer(at)
    assert data["answers"][0]["digit"] == 2
    assert data["number"]["words"] == "That is 42. The bars are of its 2nd digit."
    at.segmented_control(key="teach-label").set_value(2).run()  # it is the digit that is kept
    assert not at.exception
    at.button(key="undo").click().run()
    assert answer(at)["number"] is None
    assert text(at, "dl-digit").startswith("4 ")


def test_beside_another_network_a_number_is_told_of():
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["canvas"] = {"drawing": {"raw": number(4, 2), "data": None}}
    at.session_state["second_reader"] = -2
    at.run()
    assert not at.exception
    assert answer(at)["number"] is None
    told = "It may be 42: numbers are read where one network is chosen, not two."
    assert told in [caption.value for caption in at.caption]


def test_one_digit_is_no_number():
    at = app(shapes.fabric(4))
    assert answer(at)["number"] is None
    assert not any(html.body.startswith('<div class="dl-boxes"') for html in at.get("html"))


def test_a_network_that_has_not_learnt_it_says_nothing_of_it():
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["canvas"] = {"drawing": {"raw": shapes.fabric(3), "data": None}}
    at.session_state["reader"] = -2
    at.run()
    assert text(at, "dl-digit").startswith("3 ")
    assert "one digit?" not in text(at, "dl-rows")


def test_clear_undo_redo():
    at = app(shapes.fabric(4))
    assert text(at, "dl-digit").startswith("4")
    at.button(key="clear").click().run()
    assert text(at, "dl-digit").startswith("—")
    assert at.button(key="clear").disabled
    at.button(key="undo").click().run()
    assert text(at, "dl-digit").startswith("4")
    at.button(key="redo").click().run()
    assert text(at, "dl-digit").startswith("—")


def test_strokes_that_come_together_are_undone_one_by_one():
    at = app(shapes.fabric(4))
    assert len(answer(at)["canvas"]["strokes"]) == 2
    for left in (1, 0):
        at.button(key="undo").click().run()
        assert len(answer(at)["canvas"]["strokes"]) == left
    assert at.button(key="undo").disabled


def line(number: int, points: int = 3) -> dict:
    """A stroke of that many points."""
    path = [["M", number, 0], *(["L", number, n] for n in range(1, points))]
    return {"type": "Path", "strokeWidth": 18, "path": path}


def history(at: AppTest) -> list:
    return at.session_state["canvas_history"]


def the_canvas():
    """ui/components/canvas/__init__.py, which needs a running app to be imported."""
    return sys.modules["ui.components.canvas"]


def test_the_tests_know_the_canvas_as_it_is():
    app()
    assert the_canvas().SIDE == shapes.SIDE


def drawn(at: AppTest, strokes: list[dict]) -> AppTest:
    """As the browser sends it: all that is on the canvas, each time anew."""
    raw = {"objects": json.loads(json.dumps(strokes))}
    at.session_state["canvas"] = {"drawing": {"raw": raw, "data": None}}
    return at.run()


def test_the_late_report_of_an_empty_canvas_takes_no_ink_away():
    """After a server's restart the browser brings its ink back, while the canvas reports it began empty."""
    at = drawn(app(), [line(0)])
    drawn(at, [])
    assert [len(state.objects()) for state in history(at)] == [0, 1]
    assert not at.button(key="clear").disabled


def test_undo_keeps_each_stroke_once_however_many_states_show_it():
    at = app()
    lines = [line(number) for number in range(6)]
    for count in range(1, 7):
        drawn(at, lines[:count])
    assert [len(state.objects()) for state in history(at)] == list(range(7))
    assert len({id(stroke) for state in history(at) for stroke in state.objects()}) == 6
    at.button(key="undo").click().run()
    assert len(answer(at)["canvas"]["strokes"]) == 5
    at.button(key="clear").click().run()
    assert answer(at)["canvas"]["strokes"] == []
    at.button(key="undo").click().run()
    assert len(answer(at)["canvas"]["strokes"]) == 5


def test_undo_goes_back_so_far_and_no_further(monkeypatch):
    at = app()
    monkeypatch.setattr(the_canvas(), "MAX_STATES", 6)
    monkeypatch.setattr(the_canvas(), "MAX_KEPT", 40)
    for number in range(4):
        drawn(at, [line(10 * number + n, 4) for n in range(2)])
        at.button(key="clear").click().run()
    assert len(history(at)) == 6
    drawn(at, [line(99, 36)])
    assert sum(state.size for state in history(at)) <= 40
    assert len(answer(at)["canvas"]["strokes"]) == 1
    at.button(key="undo").click().run()
    assert answer(at)["canvas"]["strokes"] == []


def test_a_full_canvas_says_so_and_takes_no_more():
    at = app()
    most = the_canvas().MAX_POINTS
    drawn(at, [line(0, most - 10)])
    drawn(at, [line(0, most - 10), line(1, 20)])
    assert not at.exception
    assert any(f"The canvas is full: {most:,} points" in caption.value for caption in at.caption)
    (stroke,) = answer(at)["canvas"]["strokes"]
    points = [[x / 100, y / 100] for x, y in zip(stroke[::2], stroke[1::2], strict=True)]
    assert len(files.to_drawing({"strokes": [points]}).strokes) == 1  # what is on it can be brought back
    at.button(key="clear").click().run()
    assert not any("The canvas is full" in caption.value for caption in at.caption)
    assert answer(at)["canvas"]["strokes"] == []


def test_the_drawing_outlives_a_change_of_page():
    at = app(shapes.fabric(6))
    at.switch_page("pages/about.py").run()
    assert not at.exception
    assert f"**{networks.shipped().about['test_accuracy']:.2%}** of MNIST" in " ".join(
        m.value for m in at.markdown
    )
    at.switch_page("pages/draw.py").run()
    assert text(at, "dl-digit").startswith("6")
    at.button(key="undo").click().run()
    assert text(at, "dl-digit").startswith("—")


def test_the_softmax_is_worked_through():
    at = app(shapes.fabric(2))
    at.session_state["how-sure"] = True
    at.run()
    assert not at.exception
    formula, worked, _, judged = (part.value for part in at.latex)
    assert r"y_k = \frac{e^{z_k}}{\sum_i e^{z_i}}" in formula
    assert r"y_2 = \frac{e^{" in worked
    table = next(m.value for m in at.markdown if m.value.startswith("| digit"))
    assert len(table.splitlines()) == 12
    share = float(re.findall(r"= ([\d.]+)", judged)[-1])
    assert text(at, "dl-rows").endswith(f"one digit? {share:.1%}")


@pytest.mark.parametrize("side", [340, 1001])
def test_a_picture_of_16_bits_is_read_and_shown(side):
    """As it was read: Streamlit cannot write its mode."""
    grey = Image.open(io.BytesIO(files.write_image(seven(), 340))).convert("L").resize((side, side))
    out = io.BytesIO()
    Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save(out, "PNG")
    at = app()
    at.segmented_control(key="way").set_value("Picture").run()
    at.file_uploader(key="picture").set_value(("grey.png", out.getvalue(), "image/png")).run()
    assert not at.exception
    (box,) = boxes(at)
    shown = Image.open(io.BytesIO(base64.b64decode(box["image"].removeprefix("data:image/jpeg;base64,"))))
    assert max(shown.size) == min(side, 640)
    assert text(at, "dl-digit").startswith("7")
    at.file_uploader(key="picture").set_value(("notes.png", b"dear diary", "image/png")).run()
    assert not at.exception
    assert not boxes(at)


def test_a_picture_of_a_number_is_read_and_its_digits_are_looked_at():
    strokes = tuple(s for n, d in enumerate((4, 2)) for s in shapes.strokes(d, 120, 30 + 140 * n, 100))
    drawing = Drawing(strokes, (12.0,) * len(strokes), 340)
    at = app()
    at.segmented_control(key="way").set_value("Picture").run()
    at.file_uploader(key="picture").set_value(("42.png", files.write_image(drawing, 500), "image/png")).run()
    assert not at.exception
    assert answer(at)["number"]["text"] == "42"
    assert answer(at)["canvas"] is None
    boxes = next(h.body for h in at.get("html") if h.body.startswith('<div class="dl-boxes"'))
    lefts = [float(left) for left in re.findall(r"dl-box[^>]*left:([\d.]+)%", boxes)]
    assert len(lefts) == 2
    assert lefts[0] < 10
    assert 45 < lefts[1] < 60
    at.segmented_control(key="number-digit").set_value(1).run()
    assert answer(at)["answers"][0]["digit"] == 2


def seven() -> Drawing:
    return Drawing(tuple(map(np.float32, shapes.strokes(7))), (18.0,), 340.0)


@pytest.mark.parametrize("way", ["Picture", "Camera"])
def test_other_ways_say_what_to_do(way):
    at = app(shapes.fabric(2))
    at.segmented_control(key="way").set_value(way).run()
    assert not at.exception
    assert text(at, "dl-digit") in ("— Choose a picture of one digit.", "— Take a photo of one digit.")
    at.segmented_control(key="way").set_value("Draw").run()
    assert text(at, "dl-digit").startswith("2")
