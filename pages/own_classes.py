"""Classes of one's own: names, drawings or images of each, and a network that tells them apart at once."""

import streamlit as st

from core.records import ColourImage
from core.storage import own_classes
from ui.components import canvas, live
from ui.sections import colour_image, own_answer, own_drawings, own_images, own_sets
from ui.state import keys, subject, visitor
from ui.widgets import heading


@st.fragment
def of_drawings() -> None:
    known = own_classes.load(visitor.store(), visitor.name())
    own = own_sets.chooser(known, of_images=False)
    if own is None:
        st.session_state[keys.CANVAS_GHOST] = ""
        return
    with st.container(key="own-room"):
        left, right = st.columns([1, 1.25], gap="large")
    with left:
        image = own_drawings.draw(own)
    with right:
        own_answer.answer(own, image)
        own_drawings.gallery(own)
    own_answer.look_inside(own, image)
    own_answer.how_good(own)


@st.fragment
def of_images() -> None:
    known = own_classes.load(visitor.store(), visitor.name())
    own = own_sets.chooser(known, of_images=True)
    if own is None:
        return
    with st.container(key="own-room"):
        left, right = st.columns([1, 1.25], gap="large")
    with left:
        pixels = own_images.bring(own)
    with right:
        own_answer.answer_image(own, pixels)
        own_drawings.gallery(own)
    own_answer.look_inside(own, None if pixels is None else ColourImage(pixels))
    own_answer.how_good(own)


if subject.of_digits():
    classifier = own_answer.classifier()
    live.begin([classifier])
    heading.heading(
        "Teach it anything",
        "Name two things or more and draw a few of each: a network learns to tell them apart while you draw.",
        switch=True,
    )
    of_drawings()
    canvas.helpers()
    live.send([classifier], canvas.bring_back)
else:
    heading.heading(
        "Teach it anything",
        "Name two things or more and show it a few images of each: a network learns to tell them apart.",
        switch=True,
    )
    if colour_image.known_networks():
        of_images()
