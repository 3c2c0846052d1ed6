"""Take the pictures in docs/: python -m tests.browser.screenshots"""

from playwright.sync_api import Browser, sync_playwright

from tests import shapes
from tests.browser import chromium, pen
from tests.browser.server import ROOT, serve

SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}


def main() -> None:
    path = chromium.find()
    with (
        serve() as (url, _),
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=chromium.FLAGS) as browser,
    ):
        for scheme in ("light", "dark"):
            for name in SIZES:
                _draw_page(browser, url, scheme, name)


def _draw_page(browser: Browser, url: str, scheme: str, name: str) -> None:
    with browser.new_context(viewport=SIZES[name], color_scheme=scheme, device_scale_factor=1) as context:
        page = context.new_page()
        pen.open_page(page, url)
        pen.draw(page, shapes.strokes(3, 190, 75, 70))
        page.locator(".dl-winner").wait_for()
        page.mouse.move(0, 0)
        page.wait_for_timeout(800)
        page.screenshot(path=ROOT / "docs" / f"draw-{scheme}-{name}.png")


if __name__ == "__main__":
    main()
