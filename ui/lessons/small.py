"""The small network of the lessons: 784 inputs, 16 hidden units, ten answers, trained here and now in
NumPy."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from core.analysis import loss_plane
from core.data import datasets
from core.nn import backprop, descent, learning
from core.nn.architectures import Conv2D, Dense, Flatten
from core.nn.descent import Moment
from core.records import Network

HIDDEN = 16
DIGITS = 5000  # of the training set, that it learns from
STEPS = {"half": 25, "whole": 60}  # how long: neither has learnt all, so that there is something to learn
FIRST, LAST = "dense_1", "dense_2"  # its layers
WINDOW = Conv2D(4, 5, 2, "valid", "relu")  # of the one with a convolution


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return float64 [n, 28, 28] of 0..1, and int [n]."""
    data = datasets.mnist()
    return data.x_train[:DIGITS] / 255, data.y_train[:DIGITS].astype(int)


@cache
def training(method: str, rate: float, steps: int, seed: int = 1) -> tuple[Moment, ...]:
    """Return each moment of a training from the beginning; the same for the same setting."""
    network = descent.fresh((784, HIDDEN, 10), "relu", seed)
    images, labels = digits()
    return tuple(descent.descend(network, images, labels, method, rate=rate, batch=50, steps=steps, seed=seed))


def network(progress: str = "whole") -> Network:
    """Return the network that `training` makes by gradient descent. progress: a key of STEPS."""
    return training("plain", 0.2, STEPS[progress])[-1].network


@cache
def convolution() -> Network:
    """Return a network of four windows, Flatten and the ten answers, which is still learning; float64."""
    rng = np.random.default_rng(1)
    layers, weights = (WINDOW, Flatten(), Dense(10, "softmax")), {}
    for name, shape in (("conv2d_1", (5, 5, 1, 4)), ("dense_1", (12 * 12 * 4, 10))):
        reach = np.sqrt(6 / (np.prod(shape[:-1]) + shape[-1] * np.prod(shape[:-2])))  # as Keras begins
        weights[f"{name}/kernel"] = rng.uniform(-reach, reach, shape)
        weights[f"{name}/bias"] = np.zeros(shape[-1])
    network = Network("a small convolution", layers, weights, b"", {})
    images, labels = digits()
    for _ in range(30):
        chosen = rng.choice(len(images), 10, replace=False)
        taught = [learning.begin(network, images[n], int(labels[n])) for n in chosen]
        slopes = {name: np.mean([one.gradients[name] for one in taught], 0) for name in weights}
        weights = {name: array - 0.1 * slopes[name] for name, array in weights.items()}
        network = replace(network, weights=weights)
    return network


@cache
def trained(
    units: tuple[int, ...],
    activation: str,
    *,
    rate: float,
    batch: int,
    steps: int,
    count: int,
    every: int,
    seed: int = 1,
) -> tuple[Moment, ...]:
    """Return the moments of another network's training by plain descent, on the first `count` digits: its
    beginning, one after each `every` steps, its end.

    All of them would be 80 MB for 400 steps of 64 hidden units. units: as `descent.fresh` takes them.
    """
    moments = _descent(units, activation, rate, batch, steps, count, seed)
    return tuple(moment for moment in moments if moment.step % every == 0 or moment.step == steps)


@cache
def losses(
    units: tuple[int, ...], activation: str, *, rate: float, batch: int, steps: int, count: int, seed: int = 1
) -> tuple[float, ...]:
    """Return the loss of each step's batch in such a training, in nats."""
    return tuple(moment.loss for moment in _descent(units, activation, rate, batch, steps, count, seed))


def _descent(
    units: tuple[int, ...], activation: str, rate: float, batch: int, steps: int, count: int, seed: int
) -> Iterator[Moment]:
    """float32, in which a training takes half the time."""
    images, labels = _light_digits()
    network = descent.fresh(units, activation, seed)
    light = {name: array.astype(np.float32) for name, array in network.weights.items()}
    return descent.descend(
        replace(network, weights=light),
        images[:count],
        labels[:count],
        "plain",
        rate=rate,
        batch=min(batch, count),
        steps=steps,
        seed=seed,
    )


@cache
def _light_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return `digits` as float32."""
    images, labels = digits()
    return images.astype(np.float32), labels


@cache
def others(count: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Return test digits, which nobody has learnt from: float64 [n, 28, 28], int [n]."""
    data = datasets.mnist()
    return data.x_test[:count] / 255, data.y_test[:count].astype(int)


def logits(network: Network, images: np.ndarray) -> np.ndarray:
    """Return the ten numbers of each digit before the softmax, float64 [n, 10]."""
    *_, found = backprop.forward(network, images).values()
    return found


def accuracy(network: Network, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the accuracy, 0..1, in the network's precision. images: float64 [n, 28, 28]. labels: int [n]."""
    precision = next(iter(network.weights.values())).dtype
    return float((logits(network, images.astype(precision, copy=False)).argmax(1) == labels).mean())


def along(name: str, index: tuple[int, int], at: np.ndarray) -> np.ndarray:
    """Return the loss over 300 digits with this weight of the half-trained network at each of these
    values."""
    half, (images, labels) = network("half"), digits()
    one = {key: np.zeros_like(array) for key, array in half.weights.items()}
    one[name][index] = 1.0
    return loss_plane.line(half, one, images[:300], labels[:300], at - half.weights[name][index])
