"""Trying a class alone: pupils that this computer draws for, with test digits of MNIST, at human speed."""

import contextlib
import random
import secrets
import threading
import time

import numpy as np

from core.data import datasets
from core.ink import files, vectorize
from core.records import Drawing
from core.rooms import reading, tasks
from core.storage import room_drawings, room_events, room_tasks, rooms
from core.storage.database import LimitReached, StoreError
from core.storage.room_access import NoRoom
from core.storage.room_records import UNLABELLED, Room
from core.storage.store import Store

FEWEST, MOST = 5, 30
PAUSE = (3.0, 6.0)  # seconds in which a pupil draws one digit
LASTS = 20 * 60.0  # seconds after which all have gone home
IN_ALL = 4 * MOST  # that this process draws for, but for its computer's own user
_going: list[tuple[int, int, threading.Thread]] = []  # (room, pupils, what draws for them)
_begins = threading.Lock()


def begin(store: Store, room: Room, count: int, *, pause: tuple[float, float] = PAUSE) -> threading.Thread:
    """Let so many pupils join and draw until the room is gone or locked, in a thread of this process.

    store: its teacher's. Raises NotYours, LimitReached, and ValueError for another count than FEWEST..MOST.
    """
    if not FEWEST <= count <= MOST:
        raise ValueError(f"{count} pupils were asked for; {FEWEST} to {MOST} are possible.")
    room_events.last_event(store, room.id)  # is it theirs?
    program = _unowned(store)
    names = [f"simulated {secrets.token_hex(8)}" for _ in range(count)]
    thread = threading.Thread(target=_run, args=(program, room.code, names, pause), daemon=True)
    with _begins:
        _going[:] = [one for one in _going if one[2].is_alive()]
        _check(store, room, count)
        thread.start()
        _going.append((room.id, count, thread))
    return thread


def _check(store: Store, room: Room, count: int) -> None:
    """May so many more be drawn for? Raises LimitReached."""
    here = sum(others for number, others, _ in _going if number == room.id)
    if here + count > MOST:
        raise LimitReached(
            f"This computer draws for {here} pupils here, and with {count} more for over {MOST}: they go home "
            f"after {LASTS / 60:.0f} minutes."
        )
    if store.owner and count + sum(others for _, others, _ in _going) > IN_ALL:
        raise LimitReached("This computer draws for pupils of several classes already: try again in a while.")


def _unowned(store: Store) -> Store:
    """The whole program's store of the same database."""
    from core.storage.store import open_store  # noqa: PLC0415

    return store if store.owner is None else open_store()


def _run(store: Store, code: str, names: list[str], pause: tuple[float, float]) -> None:
    """One thread for all of them: each is due at a time of its own."""
    chance, until = random.Random(), time.monotonic() + LASTS
    due = {name: time.monotonic() + chance.uniform(0, pause[1]) for name in names}
    while due and time.monotonic() < until:
        name = min(due, key=lambda one: due[one])
        time.sleep(max(0.0, due[name] - time.monotonic()))
        due[name] = time.monotonic() + chance.uniform(*pause)
        try:
            room, _ = rooms.join(store.of(name), code)
        except NoRoom:
            del due[name]
            continue
        except StoreError:
            continue  # the database is away for a moment
        with contextlib.suppress(StoreError):  # that, or it has been paused since
            _act(store.of(name), room, chance)


def _act(store: Store, room: Room, chance: random.Random) -> None:
    """Do once what the task asks for."""
    task = room.going
    if room.paused or (task and task.status != "running"):
        return
    if task and task.kind == "predict":
        room_tasks.reply(store, room.id, task.id, round(min(100.0, chance.gauss(93, 4)), 1))
    elif task and task.kind == "guess":
        if (question := task.settings.get("question", 0)) and time.time() > task.settings["began"] + 4:
            digit = task.settings["label"] if chance.random() < 0.6 else chance.randrange(10)
            room_tasks.reply(store, room.id, task.id, digit, about=question)
    else:
        if task and task.kind == "fool":
            _judge(store, room, chance)
        label = tasks.asked(task, *room_drawings.counts(store, room.id))
        drawing = drawn(chance.randrange(10) if label == UNLABELLED else label, chance)
        if (image := files.to_digit_image(drawing)) is not None:
            prediction = reading.classifier(room).predict(image)
            reading.send(store, room, label, drawing, image, prediction)


def _judge(store: Store, room: Room, chance: random.Random) -> None:
    task = room.going
    assert task is not None
    others = room_drawings.of_others(store, room.id, task.id)
    one = tasks.to_judge(others, room_tasks.all_replies(store, room.id, task.id))
    if one is not None:
        with contextlib.suppress(NoRoom):
            room_tasks.reply(store, room.id, task.id, float(chance.random() < 0.85), about=one.id)


def drawn(label: int, chance: random.Random) -> Drawing:
    """Return the strokes of one of MNIST's test digits, as a pen would draw it; some 30 ms."""
    data = datasets.mnist()
    chosen = chance.choice(np.flatnonzero(data.y_test == label).tolist())
    return vectorize.from_image(data.x_test[chosen].astype(np.float32) / 255)
