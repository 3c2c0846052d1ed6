"""The figures of the tutorials: curves of their recipes as reproduced here, and samples of CIFAR-10.

Called by `ui.lessons.show_tutorial`.
"""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.data import datasets
from core.runs import reproduction
from core.runs.reproduction import Epoch
from core.words import capitalised
from ui import say
from ui.components import plotly_chart, term_notes
from ui.figures import lesson_figures
from ui.sections.recipe_claims import Results, of_seeds
from ui.widgets import thumbnails

NOT_YET = (
    "These recipes have not been trained for this page yet. Train them, and compare their curves under Runs."
)


def _curves(names: dict[str, str], results: Results) -> dict[str, tuple[Epoch, ...]]:
    """The curves of recipes by what they are called here, of their first seed; none unless all are measured."""
    found = {label: reproduction.longest(results.get(name, ())) for name, label in names.items()}
    return {label: f[0].curve for label, f in found.items()} if all(found.values()) else {}


def _overfitting(names: dict[str, str], lowest: float) -> Callable[[Results], None]:
    def draw(results: Results) -> None:
        if not (curves := _curves(names, results)):
            st.caption(NOT_YET)
            return
        _chart(lesson_figures.overfitting(curves, lowest), "-".join(names))
        gaps = [f"{title}: {lesson_figures.gap_in_words(curve[-1])}" for title, curve in curves.items()]
        summaries = {title: reproduction.summary(results.get(name, ())) for name, title in names.items()}
        ends = [f"{title} {found.finished}" for title, found in summaries.items() if found and found.finished]
        finished = f" The finished network, with dropout off, reads of them {', '.join(ends)}." if ends else ""
        term_notes.caption(
            f"{'; '.join(gaps)}. Training accuracy is a mean over the pass, while learning, with dropout on: "
            f"with dropout it looks worse than it is, and may lie below the test accuracy.{finished}"
        )

    return draw


def _hidden(results: Results) -> None:
    sizes = {50: "first-conv-50", 100: "first-conv-dropout", 200: "first-conv-200"}
    lines = _curves({name: f"hidden layer of {units}" for units, name in sizes.items()}, results)
    if not lines:
        st.caption(NOT_YET)
        return
    figure = lesson_figures.after_each_epoch(
        {name: [e.accuracy for e in curve] for name, curve in lines.items()}, "test accuracy"
    )
    _chart(figure, "hidden")
    gaps = [f"{name}: {lesson_figures.gap_in_words(curve[-1])}" for name, curve in lines.items()]
    term_notes.caption(f"Test accuracy after each pass; between training and test, {'; '.join(gaps)}.")


def _epochs(results: Results) -> None:
    lines = {"as the tutorial prints it": list(reproduction.CLAIMED_EPOCHS["perceptron"])}
    if found := reproduction.longest(results.get("perceptron", ())):
        lines["here"] = [e.accuracy for e in found[0].curve]
    _chart(lesson_figures.after_each_epoch(lines, "test accuracy"), "epochs")


def _adadelta(results: Results) -> None:
    """What Adadelta's rate does, as far as it has been measured."""
    names = {
        "rate 1, as recommended": "two-conv-one-pooling",
        "rate 0.001, today's default": "two-conv-one-pooling-default-rate",
    }
    found = {label: reproduction.longest(results.get(name, ())) for label, name in names.items()}
    lines = {label: [e.accuracy for e in ones[0].curve] for label, ones in found.items() if ones}
    if not lines:
        st.caption(NOT_YET)
        return
    _chart(lesson_figures.after_each_epoch(lines, "validation accuracy"), "adadelta")
    ends = [
        f"{label}: {summary.last} of the test digits after {summary.epochs} epochs{of_seeds(summary)}"
        if (summary := reproduction.summary(ones))
        else f"{label}: {reproduction.NOT_MEASURED}"
        for label, ones in found.items()
    ]
    st.caption(f"{'. '.join(capitalised(end) for end in ends)}.")


def _grid(results: Results) -> None:
    if (data := _cifar10()) is not None:
        chosen = np.random.default_rng(0).permutation(len(data.x_train))[:96]
        st.html(thumbnails.strip([data.x_train[i] / 255 for i in chosen], columns=16))


def _samples(results: Results) -> None:
    if (data := _cifar10()) is not None:
        for place, name in enumerate(datasets.KINDS["cifar10"].classes):
            chosen = np.flatnonzero(data.y_train == place)[:10]
            st.html(
                f'<div class="dl-samples"><span>{name}</span>'
                f"{thumbnails.strip([data.x_train[i] / 255 for i in chosen], columns=10)}</div>"
            )


def _cifar10() -> datasets.Dataset | None:
    try:
        return datasets.cifar10()
    except datasets.NoData as error:
        say.caption(error)
        return None


FIGURES: dict[str, Callable[[Results], None]] = {
    "overfitting": _overfitting(
        {"first-conv": "without dropout", "first-conv-dropout": "with dropout"}, lowest=0.95
    ),
    "overfitting cifar": _overfitting(
        {"cifar-three": "without dropout", "cifar-three-dropout": "with dropout"}, lowest=0.3
    ),
    "hidden": _hidden,
    "adadelta": _adadelta,
    "epochs": _epochs,
    "grid": _grid,
    "samples": _samples,
}


def _chart(figure: go.Figure, key: str) -> None:
    plotly_chart.chart(figure, key=f"lesson-{key}")
