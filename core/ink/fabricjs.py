"""Fabric.js objects, which the canvas component sends and takes, <-> Drawing.

Called by `ui.components.canvas`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.records import Drawing

MAX_COORDINATE = 1e6


def to_drawing(objects: Sequence[dict[str, Any]], side: float) -> Drawing:
    """Fabric.js objects on a canvas of that side -> Drawing; what is no freehand line is left out."""
    kept = [line for o in objects if (line := _line(o))]
    return Drawing(tuple(points for points, _ in kept), tuple(width for _, width in kept), side)


def _line(item: Any) -> tuple[np.ndarray, float] | None:
    """Return (points, the pen's width) of a freehand line; None for anything else, or what is no number."""
    try:
        if item["type"] != "Path":
            return None
        points, width = _polyline(item["path"]), float(item["strokeWidth"])
    except (LookupError, TypeError, ValueError, OverflowError):
        return None
    sound = len(points) and np.isfinite(points).all() and 0 < width <= MAX_COORDINATE
    return (np.clip(points, -MAX_COORDINATE, MAX_COORDINATE), width) if sound else None


def _polyline(path: list[list]) -> np.ndarray:
    """Fabric.js path commands (M, L, and Q for quadratic curves) -> float32 [points, 2]."""
    points: list[tuple[float, float]] = []
    for command, *numbers in path:
        if command == "Q":
            (x0, y0), (cx, cy, x1, y1) = points[-1], numbers
            points += [((x0 + 2 * cx + x1) / 4, (y0 + 2 * cy + y1) / 4), (x1, y1)]  # its middle and its end
        elif command in ("M", "L"):
            points.append((numbers[0], numbers[1]))
    return np.array(points, np.float32).reshape(-1, 2)


def to_objects(drawing: Drawing, side: float, *, ink: str, brush: float) -> list[dict[str, Any]]:
    """Drawing -> Fabric.js objects on a canvas of that side, moved and scaled where they would not fit.

    ink: a CSS colour. brush: the width for strokes whose own is unknown.
    """
    strokes = [np.asarray(stroke, float) for stroke in drawing.strokes]
    brushes = drawing.brushes or (brush,) * len(drawing.strokes)
    if not strokes:
        return []
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    if drawing.canvas:
        scale, offset = side / drawing.canvas, np.zeros(2)
        brushes = tuple(b * scale for b in brushes) if drawing.brushes else brushes
    elif low.min() >= 0 and high.max() <= side and (high - low).max() >= side / 5:
        scale, offset = 1.0, np.zeros(2)
    else:
        scale = 0.6 * side / max(float((high - low).max()), 1e-9)
        offset = side / 2 - scale * (low + high) / 2
    return [_path_object(s * scale + offset, b, ink) for s, b in zip(strokes, brushes, strict=True)]


def _path_object(points: np.ndarray, width: float, ink: str) -> dict[str, Any]:
    if len(points) == 1:  # a dot needs some length to be drawn
        points = np.concatenate([points, points + 0.01])
    (left, top), (right, bottom) = points.min(0).tolist(), points.max(0).tolist()
    (first, *rest) = np.round(points.astype(float), 2).tolist()
    return {
        "type": "Path",
        "path": [["M", *first], *(["L", *p] for p in rest)],
        "originX": "center",
        "originY": "center",
        "left": (left + right) / 2,
        "top": (top + bottom) / 2,
        "stroke": ink,
        "strokeWidth": width,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
        "fill": None,
    }
