"""The loss of a network on lines and planes through its weights: the landscape that learning walks in.

    >>> a, b = filter_normalised(network, seed=1), filter_normalised(network, seed=2)
    >>> plane(network, a, b, images, labels, np.linspace(-1, 1, 41), np.linspace(-1, 1, 41))  # float [41, 41]

Directions: at random, each unit's or filter's part as long as its weights are (Li, Xu, Taylor, Studer and
Goldstein, Visualizing the loss landscape of neural nets, 2018); or the two in which a training went farthest,
by its principal components (the same, section 7).

Called by `ui.lessons.small`, `ui.lessons.gradient_descent`, `ui.lessons.overfitting` and
`core.commands.show`.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from os import cpu_count
from pathlib import Path

import numpy as np

from core.analysis import works
from core.data import datasets
from core.nn import architectures, backprop, graph, weights
from core.nn.activations import ACTIVATIONS, softmax
from core.nn.architectures import Conv2D, Dense
from core.records import Network

Direction = dict[str, np.ndarray]  # for each weight, how far one step along it goes


def filter_normalised(network: Network, seed: int) -> Direction:
    """Return a direction by chance, each filter's or unit's part as long as its weights; biases stay."""
    rng, found = np.random.default_rng(seed), {}
    for name, array in network.weights.items():
        if not name.endswith("/kernel"):
            found[name] = np.zeros(array.shape)
            continue
        part = rng.normal(size=array.shape)
        axes = tuple(range(array.ndim - 1))  # the last counts the filters, or the units
        length = np.linalg.norm(array.reshape(-1, array.shape[-1]), axis=0)
        found[name] = part * length / np.maximum(np.sqrt((part**2).sum(axes)), 1e-12)
    return found


def of_path(path: Sequence[Network]) -> tuple[Direction, Direction, np.ndarray]:
    """Return the two directions in which a training went farthest from its end, each of length 1, and the path.

    path: the network at several moments, two at least, the last the one that the plane goes through. The third
    result is float [moments, 2]: how far along each direction each moment is; the last is (0, 0).
    """
    end = path[-1].weights
    flat = np.stack([np.concatenate([(n.weights[k] - end[k]).ravel() for k in end]) for n in path])
    _, _, axes = np.linalg.svd(flat, full_matrices=False)
    axes = axes[:2] if len(axes) > 1 else np.stack([axes[0], np.roll(axes[0], 1)])
    sizes = np.cumsum([array.size for array in end.values()])[:-1]
    first, second = (
        {name: part.reshape(end[name].shape) for name, part in zip(end, np.split(axis, sizes), strict=True)}
        for axis in axes
    )
    return first, second, flat @ axes.T


def moved(network: Network, steps: Sequence[tuple[float, Direction]]) -> Network:
    """Return the network with its weights moved so far along each direction."""
    there = {
        name: array + sum(far * direction[name] for far, direction in steps)
        for name, array in network.weights.items()
    }
    return replace(network, weights=there, litert=b"")


def loss(network: Network, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean cross-entropy, in nats. images: float [n, height, width(, 3)], 0..1. labels: int [n]."""
    return _mean_loss(backprop.forward(network, images), labels)


def _mean_loss(values: dict[str, np.ndarray], labels: np.ndarray) -> float:
    *_, logits = values.values()
    chosen = softmax(logits)[np.arange(len(labels)), labels]
    return -float(np.log(np.maximum(chosen, np.finfo(np.float32).tiny)).mean())


def line(
    network: Network, direction: Direction, images: np.ndarray, labels: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Return the loss at each place along a direction, float [places]."""
    return np.array([loss(moved(network, [(far, direction)]), images, labels) for far in at])


def plane(
    network: Network,
    across: Direction,
    up: Direction,
    images: np.ndarray,
    labels: np.ndarray,
    xs: np.ndarray,
    ys: np.ndarray,
    progress: Callable[[float], None] = lambda fraction: None,
) -> np.ndarray:
    """Return the loss at each place of the plane, float [ys, xs]. progress: is told 0..1, in this thread."""
    network, across, up = _small(network), _floats(across), _floats(up)
    inputs = images.astype(np.float32)
    # Where ways part before it, the first layer is no place to begin.
    first = _FirstLayer.of(network, across, up, inputs) if graph.is_chain(network.layers) else None

    def values(x: float, y: float) -> dict[str, np.ndarray]:
        there = moved(network, [(x, across), (y, up)])
        if first is None:
            return backprop.forward(there, inputs)
        return backprop.forward_from(there, first.name, first.outputs(x, y))

    def row(y: float) -> list[float]:
        return [_mean_loss(values(x, y), labels) for x in xs.astype(np.float32)]

    with ThreadPoolExecutor(cpu_count()) as threads:
        rows = []
        for done in threads.map(row, ys.astype(np.float32)):
            rows.append(done)
            progress(len(rows) / len(ys))
    return np.array(rows)


@dataclass(frozen=True)
class _FirstLayer:
    """The first layer with weights: its sums move in a straight line with them, so they are made only once.

    name: of it. sums: of the network's own weights and of either direction, float32 [n, ...].
    """

    name: str
    activation: str
    sums: tuple[np.ndarray, np.ndarray, np.ndarray]

    @classmethod
    def of(cls, network: Network, across: Direction, up: Direction, inputs: np.ndarray) -> "_FirstLayer":
        names = architectures.names(network.layers)
        place = next(n for n, layer in enumerate(network.layers) if isinstance(layer, Conv2D | Dense))
        name, layer = names[place], network.layers[place]
        assert isinstance(layer, Conv2D | Dense)
        x = inputs if inputs.ndim == 4 else inputs[..., None]
        for before, earlier in zip(names[:place], network.layers[:place], strict=True):
            x = backprop.RULES[type(earlier)].forward(earlier, weights.of_layer(network.weights, before), x)
        linear, rule = replace(layer, activation="linear"), backprop.RULES[type(layer)]
        base, first, second = (
            rule.forward(linear, weights.of_layer(arrays, name), x) for arrays in (network.weights, across, up)
        )
        is_last = place == len(names) - 1  # whose softmax is part of the loss
        return cls(name, "linear" if is_last else layer.activation, (base, first, second))

    def outputs(self, x: float, y: float) -> np.ndarray:
        base, first, second = self.sums
        return ACTIVATIONS[self.activation](base + x * first + y * second)


def _floats(direction: Direction) -> Direction:
    return {name: array.astype(np.float32) for name, array in direction.items()}


def _small(network: Network) -> Network:
    return replace(network, weights=_floats(network.weights))


# -- what comes with the app

SHIPPED = datasets.ASSETS / "loss-planes"
NETWORKS = ("digit-lab", "first-conv-best", "cifar-small")  # of which it comes with the app
PLACES, REACH, IMAGES = 41, 1.0, 64  # on each side; how far it goes; test images that are asked


@dataclass(frozen=True)
class Plane:
    """The loss around a network in two directions by chance. at: float32 [41], of either side, 0 in the middle.
    loss: float32 [41, 41], in nats, rows upwards.
    """

    at: np.ndarray
    loss: np.ndarray


def around(network: Network, seed: int, progress: Callable[[float], None] = lambda fraction: None) -> Plane:
    """Return the loss over 64 test images of its data set around a network.

    seed: of the two directions. Raises NoData.
    """
    images, labels = datasets.test_sample(network.data, IMAGES)
    at = np.linspace(-REACH, REACH, PLACES).astype(np.float32)
    across, up = filter_normalised(network, seed), filter_normalised(network, seed + 1)
    found = plane(network, across, up, images / 255, labels.astype(int), at, at, progress)
    return Plane(at, found.astype(np.float32))


def shipped(network: Network) -> Plane | None:
    """Return the plane of seed 0 that comes with the app, or None where this network has none."""
    path = SHIPPED / f"{works.fingerprint(network)}.npz"
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return Plane(arrays["at"], arrays["loss"])


def ship(network: Network, folder: Path = SHIPPED) -> Path:
    """Make the file of a network's plane. Raises NoData."""
    made = around(network, seed=0)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{works.fingerprint(network)}.npz"
    np.savez_compressed(path, at=made.at, loss=made.loss)
    return path
