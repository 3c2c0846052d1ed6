"""A network as bytes for the browser (ui/components/live/network.js), which reads while the pen moves.

An unsigned number of 32 bits, the length of the header; the header, JSON; then the arrays that it names by
their place. A kernel, [rows, columns], is written in 20 bits per number, with one scale for each column: 16
bits change a probability by up to 0.0003, these by less than 0.0001, at five eighths of float32's size. What is
taken away is written in 24, which agree to 0.00001.

Called by `core.models.exports.html_file` and `ui.components.live`.
"""

import hashlib
import json
from dataclasses import asdict
from typing import Any

import numpy as np

from core.data import datasets
from core.data.datasets import KINDS, shape_of
from core.ink import preprocessing, segments
from core.models import classifiers, number_prediction
from core.nn import architectures, calibration, graph
from core.nn.architectures import BatchNormalization, Conv2D, Dense, Layer, PReLU
from core.nn.batchnorm_folding import EPSILON
from core.nn.weights import by_layer
from core.records import Network

# What a phone computes and downloads gladly. The largest recipe has 1.3 million and 12 million.
MAX_PARAMETERS, MAX_MULTIPLY_ADDS = 2_000_000, 40_000_000
LIVE_BITS, EXACT_BITS = 20, 24

# The same of every network: how the image is made, when there is no answer, how a number is cut into digits.
_INK = {
    "size": preprocessing.SIZE,
    "box": preprocessing.BOX,
    "centre": preprocessing.CENTRE,
    "radius": preprocessing.STROKE_RADIUS,
    "spacing": preprocessing.POINT_SPACING,
    "dot": preprocessing.DOT,
    "stray": [
        preprocessing.STRAY_DOT,
        preprocessing.STRAY_DISTANCE,
        preprocessing.STRAY_ASIDE,
        preprocessing.STRAY_OVER,
    ],
}
_RULES = {
    "leastDigit": calibration.MIN_IS_DIGIT,
    "shortestInk": classifiers.SHORTEST_INK,
    "inkAmounts": classifiers.INK_AMOUNTS,
    "leastCertainty": classifiers.MIN_CONFIDENCE,
    "tooMuchInk": classifiers.TOO_MUCH_INK,
    "dot": classifiers.ONLY_A_DOT,
    "noDigit": classifiers.NO_DIGIT,
    "notOneDigit": classifiers.NOT_ONE_DIGIT,
}
_NUMBERS = {
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
    "nestedFrom": number_prediction.NESTED_FROM,
}


def pack(network: Network) -> bytes | None:
    """Return the network as bytes, or None where a browser is not to run it.

    It is to read one MNIST image into a number for each class, within the two limits above.
    """
    return packed(network) if _is_for_browsers(network) else None


def packed(network: Network, bits: int = LIVE_BITS, more: dict[str, Any] | None = None) -> bytes:
    """Return any network as bytes. bits: per number of a kernel. more: JSON-ready, goes into the header."""
    arrays = _Arrays()
    header = {
        **(more or {}),
        "key": key(network),
        "shape": shape_of(network),
        "layers": [
            _layer(layer, layer_weights, arrays, bits, layer is network.layers[-1])
            | ({"inputs": layer.inputs} if layer.inputs else {})
            for _, layer, layer_weights in by_layer(network.layers, network.weights)
        ],
        "ink": _INK,
        "rules": {"judges": KINDS[network.data].of_digits, **_RULES},
        "numbers": _NUMBERS,
    }
    return arrays.after(header)


def key(network: Network) -> str:
    """Return what tells this network from others: a digest of its LiteRT model."""
    return hashlib.sha256(network.litert).hexdigest()[:16]


def _is_for_browsers(network: Network) -> bool:
    layers, kind = network.layers, KINDS[network.data]
    last = layers[-1] if layers else None
    known = (len(kind.names), len(datasets.OR_NONE)) if kind.on_paper else ()
    ends = isinstance(last, Dense) and last.activation == "softmax" and last.units in known
    inner = [getattr(layer, "activation", "") for layer in layers[:-1]]
    softmaxes = "softmax" in inner and graph.is_chain(layers)  # where ways meet, of vectors
    try:
        work = architectures.multiply_adds(layers)
        shapes = architectures.inputs(layers)
    except architectures.LayerError:
        return False
    for (_, layer, layer_weights), shape in zip(by_layer(layers, network.weights), shapes, strict=True):
        if isinstance(layer, Conv2D) and layer_weights["kernel"].shape[2] != shape[-1]:
            return False  # it reads other images than ours
    count = sum(array.size for array in network.weights.values())
    return ends and not softmaxes and count <= MAX_PARAMETERS and work <= MAX_MULTIPLY_ADDS


def _layer(
    layer: Layer, layer_weights: dict[str, np.ndarray], arrays: "_Arrays", bits: int, last: bool
) -> dict:
    """The layer's settings, and the places of its arrays."""
    about: dict[str, Any] = {"kind": layer.kind, **architectures.settings(layer)}
    if last and about.get("activation") == "softmax":
        about["activation"] = "linear"  # what is judged are the numbers before it
    if isinstance(layer, BatchNormalization):
        scale = layer_weights["gamma"] / np.sqrt(layer_weights["moving_variance"] + EPSILON)
        bias = layer_weights["beta"] - layer_weights["moving_mean"] * scale
        return about | {"columns": len(scale), "scale": arrays.add(scale), "bias": arrays.add(bias)}
    if isinstance(layer, PReLU):
        slopes = layer_weights["alpha"].ravel()
        return about | {"columns": len(slopes), "scale": arrays.add(slopes)}
    if not isinstance(layer, Conv2D | Dense):
        return about
    kernel = layer_weights["kernel"].reshape(-1, layer_weights["kernel"].shape[-1]).astype(float)
    largest, low_bits = 2 ** (bits - 1) - 1, bits - 16
    scale = np.maximum(np.abs(kernel).max(0) / largest, 1e-30)
    whole = np.rint(kernel / scale.astype(np.float32)).astype(np.int32).clip(-largest - 1, largest).ravel()
    low = (whole & (2**low_bits - 1)).astype(np.uint8)
    if low_bits == 4:  # two in a byte
        low = np.append(low, np.zeros(low.size % 2, np.uint8))
        low = low[::2] | low[1::2] << 4
    return about | {
        "rows": kernel.shape[0],
        "columns": kernel.shape[1],
        "scale": arrays.add(scale),
        "bias": arrays.add(layer_weights["bias"]),
        "bits": bits,
        "high": arrays.add((whole >> low_bits).astype(np.int16)),
        "low": arrays.add(low),
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
