"""Batch, epoch, learning rate: nine real trainings there and then, and what noise has to do with it."""

import numpy as np
import streamlit as st

from ui.components import term_notes
from ui.content.glossary import note_in
from ui.content.questions import Exercise
from ui.lessons import charts, small, ways
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys

SIZES, RATES = (10, 50, 250), (0.01, 0.1, 1.0)
PICTURES = 5000  # that each training looks at: one epoch of these
UNITS = (784, small.HIDDEN, 10)


def _counting() -> None:
    count = st.select_slider(
        "Pictures to learn from", [1000, 5000, 20000, 60000], 60000, key=keys.lesson_field("batches", "count")
    )
    size = st.select_slider(
        "Batch size",
        [1, 10, 50, 128, 500],
        128,
        key=keys.lesson_field("batches", "size"),
        help=note_in("Batch size"),
    )
    epochs = st.slider("Epochs", 1, 20, 5, key=keys.lesson_field("batches", "epochs"), help=note_in("Epochs"))
    steps = -(-count // size)
    left, middle, right = st.columns(3)
    left.metric("steps in an epoch", f"{steps:,}", help=note_in("steps in an epoch"))
    middle.metric("steps in all", f"{steps * epochs:,}")
    right.metric("pictures looked at", f"{count * epochs:,}")


def _noise() -> None:
    size = st.select_slider(
        "Batch size",
        [1, 10, 50, 250],
        10,
        key=keys.lesson_field("batches", "noise"),
        help=note_in("Batch size"),
    )
    losses = small.losses(UNITS, "relu", rate=0.1, batch=size, steps=200, count=PICTURES)
    figure = charts.lines({f"batch of {size}": (range(len(losses)), losses)})
    charts.show(figure, "lesson-noise", "step", "loss of the step's batch", range=[0, 4])
    late = losses[-100:]
    scatter = f"**{np.std(late):.2f}** around {np.mean(late):.2f}"
    term_notes.markdown(f"Over the last 100 steps the loss scatters by {scatter}.")


def _grid() -> None:
    """A button first: nobody wants to wait for what nobody has asked for."""
    if not st.session_state.get(keys.LESSON_NINE) and not st.button(
        "Train all nine", icon=":material/model_training:", type="primary", key="lesson-train-nine"
    ):
        term_notes.caption("Nine small networks, each for one epoch of 5,000 digits: a few seconds.")
        return
    st.session_state[keys.LESSON_NINE] = True
    bar = st.progress(0.0)
    images, labels = small.others()
    table = []
    for row, rate in enumerate(RATES):
        found = []
        for column, size in enumerate(SIZES):
            steps = PICTURES // size
            *_, last = small.trained(
                UNITS, "relu", rate=rate, batch=size, steps=steps, count=PICTURES, every=steps
            )
            found.append(small.accuracy(last.network, images, labels))
            bar.progress((3 * row + column + 1) / 9, f"{3 * row + column + 1} of 9 trained")
        table.append(found)
    bar.empty()
    heads = " | ".join(f"batch {size}" for size in SIZES)
    best = max(max(row) for row in table)
    lines = "\n".join(
        f"| **rate {rate:g}** | {' | '.join(f'**{v:.1%}**' if v == best else f'{v:.1%}' for v in row)} |"
        for rate, row in zip(RATES, table, strict=True)
    )
    st.markdown(f"| | {heads} |\n|---|--:|--:|--:|\n{lines}")
    term_notes.caption("Share of 1,000 test digits read rightly after one epoch of 5,000 digits.")


LESSON = Lesson(
    "batches",
    "Batch, epoch, learning rate",
    "How many pictures a step looks at, and how far it goes.",
    (
        Step(
            "Counting steps",
            _counting,
            "For each step the network looks at a batch: a few pictures together, whose gradients are "
            "averaged. When all "
            "pictures have been looked at once, an epoch is over. Smaller batches mean more steps in an "
            "epoch.",
            Exercise(
                "1,000 pictures in batches of 50: how many steps are in an epoch?",
                20,
                "1,000 / 50",
                "1,000 / 50 = 20.",
            ),
            "How many steps does the app's recipe 'Best in a minute' take? Look it up under Train.",
        ),
        Step(
            "Small batches are noisy",
            _noise,
            "A batch of one follows the whim of a single picture, a batch of 250 sees nearly the true "
            "slope. The noise is not only "
            "bad: small batches take many quick steps, and often find better places.",
            Choice(
                "Four times as many pictures in a batch: what happens to the scatter of its gradient?",
                ("It is about halved.", "It becomes four times smaller.", "It stays as it is."),
                0,
                "The scatter of a mean goes with the square root of the number.",
                "The root of 4 is 2, so it is about halved.",
            ),
            "Compare the numbers of scatter for 10 and for 250.",
        ),
        Step(
            "Three by three",
            _grid,
            "All nine look at the same 5,000 digits once. With a small rate, large batches take too few "
            "steps to get anywhere; "
            "with a large rate, small ones become unsteady. Rate and batch size belong together; both are "
            "hyperparameters: people choose them, while weights are learnt.",
            Choice(
                "You take a batch five times as large, and it learns too slowly. What may help?",
                ("A larger learning rate.", "A smaller learning rate.", "Fewer pictures."),
                0,
                "Look at the last column of the table.",
                "Larger batches are less noisy and can bear larger steps.",
            ),
            "Let the class bet on the best of the nine before the button is pressed.",
            further=(ways.train("Train in earnest", "quick"),),
        ),
    ),
)
