"""Classes: a room with a code, its pupils and its teachers, in the same database as the runs.

Who may do what is held here, by the owner of the store that each function is given (`Store.of`): a teacher of
the room may do all of it, a pupil some of it, and somebody else nothing: NotYours. A teacher is who has started
the room, or who has opened its secret link (`claim`). A store without an owner is the program itself.

Each function is one short transaction, on SQLite and on PostgreSQL, and raises StoreError.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.storage import limits, room_names
from core.storage.database import HOME, LimitReached, NotYours
from core.storage.room_access import (
    ITS,
    WHO,
    NoRoom,
    alone,
    as_pupil,
    changed,
    is_teacher,
    pupil_of,
    room_of,
    room_where,
    taking_part,
    teaching,
)
from core.storage.room_records import Pupil, Room
from core.storage.schema import events, networks, pupils, replies, room_drawings, rooms, runs, tasks, teachers
from core.storage.store import Store

DAY = 24 * 3600.0
PUPILS = 120  # of one room
ROOMS = 20  # of one visitor at once
_wrong_codes = limits.Lately()
# Built once: several times a second somebody who waits for a change is asked for.
_CODE: sa.BindParameter = sa.bindparam("code")
_TEACHES = sa.select(rooms.c.id).join(teachers, teachers.c.room_id == rooms.c.id)
_TEACHES = _TEACHES.where(rooms.c.code == _CODE, teachers.c.visitor == WHO)
_LEARNS = sa.select(rooms.c.id).join(pupils, pupils.c.room_id == rooms.c.id)
_LEARNS = _LEARNS.where(rooms.c.code == _CODE, pupils.c.visitor == WHO, pupils.c.removed.is_(None))
_TAKES_PART = sa.union_all(_TEACHES, _LEARNS)
_CHANGES = sa.select(rooms.c.code, rooms.c.changes, rooms.c.orders)
_CHANGES = _CHANGES.where(rooms.c.code.in_(sa.bindparam("codes", expanding=True)))
_HERE = sa.select(sa.func.count()).where(pupils.c.room_id == ITS, pupils.c.removed.is_(None))
_FLAGS = ("locked", "paused", "hidden", "network")


def _hash(secret: str) -> str:
    return hashlib.sha256(f"digit-lab teacher {secret}".encode()).hexdigest()


# -- to start one, and to come in


def start(store: Store, *, seconds: float | None = DAY, simulated: bool = False) -> tuple[Room, str]:
    """Start a room of this store's owner; return it and the secret of its teacher's link.

    seconds: after which it is deleted; None: it is kept.
    """
    now, secret = time.time(), secrets.token_urlsafe(16)
    values = {"key": _hash(secret), "created": now, "expires": None if seconds is None else now + seconds}
    values |= dict.fromkeys(("locked", "paused", "hidden"), False)
    values |= {"changes": 1, "orders": 1, "network": 0, "simulated": simulated}
    with store.transaction() as connection:
        mine = sa.select(sa.func.count()).where(teachers.c.visitor == (store.owner or ""))
        if store.owner and connection.execute(mine).scalar_one() >= ROOMS:
            raise NoRoom(f"You have {ROOMS} classes, as many as one visitor may have: delete one first.")
        while connection.execute(
            sa.select(rooms.c.id).where(rooms.c.code == (code := room_names.code()))
        ).first():
            pass
        room_id = connection.execute(sa.insert(rooms).values(code=code, **values)).inserted_primary_key[0]  # type: ignore[index]
        connection.execute(sa.insert(teachers).values(room_id=room_id, visitor=store.owner or ""))
        return room_of(connection, room_id), secret


def claim(store: Store, code: str, secret: str) -> Room:
    """Make this store's owner a teacher of the room whose secret link they have opened. Raises NotYours."""
    with store.transaction() as connection:
        room = room_where(connection, sa.and_(rooms.c.code == code, rooms.c.key == _hash(secret)), NotYours)
        mine = {"room_id": room.id, "visitor": store.owner or ""}
        alone(connection, room.id)
        found = sa.select(teachers).where(*(teachers.c[name] == value for name, value in mine.items()))
        if not connection.execute(found).first():
            connection.execute(sa.insert(teachers).values(mine))
        return room


def renew(store: Store, room_id: int) -> str:
    """Return a new secret for the teacher's link; the link of before opens nothing any more."""
    secret = secrets.token_urlsafe(16)
    with teaching(store, room_id) as connection:
        connection.execute(sa.update(rooms).where(rooms.c.id == room_id).values(key=_hash(secret)))
    return secret


def only_me(store: Store, room_id: int) -> str:
    """Take the rights from all other teachers of a room, and renew its link: somebody else has opened it."""
    secret = secrets.token_urlsafe(16)
    others = sa.and_(teachers.c.room_id == room_id, teachers.c.visitor != (store.owner or ""))
    with teaching(store, room_id) as connection:
        connection.execute(sa.delete(teachers).where(others))
        connection.execute(sa.update(rooms).where(rooms.c.id == room_id).values(key=_hash(secret)))
    return secret


def join(store: Store, typed: str) -> tuple[Room, Pupil]:
    """Take this store's owner into the room of this code; who was in it is that pupil again.

    Raises NoRoom; LimitReached where they have tried too many codes that are no class's.
    """
    code, visitor = room_names.cleaned(typed), store.owner or ""
    if not code:
        raise NoRoom(f"{typed[:20]!r} is no code: it has six letters and digits, without 0, O, 1 and I.")
    with store.transaction() as connection:
        try:
            room = room_where(connection, rooms.c.code == code, NoRoom)
        except NoRoom:
            _count_wrong_code(store)
            raise
        if pupil := pupil_of(connection, room.id, visitor):
            if pupil.removed:
                raise NoRoom("Your teacher has taken you out of this class.")
            return room, pupil
        _check_wrong_codes(store)
        if room.locked:
            raise NoRoom("Nobody new can join this class just now: ask your teacher.")
        alone(connection, room.id)  # thirty come at once, and each looks which names are taken
        return room, pupil_of(connection, room.id, visitor) or _new_pupil(connection, room, visitor)


def _check_wrong_codes(store: Store) -> None:
    """Have they tried few enough that are no class's? Else not even the right one is taken from them."""
    count = _wrong_codes.count(f"{store.url} {store.owner}")
    if store.owner not in (None, HOME) and count >= limits.WRONG_CODES:
        raise LimitReached(
            f"You have typed {count} codes in a minute that are no class's: wait a minute, and ask your "
            "teacher for the code."
        )


def _count_wrong_code(store: Store) -> None:
    _check_wrong_codes(store)
    _wrong_codes.add(f"{store.url} {store.owner}")


def _new_pupil(connection: sa.Connection, room: Room, visitor: str) -> Pupil:
    # Who was taken out leaves their place, but not their name: they may be brought back.
    taken = set(connection.execute(sa.select(pupils.c.name).where(pupils.c.room_id == room.id)).scalars())
    if connection.execute(_HERE, {"its": room.id}).scalar_one() >= PUPILS:
        raise NoRoom(f"This class is full: {PUPILS} have joined.")
    values = {"name": room_names.name(taken), "colour": room_names.colour(len(taken))}
    row = {**values, "room_id": room.id, "visitor": visitor, "created": time.time()}
    number = connection.execute(sa.insert(pupils).values(row)).inserted_primary_key[0]  # type: ignore[index]
    changed(connection, room.id)
    return Pupil(number, values["name"], values["colour"])


# -- to look


def mine(store: Store) -> list[Room]:
    """Return the rooms that this store's owner teaches, the latest first."""
    taught = sa.select(teachers.c.room_id).where(teachers.c.visitor == (store.owner or ""))
    there = sa.or_(rooms.c.expires.is_(None), rooms.c.expires >= time.time())  # others are about to be deleted
    query = sa.select(rooms.c.id).where(rooms.c.id.in_(taught), there).order_by(rooms.c.id.desc())
    with store.transaction() as connection:
        return [room_where(connection, rooms.c.id == number) for number in connection.execute(query).scalars()]


def look(store: Store, room_id: int) -> Room:
    """Return a room as it is now, for its teachers and its pupils."""
    with taking_part(store, room_id) as connection:
        return room_of(connection, room_id)


def takes_part(store: Store, code: str) -> bool:
    """Is this store's owner a teacher or a pupil of the room of this code? Of no room nobody is."""
    with store.transaction() as connection:
        return connection.execute(_TAKES_PART, {"code": code, "who": store.owner or ""}).first() is not None


def changes(store: Store, codes: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return {code: (changes, orders)} of these rooms, as in `Room`, whoever asks: it says no more."""
    with store.transaction() as connection:
        rows = connection.execute(_CHANGES, {"codes": list(codes)})
        return {row.code: (row.changes, row.orders) for row in rows}


def count_here(store: Store, room_id: int) -> int:
    """Return how many pupils are in a room, for its teachers."""
    with teaching(store, room_id, changes_it=False) as connection:
        return connection.execute(_HERE, {"its": room_id}).scalar_one()


def class_of(store: Store, room_id: int) -> list[Pupil]:
    """Return the pupils of a room, in the order in which they came; a pupil sees nobody but themselves."""
    with taking_part(store, room_id) as connection:
        query = sa.select(pupils).where(pupils.c.room_id == room_id).order_by(pupils.c.id)
        if not is_teacher(connection, store, room_id):
            query = query.where(pupils.c.visitor == store.owner)
        return [as_pupil(row) for row in connection.execute(query).mappings()]


# -- what a teacher does


def set_flags(store: Store, room_id: int, **flags: Any) -> None:
    """Change `locked`, `paused`, `hidden` or `network` of a room."""
    if unknown := set(flags) - set(_FLAGS):
        raise ValueError(f"A room has no {sorted(unknown)}; it has {_FLAGS}.")
    with teaching(store, room_id) as connection:
        if (network := flags.get("network", 0)) > 0:
            its = sa.select(networks.c.run_id).where(networks.c.run_id == network, store.of_readable(networks))
            if connection.execute(its).first() is None:
                raise NotYours(f"Run {network} has no network that you may let read on the phones.")
        connection.execute(sa.update(rooms).where(rooms.c.id == room_id).values(flags))


def keep(store: Store, room_id: int, seconds: float | None) -> None:
    """Have a room deleted after so many seconds from now; None: it is kept until somebody deletes it."""
    until = None if seconds is None else time.time() + seconds
    with teaching(store, room_id) as connection:
        connection.execute(sa.update(rooms).where(rooms.c.id == room_id).values(expires=until))


def delete(store: Store, room_id: int) -> None:
    """Delete a room and all that is in it, at once and for good."""
    with teaching(store, room_id) as connection:
        _delete(connection, [room_id])


def expire(store: Store, now: float | None = None) -> int:
    """Delete the rooms whose time is over; return how many."""
    store.program_only()
    with store.transaction() as connection:
        over = list(
            connection.execute(sa.select(rooms.c.id).where(rooms.c.expires < (now or time.time()))).scalars()
        )
        _delete(connection, over)
        return len(over)


def _delete(connection: sa.Connection, numbers: list[int]) -> None:
    _hide_networks(connection, numbers)
    for table in (replies, events, room_drawings, tasks, pupils, teachers):
        connection.execute(sa.delete(table).where(table.c.room_id.in_(numbers)))
    connection.execute(sa.delete(rooms).where(rooms.c.id.in_(numbers)))


def _hide_networks(connection: sa.Connection, numbers: list[int]) -> None:
    """What has learnt from these rooms is its teacher's alone from now on: it was shown for the phones.

    Also of who teaches them no more (`only_me`); an earlier version has not noted who that was.
    """
    taught: dict[int, set[str | None]] = {}
    for room_id, teacher in connection.execute(sa.select(teachers).where(teachers.c.room_id.in_(numbers))):
        taught.setdefault(room_id, set()).add(teacher)
    noted = sa.select(events.c.room_id, events.c.about)
    noted = noted.where(events.c.room_id.in_(numbers), events.c.kind == "run")
    for room_id, text in connection.execute(noted).all():
        about = json.loads(text)
        owners = {about.get("by"), *taught.get(room_id, ())} - {None}
        its = sa.and_(runs.c.id == about["run"], runs.c.visitor.in_(owners))
        connection.execute(sa.update(runs).where(its).values(published=False))
