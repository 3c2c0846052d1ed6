"""All trainings: a table, their curves compared, a leaderboard, and what chance alone does."""

import contextlib

import streamlit as st

from core.records import Run
from core.storage.store import ACTIVE, Store, StoreError
from ui import say
from ui.sections import learning_panel, run_actions, run_boards, run_curves, run_table, runs_tools, sweep_board
from ui.state import worker
from ui.widgets import heading

LIVE, CALM = 1.0, 4.0  # seconds between two looks, while a run trains or waits and while none does


def page(store: Store) -> None:
    runs = store.runs()
    heading.heading(
        "Compare what has been trained",
        "Your networks and those that others show to all, their curves, and how they do beside others.",
    )
    run_actions.undo(store)
    sweep_board.sweep_board(worker.jobs())
    if not runs:
        st.info("You have trained no network here yet. Start one on the Train page.")
        st.page_link("pages/train.py", label="Train a network", icon=":material/model_training:")
    else:
        if waiting := sum(run.status in ACTIVE for run in runs):
            st.caption(f"{waiting} training or waiting.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            in_order, shown_columns = run_table.ordered(runs), run_table.columns()
        ticked = run_table.table(store, in_order, shown_columns)
        run_actions.run_actions(store, ticked)
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
