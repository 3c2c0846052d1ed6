"""Labelled drawings as files: everything about them as JSON, or a zip archive of pictures.

JSON: {"drawings": [{"label": 7, "strokes": [[[x, y], ...], ...], "brushes": [...], "canvas": 328, "pixels":
base64 of 28 x 28 bytes, row by row, 0 = paper, 255 = ink, "created": "2026-01-31T12:00:00+00:00",
"predicted": 1, "certainty": 0.87, "network": "...", "held_back": false}, ...]}. A label and strokes, or a label
and pixels, suffice. (`certainty` and `held_back` are `confidence` and `held_out` of `StoredDrawing`; files keep
the names that they began with.)

Zip: PNGs of 28 x 28 pixels, white ink on black as in MNIST, train/7/000012.png, where 7 is the label; those
under test/ are held out. When it is read, the label is what the folder says, or else the file's name, as in
`archive_labels`; any picture is accepted, and what is not yet 28 x 28 and centred is cut out as under Picture.

Labelled digits of 28 x 28 as data sets have them, idx, .npz and Kaggle's CSV, are taken, too, as they are.

What people bring is read with bounds, and nothing is ever written to the disk under a name from an archive.

Called by `core.rooms.export`, `core.runs.drawing_imports` and `ui.sections.digit_files`.
"""

import base64
import binascii
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from core.data import archive_labels, labelled_files
from core.ink import decoder, files
from core.ink.files import BadInput
from core.ink.preprocessing import BOX, CENTRE, SIZE, centre_of_mass
from core.io import json_items
from core.io.zips import DAMAGE
from core.records import Drawing, Import, StoredDrawing
from core.storage import drawings
from core.words import printable

MAX_BYTES = 50_000_000  # of the file
MAX_ENTRIES = 200_000  # of an archive
MAX_TAKEN = 20_000  # drawings from one file
MAX_IMAGE_BYTES = 2_000_000  # of one picture, unpacked
MAX_UNPACKED = 100_000_000  # bytes of all of them
MAX_PIXELS = 4_000_000  # of one picture
MAX_CUT_OUT = 300  # pictures that are not yet 28 x 28 and centred: each takes some 100 ms
SECONDS = 60.0  # of a core's time for one file; what is left then is left out

TOO_MANY = f"At most {MAX_TAKEN:,} drawings are taken from one file."
TOO_LONG = "The file took more than {:.0f} seconds to read until here; bring the rest in a file of its own."

_HEAD = '{"format": "digit-lab drawings", "version": 1, "drawings": [\n'
_BESIDES = 2000  # characters at most of a drawing without its strokes; 1,300 are usual
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)
_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say; the same drawings give the same file
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.[^./]|Thumbs\.db$|desktop\.ini$)")
_DIGITS = tuple(map(str, range(10)))
_HELD_OUT = {"test": True, "held-back": True, "train": False}  # by a folder's name
_PNG = b"\x89PNG\r\n\x1a\n"
_MARK = {"Software": "Digit Lab"}  # in a PNG that was saved here: its pixels are taken as they are


class Unclear(Exception):
    """Names in an archive say two digits each, or may. question: what is to be asked. Nothing is read yet."""

    def __init__(self, question: archive_labels.Question):
        super().__init__(question)
        self.question = question


def write_json(stored: Iterable[StoredDrawing]) -> bytes:
    """Return all that is kept of these drawings, but for who drew them."""
    return (_HEAD + ",\n".join(map(_content, stored)) + "\n]}\n").encode()


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


def parts(sizes: Sequence[int]) -> list[slice]:
    """Divide drawings among files that `read` takes back whole. sizes: the characters of each one's strokes."""
    found, first, total = [], 0, len(_HEAD)
    for number, size in enumerate(sizes):
        total += size + _BESIDES
        if total > MAX_BYTES or number - first == MAX_TAKEN:
            found.append(slice(first, number))
            first, total = number, len(_HEAD) + size + _BESIDES
    return [*found, slice(first, len(sizes))]


def write_zip(ids: np.ndarray, x: np.ndarray, y: np.ndarray, held_out: np.ndarray) -> bytes:
    """Return an archive of PNGs; the arrays are those of a Hand."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, image, label, held in zip(ids, x, y, held_out, strict=True):
            png = io.BytesIO()
            Image.fromarray(image).save(png, "PNG", compress_level=1, pnginfo=_mark())
            name = f"{'test' if held else 'train'}/{label}/{number:06d}.png"
            archive.writestr(zipfile.ZipInfo(name, _STAMP), png.getvalue())
    return out.getvalue()


def _mark() -> PngImagePlugin.PngInfo:
    about = PngImagePlugin.PngInfo()
    for key, value in _MARK.items():
        about.add_text(key, value)
    return about


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
    Raises BadInput for other files, Unclear where that has to be asked first.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(f"The file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are accepted.")
    remark: list[str] = []
    if labelled_files.is_one(data):
        found = _from_set(data, visitor, remark)
    elif data.startswith(b"PK"):
        found = _from_zip(data, visitor, counts, predict)
    elif data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        found = _from_json(data, visitor)
    else:
        raise BadInput(
            "This is neither JSON nor a zip archive of pictures, nor an idx, .npz or CSV file of 28 x 28 "
            "numbers each, which are what is accepted."
        )
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
            archive.writestr(zipfile.ZipInfo(printable(name) or "a file", _STAMP), data)
    return out.getvalue()


def _from_set(data: bytes, visitor: str, remark: list[str]) -> "_Found":
    """remark: what is to be said of all of them is put into it."""
    parts = labelled_files.read(data, MAX_TAKEN + 1)
    total, taken, now = sum(len(part.labels) for part in parts), 0, datetime.now(UTC)
    for part in parts:
        if part.remark:
            remark.append(f"They were {part.remark}; that is put right.")
        for image, label in zip(part.images, part.labels.tolist(), strict=True):
            taken += 1
            if taken > MAX_TAKEN:
                yield 1.0, f"all from image {taken} on", TOO_MANY
                return
            item = _or_why_not(lambda: _labelled(image, label, visitor, now, part.held_out))  # noqa: B023
            yield taken / total, f"image {taken}", item


def _labelled(
    image: np.ndarray, label: int, visitor: str, now: datetime, held_out: bool | None
) -> StoredDrawing:
    if not _is_digit(label):
        raise BadInput(f"Its label is {label}; accepted are the numbers 0 to 9.")
    return StoredDrawing(label, _with_ink(image), "", visitor, now, held_out=held_out)


# (how far, name, the drawing or why it is refused)
_Found = Iterator[tuple[float, str, StoredDrawing | str]]


def _in_time(found: _Found) -> _Found:
    """What is found until the time for one file is over; the rest is left out."""
    began = decoder.seconds()
    for fraction, name, item in found:
        yield fraction, name, item
        if decoder.seconds() - began > SECONDS:
            if fraction < 1:
                yield 1.0, f"all after {name}", TOO_LONG.format(SECONDS)
            return


def _from_json(data: bytes, visitor: str) -> _Found:
    number = taken = 0
    try:
        for number, (fraction, content) in enumerate(json_items.read(data, "drawings"), 1):
            if taken == MAX_TAKEN or number > MAX_ENTRIES:
                yield 1.0, f"all from drawing {number} on", TOO_MANY
                return
            item = _or_why_not(lambda: _drawing(content, visitor))  # noqa: B023
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


def _or_why_not(read_it: Callable[[], StoredDrawing]) -> StoredDrawing | str:
    """One entry's fault is its own."""
    try:
        return read_it()
    except BadInput as error:
        return str(error)
    except (ValueError, ArithmeticError, LookupError):
        return "It is damaged and cannot be read."


def _drawing(item: Any, visitor: str) -> StoredDrawing:
    """Return the drawing that one entry of a JSON file describes. Raises BadInput."""
    if not isinstance(item, dict):
        raise BadInput("This is no drawing: expected a label with strokes or pixels.")
    label: Any = item.get("label")
    if not _is_digit(label):
        raise BadInput(f"Its label is {str(label)[:40]!r}; accepted are the numbers 0 to 9.")
    drawing = files.to_drawing(item) if item.get("strokes") else None
    pixels = _pixels(item["pixels"]) if item.get("pixels") is not None else _read(drawing)
    confidence = item.get("certainty")
    return StoredDrawing(
        label=label,
        pixels=pixels,
        strokes=files.write_drawing(drawing).decode() if drawing and drawing.strokes else "",
        visitor=visitor,
        created=_moment(item.get("created")),
        predicted=item["predicted"] if _is_digit(item.get("predicted")) else None,
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
    return _with_ink(np.frombuffer(data, np.uint8).reshape(SIZE, SIZE))


def _read(content: Drawing | np.ndarray | None, predict: files.Predict | None = None) -> np.ndarray:
    image = files.to_digit_image(content, predict) if content is not None else None
    if image is None:
        raise BadInput("It is empty: it has no ink.")
    return drawings.as_bytes(image.pixels)


def _is_digit(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9


def _moment(text: Any) -> datetime:
    """When it was drawn, or now where that is not said, or cannot be."""
    now = datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return now
    return found if _FIRST_DAY <= found <= now else now


@dataclass
class _Budget:
    """What is left of the bounds while an archive is read."""

    predict: files.Predict | None = None  # of photographs
    counts: str = ""  # which part of a name, where its parts contradict
    bytes: int = MAX_UNPACKED
    cut_out: int = field(default_factory=lambda: MAX_CUT_OUT)
    taken: int = 0


def _from_zip(data: bytes, visitor: str, counts: str, predict: files.Predict | None) -> _Found:
    # Counted before the archive is opened, which makes an object of every entry.
    if (entries := data.count(b"PK\x01\x02")) > MAX_ENTRIES:
        raise BadInput(f"The archive has {entries:,} entries; at most {MAX_ENTRIES:,} are accepted.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except DAMAGE:
        raise BadInput("The archive is damaged or incomplete and cannot be unpacked.") from None
    wanted = [entry for entry in archive.infolist() if not _is_aside(entry.filename)]
    names = [entry.filename for entry in wanted]
    name_claims = archive_labels.claims(["" if _leads_out(name) else name for name in names])
    if not counts and (question := archive_labels.question(names, name_claims)):
        raise Unclear(question)
    return _members(archive, wanted, name_claims, visitor, _Budget(predict, counts))


def _is_aside(name: str) -> bool:
    """Is this a folder, or what systems leave in archives?"""
    return name.endswith("/") or bool(_JUNK.search(name))


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name


def _members(
    archive: zipfile.ZipFile,
    entries: list[zipfile.ZipInfo],
    name_claims: list[tuple[archive_labels.Claim, ...]],
    visitor: str,
    budget: "_Budget",
) -> _Found:
    for number, (entry, claims) in enumerate(zip(entries, name_claims, strict=True), 1):
        item = _or_why_not(lambda: _member(archive, entry, claims, visitor, budget))  # noqa: B023
        yield number / len(entries), entry.filename or f"entry {number}, without a name", item


def _member(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    name_claims: tuple[archive_labels.Claim, ...],
    visitor: str,
    budget: _Budget,
) -> StoredDrawing:
    """Return the drawing in one entry of an archive. name_claims: what its name says. Raises BadInput."""
    label = archive_labels.label(name_claims, budget.counts)
    if label is None:
        raise BadInput(_without_label(entry.filename, name_claims))
    if budget.taken >= MAX_TAKEN:
        raise BadInput(TOO_MANY)
    pixels = _cut_out(_content_of(archive, entry, budget), budget)
    budget.taken += 1
    folders = [part.lower() for part in PurePosixPath(entry.filename).parts[-2::-1]]
    held_out = next((_HELD_OUT[part] for part in folders if part in _HELD_OUT), None)
    return StoredDrawing(label, pixels, "", visitor, datetime.now(UTC), held_out=held_out)


def _without_label(name: str, name_claims: tuple[archive_labels.Claim, ...]) -> str:
    """Return why a name says no digit."""
    if not name:
        return "It has no name, so nothing says which digit it is."
    if _leads_out(name):
        return "Its name leads out of the archive."
    path = PurePosixPath(name)
    if any(claim.label is None for claim in name_claims):
        folder = path.parent.name[:40]
        return f"Its folder {folder!r} says no digit that is understood: 0 to 9, or zero to nine."
    if archive_labels.contradict(name_claims):
        return "Its name says two digits, and what you chose says none of them."
    where = f"its folder is {path.parent.name[:40]!r}" if path.parent.name else "it is in no folder"
    if path.stem in _DIGITS:
        return f"It has no label 0 to 9: {where}, and its name is one of several that count, up to 10 or more."
    return f"It has no label 0 to 9: {where}, and its name does not begin with one digit, or the word for one."


def _cut_out(content: bytes, budget: _Budget) -> np.ndarray:
    """Picture bytes -> uint8 [28, 28], 255 = ink. Raises BadInput."""
    # What will have to be cut out is known before it is decoded, which takes time as well.
    small = content[:8] == _PNG and struct.unpack(">II", content[16:24].ljust(8, b"\0")) == (SIZE, SIZE)
    if not small:
        _spend(budget)
    image = files.read_image(content, MAX_PIXELS)
    if small and _is_ours(content):
        return _with_ink(image[..., 0])
    pixels = _ready(image)
    if small and pixels is None:
        _spend(budget)
    if not small and pixels is not None:
        budget.cut_out += 1
    return _read(image, budget.predict) if pixels is None else pixels


def _spend(budget: _Budget) -> None:
    if budget.cut_out == 0:
        raise BadInput(
            f"At most {MAX_CUT_OUT} pictures are cut out from one file; those that are 28 x 28 and "
            "centred, as in MNIST, are not counted."
        )
    budget.cut_out -= 1


def _is_ours(content: bytes) -> bool:
    about = Image.open(io.BytesIO(content), formats=("PNG",))
    return about.mode == "L" and all(about.info.get(key) == value for key, value in _MARK.items())


def _with_ink(pixels: np.ndarray) -> np.ndarray:
    if not pixels.any():
        raise BadInput("It is empty: it has no ink.")
    return pixels


def _content_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> bytes:
    """Return what is in an entry, whatever size it declares. Raises BadInput."""
    if entry.flag_bits & 1:
        raise BadInput("It is encrypted; accepted are archives without a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadInput("It is packed in an unusual way; accepted are stored and deflated files.")
    limit = min(MAX_IMAGE_BYTES, budget.bytes)
    try:
        with archive.open(entry) as file:
            content = file.read(limit + 1)
    except DAMAGE:
        raise BadInput("It is damaged and cannot be unpacked.") from None
    budget.bytes -= len(content)
    if len(content) > MAX_IMAGE_BYTES:
        raise BadInput(f"It unpacks to more than {MAX_IMAGE_BYTES // 10**6} MB.")
    if budget.bytes < 0:
        budget.bytes = 0
        raise BadInput(f"The archive unpacks to more than {MAX_UNPACKED // 10**6} MB; the rest is left out.")
    return content


def _ready(image: np.ndarray) -> np.ndarray | None:
    """Return uint8 [28, 28], 255 = ink, of a picture that is as in MNIST, of either polarity; else None."""
    if image.shape[:2] != (SIZE, SIZE):
        return None
    grey = np.asarray(Image.fromarray(image).convert("L"))
    edge = np.concatenate([grey[:2].ravel(), grey[-2:].ravel(), grey[:, :2].ravel(), grey[:, -2:].ravel()])
    ink = 255 - grey if edge.mean() > 127 else grey
    rows, columns = np.flatnonzero((ink > 25).any(1)), np.flatnonzero((ink > 25).any(0))
    if not len(rows):
        raise BadInput("It is empty: it has no ink.")
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    middle = centre_of_mass(ink.astype(np.float32))
    boxed = BOX - 4 <= longer <= BOX + 2
    return ink if boxed and np.abs(middle - CENTRE).max() <= 1.5 else None
