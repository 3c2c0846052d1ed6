"""The tasks of a class, on phones and on the wall."""

import json
import random
import time

import pytest

from core.rooms import guessing, simulation
from core.storage import room_drawings, room_tasks, rooms
from core.storage.store import open_store
from core.words import with_article
from tests.pages.class_pages import PUPILS, TEACHER, asked, canvas, draw, kept, page, words
from ui.state import keys


def test_what_was_asked_for_in_a_task_counts_in_that_task(room):
    """Though the teacher has begun another before 'next' was tapped: the phone had not heard of it."""
    teacher = open_store().of(TEACHER)
    first = room_tasks.start(teacher, room.id, "ten", {})
    phone = page("join", PUPILS[0], room.code)
    digit = asked(phone)
    phone.session_state["canvas"] = canvas(digit)
    phone.run()
    room_tasks.start(teacher, room.id, "free", {})
    phone.button(key="next").click().run()
    (one,) = room_drawings.of_class(teacher, room.id)
    assert (one.task, one.label) == (first.id, digit)
    assert "Draw whatever you like" in words(phone)


def test_what_is_taken_back_is_asked_for_on_the_canvas_too_and_not_in_another_task(room):
    phone = page("join", PUPILS[0], room.code)
    first = asked(phone)
    draw(phone, 5)
    assert asked(phone) != first
    phone.button(key="join-back").click().run()
    assert phone.session_state[keys.CANVAS_GHOST] == f"draw {with_article(str(first))}"
    phone.button(key="next").click().run()
    teacher = open_store().of(TEACHER)
    room_tasks.start(teacher, room.id, "fool", {"draw": (first + 1) % 10, "as": 9})
    phone.run()
    phone.button(key="join-back").click().run()
    assert asked(phone) == (first + 1) % 10
    assert "it was drawn for what was asked before" in words(phone)
    assert not phone.session_state["canvas"]["drawing"]["raw"]["objects"]
    assert room_drawings.of_class(teacher, room.id) == []


def test_what_a_phone_had_kept_counts_in_the_task_that_it_was_drawn_for_alone(room, monkeypatch):
    page("join", PUPILS[0], room.code)
    teacher = open_store().of(TEACHER)
    over, now = (room_tasks.start(teacher, room.id, "fool", {"draw": 4, "as": 9}).id for _ in range(2))
    sent = [(0, 4), (over, 4), (now, 4), (now, 7)]  # (for which task, the digit): a 7 fits none
    shapes = [[[0, 0], [100 * (n + 1), 200], [50 * n, 10]] for n in range(len(sent))]
    its = [
        {"id": f"{n}", "task": task, "label": label, "strokes": [shapes[n]], "canvas": 560}
        for n, (task, label) in enumerate(sent)
    ]
    _, late = kept(monkeypatch, PUPILS[0], its)
    late(room.id)
    found = room_drawings.of_class(teacher, room.id)
    assert [one.task for one in found] == [None, None, now, None]


@pytest.mark.parametrize(
    ("kind", "says"), [("fool", "Now a 4"), ("free", "whatever you like"), ("ten", "Now a")]
)
def test_tasks_with_something_to_draw(room, kind, says):
    teacher = page("class", TEACHER, room=room.id, room_task=kind)
    teacher.button(key="task-start").click().run()
    assert not teacher.exception
    phone = page("join", PUPILS[0], room.code)
    assert says in words(phone)
    draw(phone, 4)
    assert "1 drawing so far" in words(phone)
    teacher.run()
    teacher.button(key="task-end").click().run()
    assert rooms.look(open_store().of(TEACHER), room.id).task.status == "ended"


@pytest.mark.parametrize(("kind", "settings"), [("fool", {"draw": 4, "as": 9}), ("free", {}), ("predict", {})])
def test_after_a_task_has_ended_the_phones_draw_the_ten_digits(room, kind, settings):
    """And the wall says so, and what is drawn then belongs to no task."""
    teacher = open_store().of(TEACHER)
    room_tasks.start(teacher, room.id, kind, settings)
    phone = page("join", PUPILS[0], room.code)
    room_tasks.end(teacher, room.id)
    digit = asked(phone.run())
    assert "Draw a 4 that people read" not in words(phone)
    draw(phone, digit)
    (one,) = room_drawings.of_class(teacher, room.id)
    assert (one.task, one.label) == (None, digit)
    assert "Draw digits" in words(wall := page("wall", TEACHER, room.code))
    assert "Say it on your phone" not in words(wall)


def test_after_a_guess_has_ended_its_digit_is_off_the_wall_and_simulated_pupils_draw(room):
    teacher = page("class", TEACHER, room=room.id, room_task="guess")
    teacher.button(key="task-start").click().run()
    teacher.button(key="task-end").click().run()
    for who in ("wall", "join"):
        at = page(who, TEACHER if who == "wall" else PUPILS[0], room.code)
        assert not [part for part in at.get("bidi_component") if '"seconds"' in part.proto.json]
    store = open_store().of(PUPILS[0])
    simulation._act(store, rooms.look(store, room.id), random.Random(0))
    assert len(room_drawings.of_class(open_store().of(TEACHER), room.id)) == 1


def test_classmates_judge_what_was_drawn_to_fool(room):
    room_tasks.start(open_store().of(TEACHER), room.id, "fool", {"draw": 4, "as": 9})
    draw(page("join", PUPILS[0], room.code), 9)
    for who in PUPILS[1:]:
        judge = page("join", who, room.code)
        assert "Is it a 4?" in words(judge)
        judge.button(key="judge-1").click().run()
        assert "Is it a 4?" not in words(judge)
    teacher = page("class", TEACHER, room=room.id)
    assert "**3 points**" in words(teacher)


def test_the_network_is_never_to_be_fooled_into_what_was_drawn(room):
    teacher = page("class", TEACHER, room=room.id, room_task="fool")
    assert (teacher.selectbox(key=keys.ROOM_DRAW).value, teacher.selectbox(key=keys.ROOM_AS).value) == (4, 9)
    teacher.selectbox(key=keys.ROOM_AS).set_value(7).run()
    for drawn, taken_for in ((3, 7), (7, 9), (9, 8)):
        teacher.selectbox(key=keys.ROOM_DRAW).set_value(drawn).run()
        assert not teacher.exception
        assert teacher.selectbox(key=keys.ROOM_AS).value == taken_for
        assert str(drawn) not in teacher.selectbox(key=keys.ROOM_AS).options
    teacher.button(key="task-start").click().run()
    assert rooms.look(open_store().of(TEACHER), room.id).task.settings == {"draw": 9, "as": 8}


def test_what_is_guessed_before_anything_has_appeared_does_not_count(room):
    teacher = page("class", TEACHER, room=room.id, room_task="guess")
    teacher.button(key="task-start").click().run()
    phone, task = page("join", PUPILS[0], room.code), rooms.look(open_store().of(TEACHER), room.id).task
    settings = {**task.settings, "began": time.time() + 60}
    room_tasks.set_settings(open_store().of(TEACHER), room.id, task.id, settings)
    phone.button(key=f"guess-{task.settings['label']}").click().run()
    assert "Nothing has appeared yet" in words(phone)
    assert room_tasks.all_replies(open_store().of(TEACHER), room.id, task.id) == []
    room_tasks.set_settings(open_store().of(TEACHER), room.id, task.id, {**settings, "began": time.time()})
    phone.button(key=f"guess-{task.settings['label']}").click().run()
    assert "You know it!" in words(phone)


def test_guess_and_predict(room, monkeypatch):
    monkeypatch.setattr(guessing, "COUNTDOWN", 0.0)
    teacher = page("class", TEACHER, room=room.id, room_task="guess")
    teacher.button(key="task-start").click().run()
    assert not teacher.exception
    task = rooms.look(open_store().of(TEACHER), room.id).task
    phone = page("join", PUPILS[0], room.code)
    told = [json.loads(p.proto.json) for p in phone.get("bidi_component") if '"strokes"' in p.proto.json]
    assert all("label" not in data and not data.get("knows") for data in told if "seconds" in data)
    other = page("join", PUPILS[1], room.code)
    other.button(key=f"guess-{(task.settings['label'] + 1) % 10}").click().run()
    assert [one.value for one in other.info] == [
        f"You said {(task.settings['label'] + 1) % 10}: that is not it."
    ]
    assert not other.success  # which is green
    phone.button(key=f"guess-{task.settings['label']}").click().run()
    assert [one.value for one in phone.success] == ["You know it!"]
    assert "You know it!" in words(phone)
    teacher.run()
    assert "First: **" in words(teacher)
    teacher.button(key="guess-next").click().run()
    assert rooms.look(open_store().of(TEACHER), room.id).task.settings["question"] == 2
    teacher = page("class", TEACHER, room=room.id, room_task="guess", room_guess="blur")
    teacher.button(key="task-start").click().run()
    teacher.button(key="guess-next").click().run()
    told = [json.loads(p.proto.json) for p in phone.run().get("bidi_component") if '"blur"' in p.proto.json]
    assert told[0]["blur"] == guessing.BLUR
    room_tasks.start(open_store().of(TEACHER), room.id, "predict", {})
    phone = page("join", PUPILS[0], room.code)
    phone.number_input(key="join-guess").set_value(95.0).run()
    phone.button(key="predict").click().run()
    assert "You say 95%" in words(phone)
