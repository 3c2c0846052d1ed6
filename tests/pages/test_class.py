"""A pupil in a class: the phone's page, what is sent, what is kept, what is refused."""

import json
import random
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.ink import fabricjs, files, preprocessing
from core.models.classifiers import Classifier
from core.rooms import address, reading
from core.storage import drawings, room_drawings, room_tasks, rooms
from core.storage.store import open_store
from tests import shapes
from tests.pages.class_pages import (
    PUPILS,
    ROOT,
    TEACHER,
    asked,
    away,
    canvas,
    draw,
    html,
    kept,
    page,
    watches,
    words,
)
from ui.state import keys


def test_a_pupil_draws_and_the_wall_shows_it(room):
    phone = page("join", PUPILS[0], room.code)
    first = asked(phone)
    draw(phone, 3)
    assert "1 drawing so far" in words(phone)
    assert asked(phone) != first
    assert phone.session_state["canvas"]["drawing"]["raw"]["objects"] == []
    (one,) = room_drawings.of_class(open_store().of(TEACHER), room.id)
    assert (one.label, one.predicted) == (first, 3)
    wall = page("wall", TEACHER, room.code)
    assert "<b>1</b> drawing" in html(wall, "wall-count")
    assert f"<b>{100 * (first == 3)}%</b>" in html(wall, "wall-accuracy")
    assert "99.79%" in html(wall, "wall-accuracy")
    names = [pupil.name for pupil in rooms.class_of(open_store().of(TEACHER), room.id)]
    assert not any(name in words(wall) for name in names)


def test_a_drawing_is_made_an_image_and_read_once_and_what_is_shown_is_stored(room, monkeypatch):
    phone, made, read = page("join", PUPILS[0], room.code), [], []
    make, predict = preprocessing.from_strokes, Classifier.predict
    monkeypatch.setattr(files, "from_strokes", lambda *a, **k: made.append(a) or make(*a, **k))
    monkeypatch.setattr(Classifier, "predict", lambda self, image: read.append(image) or predict(self, image))
    for digit in (3, 5):
        made.clear(), read.clear()
        draw(phone, digit)
        assert (len([strokes for (strokes,) in made if strokes]), len(read)) == (1, 1)
        assert room_drawings.of_class(open_store().of(TEACHER), room.id)[-1].predicted == digit


def test_next_without_ink_says_so_and_take_back_brings_the_drawing_back(room):
    phone = page("join", PUPILS[0], room.code)
    phone.button(key="next").click().run()
    assert "There is nothing on the canvas yet" in words(phone)
    phone.button(key="join-back").click().run()
    assert "You have sent nothing yet" in words(phone)
    first = asked(phone)
    draw(phone, 5)
    phone.button(key="join-back").click().run()
    assert "0 drawings so far" in words(phone)
    assert asked(phone) == first
    assert len(phone.session_state["canvas"]["drawing"]["raw"]["objects"]) == 1


def test_a_phone_goes_back_to_its_last_drawing_and_the_server_keeps_none_before_it(room):
    phone = page("join", PUPILS[0], room.code)
    sizes = set()
    for digit in (1, 4, 5):
        draw(phone, digit)
        sizes.add(sum(one.size for one in phone.session_state[keys.CANVAS_HISTORY]))
    assert max(sizes) == sum(one.size for one in phone.session_state[keys.CANVAS_HISTORY])  # of the 5 alone
    assert [bool(one.objects()) for one in phone.session_state[keys.CANVAS_HISTORY]] in (
        [False, True, False],
        [False, True, True, False],
    )
    phone.button(key="undo").click().run()
    (last,) = {len(phone.session_state["canvas"]["drawing"]["raw"]["objects"])}
    assert last == len(shapes.fabric(5)["objects"])


def test_behind_a_proxy_no_other_address_is_named(room, monkeypatch):
    assert (
        "localhost" not in words(page("class", TEACHER)).partition("Check first")[2].partition("Where that")[2]
    )
    monkeypatch.setenv(address.ADDRESS, "https://lab.school.example")
    said = words(page("class", TEACHER)).partition("Check first")[2]
    assert "open `https://lab.school.example` on one phone" in said
    assert "`DIGIT_LAB_ADDRESS` says" in said
    assert "localhost" not in said
    assert "Other addresses" not in said


def test_a_drawing_of_too_many_points_stays_and_is_said(room, monkeypatch):
    monkeypatch.setattr(reading, "POINTS", 3)
    phone = page("join", PUPILS[0], room.code)
    draw(phone, 3)
    assert re.search(r"This drawing has \d+ points; at most 3 are accepted in a class", words(phone))
    assert "0 drawings so far" in words(phone)
    assert phone.session_state["canvas"]["drawing"]["raw"]["objects"]


def test_a_paused_phone_keeps_its_drawing(room):
    phone = page("join", PUPILS[0], room.code)
    teacher = page("class", TEACHER, room=room.id)
    teacher.button(key="flag-paused").click().run()
    draw(phone, 3)
    assert "paused all phones" in words(phone)
    assert "0 drawings so far" in words(phone)
    teacher.button(key="flag-paused").click().run()
    phone.button(key="next").click().run()
    assert "1 drawing so far" in words(phone)


def test_what_the_browser_had_kept_is_stored_once(room):
    phone = page("join", PUPILS[0], room.code)
    one = {"id": "x-1", "label": 4, "strokes": [[[0, 0], [100, 200]]], "brushes": [28], "canvas": 560}
    bad = {"id": "x-2", "label": 99, "strokes": [[[0, 0]]]}
    from ui.components import join_queue  # noqa: PLC0415
    from ui.sections import join_phone  # noqa: PLC0415

    store = open_store().of(PUPILS[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(join_queue, "sent", lambda: [one, one, bad, {"id": "x-3", "label": 1, "strokes": "no"}])
        patch.setattr(join_phone.visitor, "store", lambda: store)
        state = {}
        patch.setattr(join_phone.st, "session_state", state)
        join_phone._late(room.id)
    assert state["join-said"] == ["x-1", "x-1", "x-2", "x-3"]
    assert [d.label for d in room_drawings.of_class(open_store().of(TEACHER), room.id)] == [4]
    assert "drawing" in words(phone)


def test_a_tap_whose_answer_was_lost_is_one_drawing(room, monkeypatch):
    """What the browser has kept of it comes in hundredths of a pixel, the canvas's in all digits of the pen."""
    phone = page("join", PUPILS[0], room.code)
    digit, off = asked(phone), random.Random(0)
    drawn = canvas(3)
    for one in drawn["drawing"]["raw"]["objects"]:
        one["path"] = [
            [command, *(n + off.uniform(0, 1) for n in numbers)] for command, *numbers in one["path"]
        ]
    phone.session_state["canvas"] = drawn
    phone.run()
    phone.button(key="next").click().run()
    (one,) = room_drawings.of_class(open_store().of(TEACHER), room.id)
    points = fabricjs.to_drawing(drawn["drawing"]["raw"]["objects"], 560)
    strokes = [[[round(100 * float(n)) / 100 for n in point] for point in stroke] for stroke in points.strokes]
    again = {"id": "x", "label": digit, "strokes": strokes, "brushes": list(points.brushes), "canvas": 560}
    kept_pixels = drawings.as_bytes(files.to_digit_image(files.to_drawing(again)).pixels)
    assert not np.array_equal(kept_pixels, one.pixels)  # not the same bytes
    state, late = kept(monkeypatch, PUPILS[0], [again])
    late(room.id)
    assert state["join-said"] == ["x"]
    assert [d.id for d in room_drawings.of_class(open_store().of(TEACHER), room.id)] == [one.id]


def test_a_phone_that_has_sent_all_it_may_is_told_and_stops(room, monkeypatch):
    two = [
        {"id": f"{n}", "label": n, "strokes": [[[0, 0], [100, 200 + 90 * n]]], "canvas": 560} for n in (4, 5)
    ]
    page("join", PUPILS[0], room.code)
    with monkeypatch.context() as patch:
        patch.setattr(room_drawings, "MOST", 1)
        state, late = kept(patch, PUPILS[0], two)
        late(room.id)
    assert state["join-said"] == ["4"]  # the other one is lost to nobody: it stays on the phone
    assert state["join-full"] == {
        room.id: "That is 1 in all, as many as one phone may send: let the others draw, too."
    }
    phone = page("join", PUPILS[0], room.code, join_full=state["join-full"])
    told = [json.loads(p.proto.json) for p in phone.get("bidi_component") if '"taken"' in p.proto.json]
    assert told[0]["full"] == state["join-full"][room.id]


def test_what_was_kept_with_too_many_points_is_thinned_out_and_too_much_is_said(room, monkeypatch):
    monkeypatch.setattr(reading, "POINTS", 20)
    line = [[n, 2 * n] for n in range(100)]
    page("join", PUPILS[0], room.code)
    state, late = kept(
        monkeypatch,
        PUPILS[0],
        [
            {
                "id": "a",
                "label": 4,
                "strokes": [line, [[300, 0]], line[::-1]],
                "brushes": [9, 8, 7],
            },
            {"id": "b", "label": 4, "strokes": [line * 201]},
        ],
    )
    late(room.id)
    (one,) = room_drawings.of_class(open_store().of(TEACHER), room.id)
    strokes = json.loads(one.strokes)["strokes"]
    assert sum(map(len, strokes)) <= 20
    assert [(s[0], s[-1]) for s in strokes] == [([0, 0], [99, 198]), ([300, 0],) * 2, ([99, 198], [0, 0])]
    assert json.loads(one.strokes)["brushes"] == [9, 8, 7]
    assert "could not be sent: The stroke file has 20,100 points" in state["teach-problem"]
    assert state["join-said"] == ["a", "b"]


def test_a_phone_comes_back_after_a_moment_without_the_database(room, monkeypatch):
    phone = page("join", PUPILS[0], room.code)
    assert watches(phone) == [(room.code, "orders", True)]
    for module, name in ((room_drawings, "at_a_glance"), (rooms, "join")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, away)
            phone.run()
            assert [one.value for one in phone.error] == [
                "The database is busy with many requests at once. Try again in a moment."
            ]
            assert watches(phone) == [(room.code, "orders", False)]  # it is told at once, and looks again
            assert phone.query_params["code"] in (room.code, [room.code])
    phone.run()
    assert not phone.error
    assert "Now a" in words(phone)
    assert phone.button(key="next")


def test_a_wrong_code_is_said_and_asked_for_again():
    at = page("join", PUPILS[0], "HELLO, WORLD")
    assert "is no code" in words(at)
    assert at.text_input(key="join-code")
    assert "There is no class with this code" in words(page("join", PUPILS[0], "ABCDE"))


def test_the_code_is_typed_on_the_first_page(room, by_the_navigation):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["browser"], at.session_state["join-menu"] = PUPILS[0], True
    at.run()
    at.text_input(key="join-code").set_value(f" {room.code.lower()} ")
    next(button for button in at.button if button.label == "Join").click().run()
    assert not at.exception
    assert "Now a" in words(at)


def test_a_phone_that_was_taken_out_or_sends_too_much_at_once_breaks_nothing(room, monkeypatch):
    from ui.components import join_queue  # noqa: PLC0415
    from ui.sections import join_phone  # noqa: PLC0415

    kept = [{"id": f"{n}", "label": 4, "strokes": []} for n in range(1000)]
    monkeypatch.setattr(join_queue, "sent", lambda: kept)
    state = {}
    monkeypatch.setattr(join_phone.st, "session_state", state)
    out, here = (open_store().of(who) for who in PUPILS[:2])
    monkeypatch.setattr(join_phone.visitor, "store", lambda: out)
    join_phone._late(room.id)
    assert state["join-said"] == []
    rooms.join(here, room.code)
    monkeypatch.setattr(join_phone.visitor, "store", lambda: here)
    join_phone._late(room.id)
    assert len(state["join-said"]) == join_phone.AT_ONCE


def test_a_teachers_link_that_is_opened_while_the_database_is_busy_is_not_called_invalid(monkeypatch):
    """Its key has left the address by then, and who believed that would have lost the class."""
    monkeypatch.setattr(rooms, "claim", away)
    at = page("class", PUPILS[0], "K7QXM4")
    at.query_params["code"], at.query_params["key"] = "K7QXM4", "secret"
    at.run()
    (said,) = [error.value for error in at.error]
    assert said.startswith("The database is busy")
    assert said.endswith("Then open the teacher's link once more.")


def test_what_was_drawn_for_something_else_is_not_sent_as_what_is_asked_for_now(room):
    """A drawing of before a task, which asks for another digit: one undo brings it back."""
    phone = page("join", PUPILS[0], room.code)
    phone.session_state["canvas"] = canvas(9)
    phone.run()
    room_tasks.start(open_store().of(TEACHER), room.id, "fool", {"draw": 4, "as": 9})
    phone.session_state[keys.JOIN_ASKED] = phone.session_state[keys.JOIN_ASKED][0], 9
    phone.run()
    assert asked(phone) == 4
    phone.button(key="next").click().run()
    assert "There is nothing on the canvas yet" in words(phone)
    phone.button(key="undo").click().run()
    assert len(phone.session_state["canvas"]["drawing"]["raw"]["objects"]) == 1


@pytest.mark.parametrize("is_of_this_task", [True, False])
def test_after_a_reload_the_digit_is_asked_for_that_was_drawn(room, monkeypatch, is_of_this_task):
    """As the browser does in a callback, before the page is run again: see live/bars.js."""
    from ui.components import live  # noqa: PLC0415
    from ui.sections import join_phone  # noqa: PLC0415

    phone = page("join", PUPILS[0], room.code)
    other = (asked(phone) + 1) % 10
    its = [[room.id, 0 if is_of_this_task else 77], other]
    own = {"strokes": [[[10, 10], [300, 300]]], "brushes": [20], "canvas": 560, "asked": its}
    monkeypatch.setattr(live, "begin", lambda classifiers: join_phone._bring_back(own))
    first = asked(phone)
    phone.run()
    assert asked(phone) == (other if is_of_this_task else first)
    assert len(phone.session_state["canvas"]["drawing"]["raw"]["objects"]) == is_of_this_task


def test_a_code_that_is_refused_can_be_tried_again(room):
    rooms.set_flags(open_store().of(TEACHER), room.id, locked=True)
    phone = page("join", PUPILS[0], room.code)
    assert "Nobody new can join" in words(phone)
    assert phone.text_input(key=keys.JOIN_CODE).value == room.code
