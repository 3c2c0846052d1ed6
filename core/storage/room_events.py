"""What a teacher has done in a room: what is taken out, and can be brought back, and what learns from it.

Rights, transactions and errors are those of `rooms`.
"""

import json
import time

import sqlalchemy as sa

from core.storage.room_access import ITS, at, teaching, tell
from core.storage.room_records import Event
from core.storage.schema import events, pupils, room_drawings
from core.storage.store import Store

REMOVED = ("pupil", "drawing")  # kinds of events that can be undone
_LAST = sa.select(events).where(events.c.room_id == ITS, events.c.undone.is_(None), events.c.kind.in_(REMOVED))
_LAST = _LAST.order_by(events.c.id.desc()).limit(1)
_RUNS = sa.select(events.c.about).where(events.c.room_id == ITS, events.c.kind == "run").order_by(events.c.id)


def remove_pupil(store: Store, room_id: int, pupil: int) -> int:
    """Take a pupil and all that they have drawn out of the class; return the event, which can be undone."""
    with teaching(store, room_id) as connection:
        theirs = sa.and_(pupils.c.id == pupil, pupils.c.room_id == room_id)
        connection.execute(sa.update(pupils).where(theirs).values(removed=time.time()))
        return tell(connection, room_id, "pupil", {"pupil": pupil})


def remove_drawing(store: Store, room_id: int, drawing: int) -> int:
    """Take a drawing out of the class; return the event, which can be undone."""
    with teaching(store, room_id) as connection:
        its = sa.and_(room_drawings.c.id == drawing, room_drawings.c.room_id == room_id)
        connection.execute(sa.update(room_drawings).where(its).values(removed=time.time()))
        return tell(connection, room_id, "drawing", {"drawing": drawing})


def undo(store: Store, room_id: int, event: int) -> None:
    """Take back the removal of a drawing or of a pupil."""
    with teaching(store, room_id) as connection:
        its = sa.and_(events.c.id == event, events.c.room_id == room_id, events.c.undone.is_(None))
        its = sa.and_(its, events.c.kind.in_(REMOVED))
        if (row := connection.execute(sa.select(events).where(its)).mappings().first()) is None:
            return
        about = json.loads(row["about"])
        table, number = (
            (pupils, about["pupil"]) if row["kind"] == "pupil" else (room_drawings, about["drawing"])
        )
        back = sa.and_(table.c.id == number, table.c.room_id == room_id)
        connection.execute(sa.update(table).where(back).values(removed=None))
        connection.execute(sa.update(events).where(its).values(undone=time.time()))


def last_event(store: Store, room_id: int) -> Event | None:
    """Return what was removed last and can be brought back."""
    with teaching(store, room_id, changes_it=False) as connection:
        row = connection.execute(_LAST, {"its": room_id}).mappings().first()
    return Event(row["id"], row["kind"], json.loads(row["about"]), at(row["created"])) if row else None


def note_run(store: Store, room_id: int, way: str, run: int) -> None:
    """Keep which training learns from this room. way: as in `core.rooms.learning`."""
    with teaching(store, room_id) as connection:
        tell(connection, room_id, "run", {"way": way, "run": run, "by": store.owner})


def runs_of(store: Store, room_id: int) -> dict[str, int]:
    """Return {way: the number of the latest training of that way}, that which was begun last at the end."""
    found: dict[str, int] = {}
    with teaching(store, room_id, changes_it=False) as connection:
        for one in map(json.loads, connection.execute(_RUNS, {"its": room_id}).scalars()):
            found.pop(one["way"], None)  # it takes its place among the others anew
            found[one["way"]] = one["run"]
    return found
