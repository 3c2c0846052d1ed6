"""'That was a 7': saying which digit a drawing was, so that it is kept and a network can learn from it.

One tap keeps what is on the canvas and clears it for the next; on request it is said which digit that is to be.
"""

import random
from collections import Counter
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.records import DigitImage, Drawing, Prediction
from core.storage import drawings
from core.storage.store import StoreError
from core.words import with_article
from ui import say
from ui.components import canvas
from ui.sections import repaired
from ui.state import keys, selection, visitor
from ui.widgets import announce

INVITATION = "Tap a digit to keep it under My digits, on this app's computer, and draw the next."


@dataclass(frozen=True)
class _Shown:
    """What is on the page, and so what is stored when somebody says which digit it is.

    clears: is it all that is on the canvas, which is empty afterwards?
    """

    image: DigitImage
    drawing: Drawing | None
    prediction: Prediction
    network: str
    clears: bool


@dataclass(frozen=True)
class _Kept:
    """What was kept in this visit. drawing: that was on the canvas then; None where it was not all of it."""

    id: int
    label: int
    drawing: Drawing | None


def collects() -> bool:
    """Has somebody asked what to draw next? Then a drawing is one digit, whatever it looks like."""
    return bool(st.session_state.get(keys.LABEL_PROMPTS))


def label_row(
    image: DigitImage | None,
    drawing: Drawing | None,
    prediction: Prediction | None,
    network: str,
    *,
    on_canvas: bool,
    clears: bool,
) -> None:
    """Ten buttons that say which digit it was; nothing where there is no ink and nothing was kept now.

    drawing: None where the image came from an image. prediction: of the network named. on_canvas: is that what
    is read? clears: is this digit all that is on it?
    """
    shown = None
    if image is not None and prediction is not None:
        shown = _Shown(image, drawing, prediction, network, clears)
    elif not on_canvas or not (_kept_now() or collects()):
        return
    asks = on_canvas and collects()
    st.session_state[keys.LABEL_SHOWN] = shown
    kept = _found(shown)
    st.session_state[keys.LABEL] = kept[1] if kept else None
    with st.container(key="teach", gap="xsmall"):
        # The browser (helpers.js) knows by this name that the canvas is going to be replaced.
        with st.container(key="teach-clears" if clears else "teach-stays", gap="xsmall"):
            _buttons(shown, asks)
            st.caption(_sentence(kept))
            _take_back_button(kept is not None)
        announce.announce(_announced(kept, asks), "teach")
        if on_canvas:
            st.toggle(
                "Tell me what to draw next", key=keys.LABEL_PROMPTS, on_change=_ask, persist_state="session"
            )
        if problem := st.session_state.pop(keys.LABEL_PROBLEM, ""):
            say.error(problem)


def _buttons(shown: _Shown | None, asks: bool) -> None:
    """One for each digit; before them, where somebody has asked what to draw next, the answer."""
    if asks:
        _prompt(shown)
    st.segmented_control(
        "Or it was a" if asks else "That was a",
        list(range(10)),
        key=keys.LABEL,
        on_change=_say,
        width="stretch",
        disabled=shown is None,
    )


def _take_back_button(is_kept: bool) -> None:
    """Beside the way to all that is kept. is_kept: is it what is shown that would be taken back?"""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        label = "Take it back" if is_kept else "Take back the last"
        nothing = not is_kept and not _kept_now()
        st.button(label, key="teach-undo", on_click=_take_back, disabled=nothing)
        st.page_link("pages/my_digits.py", label="My digits", icon=":material/gesture:")


def _prompt(shown: _Shown | None) -> None:
    digit = st.session_state[keys.LABEL_PROMPT]
    count = len(_kept_now())
    st.markdown(f"Next: draw {_bold(digit)}" + (f" ({count} kept)" if count else ""))
    st.button(
        f"Keep as {digit}",
        key="teach-keep",
        type="primary",
        icon=":material/check:",
        width="stretch",
        on_click=_keep,
        args=(digit,),
        disabled=shown is None,
    )


def _ask() -> None:
    """Say which digit is to be drawn next: one of those that were kept least in this visit, by chance."""
    counts = Counter(one.label for one in _kept_now())
    least = min(counts[digit] for digit in range(10))
    among = [digit for digit in range(10) if counts[digit] == least]
    others = [digit for digit in among if digit != st.session_state.get(keys.LABEL_PROMPT)]
    chosen = random.choice(others or among)
    st.session_state[keys.LABEL_PROMPT] = chosen
    st.session_state[keys.CANVAS_GHOST] = f"draw {with_article(str(chosen))}" if collects() else ""


def _sentence(kept: tuple[int, int] | None) -> str:
    """Two lines of a phone at most."""
    count = len(_kept_now())
    if kept is None and not count:
        return INVITATION
    label = kept[1] if kept else _kept_now()[-1].label
    counter = f" **{count} kept** in this visit." if count else ""
    return f"Kept as {_bold(label)} under My digits, on this app's computer only.{counter}"


def _bold(label: int) -> str:
    article, digit = with_article(str(label)).split()
    return f"{article} **{digit}**"


def _announced(kept: tuple[int, int] | None, asks: bool) -> str:
    label = kept[1] if kept else _kept_now()[-1].label if _kept_now() else None
    said = "" if label is None else f"Kept as {with_article(str(label))}."
    if asks:
        said += f" Next: draw {with_article(str(st.session_state[keys.LABEL_PROMPT]))}."
    return said.strip()


def _kept_now() -> list[_Kept]:
    """Return what was kept in this visit, the last one last."""
    return st.session_state.get(keys.LABEL_KEPT, [])


def _found(shown: _Shown | None) -> tuple[int, int] | None:
    """Return the number and the label under which this visitor has this image, from whatever visit, or None."""
    if shown is None:
        return None
    try:
        found = drawings.find(visitor.store(), visitor.name(), drawings.as_bytes(shown.image.pixels))
    except StoreError as error:
        st.session_state[keys.LABEL_PROBLEM] = str(error)
        return None
    return (found.id, found.label) if found else None


def _now(shown: _Shown | None) -> _Shown | None:
    """Return what is on the canvas, where a stroke has come with the tap, before the page could show it."""
    if shown is None or not shown.clears:
        return shown
    canvas.heed()
    drawing, classifier = canvas.last_drawing(), selection.first()
    before = shown.drawing.strokes if shown.drawing else ()
    if len(drawing.strokes) == len(before) and all(map(np.array_equal, drawing.strokes, before)):
        return shown
    image = repaired.image(drawing)
    return (
        None
        if image is None
        else _Shown(image, drawing, classifier.predict(image), classifier.network.name, clears=True)
    )


def _say() -> None:
    """Keep the drawing under the label that was tapped, or take it back where that was its label."""
    label = st.session_state[keys.LABEL]
    if label is None:
        _take_back()
    else:
        _keep(label)


def _keep(label: int) -> None:
    """Store the drawing under this label, or give it another, and clear the canvas for the next."""
    shown = _now(st.session_state[keys.LABEL_SHOWN])
    if shown is None:
        return
    kept = _found(shown)
    try:
        if kept:
            number = kept[0]
            drawings.relabel(visitor.store(), {number: label})
        else:
            new = drawings.labelled(
                label,
                shown.image,
                shown.drawing,
                visitor.name(),
                prediction=shown.prediction,
                network=shown.network,
            )
            number = drawings.add(visitor.store(), new)
    except StoreError as error:
        st.session_state[keys.LABEL_PROBLEM] = str(error)
        return
    before = [one for one in _kept_now() if one.id != number]
    st.session_state[keys.LABEL_KEPT] = [*before, _Kept(number, label, shown.drawing if shown.clears else None)]
    if shown.clears:
        canvas.clear()
    if collects():
        _ask()


def _take_back() -> None:
    """Forget the drawing that is shown or else, with it back on the canvas, the one that was kept last."""
    kept = _found(st.session_state[keys.LABEL_SHOWN])
    last = None if kept or not _kept_now() else _kept_now()[-1]
    if kept is None and last is None:
        return
    number = kept[0] if kept else last.id if last else 0
    try:
        drawings.delete(visitor.store(), [number])
    except StoreError as error:
        st.session_state[keys.LABEL_PROBLEM] = str(error)
        return
    st.session_state[keys.LABEL_KEPT] = [one for one in _kept_now() if one.id != number]
    if last and last.drawing:
        canvas.put(last.drawing)
        if collects():
            st.session_state[keys.LABEL_PROMPT] = last.label
