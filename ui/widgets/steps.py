"""The way from ink to the network's image, in small images with a line of text each."""

import html

import streamlit as st

from core.ink.preprocessing import SIZE
from core.records import Step
from ui.widgets import thumbnails


def step_strip(steps: tuple[Step, ...]) -> None:
    """Show the steps in order; where there is a box or a mark in one, it is outlined. No steps: nothing."""
    if not steps:
        return
    figures = "".join(map(_figure, enumerate(steps, 1)))
    st.html(f'<p><b>How your ink became that picture</b></p><div class="dl-steps">{figures}</div>')


def _figure(numbered: tuple[int, Step]) -> str:
    number, step = numbered
    height, width = step.image.shape
    side = max(height, width)
    left, top = (side - width) / 2, (side - height) / 2  # an image that is no square lies in the middle

    def at(x: float, y: float) -> str:
        return f"left:{(left + x) / side:.2%};top:{(top + y) / side:.2%}"

    def of(w: float, h: float) -> str:
        return f"width:{w / side:.2%};height:{h / side:.2%}"

    rendering = "pixelated" if side <= SIZE else "auto"  # few pixels are to be seen, many to be smooth
    style = f"{at(0, 0)};{of(width, height)};image-rendering:{rendering}"
    parts = [thumbnails.ink(step.image, style)]
    if step.box:
        x, y, w, h = step.box
        parts.append(f'<div class="dl-box" style="{at(x, y)};{of(w, h)}"></div>')
    if step.mark:
        parts.append(f'<div class="dl-mark" style="{at(*step.mark)}"></div>')
    caption = f"<b>{number}. {html.escape(step.name)}</b>{html.escape(step.note)}"
    return f'<figure><div class="dl-frame">{"".join(parts)}</div><figcaption>{caption}</figcaption></figure>'
