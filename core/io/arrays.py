"""Named NumPy arrays <-> .npz bytes, without pickles: nothing is read before its type and size are known."""

import io
import tokenize
import warnings
from math import prod
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

import numpy as np
from numpy.lib import format as npy

from core.io import zips
from core.io.zips import BadZip

MAX_HEADER = 10_000  # characters; NumPy writes 118
MAX_ARRAYS = 10_000
_CHUNK = 1 << 20
# What NumPy raises for headers that were made to confuse it.
_CONFUSED = (*zips.DAMAGE, SyntaxError, TypeError, AttributeError, tokenize.TokenError)


class BadArrays(ValueError):
    """What should be arrays cannot be read as such; the text is half a sentence that says why."""


class Header(NamedTuple):
    """What an array says of itself. length: bytes of the header. by_columns: in Fortran's order."""

    dtype: np.dtype
    shape: tuple[int, ...]
    by_columns: bool
    length: int


class Archive:
    """An .npz file, to be used with `with`. Every method raises BadArrays.

    source: its path, for which OSError is raised too, or its bytes.
    """

    def __init__(self, source: Path | bytes):
        try:
            self._zip = zips.opened(source)
        except BadZip as error:
            raise BadArrays(f"it {error}") from None
        entries = self._zip.infolist()
        self._entries = {entry.filename.removesuffix(".npy"): entry for entry in entries[:MAX_ARRAYS]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    @property
    def bytes(self) -> int:
        """Return how many bytes all entries have, unpacked, as they say."""
        return sum(max(entry.file_size, 0) for entry in self._entries.values())

    def header(self, name: str) -> Header:
        """Return what an array says of itself; none of its numbers is read."""
        return self._opened(name)[0]

    def array(self, name: str) -> np.ndarray:
        """Return an array, for which there is memory where the entry is as long as its header says."""
        header, file = self._opened(name)
        size = header.dtype.itemsize * prod(header.shape)
        if header.length + size != self._entries[name].file_size:
            raise BadArrays(f"{name} is not as long as {header.dtype} {list(header.shape)} would be")
        try:
            numbers = np.empty(size, np.uint8)
            with file:
                for at in range(0, size, _CHUNK):
                    numbers[at : at + _CHUNK] = np.frombuffer(file.read(min(_CHUNK, size - at)), np.uint8)
                if file.read(1):  # and with it, zipfile compares the checksum
                    raise BadArrays(f"{name} is longer than it says")
            return numbers.view(header.dtype).reshape(header.shape, order="F" if header.by_columns else "C")
        except BadArrays:
            raise
        except zips.DAMAGE:
            raise BadArrays(f"{name} is damaged and cannot be unpacked") from None

    def _opened(self, name: str) -> tuple[Header, IO[Any]]:
        if (entry := self._entries.get(name)) is None:
            raise BadArrays(f"it has no array {name}")
        try:
            zips.refuse_unusual(entry)
            file = self._zip.open(entry)
            return _header(file), file
        except BadZip as error:
            raise BadArrays(f"{name} {error}") from None
        except _CONFUSED:
            raise BadArrays(f"{name} does not begin as an array of plain numbers") from None


def _header(file: IO[Any]) -> Header:
    """Read what stands before the numbers. Raises any of _CONFUSED."""
    version = npy.read_magic(file)
    reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an array that Python 2 has written
        shape, by_columns, dtype = reader(file, max_header_size=MAX_HEADER)
    if dtype.hasobject or dtype.names or dtype.subdtype or dtype.kind not in "biufUS" or not dtype.itemsize:
        raise ValueError(dtype)
    if not all(type(side) is int and 0 <= side < 2**63 for side in shape) or len(shape) > 32:
        raise ValueError(shape)
    return Header(dtype, shape, by_columns, file.tell())


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """Return the arrays as the bytes of an uncompressed .npz file; names may hold slashes."""
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)  # type: ignore[arg-type]
    return out.getvalue()


def unpack(data: bytes) -> dict[str, np.ndarray]:
    """Return what `pack` was given. Raises BadArrays for anything else, and what would need unpickling."""
    with Archive(data) as archive:
        if archive.bytes > len(data):
            raise BadArrays(f"it unpacks to {archive.bytes:,} bytes, of which it has {len(data):,}")
        return {name: archive.array(name) for name in archive.names}
