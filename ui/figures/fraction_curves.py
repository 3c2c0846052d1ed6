"""Curves of accuracies and probabilities: along damage, along a slider, along what was learnt."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from ui import plain
from ui.figures.training_curves import styled

HEIGHT = 300
COLOURS = ("#4f52e0", "#dd6b20", "#0e9384", "#c11574")  # on light and on dark paper
Points = Sequence[tuple[float, float]]


def fraction_curves(
    lines: Mapping[str, Points], x_name: str, y_name: str, *, at: float | None = None, falls: bool = False
) -> go.Figure:
    """Lines of fractions, 0..1, by name. at: a place to be marked. falls: is x to fall from left to right?"""
    figure = go.Figure()
    for name, points in lines.items():
        figure.add_scatter(
            x=[x for x, _ in points],
            y=[y for _, y in points],
            name=plain.figure(name),
            mode="lines+markers",
            hovertemplate="%{y:.1%} at %{x:.3g}<extra>%{fullData.name}</extra>",
        )
    if at is not None:
        figure.add_vline(x=at, line_dash="dot", opacity=0.6)
    figure.update_xaxes(title=x_name, **({"autorange": "reversed"} if falls else {}))
    figure.update_yaxes(title=y_name, tickformat=".0%", range=[-0.02, 1.04])
    figure = styled(figure, HEIGHT)
    figure.update_layout(colorway=COLOURS, margin={"l": 64, "b": 48})
    return figure
