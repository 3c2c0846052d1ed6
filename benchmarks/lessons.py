"""How fast lessons are: `python -m benchmarks lessons` (about three minutes).

Each step opened by its address, the neuron's frames as it learns, the loss around a network of 60,000 numbers.
"""

import time

import numpy as np
from playwright.sync_api import Page, sync_playwright

from core.analysis import loss_plane
from core.models import networks
from tests.browser import chromium
from tests.browser.server import serve
from ui.lessons import LESSONS

NETWORK = "first-conv-best"
PLAYED = 5.0  # seconds
READ = 3.0  # seconds at the first step, before any is measured
# From frame to frame, in milliseconds, for so many milliseconds.
FRAMES = """(milliseconds) => new Promise((resolve) => {
  const stamps = [];
  const frame = (now) => {
    stamps.push(now);
    if (now - stamps[0] < milliseconds) requestAnimationFrame(frame);
    else resolve(stamps.slice(1).map((stamp, n) => stamp - stamps[n]));
  };
  requestAnimationFrame(frame);
})"""

TEXT = """
## Lessons

| what | asked for | measured |
|---|--:|--:|
| a step's address until its text and question are there, median of all {steps} | 1 s | {text:.2f} s |
| the slowest of them ({slowest}) | 1 s | {worst:.2f} s |
| until what can be moved is there, too, median | | {live:.2f} s |
| the slowest of them ({slowest_live}) | | {worst_live:.2f} s |
| from frame to frame while the neuron learns, median | 16.7 ms | {frame:.1f} ms |
| the same, 95th percentile | | {frame_95:.1f} ms |
| the loss of {places} networks around one of {parameters:,} numbers | 10 s | {plane:.1f} s |

Each step is opened once by a server that has just been started, so that whatever it trains is trained then;
the first of all is opened before, and read for {read:.0f} seconds, in which Plotly is loaded. The text does
not wait for what is trained. The planes of the app's own networks come with it. The step that first asks a
network waits until the server has loaded it, once.
"""


def markdown() -> str:
    """Measure, and return a section of docs/benchmarks.md."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS) as browser,
        serve() as (url, _),
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        opened = _opened(page, url)
        frames = _frames(page, url)
    network = networks.shipped(NETWORK)
    began = time.perf_counter()
    found = loss_plane.around(network, seed=2)
    plane = time.perf_counter() - began
    texts, lives = (np.array([times[n] for times in opened.values()]) for n in (0, 1))
    names = list(opened)
    return TEXT.format(
        steps=len(names),
        read=READ,
        text=np.median(texts),
        slowest=names[texts.argmax()],
        worst=texts.max(),
        live=np.median(lives),
        slowest_live=names[lives.argmax()],
        worst_live=lives.max(),
        frame=np.median(frames),
        frame_95=np.percentile(frames, 95),
        places=f"{found.loss.size:,}",
        parameters=sum(array.size for array in network.weights.values()),
        plane=plane,
    )


def _opened(page: Page, url: str) -> dict[str, tuple[float, float]]:
    """'lesson 5, step 2' -> seconds until its text and question are there, and until all is."""
    found: dict[str, tuple[float, float]] = {}
    for number, (key, lesson) in enumerate(LESSONS.items(), 1):
        for step in range(1, len(lesson.steps) + 1):
            if not found:  # the first opens twice: the server's own beginning is measured elsewhere
                _open(page, f"{url}/lessons?lesson={key}&step={step}")
                page.wait_for_timeout(1000 * READ)
            found[f"lesson {number}, step {step}"] = _open(page, f"{url}/lessons?lesson={key}&step={step}")
    return found


def _open(page: Page, address: str) -> tuple[float, float]:
    began = time.perf_counter()
    page.goto(address)
    page.locator(".st-key-lesson-question label").first.wait_for()
    text = time.perf_counter() - began
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=120_000)
    return text, time.perf_counter() - began


def _frames(page: Page, url: str) -> list[float]:
    _open(page, f"{url}/lessons?lesson=neuron&step=2")
    page.locator(".neuron").get_by_role("button", name="Play").click()
    return page.evaluate(FRAMES, 1000 * PLAYED)
