"""From the pen's release to the answer on the page, in a real Chromium."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator

import psutil
from playwright.sync_api import Browser, Page

from tests import shapes
from tests.browser import pen
from tests.browser.server import ROOT, free_port, serve, wait_for

STROKES = 50
WARM_UP = 5
DIGITS = [0, 1, 2, 3, 5, 6, 7, 8, 9]  # those that are one stroke

# Notes the time of each release of the pen, and of the first change of the answer after it.
WATCH = """(selector) => {
    let released = 0, text = null;
    window.times = [];
    window.addEventListener("pointerup", (event) => {
        released = event.composedPath()[0].tagName === "CANVAS" ? performance.now() : 0;
    }, true);
    const look = () => {
        const element = document.querySelector(selector);
        const now = element && ("value" in element ? element.value : element.innerText);
        if (now !== text && released) {
            window.times.push(performance.now() - released);
            released = 0;
        }
        text = now;
    };
    look();
    new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
    setInterval(look, 4);  // a text field's value is no mutation
}"""


def measure(page: Page, answer: str, canvas: str, clear: Callable[[], None], left: float = 70) -> list[float]:
    """Return milliseconds for each of STROKES digits, until the answer's text has changed."""
    page.evaluate(WATCH, answer)
    for number in range(WARM_UP + STROKES):
        digit = DIGITS[number % len(DIGITS)]
        pen.draw(page, shapes.strokes(digit, 180, left, 70), canvas=canvas)
        page.wait_for_function(f"window.times.length === {number + 1}", timeout=10_000)
        page.wait_for_timeout(250)
        clear()
        page.wait_for_timeout(250)
    return page.evaluate("window.times")[WARM_UP:]


def our_page(browser: Browser) -> tuple[list[float], list[float]]:
    """Return the times, and the server's memory in MB at the start and after every 50 further drawings."""
    with serve() as (url, process), browser.new_page(viewport={"width": 1440, "height": 900}) as page:
        pen.open_page(page, url)
        times = measure(page, pen.ANSWER, pen.CANVAS, lambda: page.keyboard.press("Delete"))
        memory = [_memory(process)]
        for number in range(200):
            pen.draw(page, shapes.strokes(DIGITS[number % len(DIGITS)]))
            page.wait_for_timeout(60)
            page.keyboard.press("Delete")
            page.wait_for_timeout(60)
            if number % 50 == 49:
                memory.append(_memory(process))
    return times, memory


def naive_page(browser: Browser) -> list[float]:
    with (
        serve("benchmarks/naive_page.py", {"PYTHONPATH": str(ROOT)}) as (url, _),
        browser.new_page(viewport={"width": 1440, "height": 900}) as page,
    ):
        page.goto(url)
        page.locator(pen.CANVAS).wait_for()
        page.wait_for_timeout(1000)
        # Its answer counts the strokes, so it changes each time; nothing is cleared.
        return measure(page, ".st-key-prediction", pen.CANVAS, lambda: None)


def gradio_page(browser: Browser) -> list[float]:
    with gradio() as url, browser.new_page(viewport={"width": 1440, "height": 900}) as page:
        page.goto(url, wait_until="domcontentloaded")
        page.get_by_role("button", name="Brush").click(timeout=60_000)
        page.wait_for_timeout(2000)
        return measure(page, "#answer textarea", "canvas", lambda: None, left=220)  # its paper is in the middle


@contextlib.contextmanager
def gradio() -> Iterator[str]:
    port = free_port()
    command = [str(ROOT / ".venv-gradio/bin/python"), "benchmarks/gradio_page.py", str(port)]
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/", process)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def start_up(browser: Browser) -> tuple[float, float]:
    """Return seconds from `streamlit run` to a usable canvas, and from the first release to its digit."""
    started = time.monotonic()
    with serve() as (url, _), browser.new_page(viewport={"width": 1440, "height": 900}) as page:
        page.goto(url)
        page.locator(pen.CANVAS).wait_for()
        usable = time.monotonic() - started
        page.wait_for_timeout(300)
        page.evaluate(WATCH, pen.ANSWER)
        pen.draw(page, shapes.strokes(3))
        page.wait_for_function("window.times.length === 1", timeout=20_000)
        return usable, page.evaluate("window.times")[0] / 1000


def _memory(process: int) -> float:
    return psutil.Process(process).memory_info().rss / 1e6
