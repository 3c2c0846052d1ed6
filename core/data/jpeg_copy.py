"""CIFAR-10 stored as JPEG: copies of several qualities show what lost detail costs a network.

Called by `core.commands.reproduce`.
"""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.datasets import Dataset


def through_jpeg(images: np.ndarray, quality: int) -> np.ndarray:
    """uint8 [n, height, width, 3] -> the same images stored as JPEG of a quality, 1 to 100, and read again.

    Colour is stored at half the resolution, as Pillow does by default (4:2:0).
    """
    stored = np.empty_like(images)
    for into, image in zip(stored, images, strict=True):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=quality)
        into[...] = np.asarray(Image.open(file))
    return stored


def write(data: Dataset, quality: int, path: Path) -> None:
    """Write the data set, its images through JPEG, as `datasets.cifar10` reads it; nobody sees half a file."""
    arrays = {name: through_jpeg(getattr(data, name), quality) for name in ("x_train", "x_test")}
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.npz")
    np.savez(half, x_train=arrays["x_train"], x_test=arrays["x_test"], y_train=data.y_train, y_test=data.y_test)
    half.replace(path)
