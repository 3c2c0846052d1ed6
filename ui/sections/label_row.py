"""'That was a 7': saying which digit a drawing was, so that it is kept and a network can learn from it."""

from dataclasses import dataclass

import streamlit as st

from core.records import DigitImage, Drawing, Prediction
from core.storage import drawings
from core.storage.store import StoreError, open_store
from ui import say
from ui.state import keys, visitor
from ui.widgets import announce

INVITATION = "Tap a digit to keep it under My digits, on the computer that runs this app."


@dataclass(frozen=True)
class _Shown:
    """What is on the page, and so what is stored when somebody says which digit it is."""

    image: DigitImage
    drawing: Drawing | None
    prediction: Prediction
    network: str


def label_row(
    image: DigitImage | None, drawing: Drawing | None, prediction: Prediction | None, network: str
) -> None:
    """Ten buttons that say which digit it was; nothing where there is no ink.

    drawing: None where the image came from a picture. prediction: of the network named.
    """
    if image is None or prediction is None:
        return
    st.session_state[keys.LABEL_SHOWN] = _Shown(image, drawing, prediction, network)
    kept = _kept(image)
    st.session_state[keys.LABEL] = kept[1] if kept else None
    with st.container(key="teach", gap="xsmall"):
        st.segmented_control("That was a", list(range(10)), key=keys.LABEL, on_change=_say, width="stretch")
        st.caption(_sentence(kept))
        announce.announce("" if kept is None else f"Kept as a {kept[1]}.", "teach")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button("Take it back", key="teach-undo", on_click=_forget, disabled=kept is None)
            st.page_link("pages/my_digits.py", label="My digits", icon=":material/gesture:")
        if problem := st.session_state.pop(keys.LABEL_PROBLEM, ""):
            say.error(problem)


def _sentence(kept: tuple[int, int] | None) -> str:
    if kept is None:
        return INVITATION
    return f"Kept as a **{kept[1]}** under My digits, on the computer that runs this app; sent nowhere else."


def _kept(image: DigitImage) -> tuple[int, int] | None:
    """Return the number and the label under which this visitor has this image, from whatever visit, or None."""
    try:
        found = drawings.find(open_store(), visitor.name(), drawings.as_bytes(image.pixels))
    except StoreError as error:
        st.session_state[keys.LABEL_PROBLEM] = str(error)
        return None
    return (found.id, found.label) if found else None


def _say() -> None:
    """Store the drawing under the label that was tapped, give it another, or take it back."""
    label, shown = st.session_state[keys.LABEL], st.session_state[keys.LABEL_SHOWN]
    kept = _kept(shown.image)
    try:
        if label is None:
            _forget()
        elif kept:
            drawings.relabel(open_store(), {kept[0]: label})
        else:
            new = drawings.labelled(
                label,
                shown.image,
                shown.drawing,
                visitor.name(),
                prediction=shown.prediction,
                network=shown.network,
            )
            drawings.add(open_store(), new)
    except StoreError as error:
        st.session_state[keys.LABEL_PROBLEM] = str(error)


def _forget() -> None:
    kept = _kept(st.session_state[keys.LABEL_SHOWN].image)
    if kept is None:
        return
    try:
        drawings.delete(open_store(), [kept[0]])
    except StoreError as error:
        st.session_state[keys.LABEL_PROBLEM] = str(error)
