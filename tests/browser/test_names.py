"""What Chromium makes of names that would act: letters, and nothing else."""

import contextlib

import pytest
from playwright.sync_api import TimeoutError, expect

from tests import names
from tests.browser.server import serve
from ui import plain

# What Markdown could have made of them; a heading has a link to itself.
MADE = "a:not([href^='#']), img, code, em, del, sup, ul, ol, table, .katex, [data-testid=stIconMaterial]"
WAYS = 13  # in which names_page.py shows each


@pytest.fixture(scope="module")
def url():
    with serve("tests/browser/names_page.py") as (address, _):
        yield address


def test_names_are_letters(page, url):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    expect(page.locator("[data-testid=stPlotlyChart] .legendtext")).to_have_count(len(names.ACTING))
    expect(page.locator("[data-testid=stPlotlyChart] .yaxislayer-above")).to_have_count(2)
    for number, name in enumerate(names.ACTING):
        box = page.locator(f".st-key-name-{number}")
        texts = box.locator("[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]")
        shown = [text.replace(plain.BREAK, "").strip() for text in texts.all_text_contents()]
        assert sum(plain.line(name) in text for text in shown) >= WAYS - 1, (name, shown)
        made = box.locator("[data-testid=stMarkdownContainer]").locator(MADE)
        assert made.evaluate_all("nodes => nodes.map(node => node.outerHTML)") == [], name
    charts = page.locator("[data-testid=stPlotlyChart]")
    assert charts.locator("svg a").count() == 0
    legend = [text.replace(plain.BREAK, "") for text in charts.locator(".legendtext").all_text_contents()]
    assert legend == [plain.line(name) for name in names.ACTING]
    options = page.get_by_role("option")
    for _ in range(5):  # a list closes when the page scrolls, as it does while charts find their places
        page.locator(".st-key-list").get_by_role("combobox").click()
        with contextlib.suppress(TimeoutError):
            options.first.wait_for(timeout=3000)
            break
    expect(options.first).to_have_text(names.ACTING[0])
    assert options.locator(MADE).count() == 0
    assert [address for address in asked if "elsewhere" in address] == []
