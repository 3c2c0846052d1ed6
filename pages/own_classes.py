"""Classes of one's own: names, drawings of each, and a network that tells them apart at once."""

import streamlit as st

from core.data.own_classes import OwnClasses
from core.storage import own_classes
from ui.components import canvas
from ui.sections import own_answer, own_drawings, own_sets
from ui.state import keys, visitor
from ui.widgets import heading


@st.fragment
def room() -> None:
    known = own_classes.load(visitor.store(), visitor.name())
    own = own_sets.chooser(known)
    if own is None:
        st.session_state[keys.CANVAS_GHOST] = ""
        return
    left, right = st.columns([1, 1.25], gap="large")
    with left:
        image = own_drawings.draw(own)
    with right:
        own_answer.answer(own, image)
        _more(own)


def _more(own: OwnClasses) -> None:
    own_drawings.gallery(own)
    own_answer.how_good(own)


heading.heading(
    "Teach it anything",
    "Name two things or more and draw a few of each: a network learns to tell them apart while you draw.",
)
room()
canvas.helpers()
