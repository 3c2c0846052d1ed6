"""Lines over several settings beside each other, each with an axis of its own: parallel coordinates."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from core.runs.sweeps import shown
from core.training.search import Axis
from ui import plain
from ui.figures.training_curves import PALETTE, styled

OTHERS = "#8a8f98"  # on light and on dark paper
MAX_WORDS = 4  # of an axis that are written beside it
Ticks = Sequence[tuple[float, str]]  # height 0..1, and what is written there


def runs(
    names: Mapping[int, str],
    settings: Mapping[str, Sequence[Any]],
    accuracies: Sequence[float],
    what: str = "validation accuracy",
    colours: Sequence[int] = (),
) -> go.Figure:
    """One line for each run, over the settings and, last, its accuracy; a trace's meta is the run's number.

    names: by the run's number. settings: of each setting its value for each run, as
    `core.runs.differing.settings` returns them. accuracies: 0..1, for each run. colours: places in the palette.
    """
    axes = {name: _axis(name, values) for name, values in settings.items()}
    axes[what] = _axis(what, accuracies)
    values = {**settings, what: accuracies}
    figure = go.Figure()
    for place, (number, name) in enumerate(names.items()):
        said = [_said(what_, its[place], what) for what_, its in values.items()]
        figure.add_scatter(
            x=list(range(len(axes))),
            y=[axes[axis].position(its[place]) for axis, its in values.items()],
            mode="lines+markers",
            line={"color": PALETTE[(colours[place] if colours else place) % len(PALETTE)], "width": 2},
            marker={"size": 7},
            name=plain.figure(name),
            meta=number,
            customdata=[f"{axis}: {text}" for axis, text in zip(values, said, strict=True)],
            hovertemplate=f"{plain.figure(name)}<br>%{{customdata}}<extra></extra>",
            showlegend=False,
        )
    ticks = [_ticks(axis, name == what) for name, axis in axes.items()]
    return drawn(figure, [_column(name) for name in axes], ticks)


def drawn(figure: go.Figure, columns: Sequence[str], ticks: Sequence[Ticks]) -> go.Figure:
    """Return the figure, whose lines have a point at each column, with its axes and what is written there."""
    for x, marks in enumerate(ticks):
        for y, text in marks:
            shift = -14 if y == 0 else 14 if y == 1 else 0
            told = {"text": text, "showarrow": False, "yshift": shift, "font": {"size": 12}}
            if 0 < y < 1:
                told |= {"xanchor": "left", "xshift": 6}
            figure.add_annotation(x=x, y=y, **told)
        figure.add_vline(x=x, line={"color": OTHERS, "width": 1}, opacity=0.35)
    figure.update_xaxes(
        tickvals=list(range(len(columns))),
        ticktext=columns,
        showgrid=False,
        zeroline=False,
        range=[-0.35, len(columns) - 0.65],
    )
    figure.update_yaxes(visible=False, range=[-0.14, 1.14], fixedrange=True)
    return styled(figure, 340).update_layout(margin={"b": 56})


def _axis(name: str, values: Sequence[Any]) -> Axis:
    """Numbers from the least to the most, words in the order in which they come; each once."""
    there = tuple(dict.fromkeys(values))
    words = any(isinstance(value, str | bool) for value in there)
    return Axis(name, there if words else tuple(sorted(there)))


def _ticks(axis: Axis, is_accuracy: bool) -> Ticks:
    at = {
        axis.position(value): _said(axis.name, value, axis.name if is_accuracy else "") for value in axis.values
    }
    if isinstance(axis.values[0], str | bool) and len(at) <= MAX_WORDS:
        return [(height, plain.figure(text)) for height, text in at.items()]
    return [(height, plain.figure(at[height])) for height in sorted({min(at), max(at)})]


def _said(name: str, value: Any, accuracy: str) -> str:
    return f"{value:.2%}" if name == accuracy else f"{value:,}" if isinstance(value, int) else shown(value)


def _column(name: str) -> str:
    """Of two words the second below the first: eight of them stand beside each other."""
    return "<br>".join(plain.figure(word) for word in name.split(" ", 1))
