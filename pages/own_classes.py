"""Classes of one's own: names, drawings of each, and a network that tells them apart at once."""

import streamlit as st

from core.storage import own_classes
from ui.components import canvas, live
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
        own_drawings.gallery(own)
    own_answer.look_inside(own, image)
    own_answer.how_good(own)


reader = own_answer.reader()
live.begin([reader])
heading.heading(
    "Teach it anything",
    "Name two things or more and draw a few of each: a network learns to tell them apart while you draw.",
)
room()
canvas.helpers()
live.send([reader], canvas.bring_back)
