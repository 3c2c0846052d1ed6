"""Forward and backward through a network in NumPy: what each value does to the answer.

    >>> values = forward(network, pixels)                    # pixels: float32 [n, 28, 28]
    >>> list(values)                                         # an image, and what each layer makes of it
    ['input', 'conv2d_1', 'maxpooling2d_1', 'flatten_1', 'dense_1']
    >>> backward(network, values, np.eye(10)[7])["input"]    # how fast the logit of 7 rises with each pixel

Backpropagation is the chain rule, walked from the answer to the image: each layer is told how fast the
answer rises with each of its outputs, and tells the layer before it. (Rumelhart, Hinton and Williams,
Learning representations by back-propagating errors, 1986.)
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from core.nn import graph, weights
from core.nn.activations import ACTIVATIONS, SLOPES, SLOPES_OF_SUMS
from core.nn.architectures import (
    Activation,
    Add,
    Average,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
    PReLU,
)
from core.nn.batchnorm_folding import EPSILON
from core.nn.padding import paddings
from core.nn.weights import Weights
from core.records import Network

INPUT = "input"


def forward(network: Network, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the input, [n, height, width, channels], and each layer's output by name; the last are the logits.

    pixels: float [n, 28, 28], 0 = paper, 1 = ink, or [n, height, width, 3], red, green and blue, 0..1. All is
    computed in their precision.
    """
    return forward_from(network, INPUT, pixels if pixels.ndim == 4 else pixels[..., None])


def forward_from(network: Network, name: str, x: np.ndarray) -> dict[str, np.ndarray]:
    """The same from a layer on. name: of it, or 'input'. x: float [n, ...], its output.

    Raises KeyError where a later layer reads one that lies before it.
    """
    values = {name: x}
    chain, read = _chain(network, x.dtype), graph.sources(network.layers)
    names = [INPUT, *(n for n, _, _ in chain)]
    for place in range(names.index(name), len(chain)):
        after, layer, layer_weights = chain[place]
        given = [values[names[at + 1]] for at in read[place]]
        values[after] = RULES[type(layer)].forward(layer, layer_weights, *given)
    return values


def backward(
    network: Network,
    values: dict[str, np.ndarray],
    weighting: np.ndarray,
    down_to: str = INPUT,
    begin: str = "",
) -> dict[str, np.ndarray]:
    """Return how fast `weighting @ logits` rises with the input and with each layer's output, by name.

    values: as `forward` gave them. weighting: float [outputs], or [n, outputs] for one per image; 1 for
    one logit and 0 for the others asks of that logit alone. down_to: the layer at which to stop. begin: another
    layer than the last, whose output is weighted in place of the logits.
    """
    names = list(values)
    begin = begin or names[-1]
    output = values[begin]
    chain, read = _chain(network, output.dtype), graph.sources(network.layers)
    gradients = {begin: np.broadcast_to(weighting, output.shape).astype(output.dtype)}
    for position in reversed(range(names.index(begin))):
        name, layer, layer_weights = chain[position]
        if name == down_to:
            break
        if name not in gradients:  # on another way than that to `begin`
            continue
        given = [names[at + 1] for at in read[position]]
        x = [values[one] for one in given]
        slopes = RULES[type(layer)].backward(
            layer, layer_weights, x if len(x) > 1 else x[0], values[name], gradients[name]
        )
        for one, slope in zip(given, slopes if len(x) > 1 else [slopes], strict=True):
            gradients[one] = gradients[one] + slope if one in gradients else slope
    return gradients


class Rule(NamedTuple):
    """How one kind of layer is walked: (layer, weights, x) -> y, and (layer, weights, x, y, dy) -> dx.

    x is the layer's input and y its output, both with the batch axis; dx and dy are the rates at which the
    answer rises with them. What joins several layers is given (layer, weights, *x), and x and dx are lists.
    """

    forward: Callable[..., np.ndarray]
    backward: Callable[[Any, Weights, Any, np.ndarray, np.ndarray], Any]


def _activated(layer: Any, layer_weights: Weights, x: np.ndarray) -> np.ndarray:
    return ACTIVATIONS[layer.activation](x)


def _activated_backward(
    layer: Any, layer_weights: Weights, x: np.ndarray, y: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    if layer.activation in SLOPES_OF_SUMS:
        return SLOPES_OF_SUMS[layer.activation](x, dy)
    return SLOPES[layer.activation](y, dy)


def _leaking(layer: PReLU, layer_weights: Weights, x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, layer_weights["alpha"] * x)


def _leaking_backward(
    layer: PReLU, layer_weights: Weights, x: np.ndarray, y: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    return np.where(x > 0, dy, layer_weights["alpha"] * dy)


# -- weighted sums


def _dense(layer: Dense, layer_weights: Weights, x: np.ndarray) -> np.ndarray:
    return ACTIVATIONS[layer.activation](x @ layer_weights["kernel"] + layer_weights["bias"])


def _dense_backward(
    layer: Dense, layer_weights: Weights, x: np.ndarray, y: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    return SLOPES[layer.activation](y, dy) @ layer_weights["kernel"].T


def _conv(layer: Conv2D, layer_weights: Weights, x: np.ndarray) -> np.ndarray:
    k, s = layer.kernel, layer.stride
    padded = np.pad(x, ((0, 0), *_padding(layer, x.shape[1:3]), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), (1, 2))[:, ::s, ::s]
    n, height, width = windows.shape[:3]
    rows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(n * height * width, -1)
    sums = rows @ layer_weights["kernel"].reshape(-1, layer.filters) + layer_weights["bias"]
    return ACTIVATIONS[layer.activation](sums.reshape(n, height, width, layer.filters))


def _conv_backward(
    layer: Conv2D, layer_weights: Weights, x: np.ndarray, y: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    """Each input value hears from all windows that it was part of: one shifted sum per place in the kernel."""
    k, s = layer.kernel, layer.stride
    dz = SLOPES[layer.activation](y, dy)
    n, height, width, filters = dz.shape
    fractions = dz.reshape(-1, filters) @ layer_weights["kernel"].reshape(-1, filters).T
    fractions = fractions.reshape(n, height, width, k, k, -1)
    (top, bottom), (left, right) = _padding(layer, x.shape[1:3])
    dx = np.zeros((n, x.shape[1] + top + bottom, x.shape[2] + left + right, x.shape[3]), dz.dtype)
    for i in range(k):
        for j in range(k):
            dx[:, i : i + s * height : s, j : j + s * width : s] += fractions[:, :, :, i, j]
    return dx[:, top : top + x.shape[1], left : left + x.shape[2]]


def _padding(layer: Conv2D, sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    """Zeros before and after, for both sides."""
    return [paddings(n, layer.kernel, layer.stride, layer.padding) for n in sizes]


# -- pooling


def _windows(layer: MaxPooling2D | AveragePooling2D, x: np.ndarray) -> np.ndarray:
    """[n, h, w, c] -> [n, h / pool, w / pool, c, pool * pool]; a rest at the edge is in no window."""
    p = layer.pool
    n, height, width, channels = x.shape
    height, width = height // p, width // p
    x = x[:, : height * p, : width * p].reshape(n, height, p, width, p, channels)
    return x.transpose(0, 1, 3, 5, 2, 4).reshape(n, height, width, channels, p * p)


def _from_windows(windows: np.ndarray, shape: tuple[int, ...], pool: int) -> np.ndarray:
    """The way back: each value to its place in [n, h, w, c]; the rest at the edge gets 0."""
    n, height, width, channels, _ = windows.shape
    x = np.zeros(shape, windows.dtype)
    placed = windows.reshape(n, height, width, channels, pool, pool).transpose(0, 1, 4, 2, 5, 3)
    x[:, : height * pool, : width * pool] = placed.reshape(n, height * pool, width * pool, channels)
    return x


def _max_pool(layer: MaxPooling2D, layer_weights: Weights, x: np.ndarray) -> np.ndarray:
    """One place of all windows after another: several times as fast as windows laid out for their maximum."""
    p = layer.pool
    height, width = (p * (side // p) for side in x.shape[1:3])
    found = x[:, :height:p, :width:p].copy()
    for place in range(1, p * p):
        i, j = divmod(place, p)
        np.maximum(found, x[:, i:height:p, j:width:p], out=found)
    return found


def _max_pool_backward(
    layer: MaxPooling2D, layer_weights: Weights, x: np.ndarray, y: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    """Only the largest of each window matters; of equals the first, as in TensorFlow."""
    windows = _windows(layer, x)
    first = windows.argmax(-1)[..., None] == np.arange(layer.pool**2)
    return _from_windows(dy[..., None] * first, x.shape, layer.pool)


def _average_pool(layer: AveragePooling2D, layer_weights: Weights, x: np.ndarray) -> np.ndarray:
    return _windows(layer, x).mean(-1)


def _average_pool_backward(
    layer: AveragePooling2D, layer_weights: Weights, x: np.ndarray, y: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    fraction = np.repeat(dy[..., None] / layer.pool**2, layer.pool**2, -1)
    return _from_windows(fraction, x.shape, layer.pool)


# -- the rest


def _normalized(layer: BatchNormalization, layer_weights: Weights, x: np.ndarray) -> np.ndarray:
    return (x - layer_weights["moving_mean"]) * _scale(layer_weights) + layer_weights["beta"]


def _normalized_backward(
    layer: Layer, layer_weights: Weights, x: np.ndarray, y: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    return dy * _scale(layer_weights)


def _scale(layer_weights: Weights) -> np.ndarray:
    return layer_weights["gamma"] / np.sqrt(
        layer_weights["moving_variance"] + layer_weights["gamma"].dtype.type(EPSILON)
    )


def _same(layer: Layer, layer_weights: Weights, x: np.ndarray) -> np.ndarray:
    return x


def _same_backward(
    layer: Layer, layer_weights: Weights, x: np.ndarray, y: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    return dy


def _flat(layer: Flatten, layer_weights: Weights, x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1)


def _flat_backward(
    layer: Flatten, layer_weights: Weights, x: np.ndarray, y: np.ndarray, dy: np.ndarray
) -> np.ndarray:
    return dy.reshape(x.shape)


# -- where ways meet


def _added(layer: Layer, layer_weights: Weights, *x: np.ndarray) -> np.ndarray:
    return sum(x[1:], x[0])


def _added_backward(
    layer: Layer, layer_weights: Weights, x: list[np.ndarray], y: np.ndarray, dy: np.ndarray
) -> list[np.ndarray]:
    return [dy] * len(x)


def _averaged(layer: Layer, layer_weights: Weights, *x: np.ndarray) -> np.ndarray:
    return sum(x[1:], x[0]) / x[0].dtype.type(len(x))


def _averaged_backward(
    layer: Layer, layer_weights: Weights, x: list[np.ndarray], y: np.ndarray, dy: np.ndarray
) -> list[np.ndarray]:
    return [dy / dy.dtype.type(len(x))] * len(x)


def _side_by_side(layer: Layer, layer_weights: Weights, *x: np.ndarray) -> np.ndarray:
    return np.concatenate(x, -1)


def _side_by_side_backward(
    layer: Layer, layer_weights: Weights, x: list[np.ndarray], y: np.ndarray, dy: np.ndarray
) -> list[np.ndarray]:
    return np.split(dy, np.cumsum([one.shape[-1] for one in x])[:-1], -1)


# A new kind of layer is one entry here.
RULES: dict[type[Layer], Rule] = {
    Conv2D: Rule(_conv, _conv_backward),
    MaxPooling2D: Rule(_max_pool, _max_pool_backward),
    AveragePooling2D: Rule(_average_pool, _average_pool_backward),
    BatchNormalization: Rule(_normalized, _normalized_backward),
    Activation: Rule(_activated, _activated_backward),
    PReLU: Rule(_leaking, _leaking_backward),
    Flatten: Rule(_flat, _flat_backward),
    Dropout: Rule(_same, _same_backward),  # while reading, nothing is dropped
    Dense: Rule(_dense, _dense_backward),
    Add: Rule(_added, _added_backward),
    Average: Rule(_averaged, _averaged_backward),
    Concatenate: Rule(_side_by_side, _side_by_side_backward),
}


def _chain(network: Network, dtype: np.dtype) -> list[tuple[str, Layer, Weights]]:
    """(name, layer, its weights) in order. The last layer's softmax is left away: it ends in logits."""
    chain = [
        (name, layer, {key: array.astype(dtype, copy=False) for key, array in layer_weights.items()})
        for name, layer, layer_weights in weights.by_layer(network.layers, network.weights)
    ]
    name, last, layer_weights = chain[-1]
    assert isinstance(last, Dense)
    chain[-1] = (name, replace(last, activation="linear"), layer_weights)
    return chain
