"""Maps and images as the browser is given them: one image, its size and its scale.

Called by `ui.components.feature_maps`, `ui.components.feature_maps.chosen_map` and `ui.components.signal_flow`.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.io.data_urls import PNG, data_url
from core.nn import sprites
from core.words import true_minus
from ui.widgets import thumbnails


def image(pixels: np.ndarray) -> dict[str, Any]:
    """The image that is looked at: grey as a map of its own, in colour as it is."""
    if pixels.ndim == 2:
        return sprite(pixels[..., None])
    return coloured(thumbnails.colour_url(pixels), 1, 1, pixels.shape)


def coloured(url: str, columns: int, count: int, shape: tuple[int, ...]) -> dict[str, Any]:
    """Images of that shape side by side, which the browser shows in the colours they have."""
    return {
        "sprite": url,
        "columns": columns,
        "count": count,
        "height": shape[0],
        "width": shape[1],
        "colour": True,
        "signed": False,
    }


def sprite(values: np.ndarray, only: Sequence[int] | None = None) -> dict[str, Any]:
    """Return a layer's maps, all or only some of them, as one image, its size and its scale."""
    made = sprites.sprite(values, only)
    height, width = values.shape[:2] if values.ndim == 3 else (1, 1)
    broken = int((~np.isfinite(values)).sum())
    scale = f"{short(made.low)} … {short(made.high)}"
    if made.high == 0:
        scale = "none is a number" if broken == values.size else "all others are 0" if broken else "all are 0"
    return {
        "sprite": data_url(sprites.png(made.codes), PNG),
        "columns": made.columns,
        "count": made.count,
        "height": height,
        "width": width,
        "signed": made.low < 0,
        "scale": scale,
        "high": made.high,
        "broken": broken,
    }


def short(number: float) -> str:
    """Three significant digits, without an exponent where that is short enough."""
    return true_minus(f"{number:.3g}") if math.isfinite(number) else "not a number"
