"""Activations as one image: the maps of a layer side by side, a byte for each number.

Called by `ui.components.feature_maps.image_data`.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

NOT_A_NUMBER, MIN, ZERO, MAX = 0, 1, 128, 255  # the codes of its pixels


@dataclass(frozen=True)
class Sprite:
    """All maps of a layer in one image.

    codes: uint8 [rows * height, columns * width]: 0 for what is no number, else 1..255 from `low` to `high`.
    columns: maps in a row. count: of the maps; what is left over in the last row is 0.
    low, high: the ends of the scale that all maps share; low is 0 or -high.
    """

    codes: np.ndarray
    columns: int
    count: int
    low: float
    high: float


def sprite(values: np.ndarray, only: Sequence[int] | None = None) -> Sprite:
    """float [height, width, maps] or [units] -> one image of all maps, on one scale.

    The scale begins at 0, and in the middle of the codes where there are negative numbers. only: the maps that
    are in the image, in this order, by default all; the scale is that of all.

        >>> small = sprite(np.array([[[0.0, 1.0], [0.5, 2.0]]]))
        >>> small.codes.tolist(), small.low, small.high
        ([[1, 65, 128, 255]], 0.0, 2.0)
    """
    maps = values if values.ndim == 3 else values.reshape(1, 1, -1)
    height, width, count = maps.shape
    finite = np.isfinite(maps)
    numbers = np.where(finite, maps, 0).astype(np.float64)
    high = float(np.abs(numbers).max(initial=0))
    signed = bool((numbers < 0).any())
    zero = ZERO if signed else MIN
    if only is not None:
        numbers, finite, count = numbers[..., only], finite[..., only], len(only)
    codes = np.rint(zero + numbers / (high or 1.0) * (MAX - zero))
    codes = np.where(finite, codes, NOT_A_NUMBER).astype(np.uint8)
    columns = max(min(count, round((count * height / width) ** 0.5)), 1)
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, height, width), np.uint8)
    sheet[:count] = codes.transpose(2, 0, 1)
    sheet = sheet.reshape(rows, columns, height, width).transpose(0, 2, 1, 3)
    return Sprite(sheet.reshape(rows * height, columns * width), columns, count, -high if signed else 0.0, high)


def png(codes: np.ndarray) -> bytes:
    """uint8 [height, width] -> a grey PNG, written fast rather than small."""
    out = io.BytesIO()
    Image.fromarray(codes).save(out, "PNG", compress_level=1)
    return out.getvalue()
