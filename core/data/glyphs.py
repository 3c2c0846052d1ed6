"""Characters as strokes of a pen, traced from handwriting fonts: see assets/glyphs/README.md.

Called by `core.data.orientation` and `core.data.training_sets`.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from core.paths import ASSETS

SIDE = 250  # a glyph's longer side in the file


@dataclass(frozen=True)
class Glyph:
    """One character in one handwriting.

    character: a digit, a letter of A-Z or a-z, or a mark such as '+'.
    strokes: float32 [points, 2] each: x right, y down, from 0; longer side 1; a dot is one point.
    font: the font whose hand it is.
    """

    character: str
    strokes: tuple[np.ndarray, ...]
    font: str


@cache
def _glyphs() -> tuple[tuple[Glyph, bool], ...]:
    """Every glyph, and whether its font is held out."""
    with np.load(ASSETS / "glyphs" / "glyphs.npz", allow_pickle=False) as file:
        arrays = dict(file)
    points = arrays["points"].astype(np.float32) / SIDE
    strokes = np.split(points, arrays["stroke_offsets"][1:-1])
    ends = arrays["glyph_offsets"]
    return tuple(
        (Glyph(str(c), tuple(strokes[a:b]), str(arrays["fonts"][f])), bool(arrays["held_out"][f]))
        for c, f, a, b in zip(arrays["character"], arrays["font"], ends[:-1], ends[1:], strict=True)
    )


def load(held_out: bool) -> list[Glyph]:
    """Return the glyphs of the fonts to learn from or, if `held_out`, of those kept for testing."""
    return [glyph for glyph, is_held_out in _glyphs() if is_held_out == held_out]
