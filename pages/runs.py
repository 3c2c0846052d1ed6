"""All trainings: a table, their curves compared, a leaderboard, and what chance alone does."""

import contextlib
from typing import Any

import pandas as pd
import streamlit as st

from core.nn import architectures
from core.records import Run
from core.storage.store import ACTIVE, Store, StoreError
from core.training import configs
from core.words import counted
from ui import say
from ui.components import term_notes
from ui.content.glossary import note_in
from ui.sections import (
    learning_panel,
    network_choice,
    run_boards,
    run_curves,
    run_panel,
    runs_tools,
    sweep_board,
)
from ui.state import keys, navigation, visitor, worker
from ui.widgets import announce, downloads, heading

LIVE, CALM = 1.0, 4.0  # seconds between two looks, while a run trains or waits and while none does
NAMED = 5  # deleted runs that are listed by their numbers


def ordered(runs: list[Run]) -> list[Run]:
    """Return these runs, the latest first, in the order that the visitor has chosen, which stays."""
    if len(runs) < 2:
        return runs
    order = st.selectbox(
        "Order",
        list(runs_tools.ORDERS),
        key=keys.RUNS_ORDER,
        width=300,
        persist_state="session",
        format_func=str.capitalize,
    )
    return sorted(runs, key=runs_tools.ORDERS[order])


def columns() -> list[str]:
    """Return the columns that the visitor has chosen, in a menu: there are many, and few who choose."""
    with st.popover("Columns", icon=":material/view_column:", key="columns-menu"):
        return st.pills(
            "Columns",
            runs_tools.COLUMNS[2:],
            default=runs_tools.SHOWN,
            selection_mode="multi",
            key=keys.RUNS_COLUMNS,
            persist_state="session",
        )


def table(runs: list[Run], shown_columns: list[str]) -> list[Run]:
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
            pd.DataFrame([_row(run) for run in runs], columns=runs_tools.COLUMNS).astype(runs_tools.WHOLE),
            column_order=[
                "run",
                "network",
                *(name for name in runs_tools.COLUMNS[2:] if name in shown_columns),
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
    explained = {name: note_in(name) for name in runs_tools.COLUMNS}
    return {
        **{name: st.column_config.Column(help=note) for name, note in explained.items() if note},
        "test": st.column_config.NumberColumn(
            format="%.2f%%", help="Share of the 10,000 test pictures of its data set that are read rightly"
        ),
        "test loss": st.column_config.NumberColumn(
            format="%.3f", help="Mean cross-entropy of the test pictures, in nats; guessing gives 2.303"
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
        "started": st.column_config.DatetimeColumn(format="D MMM, HH:mm"),
    }


def _row(run: Run) -> dict:
    kind = configs.kind(run.config)
    return {
        "run": run.id,
        "network": f"{run.name} (baseline)" if run.baseline else run.name,
        "status": run_panel.in_a_word(run),
        "test": None if run.test_accuracy is None else 100 * run.test_accuracy,
        "test loss": run.test_loss,
        "training": None if run.train_accuracy is None else 100 * run.train_accuracy,
        "training loss": run.train_loss,
        **_trained_with(run),
        "data": kind.title,
        "parameters": architectures.parameters(run.config.layers, kind.shape),
        "device": " in ".join(filter(None, (run.device, run.dtype))),
        "started": run.created,
        "tags": run.tags,
        "notes": run.notes,
    }


def _trained_with(run: Run) -> dict:
    """The columns of a training; they stay empty for a network from a file."""
    if run.kind == "imported":
        return dict.fromkeys(runs_tools.OF_TRAININGS)
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
        configs.divide(config)[0],
    )
    return dict(zip(runs_tools.OF_TRAININGS, values, strict=True))


def actions(store: Store, chosen: list[Run]) -> None:
    """What can be done with the ticked runs."""
    if not chosen:
        term_notes.caption(
            "Tick runs to compare their curves, to look at one, to let it read your drawings, or to delete."
        )
        return
    with st.container(horizontal=True, gap="xsmall"):
        if len(chosen) == 1:
            (run,) = chosen
            if st.button("Look at it", key="look", icon=":material/monitoring:"):
                navigation.open_run(run.id)
            if run.has_network:
                network_choice.choose_button(run)
                if st.button("Its mistakes", key="mistakes", icon=":material/rule:"):
                    navigation.open_mistakes(run.id, of_digits=configs.reads_drawings(run.config))
            downloads.save_menu(store, run)
            runs_tools.describe_menu(store, run)
        elif comparable(chosen):
            downloads.report_menu(store, chosen)
        runs_tools.export_menu(store, chosen)
        numbers = [run.id for run in chosen if run.visitor == visitor.name()]
        if not numbers:  # published by others
            return
        st.button("Delete", key="delete", icon=":material/delete:", on_click=_delete, args=(store, numbers))


def comparable(runs: list[Run]) -> bool:
    """Can one report be of all of them? They have networks, which answer the same test images."""
    return all(run.has_network for run in runs) and len({configs.kind(run.config).noun for run in runs}) == 1


@worker.spoken
def _delete(store: Store, numbers: list[int]) -> None:
    for number in numbers:
        store.delete(number)
        gone = st.session_state.get(keys.RUNS_DELETED, [])
        st.session_state[keys.RUNS_DELETED] = [*gone, *({number} - set(gone))]


@worker.spoken
def _undelete(store: Store) -> None:
    """Bring back all that was deleted in this visit."""
    gone = st.session_state.get(keys.RUNS_DELETED, [])
    while gone:
        store.undelete(gone[-1])
        gone.pop()


def undo(store: Store) -> None:
    """Say what was deleted in this visit, and offer it back."""
    numbers = st.session_state.get(keys.RUNS_DELETED, [])
    announce.announce(f"Deleted {counted(len(numbers), 'run')}." if numbers else "", "runs")
    if numbers:
        listed = ", ".join(map(str, numbers[:NAMED])) + ", ..." * (len(numbers) > NAMED)
        which = f"run {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} runs: {listed}"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Deleted {which}.", width="content")
            word = "Undo" if len(numbers) == 1 else "Bring them all back"
            st.button(word, key="undelete", icon=":material/undo:", on_click=_undelete, args=(store,))


def page(store: Store) -> None:
    runs = store.runs()
    heading.heading(
        "Compare what has been trained",
        "Your networks and those that others show to all, their curves, and how they do beside others.",
    )
    undo(store)
    sweep_board.sweep_board(worker.jobs())
    if not runs:
        st.info("You have trained no network here yet. Start one on the Train page.")
        st.page_link("pages/train.py", label="Train a network", icon=":material/model_training:")
    else:
        if waiting := sum(run.status in ACTIVE for run in runs):
            st.caption(f"{waiting} training or waiting.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            in_order, shown_columns = ordered(runs), columns()
        ticked = table(in_order, shown_columns)
        actions(store, ticked)
        run_curves.run_curves(store, ticked)
        runs_tools.groups(runs)
        if len(ticked) == 1 and ticked[0].kind == "trained":
            (run,) = ticked
            learning_panel.learning_panel(store, run, store.metrics(run.id))
    run_boards.board(runs)
    run_boards.chance(runs)
    live = any(run.status in ACTIVE for run in runs)
    st.fragment(_watch, run_every=LIVE if live else CALM)(store, _seen(runs))


def _watch(store: Store, seen: list[tuple]) -> None:
    """Show the page anew when something on it has changed, by whomever."""
    with contextlib.suppress(StoreError):  # it is asked again in a moment
        if _seen(store.runs()) != seen:
            st.rerun()


def _seen(runs: list[Run]) -> list[tuple]:
    return [
        (
            r.id,
            r.name,
            r.status,
            r.images,
            r.test_accuracy,
            r.has_network,
            r.device,
            r.tags,
            r.notes,
            r.baseline,
        )
        for r in runs
    ]


try:
    its_store = worker.jobs().store
except StoreError as error:
    say.error(error)
    st.stop()
page(its_store)
