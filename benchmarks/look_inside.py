"""What Look inside costs: its two views after a stroke, the signal's frames, a clicked number, explanations,
the map of digits."""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, ViewportSize

from core.analysis import attribution, embedding, works
from core.ink.preprocessing import from_strokes
from core.models import classifiers, networks
from core.nn.architectures import Conv2D, Dense, Flatten, Layer, MaxPooling2D
from core.records import DigitImage, TrainConfig
from core.storage.store import open_store
from tests import shapes
from tests.browser import inside, pen
from tests.browser.server import serve

STROKES, CLICKS, CALLS = 30, 30, 10
SIZE: ViewportSize = {"width": 1440, "height": 900}

# Nearly the largest that the app trains: 20 layers of 128 maps, 188 million multiplications.
HUGE: tuple[Layer, ...] = (
    Conv2D(128, 3, 2, "same"),
    *[Conv2D(128, 3, 1, "same")] * 3,
    MaxPooling2D(2),
    *[Conv2D(128, 3, 1, "same")] * 14,
    MaxPooling2D(2),
    Flatten(),
    Dense(10, "softmax"),
)

# Notes the time from each release or click until what it changes has been painted. All maps are painted in the
# task in which their legends are replaced; a number's arithmetic replaces what stood in .sum.
WATCH = """([selector, event]) => {
    const find = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.matches(selector)) return element;
            const inside = element.shadowRoot && find(element.shadowRoot);
            if (inside) return inside;
        }
    };
    window.watch?.abort();
    window.watch = new AbortController();
    const {signal} = window.watch;
    let began = 0;
    window.times = [];
    window.addEventListener(event, () => (began = performance.now()), {capture: true, signal});
    const observer = new MutationObserver(() => {
        if (!began) return;
        const then = began;
        began = 0;
        requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - then)));
    });
    observer.observe(find(document), {subtree: true, childList: true, characterData: true});
    signal.addEventListener("abort", () => observer.disconnect());
}"""


def measure(browser: Browser) -> dict[str, list[float]]:
    """Return milliseconds: 'flow', 'frames', 'maps', 'click', the same of 'huge', each explanation's."""
    with tempfile.TemporaryDirectory(prefix="digit-lab-") as folder:
        number = _in_a_process(_store_huge, folder)
        with serve(variables={"DIGIT_LAB_HOME": folder, "DIGIT_LAB_LOCAL_USER": "1"}) as (url, _):
            found = _page(browser, url)
            found |= {f"huge {name}": times for name, times in _page(browser, url, number).items()}
    return {**found, **_explanations()}


def layouts() -> tuple[float, float, float]:
    """Return seconds until the map of the 10,000 test digits is there.

    Of the network that comes with the app; of one that does not, the first time, and again from disk.
    """
    with tempfile.TemporaryDirectory(prefix="digit-lab-") as folder:
        shipped = _in_a_process(_layout, folder, works.SHIPPED)
        first, again = (_in_a_process(_layout, folder, Path(folder)) for _ in range(2))
        return shipped, first, again


def _in_a_process(task: Callable, *arguments):
    """Call it where nothing is kept from calls before."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(task, arguments)


def _store_huge(folder: str) -> int:
    """An untrained network, as a finished run in the database of that folder."""
    os.environ["DIGIT_LAB_HOME"] = folder
    from core.worker import export, models  # noqa: PLC0415  # TensorFlow, in this process alone

    store = open_store()
    network = export.to_network(models.build(HUGE), HUGE, "Huge", {})
    number = store.add(TrainConfig(HUGE, optimizer="Adam"), name="Huge")
    said = np.full((10_000, 10), 0.1)
    store.finish(number, network, b"", said, test_accuracy=0.1, status="done")
    return number


def _layout(folder: str, shipped: Path) -> float:
    os.environ["DIGIT_LAB_HOME"] = folder
    works.SHIPPED = shipped
    classifier = classifiers.Classifier(networks.shipped())
    started = time.perf_counter()
    embedding.tests(classifier).result()
    embedding.layout(classifier, "t-SNE").result()
    return time.perf_counter() - started


def _page(browser: Browser, url: str, number: int | None = None) -> dict[str, list[float]]:
    with browser.new_page(viewport=SIZE) as page:
        page.goto(f"{url}/look_inside")
        page.locator(pen.CANVAS).wait_for()
        if number is not None:
            _choose(page)
        _digit(page, 3)
        page.get_by_text("your drawing").wait_for()
        flow, frames = _strokes(page, above=False), _frames(page)
        inside.all_maps(page)
        return {"flow": flow, "frames": frames, "maps": _strokes(page, above=True), "click": _clicks(page)}


def _choose(page: Page) -> None:
    """Let the other network, the only run, read."""
    page.locator(".st-key-reading button").first.click()
    page.get_by_role("combobox", name="Reads your drawing").click()
    page.get_by_role("option", name="Huge").click()
    page.keyboard.press("Escape")


def _strokes(page: Page, *, above: bool) -> list[float]:
    """Each stroke is added to a digit that is there, so that the maps are on the page before it.

    above: they are above the digit, else below it; over ink that is there they would change nothing.
    """
    page.evaluate(WATCH, [".net", "pointerup"])
    for stroke in range(STROKES):
        at = 40.0 + 4 * stroke
        box = page.locator(pen.CANVAS).bounding_box()
        assert box
        y = 20 if above else box["height"] - 30
        pen.draw(page, [[(at, y), (at + 3, y + 8)]])
        page.wait_for_function(f"window.times.length === {stroke + 1}", timeout=20_000)
        page.wait_for_timeout(300)
    return page.evaluate("window.times")


def _frames(page: Page) -> list[float]:
    """From frame to frame while the signal runs through once."""
    page.locator(".flow-bar .flow-play").click()
    page.locator(".flow-plays").wait_for()
    page.locator(".flow-plays").wait_for(state="detached")
    stamps = np.array(inside.signal_frames(page))
    return np.diff(stamps).tolist()


def _clicks(page: Page) -> list[float]:
    """Numbers of one map of the second convolution, each in another place."""
    frame = page.locator(".net .frame").nth(1)
    frame.click(position={"x": 60, "y": 20})
    page.locator(".inspector .remark").wait_for()
    large = page.locator(".inspector .large.map")
    page.evaluate(WATCH, [".inspector .sum", "click"])
    for click in range(CLICKS):
        large.click(position={"x": 8 + 6 * click, "y": 180 - 5 * click})
        page.wait_for_function(f"window.times.length === {click + 1}", timeout=20_000)
        page.wait_for_timeout(200)
    return page.evaluate("window.times")


def _digit(page: Page, digit: int) -> None:
    box = page.locator(pen.CANVAS).bounding_box()
    assert box
    pen.draw(page, [stroke * (box["width"] / 328) for stroke in shapes.strokes(digit)])


def _explanations() -> dict[str, list[float]]:
    """One drawing's explanations, where nothing is kept of the one before."""
    classifier, image = classifiers.shipped(), from_strokes(shapes.strokes(7))
    assert isinstance(image, DigitImage)
    times: dict[str, list[float]] = {}
    for name, method in attribution.METHODS.items():
        method.explain(classifier, image.pixels, 7)
        times[name] = []
        for _ in range(CALLS):
            started = time.perf_counter()
            method.explain(classifier, image.pixels, 7)
            times[name].append(1000 * (time.perf_counter() - started))
    return times
