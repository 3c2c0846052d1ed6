"""A Plotly chart that is updated in place, for what changes while one looks at it."""

from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.io.bundle import bundle

HERE = Path(__file__).parent


_library = st.components.v2.component(
    "digit_lab_plotly",
    # Plotly's own bundle leaves itself in `window.moduleName`.
    js=(HERE / "plotly-basic.min.js").read_text(encoding="utf-8") + "\nexport default function () {}\n",
)
# The same for a chart of Streamlit's and for a live one. Plotly would offer to share a chart, which sends it
# to a company; nothing leaves this computer.
CONFIG = {"displaylogo": False, "displayModeBar": "hover", "showSendToCloud": False, "plotlyServerURL": ""}

_chart = st.components.v2.component(
    "digit_lab_live_chart",
    html='<div class="live-chart"></div>',
    js=bundle(HERE / "live_chart.js"),
    isolate_styles=False,  # Plotly puts its styles into the page
)

_table_light = st.components.v2.component("digit_lab_table_light", js=bundle(HERE / "table_light.js"))

_ahead = st.components.v2.component("digit_lab_chart_ahead", js=(HERE / "ahead.js").read_text(encoding="utf-8"))

_touch = st.components.v2.component("digit_lab_chart_touch", js=(HERE / "touch.js").read_text(encoding="utf-8"))


def load_ahead() -> None:
    """Load Plotly while nothing else is to be done. Lessons call it: their charts come after what is read."""
    if script := _script():
        _ahead(key="chart-ahead", data={"script": script}, height=0)


@cache
def _script() -> str:
    """Return the name of Streamlit's own script for charts, looked for once; '' where it has another."""
    static = Path(st.__file__).parent / "static" / "static" / "js"
    return next((one.name for one in static.glob("PlotlyChart.*.js")), "")


def scroll_by_touch() -> None:
    """Let a finger over any chart scroll the page, and its tap click. `app.py` calls it, once for all pages."""
    _touch(key="chart-touch", height=0)


def chart(figure: go.Figure, key: str, *, file: str = "", buttons: bool = True, **selection: Any) -> None:
    """Show a figure with Streamlit's own chart: the only call of st.plotly_chart.

    file: the name, without an ending, of the image that the camera button saves.
    selection: on_select and so on.
    """
    config: dict[str, Any] = dict(CONFIG)
    if not buttons:
        config["displayModeBar"] = False
    if file:
        config["toImageButtonOptions"] = {"filename": file, "scale": 2}
    st.plotly_chart(figure, key=key, config=config, **selection)


def library() -> None:
    """Send Plotly to the browser. Call it once on the page and outside of its fragments: it has 1.2 MB."""
    _library(key="plotly")


def live_chart(figure: go.Figure, key: str) -> None:
    """Show a figure of lines, dots or bars; the next one with this key takes its place, and keeps its zoom."""
    height = figure.layout.height
    _chart(key=key, data={"figure": figure.to_json(), "config": CONFIG}, height=height)


def lit_by_table(table: str) -> None:
    """Light up, in all live charts, the run whose row is pointed at or focused in the table in this container.

    A trace is a run's where its `meta` is the run's number; the table has a column 'run'.
    """
    _table_light(key=f"{table}-light", data={"table": f"st-key-{table}"}, height=0)
