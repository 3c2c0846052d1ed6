"""Backpropagation against TensorFlow's, against finite differences, and one worked by hand."""

import numpy as np
import pytest
import tensorflow as tf

from core.ink.preprocessing import from_strokes
from core.models import classifiers
from core.models.registry import WITH_THE_APP
from core.nn import activations, architectures, backprop
from core.nn.architectures import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    PReLU,
)
from core.records import Network
from core.worker import export, models
from tests import shapes

END = (Flatten(), Dense(10, "softmax"))
NETWORKS = {
    "one layer": END,
    "all kinds": (
        Conv2D(3, 5, activation="linear"),
        BatchNormalization(),
        Activation("relu"),
        MaxPooling2D(2),
        Conv2D(4, 3, padding="same", activation="tanh"),
        AveragePooling2D(5),
        Dropout(0.5),
        Flatten(),
        Dense(7, "sigmoid"),
        *END[1:],
    ),
    "same, even kernel": (Conv2D(3, 4, padding="same"), MaxPooling2D(3), *END),
    "same, stride 3, even kernel": (Conv2D(3, 4, stride=3, padding="same"), *END),
    "same, stride wider than the kernel": (Conv2D(3, 2, stride=5, padding="same"), *END),
    "valid, stride 3": (Conv2D(3, 4, stride=3), Conv2D(2, 3, stride=2, activation="sigmoid"), *END),
    "pooling the picture": (MaxPooling2D(3), AveragePooling2D(2), *END),
    "normalised vectors": (Flatten(), Dense(6, "tanh"), BatchNormalization(), Activation("sigmoid"), *END[1:]),
    "softmax within": (Conv2D(3, 6, stride=4, activation="softmax"), Flatten(), Dense(5, "softmax"), *END[1:]),
    "other functions": (
        Conv2D(3, 5, activation="linear"),
        Activation("gelu"),
        PReLU("value"),
        Conv2D(3, 4, stride=2, activation="linear"),
        PReLU(),
        Activation("leaky_relu_0.3"),
        Flatten(),
        Dense(9, "linear"),
        Activation("silu"),
        Dense(8, "linear"),
        Activation("elu"),
        Dense(7, "linear"),
        Activation("leaky_relu"),
        PReLU(),
        *END[1:],
    ),
    "eleven outputs": (Conv2D(2, 3), Flatten(), Dense(11, "softmax")),
}


@pytest.fixture(params=NETWORKS.values(), ids=NETWORKS.keys())
def built(request):
    """A Keras model with weights by chance, statistics too, and the same as a Network."""
    rng, layers = np.random.default_rng(1), request.param
    model = models.build(layers)
    weights = {
        name: rng.uniform(0.5, 2, array.shape).astype(np.float32)
        if name.endswith(("variance", "gamma"))
        else (rng.normal(size=array.shape) * 0.3).astype(np.float32)
        for name, array in models.get_weights(model).items()
    }
    models.set_weights(model, weights)
    return model, Network("by chance", layers, weights, b"", {})


def pictures(count: int) -> np.ndarray:
    """Noise with ink and empty paper, where many values are equal."""
    rng = np.random.default_rng(2)
    return (rng.uniform(size=(count, 28, 28)) * (rng.uniform(size=(count, 28, 28)) < 0.5)).astype(np.float32)


def by_tensorflow(model, pixels, weighting):
    """Every layer's output and the gradients, by name, from GradientTape."""
    x = tf.constant(pixels[..., None])
    values = {"input": x}
    with tf.GradientTape() as tape:
        tape.watch(x)
        *inner, last = model.layers
        for layer in inner:
            x = values[layer.name] = layer(x)
            tape.watch(x)
        logits = values[last.name] = tf.matmul(x, last.kernel) + last.bias
        answer = tf.reduce_sum(logits * weighting)
    found = tape.gradient(answer, values)
    return {k: v.numpy() for k, v in values.items()}, {k: v.numpy() for k, v in found.items()}


def test_it_is_tensorflows(built):
    model, network = built
    pixels = pictures(3)
    weighting = np.random.default_rng(3).normal(size=(3, network.layers[-1].units)).astype(np.float32)
    values, expected = by_tensorflow(model, pixels, weighting)
    found = backprop.forward(network, pixels)
    assert list(found) == list(values) == ["input", *architectures.names(network.layers)]
    for name, array in backprop.backward(network, found, weighting).items():
        assert found[name] == pytest.approx(values[name], abs=2e-4, rel=1e-4)
        assert array.shape == expected[name].shape
        assert array == pytest.approx(expected[name], abs=2e-4, rel=1e-4)


def test_it_is_the_finite_difference(built):
    """(f(x + h) - f(x - h)) / 2h for 40 pixels of ink, in double precision."""
    _, network = built
    rng = np.random.default_rng(4)
    pixels = rng.uniform(0.1, 1, (1, 28, 28))
    weighting = rng.normal(size=network.layers[-1].units)
    slope = backprop.backward(network, backprop.forward(network, pixels), weighting)["input"][0, ..., 0]
    assert slope.dtype == np.float64
    places, h = rng.choice(784, 40, replace=False), 1e-6
    moved = np.repeat(pixels, 80, 0)
    for number, place in enumerate(places):
        moved[2 * number].flat[place] += h
        moved[2 * number + 1].flat[place] -= h
    *_, logits = backprop.forward(network, moved).values()
    answers = logits @ weighting
    assert slope.flat[places] == pytest.approx((answers[::2] - answers[1::2]) / (2 * h), abs=1e-6, rel=1e-5)


def test_worked_by_hand():
    """Dense(1) over relu(Dense(1)) of four pixels, the rest with weight 0.

    x = 0.5  1.0  0.0  0.2;  w = 2  -1  3  0, bias 0.5   ->  z = 1 - 1 + 0 + 0 + 0.5 = 0.5, relu 0.5
    the logit of class 0 is 4 relu(z), so its slope is 4 w = 8  -4  12  0; class 1 has -1 relu(z)
    """
    kernel = np.zeros((784, 1), np.float32)
    kernel[:4, 0] = 2, -1, 3, 0
    last = np.zeros((1, 10), np.float32)
    last[0, :2] = 4, -1
    weights = {
        "dense_1/kernel": kernel,
        "dense_1/bias": np.float32([0.5]),
        "dense_2/kernel": last,
        "dense_2/bias": np.zeros(10, np.float32),
    }
    network = Network("by hand", (Flatten(), Dense(1), Dense(10, "softmax")), weights, b"", {})
    pixels = np.zeros((1, 28, 28), np.float32)
    pixels.flat[:4] = 0.5, 1.0, 0.0, 0.2
    values = backprop.forward(network, pixels)
    assert values["dense_1"].item() == 0.5
    assert values["dense_2"][0, :3].tolist() == [2, -0.5, 0]
    for digit, expected in ((0, [8, -4, 12, 0]), (1, [-2, 1, -3, 0]), (2, [0, 0, 0, 0])):
        found = backprop.backward(network, values, np.eye(10)[digit])
        assert found["input"].flat[:4].tolist() == expected
    assert list(backprop.backward(network, values, np.eye(10)[0], down_to="dense_1")) == ["dense_2", "dense_1"]


@pytest.mark.parametrize("name", WITH_THE_APP.values())
def test_forward_is_what_litert_computes(name):
    classifier = classifiers.shipped(name)
    for digit in range(10):
        image = from_strokes(shapes.strokes(digit))
        values = backprop.forward(classifier.network, image.pixels[None])
        for layer, array in classifier.activations(image).items():
            assert values[layer][0] == pytest.approx(array, abs=1e-4, rel=1e-4)


def test_forward_is_what_litert_computes_of_every_kind(built):
    model, network = built
    classifier = classifiers.Classifier(
        Network(network.name, network.layers, network.weights, export.to_litert(model), {})
    )
    pixels = pictures(2)
    assert backprop.forward(network, pixels)[architectures.names(network.layers)[-1]] == pytest.approx(
        classifier.outputs(pixels), abs=2e-4, rel=1e-4
    )


def test_every_kind_of_layer_has_its_rule():
    assert set(backprop.RULES) == set(architectures.LAYERS.values())
    ours = set(architectures.FUNCTIONS) - {"leaky_relu"}  # which is made of its slope
    assert set(activations.ACTIVATIONS) == ours
    assert set(activations.SLOPES) | set(activations.SLOPES_OF_SUMS) == ours
