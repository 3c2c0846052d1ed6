"""What each layer of a network makes of one picture, down to the arithmetic of a single number."""

import numpy as np
import streamlit as st

from core import datasets, diagram, files
from core.records import DigitImage
from pages.parts import bars, canvas, decided, live, maps, neighbourhood, reading, thumbnails

WAYS = {"Draw": ":material/draw:", "Test digit": ":material/dataset:"}
INVITATION = "Draw a digit, or choose a test digit, and see what every layer makes of it."
NO_NUMBER = "Its answer is not a number (NaN). Red in the maps shows where that begins."
ANY = "any digit"
_NUMBER, _CLASS, _WAY = "inside-number", "inside-class", "inside-way"


@st.fragment
def look_inside() -> None:
    if (number := maps.looked_for(neighbourhood.CLICKED)) is not None:
        st.session_state[_WAY], st.session_state[_NUMBER], st.session_state[_CLASS] = "Test digit", number, ANY
    reader = reading.first()
    left, right = st.columns([1, 4.2], gap="medium")
    with left, st.container(key="looked-at", gap="small"):
        image = _picture()
        prediction = reader.predict(image) if image else None
        broken = prediction is not None and not np.isfinite(prediction.probabilities).all()
        on_canvas = st.session_state[_WAY] == "Draw"
        invitation = NO_NUMBER if broken else INVITATION
        bars.answer([reader], [None if broken else prediction], invitation, on_canvas=on_canvas, rows=False)
        reading.menu(reader, None)
        if image and on_canvas:
            ink = thumbnails.ink(image.pixels, title="The 28 x 28 picture that the network is given")
            st.html(
                f'<div class="dl-given"><div class="dl-thumb">{ink}</div>'
                "what the network is given: 28 x 28</div>"
            )
    with right:
        if image is None:
            st.markdown(f"**{reader.network.name}**, from the picture to the digit")
            picture = diagram.diagram(reader.network.layers)
            st.markdown(f'<div class="dl-diagram">{picture}</div>', unsafe_allow_html=True)
            return
        st.markdown(
            "**What every layer made of it**, to scale: click a "
            + ("map" if maps.has_maps(reader) else "unit")
            + " to see how each of its numbers was made."
        )
        if not maps.has_maps(reader):
            st.caption(maps.NO_MAPS)
        maps.network_maps(reader, image)
    decided.which_ink(reader, image)
    neighbourhood.where_it_lies(reader, image)


def _picture() -> DigitImage | None:
    st.session_state.setdefault(_WAY, "Draw")  # no default: a click on a digit elsewhere sets it, too
    way = st.segmented_control(
        "What is looked at",
        list(WAYS),
        key=_WAY,
        required=True,
        format_func=lambda name: f"{WAYS[name]} {name}",
        label_visibility="collapsed",
        persist_state="session",
    )
    if way == "Draw":
        with st.container(key="small-canvas"):
            drawing = canvas.drawing_canvas()
        with st.container(horizontal=True, gap="xsmall"):
            canvas.buttons()
        return files.to_digit_image(drawing)
    return _test_digit()


def _test_digit() -> DigitImage:
    data = datasets.mnist()
    number = int(st.session_state.setdefault(_NUMBER, 0))
    pixels = data.x_test[number].astype(np.float32) / 255
    ink = thumbnails.ink(pixels, title=f"Test digit {number}, a {data.y_test[number]}")
    st.html(f'<div class="dl-thumb dl-looked">{ink}</div>')
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "",
            icon=":material/chevron_left:",
            key="inside-before",
            help="The one before",
            on_click=_go,
            args=(-1,),
        )
        st.button(
            "", icon=":material/chevron_right:", key="inside-next", help="The next", on_click=_go, args=(1,)
        )
        st.button("Surprise me", key="inside-surprise", on_click=_surprise)
    first, second = st.columns(2, gap="small")
    with first:
        st.number_input("Test digit", 0, len(data.x_test) - 1, key=_NUMBER, persist_state="session")
    with second:
        st.selectbox(
            "Step through",
            [ANY, *map(str, range(10))],
            key=_CLASS,
            on_change=_enter_class,
            persist_state="session",
        )
    st.caption(
        f"One of MNIST's 10,000 test digits, labelled {data.y_test[number]}. "
        "No network that is trained here has learnt from it."
    )
    return DigitImage(pixels)


def _go(step: int) -> None:
    """To the next or the one before, of the chosen class where one is chosen; around at the ends."""
    numbers = _numbers()
    if step > 0:
        later = numbers[numbers > st.session_state[_NUMBER]]
        st.session_state[_NUMBER] = int(later[0] if len(later) else numbers[0])
    else:
        earlier = numbers[numbers < st.session_state[_NUMBER]]
        st.session_state[_NUMBER] = int(earlier[-1] if len(earlier) else numbers[-1])


def _enter_class() -> None:
    if st.session_state[_NUMBER] not in _numbers():
        _go(1)


def _surprise() -> None:
    st.session_state[_NUMBER] = int(np.random.default_rng().choice(_numbers()))


def _numbers() -> np.ndarray:
    """The test digits that next and before go through, in order."""
    labels, chosen = datasets.mnist().y_test, st.session_state.get(_CLASS, ANY)
    return np.arange(len(labels)) if chosen == ANY else np.flatnonzero(labels == int(chosen))


live.begin([reading.first()])
look_inside()
canvas.helpers()
live.send([reading.first()])
