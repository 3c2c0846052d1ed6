"""The table of all runs: its order, its columns, and which of them are ticked.

Called by `pages.runs`.
"""

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core.nn import architectures
from core.records import Run
from core.storage.store import Store
from core.training import configs, finetuning
from ui.content.glossary import note_in
from ui.state import keys

# Of the table, in their order; those that a network from a file leaves empty; those of whole numbers.
COLUMNS = [
    "run",
    "network",
    "status",
    "test",
    "test loss",
    "training",
    "training loss",
    "validation",
    "time",
    "seed",
    "epochs",
    "optimizer",
    "rate",
]
COLUMNS += ["batch", "data", "pictures", "parameters", "device", "started", "tags", "notes"]
OF_TRAININGS = ("validation", "time", "seed", "epochs", "optimizer", "rate", "batch", "pictures")
DRAWINGS_ALONE = "drawings alone"  # in place of a data set's name
WHOLE = dict.fromkeys(("seed", "epochs", "batch", "pictures"), "Int64")

SHOWN = [name for name in COLUMNS[2:] if name not in ("tags", "notes")]

# What the list begins with. A click on a column's header sorts as well, until the list is another one.
ORDERS: dict[str, Callable[[Run], Any]] = {
    "the latest first": lambda run: -run.id,
    "the most right on the test first": lambda run: -(run.test_accuracy or 0),
    "the least time first": lambda run: run.seconds or math.inf,
    "by network": lambda run: run.name.casefold(),
}


def ordered(runs: list[Run]) -> list[Run]:
    """Show a list of orders; return these runs, the latest first, in the one that is chosen, which stays."""
    if len(runs) < 2:
        return runs
    order = st.selectbox(
        "Order",
        list(ORDERS),
        key=keys.RUNS_ORDER,
        width=300,
        persist_state="session",
        format_func=str.capitalize,
    )
    return sorted(runs, key=ORDERS[order])


def columns() -> list[str]:
    """Show a menu of columns and return those that are chosen: there are many, and few who choose."""
    with st.popover("Columns", icon=":material/view_column:", key="columns-menu"):
        return st.pills(
            "Columns",
            COLUMNS[2:],
            default=SHOWN,
            selection_mode="multi",
            key=keys.RUNS_COLUMNS,
            persist_state="session",
        )


def table(store: Store, runs: list[Run], shown_columns: list[str]) -> list[Run]:
    """Show all runs, sortable by any column; return those that are ticked.

    The browser ticks rows. So that a tick stays with its run, a table of other runs is another table, which
    begins with the ticks of those that are still there.
    """
    numbers = [run.id for run in runs]
    if st.session_state.get(keys.RUNS_LISTED) != numbers:
        st.session_state[keys.RUNS_LISTED] = numbers
        st.session_state[keys.RUNS_TABLES] = st.session_state.get(keys.RUNS_TABLES, 0) + 1
        ticked = st.session_state.get(keys.RUNS_TICKED, [])
        st.session_state[keys.RUNS_TICKED_AT_FIRST] = [
            row for row, number in enumerate(numbers) if number in ticked
        ]
    with st.container(key="runs"):
        shown = st.dataframe(
            pd.DataFrame([_row(store, run) for run in runs], columns=COLUMNS).astype(WHOLE),
            column_order=[
                "run",
                "network",
                *(name for name in COLUMNS[2:] if name in shown_columns),
            ],
            hide_index=True,
            key=keys.runs_table(st.session_state[keys.RUNS_TABLES]),
            on_select="rerun",
            selection_mode="multi-row",
            selection_default={"selection": {"rows": st.session_state[keys.RUNS_TICKED_AT_FIRST]}},
            placeholder="",
            column_config=_columns(),
        )
    chosen = [runs[row] for row in shown["selection"]["rows"] if row < len(runs)]
    st.session_state[keys.RUNS_TICKED] = [run.id for run in chosen]
    return chosen


def _columns() -> dict[str, Any]:
    explained = {name: note_in(name) for name in COLUMNS}
    return {
        **{name: st.column_config.Column(help=note) for name, note in explained.items() if note},
        "test": st.column_config.NumberColumn(
            format="%.2f%%", help="Share of the test pictures of its data set that are read rightly"
        ),
        "test loss": st.column_config.NumberColumn(
            format="%.3f",
            help="Mean cross-entropy of the test pictures, in nats; guessing among ten gives 2.303",
        ),
        "training": st.column_config.NumberColumn(
            format="%.2f%%",
            help="The finished network on the pictures that it has learnt from, with dropout off",
        ),
        "training loss": st.column_config.NumberColumn(
            format="%.3f", help="Its mean cross-entropy on these, in nats, beside the test loss"
        ),
        "validation": st.column_config.NumberColumn(
            format="%.2f%%", help="Of the weights that are kept; empty where no pictures were held back"
        ),
        "time": st.column_config.NumberColumn(format="%.1f s", help="Training time"),
        "pictures": st.column_config.NumberColumn(format="localized"),
        "parameters": st.column_config.NumberColumn(format="localized", help=note_in("parameters")),
        "started": st.column_config.DatetimeColumn(format="D MMM, HH:mm", timezone=st.context.timezone),
    }


def _row(store: Store, run: Run) -> dict:
    kind = configs.kind(run.config)
    return {
        "run": run.id,
        "network": f"{run.name} (baseline)" if run.baseline else run.name,
        "status": _status(store, run),
        "test": None if run.test_accuracy is None else 100 * run.test_accuracy,
        "test loss": run.test_loss,
        "training": None if run.train_accuracy is None else 100 * run.train_accuracy,
        "training loss": run.train_loss,
        **_trained_with(run),
        "data": DRAWINGS_ALONE if _learns_alone(run) else kind.title,
        "parameters": architectures.parameters(run.config.layers, kind.shape),
        "device": " in ".join(filter(None, (run.device, run.dtype))),
        "started": run.created,
        "tags": run.tags,
        "notes": run.notes,
    }


def _status(store: Store, run: Run) -> str:
    """Its status, and how far it is where it trains: 'running, 40%'."""
    if run.status != "running" or run.kind == "imported":
        return run.status
    points = store.metrics(run.id)  # which know how many images an epoch has, the added ones too
    done = points[-1].epoch / run.training.epochs if points else 0.0
    return f"running, {min(1.0, done):.0%}"


def _learns_alone(run: Run) -> bool:
    """Has it learnt from a class's drawings alone? How many these were is not stored with it."""
    return run.kind == "trained" and finetuning.learns_alone(run.training)


def _trained_with(run: Run) -> dict:
    """The columns of a training; they stay empty for a network from a file."""
    if run.kind == "imported":
        return dict.fromkeys(OF_TRAININGS)
    config = run.training
    validation = run.validation_accuracy if config.validation_split else None
    values = (
        None if validation is None else 100 * validation,
        run.seconds or None,
        config.seed,
        config.epochs,
        config.optimizer,
        f"{configs.peak_learning_rate(config):g} {config.schedule}",
        config.batch_size,
        None if _learns_alone(run) else configs.divide(config)[0],
    )
    return dict(zip(OF_TRAININGS, values, strict=True))
