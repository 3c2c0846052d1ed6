"""How one number of a layer was made, as what the browser shows of it.

Called by `ui.components.feature_maps` and `ui.components.feature_maps.chosen_map`.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.nn import architectures, graph, unit_trace
from core.nn.architectures import (
    Add,
    Average,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Layer,
    PReLU,
    Shape,
)
from core.nn.unit_trace import Explanation, Position
from core.words import true_minus
from ui.figures import network_diagram

NUMBERED = 32  # channels whose windows are sent with a sum, the largest contributions first
TERMS = 12  # contributions to a Dense unit that are named
RGB = ("red", "green", "blue")


def titled(layers: Sequence[Layer], number: int) -> str:
    """What a layer is called: where ways part and meet, with its place."""
    name = network_diagram.called(layers[number])
    return name if graph.is_chain(layers) else f"{number + 1} {name}"


def explanation(
    e: Explanation, layers: tuple[Layer, ...], number: int, shape: Shape = architectures.MNIST_SHAPE
) -> dict[str, Any]:
    """An Explanation, ready for JSON; numbers that matter as text with six significant digits."""
    said: dict[str, Any] = {
        "kind": e.layer.kind,
        "activation": e.activation,
        "bias": json_number(e.bias),
        "before": six(e.before),
        "value": six(e.value),
        "found": six(e.found),
        "remark": _remark(e),
    }
    match e.layer:
        case Conv2D():
            said |= _window(e)
            said["names"] = RGB if shape[-1] == 3 and unit_trace.is_of_pixels(layers, number) else None
        case Dense():
            said |= _products(e, layers, number, shape)
        case BatchNormalization() | PReLU():
            said |= {
                "input": json_number(e.inputs[0]),
                "numbers": {k: json_number(v) for k, v in e.numbers.items()},
            }
        case Add() | Average() | Concatenate():
            said |= {"terms": _terms(e, layers, number, shape)}
        case _:
            side = e.inputs.shape[0] if e.inputs.ndim == 2 else 1
            said |= {"side": side, "inputs": _list(e.inputs), "first": list(e.first)}
    return said


def _window(e: Explanation) -> dict[str, Any]:
    """What a convolution multiplies and adds, channel by channel, the largest contributions first."""
    sums = (e.inputs * e.weights).sum((0, 1))
    channels: list[dict[str, Any]] = []
    for c in np.argsort(-np.abs(sums), kind="stable"):
        numbers = {"inputs": _list(e.inputs[..., c]), "weights": _list(e.weights[..., c])}
        channels.append(
            {"map": int(c), "sum": json_number(sums[c]), **(numbers if len(channels) < NUMBERED else {})}
        )
    return {
        "side": e.inputs.shape[0],
        "inside": e.inside.ravel().tolist(),
        "first": list(e.first),
        "channels": channels,
    }


def _products(e: Explanation, layers: Sequence[Layer], number: int, shape: Shape) -> dict[str, Any]:
    """What a Dense unit multiplies and adds: its largest contributions one by one, and the rest together."""
    terms = e.inputs * e.weights
    order = np.argsort(-np.abs(terms), kind="stable")
    of_pixels = unit_trace.is_of_pixels(layers, number)
    named = order[:TERMS][terms[order[:TERMS]] != 0]
    return {
        "count": len(terms),
        "zeros": int((terms == 0).sum()),
        "terms": [
            [
                _where(unit_trace.origin(layers, number, int(i), shape), of_pixels, shape),
                *map(json_number, (e.inputs[i], e.weights[i], terms[i])),
            ]
            for i in named
        ],
        "rest": json_number(terms[order[len(named) :]].sum()),
    }


def _terms(e: Explanation, layers: Sequence[Layer], number: int, shape: Shape) -> list[list[Any]]:
    """[layer, number] of each that a join is given; of Concatenate the one that it hands on."""
    read = graph.sources(layers)[number]
    if isinstance(e.layer, Concatenate):
        outputs = [*(given for given, _ in architectures.describe(layers, shape)), shape]
        ends = np.cumsum([outputs[at][-1] for at in read])
        read = (read[int(np.searchsorted(ends, e.position[-1], "right"))],)
    names = ["the picture" if at < 0 else titled(layers, at) for at in read]
    return [[name, json_number(float(value))] for name, value in zip(names, e.inputs, strict=True)]


def _remark(e: Explanation) -> str:
    """Whether the arithmetic and the network agree, in words."""
    if not math.isfinite(e.value):
        return "Somewhere in this sum a number is not a number, and then the result is none either."
    if six(e.value) == six(e.found):
        return "The network says the same, to six digits."
    size = np.abs(e.inputs * e.weights).sum() + abs(e.bias) if e.weights.size else abs(e.before)
    if abs(e.value - e.found) <= 1e-5 * max(size, 1e-30):
        return f"The network says {six(e.found)}: it adds with 7 digits, and in another order."
    return f"The network says {six(e.found)}, which is not the same."


def _where(position: Position, of_pixels: bool, shape: Shape) -> str:
    if len(position) == 1:
        return f"unit {position[0] + 1}"
    row, column, channel = position
    if of_pixels:
        colour = f", {RGB[channel]}" if shape[-1] == 3 else ""
        return f"row {row + 1}, column {column + 1}{colour}"
    return f"map {channel + 1}, row {row + 1}, column {column + 1}"


def six(number: float) -> str:
    """Six significant digits, so many that two ways of adding agree in them."""
    if not math.isfinite(number):
        return "not a number"
    return true_minus(f"{number + 0.0:#.6g}".rstrip(".")) if number else "0"


def json_number(number: float) -> float | None:
    """A number for JSON, which has none that is not a number."""
    return float(f"{number:.7g}") if math.isfinite(number) else None


def _list(array: np.ndarray) -> list[float | None]:
    return [json_number(float(n)) for n in array.ravel()]
