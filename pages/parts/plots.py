"""A Plotly chart that is updated in place, for what changes while one looks at it."""

import plotly.graph_objects as go
import streamlit as st

from core.datasets import ASSETS

_library = st.components.v2.component(
    "digit_lab_plotly",
    # Plotly's own bundle leaves itself in `window.moduleName`.
    js=(ASSETS / "plotly-basic.min.js").read_text() + "\nexport default function () {}\n",
)
_chart = st.components.v2.component(
    "digit_lab_live_chart",
    html='<div class="live-chart"></div>',
    js=(ASSETS / "live_chart.js").read_text(),
    isolate_styles=False,  # Plotly puts its styles into the page
)


def library() -> None:
    """Send Plotly to the browser. Call it once on the page and outside of its fragments: it has 1.2 MB."""
    _library(key="plotly")


def live_chart(figure: go.Figure, key: str) -> None:
    """Show a figure of lines, dots or bars; the next one with this key takes its place, and keeps its zoom."""
    height = figure.layout.height
    _chart(key=key, data={"figure": figure.to_json()}, height=height)
