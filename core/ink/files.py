"""Uploaded files, images and strokes: opened with every field checked."""

import io
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from core.ink import decoder, formats
from core.ink.decoder import MAX_PIXELS, BadInput
from core.ink.preprocessing import from_strokes, sketch
from core.records import DigitImage, Drawing, Prediction

Predict = Callable[[DigitImage], Prediction]

MAX_BYTES = 10_000_000
MAX_POINTS = 20_000  # and strokes
MAX_COORDINATE = 1e6
MIN_LENGTH = 1e-6  # of a canvas or a brush


def read(data: bytes, predict: Predict | None = None) -> DigitImage | None:
    """Return what a network is given for an image or stroke file, or None where it holds no ink.

    predict: as for `to_digit_image`. Raises BadInput.
    """
    return to_digit_image(open_file(data), predict)


def to_digit_image(content: Drawing | np.ndarray, predict: Predict | None = None) -> DigitImage | None:
    """Return what a network is given for what `open_file` returned, or None where it holds no ink.

    predict: a network's `predict`, which says where in a photograph there is a digit; a drawing needs none.
    """
    if isinstance(content, Drawing):
        return from_strokes(content.strokes, brushes=content.brushes, canvas=content.canvas)
    # SciPy and scikit-image: half a second that those who draw need not wait.
    from core.ink.photograph import from_image  # noqa: PLC0415

    return from_image(content, predict)


def open_file(data: bytes) -> Drawing | np.ndarray:
    """Return a Drawing for a stroke file, uint8 [height, width, 3] for an image. Raises BadInput."""
    if not data:
        raise BadInput("The file is empty.")
    check_length(len(data))
    kind = formats.of(data)
    if kind == formats.JSON:
        return read_drawing(data)
    if kind not in decoder.FORMATS:
        raise BadInput(
            f"This is {kind}, not a picture or a stroke file that I can read: "
            "PNG, JPEG, WebP, GIF and JSON are accepted."
        )
    return decoder.read(data, kind)


def reduced(data: bytes, pixels: np.ndarray) -> float:
    """Return how many times as large an image was in its file as it is in what `open_file` made of it."""
    found = decoder.size(data, formats.of(data))
    return max(found) / max(pixels.shape[:2]) if found else 1.0


def check_length(count: int) -> None:
    """Raise BadInput where a file has more bytes than are accepted."""
    if count > MAX_BYTES:
        raise BadInput(f"The file has {count / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted.")


def read_image(data: bytes, limit: int = MAX_PIXELS) -> np.ndarray:
    """PNG, JPEG, WebP or GIF bytes -> uint8 [height, width, 3], upright, without transparency.

    limit: pixels that are accepted. Large photographs are reduced. Raises BadInput.
    """
    kind = formats.of(data)
    if kind not in decoder.FORMATS:
        raise BadInput(f"This is {kind}, not a picture that I can read: PNG, JPEG, WebP and GIF are accepted.")
    return decoder.read(data, kind, limit)


def read_drawing(data: bytes) -> Drawing:
    """{"strokes": [[[x, y], ...], ...], "brushes": [w, ...], "canvas": side} as JSON bytes -> Drawing.

    brushes and canvas are optional; x to the right, y down, any unit. Raises BadInput.
    """
    # More lists than strokes and points can be: parsed elsewhere, since Python's parser lets nobody else work.
    if data.count(b"[") > 2 * MAX_POINTS + 1:
        data = decoder.in_subprocess(data, "JSON")
    return to_drawing(_parse(data))


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise BadInput("The stroke file is not valid JSON.") from None


def slimmed(data: bytes) -> bytes:
    """Return a stroke file without what `read_drawing` does not look at. Raises BadInput."""
    content = _parse(data)
    to_drawing(content)
    return json.dumps({key: content.get(key) for key in ("strokes", "brushes", "canvas")}).encode()


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
    drawn = tuple(np.array(s, np.float32) for s in strokes if s)
    canvas = _canvas(content.get("canvas"), drawn)
    brushes = content.get("brushes")
    known = isinstance(brushes, list) and len(brushes) == len(strokes) and all(map(_is_length, brushes))
    if not known or (canvas and max(brushes, default=0) > canvas):
        return Drawing(drawn, (), canvas)
    return Drawing(drawn, tuple(float(b) for b, s in zip(brushes, strokes, strict=True) if s), canvas)


def _canvas(side: object, strokes: tuple[np.ndarray, ...]) -> float | None:
    """Return the canvas's side; None where it is unknown, or cannot be what these strokes were drawn on."""
    if not _is_length(side):
        return None
    side = float(side)  # type: ignore[arg-type]
    points = np.concatenate(strokes) if strokes else np.zeros(1)
    # A pen may leave the canvas, but not by more than its side.
    return side if -side <= points.min() and points.max() <= 2 * side else None


def write_drawing(drawing: Drawing) -> bytes:
    """Drawing -> JSON bytes that `read_drawing` takes back, to a hundredth of its unit, or finer."""
    extent = float(np.ptp(np.concatenate(drawing.strokes), axis=0).max()) if drawing.strokes else 0
    digits = 2 if extent == 0 else min(max(2, 4 - math.floor(math.log10(extent))), 20)
    strokes = [np.round(stroke.astype(float), digits).tolist() for stroke in drawing.strokes]
    return json.dumps({"strokes": strokes, "brushes": drawing.brushes, "canvas": drawing.canvas}).encode()


def write_image(drawing: Drawing, side: int) -> bytes:
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
    return isinstance(value, int | float) and _is_coordinate(value) and value >= MIN_LENGTH
