"""An image of a digit that is brought to the Draw page: a file, one of ours, or a photo.

Called by `pages.draw`.
"""

import numpy as np
import streamlit as st

from core.ink import files
from core.records import DigitImage, Drawing
from ui.components import canvas
from ui.sections import image_box, sample_images
from ui.state import keys
from ui.widgets import camera


def bring(way: str) -> tuple[DigitImage | None, str]:
    """Show the uploader or the camera; return what was brought, or a sentence about it.

    way: 'Picture' or 'Camera'.
    """
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


def shown(way: str) -> np.ndarray | None:
    """Return the image that is read now, or the part of it inside the box, uint8 [h, w, 3], or None."""
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
