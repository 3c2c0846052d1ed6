"""The layers that Keras's JSON lists -> our records, setting by setting; all others are refused by name.

Called by `core.models.keras_import`.
"""

import math
from dataclasses import fields, replace
from typing import Any

from core.data.datasets import KINDS
from core.ink.files import BadInput
from core.models.keras_hdf5 import show
from core.models.keras_layers import DROPPED, GLOBAL, Taken, of_global_pooling
from core.nn import architectures
from core.nn.architectures import ACTIVATIONS, LAYERS, MNIST_SHAPE, PADDINGS, Shape
from core.nn.architectures import FUNCTIONS as KERAS_FUNCTIONS

CONFIG = "config.json"  # as a .keras file calls it
COLOUR_SHAPE = KINDS["cifar10"].shape
SHAPES = f"{list(MNIST_SHAPE)} for digits and {list(COLOUR_SHAPE)} for pictures in colour"  # in words
MODELS = (
    "keras",
    "keras.src.models.functional",
    "keras.src.engine.functional",  # Keras 2
    "tf_keras.src.engine.functional",
)

KERAS_NAMES = {"kernel": "kernel_size", "stride": "strides", "pool": "pool_size"}
FUNCTIONS = {"ReLU": "relu", "Softmax": "softmax", "ELU": "elu"}  # classes that are our Activation
# What Keras calls functions besides -> their names here.
ALSO = {"swish": "silu"}
LAST = {"data_format": ("channels_last",)}
BIASED = {"use_bias": (True, False), "activation": (*KERAS_FUNCTIONS, "swish")}
# Each class's settings that our record cannot hold, or not all of: the values that can be taken over, Keras's
# default first. Axis 3, which counts the batch's, is the last one of pictures.
POSSIBLE: dict[str, dict[str, tuple]] = {
    "Conv2D": {"padding": PADDINGS, "dilation_rate": (1,), "groups": (1,), **LAST, **BIASED},
    "MaxPooling2D": {"padding": ("valid",), **LAST},
    "AveragePooling2D": {"padding": ("valid",), **LAST},
    "BatchNormalization": {
        "axis": (-1, 3),
        "center": (True, False),
        "scale": (True, False),
        "renorm": (False,),
    },
    "Activation": {"activation": (*KERAS_FUNCTIONS, "swish")},
    "ReLU": {"max_value": (None,), "negative_slope": (0,), "threshold": (0,)},
    "LeakyReLU": {},
    "PReLU": {},
    "ELU": {"alpha": (1,)},
    "Softmax": {"axis": (-1,)},
    "Flatten": LAST,
    "Dropout": {},
    "Dense": {"quantization_config": (None,), **BIASED},
    "SeparableConv2D": {"padding": PADDINGS, "dilation_rate": (1,), **LAST, **BIASED},
    "ZeroPadding2D": LAST,
    "GlobalAveragePooling2D": {"keepdims": (False,), **LAST},
    "GlobalMaxPooling2D": {"keepdims": (False,), **LAST},
    "Normalization": {"axis": (-1, 3), "invert": (False,), "mean": (None,), "variance": (None,)},
}
OURS = {"SeparableConv2D": "Conv2D", "Normalization": "BatchNormalization"}  # that compute the same
JOINS = ("Add", "Concatenate", "Average", "Subtract", "Multiply", "Maximum", "Minimum")
JOINED = ", which joins several ways through a network; accepted are networks whose layers follow one another"
REMARKS = {
    "Lambda": ", which holds code, and code is never run here",
    "Rescaling": ", which is accepted once, by 1/255, before all other layers",
    "Reshape": ", which is accepted once, for digits, to (28, 28, 1), before all other layers",
}


def with_modules(model: Any) -> Any:
    """An .h5 file of earlier versions does not say that its layers are Keras's own: it had no others."""
    items = _get(_get(model, "config"), "layers")
    if isinstance(model, dict) and isinstance(items, list):
        named = [{"module": "keras.layers", **item} if isinstance(item, dict) else item for item in items]
        kind = "Functional" if model.get("class_name") == "Model" else model.get("class_name")
        config = {**model["config"], "layers": named}
        return {"module": "keras", **model, "class_name": kind, "config": config}
    return model


def chain(model: Any) -> tuple[Any, list[dict]]:
    """Return the shape that the network reads, and the layers after its input, each fed by the one before."""
    items = _members(model)
    config, first = model["config"], items[0]["config"]
    shape = _get(config, "build_input_shape")
    if items[0]["class_name"] == "InputLayer":
        shape, items = first.get("batch_shape", first.get("batch_input_shape")), items[1:]
    return shape[1:] if isinstance(shape, list) else shape, _unfolded(items, "layers")


def _members(model: Any) -> list[dict]:
    """Return the layers of a network, networks among them, each fed by the one before alone."""
    kind, module, config = (_get(model, key) for key in ("class_name", "module", "config"))
    if kind not in ("Sequential", "Functional") or module not in MODELS:
        raise BadInput(
            f"The network is {show(kind)} from {show(module)}; accepted are Keras's Sequential networks, and "
            "Functional ones whose layers follow one another."
        )
    items = _get(config, "layers")
    if not (isinstance(items, list) and items and all(isinstance(_get(i, "config"), dict) for i in items)):
        raise BadInput(f"{CONFIG} lists no layers; it is accepted as Keras writes it.")
    for item in items:
        if not _is_network(item):
            _refuse_foreign(item)
    if kind == "Functional":
        _refuse_branches(items, config.get("output_layers"))
    return items


def _is_network(item: dict) -> bool:
    return item.get("class_name") in ("Sequential", "Functional") and item.get("module") in MODELS


def _unfolded(items: list[dict], within: str) -> list[dict]:
    """Return the layers, those of a network in its place. within: the group that has their arrays."""
    found: list[dict] = []
    counts: dict[str, int] = {}
    for item in items:
        if not _is_network(item):
            found.append({**item, "within": within})
            continue
        kind = item["class_name"].lower()
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        inner = [one for one in _members(item) if one["class_name"] != "InputLayer"]
        found += _unfolded(inner, f"{within}/{kind}{f'_{number}' if number else ''}/layers")
    return found


def _refuse_foreign(item: dict) -> None:
    """Raise BadInput for a layer that is not Keras's own, even where its class has the name of one."""
    kind, module, registered = (item.get(key) for key in ("class_name", "module", "registered_name"))
    if not isinstance(kind, str) or module != "keras.layers" or registered not in (None, kind):
        raise BadInput(
            f"{_label(item)} is {show(registered or kind)} from {show(module)}; "
            f"accepted are Keras's own layers {', '.join(POSSIBLE)}."
        )


def _refuse_branches(items: list[dict], outputs: Any) -> None:
    """Raise BadInput unless the first layer is the only input, and each one feeds the next alone."""
    names: list = [item.get("name") for item in items]
    for item, before in zip(items, [None, *names], strict=False):
        if _source(item) != before and item["class_name"] in JOINS:
            raise BadInput(f"{_label(item)} is {show(item['class_name'])}{JOINED}.")
        if _source(item) != before:
            raise BadInput(
                f"{_label(item)} does not read just what the layer before it gives; "
                "accepted are networks whose layers follow one another."
            )
    if outputs not in ([names[-1], 0, 0], [[names[-1], 0, 0]]):
        raise BadInput(
            "The network gives more or less than its last layer's output, which is what is accepted."
        )


def _source(item: dict) -> str | None:
    """Return the name of the only layer whose output this one reads, None for an input, '' for others."""
    match item.get("inbound_nodes"):
        case []:
            return None
        case [{"args": [{"config": {"keras_history": [str(name), 0, 0]}}], "kwargs": dict(options)}]:
            pass
        case [[[str(name), 0, 0, dict(options)]]]:  # Keras 2
            pass
        case _:
            return ""
    return "" if any(options.values()) else name  # such as training=True, which keeps dropout on


def layers(shape: Any, items: list[dict]) -> tuple[list[Taken], Shape]:
    """Return what is taken over of config.json's layers, and the shape of the pictures that they read.

    A softmax at the end is put into the Dense before it, and takes the place of sigmoids.
    """
    items = [item for item in items if item["class_name"] not in DROPPED]
    prepared: set[str] = set()
    while items and items[0]["class_name"] not in prepared and _only_prepares(items[0], shape):
        prepared.add(items[0]["class_name"])
        items = items[1:]
    for item in items:
        _layer(item)  # what is none of ours is said before all else
    is_row = shape == [784] and bool(items) and items[0]["class_name"] == "Dense"
    if is_row or (shape == [28, 28] and bool(items) and items[0]["class_name"] == "Flatten"):
        shape = list(MNIST_SHAPE)  # a digit's 784 numbers in one row are what Flatten makes of it
    if "Reshape" in prepared:
        shape = list(MNIST_SHAPE)
    if shape not in (list(MNIST_SHAPE), list(COLOUR_SHAPE)):
        raise BadInput(f"The network reads the shape {show(shape)}; accepted are {SHAPES}.")
    taken = [Taken(architectures.Flatten())] * is_row + _all_taken(items, tuple(shape), is_row)
    match [one.layer for one in taken]:
        case [
            *_,
            architectures.Dense(activation="linear") as dense,
            architectures.Activation("softmax" | "sigmoid"),
        ]:
            taken[-2:] = [replace(taken[-2], layer=replace(dense, activation="softmax"))]
        # Trained with from_logits=True, or each class by itself: the same sums share out 100% here.
        case [*_, architectures.Dense(activation="linear" | "sigmoid") as dense]:
            taken[-1] = replace(taken[-1], layer=replace(dense, activation="softmax"))
    return taken, tuple(shape)


def _all_taken(items: list[dict], shape: Shape, is_row: bool) -> list[Taken]:
    """Each layer as it is taken over; of a padding before a convolution there is one layer for two."""
    found: list[Taken] = []
    before: Shape | None = (math.prod(shape),) if is_row else shape
    padding = 0
    for item in items:
        kind = item["class_name"]
        if kind in GLOBAL and before is not None:
            _layer(item)
            try:
                made = of_global_pooling(kind, before)
            except architectures.LayerError as error:
                raise BadInput(f"{_label(item)}: {error}.") from None
        elif kind == "ZeroPadding2D" and not padding:
            _layer(item)
            padding = _padding(item)
            continue
        else:
            made = [_padded(item, _layer(item), padding)]
            padding = 0
            if made[0].then:
                made.append(Taken(architectures.Activation(made[0].then)))
        found += made
        for one in made:
            try:
                before = None if before is None else one.layer.output_shape(before)
            except architectures.LayerError:
                before = None  # `architectures.check` says why
    if padding:
        raise BadInput("The network ends with ZeroPadding2D; accepted is one before a convolution.")
    return found


def _padding(item: dict) -> int:
    """How many zeros a ZeroPadding2D puts on each of the four sides."""
    match item["config"].get("padding", 1):
        case int(n) | [[int(n), *_], *_] if _single(_single(item["config"].get("padding", 1))) in (n, [n, n]):
            return n
        case other:
            raise BadInput(f"{_label(item)} has padding {show(other)}; accepted is the same on all sides.")


def _padded(item: dict, taken: Taken, padding: int) -> Taken:
    """A convolution after zeros: the same as one with padding 'same' where they are as many as that adds."""
    if not padding:
        return taken
    match taken.layer:
        case architectures.Conv2D(kernel=side, stride=1, padding="valid") as layer if side == 2 * padding + 1:
            return replace(taken, layer=replace(layer, padding="same"))
    raise BadInput(
        f"{_label(item)} follows ZeroPadding2D by {padding}; accepted after it is a convolution of "
        f"{2 * padding + 1} x {2 * padding + 1} with stride 1 and padding 'valid'."
    )


def _only_prepares(item: dict, shape: Any) -> bool:
    """Say whether a layer makes, of pixels 0..255 or of rows, the picture that networks get here anyway."""
    match item:
        case {"class_name": "Rescaling", "config": {"scale": float(scale), "offset": 0}}:
            return abs(scale * 255 - 1) < 1e-6
        case {"class_name": "Reshape", "config": {"target_shape": [28, 28, 1]}}:
            return shape in ([28, 28, 1], [28, 28], [784])
    return False


def _layer(item: dict) -> Taken:
    """Return our record for one of config.json's layers. Raises BadInput where there is none."""
    kind = item["class_name"]
    if kind not in POSSIBLE:
        found = f"{show(kind)}{REMARKS.get(kind, '')}"
        raise BadInput(f"{_label(item)} is {found}; accepted are {', '.join(POSSIBLE)}.")
    settings = {setting: _single(value) for setting, value in item["config"].items()}
    for setting, accepted in POSSIBLE[kind].items():
        value = settings.setdefault(setting, accepted[0])
        if value not in accepted:
            choices = " or ".join(map(show, accepted))
            raise BadInput(f"{_label(item)} has {setting} {show(value)}; accepted is {choices}.")
    if kind == "LeakyReLU":
        return Taken(_leaky(item, settings))
    if kind == "PReLU":
        axes = settings["shared_axes"] = _shared_axes(item)
        slopes = architectures.PReLU("channel" if axes == [1, 2] else "value")
        return Taken(slopes, kind, settings, item.get("within", "layers"))
    if kind in FUNCTIONS:
        return Taken(architectures.Activation(FUNCTIONS[kind]))
    if kind in GLOBAL or kind == "ZeroPadding2D":
        return Taken(architectures.Flatten())  # what stands for it depends on its neighbours
    _check_numbers(item, settings)
    function = ALSO.get(settings.get("activation", ""), settings.get("activation", ""))
    settings["activation"], then = function, ""
    if function not in ("", *ACTIVATIONS) and kind != "Activation":
        settings["activation"], then = "linear", function  # a layer of its own
    ours = {}
    ours_kind = OURS.get(kind, kind)
    for field in fields(LAYERS[ours_kind]):
        setting = KERAS_NAMES.get(field.name, field.name)
        ours[field.name] = value = settings.get(setting)
        if setting not in POSSIBLE[kind] and not isinstance(value, int | float):
            raise BadInput(f"{_label(item)} has {setting} {show(value)}; accepted is one number.")
    try:
        architectures.check_settings(layer := LAYERS[ours_kind](**ours))
    except architectures.LayerError as error:
        raise BadInput(f"{_label(item)}: {error}.") from None
    if "pool" in ours and settings.get("strides", ours["pool"]) != ours["pool"]:
        strides = show(settings["strides"])
        raise BadInput(f"{_label(item)} has strides {strides}; accepted are those of its pool_size.")
    return Taken(layer, kind, settings, item.get("within", "layers"), then)


def _leaky(item: dict, settings: dict[str, Any]) -> architectures.Activation:
    slope = settings.get("negative_slope", settings.get("alpha", 0.3))  # as earlier versions called it
    if isinstance(slope, int | float) and not isinstance(slope, bool) and 0 <= slope < 1:
        name = f"leaky_relu_{round(slope, 6):f}".rstrip("0").rstrip(".")
        if abs(round(slope, 6) - slope) < 1e-7:
            return architectures.Activation(name)
    raise BadInput(
        f"{_label(item)} has negative_slope {show(slope)}; accepted are 0 to below 1, to six decimals."
    )


def _shared_axes(item: dict) -> list[int]:
    """The axes along which a PReLU has one slope for all: 1 for rows, 2 for columns, 3 for channels."""
    axes = item["config"].get("shared_axes") or []
    if isinstance(axes, list) and all(type(axis) is int and 1 <= axis <= 3 for axis in axes):
        return sorted(set(axes))
    raise BadInput(f"{_label(item)} has shared_axes {show(axes)}; accepted are some of 1, 2 and 3.")


def _check_numbers(item: dict, settings: dict[str, Any]) -> None:
    """Raise BadInput for a number that decides which arrays there are, or what they do, and is none."""
    epsilon, each = settings.get("epsilon", 0.001), settings.get("depth_multiplier", 1)
    if item["class_name"] == "BatchNormalization" and not (
        isinstance(epsilon, int | float) and not isinstance(epsilon, bool) and 0 < epsilon <= 1
    ):
        raise BadInput(f"{_label(item)} has epsilon {show(epsilon)}; accepted is a number up to 1.")
    if item["class_name"] == "SeparableConv2D" and not (type(each) is int and 1 <= each <= 16):
        raise BadInput(f"{_label(item)} has depth_multiplier {show(each)}; accepted is 1 to 16.")


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _single(value: Any) -> Any:
    """Return n for [n, n] and for [n], as Keras writes what is the same for all sides; others unchanged."""
    return value[0] if isinstance(value, list) and value and value == value[:1] * len(value) else value


def _label(item: dict) -> str:
    return f"Layer {show(_get(item['config'], 'name'))}"
