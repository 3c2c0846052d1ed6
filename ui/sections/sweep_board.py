"""A sweep as it goes on: its combinations, the best by validation first, an image of them, its controls."""

import html
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.runs import sweeps
from core.runs.queue import OwnJobs
from core.runs.sweeps import Row
from core.storage import sweeps as stored
from core.storage.sweeps import Sweep, Trial
from core.training import configs, search
from core.words import percent
from ui import plain, say
from ui.components import plotly_chart, term_notes
from ui.content.glossary import marked
from ui.figures import sweep_figures
from ui.state import keys, navigation, worker
from ui.widgets import announce

EVERY = 1.0  # seconds between two looks while it goes on
_STATUS = {"running": ("going on", "blue"), "done": ("finished", "green"), "stopped": ("stopped", "orange")}


def sweep_board(jobs: OwnJobs) -> None:
    """Show the latest sweep, or the one that is chosen; nothing where there is none."""
    every = stored.every(jobs.store)
    _undo(jobs)
    if not every:
        return
    st.header("Sweeps")
    numbers = [sweep.id for sweep in every]
    if keys.SWEEP not in st.session_state and (named := navigation.sweep_in_address()) in numbers:
        st.session_state[keys.SWEEP] = named
    if st.session_state.get(keys.SWEEP) not in numbers:
        st.session_state[keys.SWEEP] = numbers[0]
    if len(every) > 1:
        names = {sweep.id: f"{sweep.id}: {sweep.name}, {_what(sweep)}" for sweep in every}
        st.selectbox(
            "Sweep", numbers, key=keys.SWEEP, format_func=names.__getitem__, persist_state="session", width=560
        )
    number = st.session_state[keys.SWEEP]
    goes_on = next(sweep for sweep in every if sweep.id == number).status == "running"
    st.fragment(_board, run_every=EVERY if goes_on else None)(jobs, number, goes_on)


@worker.spoken
def _board(jobs: OwnJobs, number: int, goes_on: bool) -> None:
    sweep = stored.one(jobs.store, number)
    if sweep is None or goes_on != (sweep.status == "running"):
        st.rerun()  # the whole page: only that can change how often one looks
    trials = stored.trainings(jobs.store, number)
    rows = sweeps.board(trials)
    header, table, image = (st.container() for _ in range(3))
    with header:
        _header(jobs, sweep, trials, rows)
    with table:
        _table(sweep, rows)
    with image:
        _chart(sweep, rows)


def _header(jobs: OwnJobs, sweep: Sweep, trials: Sequence[Trial], rows: Sequence[Row]) -> None:
    word, colour = _STATUS[sweep.status]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        what = marked(plain.markdown(_what(sweep)))
        st.markdown(f"**{plain.markdown(sweep.name)}**: {what}", width="content")
        st.badge(word, color=colour)  # type: ignore[arg-type]
    fraction, line = sweeps.progress(sweep, trials)
    announce.announce(f"Sweep {sweep.id}: {word}.", "sweep")
    st.progress(fraction, text=line)
    if sweep.status == "running" and (trouble := worker.state(jobs)):
        say.caption(trouble)
    chosen = sweeps.best(rows)
    if chosen:
        noun = configs.kind(sweep.config).noun
        say.info(
            f"The best by the {noun} held back: {sweeps.said(chosen.changes)}, "
            f"{percent(chosen.validation)} (run {chosen.run}, seed {chosen.seed})."
        )
    with st.container(horizontal=True, gap="xsmall"):
        if chosen and st.button("Look at the best", key="sweep-look", icon=":material/monitoring:"):
            navigation.open_run(chosen.run or 0)
        if sweep.status == "running":
            st.button(
                "Stop all", key="sweep-stop", icon=":material/stop:", on_click=_stop, args=(jobs, sweep.id)
            )
        if sweep.status == "stopped":
            icon = ":material/play_arrow:"
            st.button("Go on", key="sweep-resume", icon=icon, on_click=_resume, args=(jobs, sweep.id))
        about = "The sweep and all its runs; for a day it can be undone."
        st.button(
            "Delete",
            key="sweep-delete",
            icon=":material/delete:",
            help=about,
            on_click=_delete,
            args=(jobs, sweep.id),
        )


def _table(sweep: Sweep, rows: Sequence[Row]) -> None:
    noun = configs.kind(sweep.config).noun
    columns = {axis.name: search.label(axis.name, noun) for axis in sweep.plan.axes}
    several = sweep.plan.seeds > 1
    lines = []
    for row in rows:
        line = {columns[name]: sweeps.shown(value) for name, value in row.changes.items()}
        line["validation"] = None if row.mean is None else 100 * row.mean  # type: ignore[assignment]
        if several:
            line["range"] = "" if row.low is None else f"{row.low:.2%} to {row.high:.2%}"
        line["state"] = row.state
        line["epochs"] = f"{max(trial.epoch for trial in row.trials):.0f} of {sweep.config.epochs}"
        line["runs"] = ", ".join(str(trial.run) for trial in row.trials if trial.run_status)
        lines.append(line)
    mean = "Mean over the seeds that are known so far" if several else "Of the weights that are kept"
    st.dataframe(
        pd.DataFrame(lines),
        hide_index=True,
        key="sweep-table",
        placeholder="",
        column_config={"validation": st.column_config.NumberColumn(format="%.2f%%", help=mean)},
    )


def _chart(sweep: Sweep, rows: Sequence[Row]) -> None:
    """A heat table of two settings, or else parallel coordinates."""
    if sum(row.mean is not None for row in rows) < 2:
        return
    axes = sweep.plan.axes
    if len(axes) == 2 and sweep.plan.method == "grid":
        term_notes.html(_heat(sweep, rows))
        return
    noun = configs.kind(sweep.config).noun
    names = [search.label(axis.name, noun) for axis in axes]
    figure = sweep_figures.parallel(axes, names, rows)
    plotly_chart.chart(figure, key="sweep-parallel", buttons=False)
    term_notes.caption("One line for each combination, to its validation accuracy; the best is blue.")


def _heat(sweep: Sweep, rows: Sequence[Row]) -> str:
    down, across = sweep.plan.axes
    noun = configs.kind(sweep.config).noun
    means = {tuple(row.changes.values()): row.mean for row in rows}
    known = [mean for mean in means.values() if mean is not None]
    low, spread = min(known), max(max(known) - min(known), 1e-6)

    def cell(mean: float | None) -> str:
        if mean is None:
            return "<td></td>"
        return f'<td class="dl-right" style="--s:{(mean - low) / spread:.3f}">{mean:.2%}</td>'

    values = [html.escape(sweeps.shown(value)) for value in across.points()]
    head = "".join(f"<th scope='col'>{value}</th>" for value in values)
    body = "".join(
        f"<tr><th scope='row'>{html.escape(sweeps.shown(value))}</th>"
        f"{''.join(cell(means.get((value, other))) for other in across.points())}</tr>"
        for value in down.points()
    )
    names = (search.label(down.name, noun), search.label(across.name, noun))
    about = f"rows: {names[0]}, columns: {names[1]}; validation accuracy"
    return (
        f'<table class="dl-confusion dl-sweep"><caption>{html.escape(about)}</caption><tr><td></td>{head}</tr>'
        f"{body}</table>"
    )


def _what(sweep: Sweep) -> str:
    """Return in words what a sweep varies."""
    noun = configs.kind(sweep.config).noun
    names = [search.label(axis.name, noun) for axis in sweep.plan.axes]
    return " x ".join(names) if sweep.plan.method == "grid" else f"{', '.join(names)} ({sweep.plan.method})"


@worker.spoken
def _stop(jobs: OwnJobs, number: int) -> None:
    stored.stop(jobs.store, number)


@worker.spoken
def _resume(jobs: OwnJobs, number: int) -> None:
    stored.resume(jobs.store, number)
    jobs.look_soon()


@worker.spoken
def _delete(jobs: OwnJobs, number: int) -> None:
    stored.delete(jobs.store, number)
    st.session_state[keys.SWEEP_DELETED] = number
    st.session_state.pop(keys.SWEEP, None)


@worker.spoken
def _undelete(jobs: OwnJobs, number: int) -> None:
    stored.undelete(jobs.store, number)
    st.session_state.pop(keys.SWEEP_DELETED, None)


def _undo(jobs: OwnJobs) -> None:
    """Offer back what was deleted last in this visit."""
    if (number := st.session_state.get(keys.SWEEP_DELETED)) is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Deleted sweep {number} with its runs.", width="content")
        st.button("Undo", key="sweep-undelete", icon=":material/undo:", on_click=_undelete, args=(jobs, number))
