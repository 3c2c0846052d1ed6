"""Damage to networks and to images: what it says it does, and what is left then."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis import breaking, distortions
from core.analysis.distortions import DISTORTIONS
from core.data import datasets
from core.models import networks, patching
from core.models.patching import Changed
from core.nn import backprop, damage
from core.nn.architectures import BatchNormalization, Conv2D, Dense, Flatten
from core.nn.damage import NONE, Damage
from tests.networks import by_chance

LAYERS = (Conv2D(4, 3, activation="sigmoid"), Conv2D(3, 5), Flatten(), Dense(8), Dense(10, "softmax"))


@pytest.fixture(scope="module")
def network():
    return by_chance(*LAYERS)


def values(network, pixels):
    return backprop.forward(network, pixels)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.random.default_rng(0).random((2, 28, 28)).astype(np.float32)


def test_no_damage_changes_nothing(network):
    changed = damage.apply(network, NONE)
    assert changed.weights.keys() == network.weights.keys()
    assert all(np.array_equal(changed.weights[key], network.weights[key]) for key in network.weights)


def test_the_smallest_weights_go_first_and_no_bias(network):
    changed = damage.apply(network, Damage(prune=0.9))
    assert damage.zeros(changed) == pytest.approx(0.9, abs=1e-3)
    kernels = [key for key in network.weights if key.endswith("kernel")]
    kept = np.concatenate([np.abs(network.weights[key][changed.weights[key] != 0]) for key in kernels])
    gone = np.concatenate([np.abs(network.weights[key][changed.weights[key] == 0]) for key in kernels])
    assert gone.max() <= kept.min()
    assert np.array_equal(changed.weights["dense_1/bias"], network.weights["dense_1/bias"])


@pytest.mark.parametrize(("bits", "most"), [(8, 255), (4, 15), (2, 3)])
def test_bits_leave_so_many_values(network, bits, most):
    kernel = damage.apply(network, Damage(bits=bits)).weights["dense_1/kernel"]
    assert max(len(np.unique(kernel[:, unit])) for unit in range(8)) <= most
    step = np.abs(network.weights["dense_1/kernel"]).max(0) / (2 ** (bits - 1) - 1)
    assert (np.abs(kernel - network.weights["dense_1/kernel"]) <= step / 2 + 1e-6).all()


def test_noise_is_as_large_as_said_and_the_seeds(network):
    one, same, other = (
        damage.apply(network, Damage(noise=0.5, seed=seed)).weights["conv2d_2/kernel"] for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    kernel = network.weights["conv2d_2/kernel"]
    assert (one - kernel).std() == pytest.approx(0.5 * kernel.std(), rel=0.15)


def test_what_is_off_gives_nothing(network, pixels):
    off = (("conv2d_1", (1, 3)), ("conv2d_2", (0,)), ("dense_1", tuple(range(8))))
    found = values(damage.apply(network, Damage(off=off)), pixels)
    assert np.abs(found["conv2d_1"][..., [1, 3]]).max() < 1e-12
    assert found["conv2d_1"][..., 0].min() > 0
    assert found["conv2d_2"][..., 0].max() == 0
    assert found["dense_1"].max() == 0
    np.testing.assert_allclose(found["dense_2"][0], network.weights["dense_2/bias"], rtol=1e-6)
    assert damage.can_be_off(network) == {"conv2d_1": 4, "conv2d_2": 3, "dense_1": 8}


def test_a_temperature_divides_the_logits_and_a_kernel_is_written_anew(network, pixels):
    before, after = (
        values(one, pixels)["dense_2"] for one in (network, damage.apply(network, Damage(temperature=4.0)))
    )
    np.testing.assert_allclose(after, before / 4, rtol=1e-4, atol=1e-6)
    rows = tuple(tuple(float(3 * i + j) for j in range(3)) for i in range(3))
    edited = damage.apply(network, Damage(kernels=(("conv2d_1", 0, 2, rows),))).weights["conv2d_1/kernel"]
    np.testing.assert_array_equal(edited[:, :, 0, 2], rows)
    np.testing.assert_array_equal(edited[..., [0, 1, 3]], network.weights["conv2d_1/kernel"][..., [0, 1, 3]])


# -- without TensorFlow


@pytest.mark.parametrize("name", ["digit-lab", "first-conv-best", "cifar-small"])
def test_weights_are_put_into_litert_bytes(name):
    network = networks.shipped(name)
    changed = damage.apply(network, Damage(prune=0.4, noise=0.1, temperature=2.0))
    assert patching.patched(network, changed) is not None
    x = np.random.default_rng(0).random((3, *datasets.shape_of(network))).astype(np.float32)
    litert = Changed(network, changed).outputs(x)
    np.testing.assert_allclose(litert, list(values(changed, x).values())[-1], atol=1e-4)
    assert patching.patched(network, network) == network.litert


def test_where_they_are_not_found_numpy_reads(pixels):
    network = by_chance(Flatten(), BatchNormalization(), Dense(10, "softmax"))
    changed = damage.apply(network, Damage(prune=0.5))
    assert patching.patched(network, changed) is None
    np.testing.assert_allclose(
        Changed(network, changed).outputs(pixels), list(values(changed, pixels).values())[-1], rtol=1e-5
    )


# -- the images


@pytest.mark.parametrize("name", [*DISTORTIONS])
@pytest.mark.parametrize("shape", [(2, 28, 28), (2, 32, 32, 3)])
def test_each_distortion_stays_an_image_and_its_neutral_amount_changes_nothing(name, shape):
    x = np.random.default_rng(1).random(shape).astype(np.float32)
    kind = DISTORTIONS[name]
    np.testing.assert_array_equal(distortions.distorted(x, name, kind.neutral), x)
    for amount in (kind.low, kind.high):
        changed = distortions.distorted(x, name, amount)
        assert (changed.dtype, changed.shape) == (np.float32, shape)
        assert 0 <= changed.min() <= changed.max() <= 1
        if amount != kind.neutral:
            assert not np.array_equal(changed, x)
    every = distortions.amounts(name)
    assert kind.neutral in every
    assert (every[0], every[-1]) == (kind.low, kind.high)


def test_a_bar_turns_shifts_grows_and_gets_thicker():
    bar = np.zeros((1, 29, 29), np.float32)
    bar[0, 5:24, 14] = 1  # upright, 19 long, in the middle
    turned = distortions.distorted(bar, "Turn", 90)
    assert turned[0, 14, 6:23].min() > 0.99
    assert turned[0, 5:12, 14].max() < 0.01
    bar[0, 5, 15:20] = 1  # a flag at its top, to the right: clockwise it comes to the right, and hangs down
    flagged = distortions.distorted(bar, "Turn", 90)
    assert flagged[0, 15:19, 23].min() > 0.99
    bar[0, 5, 15:20] = 0
    np.testing.assert_array_equal(distortions.distorted(bar, "Shift", 3)[0, :, 17], bar[0, :, 14])
    assert distortions.distorted(bar, "Scale", 0.5)[0].any(1).sum() == pytest.approx(10, abs=1)
    assert distortions.distorted(bar, "Thicken", 1)[0, 10].tolist().count(1) == 3
    assert distortions.distorted(bar, "Thicken", 0.5)[0, 10, 13] == pytest.approx(0.5)
    assert distortions.distorted(bar, "Thin", 1).max() == 0
    assert distortions.distorted(bar, "Invert", 1)[0, 10, 14] == 0
    assert distortions.distorted(bar, "Cover", 1).max() == 0


# -- what is left


def test_curves_begin_with_the_whole_and_fall(tutorials_classifier):
    for what in breaking.CURVES:
        points = breaking.network_curve(tutorials_classifier, what)
        assert points[0][1] > 0.97
        assert points[-1][1] < 0.7
    along = dict(breaking.drawing_curve(tutorials_classifier, "Turn"))
    assert along[0.0] > 0.97
    assert along[90.0] < 0.5


def test_no_number_is_no_right_answer():
    outputs = np.array([[np.nan] * 10, [1.0] + [0.0] * 9])
    assert breaking.accuracy(outputs, np.array([0, 0])) == 0.5
    assert replace(NONE, prune=0.1) != NONE
