"""Labelled drawings as JSON, with all that is kept of them.

{"drawings": [{"label": 7, "strokes": [[[x, y], ...], ...], "brushes": [...], "canvas": 328, "pixels": base64 of
28 x 28 bytes, row by row, 0 = paper, 255 = ink, "created": "2026-01-31T12:00:00+00:00", "predicted": 1,
"certainty": 0.87, "network": "...", "held_back": false}, ...]}. A label and strokes, or a label and pixels,
suffice. (`certainty` and `held_back` are `confidence` and `held_out` of `StoredDrawing`; files keep the names
that they began with.)

Called by `core.rooms.export`, `core.storage.exchange` and `ui.sections.digit_files`.
"""

import base64
import binascii
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from core.ink import files
from core.ink.files import BadInput
from core.ink.preprocessing import SIZE
from core.io import json_items
from core.records import StoredDrawing
from core.storage import exchange_bounds as bounds
from core.storage import exchange_entries as entries
from core.words import printable

HEAD = '{"format": "digit-lab drawings", "version": 1, "drawings": [\n'
BESIDES = 2000  # characters at most of a drawing without its strokes; 1,300 are usual
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)


def write(stored: Iterable[StoredDrawing]) -> bytes:
    """Return all that is kept of these drawings, but for who drew them."""
    return (HEAD + ",\n".join(map(_content, stored)) + "\n]}\n").encode()


def _content(drawing: StoredDrawing) -> str:
    about = {
        "label": drawing.label,
        "held_back": drawing.held_out,
        "created": drawing.created.isoformat(timespec="seconds"),
        "predicted": drawing.predicted,
        "certainty": drawing.confidence,
        "network": drawing.network,
        "pixels": base64.b64encode(drawing.pixels.tobytes()).decode(),
    }
    # The strokes are JSON already, and most of it.
    return json.dumps(about) if not drawing.strokes else f"{json.dumps(about)[:-1]}, {drawing.strokes[1:]}"


def read(data: bytes, visitor: str) -> entries.Found:
    """Yield what is in a file, one drawing after the other. Raises BadInput where it lists none."""
    number = taken = 0
    try:
        for number, (fraction, content) in enumerate(json_items.read(data, "drawings"), 1):
            if taken == bounds.MAX_TAKEN or number > bounds.MAX_ENTRIES:
                yield 1.0, f"all from drawing {number} on", bounds.TOO_MANY
                return
            item = entries.or_why_not(lambda: _drawing(content, visitor))  # noqa: B023
            taken += isinstance(item, StoredDrawing)
            yield fraction, f"drawing {number}", item
    except json_items.NotJson as error:
        if not number:
            raise BadInput("The file is not valid JSON.") from None
        yield 1.0, f"drawing {number + 1}", str(error)
    except KeyError:
        raise BadInput(
            'The file lists no drawings: expected {"drawings": [{"label": 7, "strokes": ...}]}.'
        ) from None


def _drawing(item: Any, visitor: str) -> StoredDrawing:
    """Return the drawing that one entry of a JSON file describes. Raises BadInput."""
    if not isinstance(item, dict):
        raise BadInput("This is no drawing: expected a label with strokes or pixels.")
    label: Any = item.get("label")
    if not entries.is_digit(label):
        raise BadInput(f"Its label is {str(label)[:40]!r}; accepted are the numbers 0 to 9.")
    drawing = files.to_drawing(item) if item.get("strokes") else None
    pixels = _pixels(item["pixels"]) if item.get("pixels") is not None else entries.pixels(drawing)
    confidence = item.get("certainty")
    return StoredDrawing(
        label=label,
        pixels=pixels,
        strokes=files.write_drawing(drawing).decode() if drawing and drawing.strokes else "",
        visitor=visitor,
        created=_moment(item.get("created")),
        predicted=item["predicted"] if entries.is_digit(item.get("predicted")) else None,
        confidence=float(confidence) if isinstance(confidence, int | float) and 0 <= confidence <= 1 else None,
        network=printable(item.get("network")),
        held_out=item["held_back"] if isinstance(item.get("held_back"), bool) else None,
    )


def _pixels(text: Any) -> np.ndarray:
    form = f"expected are {SIZE} x {SIZE} bytes as base64"
    try:
        data = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise BadInput(f"Its pixels cannot be read: {form}.") from None
    if len(data) != SIZE * SIZE:
        raise BadInput(f"Its pixels are {len(data):,} bytes: {form}.")
    return entries.with_ink(np.frombuffer(data, np.uint8).reshape(SIZE, SIZE))


def _moment(text: Any) -> datetime:
    """When it was drawn, or now where that is not said, or cannot be."""
    now = datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return now
    return found if _FIRST_DAY <= found <= now else now
