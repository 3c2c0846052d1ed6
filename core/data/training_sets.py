"""What the shipped network learns from: MNIST, pen-drawn digits, digits in forms that both lack, and no digits.

The pen-drawn digits are an option: a file as `pen_digits` reads it. Everything else comes with the app or is
drawn by arithmetic.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from core.data import datasets, glyphs
from core.data import synthetic_strokes as pen
from core.data.synthetic_strokes import Strokes
from core.ink import preprocessing
from core.ink.preprocessing import BOX, CENTRE, SIZE, STROKE_RADIUS
from core.io import arrays
from core.records import Dataset

NOT_A_DIGIT = 10  # the eleventh class

# One writer in five is never learnt from, whatever the file.
HELD_OUT_WRITERS = 5

# Characters that many hands write exactly as a 0 or a bare 1: they teach neither one thing nor the other.
AMBIGUOUS = frozenset("Ool|I/\\'`,")
# Characters that are told from 1, 2, 5, 6, 8, 9 by a detail, and not by everyone: seen less often.
ALIKE = frozenset("ZzSsBbgqy()i!")

PORTION = 500  # pictures that are drawn by one task


@dataclass(frozen=True)
class PenDigit:
    """One digit as a pen wrote it: float32 [points, 2] strokes, the digit, and its writer's number."""

    strokes: tuple[np.ndarray, ...]
    digit: int
    writer: int


@cache
def pen_digits(path: str) -> tuple[PenDigit, ...]:
    """Read digits written on a tablet. Raises ValueError where the file is of neither form.

    Their public source: UCI Machine Learning Repository, Pen-Based Recognition of Handwritten Digits
    (Alpaydin and Alimoglu, 1998, CC BY 4.0), the original, unnormalised strokes: pendigits-orig.tra, a text in
    the UNIPEN format. Or an .npz with points [n, 2] (x right, y down), stroke_offsets and digit_offsets, which
    say where each stroke starts in the points and each digit in the strokes, the end appended, and labels and
    writer, one number per digit.
    """
    try:
        with open(path, "rb") as file:
            is_archive = file.read(2) == b"PK"
        found = _from_arrays(path) if is_archive else _from_unipen(Path(path).read_text("ascii"))
        _check(found)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} holds no pen-drawn digits that I can read: {error}. Accepted are pendigits-orig.tra, "
            "unpacked, and an .npz as core.data.training_sets.pen_digits describes it."
        ) from None
    return found


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


def digit_lab(seed: int, pen_file: str = "", told: Callable[[float], object] = lambda share: None) -> Dataset:
    """Return what the shipped network learns from; labels 0..9 and NOT_A_DIGIT.

    x_train: uint8 [n, 28, 28], first what is drawn here, then MNIST's 60,000 in their order. x_test: MNIST's.
    told: is given the share of the pictures that are drawn, 0..1, as it grows; they take a minute or two.
    """
    tasks = [
        (name, seed, portion, pen_file)
        for name, part in PARTS.items()
        if pen_file or not part.needs_pen_digits
        for portion in range(part.count // PORTION)
    ]
    pictures, labels = [], []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for done, (some, theirs) in enumerate(pool.map(_portion, *zip(*tasks, strict=True)), 1):
            pictures.append(some)
            labels.append(theirs)
            told(done / len(tasks))
    mnist = datasets.mnist()
    return Dataset(
        np.concatenate([*pictures, mnist.x_train]),
        np.concatenate([*labels, mnist.y_train]),
        mnist.x_test,
        mnist.y_test,
    )


def held_out(pen_file: str = "", validation: int = 5000) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures, uint8 [n, 28, 28], that were not learnt from, and their labels, 0..9 and NOT_A_DIGIT.

    MNIST's last `validation` training digits; the digits of the held-out writers, or of the held-out
    handwritings where there is no file; and no digits of all the sorts that are learnt, by held-out hands.
    """
    mnist, hands, rng = datasets.mnist(), _hands(pen_file, held_out=True), np.random.default_rng(0)
    digits = [(render(list(strokes), rng), digit) for strokes, digit in hands.pen or hands.written]
    others = [part.make(rng, hands) for part in PARTS.values() if part.is_other for _ in range(PORTION)]
    pictures, labels = zip(*digits, *others, strict=True)
    first = len(mnist.x_train) - validation
    return (
        np.concatenate([mnist.x_train[first:], _as_bytes(pictures)]),
        np.concatenate([mnist.y_train[first:], np.array(labels, np.uint8)]),
    )


def sample(count: int, seed: int, *, held_out: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return about `count` pictures of all parts that need no pen-drawn digits, in their proportions.

    uint8 [n, 28, 28] and labels, 0..9 and NOT_A_DIGIT; some 3 ms each, in this process. held_out: by hands
    that are never learnt from.
    """
    rng, hands = np.random.default_rng([seed, held_out]), _hands("", held_out)
    parts = [part for part in PARTS.values() if not part.needs_pen_digits]
    every = sum(part.count for part in parts)
    made = [part.make(rng, hands) for part in parts for _ in range(-(-count * part.count // every))]
    pictures, labels = zip(*made, strict=True)
    return _as_bytes(pictures), np.array(labels, np.uint8)


def render(strokes: Strokes, rng: np.random.Generator) -> np.ndarray:
    """Draw strokes as on a canvas: anywhere, 60 to 240 pixels large, whole pixels. float32 [28, 28].

    Half of them as the app draws a drawing, half with the pen of some picture.
    """
    points = np.concatenate(strokes)
    size = float(np.ptp(points, axis=0).max()) or 1.0
    extent = rng.uniform(60, 240)
    placed = [np.round((s - points.min(0)) * (extent / size)) for s in strokes]
    radius = STROKE_RADIUS if rng.random() < 0.5 else rng.uniform(0.9, 2.2)
    return preprocessing.normalise(placed, radius=radius)[1]


@dataclass(frozen=True)
class Part:
    """count pictures of one sort: `make` draws one of them, float32 [28, 28], and says its class."""

    make: Callable[[np.random.Generator, "_Hands"], tuple[np.ndarray, int]]
    count: int
    needs_pen_digits: bool = False
    is_other: bool = True  # no digit


@dataclass(frozen=True)
class _Hands:
    """The strokes that others have left: digits with their class, and characters that are none."""

    pen: Sequence[tuple[Sequence[np.ndarray], int]]
    written: Sequence[tuple[Sequence[np.ndarray], int]]
    characters: Sequence[Sequence[np.ndarray]]

    def digit(self, rng: np.random.Generator) -> tuple[Strokes, int]:
        """Any digit: by a pen, from a font, or of a form."""
        choice = rng.random()
        if self.pen and choice < 0.5:
            strokes, digit = _any(self.pen, rng)
            return pen.vary(strokes, rng, 0.5), digit
        if choice < 0.8:
            strokes, digit = _any(self.written, rng)
            return pen.vary(strokes, rng, 0.7), digit
        return pen.form(rng)


def _pen(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    strokes, digit = _any(hands.pen, rng)
    return render(pen.vary(strokes, rng, 0.5), rng), digit


def _written(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    strokes, digit = _any(hands.written, rng)
    return render(pen.vary(strokes, rng, 0.8), rng), digit


def _form(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    strokes, digit = pen.form(rng)
    return render(strokes, rng), digit


def _character(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    return render(pen.vary(_any(hands.characters, rng), rng, 0.8), rng), NOT_A_DIGIT


def _scribble(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    return render(pen.scribble(rng), rng), NOT_A_DIGIT


def _symbol(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    return render(pen.symbol(rng), rng), NOT_A_DIGIT


def _two(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    both = pen.side_by_side(hands.digit(rng)[0], hands.digit(rng)[0], rng)
    if rng.random() < 0.1:
        both = pen.side_by_side(both, hands.digit(rng)[0], rng)
    return render(both, rng), NOT_A_DIGIT


def _surrounded(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    return render(pen.around(hands.digit(rng)[0], rng), rng), NOT_A_DIGIT


def _two_pictures(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    """Two of MNIST's training digits next to each other, as in a picture of a number."""
    left, right = (_cut(datasets.mnist().x_train[rng.integers(50_000)]) for _ in range(2))
    height = max(len(left), len(right))
    left, right = (np.pad(p, ((height - len(p), 0), (0, 0))) for p in (left, right))
    gap = np.zeros((height, int(rng.integers(1, 5))), np.uint8)
    return _fit(np.concatenate([left, gap, right], axis=1) / 255), NOT_A_DIGIT


def _texture(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    """What is left of a photograph: patches of light and dark, or their middle lines."""
    noise = ndimage.gaussian_filter(rng.normal(size=(64, 64)), rng.uniform(1.0, 6.0) * rng.uniform(0.5, 1.5, 2))
    dark = noise > np.quantile(noise, rng.uniform(0.45, 0.9))
    pieces, count = ndimage.label(dark)
    areas = np.bincount(pieces.ravel(), minlength=count + 1)
    areas[0] = 0
    dark = np.isin(pieces, np.flatnonzero(areas >= max(rng.choice([0.03, 0.3, 1.0]) * areas.max(), 1)))
    if rng.random() < 0.4 and (lines := skeletonize(dark)).sum() > 20:
        points = np.argwhere(lines)[:, ::-1].astype(np.float32)
        return preprocessing.normalise(list(points[:, None]))[1], NOT_A_DIGIT
    ink = ndimage.gaussian_filter(np.pad(dark, 1).astype(float), 0.7)
    return _fit(_cut(ink, 0.02)), NOT_A_DIGIT


def _solid(rng: np.random.Generator, hands: _Hands) -> tuple[np.ndarray, int]:
    """A shape that is filled: an ellipse, a box, or something in between, with a wavy edge."""
    y, x = np.mgrid[-1:1:64j, -1:1:64j] * 1.2
    turn, wide = rng.uniform(0, np.pi), rng.uniform(0.5, 1.0)
    u, v = x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)
    power, angle = rng.uniform(1.2, 8), np.arctan2(v, u)
    waves = np.cos(np.arange(2, 6)[:, None] * angle.ravel() + rng.uniform(0, 6, (4, 1)))
    edge = 1 + rng.normal(0, 0.06, 4) @ waves
    inside = (np.abs(u) ** power + np.abs(v / wide) ** power) ** (1 / power) < edge.reshape(64, 64)
    return _fit(_cut(ndimage.gaussian_filter(inside.astype(float), 1.0), 0.02)), NOT_A_DIGIT


PARTS = {
    "pen": Part(_pen, 8_000, needs_pen_digits=True, is_other=False),
    "written": Part(_written, 6_000, is_other=False),
    "form": Part(_form, 4_000, is_other=False),
    "character": Part(_character, 12_000),
    "scribble": Part(_scribble, 4_000),
    "symbol": Part(_symbol, 3_000),
    "two": Part(_two, 4_000),
    "two pictures": Part(_two_pictures, 1_500),
    "surrounded": Part(_surrounded, 1_500),
    "texture": Part(_texture, 2_500),
    "solid": Part(_solid, 1_500),
}


def _portion(name: str, seed: int, portion: int, pen_file: str) -> tuple[np.ndarray, np.ndarray]:
    """Draw PORTION pictures of one part: the same for the same seed, whichever process does it."""
    rng = np.random.default_rng([seed, list(PARTS).index(name), portion])
    hands, make = _hands(pen_file, held_out=False), PARTS[name].make
    pictures, labels = zip(*(make(rng, hands) for _ in range(PORTION)), strict=True)
    return _as_bytes(pictures), np.array(labels, np.uint8)


@cache
def _hands(pen_file: str, held_out: bool) -> _Hands:
    known = glyphs.load(held_out)
    others = [g for g in known if not g.character.isdecimal() and g.character not in AMBIGUOUS]
    written = pen_digits(pen_file) if pen_file else ()
    return _Hands(
        pen=[(d.strokes, d.digit) for d in written if is_held_out(d.writer) == held_out],
        written=[(g.strokes, int(g.character)) for g in known if g.character.isdecimal()],
        characters=[g.strokes for g in others for _ in range(1 if g.character in ALIKE else 2)],
    )


def _as_bytes(pictures: Sequence[np.ndarray]) -> np.ndarray:
    return np.round(255 * np.clip(pictures, 0, 1)).astype(np.uint8)


def _any(choices: Sequence, rng: np.random.Generator):
    return choices[int(rng.integers(len(choices)))]


def _cut(ink: np.ndarray, least: float = 0) -> np.ndarray:
    """Return the box around the ink."""
    rows, columns = np.flatnonzero((ink > least).any(1)), np.flatnonzero((ink > least).any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _fit(ink: np.ndarray) -> np.ndarray:
    """float [h, w], 0..1 -> float32 [28, 28]: the longer side 20 pixels, centred by its mass."""
    zoom = BOX / max(ink.shape)
    width, height = (max(1, round(n * zoom)) for n in (ink.shape[1], ink.shape[0]))
    small = Image.fromarray(ink.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR)
    picture = np.zeros((SIZE, SIZE), np.float32)
    top, left = (SIZE - height) // 2, (SIZE - width) // 2
    picture[top : top + height, left : left + width] = np.asarray(small)
    shift = CENTRE - preprocessing.centre_of_mass(picture)
    return np.clip(ndimage.shift(picture, shift[::-1], order=1), 0, 1)
