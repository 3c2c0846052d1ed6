"""States of a network along its training, as they are stored."""

import numpy as np

from core.records import Probe, State, View

PROBE = Probe(
    np.arange(40 * 784, dtype=np.uint32).astype(np.uint8).reshape(40, 28, 28),
    np.arange(40, dtype=np.uint8) // 4,
    np.arange(7, dtype=np.uint8),
    1000,
)
VIEW = View(
    predicted=np.arange(40, dtype=np.uint8) % 10,
    confidence=np.full(40, 0.5, np.float16),
    cloud=np.arange(14, dtype=np.float16).reshape(7, 2),
    confusion=np.arange(100, dtype=np.uint16).reshape(10, 10),
    accuracy=0.25,
    gradients=np.array([0.5, np.nan], np.float32),
    updates=np.array([0.001, 0.002], np.float32),
    silent=np.array([0.125], np.float32),
)


def state(step: int, view: View | None = VIEW) -> State:
    weights = {
        "conv2d_1/kernel": np.full((3, 3, 1, 2), step, np.float16),
        "conv2d_1/bias": np.zeros(2, np.float16),
    }
    return State(step, 50 * step, step / 10, step / 4, weights, view)
