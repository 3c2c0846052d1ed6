"""An image in colour, and which of ten things a network takes it for."""

import numpy as np
import streamlit as st

from core.data import datasets
from ui import say
from ui.sections import colour_image
from ui.sections.colour_image import CIFAR
from ui.state import keys, links, navigation
from ui.widgets import class_bars, thumbnails

WAYS = {
    "Picture": ":material/image:",
    "Camera": ":material/photo_camera:",
    "Test picture": ":material/dataset:",
}


def name_image() -> None:
    """What stands under Images on the Draw page: an image, and the ten answers to it."""
    if known := colour_image.known_networks():
        _name_image(known)


@links.fragment
def _name_image(known: dict[int, str]) -> None:
    left, right = st.columns([1, 1.25], gap="large")
    with left:
        st.session_state.setdefault(keys.IMAGES_WAY, "Picture")  # no default: other pages set it, too
        way = st.segmented_control(
            "Where the picture comes from",
            list(WAYS),
            key=keys.IMAGES_WAY,
            required=True,
            format_func=lambda name: f"{WAYS[name]} {name}",
            label_visibility="collapsed",
            persist_state="session",
        )
        assert way
        label = ""
        if way == "Test picture":
            pixels, problem, label = _test_image()
        else:
            pixels, problem = colour_image.brought(way)
        if pixels is not None:
            _given(pixels, label)
    with right:
        classifier = colour_image.choose_classifier(known)
        if classifier is None:
            st.info("This network is gone. Choose another.")
            return
        p = None if pixels is None else classifier.probabilities(pixels[None])[0]
        class_bars.class_card(CIFAR.classes, p, problem or "Show it a picture of one of the ten things below.")
        class_bars.class_bars(CIFAR.classes, p)
        if p is not None and st.button("Look inside", key="pictures-look", icon=":material/search_insights:"):
            navigation.open_look_inside()
        st.caption(
            "It knows these ten and nothing else, so it takes anything for one of them: a face, too. It has "
            "learnt from pictures that the thing fills."
        )


def _test_image() -> tuple[np.ndarray | None, str, str]:
    try:
        data = datasets.cifar10()
    except datasets.NoData as error:
        say.info(error)
        return None, "", ""
    most = len(data.x_test) - 1
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom"):
        st.number_input("Test picture", 0, most, key=keys.IMAGES_NUMBER, persist_state="session", width=150)
        st.button("Surprise me", key="pictures-surprise", on_click=_surprise, args=(most,))
    number = st.session_state[keys.IMAGES_NUMBER]
    name = CIFAR.classes[data.y_test[number]]
    return data.x_test[number].astype(np.float32) / 255, "", f"test picture {number}, labelled {name}"


def _surprise(most: int) -> None:
    st.session_state[keys.IMAGES_NUMBER] = int(np.random.default_rng().integers(0, most + 1))


def _given(pixels: np.ndarray, label: str) -> None:
    said = label or "the middle of your picture"
    ink = thumbnails.ink(pixels, title=said)
    st.html(
        f'<div class="dl-seen"><div class="dl-thumb">{ink}</div><div>What the network is given: {said}, '
        "32 x 32 pixels of red, green and blue.</div></div>"
    )
