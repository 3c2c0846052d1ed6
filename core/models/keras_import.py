"""Reading a network that somebody trained with Keras, from the `.keras` file they bring.

Keras never sees the file, since loading one can run what it brings along: layers that
`architectures.LAYERS` has are taken over setting by setting, and all others are refused by name.
The file is a zip archive. config.json lists the layers; model.weights.h5 holds their arrays, under each
layer's class and its place among its class, whatever the layer itself is called:

    layers/conv2d/vars/0      kernel of the first Conv2D, float32 [3, 3, 1, 16]
    layers/conv2d/vars/1      its bias, float32 [16]
    layers/conv2d_1/vars/0    kernel of the second

One changed byte can make HDF5's library loop for ever and fill the memory. So a process of its own,
`python -m core.models.keras_import`, takes the arrays out, with little of both; it may crash alone.

Called by `core.__main__` and `pages.train`.
"""

import codecs
import io
import json
import math
import os
import reprlib
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.data.datasets import KINDS
from core.ink.files import BadInput
from core.io import zips
from core.models import keras_layers
from core.models.keras_layers import DROPPED, GLOBAL, Taken, of_global_pooling
from core.nn import architectures
from core.nn.architectures import ACTIVATIONS, LAYERS, MNIST_SHAPE, PADDINGS, Layer, Shape

MAX_BYTES = 60_000_000  # packed and unpacked: five million parameters, each with Adam's two averages
MAX_RATIO = 100  # unpacked to packed; Keras does not compress, and trained weights hardly shrink
MAX_ENTRIES = 100
MAX_CONFIG = 1_000_000
MAX_MEMORY = 500_000_000  # of the process that reads HDF5; half suffices for MAX_PARAMETERS
SECONDS = 20.0  # until that process is stopped; 0.2 are usual
WORK_SECONDS = 1.0  # of computing in them, once it has begun; 0.05 suffice for MAX_PARAMETERS

COLOUR_SHAPE = KINDS["cifar10"].shape
SHAPES = f"{list(MNIST_SHAPE)} for digits and {list(COLOUR_SHAPE)} for pictures in colour"  # in words
CONFIG, WEIGHTS = "config.json", "model.weights.h5"
ROOT = Path(__file__).parents[2]
REFUSED = 3  # the process's exit code when it prints a sentence
MODELS = (
    "keras",
    "keras.src.models.functional",
    "keras.src.engine.functional",  # Keras 2
    "tf_keras.src.engine.functional",
)

KERAS_NAMES = {"kernel": "kernel_size", "stride": "strides", "pool": "pool_size"}
FUNCTIONS = {"ReLU": "relu", "Softmax": "softmax"}  # classes that are our Activation
LAST = {"data_format": ("channels_last",)}
BIASED = {"use_bias": (True, False), "activation": ACTIVATIONS}
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
    "Activation": {"activation": ACTIVATIONS},
    "ReLU": {"max_value": (None,), "negative_slope": (0,), "threshold": (0,)},
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
REMARKS = {
    "Lambda": ", which holds code, and code is never run here",
    "Rescaling": ", which is accepted once, by 1/255, before all other layers",
    "Reshape": ", which is accepted once, for digits, to (28, 28, 1), before all other layers",
}


def read(data: bytes) -> tuple[tuple[Layer, ...], dict[str, np.ndarray], Shape]:
    """Return a .keras file's layers, {'conv2d_1/kernel': float32 array, ...}, and its pictures' shape.

    The names are those of `architectures.names`, as in `worker.models.get_weights`; all numbers are finite.
    The shape is MNIST's or CIFAR-10's, and says which of the two the network is for. What only matters to
    training, such as regularizers and the optimizer, is left behind. Raises BadInput.
    """
    is_old = data.startswith(b"\x89HDF")
    config, h5 = (_old_config(data), data) if is_old else _unpack(data)
    try:
        model = _parse(config)
        taken, shape = _layers(*_chain(_with_modules(model) if is_old else model))
    except RecursionError:  # in the parser, or where two nested lists are compared
        raise BadInput(f"{CONFIG} is nested too deeply.") from None
    layers = tuple(one.layer for one in taken)
    # A digit's eleventh output is taken for 'not a digit', as in the networks that come with the app.
    eleven = architectures.CLASSES + 1 in [getattr(layer, "units", 0) for layer in layers[-1:]]
    has_reject_class = eleven and shape == MNIST_SHAPE
    if problem := architectures.check(layers, shape, classes=architectures.CLASSES + has_reject_class):
        raise BadInput(problem)
    return layers, _weights(h5, taken, shape, by_name=is_old), shape


def _old_config(data: bytes) -> bytes:
    """Return the layers of an .h5 file, as JSON."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"The file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted.")
    return _in_a_process("config", data)


def _with_modules(model: Any) -> Any:
    """An .h5 file of earlier versions does not say that its layers are Keras's own: it had no others."""
    items = _get(_get(model, "config"), "layers")
    if isinstance(model, dict) and isinstance(items, list):
        named = [{"module": "keras.layers", **item} if isinstance(item, dict) else item for item in items]
        kind = "Functional" if model.get("class_name") == "Model" else model.get("class_name")
        config = {**model["config"], "layers": named}
        return {"module": "keras", **model, "class_name": kind, "config": config}
    return model


def _unpack(data: bytes) -> tuple[bytes, bytes]:
    """Return what is in config.json and in model.weights.h5."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"The file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted.")
    if not data.startswith(b"PK"):
        raise BadInput(
            "This is no zip archive; accepted is a .keras file, as model.save('name.keras') writes it, "
            "or an .h5 file."
        )
    # Counted before the archive is opened, which makes an object of every entry.
    if (entries := data.count(b"PK\x01\x02")) > MAX_ENTRIES:
        raise BadInput(f"The archive has {entries:,} entries; at most {MAX_ENTRIES} are accepted.")
    try:
        archive = zips.opened(data)
    except zips.BadZip as error:
        raise BadInput(f"The archive {error}.") from None
    with archive:
        size, limit = sum(i.file_size for i in archive.infolist()), min(MAX_BYTES, MAX_RATIO * len(data))
        if size > limit:
            raise BadInput(f"The archive unpacks to {size:,} bytes; at most {limit:,} are accepted.")
        return _member(archive, CONFIG, MAX_CONFIG), _member(archive, WEIGHTS, MAX_BYTES)


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return one entry's content of at most `limit` bytes, whatever size the archive declares."""
    if name not in archive.namelist():
        raise BadInput(f"The archive has no {name}; a .keras file holds {CONFIG} and {WEIGHTS}.")
    try:
        content = zips.content(archive, name, limit)
    except zips.BadZip as error:
        raise BadInput(f"{name} {error}.") from None
    if len(content) > limit:
        raise BadInput(f"{name} has more than {limit:,} bytes, which is the most that is accepted.")
    return content


def _parse(config: bytes) -> Any:
    """Return what the JSON holds. A whole number of twenty digits or more becomes infinity."""
    try:
        return json.loads(config, parse_int=lambda digits: int(digits) if len(digits) < 20 else math.inf)
    except ValueError:
        raise BadInput(f"{CONFIG} is not valid JSON.") from None


def _chain(model: Any) -> tuple[Any, list[dict]]:
    """Return the shape that the network reads, and the layers after its input, each fed by the one before."""
    kind, module, config = (_get(model, key) for key in ("class_name", "module", "config"))
    if kind not in ("Sequential", "Functional") or module not in MODELS:
        raise BadInput(
            f"The network is {_show(kind)} from {_show(module)}; accepted are Keras's Sequential networks, and "
            "Functional ones whose layers follow one another."
        )
    items = _get(config, "layers")
    if not (isinstance(items, list) and items and all(isinstance(_get(i, "config"), dict) for i in items)):
        raise BadInput(f"{CONFIG} lists no layers; it is accepted as Keras writes it.")
    for item in items:
        _refuse_foreign(item)
    if kind == "Functional":
        _refuse_branches(items, config.get("output_layers"))
    shape, first = _get(config, "build_input_shape"), items[0]["config"]
    if items[0]["class_name"] == "InputLayer":
        shape, items = first.get("batch_shape", first.get("batch_input_shape")), items[1:]
    return shape[1:] if isinstance(shape, list) else shape, items


def _refuse_foreign(item: dict) -> None:
    """Raise BadInput for a layer that is not Keras's own, even where its class has the name of one."""
    kind, module, registered = (item.get(key) for key in ("class_name", "module", "registered_name"))
    if not isinstance(kind, str) or module != "keras.layers" or registered not in (None, kind):
        raise BadInput(
            f"{_label(item)} is {_show(registered or kind)} from {_show(module)}; "
            f"accepted are Keras's own layers {', '.join(POSSIBLE)}."
        )


def _refuse_branches(items: list[dict], outputs: Any) -> None:
    """Raise BadInput unless the first layer is the only input, and each one feeds the next alone."""
    names: list = [item.get("name") for item in items]
    for item, before in zip(items, [None, *names], strict=False):
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


def _layers(shape: Any, items: list[dict]) -> tuple[list[Taken], Shape]:
    """Return what is taken over of config.json's layers, and the shape of the pictures that they read.

    A softmax at the end is put into the Dense before it.
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
        raise BadInput(f"The network reads the shape {_show(shape)}; accepted are {SHAPES}.")
    taken = [Taken(architectures.Flatten())] * is_row + _all_taken(items, tuple(shape), is_row)
    match [one.layer for one in taken]:
        case [*_, architectures.Dense(activation="linear") as dense, architectures.Activation("softmax")]:
            taken[-2:] = [replace(taken[-2], layer=replace(dense, activation="softmax"))]
        case [*_, architectures.Dense(activation="linear") as dense]:  # trained with from_logits=True
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
            raise BadInput(f"{_label(item)} has padding {_show(other)}; accepted is the same on all sides.")


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
        found = f"{_show(kind)}{REMARKS.get(kind, '')}"
        raise BadInput(f"{_label(item)} is {found}; accepted are {', '.join(POSSIBLE)}.")
    settings = {setting: _single(value) for setting, value in item["config"].items()}
    for setting, accepted in POSSIBLE[kind].items():
        value = settings.setdefault(setting, accepted[0])
        if value not in accepted:
            choices = " or ".join(map(_show, accepted))
            raise BadInput(f"{_label(item)} has {setting} {_show(value)}; accepted is {choices}.")
    if kind in FUNCTIONS:
        return Taken(architectures.Activation(FUNCTIONS[kind]))
    if kind in GLOBAL or kind == "ZeroPadding2D":
        return Taken(architectures.Flatten())  # what stands for it depends on its neighbours
    _check_numbers(item, settings)
    ours = {}
    ours_kind = OURS.get(kind, kind)
    for field in fields(LAYERS[ours_kind]):
        setting = KERAS_NAMES.get(field.name, field.name)
        ours[field.name] = value = settings.get(setting)
        if setting not in POSSIBLE[kind] and not isinstance(value, int | float):
            raise BadInput(f"{_label(item)} has {setting} {_show(value)}; accepted is one number.")
    try:
        architectures.check_settings(layer := LAYERS[ours_kind](**ours))
    except architectures.LayerError as error:
        raise BadInput(f"{_label(item)}: {error}.") from None
    if "pool" in ours and settings.get("strides", ours["pool"]) != ours["pool"]:
        strides = _show(settings["strides"])
        raise BadInput(f"{_label(item)} has strides {strides}; accepted are those of its pool_size.")
    return Taken(layer, kind, settings)


def _check_numbers(item: dict, settings: dict[str, Any]) -> None:
    """Raise BadInput for a number that decides which arrays there are, or what they do, and is none."""
    epsilon, each = settings.get("epsilon", 0.001), settings.get("depth_multiplier", 1)
    if item["class_name"] == "BatchNormalization" and not (
        isinstance(epsilon, int | float) and not isinstance(epsilon, bool) and 0 < epsilon <= 1
    ):
        raise BadInput(f"{_label(item)} has epsilon {_show(epsilon)}; accepted is a number up to 1.")
    if item["class_name"] == "SeparableConv2D" and not (type(each) is int and 1 <= each <= 16):
        raise BadInput(f"{_label(item)} has depth_multiplier {_show(each)}; accepted is 1 to 16.")


def _weights(h5: bytes, taken: list[Taken], shape: Shape, *, by_name: bool) -> dict[str, np.ndarray]:
    """Return {'conv2d_1/kernel': float32 array, ...} from the bytes of model.weights.h5."""
    found = keras_layers.sources(taken, shape, by_name=by_name)
    places = {f"{s.name}/{key}": place for s in found for key, place in s.arrays.items()}
    sent = _in_a_process("arrays", json.dumps(list(places.values())).encode() + b"\n" + h5)
    result, numbers = {}, np.frombuffer(sent, np.float32)
    for name, (path, size) in places.items():
        array, numbers = np.split(numbers, [math.prod(size)])
        if not np.isfinite(array).all() or (name.endswith("variance") and (array < 0).any()):
            raise BadInput(
                f"{path} in {WEIGHTS} holds NaN, infinity or a variance below 0, which compute nothing."
            )
        result[name] = array.reshape(size).copy()
    made: dict[str, np.ndarray] = {}
    for source in found:
        made |= keras_layers.weights(source, {key: result[f"{source.name}/{key}"] for key in source.arrays})
    return made


def _in_a_process(what: str, given: bytes) -> bytes:
    """Return what the process makes of an HDF5 file: see `_send`. Raises BadInput."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.models.keras_import", what],
            input=given,
            capture_output=True,
            timeout=SECONDS,
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # each thread would count against MAX_MEMORY
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadInput(
            f"{WEIGHTS} cannot be read within {SECONDS:g} seconds: it is damaged, or the computer too busy."
        ) from None
    if done.returncode == REFUSED:
        raise BadInput(done.stdout.decode())
    if done.returncode:
        raise BadInput(f"{WEIGHTS} is damaged or incomplete and cannot be read.")
    return done.stdout


def _send(what: str) -> None:
    """Be the process. what: 'config', of HDF5 at stdin the network's JSON, or 'arrays', of a line of
    [path, shape] pairs and then HDF5 their float32 numbers; both to stdout.
    """
    import h5py  # noqa: F401, PLC0415  (before the limits: from here on it opens no file)

    codecs.lookup("ascii")  # and what it reads the names of arrays with
    _limits()
    try:
        if what == "config":
            parts = [_config_of(sys.stdin.buffer.read())]
        else:
            places, h5 = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
            arrays = _extract(h5, [(path, tuple(shape)) for path, shape in places])
            parts = [array.tobytes() for array in arrays]
    except BadInput as error:
        sys.stdout.buffer.write(str(error).encode())
        sys.exit(REFUSED)
    for part in parts:
        sys.stdout.buffer.write(part)


def _config_of(h5: bytes) -> bytes:
    """The layers as JSON, which an .h5 file holds as an attribute."""
    import h5py  # noqa: PLC0415

    with h5py.File(io.BytesIO(h5), "r") as file:
        found = file.attrs.get("model_config")
        text = found.encode() if isinstance(found, str) else found
        if not isinstance(text, bytes):
            raise BadInput(
                "The .h5 file holds no network, only numbers perhaps: it is accepted as model.save('name.h5') "
                "writes it."
            )
        if len(text) > MAX_CONFIG:
            raise BadInput(
                f"model_config has more than {MAX_CONFIG:,} bytes, which is the most that is accepted."
            )
        return text


def _limits() -> None:
    """Take no more memory and time from here on, and no file; Windows and macOS do not know all limits."""
    limits = {
        "RLIMIT_AS": MAX_MEMORY,
        "RLIMIT_CPU": math.ceil(time.process_time() + WORK_SECONDS),
        "RLIMIT_NOFILE": 3,  # stdin, stdout and stderr
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
    }
    for name, limit in limits.items():
        with suppress(ImportError, AttributeError, ValueError, OSError):
            import resource  # noqa: PLC0415

            resource.setrlimit(getattr(resource, name), (limit, limit))


def _extract(h5: bytes, places: list[tuple[str, Shape]]) -> list[np.ndarray]:
    """Return the float32 array of each (path, shape). Raises BadInput, or anything where HDF5 is damaged."""
    import h5py  # noqa: PLC0415

    with h5py.File(io.BytesIO(h5), "r") as file:
        old = "layers" not in file and "_layer_checkpoint_dependencies" in file  # Keras 2
        top = "_layer_checkpoint_dependencies" if old else "layers"
        nodes = [_node(file, path.replace("layers", top, 1), shape) for path, shape in places]
        _refuse_shared(nodes, len(h5))
        with np.errstate(over="ignore"):  # infinities are refused by the caller
            return [node[()].astype(np.float32) for node in nodes]


def _refuse_shared(nodes: list[Any], size: int) -> None:
    """Raise BadInput unless each array's numbers lie in the file, apart from all others'."""
    end = 0
    for start, length in sorted((node.id.get_offset() or 0, node.nbytes) for node in nodes):
        if start < max(end, 1) or start + length > size:
            raise BadInput(f"{WEIGHTS} is damaged: its arrays do not lie side by side in the file.")
        end = start + length


def _by_its_name(file: Any, path: str) -> str:
    """'model_weights/dense#1' -> where the group's attribute says that its second array lies."""
    group, _, number = path.partition("#")
    if not number:
        return path
    import h5py  # noqa: PLC0415

    node = file
    for step in group.split("/"):
        link = node.get(step, getlink=True) if isinstance(node, h5py.Group) else None
        if not isinstance(link, h5py.HardLink):
            raise BadInput(f"The file has no {group}.")
        node = node[step]
    names = [n.decode() if isinstance(n, bytes) else str(n) for n in node.attrs.get("weight_names", ())]
    if int(number) >= len(names):
        raise BadInput(f"{group} has {len(names)} arrays; more are expected.")
    return f"{group}/{names[int(number)]}"


def _node(file: Any, path: str, shape: Shape) -> Any:
    """Return one array as h5py has it, of the right shape and type, no link followed and nothing read yet."""
    import h5py  # noqa: PLC0415

    path = _by_its_name(file, path)
    node, here = file, f"{path} in {WEIGHTS}"
    for step in path.split("/"):
        link = node.get(step, getlink=True) if isinstance(node, h5py.Group) else None
        if link is None:
            raise BadInput(f"{WEIGHTS} has no {path}; expected is an array of shape {shape}.")
        if not isinstance(link, h5py.HardLink):
            raise BadInput(f"{here} is a link; accepted are numbers at their own place.")
        node = node[step]
    if not isinstance(node, h5py.Dataset):
        raise BadInput(f"{here} is no array; expected is one of shape {shape}.")
    if node.external or node.is_virtual or node.chunks:  # one chunk may be far larger than the array
        raise BadInput(f"{here} is external, virtual or chunked; accepted is one block in the file itself.")
    if node.shape != shape:
        raise BadInput(f"{here} has the shape {node.shape}; expected is {shape}.")
    kind = node.id.get_type()
    if not any(kind.equal(known) for known in (h5py.h5t.IEEE_F16LE, h5py.h5t.IEEE_F32LE, h5py.h5t.IEEE_F64LE)):
        raise BadInput(f"{here} holds {_show(str(node.dtype))}; accepted are float16, float32 and float64.")
    return node


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _single(value: Any) -> Any:
    """Return n for [n, n] and for [n], as Keras writes what is the same for all sides; others unchanged."""
    return value[0] if isinstance(value, list) and value and value == value[:1] * len(value) else value


def _show(value: Any) -> str:
    """Return the value as Python writes it, shortened: whoever made the file chose its length."""
    text = reprlib.repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _label(item: dict) -> str:
    return f"Layer {_show(_get(item['config'], 'name'))}"


if __name__ == "__main__":
    _send(sys.argv[1])
