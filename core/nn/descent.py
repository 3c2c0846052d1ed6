"""Training a small network of Dense layers in NumPy, one step at a time, so that each can be looked at.

    >>> network = fresh((784, 32, 10), "relu", seed=1)
    >>> for moment in descend(network, images, labels, "plain", rate=0.5, batch=50, steps=100, seed=1):
    ...     moment.loss, moment.network                      # after each step; the first is before all

For the lessons, in the page's own process. What the app trains in earnest is trained by TensorFlow.

Called by `ui.lessons.activations`, `ui.lessons.gradient_descent`, `ui.lessons.overfitting` and
`ui.lessons.small`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from core.nn import backprop
from core.nn.activations import SLOPES, softmax
from core.nn.architectures import Dense, Flatten
from core.records import Network

METHODS = ("plain", "momentum", "Adam")
MOMENTUM = 0.9
ADAM = (0.9, 0.999, 1e-7)  # how much of the mean and of the mean square is kept, and what is added; as Keras


@dataclass(frozen=True)
class Moment:
    """network: as it is after so many steps. loss: its mean cross-entropy on the next step's batch, in nats."""

    step: int
    network: Network
    loss: float


def fresh(units: Sequence[int], activation: str, seed: int) -> Network:
    """Return a network that has learnt nothing, float64: Flatten, then Dense layers, the last with softmax.

    units: the number of inputs, of units of each hidden layer, and of classes. Kernels are drawn evenly between
    -r and r, r = sqrt(6 / (inputs + units)), biases are 0: Keras's own beginning. (Glorot and Bengio, 2010.)
    """
    rng, weights = np.random.default_rng(seed), {}
    hidden = [Dense(n, activation) for n in units[1:-1]]
    for place, (before, after) in enumerate(pairwise(units), 1):
        reach = np.sqrt(6 / (before + after))
        weights[f"dense_{place}/kernel"] = rng.uniform(-reach, reach, (before, after))
        weights[f"dense_{place}/bias"] = np.zeros(after)
    return Network("a small network", (Flatten(), *hidden, Dense(units[-1], "softmax")), weights, b"", {})


def gradients(network: Network, images: np.ndarray, labels: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
    """Return the mean cross-entropy of a batch, in nats, and how fast it rises with each weight.

    network: as `fresh` makes it. images: float [n, height, width], 0..1. labels: int [n].
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a rate far too large is somebody's experiment
        values = backprop.forward(network, images)
        *_, logits = values.values()
        probabilities = softmax(logits)
    at = np.arange(len(labels)), labels
    loss = -float(np.log(np.maximum(probabilities[at], np.finfo(float).tiny)).mean())
    error = probabilities
    error[at] -= 1
    error /= len(labels)
    names, found = list(values), {}
    layers = dict(zip(names[1:], network.layers, strict=True))
    for name in reversed([name for name in names if f"{name}/kernel" in network.weights]):
        x = values[names[names.index(name) - 1]]
        found[f"{name}/kernel"], found[f"{name}/bias"] = x.T @ error, error.sum(0)
        before = layers.get(names[names.index(name) - 1])
        if isinstance(before, Dense):
            error = SLOPES[before.activation](x, error @ network.weights[f"{name}/kernel"].T)
    return loss, found


def descend(
    network: Network,
    images: np.ndarray,
    labels: np.ndarray,
    method: str,
    *,
    rate: float,
    batch: int,
    steps: int,
    seed: int,
) -> Iterator[Moment]:
    """Yield the network before the first step and after each.

    method: of METHODS. 'plain': weight -= rate * gradient. 'momentum': with 0.9 of the last step's speed
    (Polyak, 1964). 'Adam': Kingma and Ba, 2015. rate: more than 0. batch: how many images, drawn by chance, a
    step looks at. A loss that is no number ends it.
    """
    rng = np.random.default_rng(seed)
    speed = {name: np.zeros_like(array) for name, array in network.weights.items()}
    squares = {name: np.zeros_like(array) for name, array in network.weights.items()}
    for step in range(1, steps + 1):
        chosen = rng.choice(len(images), batch, replace=False)
        loss, slopes = gradients(network, images[chosen], labels[chosen])
        yield Moment(step - 1, network, loss)
        if not np.isfinite(loss):
            return
        moves = {name: _move(method, slope, speed, squares, name, step) for name, slope in slopes.items()}
        weights = {name: array - rate * moves[name] for name, array in network.weights.items()}
        network = replace(network, weights=weights)
    yield Moment(steps, network, gradients(network, images[chosen], labels[chosen])[0])


def _move(
    method: str,
    slope: np.ndarray,
    speed: dict[str, np.ndarray],
    squares: dict[str, np.ndarray],
    name: str,
    step: int,
) -> np.ndarray:
    """Return by how much a weight moves, for a rate of 1; keep its speed and its mean square."""
    if method == "plain":
        return slope
    if method == "momentum":
        speed[name] = MOMENTUM * speed[name] + slope
        return speed[name]
    keep, keep_square, epsilon = ADAM
    speed[name] = keep * speed[name] + (1 - keep) * slope
    squares[name] = keep_square * squares[name] + (1 - keep_square) * slope**2
    mean, square = speed[name] / (1 - keep**step), squares[name] / (1 - keep_square**step)
    return mean / (np.sqrt(square) + epsilon)
