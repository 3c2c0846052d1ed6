"""A network as a .keras or an .h5 file, which Keras opens; written without Keras, from layers and arrays."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from core.data.datasets import shape_of
from core.models.keras_layers import GROUPS
from core.nn import architectures
from core.nn.architectures import BatchNormalization, Conv2D, Dense, Layer, PReLU, Shape
from core.nn.weights import by_layer
from core.records import Network

KERAS = "3.10.0"  # the version whose format this is; later ones read it
_SETTINGS = {"kernel": "kernel_size", "stride": "strides", "pool": "pool_size"}  # ours -> Keras's
_ORDER = ("kernel", "bias", "alpha", "gamma", "beta", "moving_mean", "moving_variance")


def keras(network: Network) -> bytes:
    """Return a .keras file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": KERAS}))
        archive.writestr("config.json", json.dumps(_config(network)))
        archive.writestr("model.weights.h5", _written(lambda file: _new_layout(file, network)))
    return out.getvalue()


def h5(network: Network) -> bytes:
    """Return an .h5 file, as Keras has written it for years."""
    return _written(lambda file: _old_layout(file, network))


def _config(network: Network) -> dict[str, Any]:
    names = architectures.names(network.layers)
    layers = [_layer("InputLayer", {"batch_shape": [None, *shape_of(network)], "dtype": "float32"}, "input")]
    shape = shape_of(network)
    before = [shape, *(after for after, _ in architectures.describe(network.layers, shape))]
    layers += [
        _layer(*_settings(layer, shape), name)
        for layer, name, shape in zip(network.layers, names, before, strict=False)
    ]
    config = {"name": "digit_lab", "trainable": True, "dtype": "float32", "layers": layers}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}


def _layer(kind: str, settings: dict[str, Any], name: str) -> dict[str, Any]:
    config = {"name": name, **settings}
    return {"module": "keras.layers", "class_name": kind, "config": config, "registered_name": None}


def _settings(layer: Layer, shape: Shape) -> tuple[str, dict[str, Any]]:
    """Keras's class and its settings. shape: of what the layer is given."""
    if isinstance(layer, PReLU):
        shared = [1, 2] if layer.slopes == "channel" and len(shape) == 3 else None
        return "PReLU", {"trainable": True, "dtype": "float32", "shared_axes": shared}
    if (slope := architectures.leaky_slope(getattr(layer, "activation", ""))) is not None:
        return "LeakyReLU", {"trainable": True, "dtype": "float32", "negative_slope": slope}
    settings = {_SETTINGS.get(key, key): value for key, value in asdict(layer).items()}
    return layer.kind, {"trainable": True, "dtype": "float32", **settings}


def _written(fill: Callable[[Any], None]) -> bytes:
    import h5py  # noqa: PLC0415  (a tenth of a second that pages need not wait)

    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        fill(file)
    return out.getvalue()


def _arrays(layer: Layer, weights: dict[str, np.ndarray]) -> list[tuple[str, np.ndarray]]:
    """Its arrays in Keras's order."""
    kinds = (Conv2D, Dense, BatchNormalization, PReLU)
    return [(key, weights[key]) for key in _ORDER if key in weights] if isinstance(layer, kinds) else []


def _new_layout(file: Any, network: Network) -> None:
    """layers/conv2d/vars/0, ...: each class's first layer has its name, the others a number."""
    for name, layer, weights in by_layer(network.layers, network.weights):
        kind, number = GROUPS.get(layer.kind, layer.kind.lower()), name.split("_")[1]
        group = file.create_group(f"layers/{kind}" + (f"_{int(number) - 1}" if number != "1" else ""))
        variables = group.create_group("vars")
        for place, (_, array) in enumerate(_arrays(layer, weights)):
            variables.create_dataset(str(place), data=array.astype(np.float32))


def _old_layout(file: Any, network: Network) -> None:
    """model_weights/conv2d_1/conv2d_1/kernel, ..., with the names of all in attributes."""
    file.attrs["keras_version"], file.attrs["backend"] = KERAS, "tensorflow"
    file.attrs["model_config"] = json.dumps(_config(network))
    top = file.create_group("model_weights")
    top.attrs["layer_names"] = [name.encode() for name in architectures.names(network.layers)]
    for name, layer, weights in by_layer(network.layers, network.weights):
        group, arrays = top.create_group(name), _arrays(layer, weights)
        names = np.array([f"{name}/{key}".encode() for key, _ in arrays], dtype="S64")
        group.attrs["weight_names"] = names
        for key, array in arrays:
            group.create_dataset(f"{name}/{key}", data=array.astype(np.float32))
