"""What one image teaches a network, against TensorFlow's GradientTape on 20 random networks; one by hand."""

from itertools import pairwise

import numpy as np
import pytest
import tensorflow as tf

from core.nn import learning
from core.nn.architectures import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D
from core.records import Network
from core.worker import models

CHOICES = ("relu", "sigmoid", "tanh", "linear")


def random_network(seed: int):
    """(Keras model, the same as a Network, image, label): perceptrons, and networks of a convolution."""
    rng = np.random.default_rng(seed)
    hidden = [Dense(int(rng.integers(2, 9)), str(rng.choice(CHOICES))) for _ in range(rng.integers(0, 3))]
    front = []
    if seed % 2:
        kernel, stride = int(rng.integers(2, 6)), int(rng.integers(1, 4))
        padding, activation = str(rng.choice(("same", "valid"))), str(rng.choice(CHOICES))
        front = [Conv2D(int(rng.integers(1, 4)), kernel, stride, padding, activation)]
        front += [[], [MaxPooling2D(2)], [AveragePooling2D(2)]][seed % 3]
    layers = (*front, Flatten(), *hidden, Dense(10, "softmax"))
    model = models.build(layers)
    weights = {
        name: rng.normal(scale=0.2, size=array.shape).astype(np.float32)
        for name, array in models.get_weights(model).items()
    }
    models.set_weights(model, weights)
    pixels = rng.uniform(size=(28, 28)) * (rng.uniform(size=(28, 28)) < 0.4)
    return (
        model,
        Network("by chance", layers, weights, b"", {}),
        pixels.astype(np.float32),
        int(rng.integers(10)),
    )


def by_tensorflow(model, pixels, label):
    """(loss, gradients by name of weights and of each layer's output)."""
    x = values = None
    with tf.GradientTape() as tape:
        x = tf.constant(pixels[None, ..., None])
        tape.watch(x)
        values = {"input": x}
        for layer in model.layers[:-1]:
            x = values[layer.name] = layer(x)
        last = model.layers[-1]
        logits = values[last.name] = tf.matmul(x, last.kernel.value) + last.bias.value
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits([label], logits)[0]
    named = {v.path.split("/", 1)[-1] if v.path.count("/") > 1 else v.path: v.value for v in model.variables}
    found = tape.gradient(loss, {**values, **named})
    return float(loss), {name: slope.numpy() for name, slope in found.items()}


def near(found, expected):
    """To six digits of the largest."""
    return np.abs(found - expected).max() <= 1e-5 * max(np.abs(expected).max(), 1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_gradients_and_their_sums_are_tensorflows(seed):
    model, network, pixels, label = random_network(seed)
    loss, expected = by_tensorflow(model, pixels, label)
    lesson = learning.begin(network, pixels, label)
    assert lesson.loss == pytest.approx(loss, rel=1e-5)
    for name, slope in lesson.gradients.items():
        assert near(slope, expected[name] if "/" in name else expected[name][0]), name
    rng = np.random.default_rng(seed)
    for name, array in network.weights.items():
        for _ in range(5):
            index = tuple(int(rng.integers(n)) for n in array.shape)
            total = sum(term.product for term in learning.of_weight(lesson, name, index))
            assert total == pytest.approx(lesson.gradients[name][index], rel=1e-9, abs=1e-15)
    names = list(lesson.values)
    for name, after in pairwise(names):
        if after not in lesson.errors:
            continue
        for _ in range(5):
            index = tuple(int(rng.integers(n)) for n in lesson.values[name].shape)
            total = sum(term.product for term in learning.of_value(lesson, name, index))
            assert total == pytest.approx(lesson.gradients[name][index], rel=1e-9, abs=1e-15)


def test_a_step_downhill_lowers_the_loss_as_its_slope_says():
    """By the squared length of the gradient times the rate, for a small one; the network before stays."""
    _, network, pixels, label = random_network(1)
    before = {name: array.copy() for name, array in network.weights.items()}
    lesson = learning.begin(network, pixels, label)
    slope = sum((lesson.gradients[name] ** 2).sum() for name in network.weights)
    after = learning.begin(learning.step(lesson, 1e-6), pixels, label)
    assert lesson.loss - after.loss == pytest.approx(1e-6 * slope, rel=1e-2)
    assert all(np.array_equal(network.weights[name], before[name]) for name in before)


def test_one_worked_by_hand():
    """Two inputs, two classes: p = softmax(0, ln 3) = (1/4, 3/4), and the true class is the first.

    input x   weight   error p - y   gradient x * (p - y)
    0.5       to 0     -3/4          -0.375
    0.5       to 1     +3/4          +0.375
    """
    weights = {
        "dense_1/kernel": np.zeros((2, 2), np.float32),
        "dense_1/bias": np.log([1, 3]).astype(np.float32),
    }
    network = Network("by hand", (Flatten(), Dense(2, "softmax")), weights, b"", {})
    lesson = learning.begin(network, np.array([[0.5, 0.0]]), 0)
    assert lesson.probabilities == pytest.approx([0.25, 0.75])
    assert lesson.loss == pytest.approx(np.log(4))
    assert lesson.gradients["dense_1/kernel"] == pytest.approx(np.array([[-0.375, 0.375], [0, 0]]))
    (term,) = learning.of_weight(lesson, "dense_1/kernel", (0, 1))
    assert (term.index, term.factor, term.error) == ((1,), 0.5, pytest.approx(0.75))
    changed = learning.step(lesson, 0.1)
    assert changed.weights["dense_1/bias"] == pytest.approx(weights["dense_1/bias"] - [-0.075, 0.075])


def test_what_has_no_sum_is_said():
    _, network, pixels, label = random_network(3)
    with pytest.raises(ValueError, match="The label is 10; accepted are 0 to 9"):
        learning.begin(network, pixels, 10)
    lesson = learning.begin(network, pixels, label)
    with pytest.raises(ValueError, match="flatten_1 is no layer with weights; accepted are conv2d_1"):
        learning.of_weight(lesson, "flatten_1/kernel", (0, 0))
