"""Channels: an image in colour is three arrays, and the first kernels see all three."""

import numpy as np
import streamlit as st

from core.data import datasets
from core.models import classifiers
from core.nn.activations import softmax
from ui import say
from ui.components import heat_grid
from ui.content.questions import Exercise
from ui.lessons import charts
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys
from ui.widgets import class_bars, thumbnails

NETWORK = "cifar-small"
CHANNELS = ("red", "green", "blue")


def _image() -> np.ndarray:
    """float [32, 32, 3] of 0..1: a test image of CIFAR-10, or without them a red disc on green and blue."""
    number = st.slider("Test picture", 0, 99, 0, key=keys.lesson_field("colour", "picture"))
    try:
        return datasets.cifar10().x_test[number] / 255
    except datasets.NoData as error:
        say.caption(error)
        y, x = np.mgrid[:32, :32]
        disc = (y - 16) ** 2 + (x - 8 - number / 6) ** 2 < 60
        return np.where(disc[..., None], [0.85, 0.15, 0.1], np.stack([y * 0, 0.3 + y / 64, 0.9 - y / 64], -1))


def _three() -> None:
    image = _image()
    parts = [np.where(np.arange(3) == n, image, 0) for n in range(3)]
    st.html(thumbnails.strip([image, *parts], columns=4, captions=["together", *CHANNELS]))
    row = st.slider("Row", 1, 32, 16, key=keys.lesson_field("colour", "row"))
    figure = charts.lines({name: (range(1, 33), image[row - 1, :, n]) for n, name in enumerate(CHANNELS)})
    for line, colour in zip(figure.data, ("#e5484d", "#30a46c", "#4f7df3"), strict=True):
        line.line.color = colour
    charts.show(figure, "lesson-three", "column", "0 to 1", 240, range=[0, 1.02])


def _windows() -> None:
    network = classifiers.shipped(NETWORK).network
    name = next(key for key in network.weights if key.endswith("/kernel"))
    kernel = network.weights[name].astype(float)
    number = st.slider("Window", 1, kernel.shape[3], 1, key=keys.lesson_field("colour", "window")) - 1
    for side, channel, title in zip(st.columns(3), range(3), CHANNELS, strict=True):
        with side:
            st.markdown(f"**{title}**")
            heat_grid.heat_grid(
                kernel[:, :, channel, number],
                label=f"Window {number + 1}, {title}",
                key=keys.lesson_field("colour", f"window-{channel}"),
                side=180,
            )
    st.caption(
        f"The first layer of the network for images that comes with the app: {kernel.shape[3]} windows of "
        f"{kernel.shape[0]} x {kernel.shape[1]} x 3 numbers."
    )


def _answer() -> None:
    classifier = classifiers.shipped(NETWORK)
    image = _image()
    st.html(thumbnails.strip([image], columns=4, captions=["what it is shown"]))
    logits = classifier.outputs(image[None].astype(np.float32))[0].astype(float)
    class_bars.class_bars(datasets.KINDS["cifar10"].classes, softmax(logits))


LESSON = Lesson(
    "colour",
    "In colour",
    "Three tables in place of one, and why ten things are harder than ten digits.",
    (
        Step(
            "Three tables",
            _three,
            "A picture in colour is three tables: how much red, green and blue each pixel has. CIFAR-10's "
            "pictures are 32 x 32 x 3, and "
            "so small that even we find some of them hard.",
            Exercise(
                "How many numbers is one such picture?",
                3072,
                "32 x 32 x 3",
                "32 x 32 x 3 = 3,072, nearly four times as many as a digit's.",
            ),
            "Which colour would a frog's picture have most of?",
        ),
        Step(
            "A window with three layers",
            _windows,
            "A window of the first layer has a part for each colour and adds up what all three find. Some "
            "windows look for light and "
            "dark: their three parts are alike. Others look for a change of colour: theirs are opposite.",
            Exercise(
                "A window of 3 x 3 on a picture in colour, with a bias: how many numbers?",
                28,
                "3 x 3 x 3, and one more.",
                "27 + 1 = 28.",
            ),
            "Find one window for brightness and one for colour.",
        ),
        Step(
            "Ten things",
            _answer,
            "A cat may lie, sit or hide, in any colour: pictures of a class have much less in common than "
            "digits have. So networks for "
            "them are larger, learn longer, and still err on one of seven where digits are missed once in 500.",
            Choice(
                "Why are ten things harder than ten digits?",
                (
                    "Pictures of one class differ much more from each other.",
                    "There are more classes.",
                    "Colour makes the files larger.",
                ),
                0,
                "There are ten classes in both.",
                "Pose, background, light and colour all change, while the class stays.",
            ),
            "Cat or dog: what would you look at?",
        ),
    ),
)
