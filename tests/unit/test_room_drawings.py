"""What a class draws: what is kept, how much, and what the wall is told."""

from collections import Counter

import numpy as np
import pytest
import sqlalchemy as sa

from core.data import datasets
from core.storage import room_drawings, room_events, room_tasks, rooms
from core.storage.database import LimitReached
from core.storage.room_access import NoRoom
from tests import memory
from tests.unit.class_made import OTHER, PUPIL, TEACHER, draw

pytestmark = pytest.mark.usefixtures("no_codes_of_before")


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
