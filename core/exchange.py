"""Labelled drawings as files: everything about them as JSON, or a zip archive of pictures.

JSON: {"drawings": [{"label": 7, "strokes": [[[x, y], ...], ...], "brushes": [...], "canvas": 328, "pixels":
base64 of 28 x 28 bytes, row by row, 0 = paper, 255 = ink, "created": "2026-01-31T12:00:00+00:00",
"predicted": 1, "certainty": 0.87, "network": "...", "held_back": false}, ...]}. A label and strokes, or a label
and pixels, suffice.

Zip: PNGs of 28 x 28 pixels, white ink on black as in MNIST, train/7/000012.png, where 7 is the label; those
under test/ are held back. When it is read, the label is the name of the folder, or what the file's name begins
with (7.png, 7_2.png); any picture is accepted, and what is not yet 28 x 28 and centred is cut out as under
Picture.

What people bring is read with bounds, and nothing is ever written to the disk under a name from an archive.
"""

import base64
import binascii
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from core import drawings, files
from core.files import BadInput
from core.keras_file import DAMAGE
from core.preprocessing import BOX, CENTRE, SIZE, centre_of_mass
from core.records import Drawing, Import, StoredDrawing

MAX_BYTES = 50_000_000  # of the file
MAX_ENTRIES = 200_000  # of an archive
MAX_TAKEN = 20_000  # drawings from one file
MAX_PICTURE_BYTES = 2_000_000  # of one picture, unpacked
MAX_UNPACKED = 100_000_000  # bytes of all of them
MAX_PIXELS = 4_000_000  # of one picture
MAX_CUT_OUT = 300  # pictures that are not yet 28 x 28 and centred: each takes some 30 ms

TOO_MANY = f"At most {MAX_TAKEN:,} drawings are taken from one file."

_HEAD = '{"format": "digit-lab drawings", "version": 1, "drawings": [\n'
_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say; the same drawings give the same file
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.[^./]|Thumbs\.db$|desktop\.ini$)")
_TEST_FOLDERS = ("test", "held-back")


def write_json(stored: Iterable[StoredDrawing]) -> bytes:
    """Return all that is kept of these drawings, but for who drew them."""
    return (_HEAD + ",\n".join(map(_content, stored)) + "\n]}\n").encode()


def _content(drawing: StoredDrawing) -> str:
    about = {
        "label": drawing.label,
        "held_back": drawing.held_back,
        "created": drawing.created.isoformat(timespec="seconds"),
        "predicted": drawing.predicted,
        "certainty": drawing.certainty,
        "network": drawing.network,
        "pixels": base64.b64encode(drawing.pixels.tobytes()).decode(),
    }
    # The strokes are JSON already, and most of it.
    return json.dumps(about) if not drawing.strokes else f"{json.dumps(about)[:-1]}, {drawing.strokes[1:]}"


def write_zip(ids: np.ndarray, x: np.ndarray, y: np.ndarray, held_back: np.ndarray) -> bytes:
    """Return an archive of PNGs; the arrays are those of a Hand."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, picture, label, held in zip(ids, x, y, held_back, strict=True):
            png = io.BytesIO()
            Image.fromarray(picture).save(png, "PNG", compress_level=1)
            name = f"{'test' if held else 'train'}/{label}/{number:06d}.png"
            archive.writestr(zipfile.ZipInfo(name, _STAMP), png.getvalue())
    return out.getvalue()


def read(
    data: bytes,
    visitor: str,
    known: Iterable[tuple[int, bytes]] = (),
    told: Callable[[float], object] = lambda share: None,
) -> Import:
    """Return what is good in a JSON file or a zip archive, and what is not. Raises BadInput for other files.

    visitor: whose drawings they become. known: as from `drawings.known`, so that nothing comes twice.
    told: is given the share that is done, 0..1, as it grows.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(f"The file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted.")
    if data.startswith(b"PK"):
        found = _from_zip(data, visitor)
    elif data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        found = _from_json(data, visitor)
    else:
        raise BadInput("This is neither JSON nor a zip archive of pictures, which are what is accepted.")
    seen, already = set(known), 0
    good: list[StoredDrawing] = []
    refused: list[tuple[str, str]] = []
    for share, name, item in found:
        told(share)
        if isinstance(item, str):
            refused.append((name, item))
            continue
        key = (item.label, item.pixels.tobytes())
        if key in seen:
            already += 1
        else:
            seen.add(key)
            good.append(item)
    return Import(tuple(good), tuple(refused), already)


# (how far, name, the drawing or why it is refused)
_Found = Iterator[tuple[float, str, StoredDrawing | str]]


def _from_json(data: bytes, visitor: str) -> _Found:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise BadInput("The file is not valid JSON.") from None
    items = content.get("drawings") if isinstance(content, dict) else content
    if not isinstance(items, list):
        raise BadInput('The file lists no drawings: expected {"drawings": [{"label": 7, "strokes": ...}]}.')
    return _each(items, visitor)


def _each(items: list, visitor: str) -> _Found:
    taken = 0
    for number, content in enumerate(items, 1):
        try:
            if taken >= MAX_TAKEN:
                raise BadInput(TOO_MANY)
            item: StoredDrawing | str = _drawing(content, visitor)
            taken += 1
        except BadInput as error:
            item = str(error)
        yield number / len(items), f"drawing {number}", item


def _drawing(item: Any, visitor: str) -> StoredDrawing:
    """Return the drawing that one entry of a JSON file describes. Raises BadInput."""
    if not isinstance(item, dict):
        raise BadInput("This is no drawing: expected a label with strokes or pixels.")
    label: Any = item.get("label")
    if not _is_digit(label):
        raise BadInput(f"Its label is {str(label)[:40]!r}; accepted are the numbers 0 to 9.")
    drawing = files.to_drawing(item) if item.get("strokes") else None
    pixels = _pixels(item["pixels"]) if item.get("pixels") is not None else _read(drawing)
    certainty = item.get("certainty")
    return StoredDrawing(
        label=label,
        pixels=pixels,
        strokes=files.write_drawing(drawing).decode() if drawing and drawing.strokes else "",
        visitor=visitor,
        created=_moment(item.get("created")),
        predicted=item["predicted"] if _is_digit(item.get("predicted")) else None,
        certainty=float(certainty) if isinstance(certainty, int | float) and 0 <= certainty <= 1 else None,
        network=str(item.get("network") or "")[:100],
        held_back=item["held_back"] if isinstance(item.get("held_back"), bool) else None,
    )


def _pixels(text: Any) -> np.ndarray:
    form = f"expected are {SIZE} x {SIZE} bytes as base64"
    try:
        data = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise BadInput(f"Its pixels cannot be read: {form}.") from None
    if len(data) != SIZE * SIZE:
        raise BadInput(f"Its pixels are {len(data):,} bytes: {form}.")
    if not any(data):
        raise BadInput("It is empty: it has no ink.")
    return np.frombuffer(data, np.uint8).reshape(SIZE, SIZE)


def _read(content: Drawing | np.ndarray | None) -> np.ndarray:
    image = files.to_digit_image(content) if content is not None else None
    if image is None:
        raise BadInput("It is empty: it has no ink.")
    return drawings.as_bytes(image.pixels)


def _is_digit(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9


def _moment(text: Any) -> datetime:
    """When it was drawn, or now where that is not said."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return datetime.now(UTC)


@dataclass
class _Budget:
    """What is left of the bounds while an archive is read."""

    bytes: int = MAX_UNPACKED
    cut_out: int = MAX_CUT_OUT
    taken: int = 0


def _from_zip(data: bytes, visitor: str) -> _Found:
    # Counted before the archive is opened, which makes an object of every entry.
    if (entries := data.count(b"PK\x01\x02")) > MAX_ENTRIES:
        raise BadInput(f"The archive has {entries:,} entries; at most {MAX_ENTRIES:,} are accepted.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, *DAMAGE):
        raise BadInput("The archive is damaged or incomplete and cannot be unpacked.") from None
    return _members(archive, visitor)


def _members(archive: zipfile.ZipFile, visitor: str) -> _Found:
    entries, budget = archive.infolist(), _Budget()
    for number, entry in enumerate(entries, 1):
        name = entry.filename
        if entry.is_dir() or _JUNK.search(name):
            continue
        try:
            item: StoredDrawing | str = _member(archive, entry, visitor, budget)
        except BadInput as error:
            item = str(error)
        yield number / len(entries), name, item


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, visitor: str, budget: _Budget) -> StoredDrawing:
    """Return the drawing in one entry of an archive. Raises BadInput."""
    label, held_back = _place(entry.filename)
    if budget.taken >= MAX_TAKEN:
        raise BadInput(TOO_MANY)
    picture = files.read_picture(_content_of(archive, entry, budget), MAX_PIXELS)
    pixels = _ready(picture)
    if pixels is None:
        if budget.cut_out == 0:
            raise BadInput(
                f"At most {MAX_CUT_OUT} pictures are cut out from one file; those that are 28 x 28 and "
                "centred, as in MNIST, are not counted."
            )
        budget.cut_out -= 1
        pixels = _read(picture)
    budget.taken += 1
    return StoredDrawing(label, pixels, "", visitor, datetime.now(UTC), held_back=held_back)


def _place(name: str) -> tuple[int, bool | None]:
    """Return the label that an entry's name says, and whether it is held back, None where that is open."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise BadInput("Its name leads out of the archive.")
    folder = path.parent.name
    found = re.fullmatch(r"[0-9]", folder) or re.match(r"[0-9](?![0-9])", path.name)
    if not found:
        where = f"its folder is {folder[:40]!r}" if folder else "it is in no folder"
        raise BadInput(f"It has no label 0 to 9: {where}, and its name does not begin with one digit.")
    above = path.parts[-3] if len(path.parts) > 2 else ""
    return int(found[0]), True if above in _TEST_FOLDERS else False if above == "train" else None


def _content_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> bytes:
    """Return what is in an entry, whatever size it declares. Raises BadInput."""
    if entry.flag_bits & 1:
        raise BadInput("It is encrypted; accepted are archives without a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadInput("It is packed in an unusual way; accepted are stored and deflated files.")
    most = min(MAX_PICTURE_BYTES, budget.bytes)
    try:
        with archive.open(entry) as file:
            content = file.read(most + 1)
    except (zipfile.BadZipFile, *DAMAGE):
        raise BadInput("It is damaged and cannot be unpacked.") from None
    budget.bytes -= len(content)
    if len(content) > MAX_PICTURE_BYTES:
        raise BadInput(f"It unpacks to more than {MAX_PICTURE_BYTES // 10**6} MB.")
    if budget.bytes < 0:
        budget.bytes = 0
        raise BadInput(f"The archive unpacks to more than {MAX_UNPACKED // 10**6} MB; the rest is left out.")
    return content


def _ready(picture: np.ndarray) -> np.ndarray | None:
    """Return uint8 [28, 28], 255 = ink, of a picture that is as in MNIST, of either polarity; else None."""
    if picture.shape[:2] != (SIZE, SIZE):
        return None
    grey = np.asarray(Image.fromarray(picture).convert("L"))
    edge = np.concatenate([grey[:2].ravel(), grey[-2:].ravel(), grey[:, :2].ravel(), grey[:, -2:].ravel()])
    ink = 255 - grey if edge.mean() > 127 else grey
    rows, columns = np.flatnonzero((ink > 25).any(1)), np.flatnonzero((ink > 25).any(0))
    if not len(rows):
        raise BadInput("It is empty: it has no ink.")
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    middle = centre_of_mass(ink.astype(np.float32))
    boxed = BOX - 4 <= longer <= BOX + 2
    return ink if boxed and np.abs(middle - CENTRE).max() <= 1.5 else None
