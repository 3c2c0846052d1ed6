"""Reading a network that somebody trained with Keras, from the `.keras` file they bring.

Keras never sees the file, since loading one can run what it brings along: layers that
`architectures.LAYERS` has are taken over setting by setting, and all others are refused by name.
The file is a zip archive. config.json lists the layers; model.weights.h5 holds their arrays, under each
layer's class and its place among its class, whatever the layer itself is called:

    layers/conv2d/vars/0      kernel of the first Conv2D, float32 [3, 3, 1, 16]
    layers/conv2d/vars/1      its bias, float32 [16]
    layers/conv2d_1/vars/0    kernel of the second

`keras_hdf5` takes the arrays out, `keras_graph` says which layers there are and what each reads, `keras_config`
what they are, and `keras_layers` makes ours of both.

Called by `core.commands.evaluate` and `ui.sections.network_file`.
"""

import json
import math
import zipfile
from typing import Any

import numpy as np

from core.data.datasets import KINDS
from core.ink.files import BadInput
from core.io import zips
from core.models import keras_config, keras_graph, keras_layers
from core.models.keras_graph import CONFIG
from core.models.keras_hdf5 import MAX_CONFIG, WEIGHTS, in_a_process
from core.models.keras_layers import Taken
from core.nn import architectures
from core.nn.architectures import Layer, Shape

MAX_BYTES = 60_000_000  # packed and unpacked: five million parameters, each with Adam's two averages
MAX_RATIO = 100  # unpacked to packed; Keras does not compress, and trained weights hardly shrink
MAX_ENTRIES = 100


def read(data: bytes) -> tuple[tuple[Layer, ...], dict[str, np.ndarray], Shape]:
    """Return a .keras file's layers, {'conv2d_1/kernel': float32 array, ...}, and its images' shape.

    The names are those of `architectures.names`, as in `worker.models.get_weights`; all numbers are finite.
    The shape is MNIST's or CIFAR-10's, and says which of the two the network is for. What only matters to
    training, such as regularizers and the optimizer, is left behind. Raises BadInput.
    """
    is_old = data.startswith(b"\x89HDF")
    config, h5 = (_old_config(data), data) if is_old else _unpack(data)
    try:
        model = _parse(config)
        model = keras_graph.with_modules(model) if is_old else model
        taken, shape = keras_config.layers(*keras_graph.ordered(model, list(keras_config.POSSIBLE)))
    except RecursionError:  # in the parser, or where two nested lists are compared
        raise BadInput(f"{CONFIG} is nested too deeply.") from None
    layers = tuple(one.layer for one in taken)
    # A digit's eleventh output is taken for 'not a digit', as in the networks that come with the app; 26 are
    # letters, 47 EMNIST's balanced characters.
    units = [getattr(layer, "units", 0) for layer in layers[-1:]]
    known = {len(kind.classes) for kind in KINDS.values() if kind.shape == shape}
    classes = next((n for n in known if n in units), architectures.CLASSES)
    if problem := architectures.check(layers, shape, classes=classes):
        raise BadInput(problem)
    return layers, _weights(h5, taken, shape, by_name=is_old), shape


def _old_config(data: bytes) -> bytes:
    """Return the layers of an .h5 file, as JSON."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"The file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted.")
    return in_a_process("config", data)


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


def _weights(h5: bytes, taken: list[Taken], shape: Shape, *, by_name: bool) -> dict[str, np.ndarray]:
    """Return {'conv2d_1/kernel': float32 array, ...} from the bytes of model.weights.h5."""
    if by_name and any(one.within != "layers" for one in taken):
        raise BadInput("The .h5 file holds a network in a network; accepted is that in a .keras file.")
    found = keras_layers.sources(taken, shape, by_name=by_name)
    places = {f"{s.name}/{key}": place for s in found for key, place in s.arrays.items()}
    sent = in_a_process("arrays", json.dumps(list(places.values())).encode() + b"\n" + h5)
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
