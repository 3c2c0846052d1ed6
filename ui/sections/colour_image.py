"""An image in colour and a network for it: an upload, the camera or a test image, the same on each page."""

import numpy as np
import streamlit as st

from core.data import datasets
from core.ink import files, rgb
from core.models import registry
from core.models.classifiers import Classifier
from core.storage.store import StoreError
from ui import say
from ui.sections import network_choice, sample_images
from ui.state import keys, visitor
from ui.widgets import camera

CIFAR = datasets.KINDS["cifar10"]
NO_NETWORK = (
    "There is no network for pictures in colour yet. Train one of the CIFAR-10 recipes on the Train page, and "
    "it answers here."
)


def known_networks() -> dict[int, str]:
    """Return the networks that name images in colour; where there is none, say so and return {}."""
    try:
        known = network_choice.names_of_networks(of_digits=False)
    except StoreError as error:
        say.error(error)
        return {}
    if not known:
        st.info(NO_NETWORK)
        st.page_link("pages/train.py", label="Train a network", icon=":material/model_training:")
    return known


def choose_classifier(known: dict[int, str]) -> Classifier | None:
    """Let people choose which of these networks answers; None where it is gone meanwhile."""
    if st.session_state.get(keys.IMAGES_NETWORK) not in known:
        st.session_state[keys.IMAGES_NETWORK] = next(iter(known))
    number = st.selectbox(
        "Answers",
        list(known),
        key=keys.IMAGES_NETWORK,
        format_func=known.__getitem__,
        persist_state="session",
    )
    try:
        return registry.classifier(number, visitor.name())
    except StoreError:
        return None


def brought(way: str, *, show: bool = True) -> tuple[np.ndarray | None, str]:
    """A file, or with way = 'Camera' a photograph: (float32 [32, 32, 3] or None, why it is of no use or '').

    Without a new one it is the last one of this visit. show: an upload is shown as it came.
    """
    if way == "Camera":
        file = camera.photo("Something that it knows", key=keys.IMAGES_PHOTO)
    else:
        kinds = ["png", "jpg", "jpeg", "webp", "gif"]
        file = st.file_uploader(
            "A picture", type=kinds, key=keys.IMAGES_FILE, max_upload_size=files.MAX_BYTES // 10**6
        )
        if not file:
            sample_images.of_things(_take, keys.IMAGES_SAMPLES, across=10 if show else 5)
    if not file:
        return st.session_state.get(keys.IMAGES_BROUGHT, {}).get(way), ""
    try:
        image = files.read_image(file.getvalue()) if file.size <= files.MAX_BYTES else None
    except files.BadInput as error:
        return None, str(error)
    if image is None:
        limit = files.MAX_BYTES / 1e6
        return None, f"The file has {file.size / 1e6:.1f} MB; at most {limit:.0f} are accepted."
    if way != "Camera" and show:
        with st.container(key="pictures-shown"):
            st.image(image, width=min(300, image.shape[1]))
    return _take(image, way), ""


def _take(image: np.ndarray, way: str = "Picture") -> np.ndarray:
    """Keep an image, uint8 [h, w, 3], as the last one of this visit, as the network is given it."""
    pixels = rgb.shrink(image, CIFAR.shape[0])
    st.session_state[keys.IMAGES_BROUGHT] = {**st.session_state.get(keys.IMAGES_BROUGHT, {}), way: pixels}
    return pixels
