"""The pictures that networks learn from."""

from functools import cache
from pathlib import Path

import numpy as np

from core.records import Dataset

ASSETS = Path(__file__).parents[1] / "assets"


@cache
def mnist() -> Dataset:
    """Return MNIST: uint8 [60000, 28, 28] and [10000, 28, 28], 0 = paper, 255 = ink, original order."""
    with np.load(ASSETS / "mnist.npz", allow_pickle=False) as arrays:
        return Dataset(**{name: arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")})
