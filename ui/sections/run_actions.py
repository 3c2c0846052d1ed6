"""What can be done with the runs that are ticked on the Runs page, and how deleted ones come back.

Called by `pages.runs`.
"""

import streamlit as st

from core.records import Run
from core.storage.store import Store
from core.training import configs
from core.words import counted
from ui.components import term_notes
from ui.sections import network_choice, runs_tools
from ui.state import keys, navigation, visitor, worker
from ui.widgets import announce, downloads

NAMED = 5  # deleted runs that are listed by their numbers


def run_actions(store: Store, chosen: list[Run]) -> None:
    """Show what can be done with the ticked runs."""
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
        elif _comparable(chosen):
            downloads.report_menu(store, chosen)
        runs_tools.export_menu(store, chosen)
        numbers = [run.id for run in chosen if run.visitor == visitor.name()]
        if not numbers:  # published by others
            return
        st.button("Delete", key="delete", icon=":material/delete:", on_click=_delete, args=(store, numbers))


def _comparable(runs: list[Run]) -> bool:
    """Can one report be of all of them? They have networks, which answer the same test images."""
    tested_on = {configs.kind(run.config).tested_on for run in runs}
    return all(run.has_network for run in runs) and len(tested_on) == 1


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
