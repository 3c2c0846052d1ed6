"""Augmentation: random affine and elastic warps of the training images.

Each image is rotated, sheared, scaled, shifted and mirrored about its centre, all in one affine map, and warped
by a smooth random displacement field (elastic); it is sampled bilinearly, with 0 (paper, black) outside.
`core.worker.steps` does the same warp in TensorFlow, with the same parameters; `ui.sections.train_form` and
`core.analysis.dataset_stats` show it.
"""

from functools import cache

import numpy as np
from scipy.interpolate import BSpline

from core.records import Augmentation, TrainConfig

NONE = Augmentation()

# What the page's sliders allow, and `configs.check` accepts.
LIMITS = Augmentation(rotation=45, shear=45, scale=0.5, shift=8, elastic=4, crop=8, flip=True)

AFFINE = 6  # numbers of an affine map
KNOTS = 6  # of the elastic field along each side


def parameter_count(settings: Augmentation) -> int:
    """Return how many parameters the warp of one image has: 0 where nothing is augmented."""
    return (settings != NONE) * AFFINE + (settings.elastic > 0) * 2 * KNOTS**2


def warp_parameters(
    settings: Augmentation, count: int, rng: np.random.Generator, side: int = 28, p_no_augment: float = 0.0
) -> np.ndarray:
    """Return float32 [count, 6 or 6 + 2 * KNOTS**2]: `affine_matrices`, then the elastic field where there is
    one.

    The elastic field is pixels to the right at each knot, row by row, then pixels down. p_no_augment: the
    probability that an image is left as it is.
    """
    drawn = _draw_parameters(settings, count, rng, side)
    if p_no_augment:
        drawn[rng.random(count) < p_no_augment] = np.eye(1, drawn.shape[1]) + np.eye(1, drawn.shape[1], 4)
    return drawn


def draw_epoch(
    config: TrainConfig, indices: np.ndarray, epoch: int, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the order of an epoch's images, int32 [n], and their warp parameters, float32 [n, 0 or more].

    The same for the same seed and epoch. indices: which images the epoch has.
    """
    rng = np.random.default_rng([config.seed, epoch])
    order = rng.permutation(indices).astype(np.int32)
    if config.augmentation == NONE:
        return order, np.zeros((len(indices), 0), np.float32)
    drawn = warp_parameters(config.augmentation, len(indices), rng, side=side, p_no_augment=config.p_no_augment)
    return order, drawn


def _draw_parameters(settings: Augmentation, count: int, rng: np.random.Generator, side: int) -> np.ndarray:
    affine = affine_matrices(settings, count, rng, side)
    if not settings.elastic:
        return affine
    # A cubic spline is the weighted mean of its knots: these, between -limit and limit,
    # displace by `elastic` at one standard deviation.
    limit = settings.elastic * 2.09 * 3**0.5
    elastic_field = rng.uniform(-limit, limit, (count, 2 * KNOTS**2)).astype(np.float32)
    return np.concatenate([affine, elastic_field], axis=1)


@cache
def spline(side: int = 28) -> np.ndarray:
    """Return float32 [side * side, KNOTS**2]: how much each knot counts for each pixel, row by row.

    The tensor product of uniform cubic B-splines; each row sums to 1.
    """
    at = np.linspace(3, KNOTS, side, endpoint=True)
    at[-1] -= 1e-9  # the last pixel still lies within the last piece
    one = BSpline.design_matrix(at, np.arange(KNOTS + 4, dtype=float), 3).toarray()
    return np.kron(one, one).astype(np.float32)


def affine_matrices(settings: Augmentation, count: int, rng: np.random.Generator, side: int = 28) -> np.ndarray:
    """Return float32 [count, 6]: rows (a, b, c, d, e, f), drawn at random.

    Output pixel (x, y) is read from input pixel (a x + b y + c, d x + e y + f).
    """
    angle = np.deg2rad(_uniform(settings.rotation, count, rng))
    shear = np.tan(np.deg2rad(_uniform(settings.shear, count, rng)))
    zoom_x, zoom_y = (1 / (1 + _uniform(settings.scale, count, rng)) for _ in "xy")
    shift_x, shift_y = (_uniform(settings.shift, count, rng) for _ in "xy")
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


def warp(images: np.ndarray, warp_parameters: np.ndarray) -> np.ndarray:
    """float32 [n, h, w] or [n, h, w, channels], and `warp_parameters` -> the warped images, same shape."""
    n, height, width, *channels = images.shape
    y, x = np.mgrid[:height, :width].reshape(2, -1)
    a, b, c, d, e, f = (warp_parameters[:, i, None] for i in range(6))
    at_x, at_y = a * x + b * y + c, d * x + e * y + f
    if warp_parameters.shape[1] > AFFINE:
        right, down = warp_parameters[:, AFFINE:].reshape(n, 2, -1).swapaxes(0, 1) @ spline(height).T
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


def _uniform(limit: float, count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(-limit, limit, count)
