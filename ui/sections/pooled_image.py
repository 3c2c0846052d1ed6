"""The image that is pooled: an example, the drawing, or a map that a network makes of it.

Called by `ui.sections.pooling_shift` and `ui.sections.pooling_steps`.
"""

from collections.abc import Callable

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.nn import ops
from core.records import DigitImage
from ui import say
from ui.components import sliding_window
from ui.state import keys, selection

# Given how far to the right the digit is moved: the image that is pooled.
Shifting = Callable[[int], np.ndarray]

# The first tutorial's zero.
ZERO = np.array(
    [
        [0, 0, 0, 1, 0, 0, 0, 0],
        [0, 1, 2, 3, 2, 1, 0, 0],
        [0, 4, 3, 1, 3, 2, 0, 0],
        [1, 5, 2, 0, 0, 5, 1, 0],
        [2, 4, 0, 0, 0, 6, 2, 0],
        [1, 3, 0, 0, 0, 4, 1, 0],
        [0, 2, 3, 2, 1, 3, 0, 0],
        [0, 0, 3, 4, 3, 1, 0, 0],
    ]
)
SOURCES = (EXAMPLE, MINE, MAP) = ("8 x 8 zero", "Your drawing", "Feature map")
MARGIN = 4  # cells of paper around the zero while it is shifted, so that no ink is lost


def pooled_image(
    source: str, place: DeltaGenerator, settings: DeltaGenerator
) -> tuple[np.ndarray, Shifting] | None:
    """Return the image, float [h, w], and what moves it; None, and a sentence, where there is none.

    source: one of SOURCES. place: where the sentence stands. settings: where a map is chosen.
    """
    if source == EXAMPLE:
        return ZERO, _shift_zero
    with place:
        drawn = sliding_window.drawn()
    if drawn is None:
        return None
    if source == MAP:
        with settings:
            return _feature_map(drawn)
    return drawn.pixels, _shift_drawing(drawn)


def _shift_zero(by: int) -> np.ndarray:
    return ops.shifted(np.pad(ZERO, MARGIN), by)


def _shift_drawing(drawn: DigitImage) -> Shifting:
    return lambda by: ops.shifted(drawn.pixels, by)


def _feature_map(drawn: DigitImage) -> tuple[np.ndarray, Shifting] | None:
    """Choose one map of the network that reads; it is computed anew for the digit that was moved."""
    classifier = selection.first()
    layers = {name: a for name, a in classifier.activations(drawn).items() if a.ndim == 3}
    if not layers:
        say.info(f"'{classifier.network.name}' makes no feature maps: no layer of it keeps a picture.")
        return None
    layers = {name: a for name, a in layers.items() if np.isfinite(a).all()}
    if not layers:
        say.info(
            f"The feature maps of '{classifier.network.name}' are not numbers (NaN): choose another network."
        )
        return None
    if st.session_state.get(keys.POOL_LAYER) not in layers:
        st.session_state[keys.POOL_LAYER] = next(iter(layers))
    name = st.selectbox("Layer", list(layers), key=keys.POOL_LAYER, persist_state="session")
    count = layers[name].shape[-1]
    st.session_state[keys.POOL_MAP] = min(st.session_state.get(keys.POOL_MAP, 1), count)
    number = st.slider("Map", 1, count, key=keys.POOL_MAP, persist_state="session") if count > 1 else 1
    say.caption(f"Of '{classifier.network.name}', for your drawing.")

    def shifting(by: int) -> np.ndarray:
        moved = DigitImage(ops.shifted(drawn.pixels, by))
        return classifier.activations(moved)[name][..., number - 1]

    return layers[name][..., number - 1], shifting
