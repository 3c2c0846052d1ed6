"""Layers as plain records, with their output shapes and parameter counts by arithmetic.

    >>> layers = (Conv2D(16, 4), MaxPooling2D(2), Flatten(), Dense(10, activation="softmax"))
    >>> [(shape, count) for shape, count in describe(layers)]
    [((25, 25, 16), 272), ((12, 12, 16), 0), ((2304,), 0), ((10,), 23050)]

A shape is (height, width, channels) for pictures and (units,) for vectors, without the batch axis.
A new kind of layer is one record here, one entry in LAYERS, and one in `worker.networks.BUILDERS`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from math import prod
from typing import Any, ClassVar

Shape = tuple[int, ...]

MNIST_SHAPE: Shape = (28, 28, 1)
PADDINGS = ("valid", "same")
ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")


class LayerError(ValueError):
    """A layer cannot follow the one before it, or is not on the allow-list; the text says why."""


@dataclass(frozen=True)
class Layer:
    """What every layer answers: its output shape and its number of trained parameters."""

    kind: ClassVar[str] = "Layer"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape this layer makes of `shape`. Raises LayerError where it does not fit."""
        raise NotImplementedError

    def parameters(self, shape: Shape) -> int:
        """Return how many numbers this layer learns when its input has `shape`."""
        return 0


@dataclass(frozen=True)
class Conv2D(Layer):
    """`filters` square kernels slid over the picture; every kernel sees all channels."""

    filters: int
    kernel: int
    stride: int = 1
    padding: str = "valid"
    activation: str = "relu"

    kind = "Conv2D"

    def output_shape(self, shape: Shape) -> Shape:
        height, width, _ = _picture(self, shape)
        sizes = (_window_count(self, n, self.kernel, self.stride, self.padding) for n in (height, width))
        return (*sizes, self.filters)

    def parameters(self, shape: Shape) -> int:
        _, _, channels = _picture(self, shape)
        return self.filters * (self.kernel * self.kernel * channels + 1)


@dataclass(frozen=True)
class MaxPooling2D(Layer):
    """The largest value of each `pool` x `pool` window, channel by channel; windows do not overlap."""

    pool: int = 2

    kind = "MaxPooling2D"

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = _picture(self, shape)
        sizes = (_window_count(self, n, self.pool, self.pool, "valid") for n in (height, width))
        return (*sizes, channels)


@dataclass(frozen=True)
class Flatten(Layer):
    """The picture's numbers in one row: rows first, then columns, then channels."""

    kind = "Flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)


@dataclass(frozen=True)
class Dropout(Layer):
    """While training, each value is set to 0 with probability `rate`; does nothing when reading."""

    rate: float

    kind = "Dropout"

    def output_shape(self, shape: Shape) -> Shape:
        return shape


@dataclass(frozen=True)
class Dense(Layer):
    """`units` weighted sums of the whole input vector."""

    units: int
    activation: str = "relu"

    kind = "Dense"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise LayerError(f"Dense needs a vector, but gets {_show(shape)}; put Flatten before it")
        return (self.units,)

    def parameters(self, shape: Shape) -> int:
        self.output_shape(shape)
        return self.units * (shape[0] + 1)


# The allow-list: nothing else is ever built, whatever a file says.
LAYERS: dict[str, type[Layer]] = {c.kind: c for c in (Conv2D, MaxPooling2D, Flatten, Dropout, Dense)}


def describe(layers: Sequence[Layer], shape: Shape = MNIST_SHAPE) -> list[tuple[Shape, int]]:
    """Return (output shape, parameter count) for each layer in order. Raises LayerError."""
    rows = []
    for layer in layers:
        rows.append((layer.output_shape(shape), layer.parameters(shape)))
        shape = rows[-1][0]
    return rows


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
    return [{"kind": layer.kind, **asdict(layer)} for layer in layers]


def from_json(items: Sequence[dict[str, Any]]) -> tuple[Layer, ...]:
    """Rebuild layers from `to_json`. Raises LayerError for an unknown layer or setting."""
    layers = []
    for item in items:
        settings = dict(item)
        kind = settings.pop("kind", None)
        if kind not in LAYERS:
            raise LayerError(f"unknown layer {kind!r}; known are {', '.join(LAYERS)}")
        known = {f.name for f in fields(LAYERS[kind])}
        if unknown := sorted(settings.keys() - known):
            raise LayerError(f"{kind} has no setting {unknown[0]!r}; it has {', '.join(sorted(known))}")
        layers.append(LAYERS[kind](**settings))
    return tuple(layers)


def _window_count(layer: Layer, size: int, window: int, stride: int, padding: str) -> int:
    """How many windows fit along one side: (size - window) // stride + 1, or ceil(size / stride)."""
    if padding == "same":
        return -(-size // stride)
    if window > size:
        raise LayerError(f"a {window}x{window} {layer.kind} window does not fit a {size}x{size} input")
    return (size - window) // stride + 1


def _picture(layer: Layer, shape: Shape) -> Shape:
    if len(shape) != 3:
        raise LayerError(f"{layer.kind} needs a picture, but gets {_show(shape)}")
    return shape


def _show(shape: Shape) -> str:
    return "x".join(map(str, shape))
