"""The parts of docs/benchmarks.md that are measured in a browser, as text."""

import contextlib
import time
from collections.abc import Callable, Iterator

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks import (
    live,
    look_inside,
    mistakes_page,
    my_digits_page,
    strokes,
    train_page,
    training,
    visitors,
)
from core.analysis.attribution import METHODS
from core.ink.preprocessing import from_strokes
from core.models import classifiers
from core.records import DigitImage
from tests import shapes
from tests.browser import chromium

CALLS = 500

DRAWING = """
## From the pen's release to Python's answer on the page

{strokes} digits in a real Chromium, until the text of Python's answer has changed.

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

INSIDE = """
## Look inside

In Chromium, from the release of the pen or the click until the change is painted; {strokes} strokes, {clicks}
clicks. 'The largest network' has 20 layers of 128 maps each, 188 million multiplications.

| from | to | median | 95th percentile |
|---|---|--:|--:|
| the pen's release | the shipped network from left to right | {flow} |
| the pen's release | all maps of the shipped network | {maps} |
| a click on a number of a map | the arithmetic that made it | {click} |
| the pen's release | the largest network from left to right | {huge_flow} |
| the pen's release | all maps of the largest network | {huge_maps} |
| a click on a number of it | the arithmetic | {huge_click} |
| a frame of the signal on its way through the shipped network | the next | {frames} |
| of the largest | the next | {huge_frames} |

Which ink decided, one drawing, the shipped network, {calls} calls each:

| way of asking | median | 95th percentile |
|---|--:|--:|
{ways}

The map of the 10,000 test digits (t-SNE, the network's reading of them included): {shipped:.2f} s of the
network that comes with the app; of another {first:.1f} s the first time, {again:.2f} s again,
in another process.
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


def drawing() -> str:
    """What drawing costs, here and elsewhere."""
    with _browser() as browser:
        starts = [strokes.start_up(browser) for _ in range(5)]
        ours, memory = strokes.our_page(browser)
        naive = strokes.naive_page(browser)
        gradio = strokes.gradio_page(browser)
    crowd = visitors.measure()
    classifier, digit = classifiers.shipped(), shapes.strokes(5)
    image = from_strokes(digit, brushes=[18], canvas=340)
    assert isinstance(image, DigitImage)
    parts = {
        "`preprocessing.from_strokes`": lambda: from_strokes(digit, brushes=[18], canvas=340),
        "`classifier.predict`": lambda: classifier.predict(image),
        "`classifier.activations`": lambda: classifier.activations(image),
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


def while_drawing() -> str:
    """What bars that move with the pen cost, here and elsewhere."""
    with _browser() as browser:
        return live.markdown(browser)


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


def inside() -> str:
    """What looking inside a network costs."""
    with _browser() as browser:
        times = look_inside.measure(browser)
    shipped, first, again = look_inside.layouts()
    return INSIDE.format(
        strokes=look_inside.STROKES,
        clicks=look_inside.CLICKS,
        calls=look_inside.CALLS,
        flow=_figures(times["flow"], 0),
        frames=_figures(times["frames"], 1),
        huge_flow=_figures(times["huge flow"], 0),
        huge_frames=_figures(times["huge frames"], 1),
        maps=_figures(times["maps"], 0),
        click=_figures(times["click"], 0),
        huge_maps=_figures(times["huge maps"], 0),
        huge_click=_figures(times["huge click"], 0),
        ways="\n".join(_row(name, times[name], 0) for name in METHODS),
        shipped=shipped,
        first=first,
        again=again,
    )


def my_digits() -> str:
    """What looking through many labelled drawings costs."""
    with _browser() as browser:
        return my_digits_page.markdown(browser)


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
