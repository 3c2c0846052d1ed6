"""Labelled digits of 28 x 28 that somebody uploads: idx files, an .npz, or a CSV as Kaggle's.

    >>> [part.images.shape for part in read(bytes_of_an_npz)]
    [(12000, 28, 28), (2000, 28, 28)]

What a file is, is seen by its first bytes. Nothing is unpickled; of each only so much is read as is taken.

Called by `core.storage.exchange`.
"""

import gzip
import io
import struct
import zlib
from collections.abc import Sequence
from typing import IO, NamedTuple

import numpy as np

from core.data import orientation, set_files
from core.data.set_files import NoData
from core.ink.decoder import BadInput
from core.io import arrays, zips

MAX_UNPACKED = 200_000_000  # bytes of an array, and of a file in an archive
_GZIP, _IDX = b"\x1f\x8b", b"\0\0\x08"
_ENOUGH, _CLASSES = 30, 5  # images and digits that say how all of them lie
_FEW = 40  # entries of an archive that are looked at: a set of images has two or four
_DAMAGE = (OSError, EOFError, zlib.error, struct.error, MemoryError, arrays.BadArrays, ValueError)
_ALONE = (
    "It holds {} alone: bring the idx file of the images together with that of their labels, both at once or "
    "in one zip."
)
# Arrays of an .npz that belong together, and whether they are held out.
_PAIRS: tuple[tuple[str, str, bool | None], ...] = (
    ("x_train", "y_train", False),
    ("train_images", "train_labels", False),
    ("x_test", "y_test", True),
    ("test_images", "test_labels", True),
    ("images", "labels", None),
    ("x", "y", None),
    ("X", "y", None),
)


class Part(NamedTuple):
    """images: uint8 [n, 28, 28], 0 = paper, upright. labels: int64 [n]. held_out: as in StoredDrawing.

    remark: how they lay, where that was put right, else ''.
    """

    images: np.ndarray
    labels: np.ndarray
    held_out: bool | None = None
    remark: str = ""


def is_one(data: bytes) -> bool:
    """Are these bytes such a file, or an archive of such files?"""
    if data.startswith(b"PK"):
        return _is_npz(data) or bool(_inside(data))
    return _kind(data[:100_000]) != ""


def read(data: bytes, most: int) -> list[Part]:
    """Return the labelled images of such a file, at most so many of each part. Raises BadInput."""
    try:
        if data.startswith(b"PK"):
            found = _npz(data) if _is_npz(data) else _together(_inside(data), most)
        else:
            found = _together([("The file", data)], most)
    except NoData as error:
        raise BadInput(str(error)) from None
    except _DAMAGE as error:
        reason = (str(error) or "there is too little memory")[:200]
        raise BadInput(f"The file cannot be read ({reason}): it may be incomplete.") from None
    return [_upright(Part(part.images[:most], part.labels[:most], part.held_out)) for part in found]


def _kind(head: bytes) -> str:
    """'idx', 'csv', or '' for anything else. head: its first bytes, packed or not."""
    if head.startswith(_GZIP):
        unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            head = unpack.decompress(head, 10_000)
        except zlib.error:
            return ""
    if head.startswith(_IDX):
        return "idx"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):  # JSON
        return ""
    first = head.split(b"\n", 1)[0]
    return "csv" if first.count(b",") >= set_files.SIDE**2 - 1 else ""


def _inside(data: bytes) -> list[tuple[str, bytes]]:
    """The idx and CSV files of an archive, by name; nothing where it is none or holds other things."""
    found = []
    try:
        with zips.opened(data) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir() and "__MACOSX" not in e.filename]
            for entry in entries if len(entries) <= _FEW else []:
                if _kind(zips.content(archive, entry, 10_000)):
                    found.append((entry.filename, zips.content(archive, entry, MAX_UNPACKED)))
    except (zips.BadZip, *zips.DAMAGE):
        return []
    return found


def _is_npz(data: bytes) -> bool:
    try:
        with zips.opened(data) as archive:
            names = archive.namelist()
    except (zips.BadZip, *zips.DAMAGE):
        return False
    return bool(names) and all(name.endswith(".npy") for name in names[:_FEW])


def _npz(data: bytes) -> list[Part]:
    parts = []
    with arrays.Archive(data) as archive:
        for images, labels, held_out in _PAIRS:
            if images in archive.names and labels in archive.names:
                for name in (images, labels):
                    header = archive.header(name)
                    if header.dtype.itemsize * int(np.prod(header.shape, dtype=object)) > MAX_UNPACKED:
                        raise NoData(f"{name} unpacks to more than {MAX_UNPACKED // 10**6} MB.")
                x, y = set_files.array_of(archive, images), set_files.array_of(archive, labels, is_labels=True)
                parts.append(_paired(x, y, images, held_out))
        if not parts:
            named = ", ".join(archive.names[:20])[:200] or "nothing"
            raise NoData(
                f"The .npz file has no images with labels; it has {named}. Expected are images and labels, or "
                "x_train, y_train, x_test and y_test."
            )
    return parts


def _together(files: Sequence[tuple[str, bytes]], most: int) -> list[Part]:
    """CSV files by themselves, idx files in pairs: images and the labels of as many."""
    parts: list[Part] = []
    images: list[tuple[str, np.ndarray, int]] = []
    labels: list[tuple[str, np.ndarray, int]] = []
    for name, data in files:
        with _opened(data) as file:
            if _kind(data[:100_000]) == "csv":
                parts.append(Part(*set_files.csv_images(file, name, most + 1)))
                continue
            array, count = set_files.idx_array(file, name, most + 1)
            (images if array.ndim == 3 else labels).append((name, array, count))
    if len(images) != len(labels):
        raise NoData(_ALONE.format("images" if images else "labels"))
    for name, x, count in images:
        fits = [known for known in labels if known[2] == count]
        if not fits:
            raise NoData(f"{name} holds {count:,} images, and none of the files has as many labels.")
        # Both parts may be of one size, and come in any order.
        its = min(fits, key=lambda known: _held_out(known[0]) is not _held_out(name))
        labels.remove(its)
        parts.append(_paired(x, its[1].astype(np.int64), name, _held_out(name)))
    return parts


def _held_out(name: str) -> bool | None:
    is_test = any(word in name.lower() for word in ("t10k", "test"))
    return True if is_test else False if "train" in name.lower() else None


def _paired(images: np.ndarray, labels: np.ndarray, name: str, held_out: bool | None) -> Part:
    if len(images) != len(labels):
        raise NoData(f"{name} holds {len(images):,} images, but there are {len(labels):,} labels.")
    return Part(images, labels, held_out)


def _opened(data: bytes) -> IO[bytes]:
    return gzip.open(io.BytesIO(data)) if data.startswith(_GZIP) else io.BytesIO(data)  # type: ignore[return-value]


def _upright(part: Part) -> Part:
    """Light on dark and upright, as MNIST's lie, where so many say for sure how they do."""
    images, labels = part.images, part.labels
    known = (labels >= 0) & (labels <= 9)
    if known.sum() < _ENOUGH or len(np.unique(labels[known])) < _CLASSES:
        return part
    said = []
    if orientation.is_dark_on_light(images):
        images, said = 255 - images, ["dark on light"]
    way = orientation.way(images[known], labels[known], tuple("0123456789"))
    if way != "upright":
        images, said = np.ascontiguousarray(orientation.WAYS[way](images)), [*said, way]
    return part._replace(images=images, remark=" and ".join(said))
