"""Drawings taught to a network that has seen next to nothing: before, after, and how it grows with them."""

import sys

import streamlit as st

from core.models import prediction_cache, registry
from core.records import DrawingArrays, Run, TrainConfig
from core.runs.control import NotAccepted
from core.runs.queue import OwnJobs
from core.storage.store import ACTIVE, StoreError
from core.training import weak_start
from core.words import counted, fraction, percent
from ui import plain, say
from ui.components import plotly_chart
from ui.figures import fraction_curves
from ui.sections import finetune
from ui.state import keys, selection, visitor, worker

Curve = list[tuple[int, Run | None]]  # drawings, and the training that learns from so many


def weak_start_panel(jobs: OwnJobs, hand: DrawingArrays) -> None:
    """Choose how little it has seen, teach it, and see what that changes."""
    st.header("From a weak start")
    st.markdown(
        "A network that has seen all of MNIST reads you already. This one has seen a handful of its digits: "
        "what do yours add?"
    )
    st.session_state.setdefault(keys.WEAK_SIZE, weak_start.SIZES[1])
    size = st.segmented_control(
        "Digits of MNIST's that it has seen",
        weak_start.SIZES,
        key=keys.WEAK_SIZE,
        required=True,
        persist_state="session",
    )
    assert size
    curve, asked = _curve(jobs, hand, size), st.session_state.get(keys.WEAK_ASKED)
    complete = all(run and run.has_network for _, run in curve)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Teach it mine",
            key="weak-teach",
            icon=":material/school:",
            disabled=asked is not None or complete or len(curve) < 2,
            on_click=_ask,
            args=(jobs,),
        )
        st.caption(_before_it(complete, len(curve), asked is not None))
    if asked:
        st.fragment(_watch, run_every=finetune.EVERY)(jobs, hand, asked[0])
    if said := st.session_state.get(keys.WEAK_SAID):
        say.info(said)
    _result(hand, curve)


def _before_it(complete: bool, trainings: int, goes_on: bool) -> str:
    if complete:
        return "It has learnt all that you have drawn; draw more."
    return "" if goes_on else f"{trainings} short trainings: you see how far they are, and can stop them."


def _ask(jobs: OwnJobs) -> None:
    """Begin; what was trained before this moment and has failed counts no more."""
    size = st.session_state[keys.WEAK_SIZE]
    st.session_state[keys.WEAK_ASKED] = (size, max((run.id for run in jobs.store.runs()), default=0))
    st.session_state.pop(keys.WEAK_SAID, None)


def _curve(jobs: OwnJobs, hand: DrawingArrays, size: int) -> Curve:
    """The network that has seen so many digits, which has learnt from no drawing, and what it was taught."""
    _, since = st.session_state.get(keys.WEAK_ASKED) or (0, sys.maxsize)
    mine = [
        run
        for run in jobs.store.runs()
        if run.recipe == weak_start.RECIPE and (run.has_network or run.status in ACTIVE or run.id > since)
    ]
    begin = _like(mine, weak_start.base(size))
    found: Curve = [(0, begin)]
    for amount in weak_start.amounts(hand):
        config = weak_start.taught(size, begin.id, visitor.name(), amount) if begin else None
        found.append((amount.drawings, _like(mine, config)))
    return found


def _like(runs: list[Run], config: TrainConfig | None) -> Run | None:
    """The latest of these that was trained so, or is to be."""
    return next((run for run in runs if run.visitor == visitor.name() and run.config == config), None)


@worker.spoken
def _watch(jobs: OwnJobs, hand: DrawingArrays, size: int) -> None:
    """Begin what is to be trained next; say how far it is."""
    curve = _curve(jobs, hand, size)
    ended = [run for _, run in curve if run and run.status not in ACTIVE]
    failed = next((run for run in ended if not run.has_network), None)
    if failed is not None:
        _end(failed.note or "This training was stopped.")
    if all(run and run.has_network for _, run in curve):
        _end()
    try:
        _begin(jobs, hand, size, curve)
    except (NotAccepted, StoreError) as error:
        _end(str(error))
    done = sum(run.has_network for run in ended)
    words = f"From {size} digits: {done} of {len(curve)} trainings are done."
    st.progress(done / len(curve), text=plain.markdown(worker.state(jobs)) or words)
    st.button("Stop", key="weak-stop", icon=":material/stop:", on_click=_stop, args=(jobs, curve))


def _begin(jobs: OwnJobs, hand: DrawingArrays, size: int, curve: Curve) -> None:
    (_, begin), *rest = curve
    name = f"Has seen {size} digits"
    if begin is None:
        jobs.submit(weak_start.base(size), name=name, visitor=visitor.name(), recipe=weak_start.RECIPE)
        return
    if not begin.has_network:
        return
    for amount, (_, run) in zip(weak_start.amounts(hand), rest, strict=True):
        if run is None:
            config = weak_start.taught(size, begin.id, visitor.name(), amount)
            taught = f"{name}, and {amount.drawings} of mine"
            jobs.submit(config, name=taught, visitor=visitor.name(), recipe=weak_start.RECIPE)


def _end(said: str = "") -> None:
    st.session_state[keys.WEAK_ASKED] = None
    st.session_state[keys.WEAK_SAID] = said
    st.rerun()


def _stop(jobs: OwnJobs, curve: Curve) -> None:
    st.session_state[keys.WEAK_ASKED] = None
    for _, run in curve:
        if run and run.status in ACTIVE:
            worker.spoken(jobs.stop)(run.id)


def _result(hand: DrawingArrays, curve: Curve) -> None:
    learnt = [(count, run) for count, run in curve if run and run.has_network]
    if len(learnt) < 2:
        return
    held = hand.held_out
    lines = {"MNIST's test digits": [(float(count), run.test_accuracy or 0.0) for count, run in learnt]}
    right = {count: _right(run, hand) for count, run in learnt} if held.any() else {}
    if right:
        lines = {"your hand": [(float(n), r / int(held.sum())) for n, r in right.items()]} | lines
    (_, before), (last, after) = learnt[0], learnt[-1]
    with st.container(key="weak-result", border=True):
        mnist = f"MNIST {percent(before.test_accuracy)} → {percent(after.test_accuracy)}"
        if right:
            change = " → ".join(fraction(n, int(held.sum())) for n in (right[0], right[last]))
            st.markdown(f"### Your hand {change}\n**{mnist}**")
        else:
            st.markdown(f"### {mnist}")
        few = f" Each of them is worth {1 / held.sum():.0%}." if 0 < held.sum() < finetune.FEW else ""
        st.caption(
            f"Before: {before.training.train_size} of MNIST's digits. After: the same, and {last} of yours. "
            + (
                f"Your hand: {counted(held.sum(), 'drawing')} held back.{few}"
                if right
                else "None is held back."
            )
        )
        figure = fraction_curves.fraction_curves(lines, "of your drawings learnt", "accuracy")
        plotly_chart.chart(figure, key="weak-curve")
        st.button(
            "Let it read my drawings",
            key="weak-read",
            icon=":material/draw:",
            on_click=selection.choose,
            args=(after.id,),
        )


def _right(run: Run, hand: DrawingArrays) -> int:
    """How many of the drawings held back it reads rightly."""
    classifier = registry.classifier(run.id, visitor.name())
    if classifier is None:
        return 0
    held = hand.held_out
    return int((prediction_cache.predict(classifier, hand.x[held])[0] == hand.y[held]).sum())
