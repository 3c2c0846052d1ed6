"""Files of online handwriting: digits and other characters, stroke by stroke, with their writers.

None of them is part of the project. The docstrings name their public sources.

Called by `core.commands.train` and `core.data.training_sets`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.io import arrays

# One writer in five is never learnt from, whatever the file. Of UNIPEN's, of whom there are many, every second
# of these is kept for the end: nothing is chosen by them, and nothing calibrated.
HELD_OUT_WRITERS = 5
TEST_WRITERS = 10

# Drawings of UNIPEN's whose label or cut is wrong, by `fingerprint`: their label, and what is to be seen.
# Suspected were those that the shipped network, which had seen none of them, misclassified or was 90% sure to
# be no digit, and those of whose ten nearest neighbours (other writers', by blurred pixels) none had the label;
# each was then looked at. What a person could take for its label has stayed.
LEFT_OUT = {
    "67dcc160567c": "0: a bracket",
    "2f7a3550ede6": "2: a bracket",
    "16106ac71284": "8: a 6",
    "6705cd056ce1": "8: a 0",
    "98304b93aa05": "8: a percent sign",
    "2513600335c4": "6: a 0",
    "d52035594e6b": "4: a 9",
    "d4e0665fe395": "7: a 9",
    "c28f5925795a": "9: a 7",
    "b899873704d1": "9: a 7",
    "2c5cc7887ca1": "9: a 7",
    "18a99a2ce796": "9: a 7",
    "fd8160af06d2": "9: a 7",
    "60d195e8c6ad": "9: a 4",
    "771a916ed504": "9: a 4",
    "a156f7096904": "9: a 4",
    "7e608d43a17f": "5: a 3",
    "1933e6fad5d3": "5: half of it",
    "f7872fb6c991": "7: a 7 and an equals sign",
    "dec4d8bcb12b": "7: no digit",
    "39a82879c173": "2: three lines",
    "1afadcce9e39": "1: a 9",
    "e7d6b097fd5c": "1: no digit",
}


@dataclass(frozen=True)
class PenDigit:
    """One digit as a pen wrote it: float32 [points, 2] strokes, the digit, and its writer's number."""

    strokes: tuple[np.ndarray, ...]
    digit: int
    writer: int


@dataclass(frozen=True)
class PenCharacter:
    """A letter or a sign as a pen wrote it: strokes and writer as in PenDigit."""

    strokes: tuple[np.ndarray, ...]
    character: str
    writer: int


def fingerprint(strokes: Sequence[np.ndarray]) -> str:
    """Return 12 hexadecimal digits that tell one drawing from all others, whatever file it stands in."""
    return hashlib.sha256(np.concatenate(strokes).astype(np.float32).tobytes()).hexdigest()[:12]


@cache
def pen_digits(path: str) -> tuple[PenDigit, ...]:
    """Read digits written on a tablet, without those in LEFT_OUT. ValueError where the file is of neither form.

    Their public sources: UCI Machine Learning Repository, Pen-Based Recognition of Handwritten Digits
    (Alpaydin and Alimoglu, 1998, CC BY 4.0), the original, unnormalised strokes: pendigits-orig.tra, a text in
    the UNIPEN format. And UNIPEN's train_r01_v07, category 1a (Guyon and others, 1994; International Unipen
    Foundation, doi.org/10.5281/zenodo.1195803, CC BY 4.0), as an .npz with points [n, 2] (x right, y down),
    stroke_offsets and digit_offsets, which say where each stroke starts in the points and each digit in the
    strokes, the end appended, and labels and writer, one number per digit.
    """
    try:
        with open(path, "rb") as file:
            is_archive = file.read(2) == b"PK"
        found = _from_arrays(path) if is_archive else _from_unipen(Path(path).read_text("ascii"))
        _check(found)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} holds no pen-drawn digits that I can read: {_reason(error)}. Accepted are "
            "pendigits-orig.tra, unpacked, and an .npz as core.data.pen_files.pen_digits describes it."
        ) from None
    return tuple(d for d in found if fingerprint(d.strokes) not in LEFT_OUT)


@cache
def pen_characters(path: str) -> tuple[PenCharacter, ...]:
    """Read letters and signs written with a pen, but no digits. ValueError where the file is of another form.

    Their public source is UNIPEN's, categories 1b, 1c and 1d; the .npz is as for `pen_digits`, its labels code
    points of printable characters.
    """
    try:
        found = _from_arrays(path)
        for place, one in enumerate(found, 1):
            known = 32 < one.digit < 0x11_0000 and chr(one.digit).isprintable()
            if not known or not any(len(stroke) for stroke in one.strokes):
                raise ValueError(
                    f"character {place} has the code point {one.digit} and {len(one.strokes)} strokes"
                )
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} holds no pen-drawn letters and signs that I can read: {_reason(error)}. Accepted is "
            "an .npz as core.data.pen_files.pen_characters describes it."
        ) from None
    return tuple(PenCharacter(c.strokes, chr(c.digit), c.writer) for c in found if not chr(c.digit).isdecimal())


def _reason(error: OSError | ValueError) -> str:
    """What is wrong, without the file's name, which is said already."""
    return error.strerror or "" if isinstance(error, OSError) else str(error)


def _check(digits: Sequence[PenDigit]) -> None:
    """Raise ValueError for what is no digit, or has no ink."""
    for place, digit in enumerate(digits, 1):
        if not 0 <= digit.digit <= 9 or not any(len(stroke) for stroke in digit.strokes):
            raise ValueError(f"digit {place} is labelled {digit.digit} and has {len(digit.strokes)} strokes")


def _from_arrays(path: str) -> tuple[PenDigit, ...]:
    names = ("stroke_offsets", "digit_offsets", "labels", "writer")
    with arrays.Archive(Path(path)) as archive:
        dtype, shape, *_ = archive.header("points")
        if len(shape) != 2 or shape[1] != 2 or dtype.kind not in "biuf":
            raise ValueError(f"its points are {dtype} {shape}, not x and y for each")
        for name in names:
            dtype, shape, *_ = archive.header(name)
            if dtype.kind not in "iu" or len(shape) != 1:
                raise ValueError(f"its {name} are {dtype} {shape}, not whole numbers in a row")
        points = archive.array("points").astype(np.float32)
        starts, ends, labels, writers = (archive.array(name).astype(int) for name in names)
    if not np.isfinite(points).all():
        raise ValueError(f"its points are {points.dtype} {points.shape}, not all of them numbers")
    strokes = np.split(points, starts[1:-1])
    return tuple(
        PenDigit(tuple(strokes[a:b]), int(digit), int(writer))
        for a, b, digit, writer in zip(ends[:-1], ends[1:], labels, writers, strict=True)
    )


def _from_unipen(text: str) -> tuple[PenDigit, ...]:
    """.COMMENT says the digit and its writer; .PEN_DOWN begins a stroke of x and y, y pointing up."""
    digits = []
    for segment in text.split(".SEGMENT DIGIT")[1:]:
        _, comment, *strokes = segment.replace(".COMMENT", ".PEN_DOWN", 1).split(".PEN_DOWN")
        digit, writer, *_ = map(int, comment.split())
        paths = (np.array(stroke.split(".PEN_UP")[0].split(), np.float32).reshape(-1, 2) for stroke in strokes)
        digits.append(
            PenDigit(tuple(p * np.array([1, -1], np.float32) for p in paths if len(p)), digit, writer)
        )
    if not digits:
        raise ValueError("it has no line that begins with .SEGMENT DIGIT")
    return tuple(digits)


def is_held_out(writer: int) -> bool:
    """Is this one of the writers who are never learnt from?"""
    return writer % HELD_OUT_WRITERS == HELD_OUT_WRITERS - 1


def is_test_writer(writer: int) -> bool:
    """Is this one of UNIPEN's held-out writers by whom nothing is chosen either?"""
    return writer % TEST_WRITERS == TEST_WRITERS - 1
