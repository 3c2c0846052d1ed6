"""Changing pictures a little, so that a network sees more of them than there are.

Each picture is turned, sheared, scaled, shifted and mirrored about its centre, all in one affine map, and bent
by a smooth random field; it is read bilinearly, with 0 (paper, black) outside. The worker does the same warp in
TensorFlow, with these maps.
"""

from functools import cache

import numpy as np
from scipy.interpolate import BSpline

from core.records import Augmentation

NONE = Augmentation()

# What the page's sliders allow, and `configs.check` accepts.
LIMITS = Augmentation(rotation=45, shear=45, scale=0.5, shift=8, elastic=4, crop=8, flip=True)

AFFINE = 6  # numbers of an affine map
KNOTS = 6  # of the bending field along each side


def columns(settings: Augmentation) -> int:
    """Return how many numbers say how one picture is changed: 0 where none ever is."""
    return (settings != NONE) * AFFINE + (settings.elastic > 0) * 2 * KNOTS**2


def maps(
    settings: Augmentation, count: int, rng: np.random.Generator, side: int = 28, p_no_augment: float = 0.0
) -> np.ndarray:
    """Return float32 [count, 6 or 6 + 2 * KNOTS**2]: `matrices`, then the bends where there are any.

    The bends are pixels to the right at each knot, row by row, then pixels down. p_no_augment: the share of the
    pictures, chosen at random, that are left as they are.
    """
    drawn = _maps(settings, count, rng, side)
    if p_no_augment:
        drawn[rng.random(count) < p_no_augment] = np.eye(1, drawn.shape[1]) + np.eye(1, drawn.shape[1], 4)
    return drawn


def _maps(settings: Augmentation, count: int, rng: np.random.Generator, side: int) -> np.ndarray:
    affine = matrices(settings, count, rng, side)
    if not settings.elastic:
        return affine
    # A cubic spline is the weighted mean of its knots: these, between -most and most,
    # bend by `elastic` at one standard deviation.
    most = settings.elastic * 2.09 * 3**0.5
    bends = rng.uniform(-most, most, (count, 2 * KNOTS**2)).astype(np.float32)
    return np.concatenate([affine, bends], axis=1)


@cache
def spline(side: int = 28) -> np.ndarray:
    """Return float32 [side * side, KNOTS**2]: how much each knot counts for each pixel, row by row.

    The tensor product of uniform cubic B-splines; each row sums to 1.
    """
    at = np.linspace(3, KNOTS, side, endpoint=True)
    at[-1] -= 1e-9  # the last pixel still lies within the last piece
    one = BSpline.design_matrix(at, np.arange(KNOTS + 4, dtype=float), 3).toarray()
    return np.kron(one, one).astype(np.float32)


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
    if settings.crop:
        shift_x, shift_y = (
            s + rng.integers(-settings.crop, settings.crop + 1, count) for s in (shift_x, shift_y)
        )
    middle = (side - 1) / 2
    c = middle - a * (middle + shift_x) - b * (middle + shift_y)
    f = middle - d * (middle + shift_x) - e * (middle + shift_y)
    if settings.flip:  # the result's column x is what was its column side - 1 - x
        mirrored = rng.random(count) < 0.5
        c, f = c + mirrored * a * (side - 1), f + mirrored * d * (side - 1)
        a, d = np.where(mirrored, -a, a), np.where(mirrored, -d, d)
    return np.stack([a, b, c, d, e, f], axis=1).astype(np.float32)


def warp(images: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """float32 [n, h, w] or [n, h, w, channels], and maps as from `maps` -> the changed pictures, same shape."""
    n, height, width, *channels = images.shape
    y, x = np.mgrid[:height, :width].reshape(2, -1)
    a, b, c, d, e, f = (maps[:, i, None] for i in range(6))
    at_x, at_y = a * x + b * y + c, d * x + e * y + f
    if maps.shape[1] > AFFINE:
        right, down = maps[:, AFFINE:].reshape(n, 2, -1).swapaxes(0, 1) @ spline(height).T
        at_x, at_y = at_x + right, at_y + down
    left, top = np.floor(at_x).astype(int), np.floor(at_y).astype(int)
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), *[(0, 0) for _ in channels]))
    rows = np.arange(n)[:, None]

    def value(px: np.ndarray, py: np.ndarray) -> np.ndarray:
        return padded[rows, np.clip(py + 1, 0, height + 1), np.clip(px + 1, 0, width + 1)]

    right, down = at_x - left, at_y - top
    if channels:
        right, down = right[..., None], down[..., None]
    upper = (1 - right) * value(left, top) + right * value(left + 1, top)
    lower = (1 - right) * value(left, top + 1) + right * value(left + 1, top + 1)
    return ((1 - down) * upper + down * lower).reshape(images.shape).astype(np.float32)


def _spread(most: float, count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(-most, most, count)
