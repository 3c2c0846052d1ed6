"""Labelled drawings that people bring as files, whatever form these have.

JSON and zip archives of images, as they are written here, see `exchange_json` and `exchange_zip`. Labelled
digits of 28 x 28 as data sets have them, idx, .npz and Kaggle's CSV, are taken, too, as they are.

What people bring is read with bounds, and nothing is ever written to the disk under a name from an archive.

Called by `core.runs.drawing_imports` and `ui.sections.digit_files`.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from core.data import labelled_files
from core.ink import decoder, files
from core.ink.files import BadInput
from core.records import Import, StoredDrawing
from core.storage import exchange_bounds as bounds
from core.storage import exchange_entries as entries
from core.storage import exchange_json, exchange_zip
from core.words import printable


def parts(sizes: Sequence[int]) -> list[slice]:
    """Divide drawings among files that `read` takes back whole. sizes: the characters of each one's strokes."""
    found, first, total = [], 0, len(exchange_json.HEAD)
    for number, size in enumerate(sizes):
        total += size + exchange_json.BESIDES
        if total > bounds.MAX_BYTES or number - first == bounds.MAX_TAKEN:
            found.append(slice(first, number))
            first, total = number, len(exchange_json.HEAD) + size + exchange_json.BESIDES
    return [*found, slice(first, len(sizes))]


def read(
    data: bytes,
    visitor: str,
    known: Iterable[tuple[int, bytes]] = (),
    on_progress: Callable[[float], object] = lambda fraction: None,
    *,
    counts: str = "",
    predict: files.Predict | None = None,
) -> Import:
    """Return what is good in a JSON file or a zip archive, and what is not.

    visitor: whose drawings they become. known: as from `drawings.known`, so that nothing comes twice.
    on_progress: is given the fraction that is done, 0..1, as it grows; what it raises ends the reading.
    counts: which part of a name counts where its parts contradict, one of the question's choices.
    predict: as for `files.to_digit_image`.
    Raises BadInput for other files, exchange_zip.Unclear where that has to be asked first.
    """
    if len(data) > bounds.MAX_BYTES:
        raise BadInput(
            f"The file has {len(data) / 1e6:.1f} MB; at most {bounds.MAX_BYTES / 1e6:.0f} MB are accepted."
        )
    remark: list[str] = []
    found = _found(data, visitor, remark, counts, predict)
    seen, already = set(known), 0
    good: list[StoredDrawing] = []
    refused: list[tuple[str, str]] = []
    for fraction, name, item in _in_time(found):
        on_progress(fraction)
        if isinstance(item, str):
            refused.append((name, item))
            continue
        key = (item.label, item.pixels.tobytes())
        if key in seen:
            already += 1
        else:
            seen.add(key)
            good.append(item)
    return Import(tuple(good), tuple(refused), already, " ".join(remark))


def _found(
    data: bytes, visitor: str, remark: list[str], counts: str, predict: files.Predict | None
) -> entries.Found:
    """What is in a file, by the form that its first bytes say it has. remark: as in `_from_set`."""
    if labelled_files.is_one(data):
        return _from_set(data, visitor, remark)
    if data.startswith(b"PK"):
        return exchange_zip.read(data, visitor, counts, predict)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return exchange_json.read(data, visitor)
    raise BadInput(
        "This is neither JSON nor a zip archive of pictures, nor an idx, .npz or CSV file of 28 x 28 "
        "numbers each, which are what is accepted."
    )


def together(contents: Sequence[tuple[str, bytes]]) -> bytes:
    """Return several files as one: an idx file of images and that of their labels. Raises BadInput.

    contents: the name of each and its bytes.
    """
    if len(contents) == 1:
        return contents[0][1]
    if len(contents) != 2 or not all(labelled_files.is_one(data) for _, data in contents):
        raise BadInput("Bring one file at a time, or an idx file of images together with that of its labels.")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in contents:
            archive.writestr(zipfile.ZipInfo(printable(name) or "a file", exchange_zip.STAMP), data)
    return out.getvalue()


def _from_set(data: bytes, visitor: str, remark: list[str]) -> entries.Found:
    """remark: what is to be said of all of them is put into it."""
    parts = labelled_files.read(data, bounds.MAX_TAKEN + 1)
    total, taken, now = sum(len(part.labels) for part in parts), 0, datetime.now(UTC)
    for part in parts:
        if part.remark:
            remark.append(f"They were {part.remark}; that is put right.")
        for image, label in zip(part.images, part.labels.tolist(), strict=True):
            taken += 1
            if taken > bounds.MAX_TAKEN:
                yield 1.0, f"all from image {taken} on", bounds.TOO_MANY
                return
            item = entries.or_why_not(lambda: _labelled(image, label, visitor, now, part.held_out))  # noqa: B023
            yield taken / total, f"image {taken}", item


def _labelled(
    image: np.ndarray, label: int, visitor: str, now: datetime, held_out: bool | None
) -> StoredDrawing:
    if not entries.is_digit(label):
        raise BadInput(f"Its label is {label}; accepted are the numbers 0 to 9.")
    return StoredDrawing(label, entries.with_ink(image), "", visitor, now, held_out=held_out)


def _in_time(found: entries.Found) -> entries.Found:
    """What is found until the time for one file is over; the rest is left out."""
    began = decoder.seconds()
    for fraction, name, item in found:
        yield fraction, name, item
        if decoder.seconds() - began > bounds.SECONDS:
            if fraction < 1:
                yield 1.0, f"all after {name}", bounds.TOO_LONG.format(bounds.SECONDS)
            return
