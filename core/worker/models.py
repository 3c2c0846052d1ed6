"""Layer records -> Keras models, and their weights."""

import math
from collections.abc import Callable
from weakref import WeakKeyDictionary

from core.worker import tensorflow_start  # isort: skip  # before TensorFlow

import keras
import numpy as np
import tensorflow as tf

from core.nn import architectures, graph
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

assert tensorflow_start

_EVALUATION_BATCH = 500  # images that are predicted at once, fewer where they become more values than
_EVALUATION_VALUES = 60_000_000


def _function(layer: Activation, name: str) -> keras.layers.Layer:
    if (slope := architectures.leaky_slope(layer.activation)) is not None:
        return keras.layers.LeakyReLU(negative_slope=slope, name=name)
    if layer.activation == "log":
        return keras.layers.Activation(_log, name=name)
    return keras.layers.Activation(layer.activation, name=name)


def _log(x: tf.Tensor) -> tf.Tensor:
    return keras.ops.log(keras.ops.maximum(x, architectures.LEAST))


BUILDERS = {
    Conv2D: lambda layer, name: keras.layers.Conv2D(
        layer.filters,
        layer.kernel,
        strides=layer.stride,
        padding=layer.padding,
        activation=layer.activation,
        name=name,
    ),
    MaxPooling2D: lambda layer, name: keras.layers.MaxPooling2D(layer.pool, name=name),
    AveragePooling2D: lambda layer, name: keras.layers.AveragePooling2D(layer.pool, name=name),
    BatchNormalization: lambda layer, name: keras.layers.BatchNormalization(name=name),
    Activation: _function,
    PReLU: lambda layer, name: keras.layers.PReLU(name=name),
    Flatten: lambda layer, name: keras.layers.Flatten(name=name),
    Dropout: lambda layer, name: keras.layers.Dropout(layer.rate, name=name),
    Add: lambda layer, name: keras.layers.Add(name=name),
    Average: lambda layer, name: keras.layers.Average(name=name),
    Concatenate: lambda layer, name: keras.layers.Concatenate(name=name),
    Dense: lambda layer, name: keras.layers.Dense(layer.units, activation=layer.activation, name=name),
}


def build(layers: tuple[Layer, ...], shape: Shape = architectures.MNIST_SHAPE) -> keras.Model:
    """Return an untrained Keras model: float32 [n, *shape] -> float32 [n, classes] probabilities.

    Raises LayerError where the layers do not fit each other.
    """
    rows = architectures.describe(layers, shape)  # says what does not fit in words, before Keras would
    made = []
    for layer, name, (after, _) in zip(layers, architectures.names(layers), rows, strict=True):
        made.append(BUILDERS[type(layer)](layer, name))
        if isinstance(layer, PReLU) and layer.slopes == "channel" and len(after) == 3:
            made[-1].shared_axes = [1, 2]  # which a vector does not have
    if graph.is_chain(layers):
        return keras.Sequential([keras.Input(shape), *made])
    image = keras.Input(shape)
    *_, answer = graph.walk(layers, image, lambda place, *x: made[place](x[0] if len(x) == 1 else list(x)))
    model = keras.Model(image, answer)
    _RECORDS[model] = layers
    return model


# Of models whose layers are joined: their records, in whose order they are walked.
_RECORDS: WeakKeyDictionary[keras.Model, tuple[Layer, ...]] = WeakKeyDictionary()


def records(model: keras.Model) -> tuple[Layer, ...]:
    """Return the records of a model whose layers are joined, of a chain none."""
    return _RECORDS.get(model, ())


def in_order(model: keras.Model) -> list[tuple[keras.layers.Layer, tuple[int, ...]]]:
    """Return each layer of what `build` returned, in our order, and the places of those that it reads.

    -1 is the image, as in `graph.sources`.
    """
    if model not in _RECORDS:
        return [(layer, (place - 1,)) for place, layer in enumerate(model.layers)]
    layers = [model.get_layer(name) for name in architectures.names(_RECORDS[model])]
    return list(zip(layers, graph.sources(_RECORDS[model]), strict=True))


def logits(
    model: keras.Model,
    x: tf.Tensor,
    training: bool = False,
    see: Callable[[keras.layers.Layer, tf.Tensor], object] = lambda layer, x: None,
) -> tf.Tensor:
    """float32 [n, height, width, channels] -> float32 [n, 10], the numbers before the softmax.

    see: is given each layer before the last, and what it makes of x.
    """
    *inner, (last, (end,)) = in_order(model)
    made = {-1: x}
    for place, (layer, read) in enumerate(inner):
        x = made[read[0]] if len(read) == 1 else [made[at] for at in read]
        switches = isinstance(layer, keras.layers.Dropout | keras.layers.BatchNormalization)
        if isinstance(layer, keras.layers.Conv2D):
            x = layer.activation(tf.nn.bias_add(convolve(x, layer.kernel, layer), layer.bias))
        else:
            x = layer(x, training=training) if switches else layer(x)
        made[place] = x
        see(layer, x)
    x = made[end]
    return tf.cast(tf.matmul(x, tf.cast(last.kernel, x.dtype)), tf.float32) + last.bias


def convolve(x: tf.Tensor, kernel: tf.Tensor, layer: keras.layers.Conv2D) -> tf.Tensor:
    """Return the layer's sums, before its bias: [n, h, w, channels] -> [n, h', w', filters].

    A kernel of one pixel that takes strides skips pixels, and TensorFlow ends the process (oneDNN, in the
    gradient of the kernel) where a batch holds one image; so they are left out before, for the same sums.
    """
    (rows, columns), strides = layer.kernel_size, layer.strides
    if rows == columns == 1 and strides != (1, 1):
        x, strides = x[:, :: strides[0], :: strides[1]], (1, 1)
    return tf.nn.conv2d(x, kernel, strides, layer.padding.upper())


def evaluation_batch(model: keras.Model) -> int:
    """Return how many images a model predicts at once, at least one."""
    each = sum(math.prod(layer.output.shape[1:]) for layer in model.layers)
    return max(1, min(_EVALUATION_BATCH, _EVALUATION_VALUES // each))


def get_weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Return {'conv2d_1/kernel': float32 array, ...}: all that the model has learnt."""
    return {f"{layer.name}/{w.name}": w.value.numpy() for layer, _ in in_order(model) for w in layer.weights}


def set_weights(model: keras.Model, weights: dict[str, np.ndarray]) -> None:
    """Put `get_weights`'s arrays back. Raises KeyError for a missing one, ValueError for a wrong shape."""
    for layer in model.layers:
        layer.set_weights([weights[f"{layer.name}/{w.name}"] for w in layer.weights])
