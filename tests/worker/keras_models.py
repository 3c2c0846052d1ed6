"""Networks of Keras's, and a file of one that is put together anew."""

import io
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers as k

from core.ink import files
from core.nn import architectures
from core.worker import models

IMAGE_SHAPE, COLOURS = (28, 28, 1), (32, 32, 3)


def sequential(*layers, shape=IMAGE_SHAPE) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *layers])


def functional(make, shape=IMAGE_SHAPE) -> keras.Model:
    start = keras.Input(shape)
    return keras.Model(start, make(start))


def last() -> list:
    return [k.Flatten(), k.Dense(10, activation="softmax")]


def saved(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a model is not built is one of the cases below
        path = Path(folder, "network.keras")
        model.save(path)
        return path.read_bytes()


def shaken(model: keras.Model) -> keras.Model:
    """The same model with weights that are neither 0 nor 1, so that two of them cannot be mixed up."""
    rng = np.random.default_rng(1)
    for variable in model.weights:
        if variable.dtype in ("uint32", "int32", "int64"):  # of a layer's chance, or how many it has seen
            continue
        lowest = 0.1 if "variance" in variable.name else -0.3
        variable.assign(rng.uniform(lowest, 0.3, variable.shape))
    for layer in model.layers:
        if isinstance(layer, k.Normalization):
            layer.finalize_state()  # as when it is loaded
    return model


def branches(x):
    x = k.Conv2D(2, 3, padding="same", name="side")(x)
    return k.Dense(10, "softmax")(k.Flatten()(k.Add(name="sum")([x, k.Conv2D(2, 1)(x)])))


def refused(read: Callable[[], object], sentence: str) -> None:
    """Check that reading gets one sentence, and which."""
    with pytest.raises(files.BadInput, match=sentence) as caught:
        read()
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 400


# Files that nobody's Keras wrote.
LAYERS = (architectures.Conv2D(2, 3), architectures.BatchNormalization(), architectures.Flatten())
LAYERS += (architectures.Dense(10, "softmax"),)
GOOD = saved(shaken(models.build(LAYERS)))


def members(data: bytes = GOOD) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(contents: dict[str, bytes], compression=zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_config(config: bytes) -> bytes:
    return archive_of(members() | {"config.json": config})


JOINED = saved(functional(branches))


def with_weights(h5: bytes) -> bytes:
    return archive_of(members() | {"model.weights.h5": h5})
