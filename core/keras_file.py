"""Reading a network that somebody trained with Keras, from the `.keras` file they bring.

Keras never sees the file, since loading one can run what it brings along: layers that
`architectures.LAYERS` has are taken over setting by setting, and all others are refused by name.
The file is a zip archive. config.json lists the layers; model.weights.h5 holds their arrays, under each
layer's class and its place among its class, whatever the layer itself is called:

    layers/conv2d/vars/0      kernel of the first Conv2D, float32 [3, 3, 1, 16]
    layers/conv2d/vars/1      its bias, float32 [16]
    layers/conv2d_1/vars/0    kernel of the second

HDF5's library can be made to loop for ever by one changed byte. So a process of its own, `python -m
core.keras_file`, takes the arrays out: it is stopped when it takes too long, and may crash alone.
"""

import io
import json
import math
import os
import reprlib
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core import architectures
from core.architectures import (
    ACTIVATIONS,
    MNIST_SHAPE,
    PADDINGS,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LayerError,
    MaxPooling2D,
    Shape,
)
from core.files import BadInput

MAX_BYTES = 60_000_000  # packed and unpacked: five million parameters, each with Adam's two averages
MAX_RATIO = 100  # unpacked to packed; Keras does not compress, and trained weights hardly shrink
MAX_ENTRIES = 100
MAX_CONFIG = 1_000_000
MAX_MEMORY = 1_000_000_000  # of the process that reads HDF5
SECONDS = 20.0  # the same process's time; 0.4 is usual

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
MODEL_MODULES = ("keras", "keras.src.models.functional", "keras.src.engine.functional")  # the last: Keras 2
# What zipfile raises for archives made to confuse it.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    OverflowError,
)
REFUSED = 3  # the exit code that comes with a sentence
ROOT = Path(__file__).parents[1]

SAME_NAME = {"padding": "padding", "activation": "activation"}
LAST = {"data_format": ("channels_last",)}
BIASED = {"use_bias": (True,), "activation": ACTIVATIONS}
NORMAL = {"axis": (-1, 3), "center": (True,), "scale": (True,), "epsilon": (0.001,), "renorm": (False,)}

# Keras's class -> (what makes our record, {our field: Keras's setting},
#                   {Keras's setting: the values that our record can stand for, Keras's default first}).
KINDS: dict[str, tuple[Callable[..., Layer], dict[str, str], dict[str, tuple]]] = {
    "Conv2D": (
        Conv2D,
        {"filters": "filters", "kernel": "kernel_size", "stride": "strides", **SAME_NAME},
        {"padding": PADDINGS, "dilation_rate": (1,), "groups": (1,), **LAST, **BIASED},
    ),
    "MaxPooling2D": (MaxPooling2D, {"pool": "pool_size"}, {"padding": ("valid",), **LAST}),
    "AveragePooling2D": (AveragePooling2D, {"pool": "pool_size"}, {"padding": ("valid",), **LAST}),
    "BatchNormalization": (BatchNormalization, {}, NORMAL),
    "Activation": (Activation, {"activation": "activation"}, {"activation": ACTIVATIONS}),
    "ReLU": (lambda: Activation("relu"), {}, {"max_value": (None,), "negative_slope": (0,), "threshold": (0,)}),
    "Softmax": (lambda: Activation("softmax"), {}, {"axis": (-1,)}),
    "Flatten": (Flatten, {}, LAST),
    "Dropout": (Dropout, {"rate": "rate"}, {}),
    "Dense": (
        Dense,
        {"units": "units", "activation": "activation"},
        {"quantization_config": (None,), **BIASED},
    ),
}
REMARKS = {
    "Lambda": ", which holds code, and code is never run here",
    "Rescaling": ", which is accepted once, by 1/255, before all other layers",
    "Reshape": f", which is accepted once, to {MNIST_SHAPE}, before all other layers",
}


def read(data: bytes) -> tuple[tuple[Layer, ...], dict[str, np.ndarray]]:
    """Return the layers and {'conv2d_1/kernel': float32 array, ...} of a .keras file.

    The names are `architectures.names`', as in `worker.models.get_weights`; all numbers are finite. The
    network reads float32 [28, 28, 1], 0 = paper, 1 = ink. Raises BadInput.
    """
    config, h5 = _unpack(data)
    layers = _layers(*_chain(_parse(config)))
    if problem := architectures.check(layers):
        raise BadInput(problem)
    return layers, _weights(h5, layers)


def _unpack(data: bytes) -> tuple[bytes, bytes]:
    """Return what is in config.json and in model.weights.h5."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"The file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted.")
    if not data.startswith(b"PK"):
        found = "an HDF5 file" if data.startswith(b"\x89HDF") else "no zip archive"
        raise BadInput(f"This is {found}; a .keras file is accepted, as model.save('name.keras') writes it.")
    # Counted before the archive is opened, which makes an object of every entry.
    if (entries := data.count(b"PK\x01\x02")) > MAX_ENTRIES:
        raise BadInput(f"The archive has {entries:,} entries; at most {MAX_ENTRIES} are accepted.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size, most = sum(i.file_size for i in archive.infolist()), min(MAX_BYTES, MAX_RATIO * len(data))
            if size > most:
                raise BadInput(
                    f"The archive of {len(data):,} bytes unpacks to {size:,}; at most {most:,} are accepted."
                )
            return _member(archive, CONFIG, MAX_CONFIG), _member(archive, WEIGHTS, MAX_BYTES)
    except BadInput:
        raise
    except DAMAGE:
        raise BadInput("The archive is damaged or incomplete and cannot be unpacked.") from None


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return one entry's content of at most `most` bytes, whatever size the archive declares."""
    if name not in archive.namelist():
        raise BadInput(f"The archive has no {name}; a .keras file holds {CONFIG} and {WEIGHTS}.")
    entry = archive.getinfo(name)
    if entry.flag_bits & 1:
        raise BadInput(f"{name} is encrypted; it is accepted without a password only.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadInput(f"{name} is packed in an unusual way; stored or deflated entries are accepted.")
    with archive.open(entry) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise BadInput(f"{name} has more than {most:,} bytes, which is the most that is accepted.")
    return content


def _parse(config: bytes) -> Any:
    """Return what the JSON holds. A whole number of twenty digits or more becomes infinity."""
    try:
        return json.loads(config, parse_int=lambda digits: int(digits) if len(digits) < 20 else math.inf)
    except (ValueError, RecursionError):
        raise BadInput(f"{CONFIG} is not valid JSON, or is nested too deeply.") from None


def _chain(model: Any) -> tuple[Any, list[dict]]:
    """Return the input's shape as config.json has it, and the layers after it, each fed by the one before."""
    kind, module, config = (_get(model, key) for key in ("class_name", "module", "config"))
    if kind not in ("Sequential", "Functional") or module not in MODEL_MODULES:
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
        _refuse_branches(items, config)
    shape = _get(config, "build_input_shape")
    if items[0]["class_name"] == "InputLayer":
        first, *items = items
        shape = first["config"].get("batch_shape", first["config"].get("batch_input_shape"))
    return shape[1:] if isinstance(shape, list) else shape, items


def _refuse_foreign(item: dict) -> None:
    """Raise BadInput for a layer that is not Keras's own, even if it is called as one of Keras's."""
    kind, module, registered = (item.get(key) for key in ("class_name", "module", "registered_name"))
    if not isinstance(kind, str) or module != "keras.layers" or registered not in (None, kind):
        known = f" (registered as {_show(registered)})" if registered else ""
        raise BadInput(
            f"{_label(item)} comes from {_show(module)}{known}; only Keras's own layers are accepted: "
            f"{', '.join(KINDS)}."
        )


def _refuse_branches(items: list[dict], config: dict) -> None:
    """Raise BadInput unless the first layer is the only input, and each one feeds the next alone."""
    names: list = [item.get("name") for item in items]
    for item, before in zip(items, [None, *names], strict=False):
        if _source(item) != before:
            raise BadInput(
                f"{_label(item)} does not read just what the layer before it gives; "
                "accepted are networks whose layers follow one another."
            )
    if config.get("output_layers") not in ([names[-1], 0, 0], [[names[-1], 0, 0]]):
        raise BadInput("The network's output is not that of its last layer alone, which is what is accepted.")


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


def _layers(shape: Any, items: list[dict]) -> tuple[Layer, ...]:
    """Return the records for config.json's layers, a softmax at the end put into the Dense before it."""
    prepared: set[str] = set()
    while items and items[0]["class_name"] not in prepared and _only_prepares(items[0], shape):
        prepared.add(items[0]["class_name"])
        items = items[1:]
    if shape != list(MNIST_SHAPE) and "Reshape" not in prepared:
        raise BadInput(f"The network reads pictures of shape {_show(shape)}; accepted is {list(MNIST_SHAPE)}.")
    layers = [_layer(item) for item in items]
    match layers:
        case [*_, Dense(activation="linear") as dense, Activation("softmax")]:
            layers[-2:] = [replace(dense, activation="softmax")]
    return tuple(layers)


def _only_prepares(item: dict, shape: Any) -> bool:
    """Say whether a layer makes, of pixels 0..255 or of rows, the picture that networks get here anyway."""
    match item:
        case {"class_name": "Rescaling", "config": {"scale": float(scale), "offset": 0}}:
            return abs(scale * 255 - 1) < 1e-6
        case {"class_name": "Reshape", "config": {"target_shape": [28, 28, 1]}}:
            return shape in ([28, 28, 1], [28, 28], [784])
    return False


def _layer(item: dict) -> Layer:
    """Return our record for one of config.json's layers. Raises BadInput where there is none."""
    kind = item["class_name"]
    if kind not in KINDS:
        raise BadInput(
            f"{_label(item)} is {_show(kind)}{REMARKS.get(kind, '')}; accepted are {', '.join(KINDS)}."
        )
    make, fields, possible = KINDS[kind]
    settings = {setting: _single(value) for setting, value in item["config"].items()}
    if "pool_size" in settings:
        possible = {**possible, "strides": (settings["pool_size"],)}
    for setting, accepted in possible.items():
        value = settings.setdefault(setting, accepted[0])
        if value not in accepted:
            choices = " or ".join(map(_show, accepted))
            raise BadInput(f"{_label(item)} has {setting} {_show(value)}; accepted is {choices}.")
    for setting in fields.values():
        value = settings.get(setting)
        if setting not in possible and not isinstance(value, int | float):
            raise BadInput(
                f"{_label(item)} has {setting} {_show(value)}; accepted is one number for all sides."
            )
    layer = make(**{field: settings[setting] for field, setting in fields.items()})
    try:
        architectures.check_settings(layer)
    except LayerError as error:
        raise BadInput(f"{_label(item)}: {error}.") from None
    return layer


def _weights(h5: bytes, layers: tuple[Layer, ...]) -> dict[str, np.ndarray]:
    """Return {'conv2d_1/kernel': float32 array, ...} from the bytes of model.weights.h5."""
    places = _places(layers)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.keras_file"],
            input=json.dumps(list(places.values())).encode() + b"\n" + h5,
            capture_output=True,
            timeout=SECONDS,
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # each thread would count against MAX_MEMORY
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadInput(f"{WEIGHTS} is damaged: reading it takes more than {SECONDS:g} seconds.") from None
    if done.returncode == REFUSED:
        raise BadInput(done.stdout.decode())
    if done.returncode:
        raise BadInput(f"{WEIGHTS} is damaged or incomplete and cannot be read.")
    result, numbers = {}, np.frombuffer(done.stdout, np.float32)
    for name, (path, shape) in places.items():
        array, numbers = np.split(numbers, [math.prod(shape)])
        if not np.isfinite(array).all() or (name.endswith("variance") and (array < 0).any()):
            raise BadInput(f"{WEIGHTS} holds a number in {path} that is impossible, such as NaN or infinity.")
        result[name] = array.reshape(shape).copy()
    return result


def _places(layers: tuple[Layer, ...]) -> dict[str, tuple[str, Shape]]:
    """Return our name of each array -> (its path in model.weights.h5, its shape, by arithmetic).

    >>> _places((Flatten(), Dense(10, "softmax")))["dense_1/kernel"]
    ('layers/dense/vars/0', (784, 10))
    """
    result, shape = {}, MNIST_SHAPE
    for layer, name in zip(layers, architectures.names(layers), strict=True):
        for place, (variable, size) in enumerate(_variables(layer, shape).items()):
            result[f"{name}/{variable}"] = (f"layers/{_group(name)}/vars/{place}", size)
        shape = layer.output_shape(shape)
    return result


def _group(name: str) -> str:
    """Return what Keras calls the layer in the file: 'conv2d_1' -> 'conv2d', 'conv2d_2' -> 'conv2d_1'."""
    kind, number = name.replace("batchnormalization", "batch-normalization").split("_")
    return kind.replace("-", "_") + (f"_{int(number) - 1}" if number != "1" else "")


def _variables(layer: Layer, shape: Shape) -> dict[str, Shape]:
    """Return the name and shape of each array of a layer whose input has `shape`, in Keras's order."""
    match layer:
        case Conv2D(filters=filters, kernel=kernel):
            return {"kernel": (kernel, kernel, shape[-1], filters), "bias": (filters,)}
        case Dense(units=units):
            return {"kernel": (shape[0], units), "bias": (units,)}
        case BatchNormalization():
            return dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), shape[-1:])
    return {}


def _send() -> None:
    """What the process does: stdin is a line of [path, shape] pairs and then HDF5, stdout float32 numbers."""
    with suppress(ImportError, ValueError, OSError):  # Windows and macOS set no such limit
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    places, h5 = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    try:
        arrays = extract(h5, [(path, tuple(shape)) for path, shape in places])
    except BadInput as error:
        sys.stdout.write(str(error))
        sys.exit(REFUSED)
    for array in arrays:
        sys.stdout.buffer.write(array.tobytes())


def extract(h5: bytes, places: list[tuple[str, Shape]]) -> list[np.ndarray]:
    """Return the float32 array of each (path, shape) in an HDF5 file, which is not trusted to be sound.

    Raises BadInput for arrays other than expected; anything, or nothing for ever, where it is damaged.
    """
    import h5py  # noqa: PLC0415 - the page process never needs it

    with h5py.File(io.BytesIO(h5), "r") as file:
        old = "layers" not in file and "_layer_checkpoint_dependencies" in file  # Keras 2.13
        top = "_layer_checkpoint_dependencies" if old else "layers"
        return [_array(file, path.replace("layers", top, 1), shape) for path, shape in places]


def _array(file: Any, path: str, shape: Shape) -> np.ndarray:
    """Return one float32 array, not following links, and not reading before its shape and type are right."""
    import h5py  # noqa: PLC0415

    node = file
    for step in path.split("/"):
        link = node.get(step, getlink=True) if isinstance(node, h5py.Group) else None
        if link is None:
            raise BadInput(f"{WEIGHTS} has no {path}; expected are {_times(shape)} numbers.")
        if not isinstance(link, h5py.HardLink):
            raise BadInput(f"{step} in {path} of {WEIGHTS} is a link; accepted are numbers in the file itself.")
        node = node[step]
    if not isinstance(node, h5py.Dataset):
        raise BadInput(f"{path} in {WEIGHTS} is no array; expected are {_times(shape)} numbers.")
    if node.external or node.is_virtual or node.chunks:  # a chunk may be far larger than the array
        raise BadInput(f"{path} in {WEIGHTS} is external, virtual or chunked; accepted is one plain block.")
    if node.shape != shape:
        raise BadInput(f"{path} in {WEIGHTS} has the shape {_times(node.shape)}; expected is {_times(shape)}.")
    if node.dtype.kind != "f" or node.dtype.itemsize > 8:
        raise BadInput(f"{path} in {WEIGHTS} holds {_show(str(node.dtype))}; accepted are float16, 32 and 64.")
    with np.errstate(over="ignore"):  # infinities are refused by the caller
        return node[()].astype(np.float32)


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _single(value: Any) -> Any:
    """Return n for [n, n] and for [n], as Keras writes what is the same for all sides; others unchanged."""
    return value[0] if isinstance(value, list) and value and value == value[:1] * len(value) else value


def _show(value: Any) -> str:
    """Return the value as Python writes it, shortened: whoever made the file chose its length."""
    return reprlib.repr(value)


def _label(item: dict) -> str:
    return f"Layer {_show(_get(item.get('config'), 'name'))}"


def _times(shape: Shape | None) -> str:
    return reprlib.repr(shape) if not shape else " x ".join(map(str, shape))


if __name__ == "__main__":
    _send()
