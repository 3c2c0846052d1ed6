"""Metrics of predictions against labels."""

import numpy as np


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return int [classes, classes]: how often each true class (rows) was read as each class (columns).

    labels, predicted: int [n], from 0 to classes - 1.

        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
        array([[1, 1],
               [0, 1]])
    """
    cells = labels.astype(int) * classes + predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def figures(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Return (accuracy, mean cross-entropy, each image's cross-entropy), in nats.

    logits: float [n, classes]. labels: int [n].
    """
    shifted = logits - logits.max(1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(labels)), labels]
    return float((logits.argmax(1) == labels).mean()), float(losses.mean()), losses
