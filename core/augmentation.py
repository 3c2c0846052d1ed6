"""Changing digits a little, so that a network sees more hands than there are.

Each picture is turned, sheared, scaled and shifted about its centre, all in one affine map, and read
bilinearly, with paper outside. The worker does the same warp in TensorFlow, with these matrices.
"""

import numpy as np

from core.records import Augmentation

NONE = Augmentation()

# What the page's sliders allow, and `configs.check` accepts.
LIMITS = Augmentation(rotation=45, shear=45, scale=0.5, shift=8)


def matrices(settings: Augmentation, count: int, rng: np.random.Generator, side: int = 28) -> np.ndarray:
    """Return float32 [count, 6]: rows (a, b, c, d, e, f), drawn at random.

    Output pixel (x, y) is read from input pixel (a x + b y + c, d x + e y + f).
    """
    angle = np.deg2rad(_spread(settings.rotation, count, rng))
    shear = np.tan(np.deg2rad(_spread(settings.shear, count, rng)))
    zoom_x, zoom_y = (1 / (1 + _spread(settings.scale, count, rng)) for _ in "xy")
    shift_x, shift_y = (_spread(settings.shift, count, rng) for _ in "xy")
    cos, sin = np.cos(angle), np.sin(angle)
    # rotation @ shear @ scale, so that the shift stays in pixels of the result
    a, b = cos * zoom_x, (cos * shear - sin) * zoom_y
    d, e = sin * zoom_x, (sin * shear + cos) * zoom_y
    middle = (side - 1) / 2
    c = middle - a * (middle + shift_x) - b * (middle + shift_y)
    f = middle - d * (middle + shift_x) - e * (middle + shift_y)
    return np.stack([a, b, c, d, e, f], axis=1).astype(np.float32)


def warp(pictures: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """float32 [n, h, w], 0 = paper, and maps as from `matrices` -> the changed pictures, same shape."""
    n, height, width = pictures.shape
    y, x = np.mgrid[:height, :width].reshape(2, -1)
    a, b, c, d, e, f = (maps[:, i, None] for i in range(6))
    at_x, at_y = a * x + b * y + c, d * x + e * y + f
    left, top = np.floor(at_x).astype(int), np.floor(at_y).astype(int)
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    rows = np.arange(n)[:, None]

    def value(px: np.ndarray, py: np.ndarray) -> np.ndarray:
        return padded[rows, np.clip(py + 1, 0, height + 1), np.clip(px + 1, 0, width + 1)]

    right, down = at_x - left, at_y - top
    upper = (1 - right) * value(left, top) + right * value(left + 1, top)
    lower = (1 - right) * value(left, top + 1) + right * value(left + 1, top + 1)
    return ((1 - down) * upper + down * lower).reshape(pictures.shape).astype(np.float32)


def _spread(most: float, count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(-most, most, count)
