"""A network as ONNX, which many programs and devices run.

Input: `image`, float32 [n, height, width, channels], 0..1, for digits 0 = paper, 1 = ink. Outputs: `logits`,
float32 [n, 10 or 11]; `probabilities`, float32 [n, 10]; and of a network with an eleventh output `is_digit`,
float32 [n], the probability that there is a digit at all.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.data.datasets import KINDS, shape_of
from core.nn import architectures
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
    Shape,
)
from core.nn.batchnorm_folding import EPSILON
from core.nn.graph import walk
from core.nn.padding import paddings
from core.nn.weights import Weights, by_layer
from core.records import Network

OPSET, IR = 17, 8  # of 2022: old enough for what is installed, and it has all that is used here
_FUNCTIONS = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax", "elu": "Elu"}


def make(network: Network, names: Sequence[str] = ()) -> bytes:
    """Return the file. names: of its outputs, where they are not those of its data set."""
    from onnx import checker, helper  # noqa: PLC0415  (a third of a second that pages need not wait)

    graph, shape, outputs = _Graph(), shape_of(network), network.layers[-1]
    assert isinstance(outputs, Dense)
    every, before = by_layer(network.layers, network.weights), architectures.inputs(network.layers, shape)

    def add(number: int, *places: str) -> str:
        _, layer, its_weights = every[number]
        if layer is outputs:
            sums = graph.node("MatMul", *places, graph.array(its_weights["kernel"]))
            return graph.node("Add", sums, graph.array(its_weights["bias"]), to="logits")
        if rule := _JOINS.get(type(layer)):
            return rule(graph, places)
        return _RULES[type(layer)](graph, layer, its_weights, *places, before[number])

    walk(network.layers, graph.node("Transpose", "image", perm=[0, 3, 1, 2]), add)  # ONNX has channels first
    has_reject_class = not names and outputs.units == architectures.CLASSES + 1
    _probabilities(graph, has_reject_class)
    number = helper.np_dtype_to_tensor_dtype(np.dtype(np.float32))
    given = [helper.make_tensor_value_info("image", number, ["n", *shape])]
    classes = outputs.units - has_reject_class
    told: list[tuple[str, list[Any]]] = [("logits", ["n", outputs.units]), ("probabilities", ["n", classes])]
    told += [("is_digit", ["n"])] * has_reject_class
    made = helper.make_graph(
        graph.nodes,
        "network",
        given,
        [helper.make_tensor_value_info(name, number, sizes) for name, sizes in told],
        graph.arrays,
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(made, producer_name="Digit Lab", opset_imports=opsets, ir_version=IR)
    classes_named = json.dumps(list(names) or KINDS[network.data].names[:classes])
    helper.set_model_props(model, {"name": network.name, "classes": classes_named})
    checker.check_model(model, full_check=True)
    return model.SerializeToString()


class _Graph:
    """Nodes and arrays, each under a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.arrays: list[Any] = []

    def node(self, kind: str, *inputs: str, to: str = "", **settings: Any) -> str:
        """Add a node; return the name of what it gives."""
        from onnx import helper  # noqa: PLC0415

        to = to or f"value_{len(self.nodes) + 1}"
        self.nodes.append(helper.make_node(kind, list(inputs), [to], **settings))
        return to

    def array(self, array: np.ndarray) -> str:
        from onnx import numpy_helper  # noqa: PLC0415

        name = f"array_{len(self.arrays) + 1}"
        self.arrays.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _probabilities(graph: _Graph, has_reject_class: bool) -> None:
    if not has_reject_class:
        graph.node("Softmax", "logits", to="probabilities", axis=-1)
        return
    # Of eleven, the ten share out what the eleventh leaves.
    ends = [graph.array(np.array([n], np.int64)) for n in (0, architectures.CLASSES, 1)]
    digits = graph.node("Slice", "logits", ends[0], ends[1], ends[2])
    graph.node("Softmax", digits, to="probabilities", axis=-1)
    every = graph.node("Softmax", "logits", axis=-1)
    ten = graph.node("Slice", every, ends[0], ends[1], ends[2])
    graph.node("ReduceSum", ten, ends[2], to="is_digit", keepdims=0)


def _activated(graph: _Graph, name: str, place: str) -> str:
    if (slope := architectures.leaky_slope(name)) is not None:
        return graph.node("LeakyRelu", place, alpha=slope)
    if name == "log":
        least = graph.array(np.array(architectures.LEAST, np.float32))
        return graph.node("Log", graph.node("Max", place, least))
    if name == "silu":
        return graph.node("Mul", place, graph.node("Sigmoid", place))
    if name == "gelu":  # 0.5 z (1 + erf(z / root of 2)); the ONNX of this version has no node for it
        half, root = (graph.array(np.array(n, np.float32)) for n in (0.5, 0.5**0.5))
        erf = graph.node("Erf", graph.node("Mul", place, root))
        cdf = graph.node("Add", graph.node("Mul", erf, half), half)
        return graph.node("Mul", place, cdf)
    return place if name == "linear" else graph.node(_FUNCTIONS[name], place)


def _conv(graph: _Graph, layer: Conv2D, weights: Weights, place: str, shape: Shape) -> str:
    (top, bottom), (left, right) = (paddings(n, layer.kernel, layer.stride, layer.padding) for n in shape[:2])
    kernel, bias = graph.array(weights["kernel"].transpose(3, 2, 0, 1)), graph.array(weights["bias"])
    strides, pads = [layer.stride] * 2, [top, left, bottom, right]
    sums = graph.node("Conv", place, kernel, bias, strides=strides, pads=pads)
    return _activated(graph, layer.activation, sums)


def _pool(kind: str) -> Callable[..., str]:
    def pool(graph: _Graph, layer: Any, weights: Weights, place: str, shape: Shape) -> str:
        return graph.node(kind, place, kernel_shape=[layer.pool] * 2, strides=[layer.pool] * 2)

    return pool


def _normalized(graph: _Graph, layer: Layer, weights: Weights, place: str, shape: Shape) -> str:
    order = ("gamma", "beta", "moving_mean", "moving_variance")
    arrays = [graph.array(weights[name]) for name in order]
    return graph.node("BatchNormalization", place, *arrays, epsilon=EPSILON)


def _flat(graph: _Graph, layer: Layer, weights: Weights, place: str, shape: Shape) -> str:
    if len(shape) == 1:
        return place
    by_rows = graph.node("Transpose", place, perm=[0, 2, 3, 1])  # the order in which Keras flattens
    return graph.node("Flatten", by_rows, axis=1)


def _dense(graph: _Graph, layer: Dense, weights: Weights, place: str, shape: Shape) -> str:
    sums = graph.node("MatMul", place, graph.array(weights["kernel"]))
    return _activated(graph, layer.activation, graph.node("Add", sums, graph.array(weights["bias"])))


def _function(graph: _Graph, layer: Activation, weights: Weights, place: str, shape: Shape) -> str:
    return _activated(graph, layer.activation, place)


def _leaking(graph: _Graph, layer: PReLU, weights: Weights, place: str, shape: Shape) -> str:
    slopes = weights["alpha"]
    slopes = slopes.transpose(2, 0, 1) if slopes.ndim == 3 else slopes
    return graph.node("PRelu", place, graph.array(slopes))


# What joins several layers; a new kind is one entry here.
_JOINS: dict[type[Layer], Callable[[_Graph, Sequence[str]], str]] = {
    Add: lambda graph, places: graph.node("Sum", *places),
    Average: lambda graph, places: graph.node("Mean", *places),
    Concatenate: lambda graph, places: graph.node("Concat", *places, axis=1),
}

# A new kind of layer is one entry here.
_RULES: dict[type[Layer], Callable[..., str]] = {
    Conv2D: _conv,
    MaxPooling2D: _pool("MaxPool"),
    AveragePooling2D: _pool("AveragePool"),
    BatchNormalization: _normalized,
    Activation: _function,
    PReLU: _leaking,
    Flatten: _flat,
    Dropout: lambda graph, layer, weights, place, shape: place,
    Dense: _dense,
}
