"""The uncertainty of an accuracy: of 10,000 test digits, of seeds, and a slip of a notebook."""

import numpy as np
import streamlit as st

from ui.components import term_notes
from ui.content.glossary import note_in
from ui.content.questions import Exercise
from ui.lessons import charts, small, ways
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys

UNITS = (784, small.HIDDEN, 10)
SEEDS = 12


def _interval() -> None:
    count = st.select_slider(
        "Test digits", [100, 300, 1000, 3000, 10000], 10000, key=keys.lesson_field("worth", "count")
    )
    right = (
        st.slider(
            "Accuracy, in percent",
            80.0,
            99.9,
            99.0,
            0.1,
            key=keys.lesson_field("worth", "right"),
            help=note_in("Accuracy, in percent"),
        )
        / 100
    )
    error = float(np.sqrt(right * (1 - right) / count))
    rng = np.random.default_rng(1)
    drawn = rng.binomial(count, right, 30) / count
    figure = charts.lines({})
    figure.add_scatter(
        x=list(range(1, 31)),
        y=drawn,
        mode="markers",
        marker={"size": 9, "color": charts.COLOURS[0]},
        name="a test set",
    )
    for at in (right - 2 * error, right + 2 * error):
        figure.add_hline(y=at, line_dash="dash", line_color=charts.COLOURS[1])
    charts.show(
        figure, "lesson-interval", "thirty test sets of this size, by chance", "accuracy", tickformat=".1%"
    )
    term_notes.markdown(
        f"Standard error: the root of p (1 - p) / n = **{error:.2%}**. Two of them to each side hold 95% "
        f"of such test sets."
    )


@st.cache_data(show_spinner=False)
def _seeds() -> list[float]:
    found = []
    for seed in range(SEEDS):
        *_, last = small.trained(UNITS, "relu", rate=0.3, batch=50, steps=100, count=5000, every=100, seed=seed)
        found.append(small.accuracy(last.network, *small.others()))
    return found


def _by_seed() -> None:
    with st.spinner("Training twelve networks"):
        shares = _seeds()
    figure = charts.bars([str(n + 1) for n in range(SEEDS)], {"read rightly": shares})
    charts.show(
        figure, "lesson-by-seed", "seed", "", range=[min(shares) - 0.05, max(shares) + 0.02], tickformat=".0%"
    )
    st.markdown(
        f"Mean **{np.mean(shares):.1%}**, from {min(shares):.1%} to {max(shares):.1%}: the same recipe, "
        f"other dice."
    )


def _leftover() -> None:
    wrong = {"printed": 97.38, "the network shown": 92.81}
    figure = charts.bars(list(wrong), {"accuracy in percent": list(wrong.values())})
    charts.show(figure, "lesson-leftover", "", "percent", 260, range=[85, 100])
    error = 100 * float(np.sqrt(0.9281 * 0.0719 / 10_000))
    st.markdown(
        f"The two differ by {97.38 - 92.81:.2f} points; the standard error of 92.81% with 10,000 digits is "
        f"{error:.2f}. "
        "That is no chance: the number is left over from another run."
    )


LESSON = Lesson(
    "worth",
    "What a number is worth",
    "Chance in the test digits, chance in the training, and plain slips.",
    (
        Step(
            "Ten thousand digits are a sample",
            _interval,
            "Another ten thousand digits would give another number. How far they scatter can be worked "
            "out: at 99% and 10,000 digits "
            "the standard error is 0.1 points. Differences smaller than about two of them say little.",
            Exercise(
                "99% right of 10,000: how many digits are misread?",
                100,
                "1% of 10,000",
                "100; the standard error of 0.1 points is ten digits more or fewer.",
            ),
            "How many test digits would be needed to tell 99.4% from 99.5%?",
        ),
        Step(
            "The same recipe, other dice",
            _by_seed,
            "A training begins with weights by chance and shuffles its digits by chance. With another seed "
            "the same recipe ends up a "
            "little higher or lower. So one run proves little: compare the means of several.",
            Choice(
                "Recipe A got 98.6% once, recipe B 98.5% once. Which one is better?",
                ("That cannot be said from one run each.", "A.", "B."),
                0,
                "By how much do the seeds scatter?",
                "A tenth of a point is what chance alone does; take several seeds of each.",
            ),
            "Find the tutorials' recipes with three seeds: how far do they scatter?",
            further=(ways.page("Compare runs", "runs"),),
        ),
        Step(
            "A slip that everybody could make",
            _leftover,
            "One tutorial's notebook prints 97.38% under a network that it shows at 92.81%: its cells were "
            "not run in order. Who knows "
            "the standard error sees at once that this cannot be chance, and looks for the slip.",
            Choice(
                "How can a notebook print a number that is not its network's?",
                (
                    "Its cells were run in another order, or with another network.",
                    "The computer has miscalculated.",
                    "Accuracy changes from day to day.",
                ),
                0,
                "A notebook shows what was printed last, not what would be printed now.",
                "Running everything from the top, with a seed, would have shown it.",
            ),
            "In this app each result carries its recipe, its seed and its date. Where do you find them?",
        ),
    ),
)
