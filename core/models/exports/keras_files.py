"""A network as a .keras or an .h5 file, which Keras opens; written without Keras, from layers and arrays."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.data.datasets import shape_of
from core.ink.files import BadInput
from core.models.keras_layers import GROUPS
from core.nn import architectures, graph
from core.nn.architectures import Activation, BatchNormalization, Conv2D, Dense, Layer, PReLU, Shape
from core.nn.weights import Weights, by_layer
from core.records import Network

KERAS = "3.10.0"  # the version whose format this is; later ones read it
_SETTINGS = {"kernel": "kernel_size", "stride": "strides", "pool": "pool_size"}  # ours -> Keras's
_ORDER = ("kernel", "bias", "alpha", "gamma", "beta", "moving_mean", "moving_variance")


def keras(network: Network) -> bytes:
    """Return a .keras file."""
    network = _as_it_came(network)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": KERAS}))
        archive.writestr("config.json", json.dumps(_config(network)))
        archive.writestr("model.weights.h5", _written(lambda file: _new_layout(file, network)))
    return out.getvalue()


def h5(network: Network) -> bytes:
    """Return an .h5 file, as Keras has written it for years."""
    network = _as_it_came(network)
    return _written(lambda file: _old_layout(file, network))


def _as_it_came(network: Network) -> Network:
    """Of a mean of several networks' answers, without the last layer that hands it on: Keras has no ln."""
    match network.layers:
        case [*inner, Activation("log"), Dense()] if _hands_on(network):
            end = architectures.names(network.layers)[-1]
            weights = {key: array for key, array in network.weights.items() if not key.startswith(f"{end}/")}
            return replace(network, layers=tuple(inner), weights=weights)
    if any(getattr(layer, "activation", "") == "log" for layer in network.layers):
        raise BadInput(
            "What follows the mean of its probabilities was changed, and Keras has no layer for that; every "
            "other format has."
        )
    return network


def _hands_on(network: Network) -> bool:
    """Does the last layer change nothing?"""
    end = architectures.names(network.layers)[-1]
    kernel, bias = network.weights[f"{end}/kernel"], network.weights[f"{end}/bias"]
    return np.array_equal(kernel, np.eye(len(kernel))) and not bias.any()


def _config(network: Network) -> dict[str, Any]:
    layers, shape = network.layers, shape_of(network)
    names, before = architectures.names(layers), architectures.inputs(layers, shape)
    listed = [_layer("InputLayer", {"batch_shape": [None, *shape], "dtype": "float32"}, "input")]
    listed += [_layer(*_settings(layers[n], before[n]), names[n]) for n in _order(layers)]
    config = {"name": "digit_lab", "trainable": True, "dtype": "float32", "layers": listed}
    kind = "Sequential", "keras"
    if not graph.is_chain(layers):
        _join(listed, layers, shape)
        config |= {"input_layers": [["input", 0, 0]], "output_layers": [[names[-1], 0, 0]]}
        kind = "Functional", "keras.src.models.functional"
    return {"module": kind[1], "class_name": kind[0], "config": config, "registered_name": None}


def _join(listed: list[dict[str, Any]], layers: Sequence[Layer], shape: Shape) -> None:
    """Say of each layer in Keras's list which others it reads."""
    names, read = architectures.names(layers), graph.sources(layers)
    shapes = [*(after for after, _ in architectures.describe(layers, shape)), shape]  # -1 is the image's

    def tensor(at: int) -> dict[str, Any]:
        history = [names[at] if at >= 0 else "input", 0, 0]
        config = {"shape": [None, *shapes[at]], "dtype": "float32", "keras_history": history}
        return {"class_name": "__keras_tensor__", "config": config}

    listed[0] |= {"name": "input", "inbound_nodes": []}
    for one, n in zip(listed[1:], _order(layers), strict=True):
        given = [tensor(at) for at in read[n]]
        node: dict[str, Any] = {"args": [given] if len(given) > 1 else given, "kwargs": {}}
        one |= {"name": names[n], "inbound_nodes": [node]}


def _order(layers: Sequence[Layer]) -> list[int]:
    """Return the places in the order in which Keras has the layers: those farthest from the output first.

    Of equals that comes first which is met first on the way back from the output. Keras finds the arrays of a
    file by this order.
    """
    read = graph.sources(layers)
    far, met = dict.fromkeys(range(len(layers)), 0), dict[int, int]()
    for place in reversed(range(len(layers))):
        for at in read[place]:
            far[at] = max(far.get(at, 0), far[place] + 1)
    waiting = [len(layers) - 1]
    while waiting:
        place = waiting.pop()
        if place >= 0 and place not in met:
            met[place] = len(met)
            waiting += reversed(read[place])
    return sorted(range(len(layers)), key=lambda place: (-far[place], met[place]))


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
    settings = {_SETTINGS.get(key, key): value for key, value in architectures.settings(layer).items()}
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


def _in_order(network: Network) -> list[tuple[Layer, Weights]]:
    every = by_layer(network.layers, network.weights)
    return [every[n][1:] for n in _order(network.layers)]


def _new_layout(file: Any, network: Network) -> None:
    """layers/conv2d/vars/0, ...: each class's first layer has its name, the others a number."""
    counts: dict[str, int] = {}
    for layer, weights in _in_order(network):
        kind = GROUPS.get(layer.kind, layer.kind.lower())
        number = counts[kind] = counts.get(kind, -1) + 1
        group = file.create_group(f"layers/{kind}" + (f"_{number}" if number else ""))
        variables = group.create_group("vars")
        for place, (_, array) in enumerate(_arrays(layer, weights)):
            variables.create_dataset(str(place), data=array.astype(np.float32))


def _old_layout(file: Any, network: Network) -> None:
    """model_weights/conv2d_1/conv2d_1/kernel, ..., with the names of all in attributes."""
    file.attrs["keras_version"], file.attrs["backend"] = KERAS, "tensorflow"
    file.attrs["model_config"] = json.dumps(_config(network))
    top = file.create_group("model_weights")
    every = architectures.names(network.layers)
    top.attrs["layer_names"] = [every[n].encode() for n in _order(network.layers)]
    for name, layer, weights in by_layer(network.layers, network.weights):
        group, arrays = top.create_group(name), _arrays(layer, weights)
        names = np.array([f"{name}/{key}".encode() for key, _ in arrays], dtype="S64")
        group.attrs["weight_names"] = names
        for key, array in arrays:
            group.create_dataset(f"{name}/{key}", data=array.astype(np.float32))
