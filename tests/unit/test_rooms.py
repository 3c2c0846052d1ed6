"""Classes in the database: codes and names, who may come in, tasks, and how a class ends."""

import re
import time

import numpy as np
import pytest

from core.records import Network
from core.storage import limits, room_drawings, room_events, room_names, room_tasks, rooms
from core.storage.database import HOME, LimitReached, NotYours
from core.storage.room_access import NoRoom
from core.training.recipes import RECIPES
from tests.unit.class_made import OTHER, PUPIL, STRANGER, TEACHER, draw

pytestmark = pytest.mark.usefixtures("no_codes_of_before")


def test_codes_cannot_be_confused():
    codes = {room_names.code() for _ in range(300)}
    assert all(re.fullmatch("[A-HJ-NP-Z2-9]{6}", code) for code in codes)
    assert len(codes) == 300


@pytest.mark.parametrize("typed", ["", "AB", "K7QX0", "K7QXMWZ", "' OR 1=1", "<script>", "１２３４"])
def test_what_is_no_code_is_said(store, typed):
    with pytest.raises(NoRoom, match="is no code: it has six letters and digits, without 0, O, 1 and I"):
        rooms.join(store.of(PUPIL), typed)
    with pytest.raises(NoRoom, match="There is no class with this code"):
        rooms.join(store.of(PUPIL), "ABCDE")


@pytest.mark.parametrize("code", ["K7QX", "K7QXM"])
def test_a_code_of_before_still_lets_in(store, room, code):
    with store.transaction() as connection:
        connection.execute(rooms.rooms.update().where(rooms.rooms.c.id == room.id).values(code=code))
    assert rooms.join(store.of(PUPIL), code.lower())[0].id == room.id


def test_who_guesses_codes_is_asked_to_wait(store, room, pupil, monkeypatch):
    monkeypatch.setattr(limits, "WRONG_CODES", 3)
    for who in (OTHER, PUPIL, HOME):
        for n in range(3):
            with pytest.raises(NoRoom, match="There is no class with this code"):
                rooms.join(store.of(who), f"ABCDE{n + 2}")
    for code in (room.code, "ABCDE9"):  # the right one is not told from a wrong one
        with pytest.raises(LimitReached, match="typed 3 codes in a minute that are no class's: wait"):
            rooms.join(store.of(OTHER), code)
    assert rooms.join(store.of(PUPIL), room.code)[1] == pupil  # who is in it stays in it
    assert rooms.join(store.of(STRANGER), room.code)
    assert rooms.join(store.of(HOME), room.code)


def test_what_was_more_than_a_minute_ago_is_forgotten():
    lately = limits.Lately()
    for now in (0.0, 30.0, 59.0):
        lately.add("a", now)
    assert [lately.count("a", now) for now in (59.0, 60.0, 95.0, 119.0)] == [3, 2, 1, 0]
    assert lately.count("b", 59.0) == 0
    lately.add("b", 500.0)
    assert set(lately._when) == {"b"}


def test_a_phone_is_the_same_pupil_again(store, room):
    first = rooms.join(store.of(PUPIL), room.code)[1]
    again = rooms.join(store.of(PUPIL), f" {room.code.lower()} ")[1]
    other = rooms.join(store.of(OTHER), room.code)[1]
    assert (again, other != first) == (first, True)
    assert re.fullmatch("[A-Z][a-z]+ [A-Z][a-z]+", first.name)
    assert re.fullmatch("#[0-9a-f]{6}", first.colour)
    assert [one.id for one in rooms.class_of(store.of(TEACHER), room.id)] == [first.id, other.id]
    assert [one.id for one in rooms.class_of(store.of(OTHER), room.id)] == [other.id]


def test_a_locked_room_lets_nobody_new_in_and_a_removed_pupil_stays_out_until_undo(store, room, pupil):
    rooms.set_flags(store.of(TEACHER), room.id, locked=True)
    with pytest.raises(NoRoom, match="Nobody new can join"):
        rooms.join(store.of(OTHER), room.code)
    assert rooms.join(store.of(PUPIL), room.code)[1] == pupil
    draw(store.of(PUPIL), room)
    event = room_events.remove_pupil(store.of(TEACHER), room.id, pupil.id)
    with pytest.raises(NoRoom, match="taken you out"):
        rooms.join(store.of(PUPIL), room.code)
    with pytest.raises(NotYours):
        draw(store.of(PUPIL), room, 1)
    assert room_drawings.of_class(store.of(TEACHER), room.id) == []
    assert room_events.last_event(store.of(TEACHER), room.id).id == event
    room_events.undo(store.of(TEACHER), room.id, event)
    assert len(room_drawings.of_class(store.of(TEACHER), room.id)) == 1
    assert room_events.last_event(store.of(TEACHER), room.id) is None


def test_who_is_taken_out_leaves_their_place_to_others(store, room, monkeypatch):
    """A phone that keeps no cookie is another pupil after each reload: the class stayed full of those."""
    monkeypatch.setattr(rooms, "PUPILS", 1)
    _, first = rooms.join(store.of(PUPIL), room.code)
    room_events.remove_pupil(store.of(TEACHER), room.id, first.id)
    _, other = rooms.join(store.of(OTHER), room.code)
    assert other.name != first.name  # who may be brought back
    with pytest.raises(NoRoom, match="This class is full"):
        rooms.join(store.of(STRANGER), room.code)


def test_a_room_is_full_and_a_visitor_has_so_many(store, room, monkeypatch):
    monkeypatch.setattr(rooms, "PUPILS", 1)
    rooms.join(store.of(PUPIL), room.code)
    with pytest.raises(NoRoom, match="This class is full: 1 have joined"):
        rooms.join(store.of(OTHER), room.code)
    monkeypatch.setattr(rooms, "ROOMS", 1)
    with pytest.raises(NoRoom, match="You have 1 classes"):
        rooms.start(store.of(TEACHER))


def test_a_prediction_is_a_percentage(store, room, pupil):
    task = room_tasks.start(store.of(TEACHER), room.id, "predict", {})
    for value in (100.6, -1.0):
        with pytest.raises(ValueError, match=rf"{value:g}% was predicted; 0 to 100% are possible"):
            room_tasks.reply(store.of(PUPIL), room.id, task.id, value)
    assert room_tasks.reply(store.of(PUPIL), room.id, task.id, 100.0)


# -- tasks, changes, and the end


def test_a_task_is_answered_once_by_each_and_only_while_it_runs(store, room, pupil):
    task = room_tasks.start(store.of(TEACHER), room.id, "predict", {"x": 1})
    assert rooms.look(store.of(PUPIL), room.id).task == task
    assert room_tasks.reply(store.of(PUPIL), room.id, task.id, 97.5)
    assert not room_tasks.reply(store.of(PUPIL), room.id, task.id, 10)
    assert [one.value for one in room_tasks.all_replies(store.of(TEACHER), room.id, task.id)] == [97.5]
    rooms.join(store.of(OTHER), room.code)
    assert room_tasks.all_replies(store.of(OTHER), room.id, task.id) == []
    room_tasks.pause(store.of(TEACHER), room.id)
    with pytest.raises(NoRoom, match="not running just now"):
        room_tasks.reply(store.of(OTHER), room.id, task.id, 5)
    room_tasks.pause(store.of(TEACHER), room.id, False)
    assert room_tasks.reply(store.of(OTHER), room.id, task.id, 5)
    room_tasks.end(store.of(TEACHER), room.id)
    assert rooms.look(store.of(PUPIL), room.id).task.status == "ended"


def test_every_change_counts_and_a_look_does_not(store, room):
    seen = [rooms.changes(store.of(STRANGER), [room.code, "ZZZZZ"])[room.code]]
    for does, is_order in (
        (lambda: rooms.join(store.of(PUPIL), room.code), False),
        (lambda: draw(store.of(PUPIL), room), False),
        (lambda: rooms.set_flags(store.of(TEACHER), room.id, hidden=True), True),
        (lambda: room_tasks.start(store.of(TEACHER), room.id, "ten", {}), True),
    ):
        does()
        (changes, orders), before = rooms.changes(store, [room.code])[room.code], seen[-1]
        assert (changes > before[0], orders > before[1]) == (True, is_order)
        seen.append((changes, orders))
    rooms.look(store.of(PUPIL), room.id)
    room_drawings.of_class(store.of(TEACHER), room.id)
    assert rooms.changes(store, [room.code])[room.code] == seen[-1]


def test_a_room_ends_by_itself_unless_it_is_kept(store, room, pupil):
    kept, _ = rooms.start(store.of(TEACHER), seconds=None)
    draw(store.of(PUPIL), room)
    assert rooms.expire(store, time.time() + rooms.DAY - 60) == 0
    assert rooms.expire(store, time.time() + rooms.DAY + 60) == 1
    assert [one.id for one in rooms.mine(store.of(TEACHER))] == [kept.id]
    assert rooms.join(store.of(PUPIL), kept.code)
    with pytest.raises(NoRoom):
        rooms.join(store.of(PUPIL), room.code)
    with pytest.raises(NotYours):
        rooms.expire(store.of(TEACHER))


def test_a_room_whose_time_is_over_hides_no_other(store, room):
    """It is deleted within minutes, and until then its teacher has the others."""
    over, _ = rooms.start(store.of(TEACHER))
    rooms.keep(store.of(TEACHER), over.id, -1)
    assert [one.id for one in rooms.mine(store.of(TEACHER))] == [room.id]
    assert over.id != room.id


def test_no_network_of_somebody_elses_reads_on_the_phones(store, room):
    number = store.add(RECIPES["quick"].config, name="theirs", visitor=OTHER)
    network = Network("n", RECIPES["quick"].config.layers, {"dense/kernel": np.zeros((1, 1))}, b"litert", {})
    store.finish(number, network, b"", None, test_accuracy=0.5)
    with pytest.raises(NotYours, match=f"Run {number} has no network that you may let read"):
        rooms.set_flags(store.of(TEACHER), room.id, network=number)
    store.publish(number)
    rooms.set_flags(store.of(TEACHER), room.id, network=number)
    assert rooms.look(store.of(TEACHER), room.id).network == number


def test_who_has_seen_the_link_can_be_put_out_again(store, room):
    secret = rooms.renew(store.of(TEACHER), room.id)
    rooms.claim(store.of(PUPIL), room.code, secret)
    again = rooms.only_me(store.of(TEACHER), room.id)
    with pytest.raises(NotYours):
        rooms.set_flags(store.of(PUPIL), room.id, paused=True)
    with pytest.raises(NotYours):
        rooms.claim(store.of(PUPIL), room.code, secret)
    assert rooms.claim(store.of(OTHER), room.code, again).id == room.id


@pytest.mark.parametrize("by_itself", [False, True])
def test_what_learnt_from_a_class_that_is_over_is_its_teachers_alone(store, room, by_itself):
    number, other = (store.add(RECIPES["quick"].config, name="n", visitor=who) for who in (TEACHER, OTHER))
    for one in (number, other):
        store.publish(one)
        room_events.note_run(store.of(TEACHER), room.id, "learn", one)
    if by_itself:
        rooms.expire(store, time.time() + rooms.DAY + 60)
    else:
        rooms.delete(store.of(TEACHER), room.id)
    assert store.of(STRANGER).run(number) is None
    assert store.of(TEACHER).run(number) is not None
    assert store.of(STRANGER).run(other) is not None  # it is not the teacher's


def test_so_is_what_somebody_had_learn_who_teaches_no_more(store, room):
    rooms.claim(store.of(OTHER), room.code, rooms.renew(store.of(TEACHER), room.id))
    number = store.add(RECIPES["quick"].config, name="n", visitor=OTHER)
    store.publish(number)
    room_events.note_run(store.of(OTHER), room.id, "learn", number)
    rooms.only_me(store.of(TEACHER), room.id)
    rooms.delete(store.of(TEACHER), room.id)
    assert store.of(STRANGER).run(number) is None
    assert store.of(OTHER).run(number) is not None


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_reply(store, room, pupil, value):
    task = room_tasks.start(store.of(TEACHER), room.id, "predict", {})
    with pytest.raises(ValueError, match="a number is accepted"):
        room_tasks.reply(store.of(PUPIL), room.id, task.id, value)
    assert room_tasks.all_replies(store.of(TEACHER), room.id, task.id) == []


def test_a_deleted_room_leaves_nothing(store, room, pupil):
    draw(store.of(PUPIL), room)
    room_tasks.start(store.of(TEACHER), room.id, "ten", {})
    rooms.delete(store.of(TEACHER), room.id)
    with pytest.raises(NotYours):
        rooms.look(store.of(TEACHER), room.id)
    with store.transaction() as connection:
        for table in (
            rooms.rooms,
            rooms.pupils,
            rooms.room_drawings,
            rooms.tasks,
            rooms.teachers,
            rooms.events,
        ):
            assert connection.execute(table.select()).all() == []
