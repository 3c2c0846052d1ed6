"""From ink to DigitImage, by the recipe of the MNIST authors.

"The original black and white images from NIST were size normalized to fit in a 20x20 pixel box
while preserving their aspect ratio. [...] the images were centered in a 28x28 image by computing
the center of mass of the pixels, and translating the image so as to position this point at the
center of the 28x28 field." (LeCun, Cortes, Burges: The MNIST database of handwritten digits)

Coordinates: x to the right, y down; pixel (column i, row j) covers [i, i+1) x [j, j+1).
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from core.records import DigitImage, Step

SIZE = 28  # side of the image
BOX = 20  # longer side of the ink
# MNIST's centre of mass lies at pixel index 14, whose middle is 14.5 (measured: 14.00 +- 0.29).
CENTRE = 14.5
# Half the width of a drawn stroke. Chosen on pen-drawn digits; its ink, 99 on average, is MNIST's 102.
STROKE_RADIUS = 1.2
# Points closer than this along the stroke, in pixels of the 28x28 image, are left out.
POINT_SPACING = 0.3
# Ink whose longer side is under this fraction of the pen's width was a dot, not a line.
DOT = 0.75
# A stray dot is at most so long and at least so far from all points of the rest, in lengths of the rest's
# longer side. It lies outside of the rest's box by so much; but what stands under it may be a question
# mark's, and over or under what is narrower than so much of its height an i's or an exclamation mark's.
STRAY_DOT, STRAY_DISTANCE, STRAY_ASIDE, STRAY_OVER = 0.08, 0.1, 0.05, 0.5

# The pixels' middles, one pixel per column: float32 [1, 784] each.
_X, _Y = (a.reshape(1, -1).astype(np.float32) + 0.5 for a in np.meshgrid(np.arange(SIZE), np.arange(SIZE)))
_STEP_SIDE = 84  # side of the images that show the steps
_AT_ONCE = 250  # points that Pillow draws before others may use the interpreter
_OUTSIDE = 10  # images away from the image's corner, beyond which nothing is drawn


def from_strokes(
    strokes: Sequence[np.ndarray], *, brushes: Sequence[float] = (), canvas: float | None = None
) -> DigitImage | None:
    """Return what a network is given for a drawing, or None where there is no ink.

    strokes: one float [points, 2] of x, y each, in any unit; one point alone is a dot.
    brushes: the pen's width for each stroke, in the same unit. They tell a dot from a line and are
        used in the images of the steps; they never change how thick the network sees the ink.
    canvas: the side of the square that was drawn on, for the images; None: just around the ink.

        >>> seven = from_strokes([np.array([[10, 10], [60, 10], [30, 90]])])
        >>> seven.pixels.shape, round(float(seven.pixels.sum()))
        ((28, 28), 79)
    """
    brushes = [b for s, b in zip(strokes, brushes, strict=True) if len(s)] if brushes else []
    strokes = [np.asarray(s, np.float32).reshape(-1, 2) for s in strokes if len(s)]
    if not strokes:
        return None
    boxed, centred = normalise(strokes, brushes)
    return DigitImage(centred, _stroke_steps(strokes, brushes, canvas, boxed, centred))


def without_stray_dot(strokes: Sequence[np.ndarray]) -> list[int]:
    """Return the places of the strokes without a single dot that the pen, or a palm, left beside a character.

    strokes: float [points, 2] each. The dot of an i stays, and what lies within the others' box.

        >>> line = np.array([[0, 0], [0, 50], [0, 100]])
        >>> without_stray_dot([line, np.array([[40, 50]])]), without_stray_dot([line, np.array([[0, -20]])])
        ([0], [0, 1])
    """
    every = list(range(len(strokes)))
    if len(strokes) < 2:
        return every
    lows, highs = np.array([s.min(0) for s in strokes]), np.array([s.max(0) for s in strokes])
    lengths = (highs - lows).max(1)
    dots = np.flatnonzero(lengths <= STRAY_DOT * lengths.max())
    if len(dots) != 1:
        return every
    (dot,) = dots
    rest = [n for n in every if n != dot]
    low, high = lows[rest].min(0), highs[rest].max(0)
    width, height = high - low
    side = float(max(width, height))
    middle = (lows[dot] + highs[dot]) / 2
    aside, is_slender = max(low[0] - middle[0], middle[0] - high[0]), width < STRAY_OVER * height
    if is_slender and not low[1] <= middle[1] <= high[1]:
        return every
    if max(aside, low[1] - middle[1]) < STRAY_ASIDE * side:
        return every
    near = min(float(np.hypot(*(strokes[n] - middle).T).min()) for n in rest)
    return rest if near >= STRAY_DISTANCE * side else every


def normalise(
    strokes: Sequence[np.ndarray], brushes: Sequence[float] = (), radius: float = STROKE_RADIUS
) -> tuple[np.ndarray, np.ndarray]:
    """Return a drawing as float32 [28, 28], twice: in its 20 pixels, and centred by its mass.

    strokes: at least one, float [points, 2] each. radius: of the pen, in pixels of the 28x28.
    """
    # In float64: a drawing in a very small unit is enlarged by more than float32 can hold.
    strokes = [np.asarray(s, float) for s in strokes]
    kept = without_stray_dot(strokes)
    strokes, brushes = [strokes[n] for n in kept], [brushes[n] for n in kept] if brushes else []
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    extent = float((high - low).max())
    is_dot = extent <= DOT * max(brushes, default=0)
    scale = 0.0 if is_dot or extent == 0 else (BOX - 2 * radius) / extent
    scaled = [((s - (low + high) / 2) * scale + SIZE / 2).astype(np.float32) for s in strokes]
    starts, ends = _segments([_thin(s) for s in scaled])
    boxed = _rasterise(starts, ends, radius)
    shift = CENTRE - centre_of_mass(boxed)
    return boxed, _rasterise(starts + shift, ends + shift, radius)


def _segments(strokes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Polylines -> (starts, ends), each float32 [segments, 2]; a lone point is a segment of length 0."""
    starts = np.concatenate([s[:-1] if len(s) > 1 else s for s in strokes])
    ends = np.concatenate([s[1:] if len(s) > 1 else s for s in strokes])
    return starts, ends


def _thin(stroke: np.ndarray, spacing: float = POINT_SPACING) -> np.ndarray:
    """Keep the ends and a point every `spacing` along the way: a slow pen sends hundreds."""
    if len(stroke) < 3:
        return stroke
    lengths = np.hypot(*np.diff(stroke, axis=0).T)
    ticks = np.floor(np.cumsum(lengths)[:-1] / spacing)
    keep = np.concatenate([[True], np.diff(ticks, prepend=0) > 0, [True]])
    return stroke[keep]


def _rasterise(starts: np.ndarray, ends: np.ndarray, radius: float) -> np.ndarray:
    """Return float32 [28, 28]: 1 within `radius` of a segment, falling to 0 over one pixel."""
    nearest = np.full(SIZE * SIZE, np.inf, np.float32)
    for at in range(0, len(starts), 32):  # in portions that stay in the processor's cache
        start, along = starts[at : at + 32], ends[at : at + 32] - starts[at : at + 32]
        unit = along / np.maximum((along * along).sum(1, keepdims=True), 1e-12)
        x, y = _X - start[:, :1], _Y - start[:, 1:]
        t = np.clip(x * unit[:, :1] + y * unit[:, 1:], 0, 1)
        x -= t * along[:, :1]
        y -= t * along[:, 1:]
        np.minimum(nearest, (x * x + y * y).min(0), out=nearest)
    ink = np.clip(radius + 0.5 - np.sqrt(nearest), 0, 1)
    return ink.reshape(SIZE, SIZE).astype(np.float32)


def centre_of_mass(ink: np.ndarray) -> np.ndarray:
    """Return float32 [2], the ink's mean x, y, in pixels."""
    middles = np.arange(ink.shape[0], dtype=np.float32) + 0.5
    return np.array([ink.sum(0) @ middles, ink.sum(1) @ middles], np.float32) / ink.sum()


def _stroke_steps(strokes, brushes, canvas, boxed, centred) -> tuple[Step, ...]:
    """The images of a drawing's way to the network."""
    strokes = [np.asarray(s, float) for s in strokes]
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    side = canvas or 1.3 * (float((high - low).max()) or 1.0)
    brushes = brushes or [side / 20] * len(strokes)
    origin = 0 if canvas else (low + high - side) / 2
    kept = without_stray_dot(strokes)
    pen = max(brushes[n] for n in kept)
    zoom = _STEP_SIDE / side
    ink = sketch([(s - origin) * zoom for s in strokes], [b * zoom for b in brushes], _STEP_SIDE)
    points = np.concatenate([strokes[n] for n in kept])
    low, high = points.min(0), points.max(0)
    (left, top), (width, height) = low - origin - pen / 2, high - low + pen
    return (
        Step("Your ink", "Where you draw, and how large, does not matter.", ink),
        Step(
            "The box",
            f"It is cut out: {width:.0f} wide and {height:.0f} high, in pixels of the canvas.",
            ink,
            box=(left * zoom, top * zoom, width * zoom, height * zoom),
        ),
        *last_steps(boxed, centred, "The pen becomes as wide as in MNIST."),
    )


def last_steps(boxed: np.ndarray, centred: np.ndarray, pen: str) -> tuple[Step, Step]:
    """The two steps that drawings and images share; `pen` is the sentence about the pen's width."""
    x, y = centre_of_mass(boxed)
    right, down = np.array([CENTRE, CENTRE]) - (x, y)
    moves = [
        f"{abs(n):.1f} {way[int(n < 0)]}" for n, way in ((right, ("right", "left")), (down, ("down", "up")))
    ]
    edge = (SIZE - BOX) / 2
    return (
        Step(
            "20 pixels",
            f"The longer side becomes 20 pixels. {pen}",
            boxed,
            box=(edge, edge, BOX, BOX),
        ),
        Step(
            "Centred by mass",
            f"Its centre of mass moves to the middle, by pixels: {' and '.join(moves)}.",
            centred,
            mark=(CENTRE, CENTRE),
        ),
    )


def sketch(strokes: Sequence[np.ndarray], brushes: Sequence[float], side: int) -> np.ndarray:
    """Return float32 [side, side], 1 = ink: strokes in pixels, with round ends, each with its pen's width.

    What lies far outside is drawn nearer, and a pen wider than the image as wide as it: Pillow would walk
    along every pixel of either.
    """
    image = Image.new("L", (2 * side, 2 * side))  # drawn at twice the size, then halved, for smooth edges
    pen = ImageDraw.Draw(image)
    for stroke, width in zip(strokes, brushes, strict=True):
        radius = min(max(width, 1.0), 2.0 * side)
        inside = np.clip(stroke, -_OUTSIDE * side, _OUTSIDE * side)
        path = [tuple(p) for p in (2 * _thin(inside, spacing=2)).tolist()]
        for at in range(0, len(path) - 1, _AT_ONCE):
            pen.line(path[at : at + _AT_ONCE + 2], fill=255, width=round(2 * radius), joint="curve")
        for x, y in (path[0], path[-1]):
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)
    return np.asarray(image.reduce(2), np.float32) / 255
