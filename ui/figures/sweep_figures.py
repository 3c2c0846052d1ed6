"""The combinations of a sweep as lines over its settings: parallel coordinates."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.runs.sweeps import Row, said, shown
from core.training.search import Axis
from ui.figures.training_curves import VALIDATION, styled

_OTHERS = "#8b93a7"  # on light and on dark paper


def parallel(axes: Sequence[Axis], names: Sequence[str], rows: Sequence[Row]) -> go.Figure:
    """One line for each combination whose accuracy is known; the first of them, the best, is blue."""
    figure = go.Figure()
    known = [row for row in rows if row.mean is not None]
    low, high = min(row.mean or 0.0 for row in known), max(row.mean or 0.0 for row in known)
    columns = [*names, "validation"]
    for place, row in reversed(list(enumerate(known))):
        assert row.mean is not None
        heights = [axis.position(row.changes[axis.name]) for axis in axes]
        heights.append((row.mean - low) / (high - low) if high > low else 1.0)
        figure.add_scatter(
            x=list(range(len(columns))),
            y=heights,
            mode="lines+markers",
            line={"color": _OTHERS if place else VALIDATION, "width": 1.5 if place else 3.5},
            opacity=1.0 if not place else 0.25 + 0.55 * heights[-1],
            marker={"size": 7 if place == 0 else 5},
            hovertemplate=f"{said(row.changes)}: {row.mean:.2%}<extra></extra>",
            showlegend=False,
        )
    ends = [(shown(axis.values[0]), shown(axis.values[-1])) for axis in map(_ordered, axes)]
    ends.append((f"{low:.2%}", f"{high:.2%}"))
    for x, (least, most) in enumerate(ends):
        for y, text, shift in ((0, least, -14), (1, most, 14)):
            figure.add_annotation(x=x, y=y, text=text, showarrow=False, yshift=shift, font={"size": 12})
        figure.add_vline(x=x, line={"color": _OTHERS, "width": 1}, opacity=0.35)
    figure.update_xaxes(
        tickvals=list(range(len(columns))), ticktext=columns, showgrid=False, range=[-0.35, len(columns) - 0.65]
    )
    figure.update_yaxes(visible=False, range=[-0.14, 1.14], fixedrange=True)
    return styled(figure, 340)


def _ordered(axis: Axis) -> Axis:
    """Numbers from the least to the most, as `Axis.position` has them."""
    if isinstance(axis.values[0], str | bool):
        return axis
    return Axis(axis.name, tuple(sorted(axis.values)))
