"""Metrics of predictions against labels.

Called by `core.analysis.evaluation` and `core.worker.training`.
"""

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
