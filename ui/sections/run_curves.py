"""The ticked runs of the Runs page beside each other: their curves, and lines over the settings that differ."""

from collections.abc import Sequence

import streamlit as st

from core.records import Metric, Run
from core.runs import differing
from core.storage.store import Store
from core.training import configs
from ui import say
from ui.components import plotly_chart, term_notes
from ui.content.glossary import notes_in
from ui.figures import parallel_axes, training_curves
from ui.state import keys

COMPARED = {
    "validation accuracy": "validation_accuracy",
    "validation loss": "validation_loss",
    "training accuracy": "train_accuracy",
    "training loss": "train_loss",
}


def run_curves(store: Store, chosen: list[Run]) -> None:
    """Two charts of these runs. What is pointed at there, or in the table, is lit up in both."""
    if not chosen:
        return
    what = st.segmented_control(
        "Compare",
        list(COMPARED),
        default="validation accuracy",
        required=True,
        key=keys.RUNS_COMPARED,
        persist_state="session",
        help=notes_in(*COMPARED),
    )
    points = {run.id: store.metrics(run.id) for run in chosen}
    names = {run.id: f"{run.id}: {run.name}, {configs.origin(run.config)}" for run in chosen}
    _curves(chosen, names, points, what)
    watched = [run for run in chosen if run.kind == "trained" and not run.training.validation_split]
    if watched and what.startswith("validation"):
        term_notes.caption(
            "Runs without pictures held back are shown with the test pictures instead, as in their tutorials."
        )
    _settings(chosen, names, points)
    plotly_chart.lit_by_table("runs")
    plotly_chart.library()


def _curves(chosen: list[Run], names: dict[int, str], points: dict[int, list[Metric]], what: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        smoothing = st.slider(
            "Smoothing", 0.0, 0.95, 0.0, 0.05, key=keys.RUNS_SMOOTHING, persist_state="session", width=260
        )
        log = st.pills(
            "Logarithmic",
            ["images", "figure"],
            selection_mode="multi",
            key=keys.RUNS_LOG,
            persist_state="session",
            format_func={"images": "images, across", "figure": f"{what.rpartition(' ')[2]}, up"}.__getitem__,
        )
    dashed = {names[run.id] for run in chosen if run.baseline}
    lines = {names[number]: its for number, its in points.items()}
    figure = training_curves.compare(
        lines, COMPARED[what], smoothing=smoothing, log=log, dashed=dashed, numbers=list(points)
    )
    plotly_chart.live_chart(figure, key="compare")
    if without := [names[number] for number, its in points.items() if not its]:
        say.caption(f"Without a curve: {'; '.join(without)}.")


def _settings(chosen: list[Run], names: dict[int, str], points: dict[int, list[Metric]]) -> None:
    """Where at least two trainings differ in something: which settings have led where."""
    reached = {run.id: _accuracy(run, points[run.id]) for run in chosen if run.kind == "trained"}
    known = {number: accuracy for number, accuracy in reached.items() if accuracy is not None}
    runs = [run for run in chosen if run.id in known]
    found = differing.settings(runs) if len(runs) > 1 else {}
    if not found:
        return
    st.markdown("**Which settings have led where**")
    # Colours are those of the curves, where each run has its place.
    colours = {number: place for place, number in enumerate(names)}
    figure = parallel_axes.runs(
        {run.id: names[run.id] for run in runs},
        found,
        [known[run.id] for run in runs],
        colours=[colours[run.id] for run in runs],
    )
    plotly_chart.live_chart(figure, key="settings")
    term_notes.caption(
        f"One line for each run: {', '.join(found)}, and the validation accuracy that they led to."
    )


def _accuracy(run: Run, points: Sequence[Metric]) -> float | None:
    """What the weights that are kept reach on validation, or so far."""
    if run.validation_accuracy is not None:
        return run.validation_accuracy
    return next((p.validation_accuracy for p in reversed(points) if p.validation_accuracy is not None), None)
