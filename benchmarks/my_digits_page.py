"""Ten thousand labelled drawings on the page My digits, in Chromium: from each click to what it leads to."""

import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from benchmarks import teaching
from core.storage import drawings
from core.storage.store import Store
from tests.browser import pen
from tests.browser.doors import go
from tests.browser.server import serve
from ui import visits

SIZE: ViewportSize = {"width": 1440, "height": 900}
TOKEN = "0123456789abcdef" * 2  # in the browser's cookie
ME = visits.name_of(TOKEN)

TABLE = """
## My digits

In Chromium, {stored:,} of one visitor's drawings; their reading by the network goes on meanwhile.

| from | to | time |
|---|---|--:|
{rows}
"""


def markdown(browser: Browser) -> str:
    """Measure, and return the table."""
    rows = "\n".join(f"| {begin} | {end} | {seconds:.2f} s |" for begin, end, seconds in measure(browser))
    return TABLE.format(stored=teaching.STORED, rows=rows)


def measure(browser: Browser) -> list[tuple[str, str, float]]:
    """Return (what is clicked, what is waited for, seconds), in the order of a visit."""
    with tempfile.TemporaryDirectory(prefix="digit-lab-") as home:
        store = Store(f"sqlite:///{home}/digit-lab.db")
        drawings.add_many(store, [replace(d, visitor=ME) for d in teaching.many_drawings()])
        with (
            serve(variables={"DIGIT_LAB_HOME": home}) as (url, _),
            browser.new_context(viewport=SIZE) as context,
        ):
            context.add_cookies([{"name": "digit_lab_guest", "value": TOKEN, "url": url}])
            page = context.new_page()
            pen.open_page(page, url)
            page.wait_for_timeout(15_000)  # the worker's start is over
            return _visit(page)


def _visit(page: Page) -> list[tuple[str, str, float]]:
    images, counted = page.locator(".grid button"), page.get_by_text(re.compile("of 10,000, the latest"))
    found = [("My digits", "its gallery", _seconds(_link(page, "My digits"), images.first.wait_for))]
    page.get_by_text("10,000; ").wait_for(timeout=60_000)  # all are read
    _link(page, "Draw")()
    page.locator(".dl-rows").wait_for()
    page.wait_for_timeout(1000)
    found.append(("My digits, again", "its gallery", _seconds(_link(page, "My digits"), images.first.wait_for)))
    for name, icon in (("the next page", "chevron_right"), ("the last page", "last_page")):
        page_before = page.get_by_text(counted.inner_text())
        click = page.locator(f".st-key-page-{icon} button:visible").first.click
        found.append((name, "another part of them", _seconds(click, partial(_is_gone, page_before))))
    click = page.locator(".st-key-digit").get_by_role("radio").nth(4).click
    found.append(
        ("a digit", "its drawings", _seconds(click, page.get_by_text("of 1,000, the latest").wait_for))
    )
    click = images.nth(3).click
    found.append(
        ("a drawing", "it is chosen", _seconds(click, page.get_by_text("1 drawing: this was a").wait_for))
    )
    click = page.locator(".st-key-relabel").get_by_role("radio").nth(8).click
    found.append(
        ("another label", "it is stored", _seconds(click, page.get_by_text("Relabelled 1 as 8").wait_for))
    )
    page.get_by_text("Save or bring in").click()
    page.wait_for_timeout(1000)
    for name, key in (("Everything (JSON)", "json"), ("Pictures (zip of PNGs)", "zip")):
        started = time.monotonic()
        with page.expect_download() as download:
            page.locator(f".st-key-export-{key} button:visible").first.click()
        size = download.value.path().stat().st_size
        found.append((name, f"a file of {size / 1e6:.0f} MB is there", time.monotonic() - started))
    return found


def _link(page: Page, name: str) -> Callable[[], object]:
    return lambda: go(page, name)


def _is_gone(element: Locator) -> None:
    expect(element).to_have_count(0)


def _seconds(act: Callable[[], object], wait: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    wait()
    return time.monotonic() - started
