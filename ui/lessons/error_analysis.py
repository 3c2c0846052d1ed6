"""Errors: which digits a network confuses, how confident it is of them, what happens to damaged ones, and to
those that are changed on purpose."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import streamlit as st
from scipy import ndimage

from core.analysis import adversarial
from core.data import datasets
from core.nn import metrics, ops
from core.nn.activations import softmax
from core.words import confidence, with_article
from ui.components import heat_grid
from ui.content.questions import Exercise
from ui.lessons import charts, material, small, ways
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys, selection
from ui.widgets import thumbnails

COUNT = 300


def _noisy(image: np.ndarray, amount: float) -> np.ndarray:
    noise = np.random.default_rng(int(1000 * image.sum())).normal(0, amount, image.shape)
    return (image + noise).clip(0, 1)


DAMAGES: dict[str, tuple[tuple[float, ...], Callable[[np.ndarray, float], np.ndarray]]] = {
    "turn, degrees": (
        (0, 15, 30, 45, 60, 75, 90),
        lambda image, by: ndimage.rotate(image, by, reshape=False, order=1).clip(0, 1),
    ),
    "shift, pixels": ((0, 1, 2, 3, 4, 5, 6), lambda image, by: ops.shifted(image, int(by))),
    "noise": ((0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8), _noisy),
    "thickness": (
        (0, 1, 2, 3, 4, 5),
        lambda image, by: ndimage.grey_dilation(image, (int(by) + 1,) * 2),
    ),
}


def _matrix() -> None:
    images, labels = small.others()
    guessed = small.logits(small.network(), images).argmax(1)
    counts = metrics.confusion_matrix(labels, guessed, 10).astype(float)
    np.fill_diagonal(counts, 0)
    row, column = np.unravel_index(int(counts.argmax()), counts.shape)
    place = heat_grid.heat_grid(
        counts,
        label="Mistakes: a row for each true digit, a column for what it was taken for",
        key=keys.lesson_field("wrong", "cell"),
        chosen=(int(row), int(column)),
        names="A {row} taken for a {column}",
        first=0,
    ) or (int(row), int(column))
    found = np.flatnonzero((labels == place[0]) & (guessed == place[1]))
    st.markdown(f"**{len(found)}** times a {place[0]} was taken for a {place[1]}.")
    if len(found) and place[0] != place[1]:
        st.html(thumbnails.strip([images[n] for n in found[:8]], columns=8))
    st.caption(
        f"{int(counts.sum())} mistakes in 1,000 test digits, of the small network. "
        "The first row and column are the 0's."
    )


def _sure() -> None:
    images, labels = small.others()
    chances = softmax(small.logits(small.network(), images))
    sure, right = chances.max(1), chances.argmax(1) == labels
    edges = np.linspace(0.3, 1, 8)
    names, claimed, true = [], [], []
    for low, high in pairwise(edges):
        inside = (sure > low) & (sure <= high)
        if inside.sum() >= 5:
            names.append(f"{low:.0%} to {high:.0%}")
            claimed.append(float(sure[inside].mean()))
            true.append(float(right[inside].mean()))
    figure = charts.bars(names, {"how sure it is": claimed, "how often it is right": true})
    charts.show(figure, "lesson-sure", "digits of which it is so sure", "", tickformat=".0%", range=[0, 1])


@st.cache_data(show_spinner=False)
def _shares(name: str, _network: object, label: str) -> list[float]:
    """The share read rightly at each amount of a damage. label: of the network, whose answer is kept."""
    data = datasets.mnist()
    images, labels = data.x_test[:COUNT] / 255, data.y_test[:COUNT]
    amounts, damage = DAMAGES[name]
    shares = []
    for amount in amounts:
        pixels = np.stack([damage(image, amount) for image in images]).astype(np.float32)
        shares.append(float((selection.first().outputs(pixels)[:, :10].argmax(1) == labels).mean()))
    return shares


def _damaged() -> None:
    name = st.segmented_control(
        "Damage",
        list(DAMAGES),
        default="turn, degrees",
        required=True,
        key=keys.lesson_field("wrong", "damage"),
    )
    name = name or "turn, degrees"
    amounts, damage = DAMAGES[name]
    classifier = selection.first()
    with st.spinner("Reading 300 damaged digits several times"):
        shares = _shares(name, classifier, classifier.network.name)
    image = datasets.mnist().x_test[0] / 255
    st.html(thumbnails.strip([damage(image, a) for a in amounts], len(amounts), [f"{a:g}" for a in amounts]))
    figure = charts.lines({"read rightly": (amounts, shares)}, marks=True)
    charts.show(figure, "lesson-damaged", name, "", 240, range=[0, 1.02], tickformat=".0%")
    st.caption(f"Of {COUNT} test digits, by {classifier.network.name}.")


def _on_purpose() -> None:
    digit, network = material.digit(), selection.first().network
    budget = st.slider(
        "At most so much per pixel, of 255", 0, 80, 45, 5, key=keys.lesson_field("wrong", "budget")
    )
    by_gradient = adversarial.attack(network, digit.pixels, budget=budget / 255).images[-1]
    signs = np.random.default_rng(0).choice((-1, 1), digit.pixels.shape)
    by_chance = (digit.pixels + signs * budget / 255).clip(0, 1).astype(np.float32)
    images = {"as it is": digit.pixels, "by chance": by_chance, "by its gradient": by_gradient}
    chances = softmax(selection.first().outputs(np.stack(list(images.values()))).astype(float))
    captions = [f"{name}: {_taken_for(p)}" for name, p in zip(images, chances, strict=True)]
    st.html(thumbnails.strip(list(images.values()), columns=3, captions=captions))
    st.caption(f"This is {digit.words}; the network is {network.name}.")


def _taken_for(chances: np.ndarray) -> str:
    best = int(chances.argmax())
    return f"{with_article(str(best)) if best < 10 else 'no digit'}, {confidence(float(chances[best]))} sure"


LESSON = Lesson(
    "wrong",
    "What it gets wrong",
    "Which mistakes, how sure it is of them, and what it never saw.",
    (
        Step(
            "Who is taken for whom",
            _matrix,
            "Each row is a true digit, each column what it was taken for; the right answers are left out. "
            "The mistakes are not "
            "spread evenly: 4 and 9, 3 and 5, 7 and 9 look alike to us, too. Click a cell to see its digits.",
            Choice(
                "What does a confusion matrix tell that the accuracy does not?",
                (
                    "Which digits are taken for which.",
                    "How many mistakes there are.",
                    "How long it has learnt.",
                ),
                0,
                "The accuracy is a single number.",
                "Two networks with the same accuracy may make quite different mistakes.",
            ),
            "Which of these mistakes would you have made yourself?",
            further=(ways.page("All mistakes of any network", "mistakes"),),
        ),
        Step(
            "How sure, how right",
            _sure,
            "If a network says 80%, it should be right in eight of ten cases. Where it is, it is called "
            "calibrated. Bars of the same "
            "height are what one wants; a network that is surer than right is overconfident.",
            Exercise(
                "Of 50 digits it is 90% sure. How many should be right?",
                45,
                "90% of 50",
                "0.9 x 50 = 45.",
            ),
            "Weather forecasts are judged in the same way.",
        ),
        Step(
            "What it never saw",
            _damaged,
            "Test digits look like those it has learnt from. Turned, moved, noisy or thick ones do not, "
            "and the accuracy falls, often "
            "while it stays sure. What it has not seen in training it cannot be trusted with.",
            Choice(
                "What would help it most with turned digits?",
                ("Turned digits in training.", "A longer training on the same digits.", "More test digits."),
                0,
                "Think of augmentation.",
                "It learns what it is shown.",
            ),
            "Which damage would a person hardly mind? Why does the network?",
        ),
        Step(
            "Wrong on purpose",
            _on_purpose,
            "In both changed pictures no pixel has moved by more than the budget: in the one up or down by "
            "chance, in the other to where the answer suffers most, which the gradient says, taken with the "
            "pixels in place of the weights. To us it is the same digit still, to the network it may be "
            "another: it is called adversarial.",
            Choice(
                "With the same budget per pixel, chance hardly harms. Why does the gradient?",
                (
                    "All pixels push in the one direction that harms most.",
                    "Its changes are larger altogether.",
                    "The network has seen noise before.",
                ),
                0,
                "Compare the two changed pictures, and what they are taken for.",
                "Hundreds of small steps that all agree add up; by chance they cancel each other.",
            ),
            "Where might somebody want to do this to a network, and what would follow?",
            further=(ways.page("Fool it step by step, and with the pen", "fool"),),
        ),
    ),
)
