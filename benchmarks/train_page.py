"""From the click on Train to the first point of its curves, and drawing while a network learns, in Chromium."""

import re

from playwright.sync_api import Browser, Page, ViewportSize, expect

from benchmarks import strokes
from tests.browser import pen
from tests.browser.doors import go
from tests.browser.server import serve

CLICKS = 7
LISTEN = """curve => {
  let clicked;
  document.addEventListener("click", () => (clicked = performance.now()), { capture: true, once: true });
  window.firstPoint = new Promise((told) => {
    const painted = () => told(performance.now() - clicked);
    const look = () => requestAnimationFrame(clicked && document.querySelector(curve) ? painted : look);
    look();
  });
}"""
WARM = 30_000  # milliseconds in which the worker has started
CURVE = ".st-key-curves .scatterlayer .trace"
SIZE: ViewportSize = {"width": 1440, "height": 900}


def measure(browser: Browser) -> dict[str, list[float]]:
    """Return times in milliseconds: 'first point', 'idle' and 'training' (pen up to digit)."""
    with serve() as (url, _):
        first = first_points(browser, url)
        with browser.new_page(viewport=SIZE) as page:
            pen.open_page(page, url)
            idle = _strokes(page)
        with browser.new_page(viewport=SIZE) as page:
            page.goto(url)
            open_train(page)
            choose(page, "the best of the first tutorial")
            expect(page.get_by_text("around 99.4%")).to_be_visible()
            click(page)
        with browser.new_page(viewport=SIZE) as page:
            pen.open_page(page, url)
            training = _strokes(page)
    return {"first point": first, "idle": idle, "training": training}


def first_points(browser: Browser, url: str, clicks: int = CLICKS) -> list[float]:
    """Return milliseconds from a click on Train to the first point, for each of so many visitors."""
    return [_first_point(browser, url) for _ in range(clicks)]


def choose(page: Page, recipe: str) -> None:
    """Fill the form from the recipe whose title holds these words."""
    page.get_by_role("combobox", name="Start from").click()
    page.get_by_role("option", name=recipe).click()


def _strokes(page: Page) -> list[float]:
    return strokes.measure(page, pen.ANSWER, pen.CANVAS, lambda: page.keyboard.press("Delete"))


def _first_point(browser: Browser, url: str) -> float:
    """A visitor opens the page, looks for a moment, and clicks; afterwards the run is left to end."""
    with browser.new_page(viewport=SIZE) as page:
        page.goto(url)
        open_train(page)
        page.wait_for_timeout(1500)
        spent = click(page)
        page.locator(".st-key-read button").wait_for(timeout=WARM)  # it has ended
    return spent


def open_train(page: Page) -> None:
    go(page, "Train")
    button = page.locator(".st-key-train button")
    button.wait_for()
    while not page.get_by_text(re.compile("^on ")).count():  # the worker is starting
        page.reload()
        button.wait_for()
        page.wait_for_timeout(1000)


def click(page: Page) -> float:
    """Click on Train; return milliseconds from the click, as the browser hears of it, to the first point.

    The page itself looks at each frame: Playwright's own waiting looks twice a second, after the first moments.
    """
    page.evaluate(LISTEN, CURVE)
    page.locator(".st-key-train button").click()
    return page.evaluate("() => window.firstPoint")
