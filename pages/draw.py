"""Draw a digit, or bring an image of one, and see how the network reads it."""

from collections.abc import Sequence

import streamlit as st

from core.records import Prediction
from core.words import with_article
from ui.components import canvas, heat, live, presenter, star_map
from ui.sections import (
    brought_image,
    canvas_tools,
    draw_answer,
    join_code,
    label_row,
    name_image,
    network_input,
    repaired,
    ways_on,
)
from ui.sections.colour_image import CIFAR
from ui.state import keys, links, selection, subject
from ui.widgets import heading, softmax, steps

WAYS = {"Draw": ":material/draw:", "Picture": ":material/image:", "Camera": ":material/photo_camera:"}
INVITATIONS = {
    "Picture": "Choose a picture of one digit.",
    "Camera": "Take a photo of one digit.",
}


@links.fragment
def draw_page() -> None:
    left, middle, right = st.columns([1.4, 1.15, 1], gap="medium")
    with left:
        way = _way()
        # The canvas first, its buttons after the answer: what is sent first is shown first.
        drawing = canvas.drawing_canvas() if way == "Draw" else None
        image, problem = brought_image.bring(way) if drawing is None else (repaired.image(drawing), "")
    content = drawing if drawing is not None else brought_image.shown(way)
    answer = draw_answer.predict(content, image)
    first, prediction = answer.classifiers[0], answer.predictions[0]
    with middle:
        invitation = problem or INVITATIONS.get(way, first.kind.drawn)
        draw_answer.draw_answer(answer, invitation, on_canvas=way == "Draw")
    if drawing:
        with left:
            canvas_tools.canvas_tools(drawing)
            repaired.banner(drawing, first)
    if first.kind.of_digits:  # what is kept under My digits is one
        with left if answer.collects else middle:  # where ten digits are drawn in a row: at hand
            label_row.label_row(
                answer.image,
                answer.drawing,
                prediction,
                first.network.name,
                on_canvas=drawing is not None,
                clears=drawing is not None and answer.place is None,
            )
    with right:
        network_input.network_input(answer.image, answer.classifiers)
    if answer.image and prediction:
        if drawing:
            with right:
                ways_on.ways_on()
        with st.container(key="steps"):
            steps.step_strip(answer.image.steps)
        _how_sure(prediction, first.kind.names)


def _way() -> str:
    """How a digit is brought: one of WAYS."""
    st.session_state.setdefault(keys.DRAW_WAY, "Draw")  # no default: a file and other pages set it, too
    way = st.segmented_control(
        "How to bring a digit",
        list(WAYS),
        key=keys.DRAW_WAY,
        required=True,
        format_func=lambda name: f"{WAYS[name]} {name}",
        label_visibility="collapsed",
        persist_state="session",
    )
    assert way
    return way


def _how_sure(prediction: Prediction, names: Sequence[str]) -> None:
    details = st.expander("How sure is sure?", icon=":material/functions:", key="how-sure", on_change="rerun")
    if details.open:
        with details:
            softmax.worked_softmax(prediction, names)


def digits() -> None:
    heading.heading(
        f"Draw {with_article(selection.classifier().kind.singular)}, watch it being read",
        "A neural network reads while you draw: on this computer, offline.",
        switch=True,
    )
    with st.container(key="present-place"):
        presenter.present()
    live.begin(selection.both())
    draw_page()
    canvas.helpers()
    if selection.classifier().kind.of_digits:  # it is MNIST's test digits that are on the map
        star_map.small_star(selection.first())
    heat.script()
    join_code.menu()
    live.send(selection.both(), canvas.bring_back)


def images() -> None:
    heading.heading(
        "Show it a picture: what is it?",
        f"It knows ten things, from {CIFAR.classes[0]} to {CIFAR.classes[-1]}.",
        switch=True,
    )
    name_image.name_image()


if subject.of_digits():
    digits()
else:
    images()
