"""What a network makes of a class's drawings: what the wall shows. Nobody's name is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from core.models import prediction_cache
from core.models.classifiers import Classifier
from core.nn import metrics
from core.storage.room_records import UNLABELLED, RoomDrawing

MIN_DRAWINGS = 3  # of a digit, below which nothing is said of how it is misread
KEPT = 20_000  # digits that one network has read: as many as a class may have
_known: WeakKeyDictionary[Classifier, dict[bytes, int]] = WeakKeyDictionary()  # by the packed image


@dataclass(frozen=True)
class Results:
    """counts: int [10], drawings of each digit. accuracy: 0..1 over all of them, None where there are none.

    held_out: the same over those that nothing learns from. confusion: int [10, 10], rows the digit, columns
    what was read; where the network abstains it is in no column. misread: sentences, the worst first.
    """

    counts: np.ndarray
    accuracy: float | None
    held_out: float | None
    confusion: np.ndarray
    misread: tuple[str, ...]


def read(classifier: Classifier, drawn: Sequence[RoomDrawing], network: int | None = None) -> np.ndarray:
    """Return what a network makes of each drawing: int [n], the digit, or -1 where it abstains.

    network: its number: what it has said of a drawing as that came is not asked again.
    """
    found = np.array([-1 if one.predicted is None else one.predicted for one in drawn], int)
    if unread := [place for place, one in enumerate(drawn) if one.network != network]:
        found[unread] = _said(classifier, [drawn[place] for place in unread])
    return np.maximum(found, -1)


def _said(classifier: Classifier, drawn: Sequence[RoomDrawing]) -> list[int]:
    """What a network says of each drawing, which it is asked once: a wall looks several times a second."""
    known = _known.setdefault(classifier, {})
    new = [one for one in drawn if one.packed not in known]
    if len(known) + len(new) > KEPT:
        _known[classifier], new = (known := {}), list(drawn)
    if new:
        digits = prediction_cache.predict(classifier, pixels(new))[0].tolist()
        known.update(zip((one.packed for one in new), digits, strict=True))
    return [known[one.packed] for one in drawn]


def accuracy(classifier: Classifier, drawn: Sequence[RoomDrawing]) -> float | None:
    """Return the fraction of these drawings that a network reads rightly, None of none."""
    if not drawn:
        return None
    return float((read(classifier, drawn) == [one.label for one in drawn]).mean())


def results(classifier: Classifier, drawn: Sequence[RoomDrawing], network: int | None = None) -> Results:
    """Let a network read all labelled drawings of a class. network: as in `read`."""
    labelled = [drawing for drawing in drawn if drawing.label != UNLABELLED]
    labels = np.array([drawing.label for drawing in labelled], int)
    counts = np.bincount(labels, minlength=10)
    if not labelled:
        return Results(counts, None, None, np.zeros((10, 10), int), ())
    digits = read(classifier, labelled, network)
    right, held = digits == labels, np.array([drawing.held_out for drawing in labelled])
    known = digits >= 0
    confusion = metrics.confusion_matrix(labels[known], digits[known], 10)
    held_out = float(right[held].mean()) if held.any() else None
    return Results(counts, float(right.mean()), held_out, confusion, misread(labels, digits))


def pixels(drawn: Sequence[RoomDrawing]) -> np.ndarray:
    """Return their images, uint8 [n, 28, 28]."""
    return np.stack([drawing.pixels for drawing in drawn])


def misread(labels: np.ndarray, read: np.ndarray) -> tuple[str, ...]:
    """Return which digits are misread, and as what: '4 of 9 sevens are read as a 1'; the worst three first."""
    found = []
    for digit in range(10):
        theirs = read[labels == digit]
        wrong = theirs[(theirs != digit) & (theirs >= 0)]
        if len(theirs) >= MIN_DRAWINGS and len(wrong):
            other = int(np.bincount(wrong, minlength=10).argmax())
            count = int((wrong == other).sum())
            is_are = "is" if count == 1 else "are"
            sentence = f"{count} of {len(theirs)} {NAMES[digit]} {is_are} read as {other}"
            found.append((count / len(theirs), sentence))
    return tuple(sentence for _, sentence in sorted(found, reverse=True)[:3])


NAMES = ("zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines")
