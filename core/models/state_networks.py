"""A run's network as it was at one of its states, made without TensorFlow: its LiteRT bytes with other weights.

The converter writes each array of weights as it is, or transposed, so it is found there by its own bytes.
"""

from dataclasses import replace

import numpy as np

from core.nn import batchnorm_folding
from core.nn.architectures import Layer
from core.records import Network, State


def at(network: Network, layers: tuple[Layer, ...], state: State) -> Network | None:
    """Return `network`, the last of its run, as it was at `state`; None where its bytes do not show how.

    layers: the run's, before batch normalisation was folded. What was worked into the last weights after the
    training, a calibration or a mean of weights, is in none of its states.
    """
    if not state.weights or any(not np.isfinite(array).all() for array in state.weights.values()):
        return None
    full = {name: array.astype(np.float32) for name, array in state.weights.items()}
    left, weights = batchnorm_folding.fold(layers, full)
    if left != network.layers or weights.keys() != network.weights.keys():
        return None
    litert = network.litert
    for name, array in weights.items():
        found = _replaced(litert, network.weights[name], array)
        if found is None:
            return None
        litert = found
    about = network.about | {"images": state.images, "epoch": state.epoch}
    return replace(network, weights=weights, litert=litert, about=about)


def _replaced(data: bytes, before: np.ndarray, after: np.ndarray) -> bytes | None:
    """The bytes with one array in place of another, where that stands in them once; else None."""
    for order in _ORDERS[before.ndim]:
        old = np.ascontiguousarray(before.transpose(order), "<f4").tobytes()
        place = data.find(old)
        if place >= 0 and data.find(old, place + 1) < 0:
            new = np.ascontiguousarray(after.transpose(order), "<f4").tobytes()
            return data[:place] + new + data[place + len(old) :]
    return None


# [height, width, channels, filters] is [filters, height, width, channels] there; dense kernels are turned.
_ORDERS: dict[int, list[tuple[int, ...]]] = {
    1: [(0,)],
    2: [(1, 0), (0, 1)],
    3: [(0, 1, 2)],
    4: [(3, 0, 1, 2), (0, 1, 2, 3)],
}
