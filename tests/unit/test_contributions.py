"""What maps add to those of the next layer, against sums that are written out."""

import numpy as np
import pytest

from core.ink.preprocessing import from_strokes
from core.nn import architectures, backprop, contributions, unit_trace
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
from core.nn.contributions import Source
from core.records import Network
from tests import shapes

# number: its layer, and what feeds it
LAYERS = (
    Conv2D(4, 3, padding="same", activation="linear"),  # 0
    BatchNormalization(),  # 1
    Activation("tanh"),  # 2
    MaxPooling2D(2),  # 3
    Conv2D(5, 4, stride=2, padding="same", activation="sigmoid"),  # 4
    AveragePooling2D(7),  # 5: global
    Flatten(),  # 6
    Dropout(0.3),  # 7
    BatchNormalization(),  # 8
    Dense(12, "tanh"),  # 9
    Activation("linear"),  # 10
    Dense(11, "softmax"),  # 11
)
FED_BY = [-1, 0, 1, 2, 3, 4, 5, 5, 5, 8, 9, 9]


def network_of(layers, shape, seed=0) -> Network:
    """Random weights, of both signs."""
    random, before = np.random.default_rng(seed), shape
    weights = {}
    for name, layer in zip(architectures.names(layers), layers, strict=True):
        match layer:
            case Conv2D():
                weights[f"{name}/kernel"] = random.normal(
                    size=(layer.kernel,) * 2 + (before[-1], layer.filters)
                )
                weights[f"{name}/bias"] = random.normal(size=layer.filters)
            case Dense():
                weights[f"{name}/kernel"] = random.normal(size=(before[0], layer.units))
                weights[f"{name}/bias"] = random.normal(size=layer.units)
            case BatchNormalization():
                for key in ("gamma", "beta", "moving_mean", "moving_variance"):
                    weights[f"{name}/{key}"] = random.uniform(0.5, 2, before[-1])
        before = layer.output_shape(before)
    data = "cifar10" if shape[-1] == 3 else "mnist"
    return Network("random", layers, {k: w.astype(np.float32) for k, w in weights.items()}, b"", {}, data)


def activations_of(network: Network, pixels: np.ndarray) -> dict[str, np.ndarray]:
    values = backprop.forward(network, pixels[None].astype(np.float64))
    return {name: array[0] for name, array in values.items() if name != backprop.INPUT}


@pytest.fixture(scope="module", params=[(28, 28, 1), (32, 32, 3)], ids=["grey", "colour"])
def read(request):
    """A network, an image of random pixels, and what the layers make of it."""
    shape = request.param
    layers = LAYERS if shape[0] == 28 else (*LAYERS[:5], AveragePooling2D(8), *LAYERS[6:])
    network = network_of(layers, shape)
    pixels = np.random.default_rng(1).random(shape if shape[-1] > 1 else shape[:2])
    return network, pixels, activations_of(network, pixels)


def test_what_feeds_a_layer():
    found = [contributions.feeding(LAYERS, n) for n in range(len(LAYERS))]
    assert [source.layer for source in found] == FED_BY
    assert found[0] == Source(-1, 1)
    assert found[4] == Source(3, 4)
    assert found[9] == Source(8, 5)


def test_a_convolution_written_out(read):
    """Map 2 of the second convolution: each product of its largest number, by loops."""
    network, pixels, activations = read
    x, values = activations["maxpooling2d_1"], activations["conv2d_2"]
    kernel = network.weights["conv2d_2/kernel"]
    row, column = np.unravel_index(values[..., 2].argmax(), values.shape[:2])
    padding = 1  # 14 or 16 cells, windows of 4 that go on by 2: one before, one after
    expected = np.zeros(4)
    for y in range(4):
        for x_ in range(4):
            at = 2 * row - padding + y, 2 * column - padding + x_
            if 0 <= at[0] < x.shape[0] and 0 <= at[1] < x.shape[1]:
                for c in range(4):
                    expected[c] += x[at[0], at[1], c] * kernel[y, x_, c, 2]
    found = contributions.contributions(network, pixels, activations, 4, [0, 2])
    assert found.shape == (2, 4)
    assert found[1] == pytest.approx(expected, rel=1e-5)
    before = found[1].sum() + network.weights["conv2d_2/bias"][2]
    assert 1 / (1 + np.exp(-before)) == pytest.approx(values[row, column, 2], rel=1e-5)


def test_the_picture_is_one_map_also_in_colour(read):
    network, pixels, activations = read
    found = contributions.contributions(network, pixels, activations, 0, [3])
    bias = network.weights["conv2d_1/bias"][3]
    assert found.shape == (1, 1)
    assert found[0, 0] + bias == pytest.approx(activations["conv2d_1"][..., 3].max(), rel=1e-5)


def test_units_that_weigh_the_units_before(read):
    network, pixels, activations = read
    kernel = network.weights["dense_2/kernel"]
    found = contributions.contributions(network, pixels, activations, 11, [7, 0])
    assert found == pytest.approx((activations["dense_1"][:, None] * kernel[:, [7, 0]]).T, rel=1e-6)


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8])
def test_one_map_alone_feeds_what_goes_on_channel_by_channel(read, number):
    network, pixels, activations = read
    name = architectures.names(network.layers)[number]
    found = contributions.contributions(network, pixels, activations, number, [2])
    largest = activations[name][..., 2].max()
    assert np.flatnonzero(found).tolist() == [2]
    assert found[0, 2] == pytest.approx(largest)


def test_a_flattened_picture_counts_map_by_map(classifier):
    """The shipped network's hidden units: what the 80 maps add is what their 3,920 numbers add."""
    image = from_strokes(shapes.strokes(3))
    activations, layers = classifier.activations(image), classifier.network.layers
    number = next(n for n, layer in enumerate(layers) if isinstance(layer, Dense))
    assert contributions.feeding(layers, number) == Source(number - 3, 80)
    units = contributions.strongest(activations["dense_1"], 3)
    found = contributions.contributions(classifier.network, image.pixels, activations, number, units)
    for row, unit in zip(found, units, strict=True):
        explained = unit_trace.explain(classifier.network, image.pixels, activations, number, (unit,))
        terms = (explained.inputs * explained.weights).reshape(7, 7, 80)
        assert row == pytest.approx(terms.sum((0, 1)), abs=1e-6)
        assert row.sum() + explained.bias == pytest.approx(explained.before, abs=1e-5)


def test_what_is_no_number_neither_breaks_nor_leads():
    values = np.array([[[1.0, np.nan, -5.0]], [[1.0, 9.0, np.inf]]])
    assert contributions.strongest(values, 5) == [1, 2, 0]
    found = contributions.fractions(np.array([[np.nan, 1.0, -3.0], [np.inf, 0.0, 0.0]]))
    assert found.tolist() == [[0, 0.25, -0.75], [0, 0, 0]]
