"""Convolution: one kernel for all places, several channels added up, and receptive fields."""

from functools import cache

import numpy as np
import streamlit as st

from core.models import classifiers
from core.models.classifiers import Classifier
from core.nn import ops, unit_trace
from core.nn.architectures import Conv2D, Layer, MaxPooling2D
from core.records import DigitImage
from core.words import true_minus
from ui.components import heat_grid, term_notes
from ui.content.glossary import note_in
from ui.content.questions import Exercise
from ui.lessons import charts, material, ways
from ui.lessons.lesson import Choice, Lesson, Step
from ui.state import keys
from ui.widgets import thumbnails

NETWORK = "first-conv-best"
KERNELS = {
    "lines across": np.array([[-1.0, -1, -1], [2, 2, 2], [-1, -1, -1]]),
    "lines down": np.array([[-1.0, 2, -1], [-1, 2, -1], [-1, 2, -1]]),
    "blur": np.full((3, 3), 1 / 9),
    "edges": np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
}


def _one_window() -> None:
    name = st.segmented_control(
        "The window looks for",
        list(KERNELS),
        default="lines across",
        required=True,
        key=keys.lesson_field("windows", "kernel"),
    )
    digit = material.digit()
    found = ops.convolve(digit.pixels.astype(float), KERNELS[name or "lines across"], 1, "same")
    left, right = st.columns(2)
    with left:
        heat_grid.heat_grid(
            digit.pixels.astype(float),
            label=f"The ink of {digit.words}",
            key=keys.lesson_field("windows", "ink"),
        )
    with right:
        heat_grid.heat_grid(found, label="How well the window fits", key=keys.lesson_field("windows", "fits"))
    rows = "  \n".join(" ".join(f"{n:5.2f}" for n in row) for row in KERNELS[name or "lines across"])
    st.caption(f"The nine numbers of the window, row by row: {true_minus(rows)}")


def _shared() -> None:
    filters = st.slider("Windows", 1, 64, 10, key=keys.lesson_field("windows", "filters"))
    size = st.slider("Size of a window", 2, 7, 4, key=keys.lesson_field("windows", "size"))
    side = 28 - size + 1
    shared = filters * (size * size + 1)
    dense = (28 * 28 + 1) * side * side * filters
    left, right = st.columns(2)
    left.metric("numbers to learn: one window for all places", f"{shared:,}")
    right.metric(
        "a dense layer with as many outputs", f"{dense:,}", help=note_in("a dense layer with as many outputs")
    )
    term_notes.markdown(
        f"Both make {filters} maps of {side} x {side} numbers. The dense layer needs "
        f"**{dense / shared:,.0f} times** "
        "as many numbers."
    )


@cache
def _network() -> tuple[Classifier, str, str]:
    """The network, and the names of its second convolution and of the layer before."""
    classifier = classifiers.shipped(NETWORK)
    names = [name.removesuffix("/kernel") for name in classifier.network.weights if name.endswith("/kernel")]
    return classifier, names[1], "maxpooling2d_1"


def _channels() -> None:
    classifier, name, before = _network()
    kernel = classifier.network.weights[f"{name}/kernel"].astype(float)
    chosen = st.slider(
        "Map of the second layer", 1, kernel.shape[3], 1, key=keys.lesson_field("windows", "map")
    )
    maps = classifier.activations(DigitImage(material.digit().pixels, ()))[before].astype(float)
    size = len(kernel)
    sums = np.stack(
        [ops.convolve(maps[..., c], kernel[..., c, chosen - 1], 1, "valid") for c in range(maps.shape[2])], -1
    )
    total = sums.sum(-1) + float(classifier.network.weights[f"{name}/bias"][chosen - 1])
    start = np.unravel_index(int(total.argmax()), total.shape)
    left, right = st.columns([1, 1.4])
    with left:
        place = heat_grid.heat_grid(
            total,
            label="The sums of this map",
            key=keys.lesson_field("windows", "sum"),
            chosen=(int(start[0]), int(start[1])),
        ) or (int(start[0]), int(start[1]))
    parts = sums[place]
    with right:
        figure = charts.bars([str(n + 1) for n in range(len(parts))], {"its part of the sum": parts})
        charts.show(
            figure, "lesson-channels", f"the {len(parts)} maps of the layer before", "part of the sum", 260
        )
    bias = float(classifier.network.weights[f"{name}/bias"][chosen - 1])
    shown = true_minus(f"{parts.sum():.4f} + {bias:.4f} = **{total[place]:.4f}**")
    term_notes.markdown(
        f"{len(parts)} windows of {size} x {size}, one for each map; their sums, and the bias: {shown}".replace(
            "+ \N{MINUS SIGN}", "\N{MINUS SIGN} "
        )
    )


def _sight() -> None:
    depth = st.slider(
        "Convolutions of 3 x 3",
        1,
        4,
        2,
        key=keys.lesson_field("windows", "depth"),
        help=note_in("Convolutions of 3 x 3"),
    )
    pooled = st.toggle(
        "With pooling 2 x 2 after each",
        False,
        key=keys.lesson_field("windows", "pooled"),
        help=note_in("With pooling 2 x 2 after each"),
    )
    layers: list[Layer] = []
    for _ in range(depth):
        layers.append(Conv2D(8, 3, padding="same", activation="relu"))
        if pooled:
            layers.append(MaxPooling2D(2))
    field = unit_trace.receptive_fields(layers)[-1]
    assert field is not None
    middle = len(field.rows) // 2, len(field.columns) // 2
    rows, columns = field.rows[middle[0]], field.columns[middle[1]]
    digit = material.digit()
    seen = np.zeros_like(digit.pixels)
    seen[slice(*rows), slice(*columns)] = digit.pixels[slice(*rows), slice(*columns)]
    captions = ["the picture", "what one number in the middle sees"]
    st.html(thumbnails.strip([digit.pixels, seen], columns=2, captions=captions))
    st.metric("side of what it sees, in pixels", f"{min(field.size, 28)}")


LESSON = Lesson(
    "windows",
    "The sliding window",
    "A convolution looks for the same thing everywhere.",
    (
        Step(
            "One window, all places",
            _one_window,
            "A window of 3 x 3 numbers slides over the picture. At each place it multiplies and adds up: "
            "the more the ink looks "
            "like the window, the larger the sum. All the sums are a new picture, a feature map.",
            Choice(
                "A window finds lines across. Where is its map strongest?",
                ("Where the pen went from left to right.", "Where the pen went down.", "On the paper."),
                0,
                "Compare the ink and the map.",
                "There the row of twos lies on ink, and the rows of minus ones on paper.",
            ),
            "Which window tells a 7 from a 1?",
            further=(ways.image_kernel("Type a window of your own", "Sharpen"),),
        ),
        Step(
            "The same numbers everywhere",
            _shared,
            "The window's few numbers serve all places: that is called weight sharing. A dense layer would "
            "have to learn a weight "
            "for each pixel and each output, and would learn a line at the left without knowing it at the "
            "right.",
            Exercise(
                "Ten windows of 4 x 4, each with a bias: how many numbers are to be learnt?",
                170,
                "10 x (16 + 1)",
                "10 x (4 x 4 + 1) = 170, in place of 4.9 million.",
            ),
            "Estimate before reading: how many times more numbers does the dense layer need?",
        ),
        Step(
            "Many maps in, one sum out",
            _channels,
            "The second convolution sees all maps of the layer before. It has one window for each, and "
            "adds up what they find. "
            "Click a place: these bars are the parts of its sum, in a network that reads 99.3% of digits.",
            Exercise(
                "16 maps go in, the window is 4 x 4, 32 maps come out, each with a bias. How many numbers?",
                8224,
                "32 x (16 x 4 x 4 + 1)",
                "32 x (16 x 16 + 1) = 8,224.",
            ),
            "Some bars are negative: what does that map say against the feature?",
            further=(ways.look_inside("See it in a whole network"),),
        ),
        Step(
            "How far a number sees",
            _sight,
            "A number of the first map sees 3 x 3 pixels. One of the second sees 3 x 3 of those, so 5 x 5 "
            "pixels; with pooling "
            "in between it grows much faster. Early layers see strokes, late ones whole digits.",
            Exercise(
                "Two convolutions of 3 x 3, no pooling: how many pixels wide is what one number sees?",
                5,
                "3, and one more on each side.",
                "3 + 2 = 5; each further one adds 2.",
            ),
            "How many layers without pooling would it take to see all 28 pixels?",
        ),
    ),
)
