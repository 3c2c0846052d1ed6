"""Networks by chance, of any layers: what an export or a change of theirs is measured on."""

import numpy as np

from core.analysis import breaking
from core.data.datasets import KINDS
from core.nn import architectures, backprop, graph
from core.nn.architectures import (
    Activation,
    Add,
    Average,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
    PReLU,
)
from core.nn.damage import Damage
from core.records import Network


def by_chance(*layers: Layer, seed: int = 0, data: str = "mnist", name: str = "by chance") -> Network:
    """A network with these layers and random weights; nothing reads it with LiteRT."""
    rng, weights = np.random.default_rng(seed), {}
    before, after = (
        architectures.inputs(layers, KINDS[data].shape),
        architectures.describe(layers, KINDS[data].shape),
    )
    for called, layer, shape, (made, _) in zip(architectures.names(layers), layers, before, after, strict=True):
        columns = made[-1]
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
    return Network(name, tuple(layers), weights, b"", {}, data)


def with_noise(network: Network) -> Network:
    """The same layers and name with other weights; its LiteRT bytes end as the first one's do."""
    return breaking.damaged(network, Damage(noise=0.05)).network


def joined(seed: int) -> tuple[Layer, ...]:
    """Layers by chance whose ways part and meet: residual blocks, branches and their means, maps and units."""
    rng, layers = np.random.default_rng(seed), list[Layer]()

    def put(layer: Layer, *read: int) -> int:
        layers.append(graph.wired(layer, len(layers), read or (len(layers) - 1,)))
        return len(layers) - 1

    def bend(at: int) -> int:
        if rng.random() < 0.5:
            at = put(BatchNormalization(), at)
        return put([Activation("relu"), Activation("tanh"), PReLU(), PReLU("value")][rng.integers(4)], at)

    def way(at: int, maps: int, side: int) -> int:
        return bend(put(Conv2D(maps, side, 1, "same", "linear"), at))

    maps = int(rng.integers(3, 6))
    at = put(Conv2D(maps, int(rng.integers(2, 5)), 2, "same", "linear"), -1)
    for _ in range(rng.integers(2, 4)):
        kind = int(rng.integers(4))
        sides = [int(side) for side in rng.choice([1, 2, 3], rng.integers(2, 4))]
        if kind == 0:
            at = put(Add(), way(way(at, maps, 3), maps, 2), at)
        elif kind == 1:
            at = bend(put(Add(), *(way(at, maps, side) for side in sides)))
        elif kind == 2:
            at = put(Average(), at, *(way(at, maps, side) for side in sides))
        else:
            at = put(Concatenate(), *(way(at, maps + n, side) for n, side in enumerate(sides)), at)
            at = put(Conv2D(maps, 1, 1, "valid", "relu"), at)
    pooled = [put(kind(2), at) for kind in (MaxPooling2D, AveragePooling2D)]
    flat = [put(Flatten(), one) for one in pooled]
    at = put([Concatenate(), Add()][rng.integers(2)], *flat)
    units = put(Dense(7, "tanh"), at)
    put(Add(), put(PReLU("value"), put(Dense(7, "linear"), units)), units)
    put(Dense(10, "softmax"))
    return tuple(layers)


def ensemble() -> tuple[Layer, ...]:
    """The mean of three networks' probabilities, and what follows it."""
    return (
        Conv2D(3, 5, 3),
        Flatten(),
        Dense(10, "softmax"),
        Flatten(inputs=(-1,)),
        Dense(10, "linear"),
        Activation("softmax"),
        Conv2D(2, 7, 4, inputs=(-1,)),
        Flatten(),
        Dense(10, "softmax"),
        Average(inputs=(2, 5, 8)),
        Activation("log"),
        Dense(10, "softmax"),
    )


# Every kind of layer, strides and paddings that differ on the two sides.
EVERY_LAYER = (
    Conv2D(6, 4, 3, "same", "linear"),
    BatchNormalization(),
    Activation("relu"),
    AveragePooling2D(2),
    Conv2D(5, 3, 1, "same", "tanh"),
    BatchNormalization(),
    PReLU("value"),
    Activation("gelu"),
    MaxPooling2D(2),
    PReLU(),
    Flatten(),
    Dropout(0.5),
    Activation("leaky_relu_0.3"),
    Dense(12, "sigmoid"),
    BatchNormalization(),
    Activation("elu"),
    Dense(12, "linear"),
    Activation("silu"),
    PReLU(),
    Activation("leaky_relu"),
    Dense(10, "softmax"),
)


def of_every_kind():
    return by_chance(*EVERY_LAYER), by_chance(*EVERY_LAYER, data="cifar10", seed=1)


def pictures(network, count: int = 5) -> np.ndarray:
    shape = (32, 32, 3) if network.data == "cifar10" else (28, 28, 1)
    return np.random.default_rng(7).random((count, *shape)).astype(np.float32)


def logits_of(network, x: np.ndarray) -> np.ndarray:
    return list(backprop.forward(network, x).values())[-1]


def network_of(number: int):
    """One of every kind of layer, of digits or images in colour; from 2 on one whose ways part and meet."""
    if number == 6:
        return by_chance(*ensemble())
    return of_every_kind()[number] if number < 2 else by_chance(*joined(number), seed=number)
