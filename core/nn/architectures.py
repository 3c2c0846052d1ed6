"""Networks as lists of layers, with their output shapes and parameter counts by arithmetic.

    >>> layers = (Conv2D(16, 4), MaxPooling2D(2), Flatten(), Dense(10, activation="softmax"))
    >>> [(shape, count) for shape, count in describe(layers)]
    [((25, 25, 16), 272), ((12, 12, 16), 0), ((2304,), 0), ((10,), 23050)]

A shape is (height, width, channels) for images and (units,) for vectors, without the batch axis.
A new kind of layer is one record in `layers`, one entry in LAYERS, and one in `worker.models.BUILDERS`.
"""

import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from math import prod
from typing import Any

from core.nn import graph
from core.nn.layers import (
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
    LayerError,
    MaxPooling2D,
    PReLU,
    Shape,
)

MNIST_SHAPE: Shape = (28, 28, 1)
CLASSES = 10
PADDINGS = ("valid", "same")
ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")
# In an Activation these, too: of 'leaky_relu' the slope below 0 is 0.2, of 'leaky_relu_0.3' it is 0.3.
FUNCTIONS = (*ACTIVATIONS, "elu", "leaky_relu", "gelu", "silu", "log")
LEAST = 1e-30  # of what 'log' takes the logarithm, of the mean of probabilities: less counts as this
_LEAKY = re.compile(r"leaky_relu_(0(?:\.\d{1,6})?)")

# What one network may cost. Ten times what any recipe needs, and still trained in minutes.
MAX_LAYERS = 30
MAX_JOINED = 120  # where ways part and meet: residual networks are deep
MAX_PARAMETERS = 10_000_000
MAX_MULTIPLY_ADDS = 200_000_000  # for one image
MAX_VALUES = 2_000_000  # that one image becomes on its way, all layers together


# The allow-list: nothing else is ever built, whatever a file says.
LAYERS: dict[str, type[Layer]] = {
    c.kind: c
    for c in (
        Conv2D,
        MaxPooling2D,
        AveragePooling2D,
        BatchNormalization,
        Activation,
        PReLU,
        Flatten,
        Dropout,
        Dense,
        Add,
        Average,
        Concatenate,
    )
}

# What each setting of a layer may be: (least, most) for numbers, the choices for words.
SETTINGS: dict[str, tuple] = {
    "filters": (1, 512),
    "kernel": (1, 28),
    "stride": (1, 8),
    "pool": (1, 14),
    "units": (1, 4096),
    "rate": (0.0, 0.9),
    "padding": PADDINGS,
    "activation": ACTIVATIONS,
    "slopes": ("channel", "value"),
}


def describe(layers: Sequence[Layer], shape: Shape = MNIST_SHAPE) -> list[tuple[Shape, int]]:
    """Return (output shape, parameter count) for each layer in order. Raises LayerError."""
    rows: list[tuple[Shape, int]] = []
    for layer, read in zip(layers, graph.sources(layers), strict=True):
        given = [shape if at < 0 else rows[at][0] for at in read]
        rows.append((layer.output_shape(*given), layer.parameters(given[0])))
    return rows


def inputs(layers: Sequence[Layer], shape: Shape = MNIST_SHAPE) -> list[Shape]:
    """Return the shape that each layer is given, of those that join several the first. Raises LayerError."""
    outputs = [*(output for output, _ in describe(layers, shape)), shape]
    return [outputs[read[0]] for read in graph.sources(layers)]


def parameters(layers: Sequence[Layer], shape: Shape = MNIST_SHAPE) -> int:
    """Return how many numbers all layers hold together. Raises LayerError."""
    return sum(count for _, count in describe(layers, shape))


def multiply_adds(layers: Sequence[Layer], shape: Shape = MNIST_SHAPE) -> int:
    """Return how many products all layers sum up for one image. Raises LayerError."""
    return sum(layer.multiply_adds(given) for layer, given in zip(layers, inputs(layers, shape), strict=True))


def values(layers: Sequence[Layer], shape: Shape = MNIST_SHAPE) -> int:
    """Return how many numbers one image becomes on its way, all layers together. Raises LayerError."""
    return sum(prod(output) for output, _ in describe(layers, shape))


def problems(layers: Sequence[Layer], shape: Shape = MNIST_SHAPE) -> list[str]:
    """Return one sentence per layer that says why it cannot stand where it stands, '' where it can.

    Layers after one that does not fit get '': nothing can be said of them. Like `check`, it never raises.
    """
    sentences = [""] * len(layers)
    for position, layer in enumerate(layers):
        try:
            check_settings(layer)
            describe(layers[: position + 1], shape)
        except LayerError as error:
            sentences[position] = str(error)
            return sentences
    return sentences


def check(layers: Sequence[Layer], shape: Shape = MNIST_SHAPE, classes: int = CLASSES) -> str:
    """Return one sentence that says why these layers cannot be trained to tell so many classes, or ''."""
    if not layers:
        return "There is no layer yet; add one."
    if len(layers) > (most := MAX_LAYERS if graph.is_chain(layers) else MAX_JOINED):
        return f"There are {len(layers)} layers; at most {most} are trained here."
    for number, problem in enumerate(problems(layers, shape), 1):
        if problem:
            return f"Layer {number}: {problem}."
    if problem := graph.joined(layers):
        return problem
    last = layers[-1]
    if not (isinstance(last, Dense) and last.units == classes and last.activation == "softmax"):
        found = f"{last.kind} {last.units} {last.activation}" if isinstance(last, Dense) else last.kind
        return (
            f"The last layer has to be Dense {classes} softmax, one probability per class; here it is {found}."
        )
    outputs = [output for output, _ in describe(layers, shape)]
    for layer, output in zip(layers[:-1], outputs, strict=False):
        # Of ways that meet each may give probabilities.
        if getattr(layer, "activation", "") == "softmax" and (graph.is_chain(layers) or len(output) > 1):
            return "Only the last layer may have softmax: it turns ten numbers into ten probabilities."
    for amount, limit, what in (
        (parameters(layers, shape), MAX_PARAMETERS, "parameters"),
        (multiply_adds(layers, shape), MAX_MULTIPLY_ADDS, "multiplications per picture"),
        (values(layers, shape), MAX_VALUES, "values per picture"),
    ):
        if amount > limit:
            return f"This network has {amount:,} {what}; at most {limit:,} are trained here."
    return ""


def settings(layer: Layer | type[Layer]) -> dict[str, Any]:
    """Return what can be set of a layer, by name, without its inputs. Of a class, its defaults or None."""
    names = [one.name for one in fields(layer) if one.name != "inputs"]
    return {name: getattr(layer, name, None) for name in names}


def check_settings(layer: Layer) -> None:
    """Raise LayerError when a number or a word in this layer is not one that SETTINGS allows."""
    _check_inputs(layer)
    for name in settings(layer):
        value, allowed = getattr(layer, name), SETTINGS[name]
        if isinstance(layer, Activation):
            allowed = FUNCTIONS
        if isinstance(allowed[0], str):
            if value not in allowed and not (allowed is FUNCTIONS and leaky_slope(value) is not None):
                raise LayerError(f"{name} {value!r} is unknown; known are {', '.join(allowed)}")
            continue
        whole = isinstance(allowed[0], int)
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise LayerError(f"{name} {value!r} is not a {'whole ' if whole else ''}number")
        if not allowed[0] <= value <= allowed[1]:
            raise LayerError(f"{name} is {value}, but has to lie between {allowed[0]} and {allowed[1]}")


def leaky_slope(activation: str) -> float | None:
    """Return the slope below 0 of a leaky ReLU; None of other functions.

    >>> leaky_slope("leaky_relu"), leaky_slope("leaky_relu_0.3"), leaky_slope("relu")
    (0.2, 0.3, None)
    """
    if activation == "leaky_relu":
        return 0.2
    found = _LEAKY.fullmatch(activation) if isinstance(activation, str) else None
    return float(found[1]) if found else None


def class_count(outputs: int) -> int:
    """Return how many classes share out 100% in a network with so many outputs: of eleven the ten digits.

    The eleventh is the reject class, 'not a digit'; no data set has eleven classes.

        >>> [class_count(n) for n in (10, 11, 26, 47)]
        [10, 10, 26, 47]
    """
    return CLASSES if outputs == CLASSES + 1 else outputs


def names(layers: Sequence[Layer]) -> list[str]:
    """Return a unique name per layer: its kind and its place among its kind, such as 'conv2d_2'."""
    counts: dict[str, int] = {}
    result = []
    for layer in layers:
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
        result.append(f"{layer.kind.lower()}_{counts[layer.kind]}")
    return result


def to_json(layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """Return the layers as JSON-ready dictionaries: {"kind": "Dense", "units": 10, ...}."""
    return [
        {"kind": layer.kind, **settings(layer), **({"inputs": list(layer.inputs)} if layer.inputs else {})}
        for layer in layers
    ]


def from_json(items: Sequence[dict[str, Any]]) -> tuple[Layer, ...]:
    """Rebuild layers from `to_json`. Raises LayerError for what is not on the list or out of its range."""
    layers: list[Layer] = []
    for item in items:
        told = dict(item) if isinstance(item, dict) else {}
        kind, read = told.pop("kind", None), told.pop("inputs", [])
        if not isinstance(kind, str) or kind not in LAYERS:
            raise LayerError(f"unknown layer {kind!r}; known are {', '.join(LAYERS)}")
        known = settings(LAYERS[kind])
        if unknown := sorted(told.keys() - known.keys()):
            raise LayerError(f"{kind} has no setting {unknown[0]!r}; it has {', '.join(sorted(known))}")
        told = with_decimals(told, {name: allowed[0] for name, allowed in SETTINGS.items()})
        try:
            layers.append(LAYERS[kind](**told, inputs=tuple(read) if isinstance(read, list) else read))
        except TypeError:
            raise LayerError(f"{kind} lacks a setting; it needs {', '.join(sorted(known))}") from None
        check_settings(layers[-1])
    return tuple(layers)


def with_decimals(said: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings from JSON, which may write 1 for 1.0: of those that are decimal numbers in `like`.

    >>> with_decimals({"rate": 0, "units": 10}, {"rate": 0.9, "units": 1})
    {'rate': 0.0, 'units': 10}
    """
    return {
        name: float(value)
        if type(value) is int and isinstance(like.get(name), float) and abs(value) < 2**53
        else value
        for name, value in said.items()
    }


def _check_inputs(layer: Layer) -> None:
    """Raise LayerError where the places that a layer reads are none."""
    read: Any = layer.inputs
    if not (isinstance(read, tuple) and all(type(at) is int and at >= graph.IMAGE for at in read)):
        raise LayerError(f"inputs {reprlib.repr(read)} are not places of layers")
