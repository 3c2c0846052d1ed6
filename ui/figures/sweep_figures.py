"""The combinations of a sweep as lines over its settings: parallel coordinates."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.runs.sweeps import Row, said, shown
from core.training.search import Axis
from ui.figures import parallel_axes
from ui.figures.parallel_axes import OTHERS
from ui.figures.training_curves import VALIDATION


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
            line={"color": OTHERS if place else VALIDATION, "width": 1.5 if place else 3.5},
            opacity=1.0 if not place else 0.25 + 0.55 * heights[-1],
            marker={"size": 7 if place == 0 else 5},
            hovertemplate=f"{said(row.changes)}: {row.mean:.2%}<extra></extra>",
            showlegend=False,
        )
    ends = [(shown(axis.values[0]), shown(axis.values[-1])) for axis in map(_ordered, axes)]
    ends.append((f"{low:.2%}", f"{high:.2%}"))
    return parallel_axes.drawn(figure, columns, [[(0.0, least), (1.0, most)] for least, most in ends])


def _ordered(axis: Axis) -> Axis:
    """Numbers from the least to the most, as `Axis.position` has them."""
    if isinstance(axis.values[0], str | bool):
        return axis
    return Axis(axis.name, tuple(sorted(axis.values)))
