"""An image with a box that is moved and resized by mouse, finger and arrow keys, and the ink found in it."""

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from core.io.bundle import bundle
from core.io.data_urls import JPEG, data_url
from ui.widgets import thumbnails

HERE = Path(__file__).parent
SIDE = 640  # pixels of the longer side of the image that is sent
MIN_SIZE = 0.04  # of the image's width and height, as in crop_box.js

Box = tuple[float, float, float, float]  # left, top, width, height, as fractions of the image's
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)

_CORNERS = {"tl": "Top left", "tr": "Top right", "bl": "Bottom left", "br": "Bottom right"}

_component = st.components.v2.component(
    "digit_lab_crop_box",
    html=f"""
<div class="frame">
  <img alt="Your picture, what was taken for ink marked in it" draggable="false">
  <div class="ink"></div>
  <div class="veil"><div></div></div>
  <div class="box" role="group" aria-label="The box that is read">
    <button type="button" class="all" aria-label="Box: arrow keys move it"></button>
    {
        "".join(
            f'<button type="button" class="corner" data-corner="{corner}" '
            f'aria-label="{name} corner: arrow keys move it"></button>'
            for corner, name in _CORNERS.items()
        )
    }
  </div>
</div>
<div role="status"></div>""",
    css=(HERE / "crop_box.css").read_text(encoding="utf-8"),
    js=bundle(HERE / "crop_box.js"),
)


def crop_box(
    url: str,
    aspect: float,
    *,
    box: Box,
    turn: int,
    ink: np.ndarray | None,
    ink_at: Box,
    changed: Callable[[Box], object],
    key: str,
) -> None:
    """Show an image, the ink that was found in it, and a box around a part of it.

    url: a data URL, as `image_url` makes one; aspect: its width / height. turn: another one for each box
    that Python sets, and not the person. ink: float32 [h, w], 0 = paper, 1 = ink, of the part `ink_at` of the
    image, or None. changed: called with the new box, before the next run.
    """

    def receive() -> None:
        if (new := checked(st.session_state[key].get("box"))) is not None:
            changed(new)

    _component(
        key=key,
        data={
            "image": url,
            "aspect": aspect,
            "ink": "" if ink is None else thumbnails.ink_url(ink),
            "inkAt": list(ink_at),
            "box": list(box),
            "turn": turn,
        },
        on_box_change=receive,
    )


def image_url(pixels: np.ndarray) -> str:
    """uint8 [h, w] or [h, w, 3] -> a JPEG of at most SIDE pixels, as a data URL."""
    image = Image.fromarray(pixels)
    image.thumbnail((SIDE, SIDE), reducing_gap=2)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return data_url(out.getvalue(), JPEG)


def checked(value: Any) -> Box | None:
    """What a browser sent -> a box within the image; None where it is none."""
    if not isinstance(value, list | tuple) or len(value) != 4:
        return None
    if not all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in value):
        return None
    left, top = (min(max(float(n), 0.0), 1 - MIN_SIZE) for n in value[:2])
    width = min(max(float(value[2]), MIN_SIZE), 1 - left)
    height = min(max(float(value[3]), MIN_SIZE), 1 - top)
    return left, top, width, height
