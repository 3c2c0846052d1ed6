"""Measure how the shipped network reads numbers, and write it into docs/benchmarks.md.

    python -m benchmarks.numbers --unipen-digits FILE [--pen-digits FILE] [--unipen-characters FILE]
                                 [--network FOLDER] [--development]

Each number is put together from digits of one held-out writer, two to six of them, as they would be written.
"""

import argparse
import datetime
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.data import pen_files
from core.data.pen_files import PenDigit
from core.data.training_sets import ALIKE, AMBIGUOUS
from core.ink.preprocessing import from_strokes, sketch
from core.models import networks, number_prediction
from core.models.classifiers import Classifier
from core.records import Drawing, NumberPrediction

DIGITS = (2, 6)
GAPS = (-0.1, 0.6)  # of a digit's width
HEIGHTS, UP = (0.88, 1.12), 0.05  # of one digit among others, and by how much it stands higher or lower
CANVAS = 280
PEN_WRITERS = 10_000  # added to the numbers of the pen digits' writers


@dataclass(frozen=True)
class Number:
    """A number as a pen wrote it: strokes in pixels of a canvas, the gap as a share of a width, its digits."""

    strokes: tuple[np.ndarray, ...]
    text: str
    gap: float
    digits: tuple[tuple[np.ndarray, ...], ...]


def put_together(digits: Sequence[PenDigit], rng: np.random.Generator, gap: float) -> Number:
    """Put digits side by side, each as high as its neighbours or nearly so, in the order of writing."""
    sized = []
    for digit in digits:
        points = np.concatenate(digit.strokes)
        low, size = points.min(0), np.ptp(points, axis=0)
        zoom = 1 / max(size[1], size[0] / 1.5, 1e-6)
        sized.append((rng.uniform(*HEIGHTS) * zoom, low, size, digit.strokes))
    width = float(np.mean([max(zoom * size[0], 0.15) for zoom, _, size, _ in sized]))
    left, placed = 0.0, []
    for zoom, low, size, strokes in sized:
        up = (1 - zoom * size[1]) / 2 + rng.normal(0, UP)
        placed += [(np.asarray(s, float) - low) * zoom + (left, up) for s in strokes]
        left += zoom * size[0] + gap * width
    points = np.concatenate(placed)
    scale = (CANVAS - 40) / max(np.ptp(points, axis=0))
    moved = tuple(np.round((s - points.min(0)) * scale + 20).astype(np.float32) for s in placed)
    return Number(moved, "".join(str(d.digit) for d in digits), gap, tuple(d.strokes for d in digits))


def numbers(digits: Sequence[PenDigit], count: int, seed: int, gaps: tuple[float, float]) -> list[Number]:
    """Return numbers of two to six digits, each by one writer, of writers who wrote at least two."""
    rng = np.random.default_rng(seed)
    by_writer: dict[int, list[PenDigit]] = {}
    for digit in digits:
        by_writer.setdefault(digit.writer, []).append(digit)
    writers = [found for _, found in sorted(by_writer.items()) if len(found) > 1]
    made = []
    for _ in range(count):
        own = writers[rng.integers(len(writers))]
        chosen = [own[rng.integers(len(own))] for _ in range(rng.integers(DIGITS[0], DIGITS[1] + 1))]
        made.append(put_together(chosen, rng, rng.uniform(*gaps)))
    return made


OUT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
PART = re.compile(r"<!-- numbers -->\n.*?(?=\n<!-- |\Z)", re.DOTALL)
TEXT = """<!-- numbers -->

## Numbers

`python -m benchmarks.numbers --unipen-digits FILE --pen-digits FILE --unipen-characters FILE`.
Two to six digits of one writer are put side by side; {writers}. Nothing was learnt from them, and the
costs of a path were chosen by others; the pen digits' among them, not UNIPEN's, had a say in the network's
recipe. Gaps are shares of a digit's width; a number is right where all its digits are. The fourth column says
how many would be, were it known which strokes each digit has. Pictures are 560 pixels wide, the pen 6 to 14.

Measured on {date}.

| whole numbers right | how many | right | its digits apart | median time |
|---|--:|--:|--:|--:|
{rows}

| taken for a number | how many | share |
|---|--:|--:|
{others}
"""


def writers(path: str, *, test: bool) -> list[PenDigit]:
    """Digits by held-out writers: by those of the end, or by those by whom something is chosen."""
    digits = [d for d in pen_files.pen_digits(path) if pen_files.is_held_out(d.writer)]
    return [d for d in digits if pen_files.is_test_writer(d.writer) == test]


def picture(number: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Strokes on a canvas -> uint8 [h, w] of twice its size, ink pen 6 to 14, cut above and below."""
    brush = rng.uniform(6, 14)
    ink = sketch([2 * s for s in number], [brush] * len(number), 2 * CANVAS)
    rows = np.flatnonzero(ink.any(1))
    return (255 * (1 - ink[max(rows[0] - 40, 0) : rows[-1] + 40])).astype(np.uint8)


def main() -> None:
    """Measure, print, and put the figures into docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unipen-digits", type=Path, metavar="FILE", required=True)
    for name in ("--pen-digits", "--unipen-characters", "--network"):
        parser.add_argument(name, type=Path, metavar="FILE")
    parser.add_argument(
        "--development", action="store_true", help="only print those of the writers for choosing"
    )
    parser.add_argument("--count", type=int, default=1000, help="numbers with gaps; half of them without")
    parser.add_argument("--pictures", type=int, default=100, help="of each, also read from a picture")
    options = parser.parse_args()
    classifier = Classifier(networks.load(options.network) if options.network else networks.shipped())
    digits = writers(str(options.unipen_digits), test=not options.development)
    if options.pen_digits:
        digits += [
            replace(d, writer=PEN_WRITERS + d.writer)
            for d in writers(str(options.pen_digits), test=not options.development)
        ]
    text = measure(
        classifier,
        digits,
        options.unipen_characters,
        options.count,
        options.pictures,
        test=not options.development,
    )
    print(text)
    if not (options.development or options.network):
        page = OUT.read_text(encoding="utf-8")
        OUT.write_text(
            PART.sub(lambda _: text, page) if PART.search(page) else f"{page.rstrip()}\n\n{text}",
            encoding="utf-8",
        )


def measure(
    classifier: Classifier,
    digits: list[PenDigit],
    characters: Path | None,
    count: int,
    pictures: int,
    *,
    test: bool,
) -> str:
    """Return the section of the page."""
    rows = []
    for name, gaps, many, seed in (
        ("gaps from 0 to 60%", (0.001, GAPS[1]), count, 11),
        ("touching: gaps from -10% to 0", (GAPS[0], 0.0), count // 2, 12),
    ):
        made = numbers(digits, many, seed, gaps)
        rows.append(_row(f"strokes, {name}", classifier, made, _of_strokes))
        rows.append(_row(f"pictures of them, {name}", classifier, made[:pictures], _of_image))
    singles = [number_prediction.predict(Drawing(d.strokes), classifier) for d in digits]
    others = [_others("single digits", singles)]
    if characters:
        found = [c for c in pen_files.pen_characters(str(characters)) if pen_files.is_held_out(c.writer)]
        found = [c for c in found if pen_files.is_test_writer(c.writer) == test]
        found = [c for c in found if c.character not in AMBIGUOUS | ALIKE]
        read = [number_prediction.predict(Drawing(c.strokes), classifier) for c in found]
        others.append(_others("letters and signs", read))
    return TEXT.format(
        date=datetime.date.today(),
        writers=f"{len({d.writer for d in digits})} writers wrote {len(digits):,} digits",
        rows="\n".join(rows),
        others="\n".join(others),
    )


def _row(name: str, classifier: Classifier, made: list[Number], read: Callable) -> str:
    right, alone, times = [], [], []
    for n, number in enumerate(made):
        started = time.perf_counter()
        reading = read(number, classifier, np.random.default_rng((13, n)))
        times.append(time.perf_counter() - started)
        right.append(reading is not None and reading.number == number.text)
        alone.append(_each_alone(number, classifier))
    columns = f"{np.mean(right):.1%} | {np.mean(alone):.1%}"
    return f"| {name} | {len(made):,} | {columns} | {1000 * np.median(times):.0f} ms |"


def _each_alone(number: Number, classifier: Classifier) -> bool:
    """Is each of its digits read rightly where it is known which strokes it has?"""
    images = [from_strokes(strokes) for strokes in number.digits]
    return (
        "".join(str(p.probabilities.argmax()) for p in classifier.predict_many([i for i in images if i]))
        == number.text
    )


def _of_strokes(number: Number, classifier: Classifier, _: np.random.Generator) -> NumberPrediction | None:
    return number_prediction.predict(Drawing(number.strokes), classifier)


def _of_image(number: Number, classifier: Classifier, rng: np.random.Generator) -> NumberPrediction | None:
    return number_prediction.predict(picture(number.strokes, rng), classifier)


def _others(name: str, readings: Sequence[NumberPrediction | None]) -> str:
    taken = [reading is not None and len(reading.digits) > 1 for reading in readings]
    return f"| {name} | {len(taken):,} | {np.mean(taken):.2%} |"


if __name__ == "__main__":
    main()
