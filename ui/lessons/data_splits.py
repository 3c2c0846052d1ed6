"""Training, validation and test sets: who may look at which digits, and what choosing costs."""

import numpy as np
import streamlit as st

from ui.content.glossary import note_in
from ui.content.questions import Exercise
from ui.lessons import charts, small, ways
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys

UNITS = (784, small.HIDDEN, 10)
SEEDS, SIDE = 20, 100


def _split() -> None:
    share = st.slider(
        "Held out of the 60,000 for choosing, in percent", 0, 30, 10, 5, key=keys.lesson_field("sets", "share")
    )
    held = 60_000 * share // 100
    left, middle, right = st.columns(3)
    left.metric("training: learns from them", f"{60_000 - held:,}")
    middle.metric("validation: we choose by them", f"{held:,}", help=note_in("validation: we choose by them"))
    right.metric("test: looked at once", "10,000")


@st.cache_data(show_spinner=False)
def _choices() -> tuple[list[float], list[float]]:
    """The share that each of some networks, which differ by chance, reads of two sets of other digits."""
    images, labels = small.others()
    first, second = slice(0, SIDE), slice(SIDE, None)
    found: tuple[list[float], list[float]] = ([], [])
    for seed in range(SEEDS):
        *_, last = small.trained(UNITS, "relu", rate=0.3, batch=50, steps=60, count=5000, every=60, seed=seed)
        for shares, part in zip(found, (first, second), strict=True):
            shares.append(small.accuracy(last.network, images[part], labels[part]))
    return found


def _choosing() -> None:
    with st.spinner("Training twenty networks"):
        chosen_by, others = _choices()
    count = st.slider("Networks to choose from", 1, SEEDS, SEEDS, key=keys.lesson_field("sets", "count"))
    best = int(np.argmax(chosen_by[:count]))
    names = [str(n + 1) for n in range(count)]
    figure = charts.bars(names, {f"on {SIDE} digits": chosen_by[:count], "on 900 others": others[:count]})
    charts.show(figure, "lesson-choosing", "network", "read rightly", range=[0.5, 1], tickformat=".0%")
    st.markdown(
        f"Chosen: network {best + 1}, the best on the {SIDE} digits with **{chosen_by[best]:.1%}**. On 900 "
        f"others it "
        f"reads **{others[best]:.1%}**; the mean of all {count} is {np.mean(others[:count]):.1%}."
    )


def _peeking() -> None:
    moments = small.trained((784, 64, 10), "relu", rate=0.2, batch=50, steps=400, count=1000, every=10)
    images, labels = small.others()
    by, rest = slice(0, SIDE), slice(SIDE, None)
    steps = [m.step for m in moments]
    curves = [[small.accuracy(m.network, images[part], labels[part]) for m in moments] for part in (by, rest)]
    best = int(np.argmax(curves[0]))
    figure = charts.lines({f"{SIDE} digits": (steps, curves[0]), "900 others": (steps, curves[1])})
    figure.add_scatter(
        x=[steps[best]],
        y=[curves[0][best]],
        mode="markers",
        name="chosen",
        marker={"size": 13, "color": charts.MARK, "symbol": "star"},
    )
    charts.show(figure, "lesson-peeking", "step", "read rightly", tickformat=".0%")
    st.markdown(
        f"Stopped at the best step for the {SIDE} digits: **{curves[0][best]:.1%}** there, "
        f"**{curves[1][best]:.1%}** on "
        "the others."
    )


LESSON = Lesson(
    "sets",
    "Training, validation, test",
    "Who may look at which digits, and why it matters.",
    (
        Step(
            "Three sets",
            _split,
            "From the training digits the weights learn. By the validation digits we choose the "
            "hyperparameters: the rate, the layers, when to stop. "
            "The test digits are looked at once, at the end, and say how good it really is.",
            Exercise(
                "10% of 60,000 are held out. How many are left to learn from?",
                54000,
                "60,000 minus a tenth of it.",
                "60,000 - 6,000 = 54,000.",
            ),
            "Exercises, mock exam, exam: which set is which?",
        ),
        Step(
            "Choosing is learning, too",
            _choosing,
            "These networks differ only by chance. The one that does best on a hundred digits was good, "
            "and lucky as well; on "
            "others its luck is gone. So the digits by which we choose can no longer say how good the "
            "chosen one is.",
            Choice(
                "Why is the best on the hundred digits usually worse on others?",
                (
                    "It was chosen partly for its luck with these hundred.",
                    "It has forgotten something in between.",
                    "The others are harder.",
                ),
                0,
                "Choose among 1, then among 20, and compare both numbers.",
                "The more there are to choose from, the more luck is in the best.",
            ),
            "Let twenty pupils guess ten coin tosses. Is the best one a prophet?",
        ),
        Step(
            "What the tutorials' curves look at",
            _peeking,
            "Most tutorials measure the test digits after each epoch and name the best. That is choosing "
            "by the test set: the number "
            "is a little too good. In this app the last weights, or those chosen by validation, are tested.",
            Choice(
                "A tutorial prints the best of 40 test accuracies. What would be fairer?",
                (
                    "Choose by validation, and test that one network once.",
                    "Train longer.",
                    "Take the worst of the 40.",
                ),
                0,
                "Who was allowed to look at the test digits?",
                "Then nobody has chosen by them.",
            ),
            "Find a claim in Tutorials that was measured so.",
            further=(ways.page("Their claims, measured", "tutorials"),),
        ),
    ),
)
