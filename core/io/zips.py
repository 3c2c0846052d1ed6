"""Zip archives that somebody brings: opened and unpacked with bounds, whatever they declare.

Called by `core.data.labelled_files`, `core.io.arrays`, `core.models.keras_import` and
`core.storage.exchange_zip`.
"""

import io
import struct
import zipfile
import zlib
from pathlib import Path

# What zipfile raises for archives that were made to confuse it: names without a letter, sizes below 0 ...
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # NotImplementedError, too
    OverflowError,
    LookupError,
    MemoryError,
)


class BadZip(ValueError):
    """An archive, or what is in it, cannot be unpacked; the text goes on where "The archive" begins."""


def opened(source: Path | bytes) -> zipfile.ZipFile:
    """Return the archive that is at a path, or that these bytes are. Raises BadZip; OSError for the path."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    try:
        return zipfile.ZipFile(file)
    except DAMAGE:
        file.close()
        raise BadZip("is damaged or incomplete and cannot be unpacked") from None


def content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | str, limit: int) -> bytes:
    """Return what is in an entry, at most `limit` bytes of it and one, whatever it declares. Raises BadZip."""
    try:
        entry = archive.getinfo(entry) if isinstance(entry, str) else entry
        refuse_unusual(entry)
        with archive.open(entry) as file:
            return file.read(limit + 1)
    except BadZip:
        raise
    except DAMAGE:
        raise BadZip("is damaged or incomplete and cannot be unpacked") from None


def refuse_unusual(entry: zipfile.ZipInfo) -> None:
    """Raise BadZip for what is encrypted, or packed by anything but deflate."""
    if entry.flag_bits & 1:
        raise BadZip("is encrypted; accepted are archives without a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadZip("is packed in an unusual way; accepted are stored and deflated files")
