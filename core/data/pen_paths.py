"""Lines, curves and arcs of a pen, and how another hand would draw the same.

A drawing is a list of strokes, each float [points, 2], x to the right, y down, about 0..1.

Called by `core.data.glyph_variants`, `core.data.own_classes`, `core.data.scribbles`,
`core.data.synthetic_digits` and `core.data.training_sets`.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

Strokes = list[np.ndarray]

_PER_PIECE = 8  # points between two control points of a curve


def line(*points: tuple[float, float] | np.ndarray) -> np.ndarray:
    """Return straight pieces from point to point, in small steps so that they can be bent."""
    corners = np.array(points, float)
    steps = np.linspace(0, 1, _PER_PIECE, endpoint=False)[:, None]
    pieces = [a + steps * (b - a) for a, b in pairwise(corners)]
    return np.concatenate([*pieces, corners[-1:]])


def curve(*points: tuple[float, float]) -> np.ndarray:
    """Return a smooth line through the points (Catmull and Rom's spline)."""
    p = np.array(points, float)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, _PER_PIECE, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return np.concatenate([*pieces, p[-2:-1]])


def arc(x: float, y: float, width: float, height: float, start: float = 0.0, turns: float = 1.0) -> np.ndarray:
    """Return part of an ellipse about (x, y); start and turns in whole turns, clockwise from the right."""
    angle = 2 * np.pi * (start + np.linspace(0, turns, max(8, int(40 * abs(turns)))))
    return np.stack([x + width / 2 * np.cos(angle), y + height / 2 * np.sin(angle)], 1)


def distort(strokes: Sequence[np.ndarray], rng: np.random.Generator, strength: float = 1.0) -> Strokes:
    """Draw the same again as another hand would: slanted, stretched, bent, its strokes not quite in place."""
    points = np.concatenate(list(strokes))
    middle = (points.min(0) + points.max(0)) / 2
    size = float(np.ptp(points, axis=0).max()) or 1.0
    angle, slant = strength * rng.normal(0, 0.12), strength * rng.normal(0, 0.18)
    stretch = np.exp(strength * rng.normal(0, 0.15))
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[stretch, -slant], [0, 1 / stretch]])
    waves = rng.uniform(0.4, 1.3, (3, 2)) * rng.choice([-1, 1], (3, 2)) * 2 * np.pi
    phases, pushes = rng.uniform(0, 2 * np.pi, 3), strength * rng.normal(0, 0.03, (3, 2))
    distorted = []
    for stroke in strokes:
        at = (np.asarray(stroke, float) - middle) / size
        bent = at + np.sin(at @ waves.T + phases) @ pushes
        distorted.append(bent @ matrix.T + strength * rng.normal(0, 0.015, 2))
    return distorted
