"""A window that slides over an image, with its arithmetic: for convolution and for pooling.

Stepping, playing and clicking happen in the browser (sliding_window.js) on numbers from core/nn/ops.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.nn.padding import Padding, output_size, paddings
from core.records import DigitImage
from ui.components import canvas, term_notes

HERE = Path(__file__).parent

DRAW_FIRST = "Nothing is drawn yet: draw a digit on the Draw page, then come back."


@dataclass(frozen=True)
class Kernel:
    """What slides over the image.

    title: what stands above it. texts: its numbers as people wrote them, k rows of k.
    values: float [k, k], or None where a text is no number. editable: may be typed into.
    """

    title: str
    texts: Sequence[Sequence[str]]
    values: np.ndarray | None
    editable: bool = True


@dataclass(frozen=True)
class Result:
    """What the window makes of the image.

    title: what stands above it; before a colon, its name. values: float [rows, columns].
    how: 'sum' of products with the kernel, 'max' or 'mean'.
    full: the value of full colour, which larger ones have too; None for the largest one.
    """

    title: str
    values: np.ndarray
    how: str
    full: float | None = None


_component = st.components.v2.component(
    "digit_lab_windows",
    html="""
<div class="walk">
  <div class="grids"></div>
  <div class="controls">
    <button aria-label="Step back">
      <svg viewBox="0 0 24 24"><path d="M5 5h3v14H5zM20 5v14L9 12z"/></svg>
    </button>
    <button class="play" aria-label="Play">
      <svg class="go" viewBox="0 0 24 24"><path d="M7 4v16l13-8z"/></svg>
      <svg class="pause" viewBox="0 0 24 24"><path d="M6 5h4v14H6zM14 5h4v14h-4z"/></svg>
    </button>
    <button aria-label="Step forward">
      <svg viewBox="0 0 24 24"><path d="M16 5h3v14h-3zM4 5v14l11-7z"/></svg>
    </button>
    <input type="range" min="0" value="0" aria-label="Which window">
    <output></output>
  </div>
  <div class="sums" aria-live="polite"></div>
</div>""",
    css=(HERE / "sliding_window.css").read_text(encoding="utf-8") + term_notes.LINKS,
    js=term_notes.bundled(HERE / "sliding_window.js"),
)


def walk(
    image: np.ndarray,
    results: Sequence[Result],
    *,
    key: str,
    title: str,
    window: int,
    stride: int,
    padding: Padding = "valid",
    kernel: Kernel | None = None,
    look: str = "numbers",
    full: float = 1.0,
    reveal: bool = False,
    on_kernel: Callable[[list[list[str]]], None] | None = None,
) -> None:
    """Show an image, the kernel where there is one, and the results, whose cells can be clicked.

    image: float [h, w]. results: of equal size; none where the window does not fit, or is no number.
    look: 'numbers' for few cells; 'ink', 0 = paper; 'light', 0 = black. Negative values are orange.
    full: the value of full colour, at least; where there are larger ones, the largest takes its place,
        unless a result says otherwise.
    reveal: a result's cell is empty until the window has come by.
    on_kernel: called with the new texts when somebody has typed into the kernel.
    """
    around = [paddings(n, window, stride, padding) for n in image.shape]
    (top, bottom), (left, right) = around
    padded = np.pad(image, around)

    _component(
        key=key,
        data={
            "name": key,
            "look": look,
            "input": {"title": title, **_plane(padded, _scale(padded, full))},
            "pad": [top, right, bottom, left],
            "kernel": kernel and _table(kernel),
            "outputs": [_output(r, full) for r in results],
            "window": window,
            "stride": stride,
            "reveal": reveal,
        },
        on_kernel_change=lambda: _on_typed(key, on_kernel),
    )


def _on_typed(key: str, on_kernel: Callable[[list[list[str]]], None] | None) -> None:
    texts = st.session_state[key]["kernel"]
    if on_kernel and texts:
        on_kernel([[str(text)[:12] for text in row] for row in texts])


def _table(kernel: Kernel) -> dict[str, Any]:
    return {
        "title": kernel.title,
        "texts": kernel.texts,
        "values": None if kernel.values is None else kernel.values.tolist(),
        "editable": kernel.editable,
    }


def _scale(values: np.ndarray, minimum: float) -> float:
    return max(minimum, float(np.abs(values).max(initial=0)))


def _plane(values: np.ndarray, scale: float) -> dict:
    """Whole numbers where they are whole, five decimals otherwise: a photograph is a third as long then."""
    rounded = np.round(values, 5) + 0.0
    is_whole = (rounded == np.rint(rounded)).all()
    return {"values": rounded.astype(int).tolist() if is_whole else rounded.tolist(), "scale": scale}


def _output(result: Result, full: float) -> dict:
    plane = _plane(result.values, result.full or _scale(result.values, full))
    return {"title": result.title, "how": result.how, **plane}


def size_formula(size: int, window: int, stride: int, padding: Padding) -> None:
    """Work out how many windows fit into a side of `size` cells, and say why where some cells are left over."""
    before, after = paddings(size, window, stride, padding)
    added = rf"2 \cdot {before}" if before == after else f"{before} + {after}"
    room = size + before + after - window
    count, rest = output_size(size, window, stride, padding)
    whole = (
        rf"\left\lfloor \frac{{{room}}}{{{stride}}} \right\rfloor" if rest else rf"\frac{{{room}}}{{{stride}}}"
    )
    p = "2p" if before == after else "p_1 + p_2"
    st.latex(rf"\frac{{n + {p} - k}}{{s}} + 1")
    # In braces: where there is too little room a new line begins at an equals sign, never at a plus.
    st.latex(
        rf"= {{\frac{{{size} + {added} - {window}}}{{{stride}}} + 1}} = {{{whole} + 1}} = \mathbf{{{count}}}"
    )
    words = f"n: {size} cells a side; p: the padding; k: {window} cells of the window; s: the stride, {stride}."
    if before != after:
        words += f" 'Same' needs {before + after} here: {before} left and above, {after} right and below."
    if rest:
        cells = "cell is" if rest == 1 else "cells are"
        words += (
            f" {room} / {stride} is no whole number, so it is rounded down: after the last whole window "
            f"{rest} {cells} left over at the right and at the bottom, and never looked at."
        )
    term_notes.caption(words)


def drawn() -> DigitImage | None:
    """Return what is on the canvas as the network sees it; None, and a sentence, where nothing is."""
    image = canvas.last_image()
    if image is None:
        st.info(DRAW_FIRST)
        st.page_link("pages/draw.py", label="Go to the Draw page", icon=":material/draw:")
    return image
