"""The layers that Keras's JSON lists -> our records, setting by setting; all others are refused by name.

Called by `core.models.keras_import`.
"""

from dataclasses import replace
from typing import Any

from core.data.datasets import KINDS
from core.ink.files import BadInput
from core.models.keras_graph import label
from core.models.keras_hdf5 import show
from core.models.keras_layers import DROPPED, GLOBAL, IDENTITY, Taken, of_global_pooling
from core.nn import architectures, graph
from core.nn.architectures import ACTIVATIONS, LAYERS, MNIST_SHAPE, PADDINGS, Shape
from core.nn.architectures import FUNCTIONS as KERAS_FUNCTIONS
from core.nn.layers import JOINS

COLOUR_SHAPE = KINDS["cifar10"].shape
SHAPES = f"{list(MNIST_SHAPE)} for digits and {list(COLOUR_SHAPE)} for pictures in colour"  # in words
KERAS_NAMES = {"kernel": "kernel_size", "stride": "strides", "pool": "pool_size"}
FUNCTIONS = {"ReLU": "relu", "Softmax": "softmax", "ELU": "elu"}  # classes that are our Activation
# What Keras calls functions besides -> their names here.
ALSO = {"swish": "silu"}
LAST = {"data_format": ("channels_last",)}
BIASED = {"use_bias": (True, False), "activation": (*KERAS_FUNCTIONS, "swish")}
# Each class's settings that our record cannot hold, or not all of: the values that can be taken over, Keras's
# default first. Axis 3, which counts the batch's, is the last one of images.
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
    "Add": {},
    "Average": {},
    "Concatenate": {"axis": (-1, 1, 3)},
    "Normalization": {"axis": (-1, 3), "invert": (False,), "mean": (None,), "variance": (None,)},
}
OURS = {"SeparableConv2D": "Conv2D", "Normalization": "BatchNormalization"}  # that compute the same
JOINING = ", which joins several layers in a way that is not among ours"
REMARKS = {
    **dict.fromkeys(("Subtract", "Multiply", "Maximum", "Minimum", "Dot"), JOINING),
    "Lambda": ", which holds code, and code is never run here",
    "Rescaling": ", which is accepted once, by 1/255, before all other layers",
    "Reshape": ", which is accepted once, for digits, to (28, 28, 1), before all other layers",
}


def layers(shape: Any, items: list[dict]) -> tuple[list[Taken], Shape]:
    """Return what is taken over of config.json's layers, and the shape of the images that they read.

    items: as `keras_graph.ordered` returns them. A softmax at the end is put into the Dense before it, and
    takes the place of sigmoids.
    """
    items, prepared = _that_read(items, shape)
    for item in items:
        _layer(item)  # what is none of ours is said before all else
    is_row = shape == [784] and bool(items) and items[0]["class_name"] == "Dense"
    if is_row or (shape == [28, 28] and bool(items) and items[0]["class_name"] == "Flatten"):
        shape = list(MNIST_SHAPE)  # a digit's 784 numbers in one row are what Flatten makes of it
    if "Reshape" in prepared:
        shape = list(MNIST_SHAPE)
    if shape not in (list(MNIST_SHAPE), list(COLOUR_SHAPE)):
        raise BadInput(f"The network reads the shape {show(shape)}; accepted are {SHAPES}.")
    taking = _Taking(tuple(shape), is_row)
    for item in items:
        taking.take(item)
    if items and items[-1]["class_name"] == "ZeroPadding2D":
        raise BadInput("The network ends with ZeroPadding2D; accepted is one before a convolution.")
    return _ended(taking.taken), tuple(shape)


def _that_read(items: list[dict], shape: Any) -> tuple[list[dict], set[str]]:
    """Leave out what does nothing when a network reads, and what only prepares the image, whose classes are
    returned, too.
    """
    items = _without(items, {n for n, item in enumerate(items) if item["class_name"] in DROPPED})
    prepared: set[str] = set()
    while True:
        first = {n for n, item in enumerate(items) if graph.IMAGE in item["reads"]}
        kinds = {items[n]["class_name"] for n in first}
        if len(kinds) != 1 or kinds <= prepared or not all(_only_prepares(items[n], shape) for n in first):
            return items, prepared
        prepared |= kinds
        items = _without(items, first)


def _without(items: list[dict], left_out: set[int]) -> list[dict]:
    """The same without some that read one layer: who reads them reads that."""
    places, kept = {graph.IMAGE: graph.IMAGE}, list[dict]()
    for n, item in enumerate(items):
        reads = [places[at] for at in item["reads"]]
        if n in left_out:
            places[n] = reads[0]
        else:
            places[n] = len(kept)
            kept.append({**item, "reads": reads})
    return kept


def _ended(taken: list[Taken]) -> list[Taken]:
    """The same with a softmax in the last layer."""
    match [one.layer for one in taken]:
        case [
            *_,
            architectures.Dense(activation="linear") as dense,
            architectures.Activation("softmax" | "sigmoid", inputs=()),
        ]:
            taken[-2:] = [replace(taken[-2], layer=replace(dense, activation="softmax"))]
        # Trained with from_logits=True, or each class by itself: the same sums share out 100% here.
        case [*_, architectures.Dense(activation="linear" | "sigmoid") as dense]:
            taken[-1] = replace(taken[-1], layer=replace(dense, activation="softmax"))
    if taken and isinstance(taken[-1].layer, JOINS):
        return [*taken, *_shared_out(taken)]
    match [one.layer for one in taken]:
        case [
            *_,
            architectures.Add() | architectures.Average(),
            architectures.Activation("softmax", inputs=()),
        ]:
            return [*taken[:-1], *_shared_out(taken[:-1])]
    return taken


def _shared_out(taken: list[Taken]) -> list[Taken]:
    """What follows a mean of several answers: a last layer that changes none of it, as each network has one.

    Of probabilities p it is given ln p, whose softmax is p.
    """
    layers = [one.layer for one in taken]
    ends = {getattr(layers[at], "activation", "") for at in layers[-1].inputs if at >= 0}
    units = getattr(layers[max(layers[-1].inputs)], "units", architectures.CLASSES)
    more = [Taken(architectures.Activation("log"))] if ends == {"softmax"} else []
    return [*more, Taken(architectures.Dense(units, "softmax"), IDENTITY)]


class _Taking:
    """The layers as they are taken over, one after the other: some become two, and of some two there is one."""

    def __init__(self, shape: Shape, is_row: bool):
        self.taken: list[Taken] = []
        self._places: list[int] = []  # of each of Keras's layers, the last that it has become
        self._paddings: list[int] = []  # zeros around what it gives, which are still to be put there
        self._shapes: dict[int, Shape | None] = {graph.IMAGE: shape}  # by place; None where it does not fit
        self._image = self._add(Taken(architectures.Flatten()), [graph.IMAGE]) if is_row else graph.IMAGE

    def take(self, item: dict) -> None:
        """Take the next one."""
        kind, reads = item["class_name"], [self._at(one) for one in item["reads"]]
        shape, padding = self._shapes[reads[0]], max(self._paddings[n] if n >= 0 else 0 for n in item["reads"])
        if kind == "ZeroPadding2D" and not padding:
            _layer(item)
            self._places.append(reads[0])
            self._paddings.append(_padding(item))
            return
        for made in self._made(item, shape, padding):
            reads = [self._add(made, reads)]
        self._places.append(reads[0])
        self._paddings.append(0)

    def _at(self, read: int) -> int:
        return self._image if read < 0 else self._places[read]

    def _made(self, item: dict, shape: Shape | None, padding: int) -> list[Taken]:
        """What becomes of one of Keras's layers that is given that shape."""
        kind = item["class_name"]
        if kind in GLOBAL and shape is not None and not padding:
            try:
                return of_global_pooling(kind, shape)
            except architectures.LayerError as error:
                raise BadInput(f"{label(item)}: {error}.") from None
        made = _padded(item, _layer(item), padding)
        if kind == "Concatenate" and shape and made.settings["axis"] not in (-1, len(shape)):
            raise BadInput(f"{label(item)} has axis {made.settings['axis']}; accepted is the last, -1.")
        return [made, Taken(architectures.Activation(made.then))] if made.then else [made]

    def _add(self, one: Taken, reads: list[int]) -> int:
        place = len(self.taken)
        layer = graph.wired(one.layer, place, reads)
        self.taken.append(replace(one, layer=layer))
        given = [self._shapes[at] for at in reads]
        try:
            shapes = [shape for shape in given if shape is not None]
            self._shapes[place] = layer.output_shape(*shapes) if len(shapes) == len(given) else None
        except architectures.LayerError:
            self._shapes[place] = None  # `architectures.check` says why
        return place


def _padding(item: dict) -> int:
    """How many zeros a ZeroPadding2D puts on each of the four sides."""
    match item["config"].get("padding", 1):
        case int(n) | [[int(n), *_], *_] if _single(_single(item["config"].get("padding", 1))) in (n, [n, n]):
            return n
        case other:
            raise BadInput(f"{label(item)} has padding {show(other)}; accepted is the same on all sides.")


def _padded(item: dict, taken: Taken, padding: int) -> Taken:
    """A convolution after zeros: the same as one with padding 'same' where they are as many as that adds."""
    if not padding:
        return taken
    match taken.layer:
        case architectures.Conv2D(kernel=side, stride=1, padding="valid") as layer if side == 2 * padding + 1:
            return replace(taken, layer=replace(layer, padding="same"))
    raise BadInput(
        f"{label(item)} follows ZeroPadding2D by {padding}; accepted after it is a convolution of "
        f"{2 * padding + 1} x {2 * padding + 1} with stride 1 and padding 'valid'."
    )


def _only_prepares(item: dict, shape: Any) -> bool:
    """Say whether a layer makes, of pixels 0..255 or of rows, the image that networks get here anyway."""
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
        raise BadInput(f"{label(item)} is {found}; accepted are {', '.join(POSSIBLE)}.")
    settings = _settings(item)
    if kind == "LeakyReLU":
        return Taken(_leaky(item, settings))
    if kind == "PReLU":
        axes = settings["shared_axes"] = _shared_axes(item)
        slopes = architectures.PReLU("channel" if axes == [1, 2] else "value")
        return Taken(slopes, kind, settings, item["within"], group=item["group"])
    if kind in FUNCTIONS:
        return Taken(architectures.Activation(FUNCTIONS[kind]))
    if kind in GLOBAL or kind == "ZeroPadding2D":
        return Taken(architectures.Flatten())  # what stands for it depends on its neighbours
    _check_numbers(item, settings)
    function = ALSO.get(settings.get("activation", ""), settings.get("activation", ""))
    settings["activation"], then = function, ""
    if function not in ("", *ACTIVATIONS) and kind != "Activation":
        settings["activation"], then = "linear", function  # a layer of its own
    ours: dict[str, Any] = {}
    ours_kind = OURS.get(kind, kind)
    for name in architectures.settings(LAYERS[ours_kind]):
        setting = KERAS_NAMES.get(name, name)
        ours[name] = value = settings.get(setting)
        if setting not in POSSIBLE[kind] and not isinstance(value, int | float):
            raise BadInput(f"{label(item)} has {setting} {show(value)}; accepted is one number.")
    try:
        architectures.check_settings(layer := LAYERS[ours_kind](**ours))
    except architectures.LayerError as error:
        raise BadInput(f"{label(item)}: {error}.") from None
    if "pool" in ours and settings.get("strides", ours["pool"]) != ours["pool"]:
        strides = show(settings["strides"])
        raise BadInput(f"{label(item)} has strides {strides}; accepted are those of its pool_size.")
    return Taken(layer, kind, settings, item["within"], then, item["group"])


def _settings(item: dict) -> dict[str, Any]:
    """A layer's settings, with those that it leaves out. Raises BadInput where one is not possible here."""
    settings = {setting: _single(value) for setting, value in item["config"].items()}
    for setting, accepted in POSSIBLE[item["class_name"]].items():
        value = settings.setdefault(setting, accepted[0])
        if value not in accepted:
            choices = " or ".join(map(show, accepted))
            raise BadInput(f"{label(item)} has {setting} {show(value)}; accepted is {choices}.")
    return settings


def _leaky(item: dict, settings: dict[str, Any]) -> architectures.Activation:
    slope = settings.get("negative_slope", settings.get("alpha", 0.3))  # as earlier versions called it
    if isinstance(slope, int | float) and not isinstance(slope, bool) and 0 <= slope < 1:
        name = f"leaky_relu_{round(slope, 6):f}".rstrip("0").rstrip(".")
        if abs(round(slope, 6) - slope) < 1e-7:
            return architectures.Activation(name)
    raise BadInput(
        f"{label(item)} has negative_slope {show(slope)}; accepted are 0 to below 1, to six decimals."
    )


def _shared_axes(item: dict) -> list[int]:
    """The axes along which a PReLU has one slope for all: 1 for rows, 2 for columns, 3 for channels."""
    axes = item["config"].get("shared_axes") or []
    if isinstance(axes, list) and all(type(axis) is int and 1 <= axis <= 3 for axis in axes):
        return sorted(set(axes))
    raise BadInput(f"{label(item)} has shared_axes {show(axes)}; accepted are some of 1, 2 and 3.")


def _check_numbers(item: dict, settings: dict[str, Any]) -> None:
    """Raise BadInput for a number that decides which arrays there are, or what they do, and is none."""
    epsilon, each = settings.get("epsilon", 0.001), settings.get("depth_multiplier", 1)
    if item["class_name"] == "BatchNormalization" and not (
        isinstance(epsilon, int | float) and not isinstance(epsilon, bool) and 0 < epsilon <= 1
    ):
        raise BadInput(f"{label(item)} has epsilon {show(epsilon)}; accepted is a number up to 1.")
    if item["class_name"] == "SeparableConv2D" and not (type(each) is int and 1 <= each <= 16):
        raise BadInput(f"{label(item)} has depth_multiplier {show(each)}; accepted is 1 to 16.")


def _single(value: Any) -> Any:
    """Return n for [n, n] and for [n], as Keras writes what is the same for all sides; others unchanged."""
    return value[0] if isinstance(value, list) and value and value == value[:1] * len(value) else value
