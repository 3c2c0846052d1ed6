"""An image in grey to be filtered: what is drawn, a file, or a photo.

Called by `ui.sections.image_kernels`.
"""

import numpy as np
import streamlit as st

from core.ink import files
from core.nn import ops
from ui import say
from ui.components import sliding_window, term_notes
from ui.state import keys
from ui.widgets import camera

SOURCES = (DRAWING, PICTURE, CAMERA) = ("Your drawing", "Picture", "Camera")
LONGEST = 160  # pixels of an image's longer side


def grey_image(source: str) -> np.ndarray | None:
    """Show what brings an image: the drawing itself, a field for a file, or the camera.

    source: one of SOURCES. Return float [h, w] of what was brought, 0 to 1 of a drawing, 0 to 255 of others;
    None, and a sentence, where there is nothing.
    """
    if source == DRAWING:
        image = sliding_window.drawn()
        return image.pixels if image else None
    key = keys.CONV_FILE if source == PICTURE else keys.CONV_PHOTO
    if source == PICTURE:
        st.file_uploader(
            "Any picture",
            type=["png", "jpg", "jpeg", "webp", "gif"],
            key=key,
            on_change=_receive,
            args=(key,),
            width=420,
            max_upload_size=files.MAX_BYTES // 10**6,
        )
    else:
        camera.photo("Anything", key=key, on_change=_receive, args=(key,), width=420)
    pixels, said = st.session_state.get(keys.read_of(key), (None, ""))
    if said:
        say.error(said)
    if pixels is None and not said:
        term_notes.caption("Choose a picture." if source == PICTURE else "Take a photo.")
    elif pixels is not None:
        term_notes.caption(
            f"In grey, its longer side reduced to {LONGEST} pixels at most, so that single pixels can be seen: "
            f"{pixels.shape[0]} high, {pixels.shape[1]} wide."
        )
    return pixels


def _receive(key: str) -> None:
    """Read a file once, when it arrives; one that cannot be read leaves the image before it."""
    file = st.session_state[key]
    before, _ = st.session_state.get(keys.read_of(key), (None, ""))
    if file is None:
        st.session_state.pop(keys.read_of(key), None)
        return
    try:
        pixels = ops.grey(files.read_image(file.getvalue()), LONGEST)
        st.session_state[keys.read_of(key)] = (pixels, "")
    except files.BadInput as error:
        st.session_state[keys.read_of(key)] = (before, str(error))
