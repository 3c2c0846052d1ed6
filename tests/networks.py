"""Networks by chance, of any layers: what an export or a change of theirs is measured on."""

import numpy as np

from core.data.datasets import KINDS
from core.nn import architectures
from core.nn.architectures import BatchNormalization, Conv2D, Dense, Layer, PReLU
from core.records import Network


def by_chance(*layers: Layer, seed: int = 0, data: str = "mnist", name: str = "by chance") -> Network:
    """A network with these layers and random weights; nothing reads it with LiteRT."""
    rng, shape, weights = np.random.default_rng(seed), KINDS[data].shape, {}
    for called, layer in zip(architectures.names(layers), layers, strict=True):
        columns = layer.output_shape(shape)[-1]
        if isinstance(layer, Conv2D | Dense):
            size = layer.parameters(shape) // columns - 1
            window = (layer.kernel, layer.kernel, shape[-1]) if isinstance(layer, Conv2D) else (size,)
            weights[f"{called}/kernel"] = rng.normal(0, size**-0.5, (*window, columns)).astype(np.float32)
            weights[f"{called}/bias"] = rng.normal(0, 0.1, columns).astype(np.float32)
        if isinstance(layer, BatchNormalization):
            for array in ("gamma", "beta", "moving_mean", "moving_variance"):
                weights[f"{called}/{array}"] = rng.uniform(0.5, 2, shape[-1]).astype(np.float32)
        if isinstance(layer, PReLU):
            weights[f"{called}/alpha"] = rng.uniform(-0.2, 0.6, layer.size(shape)).astype(np.float32)
        shape = layer.output_shape(shape)
    return Network(name, tuple(layers), weights, b"", {}, data)
