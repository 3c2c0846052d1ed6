"""Opening the Mistakes page of a finished run, and its filters, in Chromium."""

import tempfile
import time
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Browser, Page, ViewportSize

from core.data import datasets
from core.models import classifiers, networks
from core.nn.activations import softmax
from core.storage.store import Store
from core.training.recipes import RECIPES
from tests.browser.doors import go
from tests.browser.server import serve

OPENINGS, CLICKS = 9, 20
SIZE: ViewportSize = {"width": 1440, "height": 900}
GALLERY, MATRIX = ".st-key-mistakes-gallery .one", ".st-key-mistakes-matrix .heatmaplayer"

# Notes the time of each release of the mouse, and of the first change of the gallery after it.
WATCH = """() => {
    let released = 0, before = null;
    window.times = [];
    const shown = () => {
        const parts = document.querySelectorAll(".st-key-mistakes-gallery *");
        const root = [...parts].map((part) => part.shadowRoot).find((root) => root);
        return root ? [...root.querySelectorAll(".one")].map((one) => one.dataset.number).join() : null;
    };
    addEventListener("pointerup", () => { released = performance.now(); }, true);
    const look = () => {
        const now = shown();
        if (now && now !== before) {
            if (released) window.times.push(performance.now() - released);
            [before, released] = [now, 0];
        }
        requestAnimationFrame(look);
    };
    look();
}"""


def measure(browser: Browser) -> dict[str, list[float]]:
    """Return times in milliseconds: 'opens', 'matrix', 'address', 'filter', 'page' and 'cell'."""
    with tempfile.TemporaryDirectory(prefix="digit-lab-") as home:
        number = _finished_run(home)
        with serve(variables={"DIGIT_LAB_HOME": home}) as (url, _):
            address = [_by_address(browser, f"{url}/mistakes?run={number}") for _ in range(OPENINGS)][2:]
            with browser.new_page(viewport=SIZE) as page:
                page.goto(f"{url}/mistakes?run={number}")
                page.locator(MATRIX).wait_for()
                opened = np.array([_by_click(page) for _ in range(OPENINGS)][2:]).T.tolist()
                page.wait_for_timeout(1500)
                page.evaluate(WATCH)
                filters = [page.get_by_role("radio", name=name) for name in ("Read rightly", "Mistakes")]
                pages = [
                    page.locator(f".st-key-mistakes-page-{which} button").first for which in ("next", "before")
                ]
                found = {
                    "filter": _clicks(page, lambda n: filters[n % 2].click()),
                    "page": _clicks(page, lambda n: pages[n % 2].click()),
                    "cell": _clicks(page, lambda n: _cell(page, *((4, 9), (9, 4))[n % 2])),
                }
    return {"opens": opened[0], "matrix": opened[1], "address": address, **found}


def _finished_run(home: str) -> int:
    """A run as a worker leaves it: the first tutorial's network, and what it says of the test digits."""
    store, name = Store(f"sqlite:///{home}/digit-lab.db"), "first-conv-best"
    number = store.add(RECIPES[name].config, name=RECIPES[name].title, recipe=name)
    store.claim(number, "benchmark", "CPU")
    data = datasets.mnist()
    logits = classifiers.shipped(name).logits(data.x_test.astype(np.float32) / 255)
    accuracy = float((logits.argmax(1) == data.y_test).mean())
    network = networks.shipped(name)
    store.finish(number, network, b"", softmax(logits), test_accuracy=accuracy, status="done")
    return number


def _by_address(browser: Browser, address: str) -> float:
    with browser.new_page(viewport=SIZE) as page:
        started = time.monotonic()
        page.goto(address)
        page.locator(GALLERY).first.wait_for()
        return 1000 * (time.monotonic() - started)


def _by_click(page: Page) -> tuple[float, float]:
    go(page, "About")
    page.get_by_role("heading", name="Your drawings").wait_for()
    page.wait_for_timeout(1500)
    started = time.monotonic()
    go(page, "Mistakes")
    page.locator(GALLERY).first.wait_for()
    gallery = 1000 * (time.monotonic() - started)
    page.locator(MATRIX).wait_for()
    return gallery, 1000 * (time.monotonic() - started)


def _clicks(page: Page, click: Callable[[int], object]) -> list[float]:
    """Times of CLICKS clicks, after two that warm up."""
    begun = len(page.evaluate("window.times"))
    for number in range(CLICKS + 2):
        click(number)
        page.wait_for_function(f"window.times.length > {begun + number}", timeout=10_000)
        page.wait_for_timeout(500)
    return page.evaluate("window.times")[begun + 2 :]


def _cell(page: Page, true: int, read: int) -> None:
    box = page.locator(".st-key-mistakes-matrix .nsewdrag").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * (read + 0.5) / 10, box["y"] + box["height"] * (true + 0.5) / 10)
