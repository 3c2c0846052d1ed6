"""The curves of reproduced recipes as the tutorials draw them: accuracy after each pass, and the gap."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.runs.reproduction import Epoch
from core.words import true_minus
from ui.figures.training_curves import PALETTE, TRAIN, VALIDATION


def overfitting(curves: Mapping[str, Sequence[Epoch]], lowest: float) -> go.Figure:
    """Training and test accuracy of recipes side by side, with the gap at the end marked.

    curves: by title. lowest: where the axis begins; 0.95 in the first tutorial.
    """
    figure = make_subplots(
        cols=len(curves), shared_yaxes=True, subplot_titles=list(curves), horizontal_spacing=0.04
    )
    for column, epochs in enumerate(curves.values(), 1):
        x = list(range(1, len(epochs) + 1))
        for name, colour, values in (
            ("training", TRAIN, [e.train_accuracy for e in epochs]),
            ("test", VALIDATION, [e.accuracy for e in epochs]),
        ):
            figure.add_scatter(
                x=x,
                y=values,
                name=name,
                mode="lines+markers",
                marker={"size": 5},
                line={"color": colour, "width": 2},
                hovertemplate=f"{name}, epoch %{{x}}: %{{y:.2%}}<extra></extra>",
                showlegend=column == 1,
                row=1,
                col=column,
            )
        _gap(figure, column, x[-1], epochs[-1], lowest)
        figure.update_xaxes(title_text="epoch", row=1, col=column)
    figure.update_yaxes(range=[lowest, 1.003], tickformat=".0%")
    return _laid_out(figure, 380)


def _gap(figure: go.Figure, column: int, x: int, last: Epoch, lowest: float) -> None:
    """Mark how far the two curves of a column are apart at the end."""
    figure.add_scatter(
        x=[x, x],
        y=[last.accuracy, last.train_accuracy],
        mode="lines",
        line={"color": "#8a8f98", "width": 7},
        opacity=0.5,
        hoverinfo="skip",
        showlegend=False,
        row=1,
        col=column,
    )
    figure.add_annotation(
        x=x,
        y=lowest,  # below the curves, which have risen by then
        text=gap_in_words(last),
        showarrow=False,
        xanchor="right",
        yanchor="bottom",
        xshift=6,
        yshift=4,
        row=1,
        col=column,
    )


def gap_in_words(epoch: Epoch) -> str:
    """Return such as 'gap 1.3 points': how much better training images are read than test images."""
    return true_minus(f"gap {100 * (epoch.train_accuracy - epoch.accuracy):.1f} points")


def after_each_epoch(
    curves: Mapping[str, Sequence[float]], title: str, lowest: float | None = None
) -> go.Figure:
    """One line per name: accuracies after each pass."""
    figure = go.Figure()
    for (name, values), colour in zip(curves.items(), PALETTE, strict=False):
        figure.add_scatter(
            x=list(range(1, len(values) + 1)),
            y=list(values),
            name=name,
            mode="lines+markers",
            marker={"size": 6},
            line={"color": colour, "width": 2},
            hovertemplate=f"{name}, epoch %{{x}}: %{{y:.2%}}<extra></extra>",
        )
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(title_text=title, tickformat=".1%", range=[lowest, None] if lowest else None)
    return _laid_out(figure, 340)


def _laid_out(figure: go.Figure, height: int) -> go.Figure:
    return figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 48, "b": 8},
        # Below: above are the buttons, which a phone shows all the time.
        legend={"orientation": "h", "y": -0.28, "yanchor": "top", "x": 0},
        hovermode="closest",
    )
