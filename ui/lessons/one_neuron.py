"""One neuron: a weighted sum that learns to tell two digits apart, while one watches."""

import numpy as np
import streamlit as st

from core.data import datasets
from core.nn import activations
from core.words import decimal, true_minus
from ui.components import neuron, term_notes
from ui.content.glossary import note_in
from ui.content.questions import Exercise
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys

PAIRS = ((0, 1), (3, 8), (4, 9), (1, 7))


def _sum() -> None:
    left, middle, right = st.columns(3)
    total, parts = 0.0, []
    for column, place, start in ((left, 1, 1.0), (middle, 2, -0.5), (right, 3, 2.0)):
        with column:
            x = st.slider(
                f"pixel {place}", 0.0, 1.0, 0.5, 0.1, key=keys.lesson_field("neuron", f"pixel-{place}")
            )
            w = st.slider(
                f"weight {place}",
                -2.0,
                2.0,
                start,
                0.1,
                key=keys.lesson_field("neuron", f"weight-{place}"),
                help=note_in("weight"),
            )
        total += x * w
        parts.append(true_minus(f"{x:.1f} x {w:.1f}"))
    bias = st.slider("bias", -2.0, 2.0, 0.0, 0.1, key=keys.lesson_field("neuron", "bias"), help=note_in("bias"))
    z = total + bias
    chance = float(activations.ACTIVATIONS["sigmoid"](np.array(z)))
    shown = decimal(z, 2)
    term_notes.markdown(
        f"**z** = {' + '.join(parts)} + bias = **{shown}**, and the sigmoid of it is **{chance:.1%}**."
    )


def _learning(name: str) -> None:
    place = st.segmented_control(
        "It tells apart",
        range(len(PAIRS)),
        default=0,
        required=True,
        format_func=lambda place: "{} and {}".format(*PAIRS[place]),
        key=keys.lesson_field("neuron", "pair"),
        persist_state="session",
    )
    data = datasets.mnist()
    neuron.neuron(data.x_train, data.y_train, PAIRS[place or 0], key=keys.lesson_field("neuron", name))


LESSON = Lesson(
    "neuron",
    "One neuron",
    "A weighted sum that learns, while you watch.",
    (
        Step(
            "It weighs, adds up, and answers",
            _sum,
            "A neuron multiplies each number by a weight of its own and adds everything up, with one more "
            "number, "
            "the bias. The sigmoid makes a chance of the sum: 0 becomes 50%, much more than 0 nearly 100%.",
            Exercise(
                "Pixels 1, 0.5 and 0; weights 2, -1 and 5; bias 0.5. What is z?",
                2,
                "1 x 2, then 0.5 x (-1), then 0 x 5, then the bias.",
                "2 - 0.5 + 0 + 0.5 = 2. The third weight has no say where there is no ink.",
                0.001,
            ),
            "Find weights that make the neuron sure of 'yes' if the second pixel is dark, and of 'no' if "
            "it is light.",
        ),
        Step(
            "It learns while you watch",
            lambda: _learning("learn"),
            "It begins with 784 weights of 0 and guesses. After each picture every weight moves a little, "
            "so that "
            "this picture would have cost less. Press Play: the weights become a picture of what tells the "
            "two apart.",
            Choice(
                "0 and 1: where do the weights become strongly in favour of a 1?",
                ("In the middle, where a 1 has ink and a 0 has none.", "At the edge.", "Everywhere alike."),
                0,
                "Look at the picture of the weights after some hundred pictures.",
                "Ink in the middle speaks for a 1, ink on the ring speaks for a 0.",
            ),
            "Step through the first five pictures together, one click each: which weights move, and which "
            "do not?",
        ),
        Step(
            "How large a step?",
            lambda: _learning("rate"),
            "The learning rate says how far the weights move after each picture. Too small, and it creeps; "
            "too large, "
            "and it jumps over the good places, so that the curve becomes wild. Try both ends, with "
            "'Forget all' between.",
            Choice(
                "The curve jumps wildly up and down. What helps?",
                ("A smaller learning rate.", "A larger learning rate.", "More weights."),
                0,
                "Each jump is a step that went too far.",
                "With smaller steps it settles, though it needs more of them.",
            ),
            "A contest: who reaches 99% of the others with the fewest pictures?",
        ),
        Step(
            "What one neuron cannot do",
            lambda: _learning("limits"),
            "Choose 4 and 9, or 3 and 8. However long it learns, more mistakes remain: a single weighted "
            "sum can only "
            "say how much ink lies here and how little there. Networks put many neurons side by side, and "
            "in layers.",
            Choice(
                "Which pair is the easiest for one neuron?",
                ("0 and 1", "3 and 8", "4 and 9"),
                0,
                "Let each learn for the same number of pictures.",
                "A 0 and a 1 hardly share any ink, a 4 and a 9 nearly all of it.",
            ),
            "Note the share after 1,000 pictures of each pair on the board.",
        ),
    ),
)
