"""What every part of the app counts with: paddings, activations, one layer's weights, a confusion matrix."""

import doctest
import itertools
import math

import numpy as np
import pytest

from core import words
from core.nn import activations, architectures, metrics, padding, weights
from core.nn.architectures import Conv2D, Dense, Flatten, LayerError, MaxPooling2D
from core.nn.padding import output_size, paddings

SIZES = list(itertools.product((1, 2, 5, 7, 28), (1, 2, 3, 7), (1, 2, 3, 8)))  # of a side, a window, its stride


@pytest.mark.parametrize("module", [activations, metrics, padding, weights, words])
def test_examples_in_the_docstrings(module):
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted


@pytest.mark.parametrize(("size", "kernel", "stride"), SIZES)
def test_same_adds_just_what_every_stride_needs(size, kernel, stride):
    """Laid out window by window: one begins at each multiple of the stride, and the last one fits just so."""
    before, after = paddings(size, kernel, stride, "same")
    starts = range(0, size, stride)
    assert before + size + after == max(size, starts[-1] + kernel)
    assert after - before in (0, 1)  # an odd one goes after
    assert output_size(size, kernel, stride, "same")[0] == len(starts)
    assert Conv2D(3, kernel, stride, "same").output_shape((size, size, 1)) == (len(starts), len(starts), 3)


@pytest.mark.parametrize(("size", "kernel", "stride"), SIZES)
def test_layers_count_the_windows_that_lie_inside(size, kernel, stride):
    inside = [i for i in range(0, size, stride) if i + kernel <= size]
    layer = Conv2D(3, kernel, stride)
    if inside:
        assert layer.output_shape((size, size, 1)) == (len(inside), len(inside), 3)
    else:
        with pytest.raises(LayerError, match=f"a {kernel}x{kernel} kernel does not fit a {size}x{size} input"):
            layer.output_shape((size, size, 1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_sigmoid_neither_overflows_nor_loses_small_values(dtype):
    z = np.array([-80, -40, -3.5, 0, 0.25, 9, 2000], dtype)
    with np.errstate(all="raise"):
        found = activations.ACTIVATIONS["sigmoid"](z)
    assert found.dtype == dtype
    # math.exp of each, by hand: exp(z) / (1 + exp(z)) below 0, where exp(z) is small
    expected = [math.exp(v) / (1 + math.exp(v)) if v < 0 else 1 / (1 + math.exp(-v)) for v in z.tolist()]
    np.testing.assert_allclose(found, expected, rtol=1e-5 if dtype == np.float32 else 1e-14)


def test_every_activation_has_its_slope():
    """Against the difference of two close values."""
    known, of_sums = activations.ACTIVATIONS, activations.SLOPES_OF_SUMS
    assert set(known) == set(activations.SLOPES) | set(of_sums) == set(architectures.FUNCTIONS) - {"leaky_relu"}
    assert not set(activations.SLOPES) & set(of_sums)
    z, step = np.random.default_rng(0).normal(size=8), 1e-6
    for name, function in {**known, "leaky_relu_0.3": known["leaky_relu_0.3"]}.items():
        weighting = np.arange(8.0)
        if name in of_sums:
            found = of_sums[name](z, weighting)
        else:
            found = activations.SLOPES[name](function(z), weighting)
        for i, direction in enumerate(np.eye(8)):
            rise = weighting @ (function(z + step * direction) - function(z - step * direction)) / (2 * step)
            assert found[i] == pytest.approx(rise, abs=1e-7), name


def test_a_layers_weights_are_its_own():
    """dense_1 is no dense_10."""
    layers = (Flatten(), *(Dense(2) for _ in range(10)))
    every = {f"dense_{n}/{what}": np.full(1, n) for n in range(1, 11) for what in ("kernel", "bias")}
    rows = weights.by_layer(layers, every)
    assert [name for name, *_ in rows] == architectures.names(layers)
    assert rows[0][2] == {}
    for n, (_, _, own) in enumerate(rows[1:], 1):
        assert {key: array.item() for key, array in own.items()} == {"kernel": n, "bias": n}


def test_multiplications_of_all_layers_are_summed():
    """By hand: 26 x 26 places of 3 x 3 in 4 filters; pooling none; 13 * 13 * 4 numbers for each of 10."""
    layers = (Conv2D(4, 3), MaxPooling2D(2), Flatten(), Dense(10, "softmax"))
    assert architectures.multiply_adds(layers) == 26 * 26 * 3 * 3 * 4 + 13 * 13 * 4 * 10
    with pytest.raises(LayerError):
        architectures.multiply_adds((Dense(10),))


def test_a_confusion_matrix_counts_each_pair():
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(0, 7, 500).astype(np.uint8), rng.integers(0, 10, 500)
    expected = np.zeros((10, 10), int)
    np.add.at(expected, (labels, predicted), 1)
    np.testing.assert_array_equal(metrics.confusion_matrix(labels, predicted, 10), expected)
    assert metrics.confusion_matrix(labels[:0], predicted[:0], 3).tolist() == [[0] * 3] * 3
