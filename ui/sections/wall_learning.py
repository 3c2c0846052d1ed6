"""Learn from us, on the wall: before, as it goes, and after; on the class and on MNIST."""

import html
from datetime import UTC, datetime, timedelta

import streamlit as st

from core.models import registry
from core.records import Run
from core.rooms import learning, progress, results
from core.storage import room_drawings, room_events, rooms
from core.storage.room_records import Room, RoomDrawing
from core.storage.store import ACTIVE, Store
from core.words import fraction, percent
from ui.figures import class_figures
from ui.state import visitor, worker

EVERY = 0.7  # seconds between two looks at a training
KEPT = 100  # tables of trainings that have ended
STAYS = timedelta(minutes=15)  # after the end of its training, had that begun at once
_ended: dict[tuple[str, str, Run, tuple[int, ...]], str] = {}


def learns(store: Store, room: Room, drawn: list[RoomDrawing]) -> None:
    """Show the trainings of a room that go on, or have ended a moment ago; nothing where there are none."""
    shown = _shown(store, room)
    if any(run.status in ACTIVE for run in shown):
        st.fragment(_learns, run_every=EVERY)(room.id)
    elif shown:  # a fragment that were still there would go on looking
        _tables(shown, drawn)


def _shown(store: Store, room: Room) -> list[Run]:
    numbers = room_events.runs_of(store, room.id).values()
    found = [run for number in numbers if (run := worker.jobs().store.run(number))]
    return [one for one in found if one.status in ACTIVE or stays(one)]


def stays(run: Run) -> bool:
    """Has a training ended a moment ago?"""
    return datetime.now(UTC) - run.created - timedelta(seconds=run.seconds) < STAYS


@worker.spoken
def _learns(room_id: int) -> None:
    store = visitor.store()
    room = rooms.look(store, room_id)
    runs = _shown(store, room)
    if not any(run.status in ACTIVE for run in runs):
        st.rerun()
    _tables(runs, room_drawings.images_of_class(store, room_id))


def _tables(runs: list[Run], drawn: list[RoomDrawing]) -> None:
    with st.container(key="wall-learns"):
        for run in runs:
            st.html(_table(run, drawn) if run.status in ACTIVE else _of_ended(run, drawn))


def _of_ended(run: Run, drawn: list[RoomDrawing]) -> str:
    """The table of a training that has ended, made once: the wall looks several times a second."""
    held = tuple(one.id for one in progress.held_out(drawn, run))
    key = worker.jobs().store.url, visitor.name(), run, held
    if key not in _ended:
        while len(_ended) >= KEPT:
            _ended.pop(next(iter(_ended)), None)
        _ended[key] = _table(run, drawn)
    return _ended[key]


def reached(store: Store, room: Room, drawn: list[RoomDrawing]) -> float | None:
    """Return the fraction of the class's held-out digits that is read by what has learnt in the present task.

    That is the network that reads, taught further; where only ways were compared, the first of them. None where
    none has learnt, or it still learns. The wall and the teacher's page say it.
    """
    numbers = room_events.runs_of(store, room.id)
    for number in (numbers[way] for way in ("learn", *learning.WAYS) if way in numbers):
        run = worker.jobs().store.run(number)
        if run is None or room.task is None or run.created < room.task.created:
            continue
        if run.status in ACTIVE:
            return None
        if classifier := registry.classifier(run.id, visitor.name()):  # else it has failed
            return results.accuracy(classifier, progress.held_out(drawn, run))
    return None


def _table(run: Run, drawn: list[RoomDrawing]) -> str:
    found = progress.progress(worker.jobs().store, run, drawn)
    active, epochs = run.status in ACTIVE, float(run.training.epochs)
    classifier = None if active else registry.classifier(run.id, visitor.name())
    of = run.training.fine_tuning
    first = registry.classifier(of.base, visitor.name()) if of and found.before is not None else None
    tested = first.network.about.get("test_accuracy") if first else None
    held = progress.held_out(drawn, run)
    after, count = results.accuracy(classifier, held) if classifier else None, len(held)
    rows = (
        (f"this class, {count} held out", found.before, found.on_class, after, count),
        ("MNIST", tested, found.on_mnist, run.test_accuracy, 0),
    )
    body = "".join(
        f"<tr><th>{name}</th><td>{_accuracy(before, of)}</td><td>{_curve(name, points, epochs)}</td>"
        f"<td><b>{_accuracy(points[-1][1] if active and points else end, of)}</b></td></tr>"
        for name, before, points, end, of in rows
    )
    done = f"{100 * found.on_mnist[-1][0] / epochs:.0f}%" if found.on_mnist else "it begins"
    title = f"{html.escape(run.name)}{f': {done}' if active else ''}"
    heads = f"<tr><th></th><th>before</th><th></th><th>{'now' if active else 'after'}</th></tr>"
    note = "" if active or classifier else f"<p>{html.escape(run.note)}</p>"
    return f'<div class="dl-wall-learns"><h2>{title}</h2><table>{heads}{body}</table>{note}</div>'


def _accuracy(value: float | None, of: int) -> str:
    """of: how many digits it is of, where they are few."""
    return fraction(round(value * of), of) if of and value is not None else percent(value)


def _curve(name: str, points: list[tuple[float, float]], epochs: float) -> str:
    return class_figures.curve(points, epochs, f"Accuracy on {name} as it learns")
