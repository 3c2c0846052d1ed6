"""One neuron that learns to tell two digits apart, in the browser: its weights are an image that forms."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from core.io.bundle import bundle
from ui.components import term_notes
from ui.content.glossary import marked_html

HERE = Path(__file__).parent
LEARN, TEST = 600, 200  # images to learn from, and to count

_component = st.components.v2.component(
    "digit_lab_neuron",
    html=marked_html((HERE / "neuron.html").read_text(encoding="utf-8")),
    css=(HERE / "neuron.css").read_text(encoding="utf-8") + term_notes.LINKS,
    js=bundle(HERE / "neuron.js"),
)


def neuron(images: np.ndarray, labels: np.ndarray, pair: Sequence[int], *, key: str) -> None:
    """Show a neuron that learns when it is told to, one image at a time or many a second.

    images: uint8 [n, 28, 28], 0 = paper, 255 = ink. labels: int [n]. pair: the two digits; the neuron answers
    how probable the second is. The first 600 images of the two are learnt from, the next 200 are counted.
    """
    chosen = np.flatnonzero(np.isin(labels, pair))[: LEARN + TEST]
    packed = np.concatenate([images[chosen].reshape(len(chosen), -1), (labels[chosen] == pair[1])[:, None]], 1)
    header = np.array([*pair, LEARN & 255, LEARN >> 8], np.uint8)
    _component(key=key, data=header.tobytes() + packed.astype(np.uint8).tobytes())
