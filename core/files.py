"""Reading the files that people bring: pictures and strokes, checked before anything is believed."""

import io
import json
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from core import thin_lines
from core.preprocessing import from_strokes, sketch
from core.records import DigitImage, Drawing

PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES = 10_000_000
MAX_PIXELS = 50_000_000  # a phone's largest photographs have 48 to 50 million
MIN_SIDE = 8
MAX_POINTS = 20_000  # and strokes
MAX_COORDINATE = 1e6
_WORKING_SIDE = 800  # what is left of a photograph's longer side at least

Image.MAX_IMAGE_PIXELS = None  # the check below is stricter, and says the size


class BadInput(ValueError):
    """A file that cannot be used; the text is one sentence for the person who brought it."""


def read(data: bytes) -> DigitImage | None:
    """Return what a network is given for a picture or stroke file, or None where it holds no ink.

    Raises BadInput.
    """
    return to_digit_image(open_file(data))


def to_digit_image(content: Drawing | np.ndarray) -> DigitImage | None:
    """Return what a network is given for what `open_file` returned, or None where it holds no ink."""
    if isinstance(content, Drawing):
        return from_strokes(content.strokes, brushes=content.brushes, canvas=content.canvas)
    # SciPy and scikit-image: half a second that those who draw need not wait.
    from core.pictures import from_image  # noqa: PLC0415

    return from_image(content)


def open_file(data: bytes) -> Drawing | np.ndarray:
    """Return a Drawing for a stroke file, uint8 [height, width, 3] for a picture. Raises BadInput."""
    if not data:
        raise BadInput("The file is empty.")
    if len(data) > MAX_BYTES:
        raise BadInput(f"The file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted.")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return read_drawing(data)
    return read_picture(data)


def read_picture(data: bytes, most: int = MAX_PIXELS) -> np.ndarray:
    """PNG, JPEG, WebP or GIF bytes -> uint8 [height, width, 3], upright, without transparency.

    most: pixels that are accepted. Large photographs are reduced. Raises BadInput.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=PICTURE_FORMATS)
    except (OSError, SyntaxError, ValueError, struct.error):
        raise BadInput(
            "This is not a picture or a stroke file that I can read: "
            "PNG, JPEG, WebP, GIF and JSON are accepted."
        ) from None
    width, height = image.size
    if width * height > most:
        raise BadInput(
            f"The picture has {width:,} x {height:,} pixels; "
            f"at most {most // 10**6} million pixels are accepted."
        )
    if min(width, height) < MIN_SIDE:
        raise BadInput(
            f"The picture is {width} x {height} pixels; at least {MIN_SIDE} x {MIN_SIDE} are needed."
        )
    try:
        image.draft("RGB", (_WORKING_SIDE, _WORKING_SIDE))  # a JPEG can be decoded at half its size or less
        image.load()
        image = Image.fromarray(_to_rgb(ImageOps.exif_transpose(image)))
        return np.asarray(thin_lines.shrink(image, _WORKING_SIDE))
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error):
        raise BadInput(f"The {image.format} picture is damaged or incomplete and cannot be decoded.") from None


def _to_rgb(image: Image.Image) -> np.ndarray:
    """Any mode -> uint8 [h, w, 3]; transparent places become the paper that the ink stands out from."""
    if image.mode.startswith("I"):  # 16 bits in one channel; convert() would clip it
        return np.repeat((np.asarray(image).clip(0, 65535) // 257).astype(np.uint8)[..., None], 3, axis=2)
    if "A" not in image.getbands() and "transparency" not in image.info:
        return np.asarray(image.convert("RGB"))
    image = image.convert("RGBA")
    alpha = np.asarray(image.getchannel("A"), np.float32)
    light = np.asarray(image.convert("RGB").convert("L"), np.float32)
    ink_is_light = (light * alpha).sum() > 127.5 * max(alpha.sum(), 1)
    opaque = alpha.min() >= 250
    paper = Image.new("RGBA", image.size, "black" if ink_is_light and not opaque else "white")
    return np.asarray(Image.alpha_composite(paper, image).convert("RGB"))


def read_drawing(data: bytes) -> Drawing:
    """{"strokes": [[[x, y], ...], ...], "brushes": [w, ...], "canvas": side} as JSON bytes -> Drawing.

    brushes and canvas are optional; x to the right, y down, any unit. Raises BadInput.
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise BadInput("The stroke file is not valid JSON.") from None
    return to_drawing(content)


def to_drawing(content: Any) -> Drawing:
    """What `read_drawing` reads, already parsed -> Drawing. Raises BadInput."""
    form = 'expected {"strokes": [[[x, y], ...], ...]}'
    strokes = content.get("strokes") if isinstance(content, dict) else None
    if not isinstance(strokes, list) or not all(isinstance(s, list) for s in strokes):
        raise BadInput(f"The stroke file has no list of strokes: {form}.")
    for count, what in ((len(strokes), "strokes"), (sum(map(len, strokes)), "points")):
        if count > MAX_POINTS:
            raise BadInput(f"The stroke file has {count:,} {what}; at most {MAX_POINTS:,} are accepted.")
    for number, stroke in enumerate(strokes, 1):
        for point in stroke:
            if not (isinstance(point, list) and len(point) == 2 and all(map(_is_coordinate, point))):
                raise BadInput(f"Stroke {number} has a point that is not two plain numbers: {form}.")
    canvas, brushes = content.get("canvas"), content.get("brushes")
    known = isinstance(brushes, list) and len(brushes) == len(strokes) and all(map(_is_length, brushes))
    return Drawing(
        tuple(np.array(s, np.float32) for s in strokes if s),
        tuple(float(b) for b, s in zip(brushes, strokes, strict=True) if s) if known else (),
        float(canvas) if _is_length(canvas) else None,
    )


def write_drawing(drawing: Drawing) -> bytes:
    """Drawing -> JSON bytes that `read_drawing` takes back, to a hundredth of its unit."""
    strokes = [np.round(stroke.astype(float), 2).tolist() for stroke in drawing.strokes]
    return json.dumps({"strokes": strokes, "brushes": drawing.brushes, "canvas": drawing.canvas}).encode()


def write_picture(drawing: Drawing, side: int) -> bytes:
    """Drawing -> PNG bytes of side x side pixels, black ink on white. Raises ValueError without a canvas."""
    if not drawing.canvas:
        raise ValueError("a drawing without a canvas has no place on a picture")
    zoom = side / drawing.canvas
    ink = sketch([s * zoom for s in drawing.strokes], [b * zoom for b in drawing.brushes], side)
    out = io.BytesIO()
    Image.fromarray(np.uint8(np.round(255 * (1 - ink)))).save(out, "PNG")
    return out.getvalue()


def _is_coordinate(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= MAX_COORDINATE  # false for NaN too
    )


def _is_length(value: object) -> bool:
    return isinstance(value, int | float) and _is_coordinate(value) and value > 0
