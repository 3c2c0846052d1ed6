"""A class on its wall and on the teacher's page."""

import json
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.models import registry
from core.records import Metric, State
from core.rooms import learning
from core.storage import room_drawings, room_events, room_tasks, rooms, states
from core.storage.store import open_store
from tests.pages.class_pages import PUPILS, ROOT, TEACHER, asked, away, draw, html, page, watches, words


def test_a_teachers_page_comes_back_after_a_moment_without_the_database(room, monkeypatch):
    teacher = page("class", TEACHER, room=room.id)
    with monkeypatch.context() as patch:
        patch.setattr(rooms, "look", away)
        assert watches(teacher.run()) == [(room.code, "orders", False)]
    assert watches(teacher.run()) == [(room.code, "all", True)]


def test_a_drawing_is_taken_off_the_wall_and_brought_back(room):
    draw(page("join", PUPILS[0], room.code), 3)
    (one,) = room_drawings.of_class(open_store().of(TEACHER), room.id)
    wall = page("wall", TEACHER, room.code, wall_tapped=one.id)
    wall.button(key="take-drawing").click().run()
    assert "<b>0</b> drawings" in html(wall, "wall-count")
    wall.button(key="room-undo").click().run()
    assert "<b>1</b> drawing" in html(wall, "wall-count")
    wall.session_state["wall-tapped"] = one.id
    wall.run()
    wall.button(key="take-pupil").click().run()
    assert "by 0 pupils" in html(wall, "wall-count")
    assert "taken you out" in words(page("join", PUPILS[0], room.code))


def test_hidden_drawings_are_not_even_sent(room):
    draw(page("join", PUPILS[0], room.code), 3)
    wall = page("wall", TEACHER, room.code)
    assert "dl-confusion" not in words(wall)  # it is made where it is open
    wall.session_state["wall-matrix"] = True
    wall.run()
    assert "dl-confusion" in words(wall)
    wall.button(key="flag-hidden").click().run()
    told = [json.loads(part.proto.json) for part in wall.get("bidi_component") if '"order"' in part.proto.json]
    assert (told[0]["hidden"], told[0]["images"]) == (True, {})
    assert [one[1:] for one in told[0]["order"]] == [[-1, None, None]]  # nor whether it is read rightly
    assert "<b>?</b>" in html(wall, "wall-accuracy")
    assert "dl-confusion" not in words(wall)


@pytest.mark.parametrize("view", ["Star map", "Replay"])
def test_the_star_map_and_the_replay_show_all_drawings_and_none_that_is_hidden(room, view):
    phone = page("join", PUPILS[0], room.code)
    asked_for = asked(phone)
    draw(phone, 3)
    draw(phone, 5)
    wall = page("wall", TEACHER, room.code, wall_view=view)

    def told():
        return next(json.loads(p.proto.json) for p in wall.get("bidi_component") if '"order"' in p.proto.json)

    first, last = told()["order"]
    assert first[1:4] == [asked_for, 3, asked_for == 3]
    assert set(told()["images"]) == {str(first[0]), str(last[0])}
    assert view == "Star map" or (first[4], last[4]) == (0.0, 1.0)
    # A replay says when, the map where: on that of the network that comes with the app.
    assert view == "Replay" or told()["map"].endswith("/t-SNE")
    wall.button(key="flag-hidden").click().run()
    assert (told()["images"], [one[1:] for one in told()["order"]]) == ({}, [[-1, None, None]] * 2)
    assert "Hidden until your teacher reveals them" in words(wall)
    assert "MNIST's test digits, where" not in words(wall)  # no map, so nothing of it
    wall.button(key="flag-hidden").click().run()
    assert "Hidden until" not in words(wall)
    assert told()["order"][0][1:4] == [asked_for, 3, asked_for == 3]


@pytest.mark.parametrize("where", ["class", "wall"])
def test_what_is_locked_paused_or_hidden_says_how_it_is_taken_back(room, where):
    draw(page("join", PUPILS[0], room.code), 3)
    at = page(where, TEACHER, room.code) if where == "wall" else page(where, TEACHER, room=room.id)
    for name, label, back in (
        ("locked", "Lock joining", "Open joining"),
        ("paused", "Pause all phones", "Resume all phones"),
        ("hidden", "Hide the drawings", "Reveal the drawings"),
    ):
        for said in (label, back, label):
            assert at.button(key=f"flag-{name}").label == said
            at.button(key=f"flag-{name}").click().run()
        at.button(key=f"flag-{name}").click().run()
        assert at.button(key=f"flag-{name}").label == label


def test_the_wall_tells_what_was_predicted(room):
    room_tasks.start(open_store().of(TEACHER), room.id, "predict", {})
    assert "Say it on your phone" in words(page("wall", TEACHER, room.code))
    for who, percent in zip(PUPILS, ("90", "95", "97.5"), strict=True):
        phone = page("join", who, room.code)
        phone.number_input(key="join-guess").set_value(float(percent)).run()
        phone.button(key="predict").click().run()
    assert "3 predictions: 90% to 97.5%, half of them over 95%." in words(page("wall", TEACHER, room.code))


def test_a_task_begins_hidden_where_the_teacher_has_chosen_so(room):
    teacher = page("class", TEACHER, room=room.id, room_hide=True)
    teacher.button(key="task-start").click().run()
    draw(page("join", PUPILS[0], room.code), 3)
    wall = page("wall", TEACHER, room.code)
    assert not [p for p in wall.get("bidi_component") if '"images": {"' in p.proto.json]
    wall.button(key="flag-hidden").click().run()
    told = [json.loads(p.proto.json) for p in wall.get("bidi_component") if '"order"' in p.proto.json]
    assert len(told[0]["images"]) == 1
    # Without the choice it stays as it was.
    teacher = page("class", TEACHER, room=room.id)
    teacher.button(key="task-start").click().run()
    assert not rooms.look(open_store().of(TEACHER), room.id).hidden


def test_a_pupil_sees_nothing_that_is_the_teachers(room):
    draw(page("join", PUPILS[0], room.code), 3)
    wall = page("wall", PUPILS[0], room.code)
    assert "Only the teacher of a class can show its wall" in words(wall)
    assert not [button for button in wall.button if button.key.startswith("flag-")]
    other = page("class", PUPILS[0], room=room.id)
    assert [button.key for button in other.button if button.key == "start-class"]
    assert room.code not in words(other)


def test_the_wall_shows_how_it_learns_before_and_as_it_goes(room):
    """Of a training that goes on: a moment at which the network is still the one that it began with."""
    store, data, count = open_store(), datasets.mnist(), 40
    rooms.join(store.of(PUPILS[0]), room.code)
    for n in range(count):
        shown = {"label": int(data.y_test[n]), "pixels": data.x_test[n]}
        room_drawings.add(store.of(PUPILS[0]), room.id, strokes="", **shown)
    task = room_tasks.start(store.of(TEACHER), room.id, "predict", {})
    for who, percent in zip(PUPILS, (85.0, 97.0), strict=False):
        rooms.join(store.of(who), room.code)
        room_tasks.reply(store.of(who), room.id, task.id, percent)
    config = learning.config(store.of(TEACHER), room, "learn")
    run = store.add(config, name="Taught by the class", visitor=TEACHER)
    room_events.note_run(store.of(TEACHER), room.id, "learn", run)
    assert "Taught by the class: it begins" in html(page("wall", TEACHER, room.code), "wall-learns")
    token = store.claim(run, "w:1:1", "")
    store.add_metric(run, Metric(100, 1.0, 1.0, 0.5, 1.0, 0.75, 1.0, whole=True), 1.0, token=token)
    weights = {name: w.astype(np.float16) for name, w in registry.network(store, 0).weights.items()}
    states.add(store, run, State(5, 100, 1.0, 1.0, weights), token=token)
    shown = html(page("wall", TEACHER, room.code), "wall-learns")
    assert "Taught by the class: 50%" in shown
    held = sum(one.held_out for one in room_drawings.of_class(store.of(TEACHER), room.id))
    ours, mnist = re.findall(r"<tr><th>.*?</tr>", shown)[-2:]
    assert f"this class, {held} held out" in ours
    assert re.findall(r"[\d.]+%", ours) == ["100%", "100%"]
    assert re.findall(r"[\d.]+%", mnist) == ["99.79%", "75.00%"]
    assert shown.count("<img") == 2  # the two curves
    assert "2 predictions: 85% to 97%" in words(page("wall", TEACHER, room.code))
    # And who was nearest, without a name, once it has learnt.
    store.finish(run, registry.network(store, 0), b"", None, test_accuracy=0.997, token=token, status="done")
    assert "It reads <b>100.0%</b>; the nearest of 2 said 97%." in words(page("wall", TEACHER, room.code))


def test_learn_from_us_says_how_many_are_missing(room):
    teacher = page("class", TEACHER, room=room.id)
    teacher.button(key="learn").click().run()
    assert "0 drawings are there to learn from; 20 are the least" in words(teacher)


def test_a_teachers_link_opens_the_class_and_leaves_the_address(room):
    teacher = page("class", TEACHER, room=room.id)
    teacher.button(key="room-new-link").click().run()
    link = next(code.value for code in teacher.code)
    key = re.search("key=([^&]+)", link)[1]
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["browser"] = PUPILS[2]
    at.query_params["code"], at.query_params["key"] = room.code, key
    at.switch_page("pages/class.py").run()
    assert f"Class {room.code}" in words(at)
    assert "key" not in at.query_params


def test_everything_is_deleted_at_once(room):
    teacher = page("class", TEACHER, room=room.id)
    phone, wall = page("join", PUPILS[0], room.code), page("wall", TEACHER, room.code)
    teacher.button(key="delete-class").click().run()
    assert not teacher.exception
    assert "The class is deleted, with all that was in it." in words(teacher)
    assert "You are not in this class" not in words(teacher) + words(phone.run()) + words(wall.run())
    assert "There is no class" in words(page("join", PUPILS[0], room.code))


def test_a_networks_name_is_letters_in_the_table_of_results(monkeypatch):
    from types import SimpleNamespace  # noqa: PLC0415

    from ui.sections import class_learn  # noqa: PLC0415

    shown = []
    training = SimpleNamespace(fine_tuning=None)
    run, room = (
        SimpleNamespace(id=5, name="<img src=x>", training=training),
        SimpleNamespace(network=5, task=None),
    )
    classifier = SimpleNamespace(network=SimpleNamespace(about={"test_accuracy": 0.5}))
    monkeypatch.setattr(class_learn.st, "html", shown.append)
    monkeypatch.setattr(class_learn.visitor, "name", lambda: TEACHER)
    class_learn._table(room, [], [("learn", run, classifier)])
    assert "<th>&lt;img src=x&gt;</th>" in shown[0]


def test_every_class_that_was_kept_can_be_reached(room):
    """Else the oldest of the twenty that a teacher may have could be neither shown nor deleted."""
    store = open_store().of(TEACHER)
    others = [rooms.start(store, seconds=None)[0].id for _ in range(rooms.ROOMS - 1)]
    at = page("class", TEACHER, room=room.id)
    assert {f"room-{number}" for number in others} <= {button.key for button in at.button}
    at.button(key=f"room-{others[0]}").click().run()
    assert rooms.look(store, others[0]).code in words(at)
