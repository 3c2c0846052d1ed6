"""Guess: a digit that grows stroke by stroke or gets sharper, and when the network knows it."""

import random
import time
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from core.data import datasets
from core.ink import files, vectorize
from core.models.classifiers import Classifier
from core.records import DigitImage, Drawing
from core.storage.room_records import UNLABELLED, RoomDrawing

WAYS = {"strokes": "Stroke by stroke", "blur": "From blurred to sharp"}
BLUR = 7.0  # standard deviation of the Gaussian at the beginning, in pixels of 28: a cloud
SECONDS = 12.0  # in which it appears
STEPS = 24  # at which the network is asked
COUNTDOWN = 2.0  # seconds until it begins


def question(
    classifier: Classifier, drawn: list[RoomDrawing], number: int, way: str = "strokes"
) -> dict[str, Any]:
    """Return the settings of a task 'guess': a digit that the class has drawn, or a test digit of MNIST's.

    way: of WAYS. strokes: [[[x, y], ...], ...], x and y 0..1. blur: as BLUR. began: when it begins to appear.
    knows: the seconds after which the network knows it and stays with it, None where it never does. number:
    of the question, from 1.
    """
    drawing, label = _digit(drawn)
    strokes = _unit(drawing)
    return {
        "question": number,
        "label": label,
        "way": way,
        "blur": BLUR,
        "strokes": [np.round(stroke, 4).tolist() for stroke in strokes],
        "seconds": SECONDS,
        "began": time.time() + COUNTDOWN,
        "knows": knows(classifier, strokes, label, way),
    }


def knows(classifier: Classifier, strokes: list[np.ndarray], label: int, way: str = "strokes") -> float | None:
    """Return after how many seconds the network says this digit, and stays with it; None: never."""
    since = None
    for step in range(1, STEPS + 1):
        image = _SEEN[way](strokes, step / STEPS)
        right = image is not None and classifier.predict(image).digit == label
        since = (since or step) if right else None
    return None if since is None else round(SECONDS * since / STEPS, 2)


def _part(strokes: list[np.ndarray], fraction: float) -> DigitImage | None:
    return files.to_digit_image(Drawing(tuple(grown(strokes, fraction))))


def sharpened(strokes: list[np.ndarray], fraction: float) -> DigitImage | None:
    """Return all of the ink, blurred as the phones show it: less and less, not at all where fraction is 1."""
    image = files.to_digit_image(Drawing(tuple(strokes)))
    if image is None:
        return None
    blurred = gaussian_filter(image.pixels, BLUR * (1 - fraction), mode="constant")
    return DigitImage(blurred.astype(np.float32).clip(0, 1), image.steps)


_SEEN = {"strokes": _part, "blur": sharpened}


def grown(strokes: list[np.ndarray], fraction: float) -> list[np.ndarray]:
    """Return the first part of the ink, by length: float [points, 2] each, fraction 0..1."""
    steps = [np.hypot(*np.diff(stroke, axis=0).T) for stroke in strokes]
    left = fraction * sum(float(part.sum()) for part in steps)
    shown = []
    for stroke, part in zip(strokes, steps, strict=True):
        if (length := float(part.sum())) <= left + 1e-9:
            shown.append(stroke)
        elif left > 0:
            count = int(np.searchsorted(np.cumsum(part), left)) + 1
            shown.append(stroke[: max(count, 1)])
        left -= length
    return [stroke.astype(np.float32) for stroke in shown] or [strokes[0][:1].astype(np.float32)]


def _digit(drawn: list[RoomDrawing]) -> tuple[Drawing, int]:
    """A digit of the class that was read rightly; a test digit of MNIST's where there is none."""
    good = [one for one in drawn if one.strokes and one.label != UNLABELLED and one.predicted == one.label]
    if good:
        one = random.choice(good)
        return files.read_drawing(one.strokes.encode()), one.label
    data, chosen = datasets.mnist(), random.randrange(10_000)
    return vectorize.from_image(data.x_test[chosen].astype(np.float32) / 255), int(data.y_test[chosen])


def _unit(drawing: Drawing) -> list[np.ndarray]:
    """The strokes within 0..1, the longer side filling it."""
    points = np.concatenate(drawing.strokes)
    low, side = points.min(0), float(np.ptp(points, axis=0).max()) or 1.0
    room = (1 - np.ptp(points, axis=0) / side) / 2
    return [(stroke - low) / side + room for stroke in drawing.strokes]
