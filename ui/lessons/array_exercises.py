"""Exercises with arrays: what the tutorials' first cells do with the data, each in one checked expression."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.analysis import expressions
from core.data import datasets
from core.nn.activations import softmax
from core.words import true_minus
from ui import say
from ui.lessons import small, ways
from ui.lessons.lesson import Lesson, Step, Task
from ui.lessons.show_array import described
from ui.widgets import thumbnails

COUNT = 300


def _digits(which: int) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [300, 28, 28] and int [300], of either half."""
    data = datasets.mnist()
    part = slice(which * COUNT, (which + 1) * COUNT)
    return data.x_train[part], data.y_train[part].astype(int)


def _normalise(which: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    x, _ = _digits(which)
    return {"x": x}, x / 255


def _axis(which: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    x, _ = _digits(which)
    return {"x": x}, x[..., None]


def _one_hot(which: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    _, y = _digits(which)
    return {"y": y}, np.eye(10)[y]


def _logits(which: int) -> np.ndarray:
    x, _ = _digits(which)
    return small.logits(small.network(), x / 255)


def _softmax(which: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    z = _logits(which)[0]
    return {"z": z}, softmax(z)


def _accuracy(which: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    p, (_, y) = softmax(_logits(which)), _digits(which)
    return {"p": p, "y": y}, np.array((p.argmax(1) == y).mean())


def _shown(given: Callable[[int], tuple[dict[str, np.ndarray], np.ndarray]]) -> Callable[[], None]:
    """What there is to work with, and what is to come of it."""

    def live() -> None:
        names, expected = given(0)
        for name, array in names.items():
            st.markdown(f"**{name}**: {described(array)}")
            if array.ndim == 3:
                st.html(thumbnails.strip([image / 255 for image in array[:10]], columns=10))
            elif array.ndim == 1:
                st.caption(true_minus(", ".join(f"{n:.4g}" for n in array[:10])))
        st.markdown(f"**wanted**: {described(expected)}")
        say.caption(f"Accepted: {expressions.ACCEPTED}.")

    return live


LESSON = Lesson(
    "hand",
    "With your own hands",
    "Get digits ready, and judge answers, in one line each.",
    (
        Step(
            "Small numbers",
            _shown(_normalise),
            "Write what makes numbers between 0 and 1 of these. It is worked out on real digits as you "
            "type it, and checked on "
            "others that you do not see.",
            Task(
                "Numbers from 0 to 1, please.",
                _normalise,
                "Divide x by the largest number that a pixel can hold.",
                "x / 255: NumPy divides all 235,200 numbers at once.",
                "x / 255",
            ),
            "Ask what type the result has, and why it is no longer uint8.",
        ),
        Step(
            "One more axis",
            _shown(_axis),
            "Keras wants to know how many channels a picture has, even if it is one. Add an axis of length "
            "1 at the end; an index "
            "can do it.",
            Task(
                "Make it 300 x 28 x 28 x 1.",
                _axis,
                "In an index, None is a new axis, and ... stands for all axes that are there.",
                "x[..., None] and x.reshape(300, 28, 28, 1) do the same here.",
                "x[..., None]",
            ),
            "A sheet of paper is also a stack of one sheet.",
        ),
        Step(
            "One-hot",
            _shown(_one_hot),
            "Each label becomes ten numbers, a 1 in its place. A table of ten rows that holds all ten "
            "codes is a great help: "
            "np.eye(10).",
            Task(
                "Ten numbers for each label.",
                _one_hot,
                "Take row y of np.eye(10).",
                "np.eye(10)[y] takes for each label the row of that number.",
                "np.eye(10)[y]",
            ),
            "What would np.eye(10)[[7, 7]] be?",
        ),
        Step(
            "Softmax",
            _shown(_softmax),
            "These are the ten numbers of a small network for a digit. Make probabilities of them: e to "
            "the power of each, divided "
            "by the sum of all.",
            Task(
                "Ten probabilities that add up to 1.",
                _softmax,
                "np.exp(z), and the sum of it below.",
                "np.exp(z) / np.exp(z).sum().",
                "np.exp(z) / np.exp(z).sum()",
            ),
            "What happens to the result if 5 is added to all ten numbers?",
        ),
        Step(
            "Accuracy",
            _shown(_accuracy),
            "Each row of p holds the ten probabilities for a digit, y its true label. The answer is the "
            "place of the largest "
            "number of a row. Which share of the answers is right?",
            Task(
                "One number: the share that is right.",
                _accuracy,
                "p.argmax(axis=1) gives the answers; compare them with y, and take the mean.",
                "(p.argmax(axis=1) == y).mean(): true counts as 1, false as 0.",
                "(p.argmax(axis=1) == y).mean()",
            ),
            "Why is the mean of true and false a share?",
            further=(
                ways.build("Build net_1", "net_1"),
                ways.build("Build net_2", "net_2"),
                ways.build("Two hidden layers of 50", "hidden"),
                ways.build("One of your own", "cifar"),
            ),
        ),
    ),
)
