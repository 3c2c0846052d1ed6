"""The way from ink to the network's picture, in small pictures with a line of text each."""

import base64
import html
import io

import numpy as np
import streamlit as st
from PIL import Image

from core.preprocessing import SIZE
from core.records import Step


def step_strip(steps: tuple[Step, ...]) -> None:
    """Show the steps in order; where there is a box or a mark in one, it is outlined."""
    st.html(f'<div class="dl-steps">{"".join(map(_figure, enumerate(steps, 1)))}</div>')


def _figure(numbered: tuple[int, Step]) -> str:
    number, step = numbered
    height, width = step.picture.shape
    side = max(height, width)
    left, top = (side - width) / 2, (side - height) / 2

    def percent(*values: float) -> str:
        return ";".join(
            f"{name}:{value / side:.2%}" for name, value in zip(("left", "top", "width", "height"), values, strict=False)
        )

    mask = f"url({_data_url(step.picture)})"
    rendering = "pixelated" if side <= SIZE else "auto"  # few pixels are to be seen, many to be smooth
    ink = f'<div class="dl-ink" style="image-rendering:{rendering};{percent(left, top, width, height)};-webkit-mask-image:{mask};mask-image:{mask}"></div>'
    box = ""
    if step.box:
        x, y, w, h = step.box
        box = f'<div class="dl-box" style="{percent(left + x, top + y, w, h)}"></div>'
    mark = f'<div class="dl-mark" style="{percent(left + step.mark[0], top + step.mark[1])}"></div>' if step.mark else ""
    return (
        f'<figure><div class="dl-frame">{ink}{box}{mark}</div>'
        f"<figcaption><b>{number}. {html.escape(step.name)}</b>{html.escape(step.note)}</figcaption></figure>"
    )


def _data_url(picture: np.ndarray) -> str:
    """Ink as opacity, so that it takes the theme's text colour."""
    alpha = np.uint8(np.round(255 * np.clip(picture, 0, 1)))
    out = io.BytesIO()
    Image.merge("LA", (Image.new("L", alpha.shape[::-1]), Image.fromarray(alpha))).save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
