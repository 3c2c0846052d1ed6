"""Damage to a drawing: turned, shifted, thinned, covered. A new kind is one entry in DISTORTIONS.

Images are float32 [n, height, width] or [n, height, width, 3], 0..1, and stay so.

Called by `core.analysis.breaking`, `ui.sections.break_drawing` and `ui.state.link_values`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import ndimage

Change = Callable[[np.ndarray, float], np.ndarray]


class Distortion(NamedTuple):
    """low, high: of the amount, 0 of which, or 1 where it is a factor, is no change. unit: of the amount.

    only_ink: it makes no sense of images in colour.
    """

    low: float
    high: float
    unit: str
    change: Change
    neutral: float = 0.0
    only_ink: bool = False

    @property
    def start(self) -> float:
        """Some damage, with which a slider begins."""
        return self.neutral + 0.25 * (self.high - self.neutral)


def _mapped(x: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Each image through a 2x2 matrix around its middle: output place -> input place."""
    middle = (np.array(x.shape[1:3]) - 1) / 2
    offset = middle - matrix @ middle
    full, shift = np.eye(x.ndim), np.zeros(x.ndim)
    full[1:3, 1:3], shift[1:3] = matrix, offset
    return ndimage.affine_transform(x, full, shift, order=1)


def _turned(x: np.ndarray, degrees: float) -> np.ndarray:
    """As a clock's hands go."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return _mapped(x, np.array([[c, -s], [s, c]]))


def _shifted(x: np.ndarray, pixels: float) -> np.ndarray:
    return ndimage.shift(x, (0, 0, pixels, *[0] * (x.ndim - 3)), order=1)


def _scaled(x: np.ndarray, factor: float) -> np.ndarray:
    return _mapped(x, np.eye(2) / factor)


def _sides(x: np.ndarray, size: float) -> tuple[int, ...]:
    return (1, 1 + 2 * round(size), 1 + 2 * round(size), *[1] * (x.ndim - 3))


def _between(x: np.ndarray, amount: float, change: Change) -> np.ndarray:
    """The change by whole pixels, mixed where the amount lies between two."""
    low = int(np.floor(amount))
    first = change(x, low) if low else x
    return first if amount == low else first + (amount - low) * (change(x, low + 1) - first)


def _thinned(x: np.ndarray, pixels: float) -> np.ndarray:
    return _between(x, pixels, lambda y, n: ndimage.grey_erosion(y, _sides(y, n)))


def _thickened(x: np.ndarray, pixels: float) -> np.ndarray:
    return _between(x, pixels, lambda y, n: ndimage.grey_dilation(y, _sides(y, n)))


def _blurred(x: np.ndarray, pixels: float) -> np.ndarray:
    return ndimage.gaussian_filter(x, (0, pixels, pixels, *[0] * (x.ndim - 3)))


def _noisy(x: np.ndarray, deviation: float) -> np.ndarray:
    return x + deviation * np.random.default_rng(0).normal(size=x.shape)


def _covered(x: np.ndarray, fraction: float) -> np.ndarray:
    """A square in the middle, of this fraction of the side."""
    covered, size = x.copy(), np.array(x.shape[1:3])
    (top, left), (bottom, right) = np.rint(size * (1 - fraction) / 2), np.rint(size * (1 + fraction) / 2)
    covered[:, int(top) : int(bottom), int(left) : int(right)] = 0.5 if x.ndim == 4 else 0.0
    return covered


def _inverted(x: np.ndarray, fraction: float) -> np.ndarray:
    return x + fraction * (1 - 2 * x)


DISTORTIONS: dict[str, Distortion] = {
    "Turn": Distortion(-180, 180, "degrees, clockwise", _turned),
    "Shift": Distortion(-12, 12, "pixels to the right", _shifted),
    "Scale": Distortion(0.3, 1.7, "times as large", _scaled, 1.0),
    "Thin": Distortion(0, 3, "pixels from each side", _thinned, only_ink=True),
    "Thicken": Distortion(0, 3, "pixels on each side", _thickened, only_ink=True),
    "Blur": Distortion(0, 5, "pixels", _blurred),
    "Noise": Distortion(0, 1, "standard deviation", _noisy),
    "Cover": Distortion(0, 1, "of the side", _covered),
    "Invert": Distortion(0, 1, "of the way", _inverted),
}


def distorted(images: np.ndarray, name: str, amount: float) -> np.ndarray:
    """Return the images, changed by so much."""
    kind = DISTORTIONS[name]
    changed = images if amount == kind.neutral else kind.change(images.astype(np.float32), amount)
    return np.clip(changed, 0, 1).astype(np.float32)


def amounts(name: str, count: int = 13) -> np.ndarray:
    """Return so many amounts, evenly from the least to the most; among them what changes nothing."""
    kind = DISTORTIONS[name]
    found = np.linspace(kind.low, kind.high, count)
    found[np.abs(found - kind.neutral).argmin()] = kind.neutral
    return found
