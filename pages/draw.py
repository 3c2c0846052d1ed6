"""Draw a digit, or bring an image of one, and see how the network reads it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.ink import files
from core.ink.preprocessing import SIZE
from core.models.classifiers import Classifier
from core.records import DigitImage, Drawing, Prediction
from core.words import with_article
from ui.components import answer_bars, canvas, heat, live, pixel_grid, presenter, star_map, term_notes
from ui.sections import (
    image_box,
    ink_heat,
    join_code,
    label_row,
    link_bar,
    name_image,
    network_choice,
    number_digits,
    repaired,
    sample_images,
)
from ui.sections.colour_image import CIFAR
from ui.state import keys, links, navigation, selection, subject
from ui.widgets import camera, heading, softmax, steps

WAYS = {"Draw": ":material/draw:", "Picture": ":material/image:", "Camera": ":material/photo_camera:"}
WAYS_ON = (
    ("look_inside", ":material/layers:", "See inside"),
    ("why", ":material/ink_highlighter:", "Ask why"),
    ("map_of_digits", ":material/scatter_plot:", "Find it among 10,000"),
    ("fool", ":material/theater_comedy:", "Fool it"),
)
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
        image, problem = _bring(way) if drawing is None else (repaired.image(drawing), "")
    first, second = selection.classifier(), selection.second()
    prediction = first.predict(image) if image else None
    content = drawing if drawing is not None else _shown(way)
    of_digits = first.kind.of_digits
    collects = of_digits and drawing is not None and label_row.collects()
    found = None if collects else number_digits.reading(content, image, prediction, first)
    number = found if second is None else None  # beside another network's answer it is only told of
    place, of_digit = 0, drawing
    if number is not None:
        place = number_digits.chosen(number)
        digit = number.digits[place]
        image, prediction, of_digit = digit.image, digit.prediction, digit.drawing
    classifiers, predictions = [first], [prediction]
    if second is not None:
        classifiers, predictions = [first, second], [prediction, second.predict(image) if image else None]
    with middle:
        invitation = problem or INVITATIONS.get(way, first.kind.drawn)
        answer_bars.answer(
            classifiers,
            predictions,
            invitation,
            on_canvas=way == "Draw",
            grid="pixels",
            number=number,
            place=place,
        )
        if number is not None and content is not None:
            number_digits.digits(number, content)
        if found is not None and number is None:
            st.caption(f"It may be {found.number}: numbers are read where one network is chosen, not two.")
        network_choice.menu(first, second)
    if drawing:
        with left:
            _tools(drawing)
            repaired.banner(drawing, first)
    if of_digits:  # what is kept under My digits is one
        with left if collects else middle:  # where ten digits are drawn in a row: at hand
            label_row.label_row(
                image,
                of_digit,
                prediction,
                first.network.name,
                on_canvas=drawing is not None,
                clears=drawing is not None and number is None,
            )
    with right:
        _network_input(image, classifiers)
    if image and prediction:
        if drawing:
            with right:
                _ways_on()
        with st.container(key="steps"):
            steps.step_strip(image.steps)
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


def _network_input(image: DigitImage | None, classifiers: Sequence[Classifier]) -> None:
    with st.container(key="network-input"):
        term_notes.markdown("**What the network sees**: 28 x 28 numbers, 0 to 1")
        pixels = image.pixels if image else np.zeros((SIZE, SIZE))
        pixel_grid.pixel_grid(pixels, label="The 28 x 28 picture that the network is given", key="pixels")
        ink_heat.ink_heat(classifiers, image, grid="pixels")


def _ways_on() -> None:
    """Where this drawing can be taken: the rooms that show more of it."""
    with st.container(key="ways-on", horizontal=True, gap="xsmall"):
        for path, icon, label in WAYS_ON:
            if st.button(label, key=f"on-to-{path}", icon=icon):
                navigation.open_look_inside("Draw", path)
        if st.button("Train your own", key="on-to-train", icon=":material/model_training:"):
            navigation.open_page("train")


def _tools(drawing: Drawing) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        canvas.buttons()
        # What is in a closed popover need not be sent with each stroke.
        brush = st.popover("Brush", icon=":material/brush:", key="brush-menu", on_change="rerun")
        if brush.open:
            with brush:
                _brush_menu()
        save = st.popover(
            "Save", icon=":material/download:", key="save-menu", on_change="rerun", disabled=not drawing.strokes
        )
        if save.open:
            with save:
                _save_menu(drawing)
    canvas.notice()


def _brush_menu() -> None:
    narrow, wide, usual = canvas.BRUSHES
    st.slider("Brush width", narrow, wide, usual, key=keys.BRUSH, format="%d px", persist_state="session")
    st.caption("The network sees the same ink whatever the brush.")


def _save_menu(drawing: Drawing) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.download_button(
            "Picture (PNG)",
            lambda: files.write_image(drawing, side=2 * canvas.SIDE),
            file_name="digit.png",
            mime="image/png",
            key="save-png",
            on_click="ignore",
        )
        st.download_button(
            "Strokes (JSON)",
            lambda: files.write_drawing(drawing),
            file_name="digit.json",
            mime="application/json",
            key="save-json",
            on_click="ignore",
        )
    st.caption("Both can be brought back under Picture.")
    link_bar.line(drawing, "draw")


def _bring(way: str) -> tuple[DigitImage | None, str]:
    """Show the uploader or the camera; return what was brought, or a sentence about it."""
    key = keys.DRAW_FILE if way == "Picture" else keys.DRAW_PHOTO
    if way == "Picture":
        st.file_uploader(
            "A picture of one digit, or saved strokes",
            type=["png", "jpg", "jpeg", "webp", "gif", "json"],
            key=key,
            on_change=_receive,
            args=(key,),
            max_upload_size=files.MAX_BYTES // 10**6,
        )
        if not st.session_state.get(key):
            sample_images.of_digits(_sample, keys.DRAW_SAMPLES)
    else:
        camera.photo("One digit, dark on light or light on dark", key=key, on_change=_receive, args=(key,))
    if not _is_brought(key):
        return None, ""
    image, problem = st.session_state[keys.read_of(key)]
    image_box.image_box(key, image)
    return image, problem


def _shown(way: str) -> np.ndarray | None:
    """The image that is read now, or the part of it inside the box; None where there is none."""
    key = keys.DRAW_FILE if way == "Picture" else keys.DRAW_PHOTO
    return image_box.part(key) if _is_brought(key) else None


def _is_brought(key: str) -> bool:
    sampled = key == keys.DRAW_FILE and st.session_state.get(keys.DRAW_SAMPLED, False)
    return sampled or bool(st.session_state.get(key))


def _sample(pixels: np.ndarray) -> None:
    """Read an image of the app's own, as if it had been brought."""
    image_box.bring(keys.DRAW_FILE, pixels)
    st.session_state[keys.DRAW_SAMPLED] = True


def _receive(key: str) -> None:
    """Read a file once, when it arrives. Strokes go onto the canvas, where they can be changed."""
    if key == keys.DRAW_FILE:
        st.session_state[keys.DRAW_SAMPLED] = False
    if not (file := st.session_state[key]):
        return
    image_box.forget(key)
    try:
        content = files.open_file(file.getvalue())
        if isinstance(content, Drawing) and content.strokes:
            canvas.put(content)
            st.session_state[keys.DRAW_WAY] = "Draw"
            return
        if not isinstance(content, Drawing):
            image_box.bring(key, content)
            return
        st.session_state[keys.read_of(key)] = (None, image_box.NO_INK)
    except files.BadInput as error:
        st.session_state[keys.read_of(key)] = (None, str(error))


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
