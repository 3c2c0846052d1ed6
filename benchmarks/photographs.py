"""Measure how the shipped network reads photographs of digits, and write it into docs/benchmarks.md.

    python -m benchmarks.photographs --unipen-digits FILE [--pen-digits FILE] [--network FOLDER]
                                     [--beside FOLDER NAME] [--development] [--count 100] [--sheet FILE]

The photographs are made: a digit by a held-out writer is written on paper or a board, lit, and taken by a
camera, of which every part is drawn by chance from a seed. Each is a file, as a visitor would upload it.
Another version, checked out into a folder of its own, reads the same files by its command line.
"""

import argparse
import datetime
import json
import re
import subprocess
import sys
import tempfile
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

`python -m benchmarks.photographs --unipen-digits FILE --pen-digits FILE{option}`.
Made photographs, {count} of each kind, of digits by {writers} from whom nothing was learnt; paper, ink, light
and camera are drawn by chance from a seed, 600 to 1,600 pixels, JPEGs of quality 35 to 95 and PNGs of 8 and 16
bit, some with transparency. The reading was mended on photographs of other writers' digits.

Measured on {date}. Right: answered with its digit. Called a digit: not 'no digit'.{beside}

| kind | how many | right | called a digit | median time |{column}
|---|--:|--:|--:|--:|{rule}
{rows}
"""


def measure(
    classifier: Classifier,
    digits: list[PenDigit],
    count: int,
    seed: int,
    beside: tuple[str, str] | None = None,
) -> str:
    """Return the section of the page; `beside`: a checkout of another version, and what it is called."""
    rows: list[str] = []
    ours: list[tuple[bool, bool, float]] = []
    theirs: list[bool] = []
    for kind in KINDS:
        made = list(photographs(digits, kind, count, seed))
        read = [_read(data, label, classifier) for data, label in made]
        read_before = _read_by(beside[0], made) if beside else []
        rows.append(_row(kind, read, read_before))
        ours += read
        theirs += read_before
    rows.append(_row("**all**", ours, theirs))
    return TEXT.format(
        count=count,
        writers=f"{len({d.writer for d in digits})} writers",
        date=datetime.date.today(),
        option=f" --beside FOLDER '{beside[1]}'" if beside else "",
        beside=f" In the last column {beside[1]} read the same files." if beside else "",
        column=" right, before |" if beside else "",
        rule="--:|" if beside else "",
        rows="\n".join(rows),
    )


def _read(data: bytes, label: int, classifier: Classifier) -> tuple[bool, bool, float]:
    """Return (read rightly, called a digit, seconds from the file to the answer)."""
    started = time.perf_counter()
    image = files.read(data, classifier.predict)
    digit = classifier.predict(image).digit if image else None
    return digit == label, digit is not None, time.perf_counter() - started


def _read_by(checkout: str, found: Sequence[tuple[bytes, int]]) -> list[bool]:
    """Are these files read rightly by `python -m core predict` in another checkout?"""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{n}.image") for n in range(len(found))]
        for path, (data, _) in zip(paths, found, strict=True):
            path.write_bytes(data)
        command = [sys.executable, "-m", "core", "predict", "--json", *map(str, paths)]
        said = subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout
    read = [json.loads(line)["digit"] for line in said.splitlines()]
    return [digit == label for digit, (_, label) in zip(read, found, strict=True)]


def _row(name: str, found: list[tuple[bool, bool, float]], theirs: list[bool]) -> str:
    right, called, seconds = zip(*found, strict=True)
    columns = f"{np.mean(right):.1%} | {np.mean(called):.1%}"
    beside = f" {np.mean(theirs):.1%} |" if theirs else ""
    return f"| {name} | {len(found):,} | {columns} | {1000 * np.median(seconds):.0f} ms |{beside}"


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
        "--beside",
        nargs=2,
        metavar=("FOLDER", "NAME"),
        help="an earlier version's checkout, which reads the same files, and what it is called",
    )
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
    text = measure(classifier, digits, options.count, options.seed, options.beside)
    print(text)
    if not (options.development or options.network):
        page = OUT.read_text(encoding="utf-8")
        OUT.write_text(
            PART.sub(lambda _: text, page) if PART.search(page) else f"{page.rstrip()}\n\n{text}",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
