"""How much each map or unit adds to those of the next layer: which of them a signal comes from, and how strong.

A map is known by the largest of its numbers, which is the one whose sum is shown first. What the layer before
adds to that number, before its bias and its activation function:

- Conv2D: input map c adds the sum, over the window w behind that number, of input[w, c] * kernel[w, c].
- Dense: input i adds input[i] * kernel[i]; of an image that was flattened before it, map c adds the sum of
  this over all places of the map.
- Pooling, batch normalisation and functions have one input map each, which adds all that there is: the number.
- Add: the same map of each layer adds its number; of Average, their part of it; Concatenate's is one of theirs.

    >>> layers = (Flatten(), Dense(2, "softmax"))
    >>> feeding(layers, 1)                                   # the image, through Flatten
    Source(layer=-1, maps=1)

Called by `ui.components.signal_flow`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.nn import architectures, graph, unit_trace
from core.nn.architectures import Average, Concatenate, Conv2D, Dense, Layer, Shape
from core.nn.layers import JOINS
from core.nn.weights import of_layer
from core.records import Network


@dataclass(frozen=True)
class Source:
    """Where a layer's numbers come from: the nearest layer before it that makes numbers of its own.

    layer: its number from 0, -1 for the image. maps: how many maps or units it has; the image is one.
    """

    layer: int
    maps: int


def feeding(layers: Sequence[Layer], number: int, shape: Shape = architectures.MNIST_SHAPE) -> Source:
    """Return what layer `number` is fed by, through layers that only hand on (Flatten, Dropout).

    Of what joins several layers it is the first: see `all_feeding`.
    """
    return all_feeding(layers, number, shape)[0]


def all_feeding(layers: Sequence[Layer], number: int, shape: Shape = architectures.MNIST_SHAPE) -> list[Source]:
    """Return the same of each layer whose output layer `number` is given, in order."""
    read, described, found = graph.sources(layers), architectures.describe(layers, shape), []
    for first in read[number]:
        at = first
        while at >= 0 and unit_trace.is_copy(layers[at]):
            (at,) = read[at]
        found.append(Source(at, described[at][0][-1] if at >= 0 else 1))
    return found


def strongest(values: np.ndarray, count: int) -> list[int]:
    """float [height, width, maps] or [units] -> the maps with the largest sum of |numbers|, that one first.

    Of equals the earlier comes first; what is not a number counts as 0.

        >>> strongest(np.array([1.0, -3.0, 2.0]), 2)
        [1, 2]
    """
    sizes = np.abs(np.where(np.isfinite(values), values, 0)).reshape(-1, values.shape[-1]).sum(0)
    return [int(n) for n in np.argsort(-sizes, kind="stable")[:count]]


def contributions(
    network: Network, pixels: np.ndarray, activations: dict[str, np.ndarray], number: int, maps: Sequence[int]
) -> np.ndarray:
    """Return what each map or unit that feeds layer `number` adds to the largest number of each of `maps`.

    pixels: float32 [28, 28] or [32, 32, 3]. activations: as `Classifier.activations` returns them.
    Returns float64 [maps asked for, maps of `feeding`], of any sign.
    """
    names = architectures.names(network.layers)
    image = pixels.reshape(*pixels.shape[:2], -1)
    source = feeding(network.layers, number, image.shape)
    x, *_ = unit_trace.given_to(network.layers, number, pixels, activations)
    values, layer = activations[names[number]], network.layers[number]
    picked = np.asarray(maps, int)
    if isinstance(layer, Conv2D | Dense):
        kernel = of_layer(network.weights, names[number])["kernel"]
        added = (
            _of_windows(layer, x, values, kernel, picked) if values.ndim == 3 else _of_units(x, kernel, picked)
        )
        return _by_map(added, source)
    largest = values.reshape(-1, values.shape[-1])
    shown = np.where(np.isnan(largest), -np.inf, largest).max(0)[picked]
    found = np.zeros((len(picked), source.maps if source.layer >= 0 else image.shape[-1]))
    found[np.arange(len(picked)), picked % found.shape[1]] = shown
    return _by_map(found, source)


def of_each(
    network: Network, pixels: np.ndarray, activations: dict[str, np.ndarray], number: int, maps: Sequence[int]
) -> list[np.ndarray]:
    """The same for each layer whose output layer `number` is given, in the order of `all_feeding`."""
    layer = network.layers[number]
    if not isinstance(layer, JOINS):
        return [contributions(network, pixels, activations, number, maps)]
    given = unit_trace.given_to(network.layers, number, pixels, activations)
    values = activations[architectures.names(network.layers)[number]]
    flat, picked = values.reshape(-1, values.shape[-1]), np.asarray(maps, int)
    largest = np.where(np.isnan(flat), -np.inf, flat).argmax(0)[picked]
    found = [np.zeros((len(picked), one.shape[-1])) for one in given]
    for at, (place, m) in enumerate(zip(largest, picked, strict=True)):
        if isinstance(layer, Concatenate):
            which, channel = unit_trace.one_of(given, int(m))
            found[which][at, channel] = flat[place, m]
            continue
        for added, one in zip(found, given, strict=True):
            added[at, m] = one.reshape(flat.shape)[place, m] / (len(given) if isinstance(layer, Average) else 1)
    sources = all_feeding(network.layers, number, pixels.reshape(*pixels.shape[:2], -1).shape)
    return [_by_map(added, source) for added, source in zip(found, sources, strict=True)]


def _of_windows(
    layer: Conv2D | Dense, x: np.ndarray, values: np.ndarray, kernel: np.ndarray, maps: np.ndarray
) -> np.ndarray:
    """float64 [maps, channels of x]: each window's products, added up over the window."""
    found = np.empty((len(maps), x.shape[-1]))
    for at, m in enumerate(maps):
        channel = np.where(np.isnan(values[..., m]), -np.inf, values[..., m])
        row, column = divmod(int(np.argmax(channel)), channel.shape[1])
        window = unit_trace.window_of(layer, x, (row, column))
        found[at] = (window.astype(np.float64) * kernel[..., m]).sum((0, 1))
    return found


def _of_units(x: np.ndarray, kernel: np.ndarray, units: np.ndarray) -> np.ndarray:
    """float64 [units, inputs]: each input's product."""
    return (x.astype(np.float64)[:, None] * kernel[:, units]).T


def _by_map(added: np.ndarray, source: Source) -> np.ndarray:
    """float [n, inputs] -> [n, maps]: a flattened image's numbers lie with the channels last."""
    return added.reshape(len(added), -1, source.maps).sum(1)


def fractions(added: np.ndarray) -> np.ndarray:
    """float [n, maps] -> the same as fractions of each row's sum of absolute values, their signs kept.

    What is not a number is 0, and so is a row to which nothing was added.

        >>> fractions(np.array([[3.0, -1.0], [0.0, 0.0]]))
        array([[ 0.75, -0.25],
               [ 0.  ,  0.  ]])
    """
    numbers = np.where(np.isfinite(added), added, 0.0)
    sizes = np.abs(numbers).sum(1, keepdims=True)
    return numbers / np.where(sizes == 0, 1.0, sizes)
