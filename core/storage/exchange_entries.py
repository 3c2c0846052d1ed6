"""One entry of a file of drawings: the drawing in it, or why it is refused.

Called by `core.storage.exchange`, `core.storage.exchange_json` and `core.storage.exchange_zip`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from core.ink import files
from core.ink.files import BadInput
from core.records import Drawing, StoredDrawing
from core.storage import drawings

# (how far, name, the drawing or why it is refused)
Found = Iterator[tuple[float, str, StoredDrawing | str]]


def or_why_not(read_it: Callable[[], StoredDrawing]) -> StoredDrawing | str:
    """One entry's fault is its own."""
    try:
        return read_it()
    except BadInput as error:
        return str(error)
    except (ValueError, ArithmeticError, LookupError):
        return "It is damaged and cannot be read."


def pixels(content: Drawing | np.ndarray | None, predict: files.Predict | None = None) -> np.ndarray:
    """Return a drawing or an image as uint8 [28, 28], 255 = ink. Raises BadInput where there is no ink."""
    image = files.to_digit_image(content, predict) if content is not None else None
    if image is None:
        raise BadInput("It is empty: it has no ink.")
    return drawings.as_bytes(image.pixels)


def with_ink(pixels: np.ndarray) -> np.ndarray:
    """Return the same. Raises BadInput where there is no ink."""
    if not pixels.any():
        raise BadInput("It is empty: it has no ink.")
    return pixels


def is_digit(value: Any) -> bool:
    """Is it one of the whole numbers 0 to 9?"""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9
