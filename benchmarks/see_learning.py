"""What it costs to see a network learn: `python -m benchmarks learning` (about two minutes).

What is shown live in training time, the browser's work meanwhile, the first point after the click, the slider.
"""

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import train_page
from core.ink.preprocessing import from_strokes
from core.storage.store import Store
from core.training import recipes
from tests import shapes
from tests.browser import chromium
from tests.browser.server import serve

TURNS = 5  # trainings of 'quick'
CLICKS = 5
LONG = "the best of the first tutorial"  # the recipe that goes on for minutes
WATCHED = 10.0  # seconds in which the browser's work is measured
ENOUGH = 15_000  # milliseconds that it trains before it is stopped, for the slider
WIND = """async () => {
  const roots = [...document.querySelectorAll("*")].map((element) => element.shadowRoot);
  const box = roots.map((root) => root?.querySelector(".learning")).find(Boolean);
  const range = box.querySelector(".wind input"), spent = [];
  const frame = () => new Promise(requestAnimationFrame);
  for (let turn = 0; turn < 3; turn++)
    for (let place = 0; place <= Number(range.max); place++) {
      await frame();
      const began = performance.now();
      range.value = place;
      range.dispatchEvent(new Event("input", { bubbles: true }));
      await frame();
      await frame();  // what the first was called before is painted
      spent.push(performance.now() - began);
    }
  return spent;
}"""

TEXT = """
## To see it learn

| what | at most | measured |
|---|--:|--:|
| all that is shown live, in training time (median of {turns} of 'quick') | 5% | {live:.1%} |
| the browser's work while it trains, all of Chromium's processes, of one core | 25% | {browser:.0%} |
| the click on Train to the first point of the curves, median of {clicks} | 1 s | {first:.2f} s |
| a move of the slider to all pictures painted, median of {moves} | 100 ms | {slider:.0f} ms |
| the same, 95th percentile | | {slider_95:.0f} ms |

The live view's share was timed inside of the trainings, which write to their database: points between
epochs, states, the figures of single steps; the first point, which compiles what the end needs as well, counts
as the others. After the end states that were kept on the way are measured for the slider, for {after:.2f} s
here. The browser's work is that of {watched:.0f} seconds of '{long}', painted without a graphics card.
"""


def markdown() -> str:
    """Measure, and return a section of docs/benchmarks.md."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS) as browser,
        serve() as (url, _),
    ):
        first = train_page.first_points(browser, url, CLICKS)
        work, moves = _watch(browser, url)
    live = live_fractions()
    return TEXT.format(
        turns=TURNS,
        live=np.median([fraction for fraction, _ in live]),
        after=np.median([seconds for _, seconds in live]),
        browser=work,
        clicks=CLICKS,
        first=np.median(first) / 1000,
        moves=len(moves),
        slider=np.median(moves),
        slider_95=np.quantile(moves, 0.95),
        watched=WATCHED,
        long=LONG,
    )


def _watch(browser: Browser, url: str) -> tuple[float, list[float]]:
    """Train for a while, then stop; return the browser's share of a core, and milliseconds for each move."""
    with browser.new_page(viewport=train_page.SIZE) as page:
        page.goto(url)
        train_page.open_train(page)
        train_page.choose(page, LONG)
        train_page.click(page)
        page.wait_for_timeout(3000)
        work = _work(page)
        page.wait_for_timeout(max(0, ENOUGH - 3000 - 1000 * WATCHED))
        page.locator(".st-key-stop button").click()
        page.locator(".st-key-resume").wait_for(timeout=train_page.WARM)
        page.locator(".wind input").wait_for()
        page.wait_for_timeout(1000)
        return work, page.evaluate(WIND)


def _work(page: Page) -> float:
    """Return what all of Chromium's processes take of one core while this page is looked at."""
    before, began = _processor_seconds(), time.monotonic()
    page.wait_for_timeout(1000 * WATCHED)
    return (_processor_seconds() - before) / (time.monotonic() - began)


def _processor_seconds() -> float:
    """Of the browser that this process has started, all its helpers; not of the server, nor of Playwright."""
    spent = 0.0
    for process in psutil.Process(os.getpid()).children(recursive=True):
        with _gone():
            if "chrom" in process.name().lower() or "headless" in process.name().lower():
                times = process.cpu_times()
                spent += times.user + times.system
    return spent


@contextmanager
def _gone() -> Iterator[None]:
    """A process may end while it is asked."""
    try:
        yield
    except psutil.Error:
        return


def live_fractions(turns: int = TURNS) -> list[tuple[float, float]]:
    """Return for each training of 'quick' by how much of all else what is shown of it makes it longer, and for
    how many seconds after its end states are measured for the slider.
    """
    from core.worker import tasks  # noqa: PLC0415

    image, found = from_strokes(shapes.strokes(7)), []
    assert image is not None
    for _ in range(turns + 1):  # the first warms up
        with tempfile.TemporaryDirectory(prefix="digit-lab-") as folder, _Timed() as timed:
            store = Store(url := f"sqlite:///{Path(folder) / 'lab.db'}")
            config = recipes.RECIPES["quick"].config
            number = store.add(config, name="quick", visitor="benchmark", drawing=image.pixels)
            tasks.train_run(url, number)
            run = store.run(number)
            assert run is not None
            found.append((timed.live / (run.seconds - timed.live), timed.spent["unseen"]))
    return found[1:]


class _Timed:
    """Adds up what the parts of the live view take while it is open; a part within another is in that one's."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._points: list[float] = []
        self._depth, self._saving = 0, 0.0

    @property
    def live(self) -> float:
        """Seconds within the training; the first point counts as much as the median of the others."""
        points = len(self._points) * float(np.median(self._points[1:] or self._points or [0.0]))
        return points + sum(seconds for name, seconds in self.spent.items() if name != "unseen")

    def __enter__(self) -> "_Timed":
        from core.worker import training, watching  # noqa: PLC0415

        self._patches = ExitStack()
        for owner, name in (
            (training._Training, "_measure_sample"),
            (training._Training, "_keep_state"),
            (training._Training, "_report"),
            (watching.Watcher, "keep"),
            (watching.StepFigures, "__init__"),
            (watching.StepFigures, "after"),
        ):
            self._patches.enter_context(
                mock.patch.object(owner, name, self._timing(name, getattr(owner, name)))
            )
        unseen = watching.Watcher.unseen
        timed = self._timing("unseen", lambda *args: iter(list(unseen(*args))))
        self._patches.enter_context(mock.patch.object(watching.Watcher, "unseen", timed))
        saving = self._saved(training._Training._maybe_checkpoint)
        self._patches.enter_context(mock.patch.object(training._Training, "_maybe_checkpoint", saving))
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.close()

    def _timing(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            self._depth += 1
            began, saving = time.perf_counter(), self._saving
            try:
                return call(*args, **named)
            finally:
                self._depth -= 1
                spent = time.perf_counter() - began - (self._saving - saving)
                if not self._depth and name == "_measure_sample":
                    self._points.append(spent)
                elif not self._depth:
                    self.spent[name] += spent

        return timed

    def _saved(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """What a checkpoint takes within a point: that is for a crash, and nothing is shown of it."""

        def timed(*args: Any) -> None:
            began = time.perf_counter()
            call(*args)
            self._saving += time.perf_counter() - began

        return timed
