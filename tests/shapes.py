"""Ten digits and a letter as a pen would draw them: strokes in a unit square, x to the right, y down."""

import itertools

import numpy as np

SIDE = 560  # of the app's canvas, to whose pixels a drawing is told


def _arc(x, y, rx, ry, start, end, count=16):
    """Points on an ellipse from angle `start` to `end` in degrees; 0 is right, 90 is down."""
    angles = np.radians(np.linspace(start, end, count))
    return [(x + rx * np.cos(a), y + ry * np.sin(a)) for a in angles]


DIGITS: dict[int | str, list[list[tuple[float, float]]]] = {
    0: [_arc(0.5, 0.5, 0.33, 0.48, -80, 280)],
    1: [[(0.52, 0.02), (0.5, 0.5), (0.48, 0.98)]],
    2: [[*_arc(0.48, 0.27, 0.34, 0.25, 190, 390), (0.5, 0.65), (0.12, 0.97), (0.9, 0.95)]],
    3: [[*_arc(0.42, 0.26, 0.34, 0.24, 200, 440), *_arc(0.42, 0.73, 0.38, 0.25, 280, 510)]],
    4: [[(0.3, 0.03), (0.12, 0.55), (0.85, 0.52)], [(0.72, 0.1), (0.66, 0.98)]],
    5: [[(0.82, 0.04), (0.26, 0.05), (0.2, 0.45), *_arc(0.45, 0.69, 0.36, 0.28, 235, 500)]],
    6: [[(0.68, 0.03), (0.38, 0.25), (0.2, 0.6), *_arc(0.48, 0.72, 0.28, 0.25, 180, -180)]],
    7: [[(0.1, 0.06), (0.88, 0.05), (0.6, 0.5), (0.42, 0.97)]],
    8: [[*_arc(0.5, 0.26, 0.27, 0.24, 90, 450), *_arc(0.5, 0.74, 0.32, 0.24, -90, 270)]],
    9: [[*_arc(0.48, 0.28, 0.3, 0.26, 0, -360), (0.77, 0.4), (0.7, 0.7), (0.6, 0.98)]],
    "A": [[(0.08, 0.98), (0.5, 0.02), (0.92, 0.98)], [(0.25, 0.62), (0.76, 0.6)]],
}


def strokes(digit: int | str, size: float = 200, left: float = 60, top: float = 60) -> list[np.ndarray]:
    """Return float32 [points, 2] per stroke: the digit in a square of `size` at (left, top)."""
    return [_dense(np.array(s, np.float32)) * size + (left, top) for s in DIGITS[digit]]


def _dense(points: np.ndarray, step: float = 0.12) -> np.ndarray:
    """Add points on long lines, as a pen does; the canvas would round their corners off otherwise."""
    parts = [
        np.linspace(a, b, max(int(np.hypot(*(b - a)) / step), 1), endpoint=False)
        for a, b in itertools.pairwise(points)
    ]
    return np.concatenate([*parts, points[-1:]]).astype(np.float32)


# size, left and top: middle, small in a corner, large, small in the other
PLACES = [(200, 70, 70), (90, 12, 230), (300, 20, 20), (80, 240, 15)]


def fabric(digit: int | str, width: float = 18, place: tuple[float, float, float] = (200, 60, 60)) -> dict:
    """Return the canvas component's JSON of that digit. place: as in PLACES."""
    return {
        "objects": [
            {
                "type": "Path",
                "strokeWidth": width,
                "path": [["M", *points[0]], *(["L", *p] for p in points[1:])],
            }
            for points in (s.tolist() for s in strokes(digit, *place))
        ]
    }
