"""Drawings that are no digit: scribbles, symbols, and digits that something stands beside or around.

Strokes are as in `pen_paths`. A new kind is one function and one entry.

Called by `core.data.training_sets`.
"""

from collections.abc import Callable, Sequence

import numpy as np

from core.data.pen_paths import Strokes, arc, curve, distort, line


def _wandering(rng: np.random.Generator) -> Strokes:
    """A pen that wanders: loops, or a tangle, by how fast its direction changes."""
    count, wild = int(rng.integers(50, 180)), rng.uniform(0.3, 0.9)
    direction = np.cumsum(rng.normal(rng.normal(0, 0.15), wild, count))
    path = np.cumsum(np.stack([np.cos(direction), np.sin(direction)], 1), 0)
    weights = np.ones(3) / 3
    return [np.stack([np.convolve(path[:, i], weights, "valid") for i in (0, 1)], 1)]


def _through_points(rng: np.random.Generator) -> Strokes:
    return [curve(*rng.uniform(0, 1, (int(rng.integers(7, 22)), 2))) for _ in range(rng.integers(1, 3))]


def _zigzag(rng: np.random.Generator) -> Strokes:
    teeth, slope = int(rng.integers(4, 16)), rng.uniform(0.0, 0.5)
    x, y = np.arange(teeth) / teeth, (np.arange(teeth) % 2) * rng.uniform(0.2, 1.2)
    points = np.stack([x, y + slope * x], 1) + rng.normal(0, 0.03, (teeth, 2))
    turn = rng.uniform(0, np.pi)
    points = points @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return [line(*points) if rng.random() < 0.5 else curve(*points)]


def _spiral(rng: np.random.Generator) -> Strokes:
    turns = rng.uniform(1.8, 6)
    t = np.linspace(rng.uniform(0, 0.2), 1, int(30 * turns))
    angle = rng.choice([-1, 1]) * 2 * np.pi * turns * t + rng.uniform(0, 6.3)
    return [np.stack([t * np.cos(angle), rng.uniform(0.6, 1.2) * t * np.sin(angle)], 1)]


def _circling(rng: np.random.Generator) -> Strokes:
    """Round and round, moving on as in a telephone doodle."""
    turns, along = rng.uniform(2.2, 7), rng.uniform(0.0, 2.5)
    t = np.linspace(0, 1, int(24 * turns))
    angle = 2 * np.pi * turns * t
    wobble = 1 + 0.25 * np.sin(rng.uniform(0.3, 0.7) * angle + rng.uniform(0, 6))
    return [
        np.stack([wobble * np.cos(angle) + along * t, wobble * np.sin(angle) + along * rng.normal() * t], 1)
    ]


def _sticks(rng: np.random.Generator) -> Strokes:
    return [line(*rng.uniform(0, 1, (2, 2))) for _ in range(rng.integers(3, 10))]


def _hatching(rng: np.random.Generator) -> Strokes:
    count = int(rng.integers(3, 8))
    lean, both = rng.uniform(-0.6, 0.6), rng.random() < 0.4
    bars = [line((x, 0), (x + lean, 1)) for x in np.linspace(0, 1, count)]
    if both:
        bars += [line((0, y), (1 + lean, y)) for y in np.linspace(0, 1, int(rng.integers(2, 6)))]
    return bars


def _bars(rng: np.random.Generator) -> Strokes:
    """One to four lines that lie, as in a minus and an equals sign."""
    return [line((0, y), (1, y)) for y in np.arange(rng.integers(1, 5)) * rng.uniform(0.15, 0.5)]


def _dots(rng: np.random.Generator) -> Strokes:
    """Two to ten dots, each a point or a tiny line."""
    places = rng.uniform(0, 1, (int(rng.integers(2, 11)), 2))
    return [line(p, p + rng.normal(0, rng.choice([0.002, 0.03]), 2)) for p in places]


def _dashed(rng: np.random.Generator) -> Strokes:
    path = curve(*rng.uniform(0, 1, (int(rng.integers(6, 9)), 2)))
    return [piece[: len(piece) // 2] for piece in np.array_split(path, rng.integers(4, 9))]


def _blob(rng: np.random.Generator) -> Strokes:
    """An area filled with the pen, to and fro."""
    rows = int(rng.integers(8, 16))
    y = np.repeat(np.linspace(-1, 1, rows), 2)
    half = np.sqrt(np.maximum(1 - np.abs(y) ** rng.uniform(1.2, 8), 0)) * rng.uniform(0.35, 1.1)
    half = half * (1 + rng.normal(0, 0.08, len(y)))
    side = np.where(np.arange(2 * rows) // 2 % 2, 1, -1) * np.where(np.arange(2 * rows) % 2, -1, 1)
    turn = rng.uniform(0, np.pi)
    points = np.stack([side * half, y], 1)
    return [points @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])]


SCRIBBLES: tuple[Callable[[np.random.Generator], Strokes], ...] = (
    _wandering,
    _wandering,
    _wandering,
    _through_points,
    _through_points,
    _zigzag,
    _zigzag,
    _spiral,
    _circling,
    _circling,
    _sticks,
    _sticks,
    _hatching,
    _bars,
    _dots,
    _dots,
    _dashed,
    _blob,
    _blob,
    _blob,
)


def scribble(rng: np.random.Generator) -> Strokes:
    """Return something that is no digit, of one of SCRIBBLES' kinds; more frequent kinds stand there twice."""
    return distort(SCRIBBLES[rng.integers(len(SCRIBBLES))](rng), rng)


# Things that people draw, as outlines.
_CROSS = [line((0, 0), (1, 1)), line((1, 0), (0, 1))]
SYMBOLS: dict[str, Strokes] = {
    "plus": [line((0.5, 0), (0.5, 1)), line((0, 0.5), (1, 0.5))],
    "cross": _CROSS,
    "star of lines": [*_CROSS, line((0.5, -0.15), (0.5, 1.15)), line((-0.15, 0.5), (1.15, 0.5))],
    "tick": [line((0, 0.6), (0.3, 1), (1, 0))],
    "right arrow": [line((0, 0.5), (1, 0.5)), line((0.65, 0.2), (1, 0.5), (0.65, 0.8))],
    "left arrow": [line((1, 0.5), (0, 0.5)), line((0.35, 0.2), (0, 0.5), (0.35, 0.8))],
    "down arrow": [line((0.5, 0), (0.5, 1)), line((0.2, 0.65), (0.5, 1), (0.8, 0.65))],
    "up arrow": [line((0.5, 1), (0.5, 0)), line((0.2, 0.35), (0.5, 0), (0.8, 0.35))],
    "triangle": [line((0.5, 0), (1, 0.9), (0, 0.9), (0.5, 0))],
    "square": [line((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))],
    "diamond": [line((0.5, 0), (0.9, 0.5), (0.5, 1), (0.1, 0.5), (0.5, 0))],
    "star": [line((0.5, 0), (0.8, 1), (0, 0.38), (1, 0.38), (0.2, 1), (0.5, 0))],
    "heart": [
        curve((0.5, 0.3), (0.3, 0.05), (0.05, 0.2), (0.1, 0.55), (0.5, 1)),
        curve((0.5, 0.3), (0.7, 0.05), (0.95, 0.2), (0.9, 0.55), (0.5, 1)),
    ],
    "face": [
        arc(0.5, 0.5, 1, 1),
        arc(0.32, 0.38, 0.06, 0.06),
        arc(0.68, 0.38, 0.06, 0.06),
        arc(0.5, 0.5, 0.6, 0.6, 0.05, 0.4),
    ],
    "sun": [
        arc(0.5, 0.5, 0.5, 0.5),
        *(
            line((0.5 + 0.35 * c, 0.5 + 0.35 * s), (0.5 + 0.55 * c, 0.5 + 0.55 * s))
            for c, s in zip(np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4), strict=True)
        ),
    ],
    "target": [arc(0.5, 0.5, 1, 1), arc(0.5, 0.5, 0.45, 0.45)],
    "wave": [curve((0, 0.5), (0.25, 0.3), (0.5, 0.5), (0.75, 0.7), (1, 0.5))],
    "waves": [curve(*((x / 6, 0.5 + 0.2 * (-1) ** x) for x in range(7)))],
    "lying eight": [arc(0.25, 0.5, 0.5, 0.4, 0.0), arc(0.75, 0.5, 0.5, 0.4, 0.5)],
    "angle": [line((0.9, 0), (0.1, 0.5), (0.9, 1))],
    "roof": [line((0, 1), (0.5, 0), (1, 1))],
    "valley": [line((0, 0), (0.5, 1), (1, 0))],
    "ladder": [
        line((0.2, 0), (0.2, 1)),
        line((0.8, 0), (0.8, 1)),
        *(line((0.2, y), (0.8, y)) for y in (0.2, 0.5, 0.8)),
    ],
    "grid": [
        line((0.33, 0), (0.33, 1)),
        line((0.67, 0), (0.67, 1)),
        line((0, 0.33), (1, 0.33)),
        line((0, 0.67), (1, 0.67)),
    ],
    "two sticks": [line((0.2, 0), (0.2, 1)), line((0.7, 0), (0.7, 1))],
    "three sticks": [line((0.1, 0), (0.1, 1)), line((0.5, 0), (0.5, 1)), line((0.9, 0), (0.9, 1))],
    "half moon": [arc(0.5, 0.5, 1, 1, 0.15, 0.6), curve((0.8, 0.9), (0.55, 0.5), (0.8, 0.1))],
    "box with cross": [line((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)), *_CROSS],
    "stairs": [line((0, 1), (0, 0.67), (0.33, 0.67), (0.33, 0.33), (0.67, 0.33), (0.67, 0), (1, 0))],
    "fork": [line((0.5, 1), (0.5, 0.4)), curve((0, 0), (0.1, 0.35), (0.5, 0.4), (0.9, 0.35), (1, 0))],
}


def symbol(rng: np.random.Generator, names: Sequence[str] = tuple(SYMBOLS)) -> Strokes:
    """Return one of SYMBOLS as some hand would draw it."""
    return distort(SYMBOLS[names[int(rng.integers(len(names)))]], rng)


def side_by_side(left: Strokes, right: Strokes, rng: np.random.Generator) -> Strokes:
    """Put two drawings next to each other, of about one height, as in 42."""
    (one, wide), (other, _) = _one_high(left), _one_high(right)
    zoom, gap, up = rng.uniform(0.75, 1.3), rng.uniform(0.08, 0.5), rng.normal(0, 0.08)
    return [*one, *(stroke * zoom + (wide + gap, up) for stroke in other)]


def around(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Put a ring or a box around a drawing, or cross it out with a zigzag."""
    inner, wide = _one_high(strokes)
    choice = rng.integers(3)
    if choice == 0:
        ring = arc(wide / 2, 0.5, wide + rng.uniform(0.5, 1.0), rng.uniform(1.4, 1.9), rng.random(), 1.05)
        return [*inner, ring]
    if choice == 1:
        m = rng.uniform(0.15, 0.4)
        return [*inner, line((-m, -m), (wide + m, -m), (wide + m, 1 + m), (-m, 1 + m), (-m, -m))]
    count = int(rng.integers(4, 10))
    x = np.linspace(-0.2, wide + 0.2, count)
    return [*inner, line(*zip(x, 0.5 + (-1) ** np.arange(count) * rng.uniform(0.2, 0.6), strict=True))]


def _one_high(strokes: Strokes) -> tuple[Strokes, float]:
    """Move to (0, 0) and scale to a height of 1, or to a width of 1 where that is larger; and its width."""
    points = np.concatenate(strokes)
    low, size = points.min(0), np.ptp(points, axis=0)
    zoom = 1 / max(float(size.max()), 1e-9)
    return [(s - low) * zoom for s in strokes], float(size[0]) * zoom
