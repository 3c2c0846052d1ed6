"""How charts in lessons look: small, with names for their axes, and nothing to press."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ui.components import plotly_chart

Values = Sequence[float] | np.ndarray

# On light and on dark paper.
COLOURS = ("#5b60f0", "#dd6b20", "#0e9384", "#d6409f", "#7a8b2f", "#0284c7", "#a0724b", "#8a8f98")
MARK = COLOURS[3]  # one point that is spoken of


def framed(figure: go.Figure, x: str, y: str, height: int = 300, **layout: object) -> None:
    """Give a figure its size, names for its axes and hardly a margin. layout: more of its layout."""
    figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8}, **layout)
    figure.update_xaxes(title_text=x)
    figure.update_yaxes(title_text=y)


def show(figure: go.Figure, key: str, x: str, y: str, height: int = 300, **axis: object) -> None:
    """axis: more of the vertical axis, such as its range or its format."""
    framed(figure, x, y, height, legend={"orientation": "h", "y": 1.14, "x": 0})
    figure.update_yaxes(**axis)
    plotly_chart.chart(figure, key=key, buttons=False)


def lines(curves: Mapping[str, tuple[Values, Values]], *, marks: bool = False) -> go.Figure:
    """One line for each name: (x, y)."""
    figure = go.Figure()
    for (name, (x, y)), colour in zip(curves.items(), COLOURS, strict=False):
        figure.add_scatter(
            x=list(x),
            y=list(y),
            name=name,
            mode="lines+markers" if marks else "lines",
            line={"color": colour, "width": 2.5},
        )
    return figure


def bars(names: Sequence[str], series: Mapping[str, Values]) -> go.Figure:
    """Bars side by side: one colour for each of the series, a group for each name."""
    figure = go.Figure()
    for (name, values), colour in zip(series.items(), COLOURS, strict=False):
        figure.add_bar(x=list(names), y=list(values), name=name, marker_color=colour)
    return figure
