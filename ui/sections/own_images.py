"""Images for classes of one's own: from the camera or uploaded, kept as one class or another."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from core.data.own_classes import MAX_OF_EACH, SHAPE, OwnClasses
from core.ink import files, rgb
from core.ink.files import BadInput
from core.storage import own_classes as stored
from core.storage.store import StoreError
from core.words import counted
from ui import say
from ui.sections import own_keep
from ui.state import keys, visitor
from ui.widgets import camera, thumbnails

WAYS = {"Camera": ":material/photo_camera:", "Upload": ":material/image:"}
KINDS = ["png", "jpg", "jpeg", "webp", "gif"]


class _Brought(NamedTuple):
    """images: uint8 [32, 32, 3] each. problems: one sentence each about a file that is none."""

    images: list[np.ndarray]
    problems: list[str]


def bring(own: OwnClasses) -> np.ndarray | None:
    """The camera or the upload, and a button for each class; return the first image, float32 [32, 32, 3]."""
    own_keep.prompt(own, "images", "show it one, or add more")
    way = st.segmented_control(
        "Where the images come from",
        list(WAYS),
        key=keys.OWN_WAY,
        default="Camera",
        required=True,
        format_func=lambda name: f"{WAYS[name]} {name}",
        label_visibility="collapsed",
        persist_state="session",
    )
    turn = st.session_state.setdefault(keys.OWN_TURN, 0)
    given = _given("Camera" if way == "Camera" else "Upload", turn)
    for problem in given.problems:
        say.info(problem)
    if given.images:
        st.html(thumbnails.strip([image.astype(np.float32) / 255 for image in given.images], columns=10))
        many = len(given.images) > 1
        said = f"{len(given.images)} images, the middle of each" if many else "the middle of it"
        st.caption(f"What the network is given: {said}, 32 x 32 pixels.")
    st.caption("Keep as:" if len(given.images) < 2 else f"Keep all {len(given.images)} as:")
    own_keep.buttons(own, _keep, given.images, ready=bool(given.images), waits=True)
    return given.images[0].astype(np.float32) / 255 if given.images else None


def _given(way: str, turn: int) -> _Brought:
    """What the camera has taken, or what was uploaded; the fields begin anew with each turn."""
    if way == "Camera":
        taken = camera.photo("One of them, filling the picture", key=keys.own_field(keys.OWN_PHOTO, turn))
        return _read([taken] if taken else [])
    uploaded = st.file_uploader(
        f"Images of one class, {MAX_OF_EACH} at most",
        type=KINDS,
        accept_multiple_files=True,
        key=keys.own_field(keys.OWN_FILES, turn),
        max_upload_size=files.MAX_BYTES // 10**6,
    )
    return _read(uploaded or [])


def _read(uploaded: list) -> _Brought:
    found = _Brought([], [])
    if len(uploaded) > MAX_OF_EACH:
        found.problems.append(
            f"There are {len(uploaded)} images; {MAX_OF_EACH} of a class are kept, so these are the first."
        )
    for file in uploaded[:MAX_OF_EACH]:
        try:
            files.check_length(file.size)
            found.images.append(_small(file.getvalue()))
        except BadInput as error:
            found.problems.append(f"{file.name}: {error}")
    return found


@st.cache_data(max_entries=200, show_spinner=False)
def _small(data: bytes) -> np.ndarray:
    """Read once, though the page runs many times. Raises BadInput."""
    return np.rint(255 * rgb.shrink(files.read_image(data), SHAPE[0])).clip(0, 255).astype(np.uint8)


def _keep(own: OwnClasses, label: int, images: list[np.ndarray]) -> None:
    """Keep these as of this class, as many as there is room for, and ask for the next."""

    def with_these(now: OwnClasses) -> OwnClasses:
        for image in images[: MAX_OF_EACH - now.counts[label]]:
            now = now.with_image(label, image)
        return now

    try:
        before, _ = stored.change(visitor.store(), visitor.name(), own.id, with_these)
    except (BadInput, StoreError) as error:
        st.session_state[keys.OWN_SAID] = str(error)
        return
    if len(images) > (room := MAX_OF_EACH - before.counts[label]):
        full = f"{own.classes[label]} is full with {MAX_OF_EACH}"
        st.session_state[keys.OWN_SAID] = f"{full}; {counted(len(images) - room, 'image')} left out."
    st.session_state[keys.OWN_TURN] += 1
