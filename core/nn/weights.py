"""The arrays of each layer, out of those of a whole network: {'dense_1/kernel': ..., 'dense_1/bias': ...}."""

from collections.abc import Sequence

import numpy as np

from core.nn import architectures
from core.nn.architectures import Layer

Weights = dict[str, np.ndarray]  # of one layer: kernel, bias, gamma, ...


def of_layer(weights: dict[str, np.ndarray], name: str) -> Weights:
    """Return the arrays of the layer of that name, by what they are; none for one that learns nothing.

    >>> of_layer({"dense_1/bias": 1, "dense_10/bias": 2}, "dense_1")
    {'bias': 1}
    """
    start = f"{name}/"
    return {key.removeprefix(start): array for key, array in weights.items() if key.startswith(start)}


def by_layer(layers: Sequence[Layer], weights: dict[str, np.ndarray]) -> list[tuple[str, Layer, Weights]]:
    """Return (name, layer, its arrays) for each layer in order."""
    names = architectures.names(layers)
    return [(name, layer, of_layer(weights, name)) for name, layer in zip(names, layers, strict=True)]
