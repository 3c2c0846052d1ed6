"""Another set of weights in a network's LiteRT bytes, where they lie one array after the other.

To make them anew takes TensorFlow and a second; this takes some milliseconds, so that a network can be changed
while a slider moves.

Called by `core.analysis.breaking` and `ui.sections.break_network`.
"""

from dataclasses import replace

import numpy as np

from core.models.classifiers import Classifier
from core.nn import backprop
from core.records import Network


def patched(network: Network, changed: Network) -> bytes | None:
    """Return the first network's LiteRT bytes with the second one's weights.

    None where an array that has changed is not found there once, as where TensorFlow has worked two into one.
    """
    data = bytearray(network.litert)
    for key, array in network.weights.items():
        if np.array_equal(array, changed.weights[key]):
            continue
        place = network.litert.find(old := _laid_out(array))
        if place < 0 or network.litert.find(old, place + 1) >= 0:
            return None
        data[place : place + len(old)] = _laid_out(changed.weights[key])
    return bytes(data)


class Changed:
    """A network with other weights, ready for inference: with LiteRT where it can be, else in NumPy."""

    def __init__(self, network: Network, changed: Network):
        data = patched(network, changed)
        self.network = changed if data is None else replace(changed, litert=data)
        self._classifier = None if data is None else Classifier(self.network)

    def outputs(self, pixels: np.ndarray) -> np.ndarray:
        """float32 [n, h, w] or [n, h, w, c], 0..1 -> float32 [n, 10 or 11], the logits."""
        if self._classifier:
            return self._classifier.outputs(pixels)
        parts = np.array_split(pixels, -(-len(pixels) // 100))
        return np.concatenate([list(backprop.forward(self.network, part).values())[-1] for part in parts])


def _laid_out(array: np.ndarray) -> bytes:
    """As TensorFlow lays it out: outputs first."""
    order = (3, 0, 1, 2) if array.ndim == 4 else tuple(reversed(range(array.ndim)))
    return np.ascontiguousarray(array.transpose(order), np.float32).tobytes()
