"""Malformed files of Keras."""

import io
import json
import zipfile
from functools import cache

import h5py
import numpy as np

from core.models import keras_import
from core.nn import architectures
from tests.fuzz.checks import Fault
from tests.fuzz.mutation import Random, as_json, changed, distorted


def layer(kind: str, **settings) -> dict:
    return {
        "class_name": kind,
        "module": "keras.layers",
        "registered_name": None,
        "config": {"name": kind.lower(), **settings},
    }


def network() -> tuple[dict, dict[str, np.ndarray]]:
    """A small .keras file's layers and arrays, as Keras would write them."""
    layers = [
        layer("InputLayer", batch_shape=[None, 28, 28, 1]),
        layer("Conv2D", filters=2, kernel_size=[3, 3], strides=[3, 3], padding="valid", activation="relu"),
        layer("Flatten"),
        layer("Dense", units=10, activation="softmax"),
    ]
    model = {"class_name": "Sequential", "module": "keras", "config": {"name": "net", "layers": layers}}
    shapes_of = {"conv2d": ((3, 3, 1, 2), (2,)), "dense": ((162, 10), (10,))}
    rng = np.random.default_rng(0)
    arrays = {
        f"layers/{name}/vars/{place}": rng.standard_normal(shape, np.float32)
        for name, both in shapes_of.items()
        for place, shape in enumerate(both)
    }
    return model, arrays


@cache
def weights() -> bytes:
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        for path, array in network()[1].items():
            file[path] = array
    return out.getvalue()


def keras_network(rng: Random) -> bytes:
    return _keras(rng, altered=False)


def keras_weights(rng: Random) -> bytes:
    return _keras(rng, altered=True)


def _keras(rng: Random, altered: bool) -> bytes:
    model, h5 = network()[0], weights()
    config = json.dumps(model).encode()
    if altered:
        head = rng.choice((len(h5), 2000))  # where the pointers are, more often than where the numbers are
        h5 = changed(h5[:head], rng) + h5[head:]
    else:
        config = as_json(distorted(model, rng, 0.5), rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("config.json"), config)
        archive.writestr(zipfile.ZipInfo("model.weights.h5"), h5)
    data = out.getvalue()
    return data if altered or rng.random() < 0.6 else changed(data, rng)


def read_keras(data: bytes) -> None:
    layers, arrays, shape = keras_import.read(data)
    if architectures.check(layers, shape) or not all(np.isfinite(array).all() for array in arrays.values()):
        raise Fault("a network that cannot be trained, or numbers that are none")
