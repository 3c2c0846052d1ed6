"""The functions that follow a layer's sums, and their slopes. A new one is one entry in each table.

The names are those of `architectures.FUNCTIONS`, which are Keras's. float32 gives float32.
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import expit, ndtr

from core.nn.architectures import LEAST, leaky_slope


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return exp(z_k) / sum_i exp(z_i) along the last axis, same shape, float32 for float32.

    The largest z is subtracted first: it leaves the result as it is, and exp cannot overflow.

        >>> softmax(np.array([1.0, 1.0, 1.0, 1.0]))
        array([0.25, 0.25, 0.25, 0.25])
    """
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


class _Functions(dict[str, Callable[..., np.ndarray]]):
    """By name; a leaky ReLU is made of its slope, which its name says."""

    def __init__(self, known: dict[str, Callable[..., np.ndarray]], leaky: Callable[..., np.ndarray]):
        super().__init__(known)
        self._leaky = leaky

    def __missing__(self, name: str) -> Callable[..., np.ndarray]:
        if (slope := leaky_slope(name)) is None:
            raise KeyError(name)
        return partial(self._leaky, slope)


def _gelu_slope(z: np.ndarray, dy: np.ndarray) -> np.ndarray:
    return dy * (ndtr(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)).astype(z.dtype)


def _silu_slope(z: np.ndarray, dy: np.ndarray) -> np.ndarray:
    return dy * expit(z) * (1 + z * (1 - expit(z)))


_KNOWN: dict[str, Callable[..., np.ndarray]] = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "sigmoid": expit,  # 1 / (1 + exp(-z)), without overflow
    "tanh": np.tanh,
    "softmax": softmax,
    "elu": lambda z: np.maximum(z, np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: np.multiply(z, ndtr(z)),  # z times the probability that a normal number is smaller
    "silu": lambda z: z * expit(z),
    "log": lambda z: np.log(np.maximum(z, LEAST)),
}
ACTIVATIONS = _Functions(_KNOWN, lambda slope, z: np.where(z > 0, z, slope * z))

# From the output y alone: (y, dy) -> dz.
_SLOPES: dict[str, Callable[..., np.ndarray]] = {
    "linear": lambda y, dy: dy,
    "relu": lambda y, dy: dy * (y > 0),  # at 0, where there is a corner, 0, as TensorFlow has it
    "sigmoid": lambda y, dy: dy * y * (1 - y),
    "tanh": lambda y, dy: dy * (1 - y * y),
    "softmax": lambda y, dy: y * (dy - (y * dy).sum(-1, keepdims=True)),
    "elu": lambda y, dy: dy * np.where(y > 0, 1, y + 1),
}
SLOPES = _Functions(_SLOPES, lambda slope, y, dy: dy * np.where(y > 0, 1, slope).astype(dy.dtype))

# Of those whose output does not say where it came from: (z, dy) -> dz.
SLOPES_OF_SUMS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "gelu": _gelu_slope,
    "silu": _silu_slope,
    "log": lambda z, dy: np.where(z > LEAST, dy / np.maximum(z, LEAST), 0),
}
