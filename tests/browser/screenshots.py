"""Take the images in docs/: python -m tests.browser.screenshots"""

from playwright.sync_api import Browser, Page, sync_playwright

from tests import shapes
from tests.browser import chromium, pen
from tests.browser.doors import go
from tests.browser.server import ROOT, serve

SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}


def main() -> None:
    path = chromium.find()
    with (
        serve(variables={"DIGIT_LAB_LOCAL_USER": "1"}) as (url, _),  # what was trained is each browser's
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=chromium.FLAGS) as browser,
    ):
        _train(browser, url)
        for scheme in ("light", "dark"):
            for name in SIZES:
                _take(browser, url, scheme, name)


def _train(browser: Browser, url: str) -> None:
    """Two seeds of a short training and one of a longer, with a drawing that is read along the way."""
    with browser.new_context() as context:
        page = context.new_page()
        _draw(page, url)
        go(page, "Train")
        page.locator(".st-key-train button").click()
        page.locator(".st-key-read button").wait_for(timeout=60_000)
        page.get_by_role("button", name="Again with another seed").click()
        page.get_by_text("seed 1").wait_for(timeout=60_000)
        page.locator(".st-key-read button").wait_for(timeout=60_000)
        page.get_by_role("combobox", name="Start from").click()
        page.get_by_role("option", name="Simplified LeNet").click()
        page.get_by_text("98.54% in less").wait_for()
        page.locator(".st-key-train button").click()
        page.get_by_text("run 3, seed 0").wait_for(timeout=60_000)
        page.locator(".st-key-read button").wait_for(timeout=90_000)


def _draw(page: Page, url: str) -> None:
    pen.open_page(page, url)
    pen.draw(page, shapes.strokes(3, 190, 75, 70))
    page.locator(".dl-winner").wait_for()
    page.mouse.move(0, 0)


def _take(browser: Browser, url: str, scheme: str, name: str) -> None:
    with browser.new_context(viewport=SIZES[name], color_scheme=scheme, device_scale_factor=1) as context:
        page = context.new_page()
        _draw(page, url)
        for of in ("draw", "train", "runs"):
            if of != "draw":
                page.goto(f"{url}/{of}?run=3" if of == "train" else f"{url}/{of}")
                page.locator(".st-key-spread-mnist .trace, .st-key-curves .trace").first.wait_for()
            page.wait_for_timeout(1500)
            page.screenshot(path=ROOT / "docs" / f"{of}-{scheme}-{name}.png")


if __name__ == "__main__":
    main()
