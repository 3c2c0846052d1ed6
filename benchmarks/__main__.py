"""Run every measurement and write docs/benchmarks.md: `make bench` (about twenty minutes).

`python -m benchmarks drawing`, `training` or `mistakes` measures one part and leaves the others as they were.
"""

import contextlib
import datetime
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks import mistakes_page, strokes, train_page, training, visitors
from core import recognizer
from core.preprocessing import from_strokes
from core.records import DigitImage
from tests import shapes
from tests.browser import chromium

OUT = Path(__file__).parents[1] / "docs" / "benchmarks.md"

PART = re.compile(r"<!-- (\w+) -->\n(.*?)(?=\n<!-- |\Z)", re.DOTALL)

HEAD = """# Benchmarks

`make bench`. Absolute times differ from machine to machine and, on a shared one, from hour to hour; what
stands in one table was measured in one run.
"""

DRAWING = """
## From the pen's release to the digit on the page

{strokes} digits in a real Chromium, until the text of the answer has changed.

| page | median | 95th percentile |
|---|--:|--:|
{pages}

'Naive' is `benchmarks/naive_page.py`: `model.predict`, a rerun of the whole page, a Plotly chart. Gradio is
`benchmarks/gradio_page.py`: a Sketchpad with `live=True` on the same network, in an environment of its own.

## The parts of it

{calls} calls each, one drawing.

| call | median | 95th percentile |
|---|--:|--:|
{parts}

## Starting

Medians of {starts} starts.

| from | to | time |
|---|---|--:|
| `streamlit run` | a canvas that can be drawn on | {usable:.1f} s |
| the first release of the pen | the first digit | {first:.2f} s |

## Many at once

{visitors} visitors over raw websockets, each drawing a digit every {pause:.0f} seconds, {total} in all: from
sending a drawing to receiving its ten bars, median {median:.0f} ms, 95th percentile {p95:.0f} ms.

## Memory

The page process, in MB, at the start and after every 50 further drawings: {memory}.
"""

TRAINING = """
## The Train page

In Chromium, the worker being warm; a digit is drawn while nothing else happens, and while 'Two convolutions,
the best of the first tutorial' is trained on the same computer.

| from | to | median | 95th percentile |
|---|---|--:|--:|
| the click on Train | the first point of the curves | {point} |
| the pen's release, idle | the digit | {idle} |
| the pen's release, while a network is trained | the digit | {busy} |

{training}
"""


MISTAKES = """
## The Mistakes page

In Chromium, a finished run with 10,000 test digits. The clicks on Mistakes come from another page of the same
tab, which has shown Mistakes before: the browser's first loading of the charts' library is not in them.

| from | to | median | 95th percentile |
|---|---|--:|--:|
| the click on Mistakes | its gallery | {opens} |
| the same | the confusion matrix | {matrix} |
| the page's address | its gallery, the app's start in the browser included | {address} |
| the click on a filter | the gallery has changed | {filter} |
| the click on the next page | the gallery has changed | {page} |
| the click on a cell of the matrix | the gallery has changed | {cell} |
"""


def main() -> None:
    """Measure the named parts, or all, and put them in place of what the file said of them."""
    known = {"drawing": drawing, "training": learning, "mistakes": mistakes}
    named = sys.argv[1:] or list(known)
    parts = dict(PART.findall(OUT.read_text()))
    for name in named:
        parts[name] = f"\n*{_machine()}*\n{known[name]()}\n"
    marked = "".join(f"\n<!-- {name} -->\n{parts[name].rstrip()}\n" for name in known if name in parts)
    OUT.write_text(HEAD + marked)
    print(OUT.read_text())


def drawing() -> str:
    """What drawing costs, here and elsewhere."""
    with _browser() as browser:
        starts = [strokes.start_up(browser) for _ in range(5)]
        ours, memory = strokes.our_page(browser)
        naive = strokes.naive_page(browser)
        gradio = strokes.gradio_page(browser)
    crowd = visitors.measure()
    reader, digit = recognizer.shipped(), shapes.strokes(5)
    image = from_strokes(digit, brushes=[18], canvas=340)
    assert isinstance(image, DigitImage)
    parts = {
        "`preprocessing.from_strokes`": lambda: from_strokes(digit, brushes=[18], canvas=340),
        "`recognizer.predict`": lambda: reader.predict(image),
        "`recognizer.activations`": lambda: reader.activations(image),
    }
    pages = {"Digit Lab": ours, "naive Streamlit page": naive, "Gradio Sketchpad": gradio}
    return DRAWING.format(
        strokes=strokes.STROKES,
        pages="\n".join(_row(name, times, 0) for name, times in pages.items()),
        calls=CALLS,
        parts="\n".join(_row(name, _time(call), 2) for name, call in parts.items()),
        starts=len(starts),
        usable=np.median([usable for usable, _ in starts]),
        first=np.median([first for _, first in starts]),
        visitors=visitors.VISITORS,
        pause=visitors.PAUSE,
        total=len(crowd),
        median=np.median(crowd),
        p95=np.quantile(crowd, 0.95),
        memory=", ".join(f"{m:.0f}" for m in memory),
    )


def learning() -> str:
    """What training costs, here and by the tutorials' own code."""
    with _browser() as browser:
        page = train_page.measure(browser)
    return TRAINING.format(
        point=_figures(page["first point"], 0),
        idle=_figures(page["idle"], 0),
        busy=_figures(page["training"], 0),
        training=training.markdown(),
    )


def mistakes() -> str:
    """What looking at mistakes costs."""
    with _browser() as browser:
        times = mistakes_page.measure(browser)
    return MISTAKES.format(**{name: _figures(found, 0) for name, found in times.items()})


@contextlib.contextmanager
def _browser() -> Iterator[Browser]:
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS) as browser,
    ):
        yield browser


def _machine() -> str:
    """When and on what: '2026-11-23, AMD EPYC, 2 cores, Linux, Python 3.11.7'."""
    return (
        f"{datetime.date.today():%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


CALLS = 500


def _time(call: Callable[[], object]) -> list[float]:
    """Return milliseconds of CALLS calls, after some that warm up."""
    times = []
    for _ in range(CALLS + 50):
        started = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - started))
    return times[50:]


def _row(name: str, times: list[float], digits: int) -> str:
    return f"| {name} | {_figures(times, digits)} |"


def _figures(times: list[float], digits: int) -> str:
    median, p95 = np.quantile(times, [0.5, 0.95])
    return f"{median:.{digits}f} ms | {p95:.{digits}f} ms"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":")[1].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
