"""Damage to a network: parts switched off, weights pruned, made noisy or coarse, its confidence changed.

>>> changed = apply(network, Damage(prune=0.9))          # nine in ten weights are 0 now
"""

from dataclasses import dataclass, replace

import numpy as np

from core.nn import architectures
from core.nn.architectures import Conv2D, Dense
from core.records import Network

WHOLE = 32  # bits of a weight as it is
BITS = (WHOLE, 8, 4, 2)
_OFF = -60.0  # before a sigmoid that is to give 0


@dataclass(frozen=True)
class Damage:
    """What is done to a network, in this order.

    kernels: (layer, input channel, map, the numbers by rows) of each kernel that is written anew.
    prune: the smallest of all kernels' weights that become 0, as a fraction, 0..1.
    noise: added to each kernel's weights, a standard deviation as a fraction of theirs. seed: of it.
    bits: per weight of a kernel, WHOLE for as it is; each column, of one unit or map, has a scale of its own.
    off: (layer, its maps or units) that give 0, counted from 0. temperature: by which the logits are divided.
    """

    kernels: tuple[tuple[str, int, int, tuple[tuple[float, ...], ...]], ...] = ()
    prune: float = 0.0
    noise: float = 0.0
    seed: int = 0
    bits: int = WHOLE
    off: tuple[tuple[str, tuple[int, ...]], ...] = ()
    temperature: float = 1.0


NONE = Damage()


def apply(network: Network, damage: Damage) -> Network:
    """Return the damaged network, without LiteRT bytes; its layers and names are the same."""
    weights = dict(network.weights)
    for layer, channel, number, rows in damage.kernels:
        kernel = weights[f"{layer}/kernel"].copy()
        kernel[:, :, channel, number] = rows
        weights[f"{layer}/kernel"] = kernel
    if damage.prune:
        weights |= _pruned(weights, damage.prune)
    if damage.noise:
        weights |= _noisy(weights, damage.noise, damage.seed)
    if damage.bits != WHOLE:
        weights |= {key: _coarse(weights[key], damage.bits) for key in _kernels(weights)}
    layers = dict(zip(architectures.names(network.layers), network.layers, strict=True))
    for name, units in damage.off:
        weights |= _off(weights, name, units, getattr(layers[name], "activation", "linear"))
    if damage.temperature != 1:
        last = list(layers)[-1]
        weights |= {key: weights[key] / damage.temperature for key in (f"{last}/kernel", f"{last}/bias")}
    changed = {key: np.asarray(array, np.float32) for key, array in weights.items()}
    return replace(network, weights=changed, litert=b"")


def can_be_off(network: Network) -> dict[str, int]:
    """Return the layers with parts that can be switched off, and how many: all with weights but the last."""
    *names, _ = [
        (name, layer)
        for name, layer in zip(architectures.names(network.layers), network.layers, strict=True)
        if isinstance(layer, Conv2D | Dense)
    ]
    return {name: layer.filters if isinstance(layer, Conv2D) else layer.units for name, layer in names}


def zeros(network: Network) -> float:
    """Return which fraction of the kernels' weights is 0."""
    kernels = [network.weights[key] for key in _kernels(network.weights)]
    return sum(int((kernel == 0).sum()) for kernel in kernels) / sum(kernel.size for kernel in kernels)


def _kernels(weights: dict[str, np.ndarray]) -> list[str]:
    return [key for key in weights if key.endswith("/kernel")]


def _pruned(weights: dict[str, np.ndarray], fraction: float) -> dict[str, np.ndarray]:
    """Every kernel, without the smallest of all their weights together."""
    keys = _kernels(weights)
    sizes = np.concatenate([np.abs(weights[key]).ravel() for key in keys])
    count = round(fraction * len(sizes))
    if not count:
        return {}
    order = np.argpartition(sizes, count - 1)[:count]
    kept = np.ones(len(sizes), bool)
    kept[order] = False
    ends = np.cumsum([weights[key].size for key in keys])[:-1]
    parts = np.split(kept, ends)
    return {key: weights[key] * part.reshape(weights[key].shape) for key, part in zip(keys, parts, strict=True)}


def _noisy(weights: dict[str, np.ndarray], noise: float, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        key: weights[key] + rng.normal(0, 1, weights[key].shape) * noise * weights[key].std()
        for key in _kernels(weights)
    }


def _coarse(kernel: np.ndarray, bits: int) -> np.ndarray:
    """Each weight as the nearest of 2^bits - 1 values, evenly spread around 0.

    >>> _coarse(np.array([[-1.0], [0.2], [0.6]]), 2).ravel().tolist()
    [-1.0, 0.0, 1.0]
    """
    most = 2 ** (bits - 1) - 1
    flat = kernel.reshape(-1, kernel.shape[-1])
    scale = np.maximum(np.abs(flat).max(0), 1e-30) / most
    return (np.rint(flat / scale) * scale).reshape(kernel.shape)


def _off(
    weights: dict[str, np.ndarray], name: str, units: tuple[int, ...], activation: str
) -> dict[str, np.ndarray]:
    kernel, bias = weights[f"{name}/kernel"].copy(), weights[f"{name}/bias"].copy()
    kernel[..., list(units)] = 0
    bias[list(units)] = _OFF if activation == "sigmoid" else 0
    return {f"{name}/kernel": kernel, f"{name}/bias": bias}
