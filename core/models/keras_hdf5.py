"""The arrays of an HDF5 file that somebody brings, taken out by a process of its own.

One changed byte can make HDF5's library loop for ever and fill the memory. So a process of its own,
`python -m core.models.keras_hdf5`, takes the arrays out, with little of both; it may crash alone.

Called by `core.models.keras_config`, `core.models.keras_graph` and `core.models.keras_import`.
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
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from core.ink.files import BadInput
from core.nn.architectures import Shape

MAX_CONFIG = 1_000_000
MAX_MEMORY = 500_000_000  # of the process that reads HDF5; half suffices for MAX_PARAMETERS
SECONDS = 20.0  # until that process is stopped; 0.2 are usual
WORK_SECONDS = 1.0  # of computing in them, once it has begun; 0.05 suffice for MAX_PARAMETERS
ROOT = Path(__file__).parents[2]
REFUSED = 3  # the process's exit code when it prints a sentence
WEIGHTS = "model.weights.h5"  # as a .keras file calls it


def in_a_process(what: str, given: bytes) -> bytes:
    """Return what the process makes of an HDF5 file: see `_send`. Raises BadInput."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.models.keras_hdf5", what],
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
        raise BadInput(f"{here} holds {show(str(node.dtype))}; accepted are float16, float32 and float64.")
    return node


def show(value: Any) -> str:
    """Return the value as Python writes it, shortened: whoever made the file chose its length."""
    text = reprlib.repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


if __name__ == "__main__":
    _send(sys.argv[1])
