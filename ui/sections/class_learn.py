"""Learn from us: a network is trained with a class's digits; before and after; and it reads on the phones."""

import html

import streamlit as st

from core.models import registry
from core.models.classifiers import Classifier
from core.records import Run
from core.rooms import learning, results, tasks
from core.storage import room_drawings, room_events, room_tasks, rooms
from core.storage.room_records import Room, RoomDrawing
from core.storage.store import ACTIVE, Store
from core.words import fraction, percent
from ui import plain
from ui.sections import wall_learning
from ui.state import visitor, worker

EVERY = 0.7  # seconds between two looks at a training


def learn(store: Store, room: Room) -> None:
    """Show the teacher the trainings on a room's drawings, and how to begin one."""
    st.header("Learn from us")
    runs = room_events.runs_of(store, room.id)
    st.markdown(
        "The network that reads is trained further with what the class has drawn. One drawing in five is held "
        "out: on those it is measured, before and after."
    )
    with st.container(horizontal=True, gap="xsmall"):
        args = (room.id, "learn")
        st.button(
            "Learn from us", key="learn", type="primary", icon=":material/school:", on_click=_begin, args=args
        )
        st.button("Compare three ways", key="compare-ways", icon=":material/balance:", on_click=_compare,
                  args=(room.id,))  # fmt: skip
    its = {way: worker.jobs().store.run(number) for way, number in runs.items()}
    active = any(run and run.status in ACTIVE for run in its.values())
    if active:
        st.fragment(_runs, run_every=EVERY)(room.id, active)
    else:  # a fragment that were still there would go on looking
        _runs(room.id, active)
    if room.network != registry.SHIPPED:
        st.button("Switch back to the first network", key="switch-back", icon=":material/undo:", on_click=_read,
                  args=(room.id, registry.SHIPPED))  # fmt: skip


@worker.spoken
def _begin(room_id: int, way: str) -> None:
    learning.begin(visitor.store(), room_id, way)


@worker.spoken
def _compare(room_id: int) -> None:
    for way in learning.WAYS:
        _begin(room_id, way)


@worker.spoken
def _read(room_id: int, network: int) -> None:
    rooms.set_flags(visitor.store(), room_id, network=network)


@worker.spoken
def _runs(room_id: int, was_active: bool) -> None:
    store = visitor.store()
    room, jobs = rooms.look(store, room_id), worker.jobs()
    numbers = room_events.runs_of(store, room_id)
    runs = {way: run for way, number in numbers.items() if (run := jobs.store.run(number))}
    if was_active and not any(run.status in ACTIVE for run in runs.values()):
        st.rerun()
    rows = []
    for way, run in runs.items():
        if run.status in ACTIVE:
            points = jobs.store.metrics(run.id)
            done = points[-1].epoch / run.training.epochs if points else 0.0
            st.progress(min(done, 1.0), text=f"{plain.markdown(run.name)}: {done:.0%}")
        elif classifier := registry.classifier(run.id, visitor.name()):
            rows.append((way, run, classifier))
        else:
            st.markdown(plain.markdown(run.note or "It has left no network."))
    if rows:
        drawn = room_drawings.images_of_class(store, room_id)
        _table(room, room_drawings.held_out(drawn), rows)
        _predicted(store, room, drawn)


def _table(room: Room, held: list[RoomDrawing], rows: list[tuple[str, Run, Classifier]]) -> None:
    """held: what nothing has learnt from."""
    alone = registry.classifier(registry.MNIST_ALONE, visitor.name())
    lines = [("Before", _before(run)) for way, run, _ in rows if way == "learn"]
    lines += [("MNIST alone", alone)] if any(way in learning.WAYS for way, *_ in rows) else []
    lines += [(run.name, classifier) for _, run, classifier in rows]
    body = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{_on_class(classifier, held)}</td>"
        f"<td>{percent(classifier.network.about.get('test_accuracy'))}</td></tr>"
        for name, classifier in lines
        if classifier
    )
    st.html(
        '<table class="dl-before-after" data-key="class-results"><tr><th></th><th>this class, held out</th>'
        f"<th>MNIST, test</th></tr>{body}</table>"
    )
    for _, run, _ in rows:
        if room.network != run.id:
            st.button(f"'{run.name}' reads on all phones", key=f"read-{run.id}", icon=":material/smartphone:",
                      on_click=_read, args=(room.id, run.id))  # fmt: skip


def _before(run: Run) -> Classifier | None:
    """What a training began with; None where that is not there any more."""
    of = run.training.fine_tuning
    return registry.classifier(of.base, visitor.name()) if of else None


def _on_class(classifier: Classifier, held: list[RoomDrawing]) -> str:
    right = results.accuracy(classifier, held)
    return "-" if right is None else fraction(round(right * len(held)), len(held))


def _predicted(store: Store, room: Room, drawn: list[RoomDrawing]) -> None:
    """Who was nearest, where a task 'predict' was held: to what the wall says."""
    if not room.task or room.task.kind != "predict":
        return
    replies = room_tasks.all_replies(store, room.id, room.task.id)
    right = wall_learning.reached(store, room, drawn)
    if right is None or not replies:
        return
    names = {pupil.id: pupil.name for pupil in rooms.class_of(store, room.id)}
    winners = ", ".join(names.get(one, "somebody") for one in tasks.nearest(replies, 100 * right))
    st.markdown(f"On the wall: it reads {100 * right:.1f}% of held-out digits. Nearest: **{winners}**.")
