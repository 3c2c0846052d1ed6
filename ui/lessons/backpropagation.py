"""Backpropagation with one's own drawing: every gradient as the sum that makes it, and one step of
learning."""

import numpy as np
import streamlit as st

from core.nn import learning
from core.words import decimal
from ui.components import heat_grid, term_notes
from ui.content.glossary import note_in
from ui.content.questions import Exercise
from ui.lessons import material, small, ways
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys
from ui.widgets import class_bars

DIGITS = tuple(map(str, range(10)))
LARGEST = 5  # products of a long sum that are shown


def _true() -> int:
    """What the drawing is meant to be, as somebody says it."""
    digit = material.digit()
    chosen = st.segmented_control(
        f"What {digit.words} is meant to be",
        range(10),
        default=digit.label,
        required=True,
        key=keys.lesson_field("backpropagation", "true"),
        persist_state="session",
        width="stretch",
    )
    return digit.label if chosen is None else int(chosen)


def _taught() -> learning.Gradients:
    return learning.begin(small.network(), material.digit().pixels.astype(float), _true())


def _signed(value: float) -> str:
    return decimal(value, 6)


def _forwards() -> None:
    taught = _taught()
    class_bars.class_bars(DIGITS, taught.probabilities)
    p = taught.probabilities[taught.label]
    term_notes.markdown(f"The {taught.label} is given {p:.3%}, so the loss is **{taught.loss:.5f}**.")


def _errors() -> None:
    taught = _taught()
    errors = taught.errors[small.LAST]
    key = keys.lesson_field("backpropagation", "errors")
    heat_grid.heat_grid(errors[None], label="The ten errors, 0 to 9", key=key, side=520)
    cells = "".join(
        f"<div><dt>{digit}</dt><dd>{decimal(error, 4)}</dd></div>"
        for digit, error in zip(DIGITS, errors, strict=True)
    )
    st.html(f'<dl class="dl-ten">{cells}</dl>')


def _last_layer() -> None:
    taught = _taught()
    slopes = taught.gradients[f"{small.LAST}/kernel"]
    unit, digit = _clicked(
        slopes,
        "Gradients of the last layer: a row for each hidden unit, a column for each digit",
        "last",
        side=200,
    )
    (term,) = learning.of_weight(taught, f"{small.LAST}/kernel", (unit, digit))
    st.markdown(
        f"From hidden unit **{unit + 1}** to the answer **{digit}**: the unit's value times the answer's "
        f"error,  \n"
        f"{_signed(term.factor)} x {_signed(term.error)} = **{_signed(term.product)}**"
    )


def _through_a_unit() -> None:
    taught = _taught()
    slopes = taught.gradients[small.FIRST]
    _, unit = _clicked(slopes[None], "How fast the loss rises with each hidden unit's value", "unit", side=520)
    terms = learning.of_value(taught, small.FIRST, (unit,))
    st.markdown(f"Hidden unit **{unit + 1}** goes into ten sums:\n\n{_sum_of_ten(terms)}")
    _gate(taught.values[small.FIRST][unit])


def _sum_of_ten(terms: list[learning.Term]) -> str:
    """A table: what a value passes on to each answer, and what comes back from there."""
    rows = "\n".join(
        f"| {term.index[0]} | {_signed(term.factor)} | {_signed(term.error)} | {_signed(term.product)} |"
        for term in terms
    )
    total = sum(term.product for term in terms)
    return (
        f"| to | weight | error there | product |\n|--:|--:|--:|--:|\n{rows}\n"
        f"| | | sum | **{_signed(total)}** |"
    )


def _gate(value: float) -> None:
    gate = (
        "so what comes back goes on"
        if value > 0
        else "so nothing goes on: a ReLU that is 0 does not change if its sum changes a little"
    )
    term_notes.markdown(f"Its own value is {decimal(value, 4)}, {gate}.")


def _first_layer() -> None:
    taught = _taught()
    unit = st.select_slider(
        "Hidden unit",
        range(1, small.HIDDEN + 1),
        1 + int(np.abs(taught.errors[small.FIRST]).argmax()),
        key=keys.lesson_field("backpropagation", "first-unit"),
    )
    slopes = taught.gradients[f"{small.FIRST}/kernel"][:, unit - 1].reshape(28, 28)
    row, column = _clicked(slopes, f"Gradients of the 784 weights of hidden unit {unit}", "first")
    (term,) = learning.of_weight(taught, f"{small.FIRST}/kernel", (28 * row + column, unit - 1))
    st.markdown(
        f"Pixel in row **{row + 1}**, column **{column + 1}**: its ink times the unit's error,  \n"
        f"{_signed(term.factor)} x {_signed(term.error)} = **{_signed(term.product)}**"
    )


def _one_step() -> None:
    taught = _taught()
    rate = st.select_slider(
        "Learning rate",
        [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
        0.1,
        key=keys.lesson_field("backpropagation", "rate"),
        help=note_in("Learning rate"),
    )
    after = learning.begin(learning.step(taught, rate), material.digit().pixels.astype(float), taught.label)
    moments = (("before", taught), ("after one step", after))
    for side, (title, one) in zip(st.columns(2), moments, strict=True):
        with side:
            term_notes.markdown(f"**{title}**: loss {one.loss:.5f}")
            class_bars.class_bars(DIGITS, one.probabilities)
    name = f"{small.FIRST}/kernel"
    place = _strongest(taught.gradients[name])
    change = -rate * taught.gradients[name][place]
    row, column = divmod(place[0], 28)
    slopes = np.concatenate([array.ravel() for array in taught.gradients.values() if array.ndim == 2])
    others = np.count_nonzero(slopes) - (taught.gradients[name][place] != 0)
    term_notes.markdown(
        f"The weight from the pixel in row {row + 1}, column {column + 1} to hidden unit {place[1] + 1} "
        f"changed by **{_signed(change)}** because of {material.digit().words}, and {others:,} of the "
        f"{slopes.size - 1:,} other weights with it; the rest have a gradient of 0: no ink, or a unit that is "
        "0."
    )


def _window() -> None:
    """A convolution: a weight's gradient is a sum over all places, a value's one over the ten answers."""
    taught = learning.begin(small.convolution(), material.digit().pixels.astype(float), _true())
    filters = small.WINDOW.filters
    number = st.select_slider(
        "Window", range(1, filters + 1), 1, key=keys.lesson_field("backpropagation", "window")
    )
    left, right = st.columns(2)
    with left:
        _weight_of_window(taught, number - 1)
    with right:
        _value_of_map(taught, number - 1)


def _weight_of_window(taught: learning.Gradients, window: int) -> None:
    slopes = taught.gradients["conv2d_1/kernel"][:, :, 0, window]
    row, column = _clicked(slopes, f"Gradients of the 25 weights of window {window + 1}", "window-weight")
    terms = learning.of_weight(taught, "conv2d_1/kernel", (row, column, 0, window))
    largest = sorted(terms, key=lambda term: -abs(term.product))[:LARGEST]
    rows = "\n".join(
        f"| {term.index[0] + 1}, {term.index[1] + 1} | {_signed(term.factor)} | {_signed(term.error)} "
        f"| {_signed(term.product)} |"
        for term in largest
    )
    total = sum(term.product for term in terms)
    others = total - sum(term.product for term in largest)
    term_notes.markdown(
        f"Weight in row **{row + 1}**, column **{column + 1}** serves {len(terms)} places:\n\n"
        f"| at | ink | error there | product |\n|--:|--:|--:|--:|\n{rows}\n"
        f"| {len(terms) - len(largest)} others | | | {_signed(others)} |\n| | | sum | **{_signed(total)}** |"
    )


def _value_of_map(taught: learning.Gradients, window: int) -> None:
    slopes = taught.gradients["conv2d_1"][..., window]
    row, column = _clicked(
        slopes, f"How fast the loss rises with each value of map {window + 1}", "window-value"
    )
    place = np.ravel_multi_index((row, column, window), taught.values["conv2d_1"].shape)
    terms = learning.of_value(taught, "flatten_1", (int(place),))
    st.markdown(f"Value in row **{row + 1}**, column **{column + 1}** of its map:\n\n{_sum_of_ten(terms)}")
    _gate(taught.values["conv2d_1"][row, column, window])


def _clicked(values: np.ndarray, label: str, name: str, side: int = 300) -> tuple[int, int]:
    """Show a table as colours; return (row, column) of the cell clicked on last, of the largest before that."""
    strongest = _strongest(values)
    key = keys.lesson_field("backpropagation", name)
    return heat_grid.heat_grid(values, label=label, key=key, chosen=strongest, side=side) or strongest


def _strongest(values: np.ndarray) -> tuple[int, int]:
    row, column = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    return int(row), int(column)


LESSON = Lesson(
    "backpropagation",
    "Backpropagation, with your drawing",
    "Who is to blame for the loss: each weight's share, worked out from back to front.",
    (
        Step(
            "First forwards",
            _forwards,
            "A small network that is still learning, 784 numbers to 16 hidden units to ten answers, reads "
            "your drawing. The loss "
            "says what its "
            "answer costs. Now the question is: which of its weights should change, and by how much?",
            Exercise(
                "It gives the true digit 25%. What is the loss?",
                1.386,
                "-ln 0.25",
                "-ln 0.25 = 1.386.",
                0.006,
            ),
            "Say on purpose that it is another digit: then there is much to learn.",
        ),
        Step(
            "The error of each answer",
            _errors,
            "At the end it is simple. The loss rises with each answer's number by its probability; with "
            "the true digit's by its "
            "probability minus 1. These ten numbers are called errors, and they add up to 0.",
            Exercise(
                "The true digit got 0.9. What is its error?",
                -0.1,
                "0.9 - 1",
                "0.9 - 1 = -0.1: its number should rise.",
                0.0001,
            ),
            "Check together that the ten numbers add up to 0.",
        ),
        Step(
            "A weight of the last layer",
            _last_layer,
            "A weight passes on its unit's value, so its share is that value times the error of the answer "
            "it leads to. Click any "
            "cell: this is its gradient, and the product that makes it. Units that are 0 have no share at "
            "all.",
            Exercise(
                "The unit's value is 0.5, the error -0.2. What is the weight's gradient?",
                -0.1,
                "Multiply the two.",
                "0.5 x (-0.2) = -0.1.",
                0.0001,
            ),
            "Find a row that is empty: what is that unit's value?",
        ),
        Step(
            "Back through a unit",
            _through_a_unit,
            "A hidden unit leads to all ten answers, so what comes back to it is a sum: each weight times "
            "the error at its other "
            "end. That is the chain rule, and the reason for the name: errors are propagated backwards.",
            Choice(
                "The weights to the answers are used to send the errors back. Which weights are these?",
                (
                    "The very same as on the way forwards.",
                    "Others, made for going backwards.",
                    "Always 1.",
                ),
                0,
                "Look at the column 'weight'.",
                "The same weight that made the answer larger passes on its part of the blame.",
            ),
            "Add up the products of one table on the board.",
        ),
        Step(
            "A weight of the first layer",
            _first_layer,
            "Now once more the same: the ink of a pixel times the error of the unit. The gradients of one "
            "unit are your own "
            "drawing, stronger or weaker, for or against. That is what it learns from you.",
            Choice(
                "Why are the gradients 0 where there is no ink?",
                (
                    "Ink times error: 0 times anything is 0.",
                    "The network does not look there.",
                    "These weights are 0.",
                ),
                0,
                "Click on a cell outside the drawing and read the product.",
                "From paper there is nothing to learn for these weights, this time.",
            ),
            "Choose a unit that is 0 for this drawing: its whole picture is empty.",
        ),
        Step(
            "One step",
            _one_step,
            "Every weight moves against its gradient, by the rate times it. The same drawing then costs "
            "less, unless the step was "
            "too large. This, for thousands of pictures, again and again, is all of training.",
            Choice(
                "With a very large rate the loss may rise. Why?",
                (
                    "The slope holds only near by; the step leaps over the low place.",
                    "The gradient was wrong.",
                    "The network has forgotten the picture.",
                ),
                0,
                "Try the largest rate with a digit that it reads wrongly.",
                "A slope says where it goes down from here, not how far.",
            ),
            "Which rate makes the loss smallest in this one step? Is it good for other drawings, too?",
            further=(ways.page("Train a whole network", "train"),),
        ),
        Step(
            "A window's weight",
            _window,
            "Another network, with a convolution: 4 windows of 5 x 5, then the ten answers. A weight of a "
            "window serves all places, so its gradient is a sum over them: the ink below it times the error "
            "there. A value of the map sends its blame back as a unit does: click both.",
            Choice(
                "A window is moved over 144 places. How many products make the gradient of one of its weights?",
                ("144", "25", "10"),
                0,
                "The same weight is used once at each place.",
                "Every place has its say about this one weight: that is the other side of weight sharing.",
            ),
            "Why does a convolution learn from one drawing what a dense layer needs many for?",
            further=(ways.page("Step through a convolution", "convolution"),),
        ),
    ),
)
