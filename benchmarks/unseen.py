"""Drawings and images that are no digit, of sorts that the shipped network never learnt from.

Each sort is one function: a random generator -> DigitImage.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from skimage import data as photographs

from core.data import glyphs, pen_paths, scribbles, training_sets
from core.data.pen_paths import Strokes, arc, curve, line
from core.ink.photograph import from_image
from core.ink.preprocessing import from_strokes
from core.records import DigitImage

# The photographs that come with scikit-image and need no download; a cat is the first.
_PHOTOGRAPHS = (
    "chelsea",
    "astronaut",
    "coffee",
    "camera",
    "rocket",
    "coins",
    "brick",
    "gravel",
    "grass",
    "moon",
)

_DRAWINGS: dict[str, Strokes] = {
    "house": [
        line((0.1, 1), (0.1, 0.45), (0.5, 0), (0.9, 0.45), (0.9, 1), (0.1, 1)),
        line((0.4, 1), (0.4, 0.7), (0.6, 0.7), (0.6, 1)),
    ],
    "fish": [
        curve((0, 0.5), (0.3, 0.15), (0.7, 0.45), (1, 0.8)),
        curve((0, 0.5), (0.3, 0.85), (0.7, 0.55), (1, 0.2)), line((1, 0.2), (1, 0.8)),
    ],
    "lightning": [line((0.6, 0), (0.2, 0.55), (0.55, 0.5), (0.3, 1), (0.9, 0.35), (0.5, 0.4), (0.6, 0))],
    "stick figure": [
        arc(0.5, 0.15, 0.3, 0.3), line((0.5, 0.3), (0.5, 0.7)), line((0.2, 0.45), (0.8, 0.45)),
        line((0.25, 1), (0.5, 0.7), (0.75, 1)),
    ],
    "tree": [
        line((0.5, 1), (0.5, 0.6)),
        curve((0.5, 0.6), (0.1, 0.5), (0.2, 0.1), (0.5, 0), (0.8, 0.1), (0.9, 0.5), (0.5, 0.6)),
    ],
    "fir": [
        line((0.5, 1), (0.5, 0)), line((0.1, 0.8), (0.5, 0.5), (0.9, 0.8)),
        line((0.2, 0.5), (0.5, 0.25), (0.8, 0.5)),
    ],
    "cup": [
        line((0.1, 0.2), (0.2, 1), (0.6, 1), (0.7, 0.2), (0.1, 0.2)), arc(0.75, 0.5, 0.3, 0.35, -0.25, 0.5),
    ],
    "envelope": [line((0, 0.2), (1, 0.2), (1, 0.8), (0, 0.8), (0, 0.2)), line((0, 0.2), (0.5, 0.55), (1, 0.2))],
    "flower": [
        *(arc(0.5 + 0.25 * np.cos(a), 0.35 + 0.25 * np.sin(a), 0.25, 0.25) for a in np.arange(5) * 0.4 * np.pi),
        line((0.5, 0.6), (0.5, 1.2)),
    ],
    "note": [
        arc(0.25, 0.85, 0.35, 0.25), line((0.42, 0.85), (0.42, 0.1)),
        curve((0.42, 0.1), (0.6, 0.2), (0.7, 0.45)),
    ],
    "umbrella": [
        arc(0.5, 0.5, 1, 0.9, 0.5, 0.5), line((0, 0.5), (1, 0.5)),
        curve((0.5, 0.5), (0.5, 0.9), (0.4, 1), (0.3, 0.9)),
    ],
    "cat": [
        arc(0.5, 0.6, 0.8, 0.75), line((0.15, 0.45), (0.15, 0), (0.4, 0.25)),
        line((0.6, 0.25), (0.85, 0), (0.85, 0.45)), line((0.1, 0.65), (0.4, 0.65)),
        line((0.6, 0.65), (0.9, 0.65)),
    ],
    "cube": [
        line((0, 0.3), (0.7, 0.3), (0.7, 1), (0, 1), (0, 0.3)),
        line((0, 0.3), (0.3, 0), (1, 0), (1, 0.7), (0.7, 1)), line((0.7, 0.3), (1, 0)),
    ],
    "clock": [arc(0.5, 0.5, 1, 1), line((0.5, 0.15), (0.5, 0.5), (0.75, 0.6))],
    "peace": [arc(0.5, 0.5, 1, 1), line((0.5, 0), (0.5, 1)), line((0.15, 0.85), (0.5, 0.5), (0.85, 0.85))],
    "anchor": [
        line((0.5, 0.15), (0.5, 1)), arc(0.5, 0.08, 0.16, 0.16), line((0.25, 0.3), (0.75, 0.3)),
        curve((0.05, 0.65), (0.2, 0.95), (0.5, 1), (0.8, 0.95), (0.95, 0.65)),
    ],
}  # fmt: skip


def letter(rng: np.random.Generator) -> DigitImage:
    """A-Z, a-z in handwritings that were never learnt from; not O, o, l and I, which are a 0 and a 1."""
    return _drawn(pen_paths.distort(_any(_letters(), rng), rng, 0.7))


def mark(rng: np.random.Generator) -> DigitImage:
    """Signs such as + ? & in handwritings that were never learnt from, and drawings of things."""
    if rng.random() < 0.5:
        return _drawn(pen_paths.distort(_any(_marks(), rng), rng, 0.7))
    return _drawn(pen_paths.distort(_DRAWINGS[_any(list(_DRAWINGS), rng)], rng))


def scribble(rng: np.random.Generator) -> DigitImage:
    """Figures of Lissajous, roses, and a pen that shivers about an attractor: none is among those learnt."""
    t = np.linspace(0, 1, 200)
    choice = rng.integers(3)
    if choice == 0:
        one, other = rng.choice([2, 3, 4, 5, 7], 2, replace=False)
        stroke = np.stack([np.sin(2 * np.pi * (one * t + rng.random())), np.sin(2 * np.pi * other * t)], 1)
    elif choice == 1:
        petals, inner = rng.integers(3, 9), rng.uniform(0.1, 0.6)
        radius = inner + (1 - inner) * np.abs(np.sin(np.pi * petals * t))
        stroke = radius[:, None] * np.stack([np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)], 1)
    else:
        place, speed, path = rng.normal(0, 1, 2), rng.normal(0, 0.3, 2), []
        for _ in range(int(rng.integers(60, 200))):
            speed = 0.85 * speed - 0.12 * place + rng.normal(0, 0.25, 2)
            place = place + speed
            path.append(place)
        stroke = np.array(path)
    return _drawn([stroke])


def dots(rng: np.random.Generator) -> DigitImage:
    """A row, a ring or a lattice of dots, or one dot alone."""
    count, choice = int(rng.integers(3, 8)), rng.integers(4)
    if choice == 0:
        return _drawn([np.zeros((2, 2)) + rng.normal(0, 0.02, (2, 2))], brush=rng.uniform(4, 30), size=2)
    if choice == 1:
        places = np.stack([np.arange(count), rng.normal(0, 0.1, count)], 1)
    elif choice == 2:
        angle = np.arange(count) * 2 * np.pi / count + rng.random()
        places = np.stack([np.cos(angle), np.sin(angle)], 1)
    else:
        places = np.array([(x, y) for x in range(rng.integers(2, 4)) for y in range(rng.integers(2, 4))], float)
    return _drawn([p + rng.normal(0, 0.03, (3, 2)) for p in places])


def two_digits(rng: np.random.Generator, digits: list[Strokes] | None = None) -> DigitImage:
    """Two digits side by side: by held-out writers where given, else in held-out handwritings."""
    choices = digits or _digits()
    left, right = (pen_paths.distort(_any(choices, rng), rng, 0.5) for _ in range(2))
    return _drawn(scribbles.side_by_side(left, right, rng))


def blob(rng: np.random.Generator) -> DigitImage:
    """An area filled from its edge inwards, ring by ring, of the shape of a potato or a polygon."""
    angle = np.linspace(0, 2 * np.pi, 60)
    if rng.random() < 0.5:
        edge = 1 + rng.normal(0, 0.12, 3) @ np.cos(np.arange(1, 4)[:, None] * angle + rng.uniform(0, 6, (3, 1)))
    else:
        corners = int(rng.integers(3, 7))
        edge = 1 / np.cos((angle + rng.random()) % (2 * np.pi / corners) - np.pi / corners)
    outline = np.stack([edge * np.cos(angle), rng.uniform(0.5, 1) * edge * np.sin(angle)], 1)
    return _drawn([outline * fraction for fraction in np.linspace(1, 0.08, 12)])


def photograph(rng: np.random.Generator) -> DigitImage:
    """A part of a photograph, at least a quarter of its width; a cat's every second time."""
    while True:
        pixels = _photograph("chelsea" if rng.random() < 0.5 else _any(_PHOTOGRAPHS, rng))
        side = int(rng.uniform(0.25, 1) * min(pixels.shape[:2]))
        top, left = (int(rng.integers(0, n - side + 1)) for n in pixels.shape[:2])
        image = from_image(np.ascontiguousarray(pixels[top : top + side, left : left + side]))
        if image is not None:
            return image


SORTS: dict[str, Callable[[np.random.Generator], DigitImage]] = {
    "letters": letter,
    "symbols": mark,
    "scribbles": scribble,
    "dots": dots,
    "two digits": two_digits,
    "blobs": blob,
    "parts of photographs in which ink is found": photograph,
}


def _drawn(strokes: Strokes, brush: float | None = None, size: float | None = None) -> DigitImage:
    points = np.concatenate(strokes)
    extent = float(np.ptp(points, axis=0).max()) or 1.0
    placed = [np.round((s - points.min(0)) * ((size or 150) / extent)) + 30 for s in strokes]
    image = from_strokes(placed, brushes=[brush or 12.0] * len(placed))
    assert image is not None
    return image


@cache
def _letters() -> list[Strokes]:
    kept = (g for g in glyphs.load(held_out=True) if g.character.isalpha())
    return [list(g.strokes) for g in kept if g.character not in training_sets.AMBIGUOUS]


@cache
def _marks() -> list[Strokes]:
    kept = (g for g in glyphs.load(held_out=True) if not g.character.isalnum())
    return [list(g.strokes) for g in kept if g.character not in training_sets.AMBIGUOUS]


@cache
def _digits() -> list[Strokes]:
    return [list(g.strokes) for g in glyphs.load(held_out=True) if g.character.isdecimal()]


@cache
def _photograph(name: str) -> np.ndarray:
    return np.asarray(getattr(photographs, name)())


def _any(choices, rng: np.random.Generator):
    return choices[rng.integers(len(choices))]
