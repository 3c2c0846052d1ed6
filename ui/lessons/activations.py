"""Activations: the functions after each sum, their derivatives, and vanishing gradients."""

import numpy as np
import streamlit as st

from core.nn import descent
from core.nn.activations import ACTIVATIONS, SLOPES
from core.words import true_minus
from ui.components import term_notes
from ui.content.glossary import note_in
from ui.content.questions import Exercise
from ui.lessons import charts, small
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys

NAMES = ("relu", "sigmoid", "tanh")
WIDTH, BATCH = 32, 100


def _of(name: str, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A function and its slope."""
    y = ACTIVATIONS[name](z)
    return y, SLOPES[name](y, np.ones_like(z))


def _functions() -> None:
    name = st.segmented_control(
        "Function", NAMES, default="relu", required=True, key=keys.lesson_field("slopes", "function")
    )
    z = st.slider("The sum z", -5.0, 5.0, 1.0, 0.1, key=keys.lesson_field("slopes", "z"))
    at = np.linspace(-5, 5, 401)
    values, slopes = _of(name or "relu", at)
    figure = charts.lines({"value": (at, values), "slope": (at, slopes)})
    value, slope = (float(v[0]) for v in _of(name or "relu", np.array([z])))
    figure.add_scatter(
        x=[z, z], y=[value, slope], mode="markers", marker={"size": 12, "color": charts.MARK}, name="here"
    )
    charts.show(figure, "lesson-functions", "sum z", "value, slope")
    st.markdown(true_minus(f"Value **{value:.3f}**, slope **{slope:.3f}**."))


def _products() -> None:
    count = st.slider("Layers on the way back", 1, 10, 4, key=keys.lesson_field("slopes", "layers"))
    best = 0.25**count
    layers = list(range(1, 11))
    figure = charts.lines(
        {"sigmoid, at best": (layers, [0.25**n for n in layers]), "ReLU, where it is on": (layers, [1.0] * 10)},
        marks=True,
    )
    charts.show(figure, "lesson-products", "layers", "what is left", type="log", exponentformat="power")
    term_notes.markdown(
        f"After {count} sigmoids at most 0.25 to the power of {count} = **{best:.6f}** is left."
    )


@st.cache_data(show_spinner=False)
def _sizes(name: str, depth: int) -> list[float]:
    """The mean absolute gradient of each layer's weights, the first layer first, before any learning."""
    network = descent.fresh((784, *[WIDTH] * depth, 10), name, seed=1)
    images, labels = (part[:BATCH] for part in small.digits())
    _, slopes = descent.gradients(network, images, labels)
    return [float(np.abs(slopes[f"dense_{n}/kernel"]).mean()) for n in range(1, depth + 2)]


def _per_layer() -> None:
    depth = st.slider(
        "Hidden layers", 1, 8, 5, key=keys.lesson_field("slopes", "depth"), help=note_in("Hidden layers")
    )
    sizes = {name: _sizes(name, depth) for name in ("relu", "sigmoid")}
    names = [f"layer {n}" for n in range(1, depth + 2)]
    figure = charts.bars(names, sizes)
    charts.show(figure, "lesson-per-layer", "", "mean size of a gradient", type="log", exponentformat="power")
    ratio = sizes["sigmoid"][-1] / sizes["sigmoid"][0]
    term_notes.markdown(
        f"With sigmoids the first layer's gradients are **{ratio:,.0f} times** smaller than the last one's."
    )


def _side_by_side() -> None:
    depth = st.slider(
        "Hidden layers", 1, 5, 3, key=keys.lesson_field("slopes", "trained"), help=note_in("Hidden layers")
    )
    curves = {}
    for name in ("relu", "sigmoid"):
        units = (784, *[WIDTH] * depth, 10)
        losses = np.array(small.losses(units, name, rate=0.1, batch=50, steps=200, count=5000))
        smooth = np.convolve(losses, np.ones(10) / 10, "valid")
        curves[name] = (list(range(9, len(losses))), smooth)
    figure = charts.lines(curves)
    charts.show(figure, "lesson-side-by-side", "step", "mean loss of ten steps")
    ends = {name: curve[1][-1] for name, curve in curves.items()}
    term_notes.markdown(
        f"The loss after 200 steps: ReLU **{ends['relu']:.2f}**, sigmoid **{ends['sigmoid']:.2f}**. "
        "Guessing is 2.30."
    )


LESSON = Lesson(
    "slopes",
    "The function after the sum",
    "ReLU and sigmoid, and why deep networks of sigmoids hardly learn.",
    (
        Step(
            "A bend in the line",
            _functions,
            "After the sum a unit applies a function that is not a straight line: without it many layers "
            "would be no more than "
            "one. ReLU lets positive sums pass and makes 0 of the others. Its slope says how much of an "
            "error comes back.",
            Exercise(
                "What is the slope of ReLU at z = -2?",
                0,
                "Look at the line at -2: it is flat.",
                "Where a ReLU is 0 it stays 0 when z changes a little, so its slope is 0.",
                0.0001,
            ),
            "Find the place where the sigmoid is steepest, and read its slope there.",
        ),
        Step(
            "Slope times slope times slope",
            _products,
            "On the way back each layer multiplies by its slope. A sigmoid's is 0.25 at best, so after "
            "some layers next to "
            "nothing is left: the gradient vanishes. That of a ReLU that is on is 1, and nothing is lost.",
            Exercise(
                "What is left at most after two sigmoids?",
                0.0625,
                "0.25 x 0.25",
                "0.25 x 0.25 = 0.0625, a sixteenth.",
                0.0001,
            ),
            "Whisper a message through a row of pupils, each of whom speaks at a quarter of the volume.",
        ),
        Step(
            "Measured in a real network",
            _per_layer,
            "These are the gradients of fresh networks of 32 units a layer for 100 digits. With sigmoids "
            "each layer towards the "
            "picture gets much smaller ones; with ReLU they stay alike.",
            Choice(
                "Which layer of the sigmoid network learns the slowest?",
                ("The first, next to the picture.", "The last, next to the answer.", "All alike."),
                0,
                "The smaller the gradient, the smaller the step.",
                "Errors come from the answer, and the first layer is the farthest from it.",
            ),
            "Add layers one by one and watch the first bar.",
        ),
        Step(
            "Two networks side by side",
            _side_by_side,
            "The same layers, the same digits, the same steps; one with ReLU, one with sigmoids. This was "
            "trained here a moment "
            "ago. The deeper they are, the longer the sigmoids stay at guessing.",
            Choice(
                "What did the tutorials change first when their deep network learnt badly?",
                ("Sigmoid became ReLU.", "They took more pictures.", "They removed the softmax."),
                0,
                "Compare the two curves with three hidden layers and more.",
                "With ReLU the gradient reaches the first layers.",
            ),
            "With one hidden layer the sigmoids learn too, but more slowly. From how many on do they stay at "
            "guessing?",
        ),
    ),
)
