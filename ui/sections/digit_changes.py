"""Labelled digits are relabelled and deleted, and that is undone.

Called by `pages.my_digits` and `ui.sections.digit_gallery`.
"""

from collections.abc import Callable

import streamlit as st

from core.records import DrawingArrays
from core.storage import drawings
from core.storage.store import Store, StoreError
from core.words import counted
from ui import plain
from ui.state import keys
from ui.widgets import announce


def actions(store: Store, hand: DrawingArrays, chosen: list[int]) -> None:
    """Show what can be done with the drawings of these ids."""
    if not chosen:
        st.caption("Choose pictures to relabel or delete them. → says what it is read as where that differs.")
        return
    many = counted(len(chosen), "drawing")
    with st.container(key="digits-actions", gap="xsmall"):
        st.segmented_control(
            f"{many}: this was a",
            list(range(10)),
            key=keys.DIGITS_RELABEL,
            on_change=_relabel,
            args=(store, hand, chosen),
            width="stretch",
        )
        st.button(
            f"Delete {many}",
            key="delete-digits",
            icon=":material/delete:",
            on_click=_delete,
            args=(store, chosen),
        )


def _relabel(store: Store, hand: DrawingArrays, chosen: list[int]) -> None:
    label = st.session_state[keys.DIGITS_RELABEL]
    before = {int(n): int(y) for n, y in zip(hand.ids, hand.y, strict=True) if n in set(chosen)}
    hidden: list[int] = []  # those that are there under this label already

    def back() -> None:
        drawings.undelete(store, hidden)
        drawings.relabel(store, before)

    _do(
        lambda: hidden.extend(drawings.relabel(store, dict.fromkeys(chosen, label))),
        f"Relabelled {counted(len(chosen), 'drawing')} as {label}.",
        back,
    )
    st.session_state[keys.DIGITS_RELABEL] = None


def _delete(store: Store, chosen: list[int]) -> None:
    what = counted(len(chosen), "drawing")
    _do(
        lambda: drawings.delete(store, chosen),
        f"Deleted {what}; for good after a day.",
        lambda: drawings.undelete(store, chosen),
    )


def _do(act: Callable[[], object], sentence: str, undo_it: Callable[[], object]) -> None:
    """Act and keep how to undo it; nothing is chosen any more."""
    try:
        act()
        st.session_state[keys.DIGITS_DONE] = (sentence, undo_it)
    except StoreError as error:
        st.session_state[keys.DIGITS_DONE] = (str(error), None)
    st.session_state[keys.DIGITS_TURN] = st.session_state.get(keys.DIGITS_TURN, 0) + 1


def done(sentence: str, undo_it: Callable[[], object]) -> None:
    """Keep what was done and how to undo it; nothing is chosen any more."""
    st.session_state[keys.DIGITS_DONE] = (sentence, undo_it)
    st.session_state[keys.DIGITS_TURN] = st.session_state.get(keys.DIGITS_TURN, 0) + 1


def undo() -> None:
    """Say what was done last, and offer to undo it."""
    done = st.session_state.get(keys.DIGITS_DONE)
    announce.announce(done[0] if done else "", "digits")
    if not done:
        return
    sentence, undo_it = done
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain.markdown(sentence), width="content")
        if undo_it:
            st.button("Undo", key="undo-digits", icon=":material/undo:", on_click=_undo, args=(undo_it,))


def _undo(undo_it: Callable[[], object]) -> None:
    _do(undo_it, "Undone.", lambda: None)
    if st.session_state[keys.DIGITS_DONE][0] == "Undone.":
        st.session_state[keys.DIGITS_DONE] = None
