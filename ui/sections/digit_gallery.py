"""Somebody's labelled digits to look through: of each class, and those that are misclassified.

Called by `pages.my_digits`.
"""

from collections import Counter

import numpy as np
import streamlit as st

from core.models import prediction_cache
from core.records import DrawingArrays
from core.storage.store import Store
from core.words import confidence
from ui.components.choices import Cell, choices
from ui.sections import digit_changes
from ui.state import keys

PAGE = 60  # images at once


def browse(store: Store, hand: DrawingArrays, said: np.ndarray, sure: np.ndarray) -> None:
    """Show the digits page by page, and what can be done with those that are chosen.

    said, sure: what each is read as, and how confident of that, as `prediction_cache.predict` has them.
    """
    counts = Counter(hand.y.tolist())
    digit = st.segmented_control(
        "Show",
        [None, *range(10)],
        key=keys.DIGITS_CLASS,
        format_func=lambda d: f"all {len(hand.y):,}" if d is None else f"**{d}** · {counts[d]:,}",
        on_change=_turn,
        args=(0,),
        wrap=True,
        persist_state="session",
    )
    misread = st.toggle(
        "Only those that are read differently",
        key=keys.DIGITS_MISREAD,
        on_change=_turn,
        args=(0,),
        persist_state="session",
    )
    wanted = np.ones(len(hand.y), bool) if digit is None else hand.y == digit
    if misread:
        wanted &= (said != hand.y) & (said != prediction_cache.NOT_YET)
    places = np.flatnonzero(wanted)
    digit_changes.undo()
    if not len(places):
        st.info("There are none of this kind.")
        return
    at = _pages(len(places))
    shown = places[at * PAGE : (at + 1) * PAGE]
    key = keys.digits_gallery(st.session_state.get(keys.DIGITS_TURN, 0), at, digit, misread)
    chosen = choices([_cell(hand, said, sure, place) for place in shown], key)
    digit_changes.actions(store, hand, chosen)


def _turn(page: int) -> None:
    """Show this page of the gallery."""
    st.session_state[keys.DIGITS_PAGE] = page


def _pages(count: int) -> int:
    """Buttons for the pages; return the one to show, from 0."""
    last = (count - 1) // PAGE
    at = min(st.session_state.get(keys.DIGITS_PAGE, 0), last)
    if last:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for icon, to, word in (
                ("first_page", 0, "First page"),
                ("chevron_left", at - 1, "Page before"),
                ("chevron_right", at + 1, "Next page"),
                ("last_page", last, "Last page"),
            ):
                st.button(
                    f":material/{icon}:",
                    key=f"page-{icon}",
                    help=word,
                    on_click=_turn,
                    args=(to,),
                    disabled=not 0 <= to <= last or to == at,
                )
            st.caption(f"{at * PAGE + 1:,} to {min(count, (at + 1) * PAGE):,} of {count:,}, the latest first")
    return at


def _cell(hand: DrawingArrays, said: np.ndarray, sure: np.ndarray, place: int) -> Cell:
    label, read_as = int(hand.y[place]), int(said[place])
    words = {prediction_cache.NONE: "no digit", prediction_cache.NOT_YET: "not read yet"}.get(
        read_as, f"a {read_as}"
    )
    wrong = read_as not in (label, prediction_cache.NOT_YET)
    signs = {prediction_cache.NONE: "none"}.get(read_as, str(read_as))
    title = f"Labelled {label}, read as {words}"
    title += f", {confidence(sure[place])} sure" if read_as >= 0 else ""
    title += "; held back: nothing learns from it" if hand.held_out[place] else ""
    return Cell(
        int(hand.ids[place]), hand.x[place] / 255, f"{label} → {signs}" if wrong else str(label), title, wrong
    )
