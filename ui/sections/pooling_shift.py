"""What pooling buys: how much less of a map changes where the digit moves.

Called by `pages.pooling`.
"""

import numpy as np
import streamlit as st

from core.nn import ops
from core.words import dimensions
from ui.components import term_notes
from ui.sections.pooled_image import Shifting
from ui.state import keys
from ui.widgets import thumbnails

FURTHEST = 3  # pixels


def pooling_shift(shifting: Shifting, window: int, stride: int) -> None:
    """Show a slider that moves the digit, and how much that changes before and after pooling."""
    term_notes.header("What pooling buys")
    left, right = st.columns([1, 2.6], gap="medium")
    with left:
        right_by = st.slider(
            "Move the digit to the right, by pixels",
            -FURTHEST,
            FURTHEST,
            1,
            key=keys.POOL_SHIFT,
            persist_state="session",
        )
        term_notes.caption(
            "A share says how much changed: the differences of all cells, added up, over all that was there. "
            "0%: nothing changed; 200%: no cell in common. Most often a pooled map changes less, so what "
            "follows need not care where exactly the digit stood. What moves by the whole stride is in another "
            "cell all the same."
        )
    before, after = (_stages(shifting(by), window, stride) for by in (0, right_by))
    top = max(float(values.max()) for values in before.values()) or 1.0
    with right, st.container(key="pool-shifted", width=600):
        changes = [f"{name} {ops.change(before[name], after[name]):.0%}" for name in before]
        st.markdown(f"Moved by {right_by}, this much changed: **{', '.join(changes)}**")
        captions = [f"{name}, {dimensions(values.shape)}" for name, values in before.items()]
        images = [values / top for values in (*before.values(), *after.values())]
        st.html(thumbnails.strip(images, columns=len(before), captions=[*captions, *["moved"] * len(after)]))


def _stages(pixels: np.ndarray, window: int, stride: int) -> dict[str, np.ndarray]:
    names = {how: f"{how} pooled" for how in ops.POOLINGS}
    return {"picture": pixels} | {name: ops.pool(pixels, how, window, stride) for how, name in names.items()}
