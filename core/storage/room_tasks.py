"""What the phones of a room are asked to do, and what their pupils reply. Rights are those of `rooms`."""

import json
import math
import time

import sqlalchemy as sa

from core.storage.room_access import (
    NoRoom,
    as_task,
    at,
    changed,
    is_teacher,
    learning,
    room_of,
    taking_part,
    teaching,
    tell,
)
from core.storage.room_records import Reply, Task
from core.storage.schema import pupils, replies, rooms, tasks
from core.storage.store import Store


def start(store: Store, room_id: int, kind: str, settings: dict) -> Task:
    """Begin a task on all phones; the one of before ends."""
    row = {"room_id": room_id, "kind": kind, "settings": json.dumps(settings), "status": "running"}
    with teaching(store, room_id) as connection:
        _end(connection, room_id)
        number = connection.execute(sa.insert(tasks).values(**row, created=time.time())).inserted_primary_key[0]  # type: ignore[index]
        connection.execute(sa.update(rooms).where(rooms.c.id == room_id).values(task_id=number))
        tell(connection, room_id, "task", {"task": number, "kind": kind})
        return as_task(connection.execute(sa.select(tasks).where(tasks.c.id == number)).mappings().one())


def pause(store: Store, room_id: int, paused: bool = True) -> None:
    """Pause the present task, or go on with it."""
    with teaching(store, room_id) as connection:
        if now := room_of(connection, room_id).going:
            status = "paused" if paused else "running"
            connection.execute(sa.update(tasks).where(tasks.c.id == now.id).values(status=status))


def end(store: Store, room_id: int) -> None:
    """End the present task; what was drawn and replied in it stays."""
    with teaching(store, room_id) as connection:
        _end(connection, room_id)


def _end(connection: sa.Connection, room_id: int) -> None:
    going = sa.and_(tasks.c.room_id == room_id, tasks.c.status != "ended")
    connection.execute(sa.update(tasks).where(going).values(status="ended", ended=time.time()))


def set_settings(store: Store, room_id: int, task: int, settings: dict) -> None:
    """Say something else of a task, such as the next question."""
    its = sa.and_(tasks.c.id == task, tasks.c.room_id == room_id)
    with teaching(store, room_id) as connection:
        connection.execute(sa.update(tasks).where(its).values(settings=json.dumps(settings)))


def reply(store: Store, room_id: int, task: int, value: float, *, about: int = 0) -> bool:
    """Keep a pupil's answer in a task that runs. False where they have answered this before.

    Raises NoRoom while it does not run or its question has not begun, and ValueError for what is no number, or
    no percentage where one is asked for.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} was replied; a number is accepted.")
    with learning(store, room_id) as (connection, pupil):
        now = room_of(connection, room_id)
        if now.paused or now.task is None or now.task.id != task or now.task.status != "running":
            raise NoRoom("This task is not running just now.")
        if time.time() < now.task.settings.get("began", 0):  # of a question of 'guess'
            raise NoRoom("Nothing has appeared yet: answer when you see something.")
        if now.task.kind == "predict" and not 0 <= value <= 100:
            raise ValueError(f"{value:g}% was predicted; 0 to 100% are possible.")
        mine = {"task_id": task, "pupil_id": pupil.id, "about": about}
        there = sa.select(replies.c.id).where(*(replies.c[name] == it for name, it in mine.items()))
        if connection.execute(there).first():
            return False
        row = {**mine, "room_id": room_id, "value": float(value), "created": time.time()}
        connection.execute(sa.insert(replies).values(row))
        changed(connection, room_id)
        return True


def all_replies(store: Store, room_id: int, task: int) -> list[Reply]:
    """Return what was replied in a task, the first first; a pupil sees their own alone."""
    query = sa.select(replies).join(pupils, pupils.c.id == replies.c.pupil_id).order_by(replies.c.id)
    query = query.where(replies.c.room_id == room_id, replies.c.task_id == task, pupils.c.removed.is_(None))
    with taking_part(store, room_id) as connection:
        from_all = is_teacher(connection, store, room_id)
        rows = connection.execute(
            query if from_all else query.where(pupils.c.visitor == store.owner)
        ).mappings()
        return [Reply(row["pupil_id"], row["about"], row["value"], at(row["created"])) for row in rows]
