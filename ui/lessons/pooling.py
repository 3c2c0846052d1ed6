"""Pooling: fewer numbers, and robustness to small shifts, measured beside a stride."""

from collections.abc import Iterable

import numpy as np
import streamlit as st

from core.nn import ops
from ui.components import term_notes
from ui.content.questions import Exercise
from ui.lessons import charts, material, small, ways
from ui.lessons.convolution import KERNELS
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys
from ui.widgets import thumbnails

COUNT, SHIFTS = 200, (1, 2, 3, 4)
WAYS = ("the map itself", "max pooling 2 x 2", "mean pooling 2 x 2", "a stride of 2")


def _made(image: np.ndarray) -> list[np.ndarray]:
    """What becomes of a map in each of the WAYS."""
    whole, fewer = (np.maximum(ops.convolve(image, KERNELS["lines down"], n, "same"), 0) for n in (1, 2))
    return [whole, ops.pool(whole, "max", 2, 2), ops.pool(whole, "mean", 2, 2), fewer]


def _changes(image: np.ndarray, shifts: Iterable[int]) -> np.ndarray:
    """How much of each way's map a shift changes, float [shifts, ways]."""
    before = _made(image)
    after = [_made(ops.shifted(image, n)) for n in shifts]
    return np.array([[ops.change(*pair) for pair in zip(before, made, strict=True)] for made in after])


def _smaller() -> None:
    how = st.segmented_control(
        "Keep of each 2 x 2",
        ("max", "mean"),
        default="max",
        required=True,
        key=keys.lesson_field("shifts", "how"),
    )
    digit = material.digit()
    pooled = ops.pool(digit.pixels.astype(float), how or "max", 2, 2)
    again = ops.pool(pooled, how or "max", 2, 2)
    captions = [f"{len(one)} x {len(one)}: {one.size} numbers" for one in (digit.pixels, pooled, again)]
    st.html(thumbnails.strip([digit.pixels, pooled, again], columns=3, captions=captions))


def _one_shift() -> None:
    right = st.slider(
        "Move the digit to the right, in pixels", 0, 4, 1, key=keys.lesson_field("shifts", "right")
    )
    image = material.digit().pixels.astype(float)
    (changes,) = _changes(image, [right])
    figure = charts.bars(list(WAYS), {"of this digit": changes})
    charts.show(figure, "lesson-one-shift", "", "how much has changed", tickformat=".0%")
    st.caption("100%: as much has changed as there is. 200%: nothing lies where it lay.")


@st.cache_data(show_spinner=False)
def _means() -> dict[str, list[float]]:
    """For each way the mean change over many test digits, by shift."""
    images, _ = small.others(COUNT)
    means = np.mean([_changes(image, SHIFTS) for image in images], 0)
    return dict(zip(WAYS, means.T.tolist(), strict=True))


def _many_shifts() -> None:
    with st.spinner("Moving 200 digits in four ways"):
        means = _means()
    figure = charts.lines({way: (SHIFTS, values) for way, values in means.items()}, marks=True)
    charts.show(figure, "lesson-many-shifts", "pixels to the right", "mean change", tickformat=".0%")
    term_notes.caption(
        f"Of a map, after pooling, and after a stride of 2: the mean of {COUNT} test digits that nobody has "
        "learnt from."
    )


LESSON = Lesson(
    "shifts",
    "Pooling",
    "Fewer numbers, and a small shift matters less.",
    (
        Step(
            "A quarter of the numbers",
            _smaller,
            "Pooling cuts a map into squares of 2 x 2 and keeps one number of each: the largest, or the "
            "mean. What remains still "
            "shows the digit, with a quarter of the numbers; it has nothing to learn.",
            Exercise(
                "A map of 28 x 28 is pooled twice by 2 x 2. How many numbers are left?",
                49,
                "28, then 14, then 7.",
                "7 x 7 = 49.",
            ),
            "From how far away can you still read the 7 x 7?",
            further=(ways.pooling("Pool step by step"),),
        ),
        Step(
            "One pixel to the right",
            _one_shift,
            "The digit moves, and the maps change. After pooling less has changed, for the largest number "
            "of a square may move "
            "inside it. A convolution with a stride of 2 makes a map just as small, but looks at every "
            "other place only.",
            Choice(
                "Why does max pooling change less?",
                (
                    "The largest number of a square may lie anywhere in it.",
                    "It leaves out half of the digit.",
                    "It makes all numbers smaller.",
                ),
                0,
                "Think of a bright spot that moves from the left half of a square to its right half.",
                "The square's answer stays the same as long as the spot stays inside.",
            ),
            "One digit proves nothing: on some, the stride wins. Go on to the next step.",
        ),
        Step(
            "Two hundred digits",
            _many_shifts,
            "One digit may mislead, so here is the mean over 200. Pooling helps with a shift of one pixel; "
            "with four, all have "
            "changed nearly completely. It is a help against small shifts, no cure for large ones.",
            Choice(
                "What does this measurement show?",
                (
                    "Pooling softens small shifts, not large ones.",
                    "With pooling a digit may lie anywhere.",
                    "A stride is always better than pooling.",
                ),
                0,
                "Compare the curves at 1 and at 4 pixels.",
                "At one pixel they lie apart, at four they are close together.",
            ),
            "Why is a mean over many digits more convincing than the digit of the step before?",
        ),
    ),
)
