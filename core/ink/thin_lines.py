"""Lines that would vanish when an image is shrunk are made thicker first.

A pixel of the smaller image is the mean of those that it comes from: a line of 1 pixel, shrunk to a quarter,
keeps a quarter of its darkness, in dashes. Only lines are touched that are thinner than a pixel of the smaller
image, and only where most of the paper is clean: a photograph's noise would be taken for lines, too.

Called by `core.ink.decoder`, `core.ink.ink_candidates` and `core.ink.photograph`.
"""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

# Of the full range: lines stand out from both of their sides by so much, and half of all places vary by less.
MIN_CONTRAST, MAX_NOISE = 0.1, 0.025
_STRIP = 256  # rows of a large image that are worked on at once
_PATCH = 16


def shrink(
    image: Image.Image, side: int, to_rgb: Callable[[Image.Image], Image.Image] = lambda part: part
) -> Image.Image:
    """Return an image with its longer side at most `side`, each pixel a mean; thin lines stay whole.

    to_rgb: makes L or RGB of a part of the image; the whole is never in memory twice.
    """
    factor = max(image.size) / side
    if factor <= 1:
        return to_rgb(image.copy())
    is_clean = _is_clean(image, to_rgb)
    width, height = (max(1, round(n / factor)) for n in image.size)
    result, rows = None, max(1, int(_STRIP / factor))
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        part = _strip(image, (top / height, bottom / height), factor, (width, bottom - top), is_clean, to_rgb)
        result = result or Image.new(part.mode, (width, height))
        result.paste(part, (0, top))
    assert result is not None
    return result


def _strip(image, between, factor, size, is_clean, to_rgb) -> Image.Image:
    """Return the rows of the smaller image that come from `between`, shares of the larger one's height."""
    first, last = (fraction * image.height for fraction in between)
    halo = 3 * (math.ceil(factor) + 1)  # how far one place has a say in thickening
    above, below = max(int(first) - halo, 0), min(math.ceil(last) + halo, image.height)
    part = to_rgb(image.crop((0, above, image.width, below)))
    if is_clean:
        part = Image.fromarray(thicken(np.asarray(part), factor))
    return part.resize(size, Image.Resampling.BOX, (0, first - above, image.width, last - above))


def thicken(pixels: np.ndarray, factor: float, *, light_only: bool = False) -> np.ndarray:
    """Return an image whose lines outlast being shrunk by `factor`, 1 or more.

    pixels: uint8 0..255 or float32 0..1, [height, width] or [height, width, channels]. Lines of up to `factor`
    pixels, dark or light, whichever there are more of, become `factor` pixels thicker.
    light_only: dark lines are gaps between light ones, and stay.

        >>> thicken(np.uint8([[255, 255, 255, 0, 255, 255, 255]]), 2.0).tolist()
        [[255, 255, 0, 0, 0, 255, 255]]
    """
    width = math.ceil(factor) + 1
    full = pixels.dtype.type(255 if pixels.dtype == np.uint8 else 1)
    # What is there without the dark lines, and without the light ones: closing and opening.
    bright = _slide(np.minimum, _slide(np.maximum, pixels, width), width, reverse=True)
    dim = _slide(np.maximum, _slide(np.minimum, pixels, width), width, reverse=True)
    dark, light = bright - pixels, pixels - dim
    for lines in (dark, light):
        lines[lines < MIN_CONTRAST * full] = 0
    if not light_only and dark.sum(dtype=float) >= light.sum(dtype=float):
        wide = _slide(np.maximum, dark, width)
        return np.minimum(pixels, bright - np.minimum(bright, wide)) if wide.any() else pixels
    wide = _slide(np.maximum, light, width)
    return np.maximum(pixels, dim + np.minimum(full - dim, wide))


def _slide(extreme: np.ufunc, pixels: np.ndarray, width: int, reverse: bool = False) -> np.ndarray:
    """Return the minimum or maximum of the `width` x `width` places around each; the edges are repeated.

    reverse: the window reaches one further to the left and above, where its width is even, not right and below.
    """
    for axis in (0, 1):
        before = width // 2 if reverse else (width - 1) // 2
        around = [(0, 0)] * pixels.ndim
        around[axis] = (before, width - 1 - before)
        wide = np.moveaxis(np.pad(pixels, around, mode="edge"), axis, 0)
        reach = 1  # each place holds the extreme of so many by now
        while reach < width:
            step = min(reach, width - reach)
            wide = extreme(wide[:-step], wide[step:])
            reach += step
        pixels = np.moveaxis(wide, 0, axis)
    return pixels


def _is_clean(image: Image.Image, to_rgb: Callable[[Image.Image], Image.Image]) -> bool:
    """Does the paper hardly vary from one pixel to the next? Looked at in 64 small patches."""
    side = min(_PATCH, *image.size)
    ranges = []
    for top in np.linspace(0, image.height - side, 8).astype(int).tolist():
        for left in np.linspace(0, image.width - side, 8).astype(int).tolist():
            patch = np.asarray(to_rgb(image.crop((left, top, left + side, top + side))))
            ranges.append(np.subtract(*np.percentile(patch.reshape(side * side, -1), (90, 10), axis=0)).max())
    return float(np.median(ranges)) <= MAX_NOISE * 255
