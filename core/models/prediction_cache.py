"""Predictions for stored drawings, kept so that each network predicts each of them once."""

import hashlib
import time
from weakref import WeakKeyDictionary

import numpy as np

from core.models.classifiers import Classifier
from core.records import DigitImage

NONE, NOT_YET = -1, -2  # abstained; not predicted yet
_PORTION = 256

# By a digest of the image: the images themselves would stay for good.
_known: WeakKeyDictionary[Classifier, dict[bytes, tuple[int, float]]] = WeakKeyDictionary()


def predict(
    classifier: Classifier, images: np.ndarray, seconds: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the prediction of the Draw page for each image, and its confidence.

    images: uint8 [n, 28, 28], 255 = ink. seconds: after which it leaves the rest for the next call; some
    hundreds are predicted in any case.
    Returns (int8 [n]: the digit, NONE or NOT_YET; float32 [n]: the highest of the ten probabilities).
    """
    known = _known.setdefault(classifier, {})
    keys = [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in images]
    new = list({key: place for place, key in enumerate(keys) if key not in known}.items())
    began = time.monotonic()
    for at in range(0, len(new), _PORTION):
        if at and seconds is not None and time.monotonic() - began > seconds:
            break
        part = new[at : at + _PORTION]
        pixels = images[[place for _, place in part]].astype(np.float32)
        said = classifier.predict_many([DigitImage(image / 255) for image in pixels])
        for (key, _), prediction in zip(part, said, strict=True):
            digit = NONE if prediction.digit is None else prediction.digit
            known[key] = (digit, float(prediction.probabilities.max()))
    found = [known.get(key, (NOT_YET, 0.0)) for key in keys]
    return np.array([d for d, _ in found], np.int8), np.array([p for _, p in found], np.float32)
