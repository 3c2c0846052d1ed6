"""Labelled drawings as a zip archive of images, PNGs of 28 x 28 pixels, white ink on black as in MNIST.

train/7/000012.png, where 7 is the label; those under test/ are held out. When it is read, the label is what the
folder says, or else the file's name, as in `archive_labels`; any image is accepted, and what is not yet
28 x 28 and centred is cut out as under Image.

Called by `core.rooms.export`, `core.storage.exchange` and `ui.sections.digit_files`.
"""

import io
import re
import struct
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, PngImagePlugin

from core.data import archive_labels
from core.ink import files
from core.ink.files import BadInput
from core.ink.preprocessing import BOX, CENTRE, SIZE, centre_of_mass
from core.io.zips import DAMAGE
from core.records import StoredDrawing
from core.storage import exchange_bounds as bounds
from core.storage import exchange_entries as entries

STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say; the same drawings give the same file
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


def write(ids: np.ndarray, x: np.ndarray, y: np.ndarray, held_out: np.ndarray) -> bytes:
    """Return an archive of PNGs; the arrays are those of a Hand."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, image, label, held in zip(ids, x, y, held_out, strict=True):
            png = io.BytesIO()
            Image.fromarray(image).save(png, "PNG", compress_level=1, pnginfo=_mark())
            name = f"{'test' if held else 'train'}/{label}/{number:06d}.png"
            archive.writestr(zipfile.ZipInfo(name, STAMP), png.getvalue())
    return out.getvalue()


def _mark() -> PngImagePlugin.PngInfo:
    about = PngImagePlugin.PngInfo()
    for key, value in _MARK.items():
        about.add_text(key, value)
    return about


@dataclass
class _Budget:
    """What is left of the bounds while an archive is read."""

    predict: files.Predict | None = None  # of photographs
    counts: str = ""  # which part of a name, where its parts contradict
    bytes: int = bounds.MAX_UNPACKED
    cut_out: int = field(default_factory=lambda: bounds.MAX_CUT_OUT)
    taken: int = 0


def read(data: bytes, visitor: str, counts: str, predict: files.Predict | None) -> entries.Found:
    """Return what is in an archive. counts, predict: as in `exchange.read`. Raises BadInput, Unclear."""
    # Counted before the archive is opened, which makes an object of every entry.
    if (count := data.count(b"PK\x01\x02")) > bounds.MAX_ENTRIES:
        raise BadInput(f"The archive has {count:,} entries; at most {bounds.MAX_ENTRIES:,} are accepted.")
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
    members: list[zipfile.ZipInfo],
    name_claims: list[tuple[archive_labels.Claim, ...]],
    visitor: str,
    budget: _Budget,
) -> entries.Found:
    for number, (entry, claims) in enumerate(zip(members, name_claims, strict=True), 1):
        item = entries.or_why_not(lambda: _member(archive, entry, claims, visitor, budget))  # noqa: B023
        yield number / len(members), entry.filename or f"entry {number}, without a name", item


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
    if budget.taken >= bounds.MAX_TAKEN:
        raise BadInput(bounds.TOO_MANY)
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
    """Image bytes -> uint8 [28, 28], 255 = ink. Raises BadInput."""
    # What will have to be cut out is known before it is decoded, which takes time as well.
    small = content[:8] == _PNG and struct.unpack(">II", content[16:24].ljust(8, b"\0")) == (SIZE, SIZE)
    if not small:
        _spend(budget)
    image = files.read_image(content, bounds.MAX_PIXELS)
    if small and _is_ours(content):
        return entries.with_ink(image[..., 0])
    pixels = _ready(image)
    if small and pixels is None:
        _spend(budget)
    if not small and pixels is not None:
        budget.cut_out += 1
    return entries.pixels(image, budget.predict) if pixels is None else pixels


def _spend(budget: _Budget) -> None:
    if budget.cut_out == 0:
        raise BadInput(
            f"At most {bounds.MAX_CUT_OUT} pictures are cut out from one file; those that are 28 x 28 and "
            "centred, as in MNIST, are not counted."
        )
    budget.cut_out -= 1


def _is_ours(content: bytes) -> bool:
    about = Image.open(io.BytesIO(content), formats=("PNG",))
    return about.mode == "L" and all(about.info.get(key) == value for key, value in _MARK.items())


def _content_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> bytes:
    """Return what is in an entry, whatever size it declares. Raises BadInput."""
    if entry.flag_bits & 1:
        raise BadInput("It is encrypted; accepted are archives without a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadInput("It is packed in an unusual way; accepted are stored and deflated files.")
    limit = min(bounds.MAX_IMAGE_BYTES, budget.bytes)
    try:
        with archive.open(entry) as file:
            content = file.read(limit + 1)
    except DAMAGE:
        raise BadInput("It is damaged and cannot be unpacked.") from None
    budget.bytes -= len(content)
    if len(content) > bounds.MAX_IMAGE_BYTES:
        raise BadInput(f"It unpacks to more than {bounds.MAX_IMAGE_BYTES // 10**6} MB.")
    if budget.bytes < 0:
        budget.bytes = 0
        raise BadInput(
            f"The archive unpacks to more than {bounds.MAX_UNPACKED // 10**6} MB; the rest is left out."
        )
    return content


def _ready(image: np.ndarray) -> np.ndarray | None:
    """Return uint8 [28, 28], 255 = ink, of an image that is as in MNIST, of either polarity; else None."""
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
