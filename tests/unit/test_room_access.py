"""Every function of a class's stores tried as somebody else: one that is not in the table fails the test."""

import inspect

import pytest

from core.storage import room_drawings, room_events, room_tasks, rooms
from core.storage.database import NotYours
from tests.unit.class_made import OTHER, PUPIL, STRANGER, TEACHER, draw, image

pytestmark = pytest.mark.usefixtures("no_codes_of_before")

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
