"""Softmax and cross-entropy: from ten numbers to percent, and what a wrong answer costs."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.nn.activations import softmax
from core.words import true_minus
from ui.components import plotly_chart, term_notes
from ui.content.questions import Exercise
from ui.lessons import charts, material
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys, selection
from ui.widgets import class_bars

DIGITS = tuple(map(str, range(10)))


def _logits() -> np.ndarray:
    return selection.first().outputs(material.digit().pixels[None])[0, :10].astype(float)


def _bars() -> None:
    z = _logits()
    times = st.slider("All ten numbers times", 0.0, 2.0, 1.0, 0.05, key=keys.lesson_field("loss", "times"))
    class_bars.class_bars(DIGITS, softmax(times * z))
    numbers = true_minus("  ".join(f"{d}: {times * n:.1f}" for d, n in enumerate(z)))
    term_notes.caption(f"The network's own numbers for {material.digit().words}, before the softmax: {numbers}")


def _chance(name: str) -> float:
    percent = st.slider(
        "How probable it holds the true digit, in percent",
        0.1,
        99.9,
        50.0,
        0.1,
        key=keys.lesson_field("loss", name),
    )
    return percent / 100


def _price() -> None:
    p = _chance("price")
    at = np.linspace(0.001, 1, 400)
    figure = go.Figure()
    figure.add_scatter(x=at, y=-np.log(at), mode="lines", line={"color": "#5b60f0", "width": 3}, name="-ln p")
    figure.add_scatter(
        x=[p], y=[-np.log(p)], mode="markers", marker={"size": 14, "color": "#dd6b20"}, name="here"
    )
    _framed(figure, "loss")
    plotly_chart.chart(figure, key="lesson-price")
    term_notes.markdown(f"It gave the true digit {p:.1%}, so its loss is **{-np.log(p):.3f}**.")


def _against_squares() -> None:
    p = _chance("square")
    at = np.linspace(0.001, 0.999, 400)
    figure = go.Figure()
    for name, push, colour in (
        ("cross-entropy", lambda p: 1 - p, "#5b60f0"),
        ("squared error", lambda p: 2 * (1 - p) * p * (1 - p), "#dd6b20"),
    ):
        figure.add_scatter(x=at, y=push(at), mode="lines", name=name, line={"color": colour, "width": 3})
        figure.add_scatter(
            x=[p],
            y=[push(p)],
            mode="markers",
            marker={"size": 12, "color": colour},
            name=f"{name}, here",
            showlegend=False,
        )
    _framed(figure, "how hard its number is pushed up")
    plotly_chart.chart(figure, key="lesson-square")
    ratio = (1 - p) / (2 * (1 - p) * p * (1 - p))
    term_notes.markdown(
        f"Pushed with **{1 - p:.4f}** by cross-entropy, with **{2 * p * (1 - p) ** 2:.4f}** by the squared "
        f"error: "
        f"{ratio:,.1f} times as hard."
    )


def _own() -> None:
    digit = material.digit()
    true = st.segmented_control(
        "Suppose it shows a",
        range(10),
        default=digit.label,
        required=True,
        key=keys.lesson_field("loss", "true"),
        width="stretch",
    )
    chances = softmax(_logits())
    class_bars.class_bars(DIGITS, chances)
    p = float(chances[true if true is not None else digit.label])
    term_notes.markdown(
        f"The network gives a {true} **{p:.3%}**. The loss is -ln {p:.5f} = **{-np.log(p):.3f}**."
    )


def _framed(figure: go.Figure, y: str) -> None:
    charts.framed(figure, "probability of the true digit", y, legend={"orientation": "h", "y": 1.12})
    figure.update_xaxes(tickformat=".0%")


LESSON = Lesson(
    "loss",
    "What a mistake costs",
    "Softmax makes percent of ten numbers, cross-entropy a price of them.",
    (
        Step(
            "From ten numbers to percent",
            _bars,
            "The network's ten numbers may be of any size. Softmax takes e to the power of each and "
            "divides by their sum: "
            "all become positive and add up to 100%. Larger numbers make it surer; at 0 all are alike.",
            Exercise(
                "All ten numbers are 3.7. How many percent does each digit get?",
                10,
                "All ten are alike, and together they have 100%.",
                "100% / 10 = 10%, whatever the number is.",
                0.01,
            ),
            "Move the slider to 0 and ask why the bars become equal.",
        ),
        Step(
            "The price of an answer",
            _price,
            "Learning needs one number that says how bad an answer was. It is minus the logarithm of what "
            "the true digit "
            "was given: nearly nothing if that was almost 100%, and without limit as it goes to 0. It is "
            "called "
            "cross-entropy.",
            Exercise(
                "It gives the true digit 50%. What does that cost?",
                0.693,
                "Put the slider at 50.",
                "-ln 0.5 = 0.693.",
                0.006,
            ),
            "Ask what guessing among ten costs: -ln 0.1 = 2.303, about where a training begins.",
        ),
        Step(
            "Why not simply the square?",
            _against_squares,
            "The curves show how hard the true digit's number is pushed up. If the network is sure and "
            "wrong, the squared "
            "error hardly pushes at all, for softmax is flat there. Cross-entropy pushes hardest exactly "
            "then.",
            Choice(
                "The network gives the true digit 0.1%. Which loss gets it out of there?",
                ("Cross-entropy.", "The squared error.", "Both alike."),
                0,
                "Put the slider at 0.1 and compare the two numbers.",
                "It pushes with 0.999, the squared error with 0.002.",
            ),
            "Compare: a teacher who says nothing just when somebody is completely wrong.",
        ),
        Step(
            "What your drawing costs",
            _own,
            "Here are the probabilities of your drawing, or of a test digit. Say which digit it is meant "
            "to be: if the "
            "network agrees, it costs next to nothing; if you claim another, it becomes expensive at once.",
            Exercise(
                "It gives a 1 only 1%, and it was a 1. What does that cost?",
                4.605,
                "-ln 0.01",
                "-ln 0.01 = 4.605, more than six times as much as at 50%.",
                0.006,
            ),
            "Draw a digit between two, such as 4 and 9, and compare the two prices.",
        ),
    ),
)
