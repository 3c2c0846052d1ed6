"""One record for each kind of layer: its settings, the shape it makes, its numbers and its products.

A shape is (height, width, channels) for images and (units,) for vectors, without the batch axis.
A new kind of layer is one record here, one entry in `architectures.LAYERS`, one in `worker.models.BUILDERS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import ClassVar

from core.nn.padding import output_size

Shape = tuple[int, ...]


class LayerError(ValueError):
    """A layer cannot follow the one before it, or is not on the allow-list; the text says why."""


@dataclass(frozen=True)
class Layer:
    """What every layer answers: its output shape and its number of trained parameters.

    inputs: the places in the network, from 0, of those whose output it is given, -1 for the image; empty for
    the one before it.
    """

    inputs: tuple[int, ...] = field(default=(), kw_only=True, repr=False)

    kind: ClassVar[str] = "Layer"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        """Return the shape this layer makes of `shape`. Raises LayerError where it does not fit.

        others: of further inputs, which only Add, Average and Concatenate have.
        """
        raise NotImplementedError

    def parameters(self, shape: Shape) -> int:
        """Return how many numbers this layer holds when its input has `shape`."""
        return 0

    def multiply_adds(self, shape: Shape) -> int:
        """Return how many products this layer sums up for one image whose shape is `shape`."""
        return 0


@dataclass(frozen=True)
class Conv2D(Layer):
    """`filters` square kernels slid over the image; every kernel sees all channels."""

    filters: int
    kernel: int
    stride: int = 1
    padding: str = "valid"
    activation: str = "relu"

    kind = "Conv2D"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        height, width, _ = _image_shape(self, shape)
        sizes = (_window_count(self, n, self.kernel, self.stride, self.padding) for n in (height, width))
        return (*sizes, self.filters)

    def parameters(self, shape: Shape) -> int:
        _, _, channels = _image_shape(self, shape)
        return self.filters * (self.kernel * self.kernel * channels + 1)

    def multiply_adds(self, shape: Shape) -> int:
        _, _, channels = _image_shape(self, shape)
        return prod(self.output_shape(shape)) * self.kernel * self.kernel * channels


@dataclass(frozen=True)
class MaxPooling2D(Layer):
    """The largest value of each `pool` x `pool` window, channel by channel; windows do not overlap."""

    pool: int = 2

    kind = "MaxPooling2D"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        return _pooled(self, shape, self.pool)


@dataclass(frozen=True)
class AveragePooling2D(Layer):
    """The mean of each `pool` x `pool` window, channel by channel; windows do not overlap."""

    pool: int = 2

    kind = "AveragePooling2D"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        return _pooled(self, shape, self.pool)


@dataclass(frozen=True)
class BatchNormalization(Layer):
    """Each channel shifted and scaled to mean 0 and spread 1 over the batch, then by two learnt numbers.

    When reading, running averages from the training take the place of the batch's own.
    """

    kind = "BatchNormalization"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        return shape

    def parameters(self, shape: Shape) -> int:
        return 4 * shape[-1]  # scale, shift, running mean and running variance


@dataclass(frozen=True)
class Activation(Layer):
    """One function applied to each value, where it cannot be part of the layer before."""

    activation: str = "relu"

    kind = "Activation"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        return shape


@dataclass(frozen=True)
class PReLU(Layer):
    """What is below 0 times a slope that is learnt, what is above as it is.

    slopes: 'channel', one for each map or unit, or 'value', one for each number of an image.
    """

    slopes: str = "channel"

    kind = "PReLU"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        return shape

    def parameters(self, shape: Shape) -> int:
        return prod(self.size(shape))

    def size(self, shape: Shape) -> Shape:
        """Return the shape of the array of slopes, which Keras calls alpha.

        >>> PReLU().size((26, 26, 8)), PReLU("value").size((26, 26, 8)), PReLU().size((32,))
        ((1, 1, 8), (26, 26, 8), (32,))
        """
        return shape if self.slopes == "value" else (*[1] * (len(shape) - 1), shape[-1])


@dataclass(frozen=True)
class Flatten(Layer):
    """The image's numbers in one row: rows first, then columns, then channels."""

    kind = "Flatten"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        return (prod(shape),)


@dataclass(frozen=True)
class Dropout(Layer):
    """While training, each value is set to 0 with probability `rate`; does nothing when reading."""

    rate: float

    kind = "Dropout"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        return shape


@dataclass(frozen=True)
class Dense(Layer):
    """`units` weighted sums of the whole input vector."""

    units: int
    activation: str = "relu"

    kind = "Dense"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        if len(shape) != 1:
            raise LayerError(f"Dense needs a vector, but gets {_show(shape)}; put Flatten before it")
        return (self.units,)

    def parameters(self, shape: Shape) -> int:
        self.output_shape(shape)
        return self.units * (shape[0] + 1)

    def multiply_adds(self, shape: Shape) -> int:
        self.output_shape(shape)
        return self.units * shape[0]


@dataclass(frozen=True)
class Add(Layer):
    """The sum of what several layers give, number by number."""

    kind = "Add"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        return _same(self, shape, *others)


@dataclass(frozen=True)
class Average(Layer):
    """The mean of what several layers give, number by number."""

    kind = "Average"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        return _same(self, shape, *others)


@dataclass(frozen=True)
class Concatenate(Layer):
    """The maps of several layers, or their units, one after the other."""

    kind = "Concatenate"

    def output_shape(self, shape: Shape, *others: Shape) -> Shape:
        _same(self, *((*one[:-1], 0) for one in (shape, *others)), said=(shape, *others))
        return (*shape[:-1], sum(one[-1] for one in (shape, *others)))


JOINS = (Add, Average, Concatenate)


def _same(layer: Layer, shape: Shape, *others: Shape, said: Sequence[Shape] = ()) -> Shape:
    """All shapes are one. said: what is named where they are not."""
    for other, named in zip(others, said[1:] or others, strict=True):
        if other != shape:
            first = _show(said[0] if said else shape)
            raise LayerError(f"{layer.kind} needs inputs of one size, but gets {first} and {_show(named)}")
    return shape


def _window_count(layer: Layer, size: int, window: int, stride: int, padding: str) -> int:
    """How many windows fit along one side."""
    if padding == "valid" and window > size:
        what = "kernel" if layer.kind == "Conv2D" else "window"
        raise LayerError(f"a {window}x{window} {what} does not fit a {size}x{size} input")
    return output_size(size, window, stride, padding)[0]


def _pooled(layer: Layer, shape: Shape, pool: int) -> Shape:
    height, width, channels = _image_shape(layer, shape)
    sizes = (_window_count(layer, n, pool, pool, "valid") for n in (height, width))
    return (*sizes, channels)


def _image_shape(layer: Layer, shape: Shape) -> Shape:
    if len(shape) != 3:
        raise LayerError(f"{layer.kind} needs a picture, but gets {_show(shape)}")
    return shape


def _show(shape: Shape) -> str:
    return "x".join(map(str, shape))
