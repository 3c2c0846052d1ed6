"""What the pupils of a room have drawn. Rights, transactions and errors are those of `rooms`."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from core.data import near_duplicates
from core.ink.preprocessing import SIZE
from core.records import DrawingArrays
from core.storage import drawings
from core.storage.database import LimitReached
from core.storage.room_access import NoRoom, at, changed, learning, room_where, taking_part, teaching
from core.storage.room_records import UNLABELLED, Room, RoomDrawing
from core.storage.schema import pupils, room_drawings, rooms
from core.storage.store import Store

PER_MINUTE = 40  # drawings of one pupil: a digit takes two seconds
MOST = 500  # of one pupil in all: more than one every five seconds of a lesson
KEPT = 20_000  # drawings in memory, of all rooms; 1 kB each
_read: dict[tuple[str, int, float], RoomDrawing] = {}
IN_ROOM = 20_000  # of all pupils: forty of them with all that one may send; 17 MB of images
TAKEN_BACK = "taken back"  # begins the content of what its pupil has taken back
PREFIX = "room:"  # of what `FineTuning.visitor` says, where a network learns from a room


class Full(LimitReached):
    """As many drawings are there as ever may be: another try will not help either. The text is one sentence."""


def add(
    store: Store,
    room_id: int,
    *,
    label: int,
    pixels: np.ndarray,
    strokes: str,
    task: int | None = None,
    predicted: int | None = None,
    confidence: float | None = None,
    network: int = 0,
) -> int:
    """Store a drawing of this store's owner, a pupil of the room, and return its number.

    The fields are those of `RoomDrawing`. One that was sent before is not stored again, and one that is nearly
    equal to what was taken back is held out where that was. Raises NotYours, NoRoom where nobody may draw just
    now, LimitReached, and Full where it is for good.
    """
    content, now = near_duplicates.content(pixels), time.time()
    with learning(store, room_id) as (connection, pupil):
        same = (room_drawings.c.label == label, room_drawings.c.content == content)
        before = sa.select(room_drawings.c.id).where(room_drawings.c.pupil_id == pupil.id, *same)
        if (number := connection.execute(before).scalar()) is not None:
            return number
        _check_goes_on(connection, room_id)
        count, held = _check(connection, pupil.id, label, now)
        _check_room(connection, room_id)
        row: dict[str, Any] = {"room_id": room_id, "pupil_id": pupil.id, "task_id": task, "created": now}
        row |= {"label": label, "pixels": pixels.tobytes(), "content": content, "strokes": strokes}
        row |= {"predicted": predicted, "confidence": confidence, "network": network}
        side = _side(connection, pupil.id, pixels)
        is_next = drawings.is_held_out(count, held, max(label, 0), rank=pupil.id)
        row["held_out"] = is_next if side is None else side
        changed(connection, room_id)
        return connection.execute(sa.insert(room_drawings).values(row)).inserted_primary_key[0]  # type: ignore[index]


def _check_goes_on(connection: sa.Connection, room_id: int) -> None:
    """Raise NoRoom while the phones are paused."""
    room = room_where(connection, rooms.c.id == room_id)
    if room.paused or (room.task and room.task.status == "paused"):
        raise NoRoom("Your teacher has paused all phones: wait a moment, your drawing stays.")


def _side(connection: sa.Connection, pupil: int, pixels: np.ndarray) -> bool | None:
    """Is what this pupil took back, and is nearly equal, held out? None where nothing is."""
    query = sa.select(room_drawings.c.pixels, room_drawings.c.held_out)
    rows = connection.execute(query.where(room_drawings.c.pupil_id == pupil, _taken_back())).all()
    if not rows:
        return None
    others = np.frombuffer(b"".join(bytes(row.pixels) for row in rows), np.uint8).reshape(-1, SIZE, SIZE)
    near = near_duplicates.near(pixels[None], others)[0]
    sides = [bool(row.held_out) for row, is_near in zip(rows, near, strict=True) if is_near]
    return all(sides) if sides else None  # as in `drawings`: what may have been learnt from is


def _check(connection: sa.Connection, pupil: int, label: int, now: float) -> tuple[int, int]:
    """Return how many of this digit a pupil has, and how many of these are held out. Raises LimitReached.

    What was taken back counts as sent, and its place among those of its digit is free again.
    """
    late, its = room_drawings.c.created > now - 60, sa.and_(room_drawings.c.label == label, ~_taken_back())
    sums = (sa.func.count(), *(sa.func.sum(sa.case((one, 1), else_=0)) for one in (late, its)))
    held = sa.func.sum(sa.case((sa.and_(its, room_drawings.c.held_out), 1), else_=0))
    query = sa.select(*sums, held).where(room_drawings.c.pupil_id == pupil)
    all_, lately, count, held_out = (int(n or 0) for n in connection.execute(query).one())
    for reached, limit, kind in (
        (all_ >= MOST, f"{MOST:,} in all", Full),
        (lately >= PER_MINUTE, f"{PER_MINUTE} in a minute", LimitReached),
    ):
        if reached:
            raise kind(f"That is {limit}, as many as one phone may send: let the others draw, too.")
    return count, held_out


def _check_room(connection: sa.Connection, room_id: int) -> None:
    """However many pupils somebody pretends to be, a class has so many drawings. Raises Full."""
    count = sa.select(sa.func.count()).where(room_drawings.c.room_id == room_id)
    if connection.execute(count).scalar_one() >= IN_ROOM:
        raise Full(f"This class has {IN_ROOM:,} drawings, as many as a class may have.")


def take_back(store: Store, room_id: int) -> RoomDrawing | None:
    """Take what this pupil has drawn last off the class, and return it; None where there is nothing.

    Its picture is kept until the class is deleted, for `_side`. Raises NoRoom while the phones are paused.
    """
    with learning(store, room_id) as (connection, pupil):
        _check_goes_on(connection, room_id)
        theirs = sa.and_(room_drawings.c.pupil_id == pupil.id, _is_kept())
        query = sa.select(room_drawings).where(theirs).order_by(room_drawings.c.id.desc()).limit(1)
        row = connection.execute(query).mappings().first()
        if row is not None:
            its = room_drawings.c.id == row["id"]
            back = {"content": f"{TAKEN_BACK} {row['id']}", "strokes": ""}
            connection.execute(sa.update(room_drawings).where(its).values(back))
            changed(connection, room_id)
        return _record(row) if row else None


def counts(store: Store, room_id: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return how often each digit is there, {label: n}: in the class, and of this store's owner."""
    with taking_part(store, room_id) as connection:
        return _counts(connection, store, room_id)


def at_a_glance(store: Store, room_id: int) -> tuple[Room, dict[int, int], dict[int, int]]:
    """Return a room as it is now and its `counts`: what a phone asks for at each stroke, in one transaction."""
    with taking_part(store, room_id) as connection:
        room = room_where(connection, rooms.c.id == room_id)
        return room, *_counts(connection, store, room_id)


def _counts(connection: sa.Connection, store: Store, room_id: int) -> tuple[dict[int, int], dict[int, int]]:
    own = sa.case((pupils.c.visitor == (store.owner or ""), 1), else_=0)
    query = sa.select(room_drawings.c.label, sa.func.count(), sa.func.sum(own))
    query = query.join(pupils, pupils.c.id == room_drawings.c.pupil_id).where(_there(room_id))
    rows = connection.execute(query.group_by(room_drawings.c.label)).all()
    return {row[0]: row[1] for row in rows}, {row[0]: int(row[2]) for row in rows if row[2]}


def of_class(store: Store, room_id: int, after: int = 0) -> list[RoomDrawing]:
    """Return all drawings of a room with a number above `after`, in their order, for its teachers."""
    query = sa.select(room_drawings).join(pupils, pupils.c.id == room_drawings.c.pupil_id)
    query = query.where(_there(room_id), room_drawings.c.id > after).order_by(room_drawings.c.id)
    with teaching(store, room_id, changes_it=False) as connection:
        return [_record(row) for row in connection.execute(query).mappings()]


def images_of_class(store: Store, room_id: int) -> list[RoomDrawing]:
    """Return all drawings of a room without their strokes, as often as is wanted: each is read once.

    A drawing never changes; which of them are there is asked each time.
    """
    its = sa.select(room_drawings.c.id, room_drawings.c.created)
    its = its.join(pupils, pupils.c.id == room_drawings.c.pupil_id).where(_there(room_id))
    columns: list[Any] = [c for c in room_drawings.c if c.name not in ("content", "strokes")]
    columns.append(sa.literal("").label("strokes"))
    with teaching(store, room_id, changes_it=False) as connection:
        there = [(store.url, *row) for row in connection.execute(its.order_by(room_drawings.c.id))]
        new = [key[1] for key in there if key not in _read]
        for at_ in range(0, len(new), 500):
            query = sa.select(*columns).where(room_drawings.c.id.in_(new[at_ : at_ + 500]))
            for row in connection.execute(query).mappings():
                _read[store.url, row["id"], row["created"]] = _record(row)
    found = [_read[key] for key in there if key in _read]
    for key in list(_read)[: max(0, len(_read) - KEPT)]:
        _read.pop(key, None)
    return found


def of_others(store: Store, room_id: int, task: int, limit: int = 60) -> list[RoomDrawing]:
    """Return what others have drawn in a task, the latest first, for a pupil who is to judge it."""
    query = sa.select(room_drawings).join(pupils, pupils.c.id == room_drawings.c.pupil_id)
    query = query.where(_there(room_id), room_drawings.c.task_id == task)
    query = query.where(pupils.c.visitor != (store.owner or ""))
    with taking_part(store, room_id) as connection:
        rows = connection.execute(query.order_by(room_drawings.c.id.desc()).limit(limit)).mappings()
        return [_record(row) for row in rows]


def arrays(store: Store, room_id: int, until: int | None = None) -> DrawingArrays:
    """Return the labelled drawings of a room, the latest first, for its teachers and what learns from them."""
    query = sa.select(room_drawings).join(pupils, pupils.c.id == room_drawings.c.pupil_id)
    query = query.where(_there(room_id), room_drawings.c.label != UNLABELLED)
    if until is not None:
        query = query.where(room_drawings.c.id <= until)
    with teaching(store, room_id, changes_it=False) as connection:
        rows = connection.execute(query.order_by(room_drawings.c.id.desc())).mappings().all()
    return as_arrays([_record(row) for row in rows])


def as_arrays(found: Sequence[RoomDrawing]) -> DrawingArrays:
    """Return these drawings, in their order, as arrays."""
    x = b"".join(one.pixels.tobytes() for one in found)
    return DrawingArrays(
        ids=np.array([one.id for one in found], int),
        x=np.frombuffer(x, np.uint8).reshape(-1, SIZE, SIZE),
        y=np.array([one.label for one in found], np.uint8),
        held_out=np.array([one.held_out for one in found], bool),
    )


def _there(room_id: int) -> sa.ColumnElement[bool]:
    """Neither was the drawing taken back, nor it or its pupil taken out."""
    return sa.and_(room_drawings.c.room_id == room_id, _is_kept(), pupils.c.removed.is_(None))


def _is_kept() -> sa.ColumnElement[bool]:
    return sa.and_(room_drawings.c.removed.is_(None), ~_taken_back())


def _taken_back() -> sa.ColumnElement[bool]:
    return room_drawings.c.content.startswith(TAKEN_BACK)


def _record(row: sa.RowMapping) -> RoomDrawing:
    return RoomDrawing(
        id=row["id"],
        pupil=row["pupil_id"],
        task=row["task_id"],
        label=row["label"],
        pixels=np.frombuffer(bytes(row["pixels"]), np.uint8).reshape(SIZE, SIZE),
        strokes=row["strokes"],
        predicted=row["predicted"],
        confidence=row["confidence"],
        held_out=bool(row["held_out"]),
        created=at(row["created"]),
        network=row["network"],
    )
