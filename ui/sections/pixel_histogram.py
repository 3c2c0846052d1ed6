"""How bright the pixels are: of one image, and of the whole data set.

Called by `pages.data`.
"""

import streamlit as st

from core.analysis import dataset_stats
from core.analysis.dataset_stats import Facts
from core.records import Labelled
from ui.components import plotly_chart, term_notes
from ui.figures import dataset_figures
from ui.state import keys
from ui.widgets import downloads


def pixel_histogram(data: Labelled, number: int, facts: Facts) -> None:
    """Show the histograms of the image of this number and of all, on one of three scales. facts: of all."""
    st.header("How bright are the pixels?")
    scale = st.segmented_control(
        "Its numbers",
        list(dataset_figures.SCALES),
        key=keys.DATA_SCALE,
        default="0 to 255",
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    own = dataset_stats.histogram(data.images[number])
    mean, spread = dataset_stats.moments(facts.histogram)
    names = [f"picture {number}", f"all {len(data.labels):,} pictures"]
    figure = dataset_figures.pixel_histograms(own, facts.histogram, names, scale, mean, spread)
    left, right = st.columns([2.2, 1], gap="large")
    with left:
        plotly_chart.chart(figure, key="data-histogram", file="pixels")
    with right:
        term_notes.markdown(
            f"| scale | mean | spread |\n|---|--:|--:|\n| 0 to 255 | {mean:.2f} | {spread:.2f} |\n"
            f"| 0 to 1, divided by 255 | {mean / 255:.4f} | {spread / 255:.4f} |\n| standardised | 0 | 1 |"
        )
        zeros = facts.histogram[0] / facts.histogram.sum()
        term_notes.caption(
            f"Of all pixels, {zeros:.0%} are 0; the height is logarithmic, so that rare values are seen, too. "
            "Dividing by 255 or standardising changes the axis and not the shape: no picture loses anything, "
            "but the steps of a training fit numbers around 1."
        )
        head = ["value", "in this picture", "in all pictures"]
        downloads.csv_button(
            "pixels", head, lambda: zip(range(dataset_stats.LEVELS), own, facts.histogram, strict=True)
        )
