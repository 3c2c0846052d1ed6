"""From a photograph or an uploaded picture to DigitImage: find the ink, then MNIST's recipe.

What a camera adds to a drawing is taken off first: which of paper and ink is the lighter, a slope
of light across the paper, noise and specks, and a pen much thinner or thicker than MNIST's.
"""

from functools import reduce

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.morphology import skeletonize

from core import thin_lines
from core.preprocessing import BOX, CENTRE, SIZE, STROKE_RADIUS, centre_of_mass, last_steps
from core.records import DigitImage, Step

WORKING_SIDE = 400  # longer side to which a larger picture is reduced
FINE = 8  # working pixels for each of the 28
# Pens of these widths, in pixels of the 28x28, are left as they are; others get the width of a drawing.
# MNIST's own: median 2.8, nine in ten between 1.9 and 4.8.
PEN_WIDTHS = (1.9, 4.5)
# Ink must differ from paper by this share of the full range, and by this many times the noise.
MIN_CONTRAST, MIN_NOISE_RATIO = 0.08, 4.0
# A separate piece under this share of the largest one is a speck.
SPECK = 0.03
# A digit holds a line that is longer than this share of it.
SCATTERED = 0.1


def from_image(pixels: np.ndarray) -> DigitImage | None:
    """Return what a network is given for a picture of one digit, or None where no ink stands out.

    pixels: uint8 [height, width] or [height, width, 3], dark ink on light paper or the reverse.
    """
    grey = _reduce(np.asarray(pixels))
    ink = _lift_ink(grey)
    if ink is None:
        return None
    mask = _digit_mask(ink > 0.5)
    if mask is None:
        return None
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    top, left = rows[0], columns[0]
    height, width = rows[-1] + 1 - top, columns[-1] + 1 - left
    fine = _enlarge(np.where(ndimage.binary_dilation(mask), ink, 0), top, left, height, width)
    depth, backbone = _depth(fine > 0.5)
    if not backbone.any():
        return None
    boxed, pen, new_pen = _redraw(depth, backbone)
    if not boxed.any():
        return None
    final = _shifted(boxed, CENTRE * FINE - centre_of_mass(boxed))
    shown = grey if grey[mask].mean() > grey[~mask].mean() else 1 - grey  # ink is the larger number
    clean, box = np.where(mask, ink, 0).astype(np.float32), (left, top, width, height)
    thickness = (
        f"The pen is {pen:.1f} pixels wide then, as in MNIST."
        if abs(pen - new_pen) < 0.05
        else f"The pen, {pen:.1f} pixels wide then, is drawn {new_pen:.1f} wide."
    )
    return DigitImage(
        _block_mean(final),
        (
            Step("Your picture", f"Read as {grey.shape[1]} by {grey.shape[0]} pixels of grey.", shown),
            Step("The ink and its box", "Paper, shadows and specks are taken away.", clean, box=box),
            *last_steps(_block_mean(boxed), _block_mean(final), thickness),
        ),
    )


def _reduce(pixels: np.ndarray) -> np.ndarray:
    """uint8 [h, w] or [h, w, 3] -> float32 [h, w] of 0..1, its longer side at most WORKING_SIDE.

    Of a coloured picture the channel with the most contrast is taken: yellow ink is blue's absence.
    """
    image = thin_lines.shrink(Image.fromarray(pixels), WORKING_SIDE)
    channels = [np.asarray(channel, np.float32) / 255 for channel in image.split()]
    return max(channels, key=np.std)


def _lift_ink(grey: np.ndarray) -> np.ndarray | None:
    """Return float32 [h, w], about 0 = paper and 1 = ink with the edge of the ink at 0.5, or None.

    The paper is a surface of second degree in x and y, fitted to the pixels that are not ink.
    """
    if min(grey.shape) < 3:
        return None
    rest = grey - _paper(grey)
    low, high = np.percentile(rest, [0.5, 99.5])
    if max(high, -low) < MIN_CONTRAST:  # ink in one pixel of two hundred at most: a thin line
        low, high = float(rest.min()), float(rest.max())
    ink = rest if high > -low else -rest
    threshold = float(threshold_otsu(np.clip(ink, 0, None)))
    noise = 1.4826 * float(np.median(np.abs(ink - np.median(ink))))
    strong = ink > threshold
    if not strong.any():
        return None
    level = float(np.median(ink[strong]))
    if level < max(MIN_CONTRAST, MIN_NOISE_RATIO * noise):
        return None
    return np.clip(0.5 * ink / threshold, 0, 1).astype(np.float32)


def _paper(grey: np.ndarray) -> np.ndarray:
    """Return float32 [h, w], the light that the picture would have without ink."""
    height, width = grey.shape
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    step = max(height, width) // 64 + 1  # a smooth surface needs few pixels
    some, some_y, some_x = grey[::step, ::step], y[::step], x[::step]
    terms = np.stack([np.broadcast_to(t, some.shape).ravel() for t in _terms(some_y, some_x)], 1)
    values = some.ravel()
    paper = np.full(values.shape, np.median(values))
    for count in (1, 3, 6, 6, 6):  # a level first, then a slope, then a curve: outliers leave on the way
        rest = np.abs(values - paper)
        kept = rest <= max(2.5 * float(np.median(rest)), 0.02)
        fit, *_ = np.linalg.lstsq(terms[kept, :count], values[kept], rcond=None)
        paper = terms[:, :count] @ fit
    return reduce(np.add, (float(f) * term for f, term in zip(fit, _terms(y, x), strict=True)))


def _terms(y: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    """Return 1, x, y, xy, x^2, y^2, each of a shape that broadcasts to [h, w]."""
    return [np.ones_like(x), x, y, x * y, x * x, y * y]


def _digit_mask(mask: np.ndarray) -> np.ndarray | None:
    """Drop specks, and what runs over the picture's edge when something inside is left; None for dots alone."""
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    if not count:
        return None
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    inside = areas.copy()
    inside[np.unique(edge)] = 0
    if inside.max() >= 0.001 * mask.size:
        areas = inside
    kept = np.isin(labels, np.flatnonzero(areas >= max(SPECK * areas.max(), 1)))
    return None if _is_scattered(kept) else kept


def _is_scattered(mask: np.ndarray) -> bool:
    """Is every piece of the ink far smaller than all of it: specks, or a dotted line?"""
    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    longest = max(max(s.stop - s.start for s in piece) for piece in ndimage.find_objects(labels))
    whole = max(np.ptp(places) + 1 for places in np.nonzero(mask))
    return longest < SCATTERED * whole


def _enlarge(ink: np.ndarray, top: int, left: int, height: int, width: int) -> np.ndarray:
    """Crop the box with a margin and scale its longer side to BOX * FINE, smoothly."""
    zoom = BOX * FINE / max(height, width)
    margin = 2
    if zoom < 1:
        ink = thin_lines.thicken(ink, 1 / zoom, light_only=True)
    crop = np.pad(ink, margin)[top : top + height + 2 * margin, left : left + width + 2 * margin]
    size = (round(crop.shape[1] * zoom), round(crop.shape[0] * zoom))
    return np.asarray(Image.fromarray(crop).resize(size, Image.Resampling.BICUBIC))


def _depth(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (depth, backbone): pixels to the ink's edge, positive inside, and the ink's middle line."""
    mask = np.pad(mask, 2)
    depth = np.where(
        mask, ndimage.distance_transform_edt(mask) - 0.5, 0.5 - ndimage.distance_transform_edt(~mask)
    )
    return depth, skeletonize(mask)


def _redraw(depth: np.ndarray, backbone: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return float32 [224, 224] with the ink's longer side 160, and its pen width before and after.

    The edge of the ink is moved in or out until the pen has a width from PEN_WIDTHS. Where that
    would make thin places vanish, the middle line keeps them.
    """
    pen = 2 * float(np.median(depth[backbone])) / FINE
    new_pen = pen if PEN_WIDTHS[0] <= pen <= PEN_WIDTHS[1] else 2 * STROKE_RADIUS
    inner = max(BOX - pen, 0.1)  # the longer side of the pen's path
    zoom = 1.0
    if new_pen != pen and pen < BOX / 2:
        zoom = (BOX - new_pen) / inner
    else:
        new_pen = pen
    radius = new_pen * FINE / 2
    field = depth * zoom + radius - pen * zoom * FINE / 2
    if new_pen < pen:
        field = np.maximum(field, radius - ndimage.distance_transform_edt(~backbone) * zoom)
    ink = np.clip(field + 0.5, 0, 1).astype(np.float32)
    side = SIZE * FINE
    offset = (side - np.array(ink.shape[::-1]) * zoom) / 2
    matrix = (1 / zoom, 0, -offset[0] / zoom, 0, 1 / zoom, -offset[1] / zoom)
    placed = Image.fromarray(ink).transform(
        (side, side), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )
    return np.asarray(placed), pen, new_pen


def _shifted(fine: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Move the picture by whole working pixels, paper coming in at the edges."""
    return ndimage.shift(fine, np.round(shift[::-1]), order=0)


def _block_mean(fine: np.ndarray) -> np.ndarray:
    """float32 [224, 224] -> float32 [28, 28], the mean of each 8x8 block."""
    return fine.reshape(SIZE, FINE, SIZE, FINE).mean((1, 3)).astype(np.float32)
