"""What is done to an image and its label before a network is given them: shape, type and range after each step.

Called by `pages.data`.
"""

import html

import numpy as np
import streamlit as st

from core.analysis import dataset_stats
from core.analysis.dataset_stats import Stage
from core.records import Labelled
from core.words import dimensions
from ui.components import term_notes
from ui.state import keys


def image_preparation(data: Labelled, number: int) -> None:
    """Show the steps for the image of this number, and those for a label that can be chosen."""
    st.header("On the way to a network")
    left, right = st.columns([1.35, 1], gap="large")
    with right:
        label = st.segmented_control(
            "Label to encode", data.classes, key=keys.DATA_LABEL, required=True, persist_state="session"
        )
    place = data.classes.index(label)
    steps, labels = dataset_stats.preparation(data.images[number], place, len(data.classes))
    with left:
        term_notes.html(_steps_table(steps))
    with right:
        term_notes.html(_steps_table(labels))
        st.html(_one_hot(labels[-1].array, data.classes))
        term_notes.caption(
            "One-hot: one number for each class, 1 where the label is and 0 elsewhere. It is what the "
            f"network's {len(data.classes)} probabilities are compared with, and no class is nearer to another."
        )


def _steps_table(steps: list[Stage]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(step.does)}<br><code>{html.escape(step.code)}</code></td>"
        f"<td>{_shape(step.array)}</td><td>{step.array.dtype}</td><td>{_range(step.array)}</td></tr>"
        for step in steps
    )
    return (
        '<div class="dl-stages"><table><tr><th>step</th><th>shape</th><th>type</th><th>numbers</th></tr>'
        f"{rows}</table></div>"
    )


def _shape(array: np.ndarray) -> str:
    return dimensions(array.shape) or "one number"


def _range(array: np.ndarray) -> str:
    low, high = float(array.min()), float(array.max())
    return f"{low:.4g}" if array.ndim == 0 else f"{low:.4g} to {high:.4g}"


def _one_hot(encoded: np.ndarray, classes: tuple[str, ...]) -> str:
    cells = "".join(
        f'<div class="{"on" if value else ""}"><b>{value:.0f}</b><span>{html.escape(name)}</span></div>'
        for value, name in zip(encoded, classes, strict=True)
    )
    return f'<div class="dl-onehot">{cells}</div>'
