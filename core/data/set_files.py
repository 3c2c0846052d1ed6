"""Data sets as files in the data folder: idx, .npz and CSV, looked at before they are read.

    fashion-mnist/train-images-idx3-ubyte.gz    uint8 [60000, 28, 28] behind 16 bytes of header; t10k- or test-
    fashion-mnist/train-labels-idx1-ubyte.gz    for the other part; unpacked or not
    emnist/emnist-letters-train.csv             a line for each image: its label, then 784 numbers of 0..255
    emnist-letters.npz                          the arrays x_train, y_train, x_test and y_test

What a file is, is seen by its name: the set's words in it or in its folder's, and 'train', 'test' or 't10k'.
Nothing is unpickled, and nothing is read before its size is known.

Called by `core.data.datasets` and `core.data.labelled_files`.
"""

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np

from core.io import arrays
from core.records import Dataset

MAX_IMAGES = 500_000  # of one part
SIDE = 28
_LINES = 4_000  # of a CSV that are read at once
_LONGEST = 20_000  # bytes of one: 785 numbers have 3,900 at most
_PARTS = {"train": ("train",), "test": ("test", "t10k")}
_NAMES = {
    "x_train": ("x_train", "train_images", "training_images"),
    "y_train": ("y_train", "train_labels", "training_labels"),
    "x_test": ("x_test", "test_images"),
    "y_test": ("y_test", "test_labels"),
}
ACCEPTED = "idx or idx.gz files, one .npz, or Kaggle's CSV files"


class NoData(ValueError):
    """A data set is not here, or its file cannot be used; the text is one sentence that says what to do."""


@dataclass(frozen=True)
class Files:
    """Those that hold one data set: `npz` alone, or the images and labels of both parts, or two CSV files.

    version: changes with the files.
    """

    npz: Path | None = None
    idx: tuple[tuple[Path, Path], ...] = ()
    csv: tuple[Path, ...] = ()
    version: tuple[tuple[str, int, int], ...] = ()


def find(folder: Path, words: tuple[str, ...]) -> Files | None:
    """Return the files of a data set in this folder or one deeper, or None. words: all in their names."""
    places = [folder, *(path for path in _inside(folder) if path.is_dir())]
    found: dict[str, Path] = {}
    for place in places:
        for path in _inside(place):
            name = str(path.relative_to(folder)).lower()
            if all(word in name for word in words) and path.is_file():
                found.setdefault(name, path)
    if npz := [path for name, path in found.items() if name.endswith(".npz")]:
        return Files(npz=npz[0], version=_version(npz[0]))
    pairs = [(_one(found, part, "images"), _one(found, part, "labels")) for part in _PARTS]
    idx = tuple((images, labels) for images, labels in pairs if images and labels)
    if len(idx) == len(_PARTS):
        return Files(idx=idx, version=_version(*(path for pair in idx for path in pair)))
    csv = tuple(table for part in _PARTS if (table := _one(found, part, ".csv")))
    return Files(csv=csv, version=_version(*csv)) if len(csv) == len(_PARTS) else None


def counts(files: Files) -> tuple[int, int]:
    """Return how many images there are to learn from and to test with, by headers and lines. Raises NoData."""
    with _said(files):
        if files.npz:
            with arrays.Archive(files.npz) as archive:
                train, test = (_header(archive, name)[1].shape[0] for name in ("x_train", "x_test"))
                return train, test
        train, test = [_idx_header(path)[0] for path, _ in files.idx] if files.idx else map(_lines, files.csv)
        return train, test


def read(files: Files, classes: int) -> Dataset:
    """Return the data set, images as uint8 [n, 28, 28], labels from 0, as they lie in the files. Raises NoData.

    Labels that count from 1 to `classes`, as those of EMNIST's letters do, are counted from 0.
    """
    with _said(files):
        if files.npz:
            with arrays.Archive(files.npz) as archive:
                data = Dataset(**{f.name: _of_archive(archive, f.name) for f in fields(Dataset)})
        else:
            parts = [_idx(*pair) for pair in files.idx] or [_csv(path) for path in files.csv]
            data = Dataset(*parts[0], *parts[1])
        return _labelled(data, classes)


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _one(found: dict[str, Path], part: str, what: str) -> Path | None:
    """The file of this part: images, labels or CSV; by its own name, or by its folder's and its own."""
    ending = ".csv" if what == ".csv" else ""
    for path in found.values():
        name = path.name.lower().removesuffix(".gz")
        is_csv = name.endswith(".csv")
        if any(word in name for word in _PARTS[part]) and what in name and is_csv == bool(ending):
            return path
    return None


def _version(*paths: Path) -> tuple[tuple[str, int, int], ...]:
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths)


@contextmanager
def _said(files: Files) -> Iterator[None]:
    """What goes wrong with the files becomes one sentence that names the first."""
    first = Path(files.version[0][0])
    try:
        yield
    except NoData:
        raise
    except (OSError, EOFError, zlib.error, struct.error, MemoryError, arrays.BadArrays, ValueError) as error:
        reason = str(error) or "there is too little memory"
        raise NoData(
            f"{first} cannot be read ({reason}): it may be incomplete. Accepted are {ACCEPTED}."
        ) from None


# -- .npz


def _header(archive: arrays.Archive, name: str) -> tuple[str, arrays.Header]:
    """What one of the four arrays is called in this archive, and what it says of itself."""
    known = next((other for other in _NAMES[name] if other in archive.names), None)
    if known is None:
        found = ", ".join(archive.names[:20]) or "nothing"
        raise NoData(
            f"The .npz file has no array {name}; it has {found[:200]}. Expected are {', '.join(_NAMES)}."
        )
    header = archive.header(known)
    if len(header.shape) < 1 or not 0 < header.shape[0] <= MAX_IMAGES:
        raise NoData(
            f"{known} has the shape {list(header.shape)}; accepted are 1 to {MAX_IMAGES:,} images of 28 x 28."
        )
    return known, header


def _of_archive(archive: arrays.Archive, name: str) -> np.ndarray:
    known, _ = _header(archive, name)
    return array_of(archive, known, is_labels=name.startswith("y"))


def array_of(archive: arrays.Archive, known: str, *, is_labels: bool = False) -> np.ndarray:
    """Return the images of this array, uint8 [n, 28, 28], or labels, int64 [n]. Raises NoData, BadArrays."""
    header = archive.header(known)
    count, shape = header.shape[0] if header.shape else 0, header.shape
    if is_labels:
        if shape not in ((count,), (count, 1)) or header.dtype.kind not in "iu":
            raise NoData(f"{known} is {header.dtype} {list(shape)}; expected are whole numbers [{count}].")
        return archive.array(known).reshape(-1).astype(np.int64)
    fits = len(shape) > 1 and math.prod(shape[1:]) == SIDE * SIDE and shape[1] in (SIDE, SIDE * SIDE)
    if not fits or header.dtype.kind not in "iuf":
        raise NoData(f"{known} is {header.dtype} {list(shape)}; expected is uint8 [{count}, 28, 28].")
    return _as_bytes(archive.array(known).reshape(count, SIDE, SIDE), known)


def _as_bytes(images: np.ndarray, name: str) -> np.ndarray:
    """uint8 of whole numbers 0..255 or of fractions 0..1."""
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    low, high = (images.min(), images.max()) if images.size else (0, 0)
    if not (low >= 0 and high <= 255):  # NaN too
        raise NoData(f"{name} has numbers from {low:g} to {high:g}; accepted are 0 to 255, or 0 to 1.")
    scale = 255 if images.dtype.kind == "f" and high <= 1 else 1
    return np.round(images * scale).astype(np.uint8)


# -- idx


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


def _idx_header(path: Path) -> tuple[int, ...]:
    """The lengths of the axes. Two zeros, 8 for unsigned bytes, the number of axes, their lengths."""
    with _opened(path) as file:
        return _axes(file, path)


def _axes(file: IO[bytes], name: object) -> tuple[int, ...]:
    head = file.read(4)
    if len(head) < 4 or head[:3] != b"\0\0\x08" or head[3] not in (1, 3):
        raise NoData(f"{name} is no idx file of bytes: it begins with {head.hex(' ') or 'nothing'}.")
    shape = struct.unpack(f">{head[3]}I", file.read(4 * head[3]))
    if shape[1:] not in ((), (SIDE, SIDE)) or not 0 < shape[0] <= MAX_IMAGES:
        raise NoData(f"{name} says that it holds {list(shape)} bytes; expected are [n, 28, 28] or [n].")
    return shape


def _idx(images: Path, labels: Path) -> tuple[np.ndarray, np.ndarray]:
    x, y = (_idx_of(path) for path in (images, labels))
    if x.ndim != 3 or y.shape != (len(x),):
        raise NoData(
            f"{images} holds {list(x.shape)} and {labels.name} {list(y.shape)}; expected are images "
            "[n, 28, 28] and as many labels."
        )
    return x, y.astype(np.int64)


def _idx_of(path: Path) -> np.ndarray:
    with _opened(path) as file:
        return idx_array(file, path)[0]


def idx_array(file: IO[bytes], name: object, most: int = MAX_IMAGES) -> tuple[np.ndarray, int]:
    """Return the first so many images, uint8 [n, 28, 28], or labels, uint8 [n], and how many it says it has.

    name: what it is called in a sentence. Raises NoData.
    """
    shape = _axes(file, name)
    count = shape[0]
    shape = (min(count, most), *shape[1:])
    data = file.read(math.prod(shape) + (count <= most))
    if len(data) != math.prod(shape):
        more = "more" if len(data) > math.prod(shape) else f"only {len(data):,}"
        raise NoData(f"{name} says that it holds {math.prod(shape):,} bytes, but holds {more}.")
    return np.frombuffer(data, np.uint8).reshape(shape), count


# -- CSV


def _lines(path: Path) -> int:
    """How many images: lines without the one of names."""
    with _opened(path) as file:
        first = file.readline(100_000)
        rest, last = 0, first[-1:]
        while part := file.read(1 << 22):
            rest, last = rest + part.count(b"\n"), part[-1:]
    return rest + (last != b"\n") + (not _is_head(first)) - (1 if first[-1:] != b"\n" and not rest else 0)


def _is_head(line: bytes) -> bool:
    return not line.split(b",", 1)[0].strip(b' \t"\r\n').isdigit()


def _csv(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with _opened(path) as file:
        images, labels = csv_images(file, path, MAX_IMAGES + 1)
    if len(images) > MAX_IMAGES:
        raise NoData(f"{path} has more than {MAX_IMAGES:,} images, which is the most that is accepted.")
    return images, labels


def csv_images(file: IO[bytes], name: object, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first so many images, uint8 [n, 28, 28], and labels, int64 [n]. Raises NoData, ValueError.

    name: what the file is called in a sentence.
    """
    images, labels, count = [], [], 0
    first = file.readline(100_000)
    names = first.count(b",") + 1
    if names != SIDE * SIDE + 1:
        raise NoData(
            f"{name} has {names:,} columns; expected are 785, the label and then 28 x 28 numbers of 0 to 255."
        )
    lines = iter(lambda: file.readline(_LONGEST), b"")
    rows = [] if _is_head(first) else [first]
    while count < most and (rows := [*rows, *islice(lines, min(_LINES, most - count))]):
        numbers = np.loadtxt(rows, np.int16, delimiter=",", comments=None, ndmin=2)
        if numbers.shape[1] != names or numbers.min() < 0 or numbers.max() > 255:
            raise NoData(f"{name} has numbers from {numbers.min()} to {numbers.max()}; accepted are 0 to 255.")
        labels.append(numbers[:, 0].astype(np.int64))
        images.append(numbers[:, 1:].astype(np.uint8).reshape(-1, SIDE, SIDE))
        count, rows = count + len(numbers), []
    if not count:
        raise NoData(f"{name} holds no image.")
    return np.concatenate(images), np.concatenate(labels)


# -- labels


def _labelled(data: Dataset, classes: int) -> Dataset:
    """With labels as uint8 from 0 to below `classes`."""
    if (len(data.x_train), len(data.x_test)) != (len(data.y_train), len(data.y_test)):
        raise NoData(
            f"There are {len(data.x_train):,} and {len(data.x_test):,} images, but {len(data.y_train):,} and "
            f"{len(data.y_test):,} labels; each image needs one."
        )
    both = np.concatenate([data.y_train, data.y_test])
    low, high = int(both.min()), int(both.max())
    first = 1 if low == 1 and high == classes else 0
    if low < 0 or high - first >= classes:
        raise NoData(
            f"The labels go from {low} to {high}; expected are 0 to {classes - 1}, or 1 to {classes}: is it "
            "another data set?"
        )
    train, test = ((y - first).astype(np.uint8) for y in (data.y_train, data.y_test))
    return Dataset(data.x_train, train, data.x_test, test)
