"""Runs as experiments: their names, notes and tags, a baseline, groups, and files to be looked at elsewhere.

Called by `pages.runs` and `ui.sections.run_actions`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.records import Run
from core.runs import tracking
from core.storage.store import Store
from core.training import configs
from ui.state import keys, visitor, worker

MAX_NAME, MAX_TAGS, MAX_NOTES = 60, 200, 4000  # characters

# What runs can be grouped by: a setting in words -> its value of a run.
GROUPS: dict[str, Callable[[Run], Any]] = {
    "network": lambda run: run.name,
    "tags": lambda run: run.tags or "none",
    "optimizer": lambda run: run.training.optimizer,
    "learning rate": lambda run: f"{configs.peak_learning_rate(run.training):g}",
    "schedule": lambda run: run.training.schedule,
    "batch size": lambda run: run.training.batch_size,
    "epochs": lambda run: run.training.epochs,
    "training images": lambda run: configs.divide(run.training)[0],
    "data": lambda run: configs.kind(run.config).title,
    "augmented": lambda run: "yes" if run.training.augmentation != type(run.training.augmentation)() else "no",
}


def describe_menu(store: Store, run: Run) -> None:
    """A run's name, notes and tags, and whether it is the baseline; for its owner."""
    if run.visitor != visitor.name():
        return
    with st.popover("Name and notes", icon=":material/edit_note:", key="describe"):
        # One that is longer already, as of a sweep's run, would be cut off by a smaller limit.
        longest = max(MAX_NAME, len(run.name))
        st.text_input("Name", run.name, max_chars=longest, **_told(store, run, "name"))
        st.text_input(
            "Tags",
            run.tags,
            max_chars=MAX_TAGS,
            help="Words, with commas between.",
            **_told(store, run, "tags"),
        )
        st.text_area("Notes", run.notes, max_chars=MAX_NOTES, **_told(store, run, "notes"))
        st.toggle(
            "Baseline",
            run.baseline,
            help="The run that others are compared with; its curve is dashed. There is one.",
            **_told(store, run, "baseline"),
        )


def _told(store: Store, run: Run, what: str) -> dict[str, Any]:
    """A field's key, and what is done when it changes. what: name, tags, notes or baseline."""
    key = keys.run_field(run.id, what)
    return {"key": key, "on_change": _describe, "args": (store, run.id, what)}


@worker.spoken
def _describe(store: Store, run_id: int, what: str) -> None:
    """Only what was changed: the rest may have been written in another tab since."""
    said = st.session_state[keys.run_field(run_id, what)]
    if what == "tags":
        said = ", ".join(dict.fromkeys(filter(None, (tag.strip() for tag in said.split(",")))))
    store.describe(run_id, **{what: said.strip() if what == "name" else said})


def export_menu(store: Store, runs: Sequence[Run]) -> None:
    """These runs as files; they are made when one is asked for."""
    trained = [run for run in runs if run.kind == "trained"]
    with st.popover("Export", icon=":material/table_view:", key="export"):
        st.download_button(
            "Table, CSV", lambda: tracking.table(runs), "digit-lab-runs.csv", "text/csv", key="export-table"
        )
        st.download_button(
            "Curves, CSV",
            lambda: tracking.curves({run.id: store.metrics(run.id) for run in trained}),
            "digit-lab-curves.csv",
            "text/csv",
            key="export-curves",
        )
        st.download_button(
            "TensorBoard",
            lambda: tracking.event_files([(run, store.metrics(run.id)) for run in trained]),
            "digit-lab-events.zip",
            "application/zip",
            key="export-events",
        )


def groups(runs: Sequence[Run]) -> None:
    """The finished runs by a setting: how many, and the mean and range of what they reach."""
    done = [run for run in runs if run.kind == "trained" and run.status == "done"]
    if len(done) < 2:
        return
    what = st.selectbox(
        "Group by",
        ["", *GROUPS],
        key=keys.RUNS_GROUP,
        persist_state="session",
        width=300,
        format_func=_title,
    )
    if what:
        st.dataframe(grouped(done, what), hide_index=True, key="groups", column_config=_columns())


def grouped(runs: Sequence[Run], what: str) -> pd.DataFrame:
    """Return a row for each value of that setting, the best on validation first: the test chooses nothing."""
    rows: dict[Any, list[Run]] = {}
    for run in runs:
        rows.setdefault(GROUPS[what](run), []).append(run)
    table = pd.DataFrame([{what: value, **_figures(its)} for value, its in rows.items()])
    return table.sort_values("validation", ascending=False, kind="stable", ignore_index=True)


def _figures(runs: Sequence[Run]) -> dict[str, Any]:
    test = [100 * run.test_accuracy for run in runs if run.test_accuracy is not None]
    held_out = [run for run in runs if run.training.validation_split]
    known = [100 * run.validation_accuracy for run in held_out if run.validation_accuracy is not None]
    return {
        "runs": len(runs),
        "validation": sum(known) / len(known) if known else None,
        "test": sum(test) / len(test) if test else None,
        "test from": min(test, default=None),
        "test to": max(test, default=None),
        "time": sum(run.seconds for run in runs) / len(runs),
    }


def _columns() -> dict[str, Any]:
    percent = ("validation", "test", "test from", "test to")
    return {name: st.column_config.NumberColumn(format="%.2f%%") for name in percent} | {
        "time": st.column_config.NumberColumn(format="%.1f s")
    }


def _title(what: str) -> str:
    return what.capitalize() or "Nothing"
