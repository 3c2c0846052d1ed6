"""Classes in the database: who may come in, what is kept, and every function tried as somebody else.

The table says of each function of the stores of rooms who may call it; one that is not in it fails the test.
"""

import inspect
import re
import time
from collections import Counter

import numpy as np
import pytest
import sqlalchemy as sa

from core.data import datasets
from core.records import Network
from core.storage import limits, room_drawings, room_events, room_names, room_tasks, rooms
from core.storage.database import HOME, LimitReached, NotYours
from core.storage.room_access import NoRoom
from core.training.recipes import RECIPES
from tests import memory

TEACHER, PUPIL, OTHER, STRANGER = "a" * 32, "b" * 32, "c" * 32, "d" * 32


def image(n: int) -> np.ndarray:
    return np.full((28, 28), n % 256, np.uint8)


def draw(store, room, n=0, label=7, **more) -> int:
    return room_drawings.add(store, room.id, label=label, pixels=image(n), strokes="", **more)


@pytest.fixture(autouse=True)
def no_codes_of_before(monkeypatch):
    monkeypatch.setattr(rooms, "_wrong_codes", limits.Lately())


@pytest.fixture
def room(store):
    found, _ = rooms.start(store.of(TEACHER))
    return found


@pytest.fixture
def pupil(store, room):
    return rooms.join(store.of(PUPIL), room.code)[1]


# (function, what it is called with besides the store and the room, who may: T for teachers, P for pupils)
CALLS = [
    (rooms.renew, {}, "T"),
    (rooms.only_me, {}, "T"),
    (rooms.look, {}, "TP"),
    (rooms.class_of, {}, "TP"),
    (rooms.count_here, {}, "T"),
    (rooms.set_flags, {"locked": True}, "T"),
    (rooms.set_flags, {"network": -2}, "T"),
    (rooms.keep, {"seconds": None}, "T"),
    (room_events.remove_pupil, {"pupil": 1}, "T"),
    (room_events.remove_drawing, {"drawing": 1}, "T"),
    (room_events.undo, {"event": 1}, "T"),
    (room_events.last_event, {}, "T"),
    (room_events.note_run, {"way": "learn", "run": 1}, "T"),
    (room_events.runs_of, {}, "T"),
    (rooms.delete, {}, "T"),
    (room_drawings.add, {"label": 1, "pixels": image(1), "strokes": ""}, "P"),
    (room_drawings.take_back, {}, "P"),
    (room_drawings.counts, {}, "TP"),
    (room_drawings.at_a_glance, {}, "TP"),
    (room_drawings.of_class, {}, "T"),
    (room_drawings.images_of_class, {}, "T"),
    (room_drawings.of_others, {"task": 1}, "TP"),
    (room_drawings.arrays, {}, "T"),
    (room_tasks.start, {"kind": "free", "settings": {}}, "T"),
    (room_tasks.pause, {}, "T"),
    (room_tasks.end, {}, "T"),
    (room_tasks.set_settings, {"task": 1, "settings": {}}, "T"),
    (room_tasks.reply, {"task": 1, "value": 1}, "P"),
    (room_tasks.all_replies, {"task": 1}, "TP"),
]
ELSEWHERE = {
    "start",
    "claim",
    "join",
    "mine",
    "changes",
    "takes_part",
    "expire",
    "as_arrays",
    "held_out",
}  # of no room, or told below
EVERYONE = {"T": TEACHER, "P": PUPIL, "S": STRANGER}


def test_the_table_names_every_function():
    named = {(does.__module__, does.__name__) for does, *_ in CALLS}
    for module in (rooms, room_drawings, room_events, room_tasks):
        for name, does in inspect.getmembers(module, inspect.isfunction):
            if does.__module__ == module.__name__ and not name.startswith("_") and name not in ELSEWHERE:
                assert (module.__name__, name) in named


@pytest.mark.parametrize(
    ("does", "given", "who"), CALLS, ids=[f"{c[0].__module__}.{c[0].__name__}" for c in CALLS]
)
def test_only_who_may_does(store, room, pupil, does, given, who):
    draw(store.of(PUPIL), room)
    task = room_tasks.start(store.of(TEACHER), room.id, "free", {})
    given = {name: task.id if name == "task" else value for name, value in given.items()}
    before = rooms.look(store, room.id), room_drawings.counts(store, room.id)
    for one in sorted(EVERYONE, reverse=True):
        if one not in who:
            with pytest.raises(NotYours):
                does(store.of(EVERYONE[one]), room.id, **given)
            assert (rooms.look(store, room.id), room_drawings.counts(store, room.id)) == before
    for one in sorted(who):
        does(store.of(EVERYONE[one]), room.id, **given)


def test_a_teachers_link_makes_a_teacher_and_nothing_else_does(store):
    room, secret = rooms.start(store.of(TEACHER))
    for wrong in ("", secret[:-1], room.code):
        with pytest.raises(NotYours):
            rooms.claim(store.of(OTHER), room.code, wrong)
    assert rooms.claim(store.of(OTHER), room.code, secret).id == room.id
    assert [one.id for one in rooms.mine(store.of(OTHER))] == [room.id]
    rooms.renew(store.of(OTHER), room.id)
    with pytest.raises(NotYours):
        rooms.claim(store.of(STRANGER), room.code, secret)
    assert rooms.mine(store.of(STRANGER)) == []


# -- codes and names


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


# -- drawings


def test_what_is_sent_twice_is_there_once_and_every_fifth_is_held_out(store, room, pupil):
    mine = store.of(PUPIL)
    numbers = [draw(mine, room, n) for n in range(10)]
    assert [draw(mine, room, n) for n in range(10)] == numbers
    found = room_drawings.of_class(store.of(TEACHER), room.id)
    assert [one.id for one in found] == numbers
    assert sum(one.held_out for one in found) == 2
    assert room_drawings.counts(mine, room.id) == ({7: 10}, {7: 10})
    shown = rooms.look(mine, room.id), {7: 10}
    assert room_drawings.at_a_glance(mine, room.id) == (*shown, {})
    assert room_drawings.at_a_glance(mine, room.id, counts_class=True) == (*shown, {7: 10})
    assert [one.id for one in room_drawings.of_class(store.of(TEACHER), room.id, after=numbers[7])] == numbers[
        8:
    ]
    hand = room_drawings.arrays(store.of(TEACHER), room.id, until=numbers[4])
    assert hand.ids.tolist() == numbers[4::-1]
    assert room_drawings.take_back(mine, room.id).id == numbers[-1]
    assert room_drawings.counts(mine, room.id) == ({7: 9}, {7: 9})


def test_one_phone_cannot_starve_a_class(store, room, pupil, monkeypatch):
    monkeypatch.setattr(room_drawings, "PER_MINUTE", 2)
    for n in range(2):
        draw(store.of(PUPIL), room, n)
    with pytest.raises(LimitReached, match="That is 2 in a minute, as many as one phone may send"):
        draw(store.of(PUPIL), room, 2)
    assert draw(store.of(PUPIL), room, 1)  # what is there already may be sent again
    monkeypatch.setattr(room_drawings, "PER_MINUTE", 9)
    monkeypatch.setattr(room_drawings, "MOST", 2)
    with pytest.raises(LimitReached, match="2 in all"):
        draw(store.of(PUPIL), room, 2)


def test_a_class_has_so_many_drawings_however_many_pupils_one_phone_pretends_to_be(
    store, room, pupil, monkeypatch
):
    monkeypatch.setattr(room_drawings, "IN_ROOM", 2)
    draw(store.of(PUPIL), room, 1)
    another = store.of("d" * 32)
    rooms.join(another, room.code)
    draw(another, room, 2)
    with pytest.raises(room_drawings.Full, match="This class has 2 drawings, as many as a class may have"):
        draw(another, room, 3)
    assert draw(another, room, 2)


def test_while_all_are_paused_nothing_new_comes(store, room, pupil):
    rooms.set_flags(store.of(TEACHER), room.id, paused=True)
    with pytest.raises(NoRoom, match="paused all phones: wait a moment, your drawing stays"):
        draw(store.of(PUPIL), room)


@pytest.mark.parametrize("what", ["phones", "task"])
def test_while_all_are_paused_nothing_goes(store, room, pupil, what):
    number = draw(store.of(PUPIL), room)
    if what == "phones":
        rooms.set_flags(store.of(TEACHER), room.id, paused=True)
    else:
        room_tasks.start(store.of(TEACHER), room.id, "ten", {})
        room_tasks.pause(store.of(TEACHER), room.id)
    for does in (
        lambda: room_drawings.take_back(store.of(PUPIL), room.id),
        lambda: draw(store.of(PUPIL), room, 1),
    ):
        with pytest.raises(NoRoom, match="paused all phones"):
            does()
    assert [one.id for one in room_drawings.of_class(store.of(TEACHER), room.id)] == [number]


def test_who_draws_and_takes_back_in_turn_has_no_more_of_it(store, room, pupil, monkeypatch):
    monkeypatch.setattr(room_drawings, "PER_MINUTE", 3)
    for _ in range(3):
        draw(store.of(PUPIL), room)
        assert room_drawings.take_back(store.of(PUPIL), room.id).label == 7
    assert room_drawings.take_back(store.of(PUPIL), room.id) is None
    with pytest.raises(LimitReached, match="3 in a minute"):
        draw(store.of(PUPIL), room)
    assert room_drawings.counts(store.of(PUPIL), room.id) == ({}, {})
    with store.transaction() as connection:
        assert set(connection.execute(rooms.room_drawings.select()).mappings().all()[0]["strokes"]) == set()


def test_what_was_held_out_stays_so_when_it_is_sent_again(store, room, pupil):
    mine, shapes = store.of(PUPIL), np.eye(28 * 28, dtype=np.uint8)[:12].reshape(-1, 28, 28) * 200

    def send(pixels, label=7):
        number = room_drawings.add(mine, room.id, label=label, pixels=pixels, strokes="")
        found = room_drawings.of_class(store.of(TEACHER), room.id)
        return next(one.held_out for one in found if one.id == number)

    held = next(n for n in range(5) if send(shapes[n]))
    room_drawings.take_back(mine, room.id)
    assert send(shapes[10])  # its place is another's now
    assert send(shapes[held])
    room_drawings.take_back(mine, room.id)
    assert send(np.where(shapes[held] > 0, 210, 0).astype(np.uint8))  # as it comes back from its strokes
    room_drawings.take_back(mine, room.id)
    assert send(shapes[held], label=3)
    learnt = next(n for n in range(5) if n != held)
    assert not send(shapes[learnt], label=7)


def test_what_is_sent_twice_wakes_nobody(store, room, pupil):
    mine = store.of(PUPIL)
    task = room_tasks.start(store.of(TEACHER), room.id, "predict", {})
    for does in (
        lambda: draw(mine, room),
        lambda: room_tasks.reply(mine, room.id, task.id, 9),
        lambda: room_drawings.take_back(mine, room.id),
    ):
        before = rooms.look(mine, room.id).changes
        does()
        once = rooms.look(mine, room.id).changes
        does()
        assert (once, rooms.look(mine, room.id).changes) == (before + 1, once)


def test_what_was_removed_comes_back(store, room, pupil):
    number = draw(store.of(PUPIL), room)
    (image,) = room_drawings.images_of_class(store.of(TEACHER), room.id)
    assert (image.id, image.label) == (number, 7)
    event = room_events.remove_drawing(store.of(TEACHER), room.id, number)
    assert room_drawings.of_class(store.of(TEACHER), room.id) == []
    assert room_drawings.images_of_class(store.of(TEACHER), room.id) == []
    room_events.undo(store.of(TEACHER), room.id, event)
    assert [one.id for one in room_drawings.of_class(store.of(TEACHER), room.id)] == [number]


def test_the_wall_sees_what_is_there_after_whatever_was_done(store, room, pupil):
    """What it has read before it does not read again: each look has to be what the database has."""
    other, teacher, numbers = store.of(OTHER), store.of(TEACHER), []
    its = rooms.join(other, room.code)[1]
    events = []
    does = {
        "draws": lambda n: numbers.append(draw(store.of(PUPIL), room, n)),
        "another draws": lambda n: numbers.append(draw(other, room, n)),
        "both draw": lambda n: [numbers.append(draw(one, room, n)) for one in (other, store.of(PUPIL))],
        "takes back": lambda n: room_drawings.take_back(store.of(PUPIL), room.id),
        "takes back and draws": lambda n: (
            room_drawings.take_back(other, room.id), numbers.append(draw(other, room, n))
        ),
        "the first is taken out": lambda n: events.append(
            room_events.remove_drawing(teacher, room.id, numbers[0])
        ),
        "and comes back": lambda n: room_events.undo(teacher, room.id, events[-1]),
        "a pupil is taken out": lambda n: events.append(room_events.remove_pupil(teacher, room.id, its.id)),
        "nothing": lambda n: None,
    }  # fmt: skip
    order = "draws,another draws,both draw,takes back,nothing,the first is taken out,draws,and comes back"
    order += ",takes back and draws,a pupil is taken out,draws,and comes back,both draw,nothing"
    order += (
        ",another draws,a pupil is taken out,and comes back"  # with one drawing after all others', and more
    )
    for n, what in enumerate(order.split(",")):
        does[what](n)
        there = room_drawings.of_class(teacher, room.id)
        seen = room_drawings.images_of_class(teacher, room.id)
        assert [(one.id, one.label) for one in seen] == [(one.id, one.label) for one in there], what
        assert all((one.pixels == two.pixels).all() for one, two in zip(seen, there, strict=True))
        in_class = room_drawings.counts(teacher, room.id)[0]
        assert in_class == Counter(one.label for one in there), what


def test_a_look_at_the_wall_reads_new_drawings_alone(store, room, pupil):
    teacher, asked = store.of(TEACHER), []
    for n in range(3):
        draw(store.of(PUPIL), room, n)
    room_drawings.images_of_class(teacher, room.id)
    draw(store.of(PUPIL), room, 3)
    sa.event.listen(store._engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert len(room_drawings.images_of_class(teacher, room.id)) == 4
    assert len(room_drawings.images_of_class(teacher, room.id)) == 4
    from_drawings = [text for text in asked if "FROM room_drawings" in text]
    assert len(from_drawings) == 1
    assert "room_drawings.id >" in from_drawings[0]


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


def test_of_thousands_of_drawings_little_is_in_memory(store, room, pupil, monkeypatch):
    """A wall has half a kB of each; what a network learns from needs no strokes, 2 to 60 kB each."""
    monkeypatch.setattr(room_drawings, "PER_MINUTE", 10**6)
    of, strokes = store.of(PUPIL), "[[1, 2], [3, 4]]" * 1000
    digits = datasets.mnist().x_test[:200]
    add = {"task": None, "predicted": 7, "confidence": 0.9, "strokes": strokes}
    for n, pixels in enumerate(digits):
        room_drawings.add(of, room.id, label=n % 10, pixels=pixels, **add)
    teacher = store.of(TEACHER)
    room_drawings.arrays(teacher, room.id)  # the statement is built
    _, highest = memory.least([lambda: room_drawings.arrays(teacher, room.id)] * 5)

    def read():
        room_drawings._seen.clear()
        return room_drawings.images_of_class(teacher, room.id)

    kept, _ = memory.least([read] * 5)
    drawn = read()
    assert highest / 200 < 6_000
    assert kept / 200 < 600
    assert np.array_equal([one.pixels for one in drawn], digits)
    held = room_drawings.held_out(drawn)
    whole = room_drawings.arrays(teacher, room.id)
    assert [one.id for one in held] == whole.ids[whole.held_out].tolist() != []
    assert np.array_equal([one.pixels for one in held], whole.x[whole.held_out])
