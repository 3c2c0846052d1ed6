"""Figures about mistakes: which classes are mixed up, and how far a network's certainty can be trusted."""

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis.evaluation import Bin, Coverage
from ui import plain
from ui.figures.training_curves import TRAIN, VALIDATION, styled

RIGHT, WRONG = (14, 147, 132), (221, 107, 32)  # on light and on dark paper
MAX_POINTS = 300  # of a curve
LARGEST = 12  # classes whose cells have room for a percentage with a decimal


def _counts(table: np.ndarray) -> list[list[str]]:
    return [[f"{n:,}" if n else "" for n in row] for row in table.tolist()]


def _row_fractions(table: np.ndarray) -> list[list[str]]:
    rows = table / np.maximum(table.sum(1, keepdims=True), 1)
    return [[_percent(fraction) if fraction else "" for fraction in row] for row in rows.tolist()]


def _percent(fraction: float) -> str:
    return "100" if fraction == 1 else f"{100 * fraction:.1f}"


def _errors(table: np.ndarray) -> list[list[str]]:
    return _counts(table * ~np.eye(len(table), dtype=bool))


# name -> int [classes, classes] -> what is written into each cell
VIEWS: dict[str, Callable[[np.ndarray], list[list[str]]]] = {
    "counts": _counts,
    "by row, %": _row_fractions,
    "errors only": _errors,
}


def confusion(
    table: np.ndarray,
    classes: Sequence[str],
    view: str,
    *,
    ink: str,
    marked: tuple[int | None, int | None] = (None, None),
) -> go.Figure:
    """A confusion matrix whose cells can be clicked on: each carries (true, read) as its customdata.

    table: int [classes, classes], rows the true class. view: a key of VIEWS. ink: the colour of the numbers.
    marked: a true class and a class read that are outlined: a cell, a row, a column, or nothing.
    """
    names, count = [plain.figure(name) for name in classes], len(classes)
    diagonal = np.eye(count, dtype=bool)
    rows = table / np.maximum(table.sum(1, keepdims=True), 1)
    figure = go.Figure()
    if view != "errors only":
        _shade(figure, table, rows, diagonal, RIGHT)
    _shade(figure, table, rows, ~diagonal, WRONG)
    figure.add_heatmap(
        z=np.zeros((count, count)).tolist(),
        text=VIEWS[view](table),
        texttemplate="%{text}",
        textfont={"color": ink, "size": 12 if count <= LARGEST else 9},
        colorscale=[[0, _rgba(WRONG, 0.0)], [1, _rgba(WRONG, 0.0)]],
        showscale=False,
        hoverinfo="skip",
        xgap=1,
        ygap=1,
    )
    _cells(figure, table, rows, names)
    _outline(figure, marked, count)
    _class_axes(figure, names)
    styled(figure, 430)
    return figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8}, hoverdistance=60, dragmode=False)


def _class_axes(figure: go.Figure, names: list[str]) -> None:
    """The class read from left to right, the true one downwards."""
    count = len(names)
    ticks = {
        "tickvals": list(range(count)),
        "ticktext": names,
        "fixedrange": True,
        "showgrid": False,
        "ticks": "",
    }
    edges = [-0.5, count - 0.5]
    figure.update_xaxes(title_text="read as", side="top", range=edges, zeroline=False, **ticks)
    figure.update_yaxes(title_text="true", range=edges[::-1], zeroline=False, **ticks)


def _shade(
    figure: go.Figure, table: np.ndarray, rows: np.ndarray, cells: np.ndarray, colour: tuple[int, int, int]
) -> None:
    """Colour some of the cells by what fraction of its row each is. cells: bool, rows: float, as the table."""
    depth = np.sqrt(rows * cells)  # else the few errors could not be told from none
    depth /= max(float(depth.max()), 1e-9)
    figure.add_heatmap(
        z=np.where(cells & (table > 0), depth, np.nan).tolist(),
        colorscale=[[0, _rgba(colour, 0.0)], [1, _rgba(colour, 0.75)]],
        zmin=0,
        zmax=1,
        showscale=False,
        hoverinfo="skip",
        xgap=1,
        ygap=1,
    )


def _cells(figure: go.Figure, table: np.ndarray, rows: np.ndarray, names: list[str]) -> None:
    """What is clicked on and pointed at: heatmaps cannot be, so an unseen dot lies in each cell."""
    true, read = (axis.ravel().tolist() for axis in np.indices(table.shape))
    figure.add_scatter(
        x=read,
        y=true,
        mode="markers",
        marker={"size": 24, "symbol": "square", "opacity": 0, "color": TRAIN},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[
            [t, r, names[t], names[r], int(table[t, r]), float(rows[t, r])]
            for t, r in zip(true, read, strict=True)
        ],
        hovertemplate="true %{customdata[2]}, read as %{customdata[3]}<br><b>%{customdata[4]:,}</b>, "
        "%{customdata[5]:.2%} of its row<extra></extra>",
        showlegend=False,
    )


def _outline(figure: go.Figure, marked: tuple[int | None, int | None], count: int) -> None:
    true, read = marked
    if true is None and read is None:
        return
    top, bottom = (-0.5, count - 0.5) if true is None else (true - 0.5, true + 0.5)
    left, right = (-0.5, count - 0.5) if read is None else (read - 0.5, read + 0.5)
    line = {"color": VALIDATION, "width": 2.5}
    figure.add_shape(type="rect", x0=left, x1=right, y0=top, y1=bottom, line=line)


def _rgba(colour: tuple[int, int, int], opacity: float) -> str:
    return f"rgba({', '.join(map(str, colour))}, {opacity})"


def reliability(bins: Sequence[Bin]) -> go.Figure:
    """A reliability diagram: accuracy against confidence, and below it how many images have that confidence."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.72, 0.28])
    shared = {
        "x": [(b.low + b.high) / 2 for b in bins],
        "width": 0.94 * (bins[0].high - bins[0].low if bins else 1),
        "customdata": [(b.low, b.high, b.images, b.confidence, b.accuracy) for b in bins],
        "hovertemplate": "%{customdata[0]:.0%} to %{customdata[1]:.0%} sure: %{customdata[2]:,} pictures<br>"
        "on average %{customdata[3]:.1%} sure, <b>%{customdata[4]:.1%}</b> right<extra></extra>",
    }
    figure.add_bar(
        y=[b.accuracy for b in bins],
        marker={"color": VALIDATION, "opacity": 0.85},
        name="how often it is right",
        **shared,
        row=1,
        col=1,
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": TRAIN, "dash": "dot", "width": 2},
        hoverinfo="skip",
        name="as it should be",
        row=1,
        col=1,
    )
    figure.add_bar(
        y=[b.images for b in bins],
        marker={"color": "#8a8f98"},
        showlegend=False,
        **shared,
        row=2,
        col=1,
    )
    _confidence_axes(figure)
    return styled(figure, 380).update_layout(margin={"r": 20})


def _confidence_axes(figure: go.Figure) -> None:
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", title_text="right", row=1, col=1)
    figure.update_yaxes(type="log", dtick=1, title_text="pictures", row=2, col=1)
    figure.update_xaxes(range=[0, 1.005], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_xaxes(ticklabeloverflow="allow")
    figure.update_xaxes(title_text="how sure it is", row=2, col=1)


def coverage(found: Coverage) -> go.Figure:
    """Accuracy of what is still read against the fraction that is refused, the least certain first."""
    places = thin(found)
    figure = go.Figure()
    figure.add_scatter(
        x=found.rejected[places].tolist(),
        y=found.accuracy[places].tolist(),
        mode="lines",
        line={"color": VALIDATION, "width": 2.5, "shape": "hv"},
        customdata=found.confidence[places].tolist(),
        hovertemplate="<b>%{x:.2%}</b> refused: %{y:.3%} of the rest are right"
        "<br>(below %{customdata:.1%} sure)<extra></extra>",
    )
    figure.update_xaxes(title_text="share that is refused", tickformat=".2~%", range=[0, _worth_showing(found)])
    figure.update_yaxes(title_text="right, of the rest", tickformat=".4~%")
    return styled(figure, 380)


def _worth_showing(found: Coverage) -> float:
    """The share up to which refusing gains nearly all that it can, and some more; the rest is a flat line."""
    minimum = found.accuracy[0] + 0.95 * (found.accuracy.max() - found.accuracy[0])
    return float(np.clip(3 * found.rejected[(found.accuracy >= minimum).argmax()], 0.02, 1))


def thin(found: Coverage, limit: int = MAX_POINTS) -> np.ndarray:
    """Return the places of at most about `limit` points: the first ones close together."""
    count = len(found.rejected)
    if count <= limit:
        return np.arange(count)
    spread = np.linspace(0, count - 1, limit // 2).astype(int)
    first = np.geomspace(1, count, limit // 2).astype(int) - 1  # where few are refused, each one counts
    return np.unique(np.concatenate([spread, first]))
