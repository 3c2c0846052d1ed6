"""Archives that are no network, and what happens to a file on its way: the network, or BadInput."""

import random
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ink import files
from core.models import keras_hdf5, keras_import
from core.nn import architectures
from tests.worker.keras_models import GOOD, JOINED, archive_of, members, refused, with_config, with_weights


def patched(data: bytes, central: int, local: int, form: str, value: int, name=b"config.json") -> bytes:
    """The archive with a number overwritten in the two headers of an entry."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.index(b"PK\1\2", data.rindex(name) - 46) + central, value)
    if local:
        struct.pack_into(form, changed, data.index(name) - 30 + local, value)
    return bytes(changed)


def without(name: str) -> bytes:
    return archive_of({key: content for key, content in members().items() if key != name})


BOMB = archive_of(members() | {"more": bytes(90_000_000)}, zipfile.ZIP_DEFLATED)
LIAR = archive_of({"model.weights.h5": b"", "config.json": bytes(9_000_000)}, zipfile.ZIP_DEFLATED)
ARCHIVES = {
    "empty": (b"", "This is no zip archive; accepted is a .keras file"),
    "text": (b"dear diary", "This is no zip archive"),
    "an HDF5 file of numbers": (members()["model.weights.h5"], "The .h5 file holds no network, only numbers"),
    "a damaged HDF5 file": (members()["model.weights.h5"][:900], "is damaged or incomplete"),
    "zip in name only": (b"PK" + bytes(99), "damaged or incomplete"),
    "too large": (b"PK" + bytes(61_000_000), "has 61.0 MB; at most 60 MB are accepted"),
    "too many entries": (archive_of(dict.fromkeys(map(str, range(101)), b"")), "101 entries; at most 100"),
    "a bomb": (BOMB, r"unpacks to 90,0.* bytes; at most [0-9,]+ are accepted"),
    "a bomb that lies": (patched(LIAR, 24, 22, "<I", 1000), "damaged or incomplete"),
    "encrypted": (patched(GOOD, 8, 6, "<H", 1), "config.json is encrypted"),
    "packed by bzip2": (archive_of(members(), zipfile.ZIP_BZIP2), "packed in an unusual way"),
    "packed by LZMA": (archive_of(members(), zipfile.ZIP_LZMA), "packed in an unusual way"),
    "an entry beyond the end": (patched(GOOD, 42, 0, "<I", 2**32 - 2), "damaged or incomplete"),
    "no config.json": (without("config.json"), "has no config.json; a .keras file holds"),
    "no weights": (without("model.weights.h5"), "has no model.weights.h5; a .keras file holds"),
    "half": (GOOD[: len(GOOD) // 2], "damaged or incomplete"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_that_is_no_network_gets_one_sentence(name):
    data, sentence = ARCHIVES[name]
    refused(lambda: keras_import.read(data), sentence)


# Whatever happens to a file on its way: the network, or BadInput.


def changed(data: bytes, seed: int, most: int = 6) -> bytes:
    """The data with one to `most` bytes overwritten, and sometimes its end cut off."""
    rng, result = random.Random(seed), bytearray(data)
    for _ in range(rng.randint(1, most)):
        result[rng.randrange(len(result))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    return bytes(result[: rng.randrange(len(result))] if rng.random() < 0.1 else result)


def network_or_sentence(data: bytes) -> None:
    try:
        layers, weights, shape = keras_import.read(data)
    except files.BadInput:
        return
    assert not architectures.check(layers, shape)
    assert all(np.isfinite(array).all() for array in weights.values())


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_archives(seed):
    network_or_sentence(changed(GOOD, seed))


def test_damaged_configurations(monkeypatch):
    monkeypatch.setattr(keras_import, "_weights", lambda h5, layers, shape, **_: {})
    config = members()["config.json"]
    for seed in range(400):
        network_or_sentence(with_config(changed(config, seed)))


def test_damaged_joins(monkeypatch):
    """Also with names and numbers of one layer in the place of another's."""
    monkeypatch.setattr(keras_import, "_weights", lambda h5, layers, shape, **_: {})
    contents, rng = members(JOINED), random.Random(1)
    words = ["side", "sum", "input_layer", "conv2d", "flatten", "dense", "keras_history", "args"]
    for seed in range(300):
        config = changed(contents["config.json"], seed, most=2).decode(errors="replace")
        config = config.replace(f'"{rng.choice(words)}"', f'"{rng.choice(words)}"', rng.randint(1, 3))
        network_or_sentence(archive_of(contents | {"config.json": config.encode()}))


def test_damaged_arrays(monkeypatch):
    monkeypatch.setattr(keras_hdf5, "SECONDS", 3.0)
    h5 = members()["model.weights.h5"]
    for seed in range(5):
        network_or_sentence(with_weights(changed(h5, seed, most=40)))
