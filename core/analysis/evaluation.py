"""Probabilities and labels -> accuracy, confusion, calibration, and the comparison of two networks.

>>> found = evaluate(np.array([[0.9, 0.1], [0.3, 0.7]], np.float32), np.array([0, 0]), ("cat", "dog"))
>>> confusion(found).tolist()
[[1, 1], [0, 0]]
>>> select(found, Choice("Mistakes")).tolist()
[1]
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from scipy.special import bdtr

from core.analysis import works
from core.analysis.works import Progress, Work
from core.models.classifiers import Classifier
from core.nn import calibration, metrics
from core.nn.calibration import BINS
from core.records import Evaluation, Labelled
from core.words import counted

CONFIDENCE = 0.95
SIGNIFICANCE = 0.05  # a p-value below it is called so
_BATCH = 1024


def evaluate(probabilities: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> Evaluation:
    """Return the Evaluation of float [n, classes] and int [n]. Raises ValueError for what is no probability."""
    if probabilities.shape != (len(labels), len(classes)):
        raise ValueError(
            f"{len(labels):,} pictures of {len(classes)} classes need as many rows and columns of "
            f"probabilities, but there are {' x '.join(map(str, probabilities.shape))}."
        )
    if not np.isfinite(probabilities).all():
        raise ValueError("Some of this network's answers are not numbers (NaN), so nothing can be counted.")
    rows, labels = np.arange(len(labels)), labels.astype(int)
    predicted = probabilities.argmax(1)
    eps = np.finfo(np.float32).tiny  # a softmax in float32 may give 0, whose loss would be infinite
    losses = -np.log(np.maximum(probabilities[rows, labels], eps)).astype(np.float32)
    return Evaluation(tuple(classes), labels, probabilities, predicted, probabilities[rows, predicted], losses)


def answers(classifier: Classifier, name: str, data: Labelled) -> Work[np.ndarray]:
    """Begin to read all images of a set; the result is float32 [n, classes], kept on disk.

    name: the set's, in `evaluation_sets.SETS`. The 10,000 test digits take the shipped network about a second.
    """

    def compute(on_progress: Progress) -> dict[str, np.ndarray]:
        parts = []
        for at in range(0, len(data.labels), _BATCH):
            pixels = data.images[at : at + _BATCH].astype(np.float32) / 255
            parts.append(calibration.split(classifier.outputs(pixels))[0].astype(np.float32))
            on_progress((at + len(pixels)) / len(data.labels))
        return {"probabilities": np.concatenate(parts)}

    which = hashlib.sha256(f"{name}\n{data.version}".encode()).hexdigest()[:12]
    return works.work(classifier, f"answers-{which}", compute, lambda found: found["probabilities"])


# -- accuracy


def interval(correct: int, total: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the Wilson score interval of a fraction, 0..1. (Edwin B. Wilson, Probable Inference, 1927.)

    Unlike the plain interval of plus and minus, it never leaves 0..1 and is not empty where all are right.
    """
    if not total:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    fraction = correct / total
    middle = (fraction + z * z / (2 * total)) / (1 + z * z / total)
    half = z * np.sqrt(fraction * (1 - fraction) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def confusion(evaluation: Evaluation) -> np.ndarray:
    """Return int [classes, classes]: rows the true class, columns the class predicted."""
    return metrics.confusion_matrix(evaluation.labels, evaluation.predicted, len(evaluation.classes))


class Score(NamedTuple):
    """How well one class is read; None where nothing can be divided by.

    precision: how many of those read as this class are of it. recall: how many of this class are read as it.
    f1: the harmonic mean of the two.
    """

    name: str
    images: int
    precision: float | None
    recall: float | None
    f1: float | None


def scores(evaluation: Evaluation) -> list[Score]:
    """Return one Score for each class, in order."""
    table = confusion(evaluation)
    found = []
    for place, name in enumerate(evaluation.classes):
        correct, actual_count, predicted_count = (
            int(table[place, place]),
            int(table[place].sum()),
            int(table[:, place].sum()),
        )
        found.append(
            Score(
                name,
                actual_count,
                correct / predicted_count if predicted_count else None,
                correct / actual_count if actual_count else None,
                2 * correct / (actual_count + predicted_count) if actual_count + predicted_count else None,
            )
        )
    return found


# -- which images


@dataclass(frozen=True)
class Choice:
    """Which images are wanted, and in what order.

    kind: a key of KINDS. order: a key of ORDERS. true, predicted: only those of this class; None for all.
    min_confidence, max_confidence: only those whose confidence lies there, both ends included.
    """

    kind: str = "Mistakes"
    order: str = "surest first"
    true: int | None = None
    predicted: int | None = None
    min_confidence: float = 0.0
    max_confidence: float = 1.0


# name -> bool [n], which images it means; the second argument holds the numbers of doubtful labels
KINDS: dict[str, Callable[[Evaluation, Collection[int]], np.ndarray]] = {
    "Mistakes": lambda e, mislabelled: e.predicted != e.labels,
    "Read rightly": lambda e, mislabelled: e.predicted == e.labels,
    "Doubtful labels": lambda e, mislabelled: np.isin(np.arange(len(e.labels)), list(mislabelled)),
    "All": lambda e, mislabelled: np.ones(len(e.labels), bool),
}

# name -> what is sorted by, the smallest first
ORDERS: dict[str, Callable[[Evaluation], np.ndarray]] = {
    "surest first": lambda e: -e.confidence,
    "least sure first": lambda e: e.confidence,
    "largest loss first": lambda e: -e.losses,
    "by class": lambda e: e.labels * len(e.classes) + e.predicted,
    "by number": lambda e: np.arange(len(e.labels)),
}


def select(evaluation: Evaluation, choice: Choice, mislabelled: Collection[int] = ()) -> np.ndarray:
    """Return the numbers of the images that are wanted, int, in order; equal ones by their number."""
    mask = KINDS[choice.kind](evaluation, mislabelled)
    if choice.true is not None:
        mask = mask & (evaluation.labels == choice.true)
    if choice.predicted is not None:
        mask = mask & (evaluation.predicted == choice.predicted)
    mask = (
        mask
        & (evaluation.confidence >= choice.min_confidence)
        & (evaluation.confidence <= choice.max_confidence)
    )
    numbers = np.flatnonzero(mask)
    return numbers[np.argsort(ORDERS[choice.order](evaluation)[numbers], kind="stable")]


# -- how far its confidence can be trusted


class Bin(NamedTuple):
    """Images whose confidence lies from low to high: how many, their mean confidence and their accuracy."""

    low: float
    high: float
    images: int
    confidence: float
    accuracy: float


def reliability(evaluation: Evaluation, bins: int = BINS) -> list[Bin]:
    """Return the bins that hold any image, by confidence; the bars of a reliability diagram.

    (Niculescu-Mizil and Caruana, Predicting Good Probabilities With Supervised Learning, 2005.)
    """
    confidence, correct = evaluation.confidence.astype(float), evaluation.predicted == evaluation.labels
    place = calibration.bin_of(confidence, bins)
    return [
        Bin(
            b / bins,
            (b + 1) / bins,
            int(here.sum()),
            float(confidence[here].mean()),
            float(correct[here].mean()),
        )
        for b in range(bins)
        if (here := place == b).any()
    ]


class Coverage(NamedTuple):
    """Accuracy against coverage: the images of lowest confidence are rejected, from none to all but the most
    confident.

    rejected: float [k], fractions of all. accuracy: float [k], of those that are not. confidence: float [k],
    the lowest of these.
    """

    rejected: np.ndarray
    accuracy: np.ndarray
    confidence: np.ndarray


def coverage(evaluation: Evaluation) -> Coverage:
    """Return the accuracy against the fraction that is rejected. Images of equal confidence go together.

    (El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, 2010.)
    """
    order = np.argsort(-evaluation.confidence, kind="stable")
    confidence = evaluation.confidence[order]
    total = len(order)
    covered = np.arange(1, total + 1)
    correct = np.cumsum((evaluation.predicted == evaluation.labels)[order])
    last = np.append(np.flatnonzero(np.diff(confidence)), total - 1)[::-1]  # of each group of equal confidence
    return Coverage(1 - covered[last] / total, correct[last] / covered[last], confidence[last])


def min_rejected(found: Coverage, accuracy: float) -> int | None:
    """Return the first place on the curve with at least this accuracy, or None."""
    places = np.flatnonzero(found.accuracy >= accuracy)
    return int(places[0]) if len(places) else None


# -- two networks


class Comparison(NamedTuple):
    """Two networks on the same images: int arrays of numbers, and McNemar's p-value.

    p: how probable a difference at least as large is if each image that only one of them reads rightly falls
    to either by the toss of a coin.
    """

    both: np.ndarray
    first: np.ndarray
    second: np.ndarray
    neither: np.ndarray
    p: float


def compare(first: Evaluation, second: Evaluation) -> Comparison:
    """Return who reads which images rightly; both evaluations are of the same images."""
    one, other = first.predicted == first.labels, second.predicted == second.labels
    only_one, only_other = np.flatnonzero(one & ~other), np.flatnonzero(other & ~one)
    return Comparison(
        np.flatnonzero(one & other),
        only_one,
        only_other,
        np.flatnonzero(~one & ~other),
        mcnemar(len(only_one), len(only_other)),
    )


def mcnemar(first: int, second: int) -> float:
    """Return the two-sided p-value of McNemar's exact test: a binomial test of `first` among both, at a half.

    first, second: images that only the one, and only the other network reads rightly. (Quinn McNemar, Note on
    the Sampling Error of the Difference Between Correlated Proportions, 1947.) `scipy.stats.binomtest` says the
    same, and so does its Wilson interval of `interval`; but its import would cost a page half a second.
    """
    if first + second == 0:
        return 1.0
    return min(1.0, 2 * float(bdtr(min(first, second), first + second, 0.5)))


def in_words(found: Comparison, names: Sequence[str]) -> str:
    """Return which is better, and whether the difference is significant, in two sentences."""
    one, other = len(found.first), len(found.second)
    if not one + other:
        return "They get the same pictures right and the same wrong."
    numbers = (
        f"{names[0]} alone reads {counted(one, 'picture')} rightly, {names[1]} alone {other:,}; "
        f"{counted(len(found.neither), 'picture')} neither."
    )
    if found.p >= SIGNIFICANCE:
        conclusion = "so it may well be chance"
    else:
        conclusion = f"so {names[0] if one > other else names[1]} is better, and hardly by chance"
    chance = f"If they were equally good, a difference at least as large would come {_odds(found.p)}"
    return f"{numbers} {chance}, {conclusion}."


def _odds(p: float) -> str:
    if p < 0.001:
        return "less than once in 1,000 times"
    return f"{100 * p:.2g} times in 100" if p < 0.995 else "always"
