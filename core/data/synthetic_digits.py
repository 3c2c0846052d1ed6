"""Digits made by arithmetic, in forms that MNIST lacks. A new form is one function and one entry.

Strokes are as in `pen_paths`.

Called by `core.data.training_sets`.
"""

from collections.abc import Callable

import numpy as np

from core.data.pen_paths import Strokes, arc, curve, distort, line


def _slashed_zero(rng: np.random.Generator) -> Strokes:
    x, y = rng.uniform(0.3, 0.62, 2)
    return [
        arc(0.5, 0.5, rng.uniform(0.5, 0.8), 1, rng.uniform(-0.4, -0.1), rng.uniform(0.95, 1.08)),
        line((0.5 - x, 0.5 + y), (0.5 + x, 0.5 - y)),
    ]


def _flagged_one(rng: np.random.Generator) -> Strokes:
    x, down = rng.uniform(0.15, 0.55), rng.uniform(0.12, 0.5)
    return [line((0.6 - x, down), (0.6, 0), (0.6 + rng.uniform(-0.08, 0.04), 1))]


def _footed_one(rng: np.random.Generator) -> Strokes:
    left, right = rng.uniform(0.12, 0.4, 2)
    stem = _flagged_one(rng) if rng.random() < 0.8 else [line((0.6, 0), (0.6, 1))]
    return [*stem, line((0.58 - left, 1), (0.58 + right, 1 + rng.uniform(-0.04, 0.04)))]


def _crossed_seven(rng: np.random.Generator) -> Strokes:
    y, x = rng.uniform(0.4, 0.62), 0.55
    reach = rng.uniform(0.12, 0.32, 2)
    return [*_seven(rng), line((x - reach[0], y), (x + reach[1], y + rng.uniform(-0.1, 0.05)))]


def _seven(rng: np.random.Generator) -> Strokes:
    serif = [(0.08, rng.uniform(0.08, 0.22))] if rng.random() < 0.35 else []
    bottom = rng.uniform(0.15, 0.55)
    if rng.random() < 0.5:
        return [line(*serif, (0.08, 0.02), (0.9, 0), (bottom, 1))]
    bend = (rng.uniform(0.55, 0.68), rng.uniform(0.35, 0.5))
    return [np.concatenate([line(*serif, (0.08, 0.02), (0.9, 0)), curve((0.9, 0), bend, (bottom, 1))])]


def _open_four(rng: np.random.Generator) -> Strokes:
    top, low, stem = rng.uniform(0.05, 0.3), rng.uniform(0.5, 0.68), rng.uniform(0.55, 0.78)
    left = rng.uniform(0.0, 0.15)
    return [
        line(
            (top, rng.uniform(0, 0.15)), (left, low), (rng.uniform(0.85, 1.0), low + rng.uniform(-0.06, 0.04))
        ),
        line((stem, rng.uniform(0.0, 0.4)), (stem - rng.uniform(0, 0.1), 1)),
    ]


def _closed_four(rng: np.random.Generator) -> Strokes:
    low, stem = rng.uniform(0.55, 0.72), rng.uniform(0.55, 0.7)
    if rng.random() < 0.5:  # in one go, the stem last
        return [line((stem, 1), (stem, 0), (0.05, low), (0.95, low))]
    return [line((stem, 0), (0.05, low), (0.95, low)), line((stem, rng.uniform(0, 0.3)), (stem, 1))]


def _curled_two(rng: np.random.Generator) -> Strokes:
    loop = rng.uniform(0.05, 0.16)
    return [
        curve(
            (0.1, rng.uniform(0.15, 0.3)),
            (0.3, 0.02),
            (0.7, 0.05),
            (0.82, 0.3),
            (0.55, 0.65),
            (0.2, 0.98),
            (0.05, 0.95 - loop / 2),
            (0.15, 0.95 - 1.4 * loop),
            (0.4, 0.93),
            (0.7, 1.0),
            (0.95, rng.uniform(0.8, 0.98)),
        )
    ]


def _plain_two(rng: np.random.Generator) -> Strokes:
    bow = curve((0.1, rng.uniform(0.12, 0.3)), (0.35, 0.0), (0.75, 0.05), (0.82, 0.3), (0.5, 0.65), (0.05, 1))
    return [np.concatenate([bow, line((0.05, 1), (rng.uniform(0.7, 1.0), rng.uniform(0.95, 1.02)))])]


def _flat_three(rng: np.random.Generator) -> Strokes:
    middle = rng.uniform(0.38, 0.48)
    bowl = curve(
        (0.4, middle),
        (0.75, middle + 0.05),
        (0.88, 0.7),
        (0.65, 0.97),
        (0.3, 1),
        (0.05, rng.uniform(0.8, 0.92)),
    )
    return [np.concatenate([line((0.1, 0.02), (0.8, 0), (0.4, middle)), bowl])]


def _five(rng: np.random.Generator) -> Strokes:
    top, left = rng.uniform(0.0, 0.1), rng.uniform(0.15, 0.3)
    body = np.concatenate(
        [
            line((left, top), (left - 0.06, 0.42)),
            curve((left - 0.06, 0.42), (0.5, 0.35), (0.85, 0.6), (0.7, 0.92), (0.35, 1), (0.03, 0.86)),
        ]
    )
    return [body, line((left + rng.uniform(-0.03, 0.12), top - 0.02), (0.88, rng.uniform(-0.06, 0.06)))]


def _six(rng: np.random.Generator) -> Strokes:
    return [
        curve(
            (rng.uniform(0.55, 0.85), 0),
            (0.3, 0.25),
            (0.12, 0.65),
            (0.3, 0.97),
            (0.65, 0.95),
            (0.8, 0.72),
            (0.6, 0.52),
            (0.3, 0.6),
            (0.15, rng.uniform(0.7, 0.8)),
        )
    ]


def _eight(rng: np.random.Generator) -> Strokes:
    high = rng.uniform(0.38, 0.52)
    if rng.random() < 0.5:
        return [arc(0.5, high / 2, 0.6, high, 0.25), arc(0.5, (1 + high) / 2, 0.75, 1 - high, 0.75)]
    a = np.linspace(0, 2 * np.pi, 40) + rng.uniform(0.2, 1.4)
    return [np.stack([0.5 + 0.33 * np.sin(2 * a), 0.5 - 0.5 * np.cos(a)], 1)]


def _curled_nine(rng: np.random.Generator) -> Strokes:
    bowl = arc(0.45, 0.28, rng.uniform(0.5, 0.7), 0.56, 0.0, rng.choice([-1, 1]) * rng.uniform(0.9, 1.05))
    end = curve(
        (0.78, rng.uniform(0.0, 0.2)),
        (0.76, 0.55),
        (0.66, 0.9),
        (0.4, 1.0),
        (rng.uniform(0.05, 0.2), rng.uniform(0.8, 0.95)),
    )
    return [bowl, end]


def _straight_nine(rng: np.random.Generator) -> Strokes:
    x = rng.uniform(0.55, 0.85)
    return [arc(0.45, 0.28, 0.6, 0.56, 0.0, -1.0), line((0.75, rng.uniform(0, 0.25)), (x, 1))]


# The label of each variant.
GLYPH_VARIANTS: dict[Callable[[np.random.Generator], Strokes], int] = {
    _slashed_zero: 0,
    _flagged_one: 1,
    _footed_one: 1,
    _curled_two: 2,
    _plain_two: 2,
    _flat_three: 3,
    _open_four: 4,
    _closed_four: 4,
    _five: 5,
    _six: 6,
    _seven: 7,
    _crossed_seven: 7,
    _eight: 8,
    _curled_nine: 9,
    _straight_nine: 9,
}


def glyph_variant(rng: np.random.Generator) -> tuple[Strokes, int]:
    """Return one digit in one of GLYPH_VARIANTS, as some hand would draw it, and which digit it is."""
    kinds = list(GLYPH_VARIANTS)
    make = kinds[rng.integers(len(kinds))]
    return distort(make(rng), rng), GLYPH_VARIANTS[make]
