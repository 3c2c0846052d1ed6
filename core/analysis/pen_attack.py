"""The shortest stroke of a pen that makes a network take a digit for another one, and a score for a game of it.

Strokes are tried on the 28x28 image, the shortest first: a straight line from each of many places, in each
of many directions. What changes the answer there is tried once more as a stroke of the drawing itself, which is
boxed and centred anew with it.

Called by `ui.sections.fool_pen`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from core.data import datasets
from core.ink import preprocessing
from core.ink.preprocessing import CENTRE, SIZE, STROKE_RADIUS
from core.models.classifiers import Classifier
from core.nn import calibration
from core.records import DigitImage, Drawing, Prediction

LENGTHS = (0.5, 1.5, 2.5, 3.5, 5.0, 6.5, 8.0, 10.0)  # pixels of the 28x28 image
DIRECTIONS = 12
_EDGE, _SPACING = 4, 2  # where strokes begin: on a grid of the image without its edge
_PROVED = 40  # strokes of one length that are tried on the drawing itself
NEIGHBOURS, KNOWN = 15, 20_000  # that judge what a drawing is, and training digits among which they are


@dataclass(frozen=True)
class Stroke:
    """A stroke to be added.

    line: float32 [2, 2], its ends, x and y, in pixels of the image before it is added. length: in the same.
    image: the image with it. before, after: the network's predictions.
    drawing: the drawing with it, its last stroke; None where there are no strokes to begin with.
    """

    line: np.ndarray
    length: float
    image: DigitImage
    before: Prediction
    after: Prediction
    drawing: Drawing | None = None


def shortest(
    classifier: Classifier, image: DigitImage, drawing: Drawing | None = None, target: int | None = None
) -> Stroke | None:
    """Return the shortest stroke that was found to change the answer; None where none does.

    drawing: what the image was made of, if it was drawn. target: the digit that it is to become, or None.
    """
    before = classifier.predict(image)
    source = int(before.probabilities.argmax())
    strokes = tuple(stroke for stroke in drawing.strokes if len(stroke)) if drawing else ()
    for length, lines in _candidates():
        changed = np.maximum(image.pixels, _drawn(lines))
        for n in _fooled(classifier, changed, source, target)[:_PROVED]:
            found = _added(lines[n], changed[n], drawing if strokes else None)
            after = classifier.predict(found[0])
            read = after.digit
            if read is not None and read != source and target in (None, read):
                return Stroke(lines[n], length, found[0], before, after, found[1])
    return None


def _candidates() -> Iterator[tuple[float, np.ndarray]]:
    """(length, float32 [n, 2, 2] lines within the image), the shortest first."""
    side = np.arange(_EDGE, SIZE - _EDGE + 1, _SPACING, dtype=np.float32)
    starts = np.stack(np.meshgrid(side, side), -1).reshape(-1, 1, 2)
    for length in LENGTHS:
        angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
        ends = starts + length * np.stack([np.cos(angles), np.sin(angles)], -1)[None].astype(np.float32)
        lines = np.stack([np.broadcast_to(starts, ends.shape), ends], 2).reshape(-1, 2, 2)
        inside = ((lines >= _EDGE - 1) & (lines <= SIZE - _EDGE + 1)).all((1, 2))
        yield length, lines[inside]


def _drawn(lines: np.ndarray) -> np.ndarray:
    """Return float32 [n, 28, 28]: each line as MNIST's pen draws it."""
    middles = np.arange(SIZE, dtype=np.float32) + 0.5
    points = np.stack(np.meshgrid(middles, middles), -1).reshape(1, -1, 2)
    start, along = lines[:, None, 0], (lines[:, 1] - lines[:, 0])[:, None]
    t = ((points - start) * along).sum(-1, keepdims=True) / (along * along).sum(-1, keepdims=True)
    distance = np.sqrt(((points - start - np.clip(t, 0, 1) * along) ** 2).sum(-1))
    return np.clip(STROKE_RADIUS + 0.5 - distance, 0, 1).reshape(-1, SIZE, SIZE).astype(np.float32)


def _fooled(classifier: Classifier, images: np.ndarray, source: int, target: int | None) -> np.ndarray:
    """Which images are taken for another digit, the surest first."""
    probabilities, is_digit = calibration.split(classifier.outputs(images))
    read = probabilities.argmax(1)
    wanted = read != source if target is None else read == target
    if is_digit is not None:
        wanted &= is_digit >= calibration.MIN_IS_DIGIT
    chosen = np.flatnonzero(wanted)
    return chosen[np.argsort(-probabilities[chosen].max(1), kind="stable")]


def _added(line: np.ndarray, changed: np.ndarray, drawing: Drawing | None) -> tuple[DigitImage, Drawing | None]:
    """(the image with the line, the drawing with it): made anew of all strokes where there are any."""
    if drawing is None:
        return DigitImage(changed), None
    stroke = _on_paper(line, drawing)
    brushes = (*drawing.brushes, float(np.median(drawing.brushes))) if drawing.brushes else ()
    more = Drawing((*drawing.strokes, stroke), brushes, drawing.canvas)
    image = preprocessing.from_strokes(more.strokes, brushes=more.brushes, canvas=more.canvas)
    assert image is not None
    return image, more


def _on_paper(line: np.ndarray, drawing: Drawing) -> np.ndarray:
    """A line of the image in the unit of the drawing: `preprocessing.normalise` backwards."""
    strokes = [np.asarray(stroke, float) for stroke in drawing.strokes if len(stroke)]
    points = np.concatenate([strokes[n] for n in preprocessing.without_stray_dot(strokes)])
    low, high = points.min(0), points.max(0)
    extent = float((high - low).max()) or 1.0
    scale = (preprocessing.BOX - 2 * STROKE_RADIUS) / extent
    boxed, _ = preprocessing.normalise(strokes, drawing.brushes)
    shift = CENTRE - preprocessing.centre_of_mass(boxed)
    return ((line - shift - SIZE / 2) / scale + (low + high) / 2).astype(np.float32)


# -- 'draw a 4 that it takes for a 9'


@dataclass(frozen=True)
class Score:
    """How well a drawing fools a network. All 0..1.

    looks: how many of the nearest training digits are of the class that it should be. fooled: the network's
    probability of the class that it is to take it for. points: 0..100, their product in percent.
    """

    looks: float
    fooled: float

    @property
    def points(self) -> int:
        return round(100 * self.looks * self.fooled)


def score(classifier: Classifier, image: DigitImage, drawn: int, taken_for: int) -> Score:
    """Return how well a drawing of one digit is taken for another; MNIST's nearest judge what it is."""
    prediction = classifier.predict(image)
    fooled = float(prediction.probabilities[taken_for]) * float(prediction.is_digit or 1.0)
    return Score(float((nearest(image) == drawn).mean()), min(1.0, fooled))


def nearest(image: DigitImage, count: int = NEIGHBOURS) -> np.ndarray:
    """Return the labels of the training digits whose pixels are nearest: int [count], the nearest first."""
    data = datasets.mnist()
    known, squares = _known()
    distances = squares - 2 * known @ image.pixels.ravel()
    return data.y_train[np.argsort(distances, kind="stable")[:count]].astype(int)


@cache
def _known() -> tuple[np.ndarray, np.ndarray]:
    """(float32 [KNOWN, 784], their squared lengths), made once."""
    pixels = datasets.mnist().x_train[:KNOWN].reshape(KNOWN, -1).astype(np.float32) / 255
    return pixels, (pixels * pixels).sum(1)
