"""What an evaluation comes to: accuracy, scores by class, calibration, and what abstention buys.

Called by `pages.mistakes`.
"""

import pandas as pd
import streamlit as st

from core.analysis import evaluation
from core.nn import calibration
from core.records import Evaluation
from ui.components import plotly_chart, term_notes
from ui.content.glossary import note_in
from ui.figures import metric_figures
from ui.widgets import downloads

TARGETS = (0.999, 1.0)  # accuracies for which it is said how much must be refused


def headline(found: Evaluation) -> None:
    """Show accuracy with its interval, errors, calibration error and loss in large."""
    total = len(found.labels)
    right = int((found.predicted == found.labels).sum())
    low, high = evaluation.interval(right, total)
    error = calibration.expected_calibration_error(found.probabilities, found.labels)
    facts = {
        "right": f"{right / total:.2%}",
        "95% confidence interval (Wilson)": f"{low:.2%} to {high:.2%}",
        "wrong": f"{total - right:,} of {total:,}",
        "calibration error": f"{error:.2%}",
        "loss": f"{found.losses.mean(dtype=float):.4f}",
    }
    cells = "".join(f"<div><span>{name}</span><b>{value}</b></div>" for name, value in facts.items())
    term_notes.html(f'<div class="dl-facts">{cells}</div>')


def class_by_class(found: Evaluation) -> None:
    """Show precision, recall and F1 of each class, and their mean, as a table."""
    st.header("Class by class")
    rows = [*evaluation.scores(found)]
    frame = pd.DataFrame(rows, columns=["class", "pictures", "precision", "recall", "F1"])
    mean = frame[["precision", "recall", "F1"]].mean()
    frame.loc[len(frame)] = ["mean", frame["pictures"].sum(), *mean]
    st.dataframe(
        frame,
        hide_index=True,
        height=35 * (len(frame) + 1) + 3,
        key="mistakes-scores",
        column_config={
            "precision": st.column_config.NumberColumn(format="%.4f", help=note_in("precision")),
            "recall": st.column_config.NumberColumn(format="%.4f", help=note_in("recall")),
            "F1": st.column_config.NumberColumn(format="%.4f", help=note_in("F1")),
        },
    )
    if frame["precision"].isna().any():
        term_notes.caption("Nothing is read as a class that has no precision here; the mean is of the others.")
    downloads.csv_button("scores", list(frame), lambda: frame.to_numpy().tolist())


def reliability(found: Evaluation) -> None:
    """Show the reliability diagram: is it right as often as it is sure?"""
    st.header("Is it as sure as it is right?")
    bins = evaluation.reliability(found)
    error = calibration.expected_calibration_error(found.probabilities, found.labels)
    plotly_chart.chart(metric_figures.reliability(bins), key="mistakes-reliability", file="reliability")
    confidence, right = float(found.confidence.mean()), float((found.predicted == found.labels).mean())
    term_notes.caption(
        f"On average it is {confidence:.2%} sure and {right:.2%} right. The gaps of {calibration.BINS} bars, "
        f"weighed by how many pictures each holds, make the expected calibration error: {error:.2%}. "
        "A bar of few pictures says little."
    )
    downloads.csv_button("reliability", ["from", "to", "pictures", "confidence", "right"], lambda: bins)


def abstention(found: Evaluation) -> None:
    """Show what is gained by refusing the images of least confidence."""
    st.header("If it may refuse")
    curve = evaluation.coverage(found)
    plotly_chart.chart(metric_figures.coverage(curve), key="mistakes-coverage", file="refusing")
    term_notes.caption(" ".join([_gain(curve, target) for target in TARGETS]))
    downloads.csv_button(
        "refusing", ["refused", "right of the rest", "confidence"], lambda: zip(*curve, strict=True)
    )


def _gain(curve: evaluation.Coverage, target: float) -> str:
    goal = "every one" if target == 1 else f"{target:.1%}"
    place = evaluation.min_rejected(curve, target)
    if place is None:
        return f"However many it refuses, it never reads {goal} of the rest rightly."
    if not curve.rejected[place]:
        return f"Without refusing any it reads {goal} rightly."
    return (
        f"To read {goal} of the rest rightly, it has to refuse {curve.rejected[place]:.2%}: those that it "
        f"reads with a probability below {curve.confidence[place]:.5g}."
    )
