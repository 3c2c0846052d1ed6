"""How many images each class has, and the mean and standard deviation of their pixels.

Called by `pages.data`.
"""

import numpy as np
import streamlit as st

from core.analysis.dataset_stats import Facts
from core.records import Labelled
from ui.components import plotly_chart, term_notes
from ui.figures import dataset_figures
from ui.widgets import downloads, thumbnails

ACROSS = 10  # images in a row


def class_statistics(data: Labelled, facts: Facts) -> None:
    """Show how many images each class has, what they look like on average, and where they differ."""
    left, right = st.columns([1, 1.35], gap="large")
    with left:
        st.header("How many of each")
        figure = dataset_figures.class_counts(facts.counts, data.classes)
        plotly_chart.chart(figure, key="data-counts", file="class-counts")
        downloads.csv_button(
            "class-counts", ["class", "pictures"], lambda: zip(data.classes, facts.counts, strict=True)
        )
    with right:
        st.header("What they have in common")
        st.html(f'<div class="dl-means">{_strip(facts.means, data.classes)}</div>')
        term_notes.caption("The mean picture of each class: each pixel's average. What they share stays clear.")
        st.html(f'<div class="dl-means">{_strip(_brightened(facts.standard_deviations), ())}</div>')
        term_notes.caption(
            "The spread of each pixel, its standard deviation, drawn so that the largest is full: where they "
            "differ. A pixel that is always the same tells nothing."
        )


def _brightened(images: np.ndarray) -> np.ndarray:
    return images / max(float(images.max()), 1e-9)


def _strip(images: np.ndarray, captions: tuple[str, ...]) -> str:
    return thumbnails.strip(list(images), ACROSS, captions)
