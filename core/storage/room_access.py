"""Who may do what in a room, and what every change of one does; for the modules beside this one alone."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa

from core.storage.database import NotYours, StoreError
from core.storage.room_records import Pupil, Room, Task
from core.storage.schema import events, pupils, rooms, tasks, teachers
from core.storage.store import Store

# Built once: a statement that is built anew at each call costs more than the database's answer.
ITS: sa.BindParameter = sa.bindparam("its")  # a room's number, or a task's
WHO: sa.BindParameter = sa.bindparam("who")
_TEACHER = sa.select(teachers.c.visitor).where(teachers.c.room_id == ITS, teachers.c.visitor == WHO)
_PUPIL = sa.select(pupils).where(pupils.c.room_id == ITS, pupils.c.visitor == WHO)
_TASK = sa.select(tasks).where(tasks.c.id == ITS)
_ROOM = sa.select(rooms).where(rooms.c.id == ITS)
_TOUCHED = sa.update(rooms).where(rooms.c.id == ITS).values(changes=rooms.c.changes)
_CHANGED = sa.update(rooms).where(rooms.c.id == ITS)
_CHANGED = _CHANGED.values(changes=rooms.c.changes + 1, orders=rooms.c.orders + sa.bindparam("more"))


class NoRoom(StoreError):
    """There is no such room, or it is closed to who asks; the text is one sentence."""


def at(seconds: float) -> datetime:
    """Return seconds since 1970, as the database has them, as a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


@contextmanager
def teaching(store: Store, room_id: int, *, changes_it: bool = True) -> Iterator[sa.Connection]:
    """A transaction of a teacher of this room. Raises NotYours."""
    with store.transaction() as connection:
        if not is_teacher(connection, store, room_id):
            raise NotYours("Only the teacher of this class can do that.")
        if changes_it:
            changed(connection, room_id, orders=1)
        yield connection


@contextmanager
def taking_part(store: Store, room_id: int) -> Iterator[sa.Connection]:
    """A transaction of a teacher or a pupil of this room, that reads. Raises NotYours."""
    with store.transaction() as connection:
        pupil = pupil_of(connection, room_id, store.owner or "")  # thirty of them, and one teacher
        is_there = pupil is not None and not pupil.removed
        if not is_there and not is_teacher(connection, store, room_id):
            its_pupil(connection, store, room_id)
        yield connection


@contextmanager
def learning(store: Store, room_id: int) -> Iterator[tuple[sa.Connection, Pupil]]:
    """A transaction of a pupil of this room, who may change it: whoever does says so by `changed`.

    Pupils of one room come one after the other. Raises NotYours.
    """
    with store.transaction() as connection:
        pupil = its_pupil(connection, store, room_id)
        alone(connection, room_id)  # before anything is read that decides what is written
        yield connection, pupil


def alone(connection: sa.Connection, room_id: int) -> None:
    """Let nobody else change this room until this transaction ends, without waking those who watch it."""
    connection.execute(_TOUCHED, {"its": room_id})


def is_teacher(connection: sa.Connection, store: Store, room_id: int) -> bool:
    """Does this store's owner teach the room? The program itself may do what teachers may."""
    if store.owner is None:
        return True
    return connection.execute(_TEACHER, {"its": room_id, "who": store.owner}).first() is not None


def its_pupil(connection: sa.Connection, store: Store, room_id: int) -> Pupil:
    """Return the pupil that this store's owner is. Raises NotYours."""
    pupil = pupil_of(connection, room_id, store.owner or "")
    if pupil is None or pupil.removed:
        raise NotYours("You are not in this class: type its code to join.")
    return pupil


def pupil_of(connection: sa.Connection, room_id: int, visitor: str) -> Pupil | None:
    """Return a visitor's pupil in this room, also one that was taken out; None where there is none."""
    row = connection.execute(_PUPIL, {"its": room_id, "who": visitor}).mappings().first()
    return as_pupil(row) if row else None


def as_pupil(row: sa.RowMapping) -> Pupil:
    """Return a row of the table of pupils as its record."""
    return Pupil(row["id"], row["name"], row["colour"], row["removed"] is not None)


def room_where(
    connection: sa.Connection, which: sa.ColumnElement[bool], problem: type[StoreError] = NoRoom
) -> Room:
    """Return the one room of this condition, with its present task. Raises what is named."""
    return _room(connection, connection.execute(sa.select(rooms).where(which)).mappings().first(), problem)


def room_of(connection: sa.Connection, room_id: int) -> Room:
    """Return the room of this number, with its present task. Raises NoRoom."""
    return _room(connection, connection.execute(_ROOM, {"its": room_id}).mappings().first(), NoRoom)


def _room(connection: sa.Connection, row: sa.RowMapping | None, problem: type[StoreError]) -> Room:
    if row is None or (row["expires"] is not None and row["expires"] < time.time()):
        raise problem("There is no class with this code, or it is over: ask your teacher for the code.")
    values = {
        name: row[name] for name in ("id", "code", "changes", "orders", "locked", "paused", "hidden", "network")
    }
    expires = None if row["expires"] is None else at(row["expires"])
    task = _task(connection, row["task_id"])
    return Room(**values, created=at(row["created"]), expires=expires, simulated=row["simulated"], task=task)


def _task(connection: sa.Connection, number: int | None) -> Task | None:
    row = connection.execute(_TASK, {"its": number}).mappings().first() if number else None
    return as_task(row) if row else None


def as_task(row: sa.RowMapping) -> Task:
    """Return a row of the table of tasks as its record."""
    return Task(row["id"], row["kind"], json.loads(row["settings"]), row["status"], at(row["created"]))


def changed(connection: sa.Connection, room_id: int, orders: int = 0) -> None:
    """Count a change, so that those who watch the room look. orders: 1 where the phones are to look, too."""
    connection.execute(_CHANGED, {"its": room_id, "more": orders})


def tell(connection: sa.Connection, room_id: int, kind: str, about: dict) -> int:
    """Keep that something was done; return its number."""
    row = {"room_id": room_id, "created": time.time(), "kind": kind, "about": json.dumps(about)}
    return connection.execute(sa.insert(events).values(row)).inserted_primary_key[0]  # type: ignore[index]
