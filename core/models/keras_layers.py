"""Keras's layers and ours: which arrays each has in a file, and how they become ours that compute the same.

    SeparableConv2D         one Conv2D, whose kernel is the product of its two
    Normalization           batch normalization that has learnt nothing
    BatchNormalization      of any epsilon, with or without a scale and a shift
    GlobalAveragePooling2D  a pooling as large as the image, then Flatten
    use_bias=False          a bias of 0
    PReLU                   its slopes as they are, or by channel, or repeated for each value
    augmentation and noise  nothing, as Dropout: when it reads, a network does not need them

Called by `core.models.exports.keras_files`, `core.models.keras_config`, `core.models.keras_graph` and
`core.models.keras_import`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.nn import architectures
from core.nn.architectures import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    Layer,
    MaxPooling2D,
    PReLU,
    Shape,
)
from core.nn.batchnorm_folding import EPSILON

# What only matters while a network learns.
DROPPED = {
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "SpatialDropout2D",
    "ActivityRegularization",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "RandomContrast",
    "RandomBrightness",
}
GLOBAL = {"GlobalAveragePooling2D": AveragePooling2D, "GlobalMaxPooling2D": MaxPooling2D}
IDENTITY = "identity"  # no class of Keras's: a Dense layer that hands on what it is given
_NORMALIZATION = 1e-7  # Keras's own: a deviation is at least so large
# As Keras calls the group of the first layer of each class; those of further ones have a number.
GROUPS = {
    "BatchNormalization": "batch_normalization",
    "SeparableConv2D": "separable_conv2d",
    "Normalization": "normalization",
    "PReLU": "p_re_lu",
}


@dataclass(frozen=True)
class Taken:
    """A layer as it was taken over. kind: Keras's class, where it is not our layer's. settings: Keras's.

    within: the group of the file that has the network's arrays, of a network in a network another. group: that
    which has the layer's, or '' for as many of its kind as come before it. then: the function that follows as a
    layer of its own, or ''.
    """

    layer: Layer
    kind: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    within: str = "layers"
    then: str = ""
    group: str = ""


@dataclass(frozen=True)
class Source:
    """The arrays that a layer has in the file. name: our layer's. arrays: by Keras's names, (path, shape).

    shape: of what the layer is given.
    """

    taken: Taken
    name: str
    arrays: dict[str, tuple[str, Shape]]
    shape: Shape


def of_global_pooling(kind: str, shape: Shape) -> list[Taken]:
    """Return a pooling as large as the maps, which are `shape`, and Flatten. Raises LayerError."""
    if len(shape) != 3 or shape[0] != shape[1]:
        said = "x".join(map(str, shape))
        raise architectures.LayerError(f"{kind} gets {said}; accepted are square maps")
    pooling = GLOBAL[kind](shape[0])
    architectures.check_settings(pooling)
    return [Taken(pooling), Taken(Flatten())]


def sources(taken: Sequence[Taken], shape: Shape, *, by_name: bool = False) -> list[Source]:
    """Return what each layer has in the file. shape: of the images. Raises LayerError where one does not fit.

    by_name: of an .h5 file, where a layer's arrays lie under its own name, in the order that it says.

    >>> source = sources([Taken(Flatten()), Taken(Dense(10))], (28, 28, 1))[1]
    >>> source.name, source.arrays["kernel"]
    ('dense_1', ('layers/dense/vars/0', (784, 10)))
    """
    counts: dict[str, int] = {}
    found = []
    layers = [one.layer for one in taken]
    given = architectures.inputs(layers, shape)
    for one, name, before in zip(taken, architectures.names(layers), given, strict=True):
        variables = _variables(one, before)
        kind = one.kind or one.layer.kind
        group = GROUPS.get(kind, kind.lower())
        group = f"{one.within}/{group}"
        number = counts.get(group, 0)
        counts[group] = number + 1
        path = f"{one.group or group + (f'_{number}' if number else '')}/vars"
        if by_name:
            path = f"model_weights/{one.settings.get('name')}"
        mark = "#" if by_name else "/"
        arrays = {key: (f"{path}{mark}{n}", size) for n, (key, size) in enumerate(variables.items())}
        found.append(Source(one, name, arrays, before))
    return found


def _variables(taken: Taken, shape: Shape) -> dict[str, Shape]:
    """The names and shapes of a layer's arrays in Keras's order. shape: of what it is given."""
    settings, layer = taken.settings, taken.layer
    bias = settings.get("use_bias", True)
    if taken.kind == "SeparableConv2D":
        assert isinstance(layer, Conv2D)
        side, each = layer.kernel, settings.get("depth_multiplier", 1)
        arrays = {
            "depthwise": (side, side, shape[-1], each),
            "pointwise": (1, 1, shape[-1] * each, layer.filters),
        }
        return arrays | ({"bias": (layer.filters,)} if bias else {})
    if taken.kind == "Normalization":
        return {"mean": shape[-1:], "variance": shape[-1:]}
    if taken.kind == IDENTITY:
        return {}
    match layer:
        case Conv2D(filters=filters, kernel=side):
            return {"kernel": (side, side, shape[-1], filters), **({"bias": (filters,)} if bias else {})}
        case Dense(units=units):
            return {"kernel": (shape[0], units), **({"bias": (units,)} if bias else {})}
        case PReLU():
            axes = settings["shared_axes"]
            return {"alpha": tuple(1 if axis in axes else n for axis, n in enumerate(shape, 1))}
        case BatchNormalization():
            keys = ["gamma"] * settings.get("scale", True) + ["beta"] * settings.get("center", True)
            return dict.fromkeys((*keys, "moving_mean", "moving_variance"), shape[-1:])
    return {}


def weights(source: Source, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return our layer's arrays, float32, by our names. arrays: by Keras's names, float32."""
    layer, settings = source.taken.layer, source.taken.settings
    made: dict[str, np.ndarray] = dict(arrays)
    if source.taken.kind == IDENTITY:
        made = {"kernel": np.eye(source.shape[0])}
    if source.taken.kind == "SeparableConv2D":
        both = np.einsum("yxim,imo->yxio", made["depthwise"], _by_input(made))
        made = {"kernel": both, **({"bias": made["bias"]} if "bias" in made else {})}
    if source.taken.kind == "Normalization":
        deviation = np.maximum(np.sqrt(made["variance"].astype(float)), _NORMALIZATION)
        made = {
            "gamma": np.sqrt(made["variance"] + EPSILON) / deviation,
            "moving_mean": made["mean"],
            "moving_variance": made["variance"],
        }
    elif isinstance(layer, BatchNormalization):
        made = _normalization(made, float(settings.get("epsilon", EPSILON)))
    if isinstance(layer, Conv2D | Dense):
        made.setdefault("bias", np.zeros(made["kernel"].shape[-1]))
    if isinstance(layer, BatchNormalization):
        made.setdefault("gamma", np.ones(len(made["moving_mean"])))
        made.setdefault("beta", np.zeros(len(made["moving_mean"])))
    if isinstance(layer, PReLU):
        made = {"alpha": np.broadcast_to(made["alpha"], layer.size(source.shape))}
    order = ("kernel", "bias", "alpha", "gamma", "beta", "moving_mean", "moving_variance")
    return {f"{source.name}/{key}": made[key].astype(np.float32) for key in order if key in made}


def _by_input(made: dict[str, np.ndarray]) -> np.ndarray:
    """The pointwise kernel by input and multiplier: [channels, multiplier, filters]."""
    *_, channels, each = made["depthwise"].shape
    return made["pointwise"].reshape(channels, each, -1)


def _normalization(made: dict[str, np.ndarray], epsilon: float) -> dict[str, np.ndarray]:
    """What another epsilon does is done by the scale."""
    if epsilon == EPSILON:
        return made
    variance = made["moving_variance"].astype(float)
    factor = np.sqrt((variance + EPSILON) / np.maximum(variance + epsilon, 1e-30))
    return made | {"gamma": made.get("gamma", np.ones(len(variance))) * factor}
