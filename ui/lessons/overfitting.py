"""Overfitting, and against it: more images, augmentation, dropout, batch normalisation, early stopping."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis import loss_plane
from core.nn import backprop
from core.nn.descent import Moment
from core.records import Network
from core.words import true_minus
from ui.components import term_notes
from ui.content.questions import Exercise
from ui.lessons import charts, small, ways
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys
from ui.widgets import thumbnails

UNITS = (784, 64, 10)
COUNTS, STEPS, EVERY = (50, 200, 1000, 5000), 400, 20
FEW = 200  # digits that the training learns from which is to be stopped in time


def _moments(count: int) -> tuple[Moment, ...]:
    return small.trained(UNITS, "relu", rate=0.2, batch=50, steps=STEPS, count=count, every=EVERY)


def _accuracies(network: Network, count: int) -> tuple[float, float]:
    """(of the digits that it has learnt from, of others)."""
    images, labels = (part[:count][:1000] for part in small.digits())
    return small.accuracy(network, images, labels), small.accuracy(network, *small.others())


@st.cache_data(show_spinner=False)
def _curves(count: int) -> tuple[list[int], list[float], list[float]]:
    """(steps, accuracies on the learnt digits, on others)."""
    moments = _moments(count)
    known, others = zip(*(_accuracies(moment.network, count) for moment in moments), strict=True)
    return [moment.step for moment in moments], list(known), list(others)


@st.cache_data(show_spinner=False)
def _end(count: int) -> tuple[float, float]:
    """The last of `_curves`."""
    return _accuracies(_moments(count)[-1].network, count)


def _heart() -> None:
    count = st.select_slider("Digits to learn from", COUNTS, 50, key=keys.lesson_field("heart", "count"))
    with st.spinner("Training"):
        steps, known, others = _curves(count)
    figure = charts.lines({"digits it has learnt from": (steps, known), "others": (steps, others)})
    charts.show(figure, "lesson-heart", "step", "read rightly", range=[0, 1.02], tickformat=".0%")
    gap = 100 * (known[-1] - others[-1])
    st.markdown(
        f"At the end **{known[-1]:.1%}** of those learnt from, **{others[-1]:.1%}** of others: a gap of "
        f"{gap:.1f} points."
    )


def _more() -> None:
    with st.spinner("Training four networks"):
        known, others = zip(*map(_end, COUNTS), strict=True)
    figure = charts.lines(
        {
            "digits it has learnt from": (COUNTS, known),
            "others": (COUNTS, others),
        },
        marks=True,
    )
    figure.update_xaxes(type="log")
    charts.show(
        figure, "lesson-more", "digits to learn from", "read rightly", range=[0.4, 1.02], tickformat=".0%"
    )


def _gates() -> None:
    rate = st.slider("Share of gates that close", 0.0, 0.8, 0.5, 0.1, key=keys.lesson_field("heart", "rate"))
    turn = st.session_state.setdefault(keys.lesson_field("heart", "turn"), 0)
    if st.button("Throw the dice again", icon=":material/casino:", key="lesson-dice"):
        turn = st.session_state[keys.lesson_field("heart", "turn")] = turn + 1
    images, _ = small.others()
    hidden = backprop.forward(small.network(), images[:1])[small.FIRST][0]
    open_ = np.random.default_rng(turn).random(len(hidden)) >= rate
    kept = np.where(open_, hidden / (1 - rate), 0)
    names = [str(n + 1) for n in range(len(hidden))]
    figure = charts.bars(names, {"without dropout": hidden, "with dropout": kept})
    charts.show(figure, "lesson-gates", "hidden unit", "value", 280)
    st.markdown(
        f"**{int((~open_).sum())} of {len(hidden)}** gates are closed; what passes is multiplied by "
        f"1 / (1 - {rate:.1f}) = {1 / (1 - rate):.2f}. Sum before {hidden.sum():.1f}, now {kept.sum():.1f}."
    )


def _changed() -> None:
    images, _ = small.others()
    turn = st.slider("Turn, in degrees", -25, 25, 10, key=keys.lesson_field("heart", "degrees"))
    right = st.slider("Move to the right, in pixels", -3, 3, 1, key=keys.lesson_field("heart", "right"))
    from scipy import ndimage  # noqa: PLC0415  pages without this step need not wait for it

    image = images[0]
    other = ndimage.shift(ndimage.rotate(image, turn, reshape=False, order=1), (0, right), order=1)
    st.html(
        thumbnails.strip([image, other.clip(0, 1)], columns=2, captions=["as it is stored", "as it is shown"])
    )
    changed = int((np.rint(255 * image) != np.rint(255 * other)).sum())
    st.markdown(f"Still a 7, and **{changed} of 784** numbers are others.")


def _normalised() -> None:
    images, _ = small.digits()
    network = small.network()
    kernel, bias = network.weights[f"{small.FIRST}/kernel"], network.weights[f"{small.FIRST}/bias"]
    sums = images[:1000].reshape(1000, -1) @ kernel + bias
    unit = st.slider("Hidden unit", 1, small.HIDDEN, 1, key=keys.lesson_field("heart", "unit")) - 1
    before = sums[:, unit]
    after = (before - before.mean()) / np.sqrt(before.var() + 1e-3)
    figure = go.Figure()
    for name, values, colour in (("before", before, charts.COLOURS[1]), ("after", after, charts.COLOURS[0])):
        figure.add_histogram(x=values, nbinsx=60, name=name, marker_color=colour, opacity=0.65)
    figure.update_layout(barmode="overlay")
    charts.show(figure, "lesson-normalised", "sum of this unit for 1,000 digits", "how many digits", 280)
    st.markdown(
        true_minus(
            f"Before: mean {before.mean():.2f}, spread {before.std():.2f}. After: mean {after.mean():.2f}, "
            f"spread {after.std():.2f}."
        )
    )


@st.cache_data(show_spinner=False)
def _losses() -> tuple[list[int], list[float], list[float]]:
    """(steps, loss on the 200 digits that are learnt, on 1,000 that are held out of the training digits)."""
    moments = _moments(FEW)
    images, labels = small.digits()
    parts = slice(0, FEW), slice(FEW, FEW + 1000)
    learnt, held = ([loss_plane.loss(m.network, images[part], labels[part]) for m in moments] for part in parts)
    return [m.step for m in moments], learnt, held


def stopped(losses: list[float], patience: int) -> tuple[int, int]:
    """(place of the least loss, place at which it ends): after so many places without a smaller one."""
    best = 0
    for place, loss in enumerate(losses):
        if loss < losses[best]:
            best = place
        if place - best == patience:
            return best, place
    return best, len(losses) - 1


def _stopping() -> None:
    patience = st.slider("Patience, in measurements", 1, 10, 3, key=keys.lesson_field("heart", "patience"))
    with st.spinner("Training"):
        steps, learnt, held = _losses()
    best, end = stopped(held, patience)
    figure = charts.lines(
        {f"loss of the {FEW} learnt": (steps, learnt), "loss of 1,000 held out": (steps, held)}
    )
    figure.add_scatter(
        x=[steps[best]],
        y=[held[best]],
        mode="markers",
        name="kept",
        marker={"size": 13, "color": charts.MARK, "symbol": "star"},
    )
    figure.add_vline(x=steps[end], line_dash="dash", line_color=charts.COLOURS[-1])
    charts.show(figure, "lesson-stopping", "step", "loss")
    term_notes.markdown(
        f"Stopped at step **{steps[end]}** of {STEPS}; the weights of step **{steps[best]}** are kept, with a "
        f"loss of {held[best]:.3f} on the digits held out. After all {STEPS} steps it is {held[-1]:.3f}."
    )


LESSON = Lesson(
    "heart",
    "Learning by heart, and its cures",
    "Why a network can be perfect on what it has seen and poor on the rest.",
    (
        Step(
            "Known by heart",
            _heart,
            "With 50 digits the network soon reads all of them, and fewer than three of four others: it "
            "knows its digits by "
            "heart. That is overfitting, and the gap between the two curves is its measure.",
            Choice(
                "A network reads 100% of its training digits and 70% of others. What is that called?",
                ("Overfitting.", "Underfitting.", "Convergence."),
                0,
                "It fits its own digits too well.",
                "It has learnt these digits rather than what makes a digit.",
            ),
            "Compare with learning old exam questions by heart.",
        ),
        Step(
            "The best cure: more of them",
            _more,
            "The same network, the same number of steps, more digits to learn from: the gap closes. No "
            "trick is as good as more, "
            "and more different, pictures.",
            Choice(
                "What happens to the gap with more digits to learn from?",
                ("It becomes smaller.", "It becomes larger.", "It stays."),
                0,
                "Follow the two lines from left to right.",
                "Five thousand digits are not so easily known by heart.",
            ),
            "How many digits would the class draw in a lesson? Where is that on the axis?",
        ),
        Step(
            "Dropout: gates that close by chance",
            _gates,
            "In training each unit is switched off with some probability, anew for each picture; what "
            "passes is made larger, so "
            "that the sum stays about the same. No unit can rely on a single other one. When it reads, all "
            "gates are open.",
            Exercise(
                "Half of the gates close. By what are the others multiplied?",
                2,
                "1 / (1 - 0.5)",
                "1 / 0.5 = 2.",
                0.001,
            ),
            "A football team that trains each day without some of its players.",
            further=(ways.train("Train one with dropout", "first-conv-dropout"),),
        ),
        Step(
            "Augmentation: others out of one",
            _changed,
            "If more digits cannot be had, those that are there are turned, moved and bent a little, "
            "differently in each epoch. "
            "To the network they are new pictures; to us they still show the same digit.",
            Choice(
                "By how much may a digit be turned in training?",
                ("As long as everybody would still read it alike.", "As far as one likes.", "Not at all."),
                0,
                "What does a 6 become if it is turned by 180 degrees?",
                "Too far, and a 6 becomes a 9: then it would learn something wrong.",
            ),
            "Which digits may be mirrored?",
        ),
        Step(
            "Batch normalisation",
            _normalised,
            "The sums of a unit may lie anywhere. Batch normalisation subtracts their mean and divides by "
            "their spread, for each "
            "batch; then two learnt numbers stretch and move them. Steps can be larger, and the small "
            "noise helps, too.",
            Exercise(
                "A unit's sums have the mean 6 and the spread 2. What does a sum of 10 become?",
                2,
                "(10 - 6) / 2",
                "(10 - 6) / 2 = 2.",
                0.001,
            ),
            "The same is done to marks of different tests, so that they can be compared.",
        ),
        Step(
            "Early stopping",
            _stopping,
            "The loss of the digits that it learns from falls and falls; that of digits held out falls first, "
            "then rises. Early stopping ends the training when it has not fallen for some measurements, its "
            "patience, and keeps the weights of the best.",
            Exercise(
                "Measured every 20 steps, the best is step 80, the patience is 3. At which step does it stop?",
                140,
                "80, and three more measurements.",
                "At 100, 120 and 140 it was no better: 80 + 3 x 20 = 140.",
            ),
            "Why not patience 1? A curve also rises by chance for a moment.",
        ),
    ),
)
