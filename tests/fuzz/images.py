"""Malformed images, and what reading one may do."""

import contextlib
import io
import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image

from core.ink import files, rgb
from core.nn import ops
from core.records import DigitImage
from tests.fuzz.checks import Fault
from tests.fuzz.mutation import Random, changed


def drawn(side: int = 64) -> Image.Image:
    pixels = np.full((side, side), 255, np.uint8)
    pixels[side // 8 : -side // 8, side // 2 - 3 : side // 2 + 3] = 20
    return Image.fromarray(pixels)


@cache
def pictures() -> tuple[bytes, ...]:
    """One image of each kind that is accepted, and some that are not quite."""
    found = []
    grey = drawn()
    wide = Image.fromarray((np.asarray(grey, np.uint32) * 257).astype(np.uint16))
    modes = [grey.convert(mode) for mode in ("L", "RGB", "RGBA", "LA", "1", "P", "CMYK", "YCbCr")]
    for image in (*modes, wide, drawn(9), drawn(28), drawn(801)):
        for form in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"):
            out = io.BytesIO()
            with contextlib.suppress(OSError, ValueError):
                image.save(out, form)
                found.append(out.getvalue())
    for form in ("GIF", "WEBP", "PNG"):
        out = io.BytesIO()
        grey.convert("RGB").save(out, form, save_all=True, append_images=[drawn().convert("RGB")] * 2)
        found.append(out.getvalue())
    out = io.BytesIO()
    about = Image.Exif()
    about[0x0112] = 6
    grey.save(out, "JPEG", exif=about)
    wide.save(clear := io.BytesIO(), "PNG", transparency=65535)
    return (*found, out.getvalue(), clear.getvalue())


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(rng: Random) -> bytes:
    """An image with changed bytes; or with a sound header that says another size, depth or kind."""
    match rng.randrange(8):
        case 0:
            sizes = (0, 1, 7, 8, 28, 340, 801, 3000, 7000, 20_000, 65_535, 2**31 - 1)
            size = rng.choice(sizes), rng.choice(sizes)
            depth, kind = rng.choice((1, 2, 4, 8, 16, 3)), rng.choice((0, 2, 3, 4, 6, 1))
            body = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, rng.choice((0, 1)))
            extra = rng.choice(
                (b"", png_chunk(b"tRNS", rng.randbytes(2)), png_chunk(b"PLTE", rng.randbytes(12)))
            )
            rows = png_chunk(b"IDAT", zlib.compress(rng.randbytes(rng.choice((0, 10, 5000)))))
            return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", body) + extra + rows + png_chunk(b"IEND", b"")
        case 1:
            screen, frame = (rng.choice((0, 1, 8, 28, 7000, 20_000, 65_535)) for _ in "ab")
            head = b"GIF89a" + struct.pack("<HHBBB", screen, frame, 0x80, 0, 0) + bytes(6)
            block = b"," + struct.pack("<HHHHB", 0, 0, frame, screen, 0) + b"\x02\x02\x44\x01\x00"
            return head + block + rng.choice((b";", b""))
        case 2:  # WebP, lossless: 14 bits of width and of height, and hardly anything behind
            bits = rng.choice((0, 7, 27, 6999, 16_383)) | rng.choice((0, 7, 27, 6999, 16_383)) << 14
            body = b"VP8L" + struct.pack("<I", 14) + b"\x2f" + struct.pack("<I", bits) + rng.randbytes(9)
            return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
        case 3:
            return rng.choice(pictures())[: rng.randrange(200)]
    return changed(rng.choice(pictures()), rng)


def read_image(data: bytes) -> None:
    """As the pages Draw, Images and Convolution read it."""
    content = files.open_file(data)
    image = files.to_digit_image(content)
    check_image(image)
    if isinstance(content, np.ndarray):
        assert np.isfinite(rgb.shrink(content)).all()
        ops.grey(content, 160)


def check_image(image: DigitImage | None) -> None:
    if image is not None:
        pixels = image.pixels
        if pixels.shape != (28, 28) or not (
            np.isfinite(pixels).all() and 0 <= pixels.min() <= pixels.max() <= 1
        ):
            raise Fault(f"an image of {pixels.shape}, {pixels.min()} to {pixels.max()}")
