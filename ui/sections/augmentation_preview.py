"""Augmentation, tried on a few images.

Called by `pages.data`.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from core.analysis import dataset_stats
from core.data import augmentation
from core.records import Augmentation, Labelled
from ui.components import term_notes
from ui.state import keys, links
from ui.widgets import thumbnails

SHOWN = 10  # images that are augmented

# A field of Augmentation -> its label, the step of its slider, how it is written, and how many of it are one.
SLIDERS: dict[str, tuple[str, float, str, float]] = {
    "rotation": ("Rotation", 1.0, "± %d°", 1),
    "shear": ("Shear", 1.0, "± %d°", 1),
    "scale": ("Size", 1.0, "± %d%%", 100),
    "shift": ("Shift", 0.5, "± %.1f px", 1),
    "elastic": ("Elastic", 0.1, "± %.1f px", 1),
}
AT_FIRST = Augmentation(rotation=10, scale=0.1, shift=2)


@links.fragment
def augmentation_preview(data: Labelled) -> None:
    """Show sliders, and beside them what they do to the same images, three times."""
    term_notes.header("Augmentation")
    term_notes.caption(
        "A network that sees each picture a little changed, anew in each pass, learns that it means the same "
        "when it leans, moves or bends. Only what keeps its meaning may be changed: a 6 on its head is a 9."
    )
    left, right = st.columns([1, 1.9], gap="large")
    with left:
        chosen: dict[str, Any] = {name: _slider(name) for name in SLIDERS}
        settings = replace(augmentation.NONE, **chosen)
        st.button("Other chances", key="augment-again", icon=":material/casino:", on_click=_again)
    rng = thumbnails.rng(st.session_state.get(keys.AUGMENT_SEED, 0))
    numbers = np.concatenate(
        [np.flatnonzero(data.labels == c)[: -(-SHOWN // len(data.classes))] for c in range(len(data.classes))]
    )[:SHOWN]
    images = data.images[numbers]
    rows = [images.astype(np.float32) / 255]
    rows += [dataset_stats.augmented(images, settings, rng) for _ in range(3)]
    with right:
        st.html(thumbnails.strip([image for row in rows for image in row], len(numbers)))
        term_notes.caption("Above as they are; below, three times, as a network may see them.")


def _slider(name: str) -> float:
    label, step, form, unit = SLIDERS[name]
    most = unit * getattr(augmentation.LIMITS, name)
    first = float(unit * getattr(AT_FIRST, name))
    return (
        st.slider(label, 0.0, float(most), first, step, form, key=keys.augment(name), persist_state="session")
        / unit
    )


def _again() -> None:
    st.session_state[keys.AUGMENT_SEED] = st.session_state.get(keys.AUGMENT_SEED, 0) + 1
