"""Figures about data sets: how many images of each class, and how bright their pixels are."""

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis.dataset_stats import LEVELS
from ui import plain
from ui.figures.training_curves import TRAIN, VALIDATION, styled

# name -> (pixels 0..255, their set's mean, their set's standard deviation) -> as a network may get them
Scale = Callable[[np.ndarray, float, float], np.ndarray]
SCALES: dict[str, Scale] = {
    "0 to 255": lambda x, mean, standard_deviation: x,
    "0 to 1": lambda x, mean, standard_deviation: x / 255,
    "standardised": lambda x, mean, standard_deviation: (x - mean) / (standard_deviation or 1),
}


def class_counts(counts: np.ndarray, classes: Sequence[str]) -> go.Figure:
    """One bar per class; the line is where all would be if there were as many of each."""
    figure = go.Figure()
    figure.add_bar(
        x=[plain.figure(name) for name in classes],
        y=counts.tolist(),
        marker={"color": VALIDATION},
        text=[f"{count:,}" for count in counts],
        textposition="outside",
        textangle=0,
        textfont={"size": 10},
        cliponaxis=False,
        hovertemplate="%{x}: %{y:,} pictures<extra></extra>",
    )
    figure.add_hline(y=float(counts.mean()), line={"color": TRAIN, "dash": "dot", "width": 2})
    figure.update_xaxes(type="category", tickfont={"size": 13})
    figure.update_yaxes(title_text="pictures")
    return styled(figure, 260)


def pixel_histograms(
    one: np.ndarray,
    everything: np.ndarray,
    names: Sequence[str],
    scale: str,
    mean: float,
    standard_deviation: float,
) -> go.Figure:
    """Two histograms, one below the other: of one image's pixels and of a whole set's.

    one, everything: int [256]. names: of the two. mean, spread: of the set's pixels, 0..255.
    """
    at = SCALES[scale](np.arange(LEVELS, dtype=float), mean, standard_deviation)
    width = float(at[1] - at[0])
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.14, subplot_titles=list(names))
    for row, (counts, colour) in enumerate(((one, TRAIN), (everything, VALIDATION)), 1):
        fractions = counts / counts.sum()
        shown = np.flatnonzero(counts)
        figure.add_bar(
            x=at[shown].tolist(),
            y=fractions[shown].tolist(),
            width=width,
            marker={"color": colour, "line": {"width": 0}},
            customdata=counts[shown].tolist(),
            hovertemplate="value %{x:.4~g}: %{customdata:,} pixels, %{y:.2%}<extra></extra>",
            showlegend=False,
            row=row,
            col=1,
        )
    figure.update_annotations(x=0, xanchor="left")  # beside the buttons, which a phone shows above the chart
    figure.update_yaxes(type="log", tickformat="~%", dtick=1, title_text="share of pixels")
    figure.update_xaxes(range=[float(at[0] - 3 * width), float(at[-1] + 3 * width)])
    figure.update_xaxes(title_text=f"value of a pixel, {scale}", row=2, col=1)
    return styled(figure, 400)
