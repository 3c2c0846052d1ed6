"""On the page Draw: a drawing is kept with its digit, and taken back."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.models import registry
from core.records import StoredDrawing
from core.storage import drawings
from core.storage.store import StoreError
from tests import shapes
from tests.pages.my_digits_pages import page
from tests.pages.opened import ROOT, words
from tests.pages.visitors import ME, YOU


def test_nothing_is_labelled_on_an_empty_canvas(store):
    at = page("draw")
    assert not [w for w in at.segmented_control if w.key == "teach-label"]


def told(at: AppTest) -> dict:
    """What the browser is told of the canvas."""
    (found,) = [json.loads(p.proto.json) for p in at.get("bidi_component") if '"ghost"' in p.proto.json]
    return found["canvas"]


def strokes_of(at: AppTest) -> int:
    """How many are on the canvas."""
    return len(told(at)["strokes"])


def test_a_label_stores_what_was_drawn_and_read_and_can_be_changed_and_taken_back(store):
    at = page("draw", shapes.fabric(7))
    assert at.button(key="teach-undo").disabled
    at.segmented_control(key="teach-label").set_value(1).run()
    (found,) = drawings.everything(store, ME)
    assert (found.label, found.predicted, found.visitor) == (1, 7, ME)
    assert found.confidence > 0.9
    assert found.network == registry.classifier(registry.SHIPPED).network.name
    kept = json.loads(found.strokes)
    assert kept["canvas"] == shapes.SIDE
    assert [len(s) for s in kept["strokes"]] == [len(s) for s in shapes.strokes(7)]
    assert "Kept as a **1**" in words(at)
    assert "**1 kept** in this visit" in words(at)
    assert strokes_of(at) == 0  # it is clear for the next
    assert at.segmented_control(key="teach-label").disabled
    at.button(key="undo").click().run()
    assert strokes_of(at) == len(shapes.strokes(7))
    assert at.segmented_control(key="teach-label").value == 1
    at.segmented_control(key="teach-label").set_value(7).run()
    (again,) = drawings.everything(store, ME)
    assert (again.id, again.label) == (found.id, 7)
    at.button(key="teach-undo").click().run()
    assert drawings.everything(store, ME) == []
    assert at.segmented_control(key="teach-label").value is None
    assert strokes_of(at) == len(shapes.strokes(7))  # it is back on the canvas
    at.segmented_control(key="teach-label").set_value(7).run()
    at.button(key="undo").click().run()
    at.segmented_control(key="teach-label").set_value(None).run()  # a second tap on the same digit
    assert drawings.everything(store, ME) == []
    assert not at.exception


def test_a_drawing_that_is_labelled_again_after_a_reload_is_no_second_one(store):
    for label in (1, 7, 7, 2):
        at = page("draw", shapes.fabric(7))  # another visit of the same browser
        if drawings.everything(store, ME):
            assert f"Kept as a **{drawings.everything(store, ME)[0].label}**" in words(at)
        if at.segmented_control(key="teach-label").value != label:
            at.segmented_control(key="teach-label").set_value(label).run()
        assert not at.exception
    (found,) = drawings.everything(store, ME)
    assert (found.label, found.predicted) == (2, 7)
    page("draw", shapes.fabric(7)).button(key="teach-undo").click().run()
    assert drawings.everything(store, ME) == []


def test_another_drawing_has_no_label_yet_and_the_first_keeps_its(store):
    at = page("draw", shapes.fabric(4))
    at.segmented_control(key="teach-label").set_value(4).run()
    assert at.segmented_control(key="teach-label").value is None
    draw(at, shapes.fabric(7))
    assert at.segmented_control(key="teach-label").value is None
    at.button(key="undo").click().run()
    at.button(key="undo").click().run()
    assert at.segmented_control(key="teach-label").value == 4
    assert len(drawings.everything(store, ME)) == 1


def draw(at: AppTest, drawing: dict) -> None:
    at.session_state["canvas"] = {"drawing": {"raw": drawing, "data": None}}
    at.run()
    assert not at.exception


def test_ten_digits_in_ten_taps_and_each_can_be_taken_back(store):
    at = page("draw", shapes.fabric(7))
    at.toggle(key="teach-prompts").set_value(True).run()
    asked = []
    for count in range(10):
        asked.append(at.session_state["teach-prompt"])
        kept = f" ({count} kept)" if count else ""
        assert f"Next: draw {'an' if asked[-1] == 8 else 'a'} **{asked[-1]}**{kept}" in words(at)
        draw(at, shapes.fabric(asked[-1]))
        at.button(key="teach-keep").click().run()
        assert strokes_of(at) == 0
        assert at.button(key="teach-keep").disabled
    digit = at.session_state["teach-prompt"]
    assert told(at)["ghost"] == f"draw {'an' if digit == 8 else 'a'} {digit}"
    assert sorted(asked) == list(range(10))  # each once before any twice
    assert sorted(d.label for d in drawings.everything(store, ME)) == list(range(10))
    assert "**10 kept** in this visit" in words(at)
    assert at.session_state["teach-prompt"] != asked[-1]
    for count, digit in enumerate(reversed(asked), 1):
        at.button(key="teach-undo").click().run()
        assert len(drawings.everything(store, ME)) == 10 - count
        assert strokes_of(at) == len(shapes.strokes(digit))
        assert at.session_state["teach-prompt"] == digit
    assert at.button(key="teach-undo").disabled
    inside = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for key, value in {"browser": ME, "inside-way": "Draw", "canvas-ghost": "draw a 4"}.items():
        inside.session_state[key] = value
    inside.switch_page("pages/look_inside.py").run()
    assert told(inside)["ghost"] == "draw a digit here"  # there nobody collects
    draw(at, shapes.fabric(5))
    at.segmented_control(key="teach-label").set_value(6).run()  # another one than was asked for
    assert [d.label for d in drawings.everything(store, ME)] == [6]
    assert not at.exception


def test_a_stroke_that_comes_with_the_tap_is_kept_with_the_others(store):
    """Both reach the server before the page has been run with the stroke."""
    four = shapes.fabric(4)
    at = page("draw", {"objects": four["objects"][:1]})
    at.session_state["canvas"] = {"drawing": {"raw": four, "data": None}}
    at.segmented_control(key="teach-label").set_value(4).run()
    (found,) = drawings.everything(store, ME)
    assert len(json.loads(found.strokes)["strokes"]) == 2
    assert found.predicted == 4
    assert strokes_of(at) == 0
    at.button(key="undo").click().run()
    assert strokes_of(at) == 2


def test_a_digit_of_a_number_leaves_the_others_on_the_canvas(store):
    two = [s * 0.45 + (260 * n, 60) for n, what in enumerate((4, 2)) for s in shapes.strokes(what)]
    objects = [
        {
            "type": "Path",
            "strokeWidth": 18,
            "path": [["M", *s[0].tolist()], *(["L", *p] for p in s[1:].tolist())],
        }
        for s in two
    ]
    at = page("draw", {"objects": objects})
    assert "That is 42" in "".join(p.proto.json for p in at.get("bidi_component"))
    at.segmented_control(key="teach-label").set_value(4).run()
    (found,) = drawings.everything(store, ME)
    assert len(json.loads(found.strokes)["strokes"]) == 2  # of the 4
    assert strokes_of(at) == 3
    assert at.segmented_control(key="teach-label").value == 4


def fill(store) -> None:
    """Use up what room is left."""
    for n in range(100):
        drawings.add(store, StoredDrawing(3, np.full((28, 28), n, np.uint8), "", YOU, datetime.now(UTC)))


def test_a_full_disk_is_said_and_nothing_is_lost(store):
    at = page("draw", shapes.fabric(6))
    drawings.add(store, StoredDrawing(3, datasets.mnist().x_test[0], "", ME, datetime.now(UTC)))
    with store.transaction() as connection:
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
    limit = lambda c, *_: c.execute(f"PRAGMA max_page_count={pages}")  # noqa: E731
    sa.event.listen(store._engine, "checkout", limit)
    try:
        with pytest.raises(StoreError):
            fill(store)
        at.segmented_control(key="teach-label").set_value(6).run()
    finally:
        sa.event.remove(store._engine, "checkout", limit)
        store._engine.dispose()  # each connection that was checked out keeps the limit
    assert "The disk is full" in words(at)
    assert at.segmented_control(key="teach-label").value is None
    assert [d.label for d in drawings.everything(store, ME)] == [3]
