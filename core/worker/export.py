"""Keras models -> Network records that are read without TensorFlow.

Called by `core.commands.evaluate`, `core.worker.run_results` and `core.worker.tasks`.
"""

import contextlib
import os
import tempfile
from pathlib import Path

import keras
import tensorflow as tf

from core.data.datasets import KINDS
from core.ink.files import BadInput
from core.models.exports import keras_files
from core.nn import batchnorm_folding
from core.nn.architectures import Layer
from core.records import Network
from core.worker import models


def to_network(
    model: keras.Model, layers: tuple[Layer, ...], name: str, about: dict, data: str = "mnist"
) -> Network:
    """Return the trained model as a Network, its batch normalisation folded; `about` are JSON-ready facts."""
    left, weights = batchnorm_folding.fold(layers, models.get_weights(model))
    folded = models.build(left, model.input_shape[1:])
    models.set_weights(folded, weights)
    return Network(name, left, weights, to_litert(folded), about, data)


def to_litert(model: keras.Model) -> bytes:
    """Return LiteRT bytes: float32 [n, height, width, channels] -> every layer's activations, by layer name.

    The last layer gives its logits: the softmax is left to the reader, who wants to show both.
    """
    outputs, made = {}, {-1: model.inputs[0]}
    *inner, (last, (end,)) = models.in_order(model)
    for place, (layer, read) in enumerate(inner):
        x = made[read[0]] if len(read) == 1 else [made[at] for at in read]
        made[place] = outputs[layer.name] = layer(x)
    answer = keras.layers.Dense(last.units, name=last.name)
    outputs[last.name] = answer(made[end])
    answer.set_weights(last.get_weights())
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(model.inputs[0], outputs))
    # It prints every variable.
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        return converter.convert()


def to_keras(model: keras.Model) -> bytes:
    """Return the model as a .keras file, Keras's own format, which `keras.saving.load_model` opens."""
    layers = models.records(model)
    if any(getattr(layer, "activation", "") == "log" for layer in layers):  # which no Keras but this one has
        data = next(name for name, kind in KINDS.items() if kind.shape == model.input_shape[1:])
        with contextlib.suppress(BadInput):
            return keras_files.keras(Network("", layers, models.get_weights(model), b"", {}, data))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        model.save(path)
        return path.read_bytes()
