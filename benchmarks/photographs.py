"""Measure how the shipped network reads photographs of digits, and write it into docs/benchmarks.md.

    python -m benchmarks.photographs --unipen-digits FILE [--pen-digits FILE] [--network FOLDER]
                                     [--development] [--count 100] [--sheet FILE]

The photographs are made: a digit by a held-out writer is written on paper or a board, lit, and taken by a
camera, of which every part is drawn by chance from a seed. Each is a file, as a visitor would upload it.
"""

import argparse
import datetime
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.numbers import OUT, PEN_WRITERS, writers
from benchmarks.photograph_kinds import KINDS, photographs
from core.data.pen_files import PenDigit
from core.ink import files
from core.models import networks
from core.models.classifiers import Classifier

PART = re.compile(r"<!-- photographs -->\n.*?(?=\n<!-- |\Z)", re.DOTALL)
TEXT = """<!-- photographs -->

## Photographs

`python -m benchmarks.photographs --unipen-digits FILE --pen-digits FILE`.
Made photographs, {count} of each kind, of digits by {writers} from whom nothing was learnt; paper, ink, light
and camera are drawn by chance from a seed, 600 to 1,600 pixels, JPEGs of quality 35 to 95 and PNGs of 8 and 16
bit, some with transparency. The reading was mended on photographs of other writers' digits.

Measured on {date}. Right: answered with its digit. Called a digit: not 'no digit'.

| kind | how many | right | called a digit | median time |
|---|--:|--:|--:|--:|
{rows}
"""


def measure(classifier: Classifier, digits: list[PenDigit], count: int, seed: int) -> str:
    """Return the section of the page."""
    rows, every = [], []
    for kind in KINDS:
        found = [_read(data, label, classifier) for data, label in photographs(digits, kind, count, seed)]
        rows.append(_row(kind, found))
        every += found
    rows.append(_row("**all**", every))
    return TEXT.format(
        count=count,
        writers=f"{len({d.writer for d in digits})} writers",
        date=datetime.date.today(),
        rows="\n".join(rows),
    )


def _read(data: bytes, label: int, classifier: Classifier) -> tuple[bool, bool, float]:
    """Return (read rightly, called a digit, seconds from the file to the answer)."""
    started = time.perf_counter()
    image = files.read(data, classifier.predict)
    digit = classifier.predict(image).digit if image else None
    return digit == label, digit is not None, time.perf_counter() - started


def _row(name: str, found: list[tuple[bool, bool, float]]) -> str:
    right, called, seconds = zip(*found, strict=True)
    columns = f"{np.mean(right):.1%} | {np.mean(called):.1%}"
    return f"| {name} | {len(found):,} | {columns} | {1000 * np.median(seconds):.0f} ms |"


def sheet(digits: Sequence[PenDigit], seed: int) -> Image.Image:
    """A row of ten of each kind, to be looked at."""
    side = 180
    image = Image.new("RGB", (10 * side, len(KINDS) * side), "white")
    for row, kind in enumerate(KINDS):
        for column, (data, _) in enumerate(photographs(digits, kind, 10, seed)):
            small = Image.fromarray(files.read_image(data))
            small.thumbnail((side - 4, side - 4))
            image.paste(small, (column * side, row * side))
    return image


def main() -> None:
    """Measure, print, and put the figures into docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unipen-digits", type=Path, metavar="FILE", required=True)
    for name in ("--pen-digits", "--network"):
        parser.add_argument(name, type=Path, metavar="FILE")
    parser.add_argument(
        "--development", action="store_true", help="only print those of the writers for choosing"
    )
    parser.add_argument("--count", type=int, default=100, help="photographs of each kind")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help="only write some, side by side, as a picture"
    )
    options = parser.parse_args()
    digits = writers(str(options.unipen_digits), test=not options.development)
    if options.pen_digits:
        found = writers(str(options.pen_digits), test=not options.development)
        digits += [replace(d, writer=PEN_WRITERS + d.writer) for d in found]
    if options.sheet:
        sheet(digits, options.seed).save(options.sheet)
        return
    classifier = Classifier(networks.load(options.network) if options.network else networks.shipped())
    text = measure(classifier, digits, options.count, options.seed)
    print(text)
    if not (options.development or options.network):
        page = OUT.read_text(encoding="utf-8")
        OUT.write_text(
            PART.sub(lambda _: text, page) if PART.search(page) else f"{page.rstrip()}\n\n{text}",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
