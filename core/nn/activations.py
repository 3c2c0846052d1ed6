"""The functions that follow a layer's sums, and their slopes. A new one is one entry in each table.

The names are those of `architectures.ACTIVATIONS`, which are Keras's. float32 gives float32.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import expit


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return exp(z_k) / sum_i exp(z_i) along the last axis, same shape, float32 for float32.

    The largest z is subtracted first: it leaves the result as it is, and exp cannot overflow.

        >>> softmax(np.array([1.0, 1.0, 1.0, 1.0]))
        array([0.25, 0.25, 0.25, 0.25])
    """
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "sigmoid": expit,  # 1 / (1 + exp(-z)), without overflow
    "tanh": np.tanh,
    "softmax": softmax,
}

# From the output y alone: (y, dy) -> dz.
SLOPES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "linear": lambda y, dy: dy,
    "relu": lambda y, dy: dy * (y > 0),  # at 0, where there is a corner, 0, as TensorFlow has it
    "sigmoid": lambda y, dy: dy * y * (1 - y),
    "tanh": lambda y, dy: dy * (1 - y * y),
    "softmax": lambda y, dy: y * (dy - (y * dy).sum(-1, keepdims=True)),
}
