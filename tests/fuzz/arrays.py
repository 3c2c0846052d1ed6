"""Malformed sets of arrays: digits, images in colour, what pens have written."""

import gzip
import io
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.data import datasets, pen_files
from core.ink import files
from tests import colours
from tests.fuzz.mutation import Random, changed


def npz(arrays: dict[str, np.ndarray], rng: Random) -> bytes:
    """An .npz file of these arrays: one with another header or type, or with changed bytes."""
    name = rng.choice(list(arrays))
    match rng.randrange(5):
        case 0:
            arrays = {key: array for key, array in arrays.items() if key != name}
        case 1:
            others = (
                np.zeros(3),
                np.array([{}], object),
                np.bytes_(b"abc"),
                np.zeros((2, 2), "U3"),
                np.zeros(0),
            )
            arrays = arrays | {name: rng.choice(others)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", rng.choice((0, 8))) as archive:
        for key, array in arrays.items():
            np.lib.format.write_array(body := io.BytesIO(), np.asanyarray(array), allow_pickle=True)
            content = body.getvalue()
            if key == name and rng.random() < 0.5:
                start = content.index(b"\n")
                content = changed(content[:start], rng) + content[start:]
            if key == name and rng.random() < 0.3:
                shape = rng.choice(("(9999999999999,)", "(-1,)", "()", "(True,)", "[1]", "'a'", "(" * 500))
                text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
                content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
            archive.writestr(zipfile.ZipInfo(f"{key}.npy"), content, archive.compression)  # no time of its own
    data = out.getvalue()
    return changed(data, rng) if rng.random() < 0.4 else data


def digits_set(rng: Random) -> bytes:
    """Labelled images as idx, in pairs and alone, as .npz or as a CSV, with changed bytes."""
    images = np.tile(np.arange(784, dtype=np.uint8).reshape(28, 28), (3, 1, 1))
    labels = np.array([rng.randrange(-1, 12) for _ in images], np.int16)
    pair = [b"\0\0\x08\x03" + struct.pack(">3I", 3, 28, 28) + images.tobytes()]
    pair.append(b"\0\0\x08\x01" + struct.pack(">I", 3) + labels.astype(np.uint8).tobytes())
    rows = (f"{label}," + ",".join(map(str, x.ravel())) for x, label in zip(images, labels, strict=True))
    match rng.randrange(4):
        case 0:
            names = rng.choice((("x", "y"), ("x_train", "y_train"), ("images", "labels")))
            return npz(dict(zip(names, (images, labels), strict=True)), rng)
        case 1:
            data = "\n".join(rows).encode()
        case 2:
            data = rng.choice(pair)
        case _:
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                for name, part in zip("ab", pair, strict=True):
                    archive.writestr(zipfile.ZipInfo(name), changed(part, rng) if rng.random() < 0.3 else part)
            data = out.getvalue()
    data = changed(data, rng) if rng.random() < 0.7 else data
    return gzip.compress(data, mtime=0) if rng.random() < 0.3 else data


SMALL = colours.dataset(40, 20)


def cifar(rng: Random) -> bytes:
    return npz(colours.arrays(SMALL), rng)


def read_cifar(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        colours.install(patch, Path(folder), SMALL)
        datasets.cifar10_path().write_bytes(data)
        datasets.cifar10()


def pens(rng: Random) -> bytes:
    digits = {
        "points": np.arange(24, dtype=np.float32).reshape(12, 2),
        "stroke_offsets": np.array([0, 4, 8, 12]),
        "digit_offsets": np.array([0, 1, 3]),
        "labels": np.array([1, 7]),
        "writer": np.array([0, 1]),
    }
    return npz(digits, rng)


def read_pens(data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        try:
            pen_files.pen_digits(file.name)
        except ValueError as error:
            raise files.BadInput(str(error)) from None
