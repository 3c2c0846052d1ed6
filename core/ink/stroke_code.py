"""A drawing as a short text that fits into an address, and back.

    >>> encode(drawing)                                    # some hundred characters
    'AQEc...'
    >>> decode(_)
    Drawing(...)

Half pixels of a canvas of 560, each point told by how far it lies from the one before: one byte a coordinate
where that is less than 32 pixels. Points that lie on the line between others are left out.

Called by `ui.state.link_values` and `ui.state.links`.
"""

import base64
import binascii
import re
from collections.abc import Iterator

import numpy as np

from core.ink.decoder import BadInput
from core.records import Drawing

SIDE = 560  # pixels of the canvas that it is told on
MAX_LENGTH = 3000  # characters: browsers and proxies take addresses of 8,000
MAX_STROKES = 200
_FINE = 2  # steps a pixel
_VERSION = 1
_BRUSH = (1, 255)  # pixels
_TOLERANCES = (0.3, 0.6, 1.2, 2.4, 5.0, 10.0, 20.0)  # pixels, until it is short enough
_FROM_CANVAS = "expected what 'Copy link' has made"


def encode(drawing: Drawing) -> str:
    """Return the text, of letters, digits, - and _; '' where there are no strokes.

    The longer a drawing, the more of its points are left out; what is too much even so raises BadInput.
    """
    if not drawing.strokes:
        return ""
    strokes, brushes = _on_canvas(drawing)
    for tolerance in _TOLERANCES:
        text = _write([_simplified(stroke, tolerance) for stroke in strokes], brushes)
        if len(text) <= MAX_LENGTH and len(strokes) <= MAX_STROKES:
            return text
    raise BadInput(
        f"This drawing of {len(strokes):,} strokes is too much for a link: {MAX_STROKES} strokes are the most, "
        f"and {MAX_LENGTH:,} characters; save it as a file instead."
    )


def decode(text: str) -> Drawing:
    """Return what `encode` was given, to half a pixel, on a canvas of SIDE. Raises BadInput for all else."""
    if len(text) > MAX_LENGTH:
        raise BadInput(f"it has {len(text):,} characters, and {MAX_LENGTH:,} are the most")
    try:
        if not re.fullmatch(r"[\w-]*", text, re.ASCII):
            raise ValueError
        numbers = _numbers(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        version, strokes = next(numbers), next(numbers)
        if version != _VERSION or not 0 < strokes <= MAX_STROKES:
            raise ValueError
        found = [_read_stroke(numbers) for _ in range(strokes)]
        if next(numbers, None) is not None:
            raise ValueError
    except (ValueError, binascii.Error, StopIteration):
        raise BadInput(f"it is damaged or no drawing: {_FROM_CANVAS}") from None
    return Drawing(tuple(points for points, _ in found), tuple(brush for _, brush in found), float(SIDE))


def _on_canvas(drawing: Drawing) -> tuple[list[np.ndarray], list[float]]:
    """Strokes float [n, 2] in pixels of a canvas of SIDE, and the pen's width of each."""
    scale = SIDE / drawing.canvas if drawing.canvas else 1.0
    strokes = [np.clip(np.asarray(stroke, float) * scale, 0, SIDE) for stroke in drawing.strokes]
    brushes = [brush * scale for brush in drawing.brushes] or [28.0] * len(strokes)
    return strokes, [min(max(round(b), _BRUSH[0]), _BRUSH[1]) for b in brushes]


def _simplified(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Ramer, Douglas and Peucker: leave out what lies nearer than this to the line between those that stay."""
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        a, b = points[first], points[last]
        length = float(((b - a) ** 2).sum())
        between = points[first + 1 : last]
        along = np.clip((between - a) @ (b - a) / length, 0, 1) if length else np.zeros(len(between))
        away = np.linalg.norm(between - a - along[:, None] * (b - a), axis=1)
        furthest = int(away.argmax())
        if away[furthest] > tolerance:
            place = first + 1 + furthest
            keep[place] = True
            parts += [(first, place), (place, last)]
    return points[keep]


def _write(strokes: list[np.ndarray], brushes: list[float]) -> str:
    numbers = [_VERSION, len(strokes)]
    for points, brush in zip(strokes, brushes, strict=True):
        steps = np.rint(points * _FINE).astype(int)
        moves = np.diff(steps, axis=0, prepend=np.zeros((1, 2), int)).ravel().tolist()
        numbers += [int(brush), len(steps), *(2 * n if n >= 0 else -2 * n - 1 for n in moves)]
    return base64.urlsafe_b64encode(b"".join(map(_varint, numbers))).decode().rstrip("=")


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last have their highest bit set."""
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _numbers(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield number
            number = shift = 0
        elif shift > 21:  # none of ours is that large
            raise ValueError
    if shift:
        raise ValueError


def _read_stroke(numbers: Iterator[int]) -> tuple[np.ndarray, float]:
    brush, count = next(numbers), next(numbers)
    if not (_BRUSH[0] <= brush <= _BRUSH[1] and 0 < count <= MAX_LENGTH):
        raise ValueError
    moves = [next(numbers) for _ in range(2 * count)]
    signed = [n // 2 if n % 2 == 0 else -(n + 1) // 2 for n in moves]
    points = np.array(signed, int).reshape(-1, 2).cumsum(0) / _FINE
    if points.min() < 0 or points.max() > SIDE:
        raise ValueError
    return points.astype(np.float32), float(brush)
