"""An image as numbers: what a network is given, and what it is asked for."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.nn.activations import softmax
from core.words import confidence
from ui.components import pixel_grid, plotly_chart
from ui.content.questions import Exercise
from ui.lessons import charts, material, ways
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys, selection
from ui.widgets import thumbnails


def _numbers() -> None:
    digit = material.digit()
    pixel_grid.pixel_grid(
        digit.pixels, label=f"The 28 x 28 numbers of {digit.words}", key="lesson-numbers", whole=255
    )
    st.caption(f"This is {digit.words}: 0 is paper, 255 is ink.")


def _shift() -> None:
    digit = material.digit()
    right = st.slider("Move it to the right, in pixels", 0, 6, 1, key=keys.lesson_field("pictures", "shift"))
    moved = np.zeros_like(digit.pixels)
    moved[:, right:] = digit.pixels[:, : 28 - right]
    logits = selection.first().outputs(np.stack([digit.pixels, moved]))[:, :10].astype(float)
    chances = softmax(logits)
    captions = [f"read as {c.argmax()}, {confidence(float(c.max()))} sure" for c in chances]
    st.html(thumbnails.strip([digit.pixels, moved], columns=2, captions=captions))
    changed = int((np.rint(255 * digit.pixels) != np.rint(255 * moved)).sum())
    st.metric("numbers that have changed", f"{changed} of 784")


def _scale() -> None:
    digit = material.digit()
    divided = st.toggle("Divide by 255", False, key=keys.lesson_field("pictures", "divided"))
    plotly_chart.chart(histogram(digit.pixels, 1 if divided else 255), key="lesson-scale")
    st.caption(f"The {np.count_nonzero(digit.pixels)} of 784 pixels that hold ink.")


def histogram(pixels: np.ndarray, largest: int) -> go.Figure:
    """Return how often each darkness occurs, in bars of 8 of the 256: the same bars however it is scaled.

    pixels: float [28, 28], 0 = paper, 1 = ink. largest: what ink is to be, 1 or 255.
    """
    step = largest / 255
    bins = {"start": -0.5 * step, "end": 255.5 * step, "size": 8 * step}
    inked = largest * pixels[pixels > 0]
    figure = go.Figure(go.Histogram(x=inked, xbins=bins, marker_color="#5b60f0"))
    charts.framed(figure, "how dark a pixel is", "how many pixels", 260, bargap=0.05)
    return figure.update_xaxes(range=[0, largest])


def _one_hot() -> None:
    digit = st.segmented_control(
        "The digit",
        range(10),
        default=4,
        required=True,
        key=keys.lesson_field("pictures", "digit"),
        width="stretch",
    )
    marks = [' class="dl-winner"' * (n == digit) for n in range(10)]
    cells = "".join(f"<td{mark}>{int(n == digit)}</td>" for n, mark in enumerate(marks))
    heads = "".join(f'<th scope="col">{n}</th>' for n in range(10))
    st.html(f'<table class="dl-one-hot"><tr>{heads}</tr><tr>{cells}</tr></table>')


LESSON = Lesson(
    "pictures",
    "A picture is numbers",
    "What a network is given, and what it is asked for.",
    (
        Step(
            "784 numbers",
            _numbers,
            "To a computer a picture is a table of numbers. This one has 28 rows of 28: point at a cell, "
            "and you "
            "see its number. More than this table the network never gets.",
            Exercise("How many numbers is that?", 784, "28 rows of 28.", "28 x 28 = 784."),
            "Let everybody find the darkest pixel of their own digit.",
        ),
        Step(
            "The same digit, other numbers",
            _shift,
            "Move the digit by a single pixel, and a great part of the numbers change, although you still "
            "see the "
            "same digit. Comparing number by number does not work; a network has to find something that "
            "stays.",
            Choice(
                "Why can pictures not simply be compared number by number?",
                (
                    "A small shift changes very many of the numbers.",
                    "A computer cannot compare so many numbers.",
                    "Two digits never have the same ink.",
                ),
                0,
                "Move the digit by one pixel and look at the count.",
                "What we call the same digit is the same in a more hidden way than number by number.",
            ),
            "Ask before moving the slider: how many numbers will change?",
        ),
        Step(
            "Small numbers",
            _scale,
            "Networks learn best from numbers near 1, so each is divided by 255. The picture stays as it "
            "is: only "
            "the axis of this histogram changes, and not one bar of it.",
            Exercise(
                "A pixel holds 51. What is it after the division?",
                0.2,
                "51 is a fifth of 255.",
                "51 / 255 = 0.2.",
                0.001,
            ),
            "The same idea as giving lengths in metres in place of millimetres.",
            further=(ways.page("Histograms of all digits", "data"),),
        ),
        Step(
            "The answer is numbers, too",
            _one_hot,
            "The network gives ten numbers, one for each digit. The right answer is written in the same "
            "way: a 1 "
            "in the digit's place, and 0 elsewhere. That is called one-hot encoding.",
            Exercise(
                "In the code of 7, how many of the ten numbers are 0?",
                9,
                "All but one.",
                "Only the 7's place holds a 1: it is the eighth, as counting begins at 0.",
            ),
            "Ask why not simply the number 7: it would make a 7 nearer to an 8 than to a 1.",
        ),
    ),
)
