"""The loss of a network on lines and planes through its weights: the landscape that learning walks in.

    >>> a, b = filter_normalised(network, seed=1), filter_normalised(network, seed=2)
    >>> plane(network, a, b, images, labels, np.linspace(-1, 1, 41), np.linspace(-1, 1, 41))  # float [41, 41]

Directions: at random, each unit's or filter's part as long as its weights are (Li, Xu, Taylor, Studer and
Goldstein, Visualizing the loss landscape of neural nets, 2018); or the two in which a training went farthest,
by its principal components (the same, section 7).

Called by `ui.lessons.small` and `ui.lessons.downhill`.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from os import cpu_count

import numpy as np

from core.nn import backprop
from core.nn.activations import softmax
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
    weights = {
        name: array + sum(far * direction[name] for far, direction in steps)
        for name, array in network.weights.items()
    }
    return replace(network, weights=weights, litert=b"")


def loss(network: Network, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean cross-entropy, in nats. images: float [n, height, width(, 3)], 0..1. labels: int [n]."""
    *_, logits = backprop.forward(network, images).values()
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
    progress: Callable[[float], None] = lambda share: None,
) -> np.ndarray:
    """Return the loss at each place of the plane, float [ys, xs]. progress: is told 0..1, in this thread."""
    pictures = images.astype(np.float32)
    network, across, up = (
        _small(network),
        *({k: a.astype(np.float32) for k, a in d.items()} for d in (across, up)),
    )

    def row(y: float) -> list[float]:
        return [loss(moved(network, [(x, across), (y, up)]), pictures, labels) for x in xs.astype(np.float32)]

    with ThreadPoolExecutor(cpu_count()) as threads:
        rows = []
        for done in threads.map(row, ys.astype(np.float32)):
            rows.append(done)
            progress(len(rows) / len(ys))
    return np.array(rows)


def _small(network: Network) -> Network:
    return replace(network, weights={name: array.astype(np.float32) for name, array in network.weights.items()})
