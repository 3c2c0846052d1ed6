"""Gradient descent: the loss along one weight and on a plane through all of them, and three ways down."""

from functools import cache

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis import loss_plane
from core.data import datasets
from core.models import networks
from core.nn import descent
from core.words import decimal
from ui.components import plotly_chart, term_notes
from ui.content.glossary import note_in, notes_in
from ui.content.questions import Exercise
from ui.lessons import charts, small
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys

BLUE, ORANGE = "#5b60f0", "#dd6b20"
ON_LIGHT = "#11131c"  # words on the heights, which are light in both themes
# A weight of the last layer that matters: of a busy hidden unit, towards the digit that it speaks for.
REACH, POINTS = 4.0, 81
PLACES, MARGIN = 41, 0.35
RATES = {"plain": 0.5, "momentum": 0.05, "Adam": 0.01}
STEPS, SHOWN = 60, (0, 10, 20, 30, 40, 50, 60)


@cache
def _weight() -> tuple[int, int]:
    kernel = small.network("half").weights[f"{small.LAST}/kernel"]
    unit, digit = np.unravel_index(int(np.abs(kernel).argmax()), kernel.shape)
    return int(unit), int(digit)


@cache
def _curve() -> tuple[np.ndarray, np.ndarray]:
    """The values of that weight, and the loss with each."""
    at = np.linspace(-REACH, REACH, POINTS)
    return at, small.along(f"{small.LAST}/kernel", _weight(), at)


def _slope(weight: float) -> float:
    at, losses = _curve()
    return float(np.interp(weight, at, np.gradient(losses, at)))


def _loss(weight: float) -> float:
    at, losses = _curve()
    return float(np.interp(weight, at, losses))


def _hill(extra: list[go.Scatter]) -> None:
    at, losses = _curve()
    figure = go.Figure([go.Scatter(x=at, y=losses, mode="lines", line={"color": BLUE, "width": 3}), *extra])
    charts.framed(figure, "this weight", "loss over 300 digits", 320, showlegend=False)
    figure.update_xaxes(range=[-REACH, REACH])
    figure.update_yaxes(range=[0.95 * losses.min(), 0.05 + 1.02 * losses.max()])
    plotly_chart.chart(figure, key="lesson-hill")


def _one_weight() -> None:
    weight = st.slider(
        "This weight",
        -REACH,
        REACH,
        -2.0,
        0.1,
        key=keys.lesson_field("downhill", "weight"),
        format="%.1f",
        help=note_in("This weight"),
    )
    slope, loss = _slope(weight), _loss(weight)
    near = np.array([weight - 0.8, weight + 0.8])
    _hill(
        [
            go.Scatter(x=near, y=loss + slope * (near - weight), mode="lines", line={"color": ORANGE}),
            go.Scatter(x=[weight], y=[loss], mode="markers", marker={"size": 13, "color": ORANGE}),
        ]
    )
    unit, digit = _weight()
    term_notes.markdown(
        f"Weight from hidden unit {unit + 1} to the answer {digit}: loss **{loss:.4f}**, slope "
        f"**{decimal(slope, 4)}**."
    )


def _steps() -> None:
    rate = st.select_slider(
        "Learning rate",
        [0.3, 1, 3, 10, 30, 100, 300],
        3,
        key=keys.lesson_field("downhill", "rate"),
        help=note_in("Learning rate"),
    )
    places = [-3.0]
    for _ in range(12):
        places.append(float(np.clip(places[-1] - rate * _slope(places[-1]), -REACH, REACH)))
    losses = [_loss(place) for place in places]
    _hill(
        [
            go.Scatter(
                x=places,
                y=losses,
                mode="lines+markers",
                line={"color": ORANGE, "width": 1},
                marker={"size": 9, "color": ORANGE},
            )
        ]
    )
    term_notes.markdown(
        f"Twelve steps from {decimal(-3.0, 1)}: the loss goes from **{losses[0]:.4f}** to "
        f"**{losses[-1]:.4f}**. "
        f"The lowest there is on this line: {min(_curve()[1]):.4f}."
    )


@cache
def _plane(method: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(across, up, the loss there, the way of the training) in the plane in which it went farthest."""
    path = [moment.network for moment in small.training(method, RATES[method], STEPS)]
    first, second, way = loss_plane.of_path(path)
    images, labels = small.digits()
    across, up = (_places(way, side) for side in (0, 1))
    return across, up, loss_plane.plane(path[-1], first, second, images[:300], labels[:300], across, up), way


def _places(way: np.ndarray, side: int) -> np.ndarray:
    """Where the loss is measured along one side of the map: the way, and some room around it."""
    low, high = way[:, side].min(), way[:, side].max()
    room = MARGIN * max(high - low, 0.3 * float(np.ptp(way[:, 0])))
    return np.linspace(low - room, high + room, PLACES)


def _heights(across: np.ndarray, up: np.ndarray, loss: np.ndarray) -> go.Contour:
    """The loss over a plane, as a map. across: float [n], up: float [m], loss: float [m, n]."""
    return go.Contour(
        x=across,
        y=up,
        z=np.log10(loss),
        ncontours=24,
        colorscale="Purples",
        showscale=False,
        customdata=loss,
        hovertemplate="loss %{customdata:.3f}<extra></extra>",
    )


def _steps_of(way: np.ndarray) -> tuple[go.Scatter, go.Scatter]:
    """Each step of it, and its two ends. way: float [n, 2]."""
    steps = go.Scatter(
        x=way[:, 0],
        y=way[:, 1],
        mode="lines+markers",
        line={"color": ORANGE, "width": 2},
        marker={"size": 4, "color": ORANGE},
        hoverinfo="skip",
    )
    ends = go.Scatter(
        x=way[[0, -1], 0],
        y=way[[0, -1], 1],
        mode="markers+text",
        text=["start", "end"],
        textposition="top center",
        textfont={"size": 14, "color": ON_LIGHT},
        marker={"size": 11, "color": ORANGE},
        hoverinfo="skip",
    )
    return steps, ends


def _landscape() -> None:
    method = st.segmented_control(
        "How it goes",
        descent.METHODS,
        default="plain",
        required=True,
        key=keys.lesson_field("downhill", "method"),
        help=notes_in(*descent.METHODS),
        persist_state="session",
    )
    across, up, loss, way = _plane(method or "plain")
    figure = go.Figure([_heights(across, up, loss), *_steps_of(way)])
    charts.framed(
        figure, "the direction in which it went farthest", "and second farthest", 420, showlegend=False
    )
    plotly_chart.chart(figure, key="lesson-plane")
    term_notes.caption(
        f"Light is low. {STEPS} steps of {method} descent with a rate of {RATES[method or 'plain']}, "
        f"through all "
        f"{sum(array.size for array in small.network().weights.values()):,} weights at once."
    )


@st.cache_data(show_spinner=False)
def _other(name: str, seed: int) -> loss_plane.Plane:
    bar = st.progress(0.0, "1,681 networks are measured")

    def told(share: float) -> None:
        bar.progress(share, "1,681 networks are measured")

    made = loss_plane.around(networks.shipped(name), seed, told)
    bar.empty()
    return made


def _large() -> None:
    name = st.segmented_control(
        "Network",
        loss_plane.NETWORKS,
        default=loss_plane.NETWORKS[0],
        required=True,
        format_func=lambda name: networks.shipped(name).name,
        key=keys.lesson_field("downhill", "network"),
        help=notes_in(*(networks.shipped(name).name for name in loss_plane.NETWORKS)),
        persist_state="session",
    )
    network = networks.shipped(name or loss_plane.NETWORKS[0])
    seed = 0
    if name == "first-conv-best":  # the larger ones would take minutes
        seed = st.select_slider(
            "Directions by chance, number", range(10), 0, key=keys.lesson_field("downhill", "seed")
        )
    found = loss_plane.shipped(network) if seed == 0 else None
    found = found or _other(name or loss_plane.NETWORKS[0], 2 * seed)
    figure = go.Figure(_heights(found.at, found.at, found.loss))
    figure.add_scatter(x=[0], y=[0], mode="markers", marker={"size": 13, "color": ORANGE, "symbol": "star"})
    charts.framed(figure, "one direction by chance", "another", 420, showlegend=False)
    plotly_chart.chart(figure, key="lesson-large", buttons=False)
    count, noun = sum(a.size for a in network.weights.values()), datasets.KINDS[network.data].noun
    middle = len(found.at) // 2
    term_notes.caption(
        f"{count:,} numbers; the star is the network as it is, its loss over {loss_plane.IMAGES} test {noun} "
        f"{found.loss[middle, middle]:.4f}. At the edge every weight is moved by about its own size: "
        f"{found.loss.max():.1f}."
    )


def _three_ways() -> None:
    figure = go.Figure()
    for method, colour in zip(descent.METHODS, (BLUE, ORANGE, "#0e9384"), strict=True):
        moments = small.training(method, RATES[method], STEPS)
        figure.add_scatter(
            x=[m.step for m in moments],
            y=[m.loss for m in moments],
            mode="lines",
            name=f"{method}, rate {RATES[method]}",
            line={"color": colour, "width": 2},
        )
    legend = {"orientation": "h", "y": 1.12}
    charts.framed(figure, "step", "loss of the step's 50 digits", 340, legend=legend)
    plotly_chart.chart(figure, key="lesson-three-ways")


LESSON = Lesson(
    "downhill",
    "Going downhill",
    "Learning is walking down a landscape, and the slope says where to.",
    (
        Step(
            "One weight, one hill",
            _one_weight,
            "This is a real network that is still learning. Only one of its weights is moved, all others "
            "stay: the curve is "
            "its loss. The slope says which way is down, and how steep it is.",
            Choice(
                "The slope is negative here. What makes the loss smaller?",
                ("A larger weight.", "A smaller weight.", "It makes no difference."),
                0,
                "Move the slider to where the orange line falls to the right.",
                "Where the line falls to the right, going right is going down: always against the slope.",
            ),
            "Let the class call 'left' or 'right' with the curve covered, from the slope alone.",
        ),
        Step(
            "A step against the slope",
            _steps,
            "Each step is the slope times the learning rate, in the other direction: large where it is "
            "steep, small near the "
            "bottom. With a small rate it hardly gets on, with a huge one it leaps from side to side.",
            Exercise(
                "The weight is 0.50, the slope 2, the rate 0.1. Where does the step lead?",
                0.3,
                "0.50 - 0.1 x 2",
                "0.50 - 0.1 x 2 = 0.30.",
                0.0001,
            ),
            "Which rate gets lowest in twelve steps? Guess first.",
        ),
        Step(
            "All weights at once",
            _landscape,
            "All weights move together, so the landscape has thousands of directions. Here are the two in "
            "which this training "
            "went farthest, with its way through them. The map is the true loss of a real network.",
            Choice(
                "What do the two axes of the map stand for?",
                (
                    "Mixtures of all weights, along which the training moved most.",
                    "The two most important weights.",
                    "Time and loss.",
                ),
                0,
                "There are thousands of weights, and only two axes.",
                "Each axis moves all weights at once, each by its own share.",
            ),
            "Compare the ways of the three methods: which one swings round in a curve?",
        ),
        Step(
            "The valley of a large network",
            _large,
            "This is where the networks that come with the app ended up: in a valley. In each direction "
            "every filter is moved "
            "by as much as it is long, so that large and small weights count alike. Light is low.",
            Choice(
                "Why is each filter's step made as long as the filter itself?",
                (
                    "Or filters with small weights would be shaken far more than those with large ones.",
                    "So that the picture becomes prettier.",
                    "Because all filters are equally long.",
                ),
                0,
                "Think of a step of 1 for a weight of 0.01, and for one of 10.",
                "Only then can the widths of two networks' valleys be compared.",
            ),
            "Compare the valleys: which one is the widest?",
        ),
        Step(
            "Three ways down",
            _three_ways,
            "Momentum keeps nine tenths of its last step, like a ball that rolls. Adam gives each weight a "
            "step size of its own. "
            "All three follow the same slopes of the loss; they differ in what they make of them.",
            Choice(
                "Why does momentum get by with a rate ten times smaller?",
                (
                    "Steps in the same direction add up to about ten times their size.",
                    "It looks at ten times as many digits.",
                    "Its loss is ten times smaller.",
                ),
                0,
                "It keeps 0.9 of its speed: 1 + 0.9 + 0.81 + ...",
                "1 + 0.9 + 0.81 + ... = 10: on an even slope it ends up ten times as fast.",
            ),
            "The ball in a bowl: why may it overshoot?",
        ),
    ),
)
