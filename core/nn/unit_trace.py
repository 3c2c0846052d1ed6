"""Receptive fields and the arithmetic of a single unit, layer by layer.

A place is (row, column, channel) in an image and (unit,) in a vector, counted from 0. Pixels are
float32 [28, 28], 0 = paper, 1 = ink, or [32, 32, 3], red, green and blue, 0..1; activations are what
`Classifier.activations` returns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.nn import architectures, graph
from core.nn.activations import ACTIVATIONS, softmax
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
    Shape,
)
from core.nn.batchnorm_folding import EPSILON
from core.nn.padding import paddings
from core.nn.weights import of_layer
from core.records import Network

Position = tuple[int, ...]


@dataclass(frozen=True)
class ReceptiveField:
    """Which part of the image each number of a layer can see.

    rows, columns: for each row and each column of the layer (first, one after the last) of the image.
        Where a stride is larger than its window, some pixels between these are not seen.
    size, jump: along one side, away from the edges: how many pixels a number sees, and how many
        pixels further its neighbour begins.
    """

    rows: tuple[tuple[int, int], ...]
    columns: tuple[tuple[int, int], ...]
    size: int
    jump: int


@dataclass(frozen=True)
class Explanation:
    """How one number of a layer came about, recomputed in float64 from what the layer was given.

    layer: its record. position: as above.
    inputs: [kernel, kernel, channels] for a Conv2D, [pool, pool] for pooling, [n] for a Dense, else [1]
        ([n] for a softmax; of what joins several layers what each of them gives). Places beyond the edge
        hold 0 and are False in `inside`.
    inside: bool, of the first two axes of a window; empty where there is no window.
    weights: as the inputs of a Conv2D or a Dense, else empty. bias: theirs, else 0.
    first: (row, column) of the window's upper left corner in the layer before, negative in the padding.
    numbers: what batch normalisation has learnt: mean, variance, gamma, beta; the slope of a PReLU.
    before: the number before the activation function, whose name is `activation`.
    value: what comes out of this arithmetic. found: what the network itself says.
    """

    layer: Layer
    position: Position
    inputs: np.ndarray
    before: float
    value: float
    found: float
    activation: str = "linear"
    weights: np.ndarray = field(default_factory=lambda: np.zeros(0))
    bias: float = 0.0
    inside: np.ndarray = field(default_factory=lambda: np.ones(0, bool))
    first: tuple[int, int] = (0, 0)
    numbers: dict[str, float] = field(default_factory=dict)


def receptive_fields(
    layers: Sequence[Layer], shape: Shape = architectures.MNIST_SHAPE
) -> list[ReceptiveField | None]:
    """Return the receptive field of each layer; None for vectors, whose numbers see the whole image.

    What lies in the padding is not there: the windows are cut at the edges of every layer.

        >>> seen = receptive_fields((Conv2D(8, 5, padding="same"), MaxPooling2D(2)))[1]
        >>> seen.size, seen.jump, seen.rows[0], seen.rows[1]
        (6, 2, (0, 4), (0, 6))
    """
    outputs = [output for output, _ in architectures.describe(layers, shape)]
    rows, columns = (tuple((i, i + 1) for i in range(n)) for n in shape[:2])

    def field(place: int, *given: ReceptiveField | None) -> ReceptiveField | None:
        known = [one for one in given if one is not None]
        if len(outputs[place]) == 1 or len(known) < len(given):
            return None
        return _seen(layers[place], outputs[place], _of_all(known))

    return graph.walk(layers, ReceptiveField(rows, columns, 1, 1), field)


def _of_all(fields: Sequence[ReceptiveField]) -> ReceptiveField:
    """What numbers see that are made of several layers' at the same place."""
    if len(fields) == 1:
        return fields[0]
    rows, columns = (
        tuple(
            (min(first for first, _ in each), max(last for _, last in each))
            for each in zip(*sides, strict=True)
        )
        for sides in zip(*((one.rows, one.columns) for one in fields), strict=True)
    )
    return ReceptiveField(rows, columns, max(f.size for f in fields), max(f.jump for f in fields))


def _seen(layer: Layer, after: Shape, before: ReceptiveField) -> ReceptiveField:
    """What a layer's numbers see, of shape `after`, where those of the layer before see `before`."""
    window, stride = _window(layer)
    rows, columns = (
        tuple(
            (side[max(i * stride - pad, 0)][0], side[min(i * stride - pad + window, len(side)) - 1][1])
            for i in range(count)
        )
        for side, count in zip((before.rows, before.columns), after[:2], strict=True)
        for pad in [_padding(layer, len(side))]
    )
    return ReceptiveField(rows, columns, before.size + (window - 1) * before.jump, before.jump * stride)


def explain(
    network: Network, pixels: np.ndarray, activations: dict[str, np.ndarray], number: int, position: Position
) -> Explanation:
    """Return the arithmetic behind one number of layer `number`, counted from 0."""
    layer, name = network.layers[number], architectures.names(network.layers)[number]
    given = [one.astype(np.float64) for one in given_to(network.layers, number, pixels, activations)]
    x, found = given[0], float(activations[name][position])
    # The last layer's softmax is left to whoever reads the network: what it gives are its sums.
    last = number == len(network.layers) - 1
    function = "linear" if last else getattr(layer, "activation", "linear")
    part = {key: array.astype(np.float64) for key, array in of_layer(network.weights, name).items()}
    match layer:
        case Conv2D() | Dense():
            return _sum(layer, position, x, part["kernel"], part["bias"], function, found)
        case MaxPooling2D() | AveragePooling2D():
            inputs, inside, first = _cut(layer, x, position)
            window = inputs[..., position[2]]
            value = float(window.max() if isinstance(layer, MaxPooling2D) else window.mean())
            return Explanation(layer, position, window, value, value, found, inside=inside, first=first)
        case BatchNormalization():
            return _normalised(layer, position, float(x[position]), part, found)
        case Activation() if layer.activation == "softmax":
            inputs = x[position[:-1]]
            value = float(softmax(inputs)[position[-1]])
            return Explanation(layer, position, inputs, float(x[position]), value, found, layer.activation)
        case Activation():
            value = float(ACTIVATIONS[layer.activation](x[position]))
            return Explanation(
                layer, position, x[position].reshape(1), float(x[position]), value, found, function
            )
        case Add() | Average() | Concatenate():
            return _joined(layer, position, given, found)
        case PReLU():
            slope, z = float(np.broadcast_to(part["alpha"], x.shape)[position]), float(x[position])
            value = z if z > 0 else slope * z
            return Explanation(layer, position, np.array([z]), z, value, found, numbers={"slope": slope})
        case _:  # Flatten and Dropout hand on what they are given
            value = float(x.reshape(activations[name].shape)[position])
            return Explanation(layer, position, np.array([value]), value, value, found)


def _normalised(
    layer: BatchNormalization, position: Position, x: float, part: dict[str, np.ndarray], found: float
) -> Explanation:
    """part: the layer's weights, by their names in it."""
    keys = {"mean": "moving_mean", "variance": "moving_variance", "gamma": "gamma", "beta": "beta"}
    n = {short: float(part[key][position[-1]]) for short, key in keys.items()}
    value = float((x - n["mean"]) / np.sqrt(n["variance"] + EPSILON) * n["gamma"] + n["beta"])
    return Explanation(layer, position, np.array([x]), value, value, found, numbers=n)


def given_to(
    layers: Sequence[Layer], number: int, pixels: np.ndarray, activations: dict[str, np.ndarray]
) -> list[np.ndarray]:
    """Return what layer `number` is given by each of those that it reads; pixels, activations: as in `explain`.

    The image is [height, width, channels].
    """
    names = architectures.names(layers)
    image = pixels.reshape(*pixels.shape[:2], -1)
    return [image if at < 0 else activations[names[at]] for at in graph.sources(layers)[number]]


def _joined(layer: Layer, position: Position, given: Sequence[np.ndarray], found: float) -> Explanation:
    """The numbers that a join is given for a place; of Concatenate the one that it hands on."""
    if isinstance(layer, Concatenate):
        which, channel = one_of(given, position[-1])
        inputs = np.array([given[which][(*position[:-1], channel)]])
        return Explanation(layer, position, inputs, float(inputs[0]), float(inputs[0]), found)
    inputs = np.array([one[position] for one in given])
    value = float(inputs.sum() if isinstance(layer, Add) else inputs.mean())
    return Explanation(layer, position, inputs, value, value, found)


def one_of(given: Sequence[np.ndarray], channel: int) -> tuple[int, int]:
    """Return of which of several layers, side by side, a channel is, and which it is there."""
    ends = np.cumsum([one.shape[-1] for one in given])
    which = int(np.searchsorted(ends, channel, "right"))
    return which, channel - int(ends[which] - given[which].shape[-1])


def window_steps(layer: Layer, shape: Shape) -> tuple[int, int, int, int]:
    """Return how a layer's window goes over maps of that shape: its side, its step, and where it begins.

    The last two are the first window's upper row and left column, negative in the padding.

        >>> window_steps(Conv2D(8, 5, padding="same"), (28, 28, 1))
        (5, 1, -2, -2)
    """
    return (*_window(layer), -_padding(layer, shape[0]), -_padding(layer, shape[1]))


def window_of(layer: Layer, x: np.ndarray, position: Position) -> np.ndarray:
    """Return what the layer is given for a place (row, column) of its maps: [window, window, channels].

    What lies beyond the edge is 0.
    """
    return _cut(layer, x, position)[0]


def origin(
    layers: Sequence[Layer], number: int, unit: int, shape: Shape = architectures.MNIST_SHAPE
) -> Position:
    """Where input `unit` of the Dense layer `number` lies in the image that was flattened before it.

    Returns (unit,) where it comes from another vector.
    """
    flat = flattened(layers, number)
    if flat is None:
        return (unit,)
    return tuple(int(n) for n in np.unravel_index(unit, architectures.inputs(layers, shape)[flat]))


def flattened(layers: Sequence[Layer], number: int) -> int | None:
    """Return the place of the Flatten whose numbers layer `number` is given, or None where they are of units.

    What keeps each number at its place may lie between.
    """
    read = graph.sources(layers)
    (at,) = read[number]
    while at >= 0 and not isinstance(layers[at], Dense | Concatenate):
        if isinstance(layers[at], Flatten):
            return at
        at = read[at][0]
    return None


def is_of_pixels(layers: Sequence[Layer], number: int) -> bool:
    """Is what this layer is given still of the image's own colours: does no layer before it add up any?"""
    read, waiting = graph.sources(layers), [number]
    while waiting:
        for at in read[waiting.pop()]:
            if at >= 0 and isinstance(layers[at], Conv2D | Dense | Concatenate):
                return False
            waiting += [at] if at >= 0 else []
    return True


def is_copy(layer: Layer) -> bool:
    """Does this layer hand on the numbers it is given, when a network reads?"""
    idle = isinstance(layer, Activation) and layer.activation == "linear"
    return idle or isinstance(layer, Flatten | Dropout)


def _sum(
    layer: Conv2D | Dense,
    position: Position,
    x: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    function: str,
    found: float,
) -> Explanation:
    inside, first, inputs = np.ones(0, bool), (0, 0), x
    if isinstance(layer, Conv2D):
        inputs, inside, first = _cut(layer, x, position)
    unit = position[-1]
    axes = inputs.ndim
    sums = np.tensordot(inputs, kernel, axes) + bias if function == "softmax" else None
    before = float((inputs * kernel[..., unit]).sum() + bias[unit])
    value = float(ACTIVATIONS[function](np.array(before)) if sums is None else softmax(sums)[unit])
    return Explanation(
        layer,
        position,
        inputs,
        before,
        value,
        found,
        activation=function,
        weights=kernel[..., unit],
        bias=float(bias[unit]),
        inside=inside,
        first=first,
    )


def _cut(layer: Layer, x: np.ndarray, position: Position) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """The window behind a place, [window, window, channels], which of it is no padding, and where it begins."""
    window, stride = _window(layer)
    top, left = (position[axis] * stride - _padding(layer, x.shape[axis]) for axis in (0, 1))
    rows, columns = np.arange(top, top + window), np.arange(left, left + window)
    inside = ((rows >= 0) & (rows < x.shape[0]))[:, None] & ((columns >= 0) & (columns < x.shape[1]))
    cut = x[np.ix_(rows.clip(0, x.shape[0] - 1), columns.clip(0, x.shape[1] - 1))]
    return np.where(inside[..., None], cut, 0.0), inside, (top, left)


def _window(layer: Layer) -> tuple[int, int]:
    """The side of the window that a layer slides over an image, and its step."""
    match layer:
        case Conv2D():
            return layer.kernel, layer.stride
        case MaxPooling2D() | AveragePooling2D():
            return layer.pool, layer.pool
    return 1, 1


def _padding(layer: Layer, size: int) -> int:
    """How many zeros are before the first value."""
    return paddings(size, layer.kernel, layer.stride, layer.padding)[0] if isinstance(layer, Conv2D) else 0
