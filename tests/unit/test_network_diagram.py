"""The image of a network, read as XML."""

import random
import re
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree

import pytest

from core.data.datasets import KINDS
from core.nn import architectures
from core.nn.architectures import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from core.training.recipes import RECIPES
from ui.figures import network_diagram

TWELVE = (
    Conv2D(32, 3, padding="same"),
    Conv2D(32, 3),
    MaxPooling2D(2),
    Dropout(0.25),
    Conv2D(64, 3, padding="same"),
    BatchNormalization(),
    BatchNormalization(),
    Activation("tanh"),
    AveragePooling2D(2),
    Flatten(),
    Dense(4096),
    Dense(10, "softmax"),
)
NETWORKS = {
    **{name: recipe.config.layers for name, recipe in RECIPES.items()},
    "twelve": TWELVE,
    "extremes": (Conv2D(512, 28, padding="same"), Conv2D(1, 1, 8), MaxPooling2D(4), Flatten(), Dense(1)),
    "does not fit": (Conv2D(16, 5), MaxPooling2D(8), Conv2D(8, 5), Flatten(), Dense(10, "softmax")),
    "empty": (),
}
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Drawn:
    """A layer's group: what is said when pointing at it, and the texts in it."""

    title: str
    texts: list[str]


def drawn(svg: str, name: str = "layer") -> list[Drawn]:
    groups = [g for g in ElementTree.fromstring(svg) if g.get("class") == name]
    return [Drawn(g.find(f"{SVG}title").text, [t.text for t in g.iter(f"{SVG}text")]) for g in groups]


def random_network(seed: int) -> list:
    """Twelve layers that fit each other."""
    rng, layers = random.Random(seed), []
    while len(layers) < 12:
        layer = rng.choice(
            [
                Conv2D(rng.choice([1, 8, 64, 512]), rng.randint(1, 7), rng.choice([1, 2]), "same"),
                MaxPooling2D(2),
                AveragePooling2D(3),
                BatchNormalization(),
                Activation("sigmoid"),
                Dropout(0.125),
                Flatten(),
                Dense(rng.choice([1, 10, 4096])),
            ]
        )
        if not any(architectures.problems([*layers, layer])):
            layers.append(layer)
    return layers


@pytest.mark.parametrize("layers", NETWORKS.values(), ids=NETWORKS)
def test_each_layer_has_a_group_with_its_shape_and_parameters(layers):
    reasons = architectures.problems(layers)
    fitting = layers[: next((i for i, reason in enumerate(reasons) if reason), len(layers))]
    rows = architectures.describe(fitting)
    groups = drawn(network_diagram.diagram(layers))
    assert len(groups) == len(fitting)
    for layer, (shape, count), group in zip(fitting, rows, groups, strict=True):
        size, parameters = "x".join(map(str, shape)), f"{count:,} parameters"
        assert group.title.startswith(f"{layer.kind}: ")
        assert group.title.endswith(f" -> {size}; {parameters}")
        if layer.kind in ("Dropout", "Activation", "BatchNormalization"):
            assert (parameters in group.texts) == (count > 0)
        else:
            assert group.texts[-2:] == [size, parameters]


def test_a_convolution_says_everything_when_pointed_at():
    """16 kernels of 5 x 5 numbers and one bias each: 16 * 26 = 416."""
    (group,) = drawn(network_diagram.diagram([Conv2D(16, 5, stride=2, padding="same", activation="linear")]))
    assert group.title == "Conv2D: 16 kernels of 5x5x1, stride 2, same; 28x28x1 -> 14x14x16; 416 parameters"
    assert group.texts == ["stride 2, same", "Conv2D 5x5", "14x14x16", "416 parameters"]


def test_it_says_what_it_is_to_who_cannot_see_it():
    root = ElementTree.fromstring(network_diagram.diagram(RECIPES["perceptron"].config.layers))
    assert root.get("role") == "img"
    assert root.get("aria-label") == (
        "From a picture of 28x28x1 to 10: Flatten, Dense 512, Dense 10. 407,050 parameters."
    )


def test_ten_outputs_at_the_end_are_ten_digits():
    output = drawn(network_diagram.diagram([Flatten(), Dense(10), Dense(10, "softmax")]))
    assert [str(digit) in output[2].texts for digit in range(10)] == [True] * 10
    assert "9" not in output[1].texts


def test_sizes_are_to_scale():
    """A 14x14 image is half as high as 28x28; twice the channels are one sheet more."""

    def fronts(layers):
        svg = ElementTree.fromstring(network_diagram.diagram(layers))
        return [float(g.find(f"{SVG}g/{SVG}rect").get("height")) for g in svg if g.get("class")]

    assert fronts([MaxPooling2D(2)]) == [84, 42]
    paths = [network_diagram.diagram([Conv2D(filters, 3)]).count("<path") for filters in (1, 2, 4, 64, 512)]
    assert [count - paths[0] for count in paths] == [0, 1, 2, 6, 9]


def test_what_does_not_fit_ends_the_picture_with_the_reason():
    svg = network_diagram.diagram(NETWORKS["does not fit"])
    assert len(drawn(svg)) == 2
    (box,) = drawn(svg, "problem")
    assert box.title == "Layer 3, Conv2D, does not fit: a 5x5 kernel does not fit a 3x3 input"
    assert " ".join(box.texts).endswith("a 5x5 kernel does not fit a 3x3 input")
    assert "Layer 3, Conv2D, does not fit" in ElementTree.fromstring(svg).get("aria-label")


@pytest.mark.parametrize(
    "text", ['<script>alert("1")</script>', "</title></svg>&\"'", "a\n\nb\x00\ud800", "x" * 5000]
)
@pytest.mark.parametrize("make", [Dense, lambda text: Dense(3, text), Dropout])
def test_hostile_text_is_text(text, make):
    svg = network_diagram.diagram([Flatten(), make(text), Dense(10, "softmax")])
    tags = {element.tag for element in ElementTree.fromstring(svg).iter()}
    assert tags == {SVG + tag for tag in ("svg", "g", "title", "rect", "path", "text")}
    assert "\n" not in svg  # a blank line would end HTML in Markdown
    svg.encode()


@pytest.mark.parametrize(
    "layers", [*NETWORKS.values(), *map(random_network, range(20))], ids=[*NETWORKS, *map(str, range(20))]
)
def test_no_text_covers_another_or_leaves_the_picture(layers):
    """By the width of an average letter, 0.55 of the font's size; a line is as high as its font."""
    root = ElementTree.fromstring(network_diagram.diagram(layers))
    left, top, width, height = map(float, root.get("viewBox").split())
    boxes = []

    def visit(element, shift):
        if found := re.match(r"translate\(([-\d.]+)", element.get("transform", "")):
            shift += float(found[1])
        if element.tag == f"{SVG}text":
            size, x, y = (float(element.get(key)) for key in ("font-size", "x", "y"))
            half = 0.55 * size * len(element.text) / 2
            boxes.append((shift + x - half, shift + x + half, y - 0.8 * size, y + 0.2 * size, element.text))
        for child in element:
            visit(child, shift)

    visit(root, 0.0)
    for one in boxes:
        assert left <= one[0] and one[1] <= left + width and top <= one[2] and one[3] <= top + height, one  # noqa: PT018
    for one, other in combinations(boxes, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart, (one, other)


def test_a_picture_in_colour_is_no_digit():
    layers = (Conv2D(8, 3), Flatten(), Dense(10, "softmax"))
    drawn = network_diagram.diagram(layers, (32, 32, 3), KINDS["cifar10"].classes)
    assert "Input: 32x32x3, from 0 (dark) to 1 (bright)" in drawn
    assert network_diagram.DIGIT not in drawn
    assert ">9</text>" not in drawn  # its ten classes are no digits
    assert ">airplane</text>" in drawn
    assert ">truck</text>" in drawn
    assert network_diagram.DIGIT in network_diagram.diagram(layers)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ("fashion-mnist", KINDS["fashion-mnist"].classes),
        ("emnist-letters", ("A", "\u22ee", "Z")),
        ("emnist-balanced", ("0", "\u22ee", "t")),
        ("emnist-digits", tuple("0123456789")),
        ("digit-lab", (*"0123456789", "not a digit")),
    ],
)
def test_the_last_layer_names_what_its_data_set_tells_apart(data, named):
    kind = KINDS[data]
    layers = [Flatten(), Dense(len(kind.classes), "softmax")]
    svg = network_diagram.diagram(layers, kind.shape, kind.classes, of_digits=kind.of_digits)
    *_, output = drawn(svg)
    assert [text for text in output.texts if text in named] == list(named)
    assert (network_diagram.DIGIT in svg) == kind.of_digits
    assert ("9" in output.texts) == ("9" in named)
