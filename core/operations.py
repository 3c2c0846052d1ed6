"""The arithmetic of networks in NumPy, for teaching and for testing."""

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return exp(z_k) / sum_i exp(z_i) along the last axis, same shape, float32 for float32.

    The largest z is subtracted first: it leaves the result as it is, and exp cannot overflow.

        >>> softmax(np.array([1.0, 1.0, 1.0, 1.0]))
        array([0.25, 0.25, 0.25, 0.25])
    """
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)
