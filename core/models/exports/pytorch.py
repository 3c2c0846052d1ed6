"""A network for PyTorch: its arrays as safetensors, and a module as source text that is given them.

safetensors holds numbers and their names, and nothing that runs. The arrays are laid out as PyTorch has them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from core.data.datasets import KINDS, shape_of
from core.io.templates import template
from core.nn import architectures, graph
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
    leaky_slope,
)
from core.nn.batchnorm_folding import EPSILON
from core.nn.padding import paddings
from core.nn.weights import by_layer
from core.records import Network
from core.words import printable

_NORMS = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
_FUNCTIONS = {"relu": "F.relu", "sigmoid": "torch.sigmoid", "tanh": "torch.tanh"}
_FUNCTIONS |= {"elu": "F.elu", "gelu": "F.gelu", "silu": "F.silu"}

_TEMPLATE = template(Path(__file__).with_name("pytorch_module.py.jinja"))


def tensors(network: Network) -> bytes:
    """Return the .safetensors file: 'conv2d_1.weight', float32 [filters, channels, rows, columns], ..."""
    arrays = {}
    for name, layer, its_weights in by_layer(network.layers, network.weights):
        for key, array in its_weights.items():
            if isinstance(layer, BatchNormalization):
                arrays[f"{name}.{_NORMS[key]}"] = array
            elif key == "bias":
                arrays[f"{name}.bias"] = array
            elif isinstance(layer, PReLU) and array.ndim == 3 and layer.slopes == "value":
                arrays[name] = array.transpose(2, 0, 1)
            elif isinstance(layer, PReLU):
                arrays[f"{name}.weight"] = array.ravel()
            else:
                arrays[f"{name}.weight"] = array.T if array.ndim == 2 else array.transpose(3, 2, 0, 1)
    whole = {key: np.ascontiguousarray(array, np.float32) for key, array in arrays.items()}
    return save(whole, {"name": printable(network.name), "made_with": "Digit Lab"})


def source(network: Network, file: str = "network.safetensors", names: Sequence[str] = ()) -> str:
    """Return a program with the module.

    file: the name of the .safetensors beside it. names: of the outputs, where they are not the data set's.
    """
    shape, kind = shape_of(network), KINDS[network.data]
    modules, layers = [], network.layers
    for name, layer, before in zip(
        architectures.names(layers), layers, architectures.inputs(layers, shape), strict=True
    ):
        if made := _MODULES.get(type(layer)):
            modules.append(f"self.{name} = {made(layer, before)}")
    (outputs,) = architectures.describe(layers, shape)[-1][0]
    return _TEMPLATE.render(
        name=printable(network.name).replace('"', "'").replace("\\", "/"),
        file=file,
        shape=shape,
        digits=kind.on_paper,
        classes=names or kind.names,
        outputs=outputs,
        has_reject_class=not names and outputs > len(kind.names),
        modules=modules,
        steps=_forward(layers, shape),
    )


def _forward(layers: Sequence[Layer], shape: Shape) -> list[str]:
    """What is said in forward: x is what the last line made; what others read, too, has its layer's name."""
    names, kept, last = architectures.names(layers), graph.kept(layers), layers[-1]
    before = architectures.inputs(layers, shape)
    steps = ["picture = x"] if graph.IMAGE in kept else []
    for place, (layer, read) in enumerate(zip(layers, graph.sources(layers), strict=True)):
        given = ["x" if at == place - 1 else "picture" if at < 0 else names[at] for at in read]
        if rule := _JOINS.get(type(layer)):
            steps.append(f"x = {rule(given)}")
        else:
            steps += [f"x = {given[0]}"] if given != ["x"] else []
            linear = replace(last, activation="linear") if layer is last and isinstance(last, Dense) else layer
            steps += _STEPS[type(layer)](linear, names[place], before[place])
        steps += [f"{names[place]} = x"] if place in kept else []
    return steps


def _norm(layer: BatchNormalization, shape: Shape) -> str:
    return f"nn.BatchNorm{'2d' if len(shape) == 3 else '1d'}({shape[-1]}, eps={EPSILON})"


def _slopes(layer: PReLU, shape: Shape) -> str:
    """PyTorch's own module knows channels only."""
    if layer.slopes == "value" and len(shape) == 3:
        return f"nn.Parameter(torch.zeros({shape[2]}, {shape[0]}, {shape[1]}))"
    return f"nn.PReLU({shape[-1]})"


# What is made in __init__: (layer, the shape before it) -> a call.
_MODULES: dict[type[Layer], Callable[..., str]] = {
    Conv2D: lambda layer, shape: (
        f"nn.Conv2d({shape[-1]}, {layer.filters}, {layer.kernel}"
        + (f", stride={layer.stride}" if layer.stride > 1 else "")
        + ")"
    ),
    BatchNormalization: _norm,
    PReLU: _slopes,
    Dense: lambda layer, shape: f"nn.Linear({shape[0]}, {layer.units})",
}


def _activated(name: str, value: str) -> str:
    if name == "softmax":
        return f"torch.softmax({value}, -1)"
    if name == "log":
        return f"torch.log(torch.clamp({value}, min={architectures.LEAST:g}))"
    if (slope := leaky_slope(name)) is not None:
        return f"F.leaky_relu({value}, {slope:g})"
    return value if name == "linear" else f"{_FUNCTIONS[name]}({value})"


def _conv(layer: Conv2D, name: str, shape: Shape) -> list[str]:
    (top, bottom), (left, right) = (paddings(n, layer.kernel, layer.stride, layer.padding) for n in shape[:2])
    around = [f"x = F.pad(x, ({left}, {right}, {top}, {bottom}))"] if top + bottom + left + right else []
    return [*around, f"x = {_activated(layer.activation, f'self.{name}(x)')}"]


def _leaking(layer: PReLU, name: str, shape: Shape) -> list[str]:
    if layer.slopes == "value" and len(shape) == 3:
        return [f"x = F.relu(x) - self.{name} * F.relu(-x)"]
    return [f"x = self.{name}(x)"]


def _flat(layer: Flatten, name: str, shape: Shape) -> list[str]:
    return ["x = x.permute(0, 2, 3, 1).flatten(1)  # rows, columns, channels"] if len(shape) == 3 else []


# What joins several layers: names -> a sum. A new kind is one entry.
_JOINS: dict[type[Layer], Callable[[Sequence[str]], str]] = {
    Add: " + ".join,
    Average: lambda given: f"({' + '.join(given)}) / {len(given)}",
    Concatenate: lambda given: f"torch.cat(({', '.join(given)}), 1)",
}

# What is said in forward: (layer, its name, the shape before it) -> lines. A new kind of layer is one entry.
_STEPS: dict[type[Layer], Callable[..., list[str]]] = {
    Conv2D: _conv,
    MaxPooling2D: lambda layer, name, shape: [f"x = F.max_pool2d(x, {layer.pool})"],
    AveragePooling2D: lambda layer, name, shape: [f"x = F.avg_pool2d(x, {layer.pool})"],
    BatchNormalization: lambda layer, name, shape: [f"x = self.{name}(x)"],
    Activation: lambda layer, name, shape: [f"x = {_activated(layer.activation, 'x')}"],
    PReLU: _leaking,
    Flatten: _flat,
    Dropout: lambda layer, name, shape: [],
    Dense: lambda layer, name, shape: [f"x = {_activated(layer.activation, f'self.{name}(x)')}"],
}
