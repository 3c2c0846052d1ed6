"""Letters from handwriting fonts, in EMNIST's shape and its files."""

import gzip
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from core.data import datasets, glyphs, training_sets
from tests.file_bytes import as_idx


@cache
def letters(data: str = "emnist-letters", of_each: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return upright uint8 [n, 28, 28] and labels from 0, uint8 [n], by fonts that no template is made of."""
    classes, rng = datasets.KINDS[data].names, np.random.default_rng(seed)
    images, labels = [], []
    for label, name in enumerate(classes):
        known = [g for g in glyphs.load(held_out=True) if g.character in (name, name.lower())]
        for n in range(of_each):
            images.append(training_sets.render(known[n % len(known)].strokes, rng))
            labels.append(label)
    order = rng.permutation(len(labels))
    return np.uint8(255 * np.stack(images))[order], np.array(labels, np.uint8)[order]


def put(home: Path, data: str, images: np.ndarray, labels: np.ndarray, *, packed: bool = True) -> None:
    """Write the four idx files of a data set into the data folder, the test part being every third."""
    folder = home / data
    folder.mkdir(parents=True, exist_ok=True)
    test = np.arange(len(labels)) % 3 == 0
    for part, chosen in (("train", ~test), ("test", test)):
        for what, array in (("images-idx3-ubyte", images), ("labels-idx1-ubyte", labels)):
            content = as_idx(np.ascontiguousarray(array[chosen]))
            name = f"{data}-{part}-{what}"
            (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(content, 1) if packed else content)


def csv(images: np.ndarray, labels: np.ndarray, *, head: bool) -> bytes:
    """Kaggle's file: a label, then 784 numbers, in each line."""
    lines = [",".join(map(str, [label, *image.ravel()])) for image, label in zip(images, labels, strict=True)]
    names = [",".join(["label", *(f"pixel{n}" for n in range(1, 785))])] if head else []
    return "\n".join([*names, *lines, ""]).encode()


def npz(path: Path, images: np.ndarray, labels: np.ndarray, names: Sequence[str] = ()) -> None:
    test = np.arange(len(labels)) % 3 == 0
    arrays = (images[~test], labels[~test], images[test], labels[test])
    np.savez(path, **dict(zip(names or ("x_train", "y_train", "x_test", "y_test"), arrays, strict=True)))
