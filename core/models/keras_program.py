"""A configuration as a Keras program, to be pasted into a notebook; nothing in it is ours.

    >>> print(source(RECIPES["perceptron"].config))
    ...
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    ...

What is at its default is left out. The program itself is `keras_program.py.jinja`. A new kind of layer is one
entry in CALLS, a new schedule one in SCHEDULES.

Called by `core.analysis.reports.notebook` and `pages.train`.
"""

from collections.abc import Callable, Sequence
from math import radians, tan
from pathlib import Path

from core.data import augmentation
from core.io.templates import template
from core.nn import architectures, graph
from core.nn.architectures import Layer, Shape
from core.nn.layers import JOINS
from core.records import TrainConfig
from core.training import configs
from core.training.optimization import OPTIMIZERS

# Each kind of layer -> the arguments of the Keras layer of the same name.
CALLS: dict[type[Layer], Callable[..., list[str]]] = {
    architectures.Conv2D: lambda layer: [
        f"{layer.filters}, {layer.kernel}",
        *([f"strides={layer.stride}"] if layer.stride != 1 and not _skipped(layer) else []),
        *([f'padding="{layer.padding}"'] if layer.padding != "valid" else []),
        *_activation(layer.activation),
    ],
    architectures.MaxPooling2D: lambda layer: [f"{layer.pool}"],
    architectures.AveragePooling2D: lambda layer: [f"{layer.pool}"],
    architectures.BatchNormalization: lambda layer: [],
    architectures.Activation: lambda layer: [f'"{layer.activation}"'],
    architectures.PReLU: lambda layer: ["shared_axes=[1, 2]"] if layer.slopes == "channel" else [],
    **dict.fromkeys(JOINS, lambda layer: []),
    architectures.Flatten: lambda layer: [],
    architectures.Dropout: lambda layer: [f"{layer.rate}"],
    architectures.Dense: lambda layer: [f"{layer.units}", *_activation(layer.activation)],
}

# The class that gives the rate of each step, '' for none; the keys are those of `optimization.SCHEDULES`.
SCHEDULES = {
    "constant": "",
    "cosine": "keras.optimizers.schedules.CosineDecay",
    "one-cycle": "OneCycle",  # the program's own
}

# Knots that spread by so much move the pixels between them by 1 at one standard deviation.
_KNOTS_DEVIATION = 1.17

_TEMPLATE = template(Path(__file__).with_name("keras_program.py.jinja"))


def source(config: TrainConfig) -> str:
    """Return a program that trains this network this way and prints its accuracy on the test images."""
    count, held_out = configs.divide(config)  # the same images as in `worker.training`
    kind = configs.kind(config)
    model = "AgainstAttacks" if config.attack_budget else "keras.Model"
    return _TEMPLATE.render(
        config=config,
        kind=kind,
        one=kind.singular if kind.on_paper else "picture",
        count=count,
        held_out=held_out,
        leaves_some_out=count + held_out < kind.train,
        augments=config.augmentation != augmentation.NONE,
        network=_network(config.layers, kind.shape, model),
        is_chain=graph.is_chain(config.layers),
        schedule=SCHEDULES[config.schedule],
        peak_rate=configs.peak_learning_rate(config),
        optimizer=OPTIMIZERS[config.optimizer].keras,
        optimizer_settings=_optimizer_settings(config),
        knots_spread=_KNOTS_DEVIATION,
        steepest=f"{tan(radians(config.augmentation.shear)):.4g}",
    )


def _network(layers: Sequence[Layer], shape: Shape, model: str) -> list[str]:
    """The calls that make the layers, one after the other; where ways part and meet, with what they are given.

    model: the class that all are put into then.
    """
    calls, names, read = [], architectures.names(layers), graph.sources(layers)
    for place, (layer, before) in enumerate(zip(layers, architectures.inputs(layers, shape), strict=True)):
        of_units = isinstance(layer, architectures.PReLU) and len(before) == 1
        # The same of a vector, and Keras knows no other.
        made = _calls(architectures.PReLU("value") if of_units else layer)
        if graph.is_chain(layers):
            calls += made
            continue
        given = ["picture" if at < 0 else names[at] for at in read[place]]
        said = given[0] if len(given) == 1 else f"[{', '.join(given)}]"
        for call in made:
            said = f"{call}({said})"
        calls.append(f"{names[place]} = {said}")
    return calls + ([] if graph.is_chain(layers) else [f"model = {model}(picture, {names[-1]})"])


def _skipped(layer: Layer) -> list[str]:
    """The pooling that has to leave pixels out before a layer that looks at single ones and skips some.

    TensorFlow may crash there: see `worker.models.convolve`.
    """
    if isinstance(layer, architectures.Conv2D) and layer.kernel == 1 and layer.stride > 1:
        return [f"layers.MaxPooling2D(1, strides={layer.stride})"]
    return []


def _calls(layer: Layer) -> list[str]:
    """A layer as one call, or as two where it skips pixels."""
    slope = architectures.leaky_slope(getattr(layer, "activation", ""))
    if slope is not None:
        return [f"layers.LeakyReLU(negative_slope={slope:g})"]
    if getattr(layer, "activation", "") == "log":
        return [f"layers.Lambda(lambda x: keras.ops.log(keras.ops.maximum(x, {architectures.LEAST:g})))"]
    return [*_skipped(layer), f"layers.{layer.kind}({', '.join(CALLS[type(layer)](layer))})"]


def _optimizer_settings(config: TrainConfig) -> list[str]:
    settings = [] if config.learning_rate is None else [f"learning_rate={config.learning_rate}"]
    if config.schedule != "constant":
        settings = ["learning_rate=rate"]
    return settings + [f"{name}={value}" for name, value in configs.optimizer_settings(config).items()]


def _activation(name: str) -> list[str]:
    return [] if name == "linear" else [f'activation="{name}"']
