"""One step of learning, taken apart: how fast the loss of an image rises with each number, and why.

    >>> found = begin(network, pixels, 7)                   # pixels: float64 [28, 28]; 7: what it shows
    >>> found.gradients["dense_1/kernel"][300, 7]           # how fast the loss rises with this weight
    >>> sum(term.product for term in of_weight(found, "dense_1/kernel", (300, 7)))  # the same, as a sum
    >>> begin(step(found, 0.1), pixels, 7).loss             # smaller, unless the step was too large

The loss is the cross-entropy of softmax, whose slope with a logit is its probability, less 1 for the true
class. Each layer's sums, before its activation, hear how fast the loss rises with them: their errors. The
gradient of a weight is its input times the error of the sum that it goes into; that of a value is each of its
weights times the error there.

Of networks of Conv2D, pooling, Flatten, Activation and Dense; batch normalization and dropout read as they do
when they do not learn, and their numbers stay.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.nn import backprop, weights
from core.nn.activations import SLOPES, softmax
from core.nn.architectures import Conv2D, Dense
from core.nn.padding import paddings
from core.records import Network


@dataclass(frozen=True)
class Gradients:
    """A network, an image, and what the image would teach it. All float64, the batch axis left away.

    label: the true class. loss: in nats. values: by layer, the image first, as `backprop.forward` has them;
    the last are the logits. errors: by layer with weights, how fast the loss rises with each sum before the
    activation. gradients: how fast it rises with each weight, named and shaped as in Network, and with each
    value, by layer.
    """

    network: Network
    label: int
    loss: float
    probabilities: np.ndarray
    values: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]


@dataclass(frozen=True)
class Term:
    """One product of a chain-rule sum: `factor` times `error`.

    index: of the sum, in its layer, whose error this is. factor: the input that the weight is multiplied with
    there, or the weight that the value is.
    """

    index: tuple[int, ...]
    factor: float
    error: float

    @property
    def product(self) -> float:
        """What it adds to the sum."""
        return self.factor * self.error


def begin(network: Network, pixels: np.ndarray, label: int) -> Gradients:
    """Return what one image would teach a network.

    pixels: float [height, width] or [height, width, 3], 0..1. label: a place in the network's outputs.
    """
    values = backprop.forward(network, pixels[None].astype(float))
    probabilities = softmax(list(values.values())[-1][0])
    if not 0 <= label < len(probabilities):
        raise ValueError(f"The label is {label}; accepted are 0 to {len(probabilities) - 1}.")
    slopes = backprop.backward(network, values, probabilities - np.eye(len(probabilities))[label])
    errors, gradients = {}, {name: slope[0] for name, slope in slopes.items()}
    before = dict(zip(list(values)[1:], values, strict=False))
    for name, layer, its_weights in weights.by_layer(network.layers, network.weights):
        if not isinstance(layer, Conv2D | Dense):
            continue
        last = name == list(values)[-1]  # whose softmax is part of the loss
        error = slopes[name] if last else SLOPES[layer.activation](values[name], slopes[name])
        errors[name] = error[0]
        x = _inputs(layer, values[before[name]][0], error[0])
        gradients[f"{name}/kernel"] = (x.T @ error.reshape(-1, error.shape[-1])).reshape(
            its_weights["kernel"].shape
        )
        gradients[f"{name}/bias"] = error.reshape(-1, error.shape[-1]).sum(0)
    loss = -float(np.log(max(probabilities[label], np.finfo(float).tiny)))
    return Gradients(
        network, label, loss, probabilities, {n: v[0] for n, v in values.items()}, errors, gradients
    )


def of_weight(found: Gradients, name: str, index: tuple[int, ...]) -> list[Term]:
    """Return the terms whose sum is a weight's gradient: one for each place where the weight is used.

    name: '<layer>/kernel' or '<layer>/bias'. index: of the weight in it. One term in a dense layer, one for
    each place of the window in a convolution.
    """
    layer_name, kind = name.split("/")
    layer, unit = _layer(found, layer_name), index[-1]
    error = found.errors[layer_name]
    if kind == "bias":
        factors = np.ones(error[..., unit].shape)
    else:
        x = _inputs(layer, found.values[_before(found, layer_name)], error)
        shape = found.network.weights[name].shape
        factors = x[:, np.ravel_multi_index(index[:-1], shape[:-1])].reshape(error.shape[:-1])
    return [
        Term((*place, unit), float(factor), float(error[(*place, unit)]))
        for place, factor in np.ndenumerate(factors)
    ]


def of_value(found: Gradients, name: str, index: tuple[int, ...]) -> list[Term]:
    """Return the terms whose sum is a value's gradient: one for each sum of the next layer that it goes into.

    name: of a layer, or 'input', whose next layer has weights. index: of the value in its output.
    """
    names = list(found.values)
    after = names[names.index(name) + 1]
    layer, kernel = _layer(found, after), found.network.weights[f"{after}/kernel"].astype(float)
    if isinstance(layer, Dense):
        error = found.errors[after]
        return [Term((unit,), float(kernel[(*index, unit)]), float(error[unit])) for unit in range(layer.units)]
    return [
        Term(
            (*place, unit),
            float(kernel[(*offset, index[2], unit)]),
            float(found.errors[after][(*place, unit)]),
        )
        for place, offset in _windows_over(layer, found.values[name].shape, found.errors[after].shape, index)
        for unit in range(layer.filters)
    ]


def step(found: Gradients, rate: float) -> Network:
    """Return the network after one step of plain descent, without LiteRT bytes: each weight less its gradient
    times the rate.
    """
    changed = {
        name: array - rate * found.gradients[name] if name in found.gradients else array
        for name, array in found.network.weights.items()
    }
    return replace(found.network, weights=changed, litert=b"")


def _layer(found: Gradients, name: str) -> Any:
    layers = {n: layer for n, layer, _ in weights.by_layer(found.network.layers, found.network.weights)}
    if not isinstance(layers.get(name), Conv2D | Dense):
        raise ValueError(f"{name} is no layer with weights; accepted are {', '.join(found.errors)}.")
    return layers[name]


def _before(found: Gradients, name: str) -> str:
    names = list(found.values)
    return names[names.index(name) - 1]


def _inputs(layer: Conv2D | Dense, x: np.ndarray, error: np.ndarray) -> np.ndarray:
    """What each sum of a layer is made of: float64 [sums of one unit, weights of one unit]."""
    if isinstance(layer, Dense):
        return x.reshape(1, -1)
    k, s = layer.kernel, layer.stride
    around = [paddings(n, k, s, layer.padding) for n in x.shape[:2]]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, (*around, (0, 0))), (k, k), (0, 1))[::s, ::s]
    return windows.transpose(0, 1, 3, 4, 2).reshape(error.shape[0] * error.shape[1], -1)


def _windows_over(
    layer: Conv2D, shape: tuple[int, ...], sums: tuple[int, ...], index: tuple[int, ...]
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The windows that see a value: where each stands in the output, and where in it the value lies."""
    k, s = layer.kernel, layer.stride
    found: list[list[tuple[int, int]]] = []
    for axis in range(2):
        at = index[axis] + paddings(shape[axis], k, s, layer.padding)[0]
        found.append([(place, at - s * place) for place in range(sums[axis]) if 0 <= at - s * place < k])
    return [((i, j), (a, b)) for i, a in found[0] for j, b in found[1]]
