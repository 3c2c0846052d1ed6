"""Batch normalisation folded into the layer before it: the same function, with fewer layers.

When reading, batch normalisation multiplies each channel by a number and adds another, which the weighted
sums before it can do as well. (Jacob and others, Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference, 2018, section 3.2.)
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.nn import architectures, graph
from core.nn.architectures import Activation, BatchNormalization, Conv2D, Dense, Layer
from core.nn.weights import of_layer

EPSILON = 1e-3  # Keras's, which keeps a channel that never changes from a division by zero


def layers(before: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return the layers that are left: a linear Conv2D or Dense takes in the two that follow it, if it can."""
    return _left(before, _groups(before))


def fold(
    before: Sequence[Layer], weights: dict[str, np.ndarray]
) -> tuple[tuple[Layer, ...], dict[str, np.ndarray]]:
    """Return the layers that are left and their weights, as in `Network`."""
    names, groups = architectures.names(before), _groups(before)
    left, folded = _left(before, groups), dict[str, np.ndarray]()
    for (_, members), name in zip(groups, architectures.names(left), strict=True):
        layer_weights = of_layer(weights, names[members[0]])
        if len(members) > 1 and isinstance(before[members[1]], BatchNormalization):
            norm = of_layer(weights, names[members[1]])
            scale = norm["gamma"] / np.sqrt(norm["moving_variance"] + EPSILON)
            layer_weights = {
                "kernel": layer_weights["kernel"] * scale,
                "bias": (layer_weights["bias"] - norm["moving_mean"]) * scale + norm["beta"],
            }
        folded |= {f"{name}/{key}": array.astype(np.float32) for key, array in layer_weights.items()}
    return left, folded


def _left(before: Sequence[Layer], groups: Sequence[tuple[Layer, list[int]]]) -> tuple[Layer, ...]:
    """The layers that are left, each told where those stand now that it reads."""
    if graph.is_chain(before):
        return tuple(layer for layer, _ in groups)
    places = {graph.IMAGE: graph.IMAGE}
    places |= {member: place for place, (_, members) in enumerate(groups) for member in members}
    read = graph.sources(before)
    return tuple(
        graph.wired(layer, place, [places[at] for at in read[members[0]]])
        for place, (layer, members) in enumerate(groups)
    )


def _groups(before: Sequence[Layer]) -> list[tuple[Layer, list[int]]]:
    """Each layer that is left, and the places of those that it is made of."""
    groups: list[tuple[Layer, list[int]]] = []
    kept = graph.kept(before)
    for position, layer in enumerate(before):
        last, members = groups[-1] if groups else (None, [])
        open_ended = isinstance(last, Conv2D | Dense) and last.activation == "linear"
        open_ended = open_ended and not layer.inputs and position - 1 not in kept
        if open_ended and isinstance(layer, BatchNormalization) and len(members) == 1:
            members.append(position)
        elif (
            open_ended
            and isinstance(layer, Activation)
            and len(members) == 2
            and layer.activation in architectures.ACTIVATIONS  # others stand alone, in every file and reader
        ):
            assert isinstance(last, Conv2D | Dense)
            groups[-1] = (replace(last, activation=layer.activation), [*members, position])
        else:
            groups.append((layer, [position]))
    return groups
