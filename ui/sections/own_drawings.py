"""Drawing for classes of one's own: what is asked for next, keeping it, and what is kept."""

import numpy as np
import streamlit as st

from core.data.own_classes import Example, OwnClasses
from core.ink.files import BadInput
from core.records import DigitImage
from core.storage import own_classes as stored
from core.storage.store import StoreError
from core.words import counted
from ui import say
from ui.components import canvas
from ui.sections import own_keep
from ui.state import keys, visitor
from ui.widgets import thumbnails

SHOWN = 12  # drawings of each class


def draw(own: OwnClasses) -> DigitImage | None:
    """The canvas, and a button for each class; return what is drawn."""
    asked = own.next
    st.session_state[keys.CANVAS_GHOST] = f"draw: {own.classes[asked]}" if asked is not None else ""
    own_keep.prompt(own, "drawings", "try it, or draw more")
    with st.container(key="own-canvas"):
        canvas.drawing_canvas()
    image = canvas.last_image()
    with st.container(horizontal=True, gap="xsmall"):
        canvas.buttons()
    canvas.notice()
    st.caption("Keep it as:")
    own_keep.buttons(own, _keep, ready=image is not None)
    return image


def _keep(own: OwnClasses, label: int) -> None:
    """Keep what is on the canvas as of this class, and clear it."""
    canvas.heed()
    drawing = canvas.last_drawing()
    if canvas.last_image() is None:
        name = own.classes[label]
        st.session_state[keys.OWN_SAID] = f"Draw it first: the paper is empty, so nothing was kept as {name}."
        return
    try:
        stored.change(visitor.store(), visitor.name(), own.id, lambda now: now.with_drawing(label, drawing))
    except (BadInput, StoreError) as error:
        st.session_state[keys.OWN_SAID] = str(error)
        return
    canvas.clear()


def gallery(own: OwnClasses) -> None:
    """What is kept of each class; the last can be taken away."""
    pixels, labels = own.images()
    if not len(labels):
        return
    for label, name in enumerate(own.classes):
        places = np.flatnonzero(labels == label)
        if not len(places):
            continue
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            say.caption(f"{name}: {counted(len(places), own.noun)}")
            st.button(
                "Take the last away",
                key=f"own-undo-{label}",
                type="tertiary",
                icon=":material/undo:",
                on_click=_forget,
                args=(own.id, own.examples[places[-1]]),
            )
        st.html(thumbnails.strip([pixels[n] for n in places[-SHOWN:]], columns=SHOWN))


def _forget(number: int, example: Example) -> None:
    try:
        stored.change(visitor.store(), visitor.name(), number, lambda now: now.without(example))
    except (BadInput, StoreError) as error:
        st.session_state[keys.OWN_SAID] = str(error)
