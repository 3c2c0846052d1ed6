"""Files as bytes: whole, and as no program would write them."""

import io
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image

from core.ink import files
from core.records import Drawing
from tests import shapes


def npz(header: bytes, body: bytes = b"", **more: np.ndarray) -> bytes:
    """An .npz file whose first array, x_train, has this header, as it is."""
    file = io.BytesIO()
    np.savez(file, **more)
    with zipfile.ZipFile(file, "a") as archive:
        start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little")
        archive.writestr("x_train.npy", start + header + body)
    return file.getvalue()


def header(descr: str = "'|u1'", shape: str = "(3,)", more: str = "") -> bytes:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}{more}, }}\n".encode()


def as_idx(array: np.ndarray) -> bytes:
    """The IDX format: two zeros, 8 for unsigned bytes, the number of axes, their lengths, the data."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def archive(entries: dict[str, bytes], packing=zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return out.getvalue()


def drawing(digit=3):
    strokes = tuple(shapes.strokes(digit))
    return Drawing(strokes, (18.0,) * len(strokes), 340)


def picture(digit=3) -> Image.Image:
    return Image.open(io.BytesIO(files.write_image(drawing(digit), 340)))


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )
