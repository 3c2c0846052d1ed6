"""Steps downhill, against gradients that are taken apart elsewhere and against the methods written by hand."""

import numpy as np
import pytest

from core.data import datasets
from core.nn import descent, learning
from core.nn.descent import descend, fresh, gradients


@pytest.fixture(scope="module")
def digits():
    data = datasets.mnist()
    return data.x_train[:300] / 255, data.y_train[:300].astype(int)


@pytest.mark.parametrize(("units", "activation"), [((784, 10), "relu"), ((784, 6, 5, 10), "sigmoid")])
def test_a_batchs_gradient_is_the_mean_of_its_pictures(digits, units, activation):
    network, (images, labels) = fresh(units, activation, seed=3), digits
    loss, found = gradients(network, images[:5], labels[:5])
    each = [learning.begin(network, image, label) for image, label in zip(images[:5], labels[:5], strict=True)]
    assert loss == pytest.approx(np.mean([one.loss for one in each]))
    assert set(found) == set(network.weights)
    for name, slope in found.items():
        np.testing.assert_allclose(slope, np.mean([one.gradients[name] for one in each], 0), atol=1e-12)


def test_a_fresh_network_guesses():
    network = fresh((784, 32, 10), "relu", seed=1)
    assert gradients(network, np.zeros((4, 28, 28)), np.arange(4))[0] == pytest.approx(np.log(10))
    kernel = network.weights["dense_1/kernel"]
    assert kernel.shape == (784, 32)
    assert np.abs(kernel).max() <= np.sqrt(6 / 816) < 1.01 * np.abs(kernel).max()


@pytest.mark.parametrize("method", descent.METHODS)
def test_the_second_step_by_hand(digits, method):
    """With the whole set as the batch, so that chance has no say."""
    images, labels = (part[:20] for part in digits)
    options = {"rate": 0.01, "batch": 20, "steps": 2, "seed": 1}
    first, second, third = descend(fresh((784, 10), "relu", 1), images, labels, method, **options)
    name = "dense_1/kernel"
    a, b = (gradients(m.network, images, labels)[1][name] for m in (first, second))
    corrected = (0.9 * 0.1 * a + 0.1 * b) / (1 - 0.81)
    spread = np.sqrt((0.999 * 0.001 * a**2 + 0.001 * b**2) / (1 - 0.999**2))
    expected = {"plain": b, "momentum": 0.9 * a + b, "Adam": corrected / (spread + 1e-7)}[method]
    moved = second.network.weights[name] - third.network.weights[name]
    np.testing.assert_allclose(moved, 0.01 * expected, atol=1e-12)
    assert [m.step for m in (first, second, third)] == [0, 1, 2]
    assert first.loss > second.loss > third.loss


def test_a_rate_far_too_large_ends_where_there_is_no_number_any_more(digits):
    moments = list(
        descend(fresh((784, 8, 10), "relu", 1), *digits, "plain", rate=1e200, batch=10, steps=50, seed=1)
    )
    assert len(moments) < 50
    assert np.isfinite(moments[0].loss)
