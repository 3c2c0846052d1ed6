"""Decoding of image files, with bounded memory and time whatever the file declares.

A header of a few bytes can ask for gigabytes, and a decoder may allocate them, or work for minutes, before
anything can be checked. So the size is read from the header here first; and what is large, or made of many
scans, is decoded by a process of its own, `python -m core.ink.decoder`, with limits on memory and time: other
visitors do not wait for it.
"""

import io
import json
import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from core.ink import thin_lines

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
PROGRESSIVE_CMYK = "JPEG, progressive, of four channels"
MOSTLY_OPAQUE = 0.6  # of the image: what is there is paper, and not ink alone
MAX_PIXELS = 50_000_000  # a phone's largest photographs have 48 to 50 million
# Formats that take more memory for each pixel: WebP 16 bytes, progressive JPEGs 2 for each channel besides.
MAX_PIXELS_OF = {"WEBP": (13_000_000, "WebP"), PROGRESSIVE_CMYK: (36_000_000, "progressive JPEG in CMYK")}
MIN_SIDE = 8
SIDE = 800  # what is left of an image's longer side
MAX_MEMORY = 360_000_000  # bytes that decoding may take, beside Python's own
SECONDS = 10  # of computing, for one image

_IN_PROCESS = 1_000_000  # pixels that are decoded in this process: it takes a few milliseconds
_MAX_SCANS = 16  # of a JPEG that is; usual are 1, or 10 in a progressive one, and as many in its preview
_ORIENTATION = 0x0112  # EXIF's number for it
_MAX_FRAMES = 20  # of an animation that are looked at for one that shows something
_DRAFT = 4_000_000  # pixels from which on a JPEG is decoded at half its size or less
_ROOT = Path(__file__).parents[2]
_REFUSED = 3  # the process's exit code when it prints a sentence
_thread = threading.local()  # of each thread: seconds `in_subprocess`
_slots = threading.BoundedSemaphore(2)  # processes at once: one for each of an ordinary computer's cores

# What the decoders raise for damaged files.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, struct.error, zlib.error)

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # a second line behind `size`


class BadInput(ValueError):
    """A file that cannot be used; the text is one sentence for the person who brought it."""


def read(data: bytes, kind: str, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Bytes of one of FORMATS -> uint8 [height, width, 3], upright, without transparency, at most SIDE long.

    max_pixels: pixels that are accepted. The peak of memory is under 400 MB. Raises BadInput.
    """
    frames = _jpeg_frames(data) if kind == "JPEG" else []
    baseline = bool(frames) and all(marker in (0xC0, 0xC1) for marker, _ in frames)
    demanding = not baseline and any(data[at + 9 : at + 10] == b"\4" for _, at in frames)
    width, height = _checked(size(data, kind), kind, PROGRESSIVE_CMYK if demanding else kind, max_pixels)
    if (width * height <= _IN_PROCESS or baseline) and data.count(b"\xff\xda") <= _MAX_SCANS:
        return decode(data, kind, max_pixels)
    line, _, pixels = in_subprocess(data, kind, max_pixels).partition(b"\n")
    return np.frombuffer(pixels, np.uint8).reshape(json.loads(line))


def _checked(found: tuple[int, int] | None, kind: str, variety: str, max_pixels: int) -> tuple[int, int]:
    """Return the size, if it is one that is accepted. Raises BadInput."""
    if found is None:
        raise _damaged(kind)
    width, height = found
    max_of_kind, words = MAX_PIXELS_OF.get(variety, (MAX_PIXELS, kind))
    if width * height > min(max_pixels, max_of_kind):
        where = f" in a {words}" if max_of_kind < max_pixels else ""
        raise BadInput(
            f"The picture has {width:,} x {height:,} pixels; "
            f"at most {min(max_pixels, max_of_kind) // 10**6} million pixels are accepted{where}."
        )
    if min(width, height) < MIN_SIDE:
        raise BadInput(
            f"The picture is {width:,} x {height:,} pixels; at least {MIN_SIDE} x {MIN_SIDE} are needed."
        )
    if max(width, height) > SIDE and min(width, height) * SIDE < MIN_SIDE * max(width, height):
        raise BadInput(
            f"The picture is {width:,} x {height:,} pixels; "
            f"its longer side can be at most {SIDE // MIN_SIDE} times the shorter one."
        )
    return width, height


def _damaged(kind: str) -> BadInput:
    return BadInput(f"The {kind} picture is damaged or incomplete and cannot be decoded.")


def size(data: bytes, kind: str) -> tuple[int, int] | None:
    """Return the width and height that a decoder of `kind` would make room for, or None for a broken header."""
    with suppress(struct.error, IndexError):
        return _SIZES[kind](data)
    return None


def _png_size(data: bytes) -> tuple[int, int]:
    return struct.unpack(">II", data[16:24])


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """The largest of all that its header says: which one counts, decoders do not agree on."""
    found = [struct.unpack(">HH", data[at + 5 : at + 9])[::-1] for _, at in _jpeg_frames(data)]
    return max(found, key=lambda s: s[0] * s[1], default=None)


def _jpeg_frames(data: bytes) -> list[tuple[int, int]]:
    """Return (kind, place) of each start of a frame before the first scan: 0xC0 baseline, 0xC2 progressive."""
    at = 2
    found: list[tuple[int, int]] = []
    while at + 4 <= len(data) and len(found) < 100:
        if data[at] != 0xFF:
            at = data.find(b"\xff", at)  # as decoders do
            if at < 0:
                break
            continue
        marker = data[at + 1]
        if marker == 0xDA:
            break
        if marker in (0, 1, 0xFF) or 0xD0 <= marker <= 0xD9:  # without a length
            at += 1 if marker == 0xFF else 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            found.append((marker, at))
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return found


def _webp_size(data: bytes) -> tuple[int, int] | None:
    match data[12:16]:
        case b"VP8X":
            return tuple(1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))  # type: ignore
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack("<HH", data[26:30])
            return width & 0x3FFF, height & 0x3FFF
    return None


def _gif_size(data: bytes) -> tuple[int, int]:
    """The screen's, or what the first frames need beyond it."""
    width, height, flags = struct.unpack("<HHB", data[6:11])
    at, frames = 13 + _colours(flags), 0
    while at < len(data) and frames <= _MAX_FRAMES:
        if data[at] == 0x2C:
            left, top, wide, high, flags = struct.unpack("<HHHHB", data[at + 1 : at + 10])
            width, height = max(width, left + wide), max(height, top + high)
            at, frames = at + 11 + _colours(flags), frames + 1
        elif data[at] == 0x21:
            at += 2
        else:  # decoders look for the next block
            at += 1
            continue
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return width, height


def _colours(flags: int) -> int:
    """Bytes of a GIF's table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


_SIZES: dict[str, Callable[[bytes], tuple[int, int] | None]] = {
    "PNG": _png_size,
    "JPEG": _jpeg_size,
    "WEBP": _webp_size,
    "GIF": _gif_size,
}


def decode(data: bytes, kind: str, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """What `read` does, in this process, once the header's size is known to be acceptable."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            _checked(image.size, kind, kind, max_pixels)  # before anything is loaded
            if image.width * image.height > _DRAFT:
                image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a thin line outlasts one halving
            image.load()
            turn = _turn(image)
            if kind != "JPEG" and image.width * image.height <= _DRAFT:
                _find_frame(image)
            small = thin_lines.shrink(image, SIDE, _to_rgb(image))
    except BadInput:
        raise
    except (*_DAMAGE, Image.DecompressionBombError):
        raise _damaged(kind) from None
    upright = Image.fromarray(np.asarray(small))  # without the file's own words about itself
    upright.getexif()[_ORIENTATION] = turn
    return np.asarray(ImageOps.exif_transpose(upright))


def _turn(image: Image.Image) -> int:
    """How it has to be turned, as EXIF says it: 1..8; 1, not at all, where that cannot be read."""
    with suppress(*_DAMAGE):
        found = image.getexif().get(_ORIENTATION, 1)
        return found if found in range(1, 9) else 1
    return 1


def _find_frame(image: Image.Image) -> None:
    """Go to the first frame of an animation that is not one colour all over, if there is one."""
    if not getattr(image, "is_animated", False):
        return
    with suppress(EOFError):
        for number in range(1, _MAX_FRAMES):
            if np.ptp(np.asarray(image.convert("RGBA")), axis=(0, 1)).any():
                return
            image.seek(number)
            image.load()


def _to_rgb(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return what makes RGB of a part of this image.

    Transparent places become the paper that the ink stands out from: around a cut-out photograph, its own.
    """
    if image.mode.startswith(("I", "F")):
        return _from_16_bits(image)
    if "A" not in image.getbands() and "a" not in image.getbands() and "transparency" not in image.info:
        return lambda part: part.convert("RGB")
    some = image.resize((min(image.width, 2000), min(image.height, 2000)), Image.Resampling.NEAREST).convert(
        "RGBA"
    )
    alpha = np.asarray(some.getchannel("A"), np.float32)
    colour: str | tuple[int, ...]
    if alpha.mean() > MOSTLY_OPAQUE * 255:
        usual = np.median(np.asarray(some.convert("RGB"))[alpha > 127][::16], axis=0)
        colour = tuple(int(n) for n in usual)
    else:
        light = np.asarray(some.convert("RGB").convert("L"), np.float32)
        ink_is_light = (light * alpha).sum() > 127.5 * max(alpha.sum(), 1)
        colour = "black" if ink_is_light and alpha.min() < 250 else "white"

    def on_paper(part: Image.Image) -> Image.Image:
        part.info |= {k: v for k, v in image.info.items() if k == "transparency"}
        part = part.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", part.size, colour), part).convert("RGB")

    return on_paper


def _from_16_bits(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """One channel of 16 bits: what uses less than a quarter of them is stretched to what it uses."""
    low, high = (float(value) for value in image.getextrema())  # type: ignore[arg-type]
    low, high = max(low, 0.0), min(high, 65535.0)
    if not high - low < 16384:
        low, high = 0.0, 65535.0
    elif high - low < 64:  # nothing that could be told from noise
        low, high = 0.0, max(high, 255.0)

    def stretched(part: Image.Image) -> Image.Image:
        grey = (np.asarray(part).astype(np.float32) - low) * (255 / (high - low))
        return Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB")

    return stretched


def in_subprocess(data: bytes, kind: str, max_pixels: int = MAX_PIXELS) -> bytes:
    """Return what the process writes: see `_main`. Raises BadInput."""
    busy = f"The {kind} file cannot be read within {6 * SECONDS} seconds: the computer is too busy."
    try:
        with _slots, _counted():
            done = subprocess.run(
                [sys.executable, "-m", "core.ink.decoder", kind, str(max_pixels)],
                input=data,
                capture_output=True,
                timeout=6 * SECONDS,
                cwd=_ROOT,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # each thread would count against MAX_MEMORY
                check=False,
            )
    except subprocess.TimeoutExpired:
        raise BadInput(busy) from None
    if done.returncode == _REFUSED:
        raise BadInput(done.stdout.decode())
    if done.returncode:
        raise BadInput(
            f"The {kind} file cannot be read: it is damaged, or would take more than {SECONDS} seconds "
            f"or {MAX_MEMORY // 10**6} MB."
        )
    return done.stdout


def seconds() -> float:
    """Return the time of computing that this thread has taken so far, with that of its processes."""
    return time.thread_time() + getattr(_thread, "in_subprocess", 0.0)


@contextmanager
def _counted() -> Iterator[None]:
    """Count what a process of this thread computes: all the time until it ends, but not above its limit."""
    began = time.monotonic()
    try:
        yield
    finally:
        _thread.in_subprocess = getattr(_thread, "in_subprocess", 0.0) + min(time.monotonic() - began, SECONDS)


def _limit() -> None:
    """Bound this process's memory, beyond what it has by now, and its time."""
    with suppress(ImportError, ValueError, OSError):  # Windows and macOS set no such limit
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
        memory = MAX_MEMORY + pages * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _main(kind: str, max_pixels: str) -> None:
    """Be the process: stdin is the file.

    stdout becomes a line with the pixels' shape, and the pixels; of a stroke file as much as is needed of it.
    """
    data = sys.stdin.buffer.read()
    try:
        _limit()
        if kind == "JSON":
            from core.ink import files  # noqa: PLC0415

            result = files.slimmed(data)
        else:
            pixels = decode(data, kind, int(max_pixels))
            result = json.dumps(pixels.shape).encode() + b"\n" + pixels.tobytes()
    except ValueError as error:  # BadInput, under two names: this file is a program here, too
        if type(error).__name__ != BadInput.__name__:
            raise
        sys.stdout.buffer.write(str(error).encode())
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(result)


if __name__ == "__main__":
    _main(*sys.argv[1:])
