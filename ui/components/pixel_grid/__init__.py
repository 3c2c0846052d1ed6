"""A grid of numbers, shown as an image whose values can be read."""

from pathlib import Path

import numpy as np
import streamlit as st

from core.io.bundle import bundle

HERE = Path(__file__).parent


_component = st.components.v2.component(
    "digit_lab_pixel_grid",
    html=(
        '<div class="grid" tabindex="0" role="application" aria-label="A grid of numbers">'
        '<canvas class="ink"></canvas><div class="lines"></div><div class="cursor" hidden></div></div>'
        '<div class="readout" aria-live="polite"></div>'
    ),
    css=(HERE.parent / "readout.css").read_text(encoding="utf-8")
    + (HERE / "pixel_grid.css").read_text(encoding="utf-8"),
    js=bundle(HERE / "pixel_grid.js"),
)


def pixel_grid(pixels: np.ndarray, *, label: str, key: str, whole: int | None = None) -> None:
    """Show float [height, width], 0 = paper, 1 = ink; hover, tap or the arrow keys read a value.

    whole: what 1 stands for where the numbers are stored whole; 255 reads as '128 of 255, 0.502'.
    """
    thousandths = np.rint(1000 * pixels).astype(int).tolist()
    _component(key=key, data={"thousandths": thousandths, "label": label, "whole": whole})
