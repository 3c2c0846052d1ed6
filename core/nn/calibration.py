"""Calibration by temperature scaling: when a network says 90%, it should be right nine times in ten.

Temperature scaling divides the logits by one number, which changes no prediction, only its confidence. (Guo and
others, On Calibration of Modern Neural Networks, 2017.)
"""

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, logsumexp

from core.nn.activations import softmax
from core.nn.architectures import class_count

BINS = 15  # of equal width, as in that paper
# Below this probability ink is not called a digit; chosen on held-out writers (docs/model-card.md).
MIN_IS_DIGIT = 0.65


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """Return the mean gap between confidence and accuracy, 0..1, over bins of the highest
    probability.

    probabilities: float [n, classes]. labels: int [n]. Each bin counts by how many it holds.

        >>> sure, unsure = [0.9, 0.1], [0.6, 0.4]  # 0.9 and right, 0.6 and right half of the time
        >>> round(expected_calibration_error(np.array([sure, unsure, unsure]), np.array([0, 0, 1])), 3)
        0.1
    """
    certain, right = probabilities.max(1), probabilities.argmax(1) == labels
    position = bin_of(certain, bins)
    gaps = [abs((certain - right)[position == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(labels))


def bin_of(certain: np.ndarray, bins: int = BINS) -> np.ndarray:
    """float [n], 0..1 -> int [n], which of the bins of equal width each lies in; 1 lies in the last."""
    return np.minimum((certain * bins).astype(int), bins - 1)


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the number by which dividing the logits, float [n, classes], gives the least cross-entropy."""
    rows = np.arange(len(labels))

    def loss(log_t: float) -> float:
        scaled = logits / np.exp(log_t)
        return float((logsumexp(scaled, axis=1) - scaled[rows, labels]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded").x))


def reject_calibration(
    digits: np.ndarray, others: np.ndarray, is_digit: np.ndarray, prior: float
) -> tuple[float, float]:
    """Return (a, b) such that sigmoid(digits - a * others - b) is the probability of a digit.

    digits: float [n], log-sum-exp of the ten digits' logits. others: float [n], the logit of 'not a digit'.
    is_digit: bool [n]. prior: the probability that a drawing is a digit, 0..1, whatever their fraction here.
    Platt's logistic fit, with a weight for each side.
    """
    weights = np.where(is_digit, prior / is_digit.sum(), (1 - prior) / (~is_digit).sum())

    def loss(ab: np.ndarray) -> float:
        margin = digits - ab[0] * others - ab[1]
        return float((weights * np.logaddexp(0, np.where(is_digit, -margin, margin))).sum())

    a, b = minimize(loss, (1.0, 0.0), method="Nelder-Mead").x
    return float(a), float(b)


def split(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Return (float [n, classes], their probabilities; float [n], that it is one of them at all, or None).

    logits: float [n, outputs], of which `architectures.class_count` says how many are classes.
    """
    classes = class_count(logits.shape[1])
    known = logits[:, :classes]
    if logits.shape[1] <= classes:
        return softmax(known), None
    return softmax(known), expit(logsumexp(known.astype(float), axis=1) - logits[:, classes])


def scale_last_layer(
    kernel: np.ndarray, bias: np.ndarray, temperature: float, a: float, b: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the last layer's kernel, float [n, 11], and bias with the calibration worked in.

    The digits' logits are divided by the temperature; that of 'not a digit' becomes a * itself + b.
    """
    factors = np.array([1 / temperature] * 10 + [a])
    return (kernel * factors).astype(np.float32), (bias * factors + np.eye(11)[10] * b).astype(np.float32)
