"""A network as bytes for the browser (ui/components/live/network.js), which reads while the pen moves.

An unsigned number of 32 bits, the length of the header; the header, JSON; then the arrays that it names by
their place. A kernel, [rows, columns], is written in 20 bits per number, with one scale for each column: 16
bits change a probability by up to 0.0003, these by less than 0.0001, at five eighths of float32's size.

Called by `ui.components.live`.
"""

import hashlib
import json
from dataclasses import asdict

import numpy as np

from core.ink import preprocessing, segments
from core.models import classifiers, number_prediction
from core.nn import architectures, calibration
from core.nn.architectures import BatchNormalization, Conv2D, Dense, Layer
from core.nn.batchnorm_folding import EPSILON
from core.nn.weights import by_layer
from core.records import Network

# What a phone computes and downloads gladly. The largest recipe has 1.3 million and 12 million.
MAX_PARAMETERS, MAX_MULTIPLY_ADDS = 2_000_000, 40_000_000
_LARGEST = 2**19 - 1


def pack(network: Network) -> bytes | None:
    """Return the network as bytes, or None where a browser is not to run it.

    It is to read one MNIST picture into ten or eleven numbers, within the two limits above.
    """
    if not _is_for_browsers(network):
        return None
    arrays = _Arrays()
    header = {
        "key": key(network),
        "shape": architectures.MNIST_SHAPE,
        "layers": [
            _layer(layer, layer_weights, arrays)
            for _, layer, layer_weights in by_layer(network.layers, network.weights)
        ],
        "ink": {
            "size": preprocessing.SIZE,
            "box": preprocessing.BOX,
            "centre": preprocessing.CENTRE,
            "radius": preprocessing.STROKE_RADIUS,
            "spacing": preprocessing.POINT_SPACING,
            "dot": preprocessing.DOT,
        },
        "rules": {
            "leastDigit": calibration.MIN_IS_DIGIT,
            "shortestInk": classifiers.SHORTEST_INK,
            "inkAmounts": classifiers.INK_AMOUNTS,
            "leastCertainty": classifiers.MIN_CONFIDENCE,
            "tooMuchInk": classifiers.TOO_MUCH_INK,
            "dot": classifiers.ONLY_A_DOT,
            "noDigit": classifiers.NO_DIGIT,
            "notOneDigit": classifiers.NOT_ONE_DIGIT,
        },
        "numbers": {
            "limits": {
                "maxAtoms": segments.MAX_ATOMS,
                "maxInSegment": segments.MAX_IN_SEGMENT,
                "maxWidth": segments.MAX_WIDTH,
                "cutFrom": segments.CUT_FROM,
                "cutEvery": segments.CUT_EVERY,
                "mark": [segments.MAX_MARK, segments.MARK_BELOW, segments.MARK_ABOVE, segments.MARK_ASIDE],
            },
            "costs": asdict(number_prediction.DRAWN),
            "narrow": number_prediction.NARROW,
        },
    }
    return arrays.after(header)


def key(network: Network) -> str:
    """Return what tells this network from others: a digest of its LiteRT model."""
    return hashlib.sha256(network.litert).hexdigest()[:16]


def _is_for_browsers(network: Network) -> bool:
    layers, shapes = network.layers, [architectures.MNIST_SHAPE]
    last = layers[-1] if layers else None
    ends = isinstance(last, Dense) and last.activation == "softmax" and last.units in (10, 11)
    inner = [getattr(layer, "activation", "") for layer in layers[:-1]]
    try:
        work = architectures.multiply_adds(layers)
        shapes += [shape for shape, _ in architectures.describe(layers)]
    except architectures.LayerError:
        return False
    for (_, layer, layer_weights), shape in zip(by_layer(layers, network.weights), shapes, strict=False):
        if isinstance(layer, Conv2D) and layer_weights["kernel"].shape[2] != shape[-1]:
            return False  # it reads other pictures than ours
    count = sum(array.size for array in network.weights.values())
    return ends and "softmax" not in inner and count <= MAX_PARAMETERS and work <= MAX_MULTIPLY_ADDS


def _layer(layer: Layer, layer_weights: dict[str, np.ndarray], arrays: "_Arrays") -> dict:
    """The layer's settings, and the places of its arrays."""
    about = {"kind": layer.kind, **asdict(layer)}
    if about.get("activation") == "softmax":
        about["activation"] = "linear"  # of the last: what is judged are the numbers before it
    if isinstance(layer, BatchNormalization):
        scale = layer_weights["gamma"] / np.sqrt(layer_weights["moving_variance"] + EPSILON)
        bias = layer_weights["beta"] - layer_weights["moving_mean"] * scale
        return about | {"columns": len(scale), "scale": arrays.add(scale), "bias": arrays.add(bias)}
    if not isinstance(layer, Conv2D | Dense):
        return about
    kernel = layer_weights["kernel"].reshape(-1, layer_weights["kernel"].shape[-1]).astype(float)
    scale = np.maximum(np.abs(kernel).max(0) / _LARGEST, 1e-30)
    whole = np.rint(kernel / scale.astype(np.float32)).astype(np.int32).clip(-_LARGEST - 1, _LARGEST).ravel()
    low = np.append(whole & 15, 0)[: whole.size + whole.size % 2].astype(np.uint8)
    return about | {
        "rows": kernel.shape[0],
        "columns": kernel.shape[1],
        "scale": arrays.add(scale),
        "bias": arrays.add(layer_weights["bias"]),
        "high": arrays.add((whole >> 4).astype(np.int16)),
        "low": arrays.add(low[::2] | low[1::2] << 4),
    }


class _Arrays:
    """Arrays one after another, each at a place that four divides."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._end = 0

    def add(self, array: np.ndarray) -> int:
        """Take an array, real numbers as float32; return its place behind the header."""
        data = (array.astype("<f4") if array.dtype.kind == "f" else array).tobytes()
        place, padding = self._end, -len(data) % 4
        self._parts.append(data + bytes(padding))
        self._end += len(data) + padding
        return place

    def after(self, header: dict) -> bytes:
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 4)
        return len(text).to_bytes(4, "little") + text + b"".join(self._parts)
