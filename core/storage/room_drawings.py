"""What the pupils of a room have drawn. Rights, transactions and errors are those of `rooms`."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from core.data import near_duplicates
from core.ink.preprocessing import SIZE
from core.records import DrawingArrays
from core.storage import drawing_split
from core.storage.database import LimitReached
from core.storage.room_access import ITS, WHO, NoRoom, at, changed, learning, room_of, taking_part, teaching
from core.storage.room_records import UNLABELLED, Room, RoomDrawing, packed
from core.storage.schema import pupils, room_drawings, rooms
from core.storage.store import Store

PER_MINUTE = 40  # drawings of one pupil: a digit takes two seconds
MOST = 500  # of one pupil in all: more than one every five seconds of a lesson
KEPT = 20_000  # drawings in memory, of all rooms; half a kB each
# room -> (its changes, the last number that was there, what was not taken out)
_seen: dict[tuple[str, int, str], tuple[int, int, list[RoomDrawing]]] = {}
COUNTED = 100  # rooms whose digits are kept counted
_counted: dict[tuple[str, int, str], tuple[int, int, Counter[int]]] = {}  # (its changes, last number, digits)
IN_ROOM = 20_000  # of all pupils: forty of them with all that one may send; 17 MB of images
SENT_AGAIN = 0.02  # as `near_duplicates.TOLERANCE`: of one drawing in the canvas's numbers and in the browser's
COMPARED = 60  # of a pupil's drawings of a digit, the latest: the browser sends again after seconds
TAKEN_BACK = "taken back"  # begins the content of what its pupil has taken back
PREFIX = "room:"  # of what `FineTuning.visitor` says, where a network learns from a room

# Built once: a statement that is built anew for each drawing costs more than the database's answer.


def _is_kept() -> sa.ColumnElement[bool]:
    return sa.and_(room_drawings.c.removed.is_(None), ~_taken_back())


def _taken_back() -> sa.ColumnElement[bool]:
    return room_drawings.c.content.startswith(TAKEN_BACK)


def _there() -> sa.ColumnElement[bool]:
    """Of a room: neither was the drawing taken back, nor it or its pupil taken out."""
    return sa.and_(room_drawings.c.room_id == ITS, _is_kept(), pupils.c.removed.is_(None))


def _drawn(*columns: Any) -> sa.Select:
    """What is there of a room, its pupils at hand."""
    query = sa.select(*columns).join(pupils, pupils.c.id == room_drawings.c.pupil_id)
    return query.where(_there())


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


_IMAGE: tuple[Any, ...] = tuple(c for c in room_drawings.c if c.name not in ("content", "strokes"))
_IMAGE = (*_IMAGE, sa.literal("").label("strokes"))
_LEARNT = [getattr(room_drawings.c, name) for name in ("id", "label", "pixels", "held_out")]
_MINE = (room_drawings.c.room_id == ITS, room_drawings.c.pupil_id == WHO)
_SAME = sa.select(room_drawings.c.id).where(
    room_drawings.c.pupil_id == WHO,
    room_drawings.c.label == sa.bindparam("digit"),
    room_drawings.c.content == sa.bindparam("is"),
)
_LIKE_IT = sa.select(room_drawings.c.id, room_drawings.c.pixels).limit(COMPARED)
_LIKE_IT = _LIKE_IT.where(*_MINE, room_drawings.c.label == sa.bindparam("digit"), ~_taken_back())
_LIKE_IT = _LIKE_IT.order_by(room_drawings.c.id.desc())
_OF_DIGIT = sa.and_(room_drawings.c.label == sa.bindparam("digit"), ~_taken_back())
_SENT = sa.select(
    sa.func.count(),
    _sum(room_drawings.c.created > sa.bindparam("since")),
    _sum(_OF_DIGIT),
    _sum(sa.and_(_OF_DIGIT, room_drawings.c.held_out)),
).where(*_MINE)
_BACK = sa.select(room_drawings.c.pixels, room_drawings.c.held_out).where(*_MINE, _taken_back())
_ALL = sa.select(sa.func.count()).select_from(room_drawings).where(room_drawings.c.room_id == ITS)
_ME = sa.select(pupils.c.id).where(pupils.c.room_id == ITS, pupils.c.visitor == WHO).scalar_subquery()
_OWN = sa.select(room_drawings.c.label, sa.func.count()).group_by(room_drawings.c.label)
_OWN = _OWN.where(room_drawings.c.room_id == ITS, room_drawings.c.pupil_id == _ME, _is_kept())
_IN_CLASS = _drawn(room_drawings.c.label, sa.func.count()).group_by(room_drawings.c.label)
_LAST = sa.select(sa.func.max(room_drawings.c.id)).where(room_drawings.c.room_id == ITS)
_NEW = _drawn(room_drawings.c.id, room_drawings.c.label).where(room_drawings.c.id > sa.bindparam("after"))
_NUMBERS = _drawn(room_drawings.c.id).order_by(room_drawings.c.id)
_LATER = _drawn(*_IMAGE).where(room_drawings.c.id > sa.bindparam("after")).order_by(room_drawings.c.id)
_CHANGES = sa.select(rooms.c.code, rooms.c.changes).where(rooms.c.id == ITS)
_INSERT = sa.insert(room_drawings)


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

    The fields are those of `RoomDrawing`. One that was sent before is not stored again, also where its points
    are rounded now: the browser sends again, in hundredths of a pixel, what it has heard nothing of. One that
    is nearly equal to what was taken back is held out where that was. Raises NotYours, NoRoom where nobody may
    draw just now, LimitReached, and Full where it is for good.
    """
    content, now = near_duplicates.content(pixels), time.time()
    with learning(store, room_id) as (connection, pupil):
        same = {"its": room_id, "who": pupil.id, "digit": label, "is": content}
        if (number := _sent_before(connection, same, pixels)) is not None:
            return number
        _check_goes_on(connection, room_id)
        count, held = _check(connection, room_id, pupil.id, label, now)
        _check_room(connection, room_id)
        row: dict[str, Any] = {"room_id": room_id, "pupil_id": pupil.id, "task_id": task, "created": now}
        row |= {"label": label, "pixels": pixels.tobytes(), "content": content, "strokes": strokes}
        row |= {"predicted": predicted, "confidence": confidence, "network": network}
        side = _side(connection, room_id, pupil.id, pixels)
        is_next = drawing_split.is_held_out(count, held, max(label, 0), rank=pupil.id)
        row["held_out"] = is_next if side is None else side
        changed(connection, room_id)
        return connection.execute(_INSERT, row).inserted_primary_key[0]  # type: ignore[index]


def _sent_before(connection: sa.Connection, same: dict[str, Any], pixels: np.ndarray) -> int | None:
    """Return the number of the drawing that this is, None where it is a new one. same: as `_SAME` asks."""
    if (number := connection.execute(_SAME, same).scalar()) is not None:
        return number
    rows = connection.execute(_LIKE_IT, same).all()
    if not rows:
        return None
    others = _pixels([row.pixels for row in rows])
    near = near_duplicates.near(pixels[None], others, SENT_AGAIN)[0]
    return next((row.id for row, is_near in zip(rows, near, strict=True) if is_near), None)


def _check_goes_on(connection: sa.Connection, room_id: int) -> None:
    """Raise NoRoom while the phones are paused."""
    room = room_of(connection, room_id)
    if room.paused or (room.task and room.task.status == "paused"):
        raise NoRoom("Your teacher has paused all phones: wait a moment, your drawing stays.")


def _side(connection: sa.Connection, room_id: int, pupil: int, pixels: np.ndarray) -> bool | None:
    """Is what this pupil took back, and is nearly equal, held out? None where nothing is."""
    rows = connection.execute(_BACK, {"its": room_id, "who": pupil}).all()
    if not rows:
        return None
    near = near_duplicates.near(pixels[None], _pixels([row.pixels for row in rows]))[0]
    sides = [bool(row.held_out) for row, is_near in zip(rows, near, strict=True) if is_near]
    return all(sides) if sides else None  # as in `drawings`: what may have been learnt from is


def _check(connection: sa.Connection, room_id: int, pupil: int, label: int, now: float) -> tuple[int, int]:
    """Return how many of this digit a pupil has, and how many of these are held out. Raises LimitReached.

    What was taken back counts as sent, and its place among those of its digit is free again.
    """
    about = {"its": room_id, "who": pupil, "digit": label, "since": now - 60}
    all_, lately, count, held_out = (int(n or 0) for n in connection.execute(_SENT, about).one())
    for reached, limit, kind in (
        (all_ >= MOST, f"{MOST:,} in all", Full),
        (lately >= PER_MINUTE, f"{PER_MINUTE} in a minute", LimitReached),
    ):
        if reached:
            raise kind(f"That is {limit}, as many as one phone may send: let the others draw, too.")
    return count, held_out


def _check_room(connection: sa.Connection, room_id: int) -> None:
    """However many pupils somebody pretends to be, a class has so many drawings. Raises Full."""
    if connection.execute(_ALL, {"its": room_id}).scalar_one() >= IN_ROOM:
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
        room = room_of(connection, room_id)
        return _in_class(connection, store, room), _own(connection, store, room_id)


def at_a_glance(
    store: Store, room_id: int, *, counts_class: bool = False
) -> tuple[Room, dict[int, int], dict[int, int]]:
    """Return a room as it is now, and {label: n} of its owner's and of the class: what a phone shows.

    counts_class: else the last is empty, as after most strokes, for a class has many.
    """
    with taking_part(store, room_id) as connection:
        room = room_of(connection, room_id)
        in_class = _in_class(connection, store, room) if counts_class else {}
        return room, _own(connection, store, room_id), in_class


def _in_class(connection: sa.Connection, store: Store, room: Room) -> dict[int, int]:
    """Where no more has changed in the room than that so many came, those are counted alone."""
    key = store.url, room.id, room.code
    before, last, counted = _counted.get(key, (-1, 0, Counter()))
    new = connection.execute(_NEW, {"its": room.id, "after": last}).all() if before >= 0 else []
    if len(new) == room.changes - before:
        last, counted = max([last, *(row.id for row in new)]), counted + Counter(row.label for row in new)
    else:
        rows = connection.execute(_IN_CLASS, {"its": room.id}).all()
        counted = Counter({row[0]: row[1] for row in rows})
        last = _last(connection, room.id)
    _counted.pop(key, None)
    _counted[key] = room.changes, last, counted
    while len(_counted) > COUNTED:
        _counted.pop(next(iter(list(_counted))), None)
    return dict(counted)


def _last(connection: sa.Connection, room_id: int) -> int:
    """Return the last number, also of what was taken out: if that comes back it is nothing new.

    It is read last: what comes meanwhile counts as a change that was not seen.
    """
    return connection.execute(_LAST, {"its": room_id}).scalar() or 0


def _own(connection: sa.Connection, store: Store, room_id: int) -> dict[int, int]:
    rows = connection.execute(_OWN, {"its": room_id, "who": store.owner or ""}).all()
    return {row[0]: row[1] for row in rows}


def of_class(store: Store, room_id: int, after: int = 0) -> list[RoomDrawing]:
    """Return all drawings of a room with a number above `after`, in their order, for its teachers."""
    query = _drawn(room_drawings).where(room_drawings.c.id > after).order_by(room_drawings.c.id)
    with teaching(store, room_id, changes_it=False) as connection:
        return [_record(row) for row in connection.execute(query, {"its": room_id}).mappings()]


def images_of_class(store: Store, room_id: int) -> list[RoomDrawing]:
    """Return all drawings of a room without their strokes, as often as is wanted: each is read once.

    A drawing never changes. Where no more has changed in the room than that so many came, those are read alone.
    """
    with teaching(store, room_id, changes_it=False) as connection:
        code, changes = connection.execute(_CHANGES, {"its": room_id}).one()
        before, last, found = _seen.pop((store.url, room_id, code), (0, 0, []))
        if before != changes:
            about = {"its": room_id, "after": last}
            new = [_record(row) for row in connection.execute(_LATER, about).mappings()]
            found, last = found + new, max([last, *(one.id for one in new)])
            if len(new) != changes - before:
                found = _still_there(connection, room_id, found)
                last = _last(connection, room_id)
    _seen[store.url, room_id, code] = changes, last, found
    _forget()
    return list(found)


def _still_there(connection: sa.Connection, room_id: int, known: list[RoomDrawing]) -> list[RoomDrawing]:
    """Return all drawings of a room, of which those are known: some may be gone, and others back again."""
    found = {one.id: one for one in known}
    there = list(connection.execute(_NUMBERS, {"its": room_id}).scalars())
    missing = [number for number in there if number not in found]
    for place in range(0, len(missing), 500):
        query = sa.select(*_IMAGE).where(room_drawings.c.id.in_(missing[place : place + 500]))
        found |= {row["id"]: _record(row) for row in connection.execute(query).mappings()}
    return [found[number] for number in there if number in found]


def _forget() -> None:
    """Keep the rooms that were looked at last, and KEPT drawings of them; the last one whole."""
    while len(_seen) > 1 and sum(len(found) for *_, found in list(_seen.values())) > KEPT:
        _seen.pop(next(iter(list(_seen))), None)


def of_others(store: Store, room_id: int, task: int, limit: int = 60) -> list[RoomDrawing]:
    """Return what others have drawn in a task, the latest first, for a pupil who is to judge it."""
    query = _drawn(room_drawings).where(room_drawings.c.task_id == task)
    query = query.where(pupils.c.visitor != (store.owner or ""))
    query = query.order_by(room_drawings.c.id.desc()).limit(limit)
    with taking_part(store, room_id) as connection:
        rows = connection.execute(query, {"its": room_id}).mappings()
        return [_record(row) for row in rows]


def arrays(store: Store, room_id: int, until: int | None = None) -> DrawingArrays:
    """Return the labelled drawings of a room, the latest first, for its teachers and what learns from them."""
    query = _drawn(*_LEARNT).where(room_drawings.c.label != UNLABELLED)
    if until is not None:
        query = query.where(room_drawings.c.id <= until)
    with teaching(store, room_id, changes_it=False) as connection:
        query = query.order_by(room_drawings.c.id.desc())
        rows = connection.execute(query, {"its": room_id}).all()
    return _as_arrays([(row.id, row.pixels, row.label, row.held_out) for row in rows])


def as_arrays(found: Sequence[RoomDrawing]) -> DrawingArrays:
    """Return these drawings, in their order, as arrays."""
    return _as_arrays([(one.id, one.pixels, one.label, one.held_out) for one in found])


def held_out(found: Sequence[RoomDrawing]) -> list[RoomDrawing]:
    """Return those of these drawings that no network learns from and whose digit is known, the last first."""
    return [one for one in reversed(found) if one.held_out and one.label != UNLABELLED]


def _as_arrays(found: Sequence[tuple[int, Any, int, bool]]) -> DrawingArrays:
    """found: (its number, 784 bytes, its digit, held out?) of each."""
    return DrawingArrays(
        ids=np.array([one[0] for one in found], int),
        x=_pixels([one[1] for one in found]),
        y=np.array([one[2] for one in found], np.uint8),
        held_out=np.array([one[3] for one in found], bool),
    )


def _pixels(images: Sequence[Any]) -> np.ndarray:
    """images: 784 bytes each -> uint8 [n, 28, 28]."""
    return np.frombuffer(b"".join(map(bytes, images)), np.uint8).reshape(-1, SIZE, SIZE)


def _record(row: sa.RowMapping) -> RoomDrawing:
    return RoomDrawing(
        id=row["id"],
        pupil=row["pupil_id"],
        task=row["task_id"],
        label=row["label"],
        packed=packed(bytes(row["pixels"])),
        strokes=row["strokes"],
        predicted=row["predicted"],
        confidence=row["confidence"],
        held_out=bool(row["held_out"]),
        created=at(row["created"]),
        network=row["network"],
    )
