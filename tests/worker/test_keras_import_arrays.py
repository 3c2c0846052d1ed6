"""Arrays that are not the network's get one sentence, from a process with limits."""

import io
import struct
import subprocess
import sys

import h5py
import numpy as np
import pytest

from core.models import keras_hdf5, keras_import, keras_layers
from tests.worker.keras_models import GOOD, IMAGE_SHAPE, LAYERS, members, refused, with_weights


def with_arrays(edit) -> bytes:
    """The good file with other arrays: `edit` is given the open HDF5 file."""
    h5 = io.BytesIO(members()["model.weights.h5"])
    with h5py.File(h5, "r+") as file:
        edit(file)
    return with_weights(h5.getvalue())


KERNEL, SHAPE = "layers/conv2d/vars/0", (3, 3, 1, 2)


def replaced(path: str = KERNEL, **options):
    """An edit that puts another array in a place; `options` are those of h5py's create_dataset."""

    def edit(file: h5py.File) -> None:
        del file[path]
        file.create_dataset(path, **options)

    return edit


def linked(path: str, link):
    def edit(file: h5py.File) -> None:
        file.move(path, "elsewhere")
        file[path] = link

    return edit


def grouped(file: h5py.File) -> None:
    del file[KERNEL]
    file.create_group(KERNEL)


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout(SHAPE, np.float32)
    layout[...] = h5py.VirtualSource("/etc/passwd", "data", SHAPE)
    del file[KERNEL]
    file.create_virtual_dataset(KERNEL, layout)


def round_in_circles() -> bytes:
    """The weights with lists of free space whose first entry names itself as the next, so they never end."""
    h5 = bytearray(members()["model.weights.h5"])
    place = h5.find(b"HEAP")
    while place >= 0:
        free, start = struct.unpack_from("<QQ", h5, place + 16)  # of the list, and of what it is relative to
        if free < len(h5):
            struct.pack_into("<Q", h5, start + free, free)
        place = h5.find(b"HEAP", place + 4)
    return with_weights(bytes(h5))


EXTERNAL = [("/etc/passwd", 0, 72)]
WORDS = h5py.string_dtype()


def odd_float(file: h5py.File) -> None:
    """Numbers whose exponent counts from elsewhere: HDF5 converts them without a word."""
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_ebias(100)
    del file[KERNEL]
    space = h5py.h5s.create_simple(SHAPE)
    made = h5py.h5d.create(file["layers/conv2d/vars"].id, b"0", kind, space)
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ones(SHAPE, np.float32))


ARRAYS = {
    "an external link": (
        linked(KERNEL, h5py.ExternalLink("/etc/passwd", "/x")),
        "vars/0 in .* is a link; accepted",
    ),
    "an external group": (
        linked("layers", h5py.ExternalLink("/etc/passwd", "/x")),
        "is a link; accepted are numbers",
    ),
    "a link within": (linked(KERNEL, h5py.SoftLink("/elsewhere")), "is a link; accepted are numbers"),
    "a link to itself": (linked("layers", h5py.SoftLink("/layers")), "is a link|has no layers/conv2d"),
    "virtual": (virtual, "is external, virtual or chunked; accepted is one block in the file itself"),
    "in another file": (
        replaced(shape=SHAPE, dtype="f4", external=EXTERNAL),
        "is external, virtual or chunked",
    ),
    "compressed": (replaced(data=np.ones(SHAPE), compression="gzip"), "is external, virtual or chunked"),
    "a huge chunk": (
        replaced(shape=SHAPE, dtype="f4", maxshape=(None,) * 4, chunks=(900, 900, 9, 9), compression="gzip"),
        "is external, virtual or chunked",
    ),
    "a huge shape": (
        replaced("layers/dense/vars/0", shape=(10**9, 10), dtype="f4"),
        r"dense/vars/0 in .* has the shape \(1000000000, 10\); expected is \(1352, 10\)",
    ),
    "a wrong shape": (
        replaced(data=np.ones((3, 3, 2))),
        r"has the shape \(3, 3, 2\); expected is \(3, 3, 1, 2\)",
    ),
    "no shape": (replaced(data=h5py.Empty("f4")), r"has the shape None; expected is \(3, 3, 1, 2\)"),
    "objects": (replaced(shape=SHAPE, dtype=WORDS), "holds 'object'; accepted are float16, float32"),
    "references": (replaced(shape=SHAPE, dtype=h5py.ref_dtype), "holds 'object'; accepted are float16"),
    "records": (
        replaced(shape=SHAPE, dtype=[("a", "f4"), ("b", "i4")]),
        r"holds .*'a'.*; accepted are float16",
    ),
    "whole numbers": (replaced(data=np.ones(SHAPE, np.int8)), "holds 'int8'; accepted are float16"),
    "80 bits": (replaced(data=np.ones(SHAPE, np.longdouble)), "holds 'float128'; accepted are float16"),
    "never written": (replaced(shape=SHAPE, dtype="f4"), "its arrays do not lie side by side"),
    "a float of its own layout": (odd_float, "holds 'float64'; accepted are float16, float32"),
    "none": (lambda file: file.__delitem__(KERNEL), r"has no layers/conv2d/vars/0; .* of shape \(3, 3, 1, 2\)"),
    "no layer": (lambda file: file.__delitem__("layers/dense"), r"has no layers/dense/vars/0; .* \(1352, 10\)"),
    "nothing": (lambda file: file.clear(), "has no layers/conv2d/vars/0"),
    "one number": (linked(KERNEL, np.float32(1)), r"has the shape \(\); expected is \(3, 3, 1, 2\)"),
    "a group for an array": (grouped, "vars/0 in .* is no array; expected is one of shape"),
    "an array for a group": (linked("layers/conv2d", np.ones(3)), "has no layers/conv2d/vars/0"),
}
NUMBERS = {
    "NaN": (KERNEL, np.full(SHAPE, np.nan, np.float32)),
    "too large for float32": (KERNEL, np.full(SHAPE, 1e300)),
    "a variance": ("layers/batch_normalization/vars/3", np.full(2, -0.1, np.float32)),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_are_not_the_networks_get_one_sentence(name):
    edit, sentence = ARRAYS[name]
    h5 = members(with_arrays(edit))["model.weights.h5"]
    found = keras_layers.sources([keras_layers.Taken(layer) for layer in LAYERS], IMAGE_SHAPE)
    places = [place for source in found for place in source.arrays.values()]
    refused(lambda: keras_hdf5._extract(h5, places), sentence)  # without a process, which costs 0.2 seconds


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_that_compute_nothing_get_one_sentence(name):
    path, numbers = NUMBERS[name]
    data = with_arrays(replaced(path, data=numbers))
    refused(
        lambda: keras_import.read(data), f"{path} in model.weights.h5 holds NaN, infinity or a variance below 0"
    )


def test_arrays_that_lie_on_one_another_get_one_sentence():
    """One pointer of the file, changed: a bias that is the beginning of the kernel."""
    h5 = members()["model.weights.h5"]
    with h5py.File(io.BytesIO(h5)) as file:
        kernel, bias = (file[f"layers/dense/vars/{n}"].id.get_offset() for n in (0, 1))
    data = h5.replace(struct.pack("<Q", bias), struct.pack("<Q", kernel))
    assert data != h5
    refused(lambda: keras_import.read(with_weights(data)), "its arrays do not lie side by side in the file")


LIMITED = """
from core.models import keras_hdf5
keras_hdf5._limits()
for act in (lambda: open("README.md"), lambda: bytearray(600_000_000)):
    try:
        act()
    except (OSError, MemoryError) as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not know all limits")
def test_the_other_process_opens_no_file_and_takes_little_memory():
    command = [sys.executable, "-c", LIMITED]
    done = subprocess.run(command, capture_output=True, text=True, cwd=keras_hdf5.ROOT, check=True)
    assert done.stdout.split() == ["OSError", "MemoryError"], done.stderr


def test_the_sentence_crosses_from_the_other_process():
    data = with_arrays(linked(KERNEL, h5py.SoftLink("/elsewhere")))
    refused(lambda: keras_import.read(data), "vars/0 in model.weights.h5 is a link; accepted")


@pytest.mark.parametrize("size", [0, 2000])
def test_weights_that_are_cut_off_get_one_sentence(size):
    data = with_weights(members()["model.weights.h5"][:size])
    refused(lambda: keras_import.read(data), "model.weights.h5 is damaged or incomplete")


def test_weights_that_never_end_are_given_up():
    data = round_in_circles()
    refused(lambda: keras_import.read(data), "model.weights.h5 is damaged")


def test_a_process_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(keras_hdf5, "SECONDS", 0.01)
    refused(lambda: keras_import.read(GOOD), "model.weights.h5 cannot be read within 0.01 seconds")
