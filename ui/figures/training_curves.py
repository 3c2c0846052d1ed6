"""Records -> Plotly figures. Colours follow the theme; sizes and words are here."""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.records import Metric
from ui import plain

MAX_TICKS = 6
MAX_POINTS = 200  # per curve: what a browser redraws without a pause
BUTTONS = 24  # pixels above the legend that a chart's buttons take
TRAIN, VALIDATION = "#dd6b20", "#5b60f0"  # on light and on dark paper
SAMPLED = "measured on a sample of 1,000"
PALETTE = ("#5b60f0", "#0e9384", "#dd6b20", "#c11574", "#3e7bfa", "#7a8b2f", "#9b5de5", "#b54708")


def live_curves(
    points: Sequence[Metric],
    epochs: int,
    measured: str,
    *,
    fine: bool = False,
    first: float | None = None,
    marks: Sequence[tuple[int, str]] = (),
) -> go.Figure:
    """Accuracy above loss against images seen, of training and of what is measured: 'validation' or 'test'.

    fine: what moves at the end, without the climb. first: the accuracy before the first step, where known.
    marks: (images, what was changed then).
    """
    figure = _two_rows()
    points = thin(points)
    for row, name in ((1, "accuracy"), (2, "loss")):
        _training(figure, row, name, points)
        before = [] if first is None or fine or name != "accuracy" else [first]
        _measured(figure, row, name, points, measured, before)
    _ranges(figure, points, fine)
    _epoch_ticks(figure, points, epochs)
    _mark(figure, points, marks)
    return figure


def _training(figure: go.Figure, row: int, name: str, points: Sequence[Metric]) -> None:
    figure.add_scatter(
        x=[p.images for p in points],
        y=[getattr(p, f"train_{name}") for p in points],
        name="training",
        mode="lines" if len(points) > 1 else "markers",  # one point makes no line
        line={"color": TRAIN, "width": 2},
        marker={"size": 4, "color": TRAIN},
        hovertemplate=_hover("training", name),
        customdata=[(p.epoch, p.seconds) for p in points],
        showlegend=row == 1,
        row=row,
        col=1,
    )


def _measured(
    figure: go.Figure, row: int, name: str, points: Sequence[Metric], measured: str, before: list[float]
) -> None:
    """before: what is known of it before the first step, or nothing."""
    known = [p for p in points if getattr(p, f"validation_{name}") is not None]
    before = before if known else []
    figure.add_scatter(
        x=[0] * len(before) + [p.images for p in known],
        y=before + [getattr(p, f"validation_{name}") for p in known],
        name=measured,
        mode="lines+markers",
        line={"color": VALIDATION, "width": 2},
        marker={"size": [3] * len(before) + [7 if p.whole else 3 for p in known], "color": VALIDATION},
        customdata=[(0, 0, SAMPLED)] * len(before) + [(p.epoch, p.seconds, _of(p)) for p in known],
        hovertemplate=_hover(measured, name, "<br>%{customdata[2]}"),
        showlegend=row == 1,
        row=row,
        col=1,
    )


def _mark(figure: go.Figure, points: Sequence[Metric], marks: Sequence[tuple[int, str]]) -> None:
    """Say where what was changed."""
    for n, (images, text) in enumerate(marks):
        line = {"width": 1, "dash": "dot", "color": "#8a8f98"}
        figure.add_vline(x=images, line=line, row="all", col=1)
        y = 0.02 + 0.075 * (n % 4)  # beside each other they are still read
        side = "right" if points and images > points[-1].images / 2 else "left"
        told = {"text": plain.figure(text), "showarrow": False, "xanchor": side}
        figure.add_annotation(x=images, y=y, yref="y domain", row=1, col=1, **told)


def compare(
    curves: Mapping[str, Sequence[Metric]],
    what: str = "validation_accuracy",
    *,
    smoothing: float = 0.0,
    log: Sequence[str] = (),
    dashed: Collection[str] = (),
    numbers: Sequence[int] = (),
) -> go.Figure:
    """One curve per run, by name, of one of Metric's figures.

    smoothing: as in `smoothed`. log: of 'images' and 'figure', what has a logarithmic axis.
    dashed: names of the curves that others are compared with. numbers: the runs', each trace's meta.
    At every point that was measured; those on samples are smaller dots.
    """
    figure = go.Figure()
    for place, (name, points) in enumerate(curves.items()):
        colour = PALETTE[place % len(PALETTE)]
        known = [p for p in points if getattr(p, what) is not None]
        shown = thin(known)
        figure.add_scatter(
            x=[p.images for p in shown],
            y=smoothed([getattr(p, what) for p in shown], smoothing),
            name=plain.figure(name),
            mode="lines+markers",
            meta=numbers[place] if numbers else None,
            line={"color": colour, "width": 2} | ({"dash": "dash"} if name in dashed else {}),
            marker={"size": [6 if p.whole else 3 for p in shown]},
            customdata=[(p.epoch, p.seconds, _of(p)) for p in shown],
            hovertemplate=_hover(plain.figure(name), what.split("_")[1], _on(what)),
        )
    figure.update_xaxes(title_text="training images seen")
    figure.update_yaxes(title_text=what.replace("_", " "))
    if what.endswith("accuracy"):
        figure.update_yaxes(tickformat=".1%")
    figure.update_xaxes(type="log" if "images" in log else "linear")
    figure.update_yaxes(type="log" if "figure" in log else "linear")
    margin = {"l": 72, "r": 16, "b": 56}  # a live chart makes no room by itself
    return styled(figure, 380).update_layout(showlegend=True, margin=margin)  # one curve alone, too, says whose


def smoothed(values: Sequence[float], smoothing: float) -> list[float]:
    """Return the exponential moving average, as TensorBoard has it: each keeps so much of the one before.

    >>> smoothed([1.0, 0.0, 0.0], 0.5)
    [1.0, 0.3333333333333333, 0.14285714285714285]
    """
    found, sum_, weight = [], 0.0, 0.0
    for value in values:
        sum_, weight = smoothing * sum_ + (1 - smoothing) * value, smoothing * weight + (1 - smoothing)
        found.append(sum_ / weight)
    return found if smoothing else list(values)


def across_seeds(groups: Mapping[str, Sequence[tuple[int, float]]]) -> go.Figure:
    """One row per recipe: each seed's test accuracy as a dot, their mean as a bar. groups: (seed, share)."""
    figure = go.Figure()
    for (name, seeds), colour in zip(groups.items(), PALETTE * 10, strict=False):
        values = [value for _, value in seeds]
        figure.add_scatter(
            x=values,
            y=[plain.figure(name)] * len(values),
            mode="markers",
            marker={"size": 10, "color": colour, "opacity": 0.75},
            customdata=[seed for seed, _ in seeds],
            hovertemplate="seed %{customdata}: %{x:.2%}<extra></extra>",
            showlegend=False,
        )
        mean = float(np.mean(values))
        figure.add_scatter(
            x=[mean],
            y=[plain.figure(name)],
            mode="markers",
            marker={"size": 26, "symbol": "line-ns-open", "color": colour, "line": {"width": 3}},
            hovertemplate=f"mean of {len(values)}: %{{x:.3%}}<extra></extra>",
            showlegend=False,
        )
    figure.update_xaxes(title_text="test accuracy", tickformat=".2%", nticks=4, tickangle=0)
    figure.update_yaxes(automargin=True, autorange="reversed")
    return styled(figure, 110 + 46 * len(groups))


def learning_rates(rates: np.ndarray, steps_per_epoch: int) -> go.Figure:
    """The learning rate over the epochs."""
    at = np.unique(np.linspace(0, len(rates) - 1, MAX_POINTS).astype(int))
    figure = go.Figure()
    figure.add_scatter(
        x=(at / steps_per_epoch).tolist(),
        y=rates[at].astype(float).tolist(),
        mode="lines",
        line={"color": VALIDATION, "width": 2},
        hovertemplate="epoch %{x:.2f}: rate %{y:.2g}<extra></extra>",
    )
    figure.update_xaxes(title_text="epochs")
    figure.update_yaxes(rangemode="tozero")
    return styled(figure, 170)


def thin(points: Sequence[Metric], limit: int = MAX_POINTS) -> list[Metric]:
    """Return at most about `limit` points: half evenly spread, half of those that measured everything."""
    if len(points) <= limit:
        return list(points)
    whole = [i for i, p in enumerate(points) if p.whole]
    keep = set(whole[:: -(-len(whole) // (limit // 2))]) if whole else set()
    keep |= {0, len(points) - 1, *np.linspace(0, len(points) - 1, limit // 2).astype(int).tolist()}
    return [points[i] for i in sorted(keep)]


def _two_rows() -> go.Figure:
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    figure.update_yaxes(title_text="accuracy", tickformat=".1%", row=1, col=1)
    figure.update_yaxes(title_text="loss (nats)", row=2, col=1)
    return styled(figure, 440).update_layout(
        margin={"l": 64, "r": 30, "b": 60}
    )  # room for half of the last "epoch 12"


def styled(figure: go.Figure, height: int) -> go.Figure:
    """Return the figure with the size, margins and legend that all our figures have."""
    return figure.update_layout(
        height=height + BUTTONS,
        margin={"l": 8, "r": 8, "t": BUTTONS + 28, "b": 8},  # the buttons, and below them the legend
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
    )


def _ranges(figure: go.Figure, points: Sequence[Metric], fine: bool) -> None:
    """Show the whole climb; where the fine end is wanted, what moves once learning is under way."""
    losses = [v for p in points for v in (p.train_loss, p.validation_loss) if v is not None]
    if not points or not fine:
        figure.update_yaxes(range=[0, 1.03], tickformat=".0%", row=1, col=1)
        figure.update_yaxes(range=[0, max(2.5, *(1.05 * loss for loss in losses), 0)], row=2, col=1)
        return
    later = points[len(points) // 4 :]
    accuracies = [a for p in later for a in (p.train_accuracy, p.validation_accuracy) if a is not None]
    losses = [v for p in later for v in (p.train_loss, p.validation_loss) if v is not None]
    low = min(accuracies)
    low = max(0.0, low - 0.15 * (1 - low) - 0.002)
    figure.update_yaxes(range=[low, 1 + 0.03 * (1 - low)], row=1, col=1)
    figure.update_yaxes(range=[0, 1.1 * max(losses)], row=2, col=1)


def _epoch_ticks(figure: go.Figure, points: Sequence[Metric], epochs: int) -> None:
    """An axis of images whose ticks are whole epochs: '114k' above 'epoch 2'."""
    if not points:
        figure.update_xaxes(range=[0, 1], showticklabels=False)
        figure.update_xaxes(title_text="training images seen", row=2, col=1)
        return
    per_epoch = points[-1].images / points[-1].epoch
    shown = min(epochs, max(1, math.ceil(points[-1].epoch)))
    every = math.ceil(shown / MAX_TICKS)
    at = range(every, shown + 1, every)
    figure.update_xaxes(
        range=[0, max(points[-1].images, per_epoch) * 1.02],
        tickvals=[epoch * per_epoch for epoch in at],
        ticklabeloverflow="allow",  # the last epoch's tick is at the edge
        ticktext=[f"{_short(epoch * per_epoch)}<br>epoch {epoch}" for epoch in at],
    )
    figure.update_xaxes(title_text=f"training images seen, of {_short(epochs * per_epoch)}", row=2, col=1)


def _short(count: float) -> str:
    """1,500 -> '1.5k', 2,400,000 -> '2.4M'."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if count >= 0.9995 * size:  # which three digits show as one
            return f"{count / size:.3g}{letter}"
    return f"{count:.0f}"


def _of(point: Metric) -> str:
    return "measured on all of them" if point.whole else SAMPLED


def _on(what: str) -> str:
    return "" if what.startswith("train") else "<br>%{customdata[2]}"


def _hover(name: str, what: str, more: str = "") -> str:
    value = "%{y:.2%}" if what == "accuracy" else "%{y:.4f}"
    return (
        f"{name} {what} <b>{value}</b><br>%{{x:,}} images, epoch %{{customdata[0]:.2f}}, "
        f"%{{customdata[1]:.1f}} s{more}<extra></extra>"
    )
