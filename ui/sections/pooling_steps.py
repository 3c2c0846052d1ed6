"""Pooling window by window: an image, and what stays of it where each window keeps one number.

Called by `pages.pooling`.
"""

from typing import NamedTuple

import numpy as np
import streamlit as st

from core.nn import ops
from core.nn.padding import OperationError
from core.words import dimensions
from ui import say
from ui.components import sliding_window, term_notes
from ui.components.sliding_window import Result
from ui.sections import pooled_image
from ui.sections.pooled_image import EXAMPLE, Shifting
from ui.state import keys
from ui.widgets.choice_row import choice_row


class Pooled(NamedTuple):
    """What was pooled and how. size: cells of the image's side. shifting: the image, given how far it moved."""

    size: int
    shifting: Shifting
    window: int
    stride: int


def pooling_steps() -> Pooled | None:
    """Show the walk with its settings, and how large the results are; return what they are of.

    None, and a sentence, where there is nothing to be pooled.
    """
    term_notes.markdown(
        "Pooling makes a picture smaller: of each window only the largest value is kept, or the mean. "
        "Tap or click a cell of a result, or press play."
    )
    source = choice_row("Picture", pooled_image.SOURCES, keys.POOL_IMAGE)
    left, right = st.columns([2.6, 1], gap="medium")
    with right:
        settings = st.container()
        window = choice_row("Window", [2, 3, 4], keys.POOL_WINDOW)
        stride = choice_row("Stride", [1, 2, 3, 4], keys.POOL_STRIDE, 2)
    if (found := pooled_image.pooled_image(source, left, settings)) is None:
        return None
    pixels, shifting = found
    try:
        pooled = {how: ops.pool(pixels, how, window, stride) for how in ops.POOLINGS}
    except OperationError as error:
        with left:
            say.error(error)
        return None
    with right:
        sliding_window.size_formula(len(pixels), window, stride, "valid")
    with left:
        _walk(pixels, pooled, window, stride, is_example=source == EXAMPLE)
    return Pooled(len(pixels), shifting, window, stride)


def _walk(
    pixels: np.ndarray, pooled: dict[str, np.ndarray], window: int, stride: int, *, is_example: bool
) -> None:
    """The window's walk over [h, w]. pooled: each way of pooling -> its result."""
    results = [
        Result(f"{how.capitalize()}: {dimensions(values.shape)}", values, how) for how, values in pooled.items()
    ]
    sliding_window.walk(
        pixels,
        results,
        key=keys.POOL_EXAMPLE if is_example else keys.POOL_OWN,
        title=f"Picture: {dimensions(pixels.shape)}",
        window=window,
        stride=stride,
        look="numbers" if is_example else "ink",
        full=float(np.abs(pixels).max()) or 1.0,
    )
