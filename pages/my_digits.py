"""The digits that somebody has drawn and labelled: to look through, correct, take along and teach with."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import streamlit as st

from core.models import prediction_cache, registry
from core.models.classifiers import Classifier
from core.records import DrawingArrays
from core.storage import drawings
from core.storage.database import HOME
from core.storage.store import Store, StoreError
from core.words import confidence, counted, fraction
from ui import plain, say
from ui.components import term_notes
from ui.components.choices import Cell, choices
from ui.sections import digit_files, finetune, network_choice, weak_start
from ui.state import keys, selection, visitor, worker
from ui.widgets import announce, heading

PAGE = 60  # images at once
SECONDS = 0.3  # of reading at once, when the page is there; the rest follows


def whose() -> None:
    """Say whose digits these are, and where."""
    home = "on this computer" if visitor.name() == HOME else "in this browser"
    term_notes.caption(
        f"Labelled {home}. They stay on the computer that runs this app, nobody else who uses it can see them, "
        "and they are sent nowhere."
    )


# -- how it is read


def read(hand: DrawingArrays) -> tuple[Classifier, np.ndarray, np.ndarray]:
    """Let the visitor choose a network; return it, what it reads each drawing as, and how sure it is.

    Of those that it has not read yet, it reads the first few hundred.
    """
    known = network_choice.names_of_networks()
    reads = selection.chosen() if selection.chosen() in known else registry.SHIPPED
    if (
        st.session_state.get(keys.DIGITS_NETWORK) not in known
        or st.session_state.get(keys.DIGITS_NETWORK_OF_DRAW) != reads
    ):
        st.session_state[keys.DIGITS_NETWORK] = reads  # until another reads the Draw page, one may choose here
    st.session_state[keys.DIGITS_NETWORK_OF_DRAW] = reads
    number = st.selectbox(
        "Read by", list(known), key=keys.DIGITS_NETWORK, format_func=known.__getitem__, persist_state="session"
    )
    classifier = registry.classifier(number, visitor.name())
    assert classifier is not None  # only those are listed that can read
    said, sure = prediction_cache.predict(classifier, hand.x, seconds=0)
    st.markdown(accuracy(hand, said))
    return classifier, said, sure


def accuracy(hand: DrawingArrays, said: np.ndarray) -> str:
    """In words: how many are read as they are labelled."""
    done = said != prediction_cache.NOT_YET
    right = said == hand.y
    if not done.any():
        return f"{counted(len(done), 'drawing')} are still to be read."
    ratio = fraction(int(right[done].sum()), int(done.sum()))
    whole = f"**{ratio}** are read as you say: {right[done].sum():,} of {done.sum():,}"
    if not done.all():
        return f"{whole} so far; {(~done).sum():,} are still to be read."
    held = hand.held_out
    return whole + (f"; {right[held].sum():,} of the {held.sum():,} held back." if held.any() else ".")


# -- the gallery


def browse(store: Store, hand: DrawingArrays, said: np.ndarray, sure: np.ndarray) -> None:
    counts = Counter(hand.y.tolist())
    digit = st.segmented_control(
        "Show",
        [None, *range(10)],
        key=keys.DIGITS_CLASS,
        format_func=lambda d: f"all {len(hand.y):,}" if d is None else f"**{d}** · {counts[d]:,}",
        on_change=turn,
        args=(0,),
        wrap=True,
        persist_state="session",
    )
    misread = st.toggle(
        "Only those that are read differently",
        key=keys.DIGITS_MISREAD,
        on_change=turn,
        args=(0,),
        persist_state="session",
    )
    wanted = np.ones(len(hand.y), bool) if digit is None else hand.y == digit
    if misread:
        wanted &= (said != hand.y) & (said != prediction_cache.NOT_YET)
    places = np.flatnonzero(wanted)
    undo(store)
    if not len(places):
        st.info("There are none of this kind.")
        return
    at = pages(len(places))
    shown = places[at * PAGE : (at + 1) * PAGE]
    key = keys.digits_gallery(st.session_state.get(keys.DIGITS_TURN, 0), at, digit, misread)
    chosen = choices([_cell(hand, said, sure, place) for place in shown], key)
    actions(store, hand, chosen)


def turn(page: int) -> None:
    """Show this page of the gallery."""
    st.session_state[keys.DIGITS_PAGE] = page


def pages(count: int) -> int:
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
                    on_click=turn,
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


def actions(store: Store, hand: DrawingArrays, chosen: list[int]) -> None:
    """What can be done with the images that are chosen."""
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


def undo(store: Store) -> None:
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


# -- the page


def page(store: Store) -> None:
    whose()
    hand = drawings.load(store)
    if len(hand.y):
        left, right = st.columns([1, 1.45], gap="large")
        with left:
            finetune.fine_tuning_panel(worker.jobs(), hand)
            weak_start.weak_start_panel(worker.jobs(), hand)
            st.header("How they are read")
            classifier, said, sure = read(hand)
        with right:
            browse(store, hand, said, sure)
    else:
        undo(store)
        st.info("There is nothing here yet. Draw a digit, then tap, below the bars, which one it was.")
        st.page_link("pages/draw.py", label="Draw a digit", icon=":material/draw:")
    folded_out = not len(hand.y) or digit_files.has_news()
    with st.expander("Save or bring in", icon=":material/swap_vert:", expanded=folded_out):
        if len(hand.y):
            digit_files.take_along(store, hand)
        digit_files.bring(store, done)
    if len(hand.y) and prediction_cache.NOT_YET in said:
        prediction_cache.predict(classifier, hand.x, SECONDS)
        st.rerun()


heading.heading(
    "Teach it your handwriting",
    "Digits that you drew and labelled: look through them, and let a network learn from them.",
)
try:
    page(visitor.store())
except StoreError as problem:
    say.error(problem)
