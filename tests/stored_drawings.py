"""Drawings as the database keeps them."""

from datetime import UTC, datetime

import numpy as np

from core.ink import files
from core.ink.preprocessing import from_strokes
from core.records import Drawing, StoredDrawing
from core.storage import drawings
from tests import shapes

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def some(label: int, visitor: str = "me", number: int = 0) -> StoredDrawing:
    """A drawing that is like no other one of another label, or of another number below 20,000."""
    pixels = np.zeros((28, 28), np.uint8)
    pixels.flat[np.random.default_rng([label, number]).choice(784, 60, replace=False)] = 255
    return StoredDrawing(label, pixels, "", visitor, THEN)


def same(one: StoredDrawing, other: StoredDrawing) -> bool:
    def plain(d):
        return (
            d.label,
            d.pixels.tolist(),
            d.strokes,
            d.visitor,
            d.created,
            d.predicted,
            d.confidence,
            d.network,
        )

    return plain(one) == plain(other)


def drawn(digit: int, held_out: bool | None = False) -> StoredDrawing:
    ink = Drawing(tuple(np.round(s) for s in shapes.strokes(digit)), (18.0,) * len(shapes.DIGITS[digit]), 328.0)
    pixels = drawings.as_bytes(from_strokes(ink.strokes).pixels)
    return StoredDrawing(
        digit, pixels, files.write_drawing(ink).decode(), "me", THEN, 3, 0.75, "a network", 7, held_out
    )
