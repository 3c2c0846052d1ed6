import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.server import serve

# Fabric.js, inside the canvas component, now and then draws once more after it has let its canvas go.
# And Streamlit asks for its server's health below the page's name first, when a page is opened by its link.
HARMLESS = ("reading 'clearRect'", "the server responded with a status of 404")
HERE = ("localhost", "127.0.0.1", None)  # None: data: and blob:, which are no addresses
expect.set_options(timeout=30_000)  # two browsers, a server each and a training share two cores

DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


# They end with these tests: Playwright's loop would be in the way of others in the same process.
@pytest.fixture(scope="package")
def app_url():
    # The worker is warm, as users have it. But at home it has the cores nearly to itself; here two browsers and
    # all other tests are at work, and a training of two seconds that gives way to them takes a minute.
    with serve(variables={"DIGIT_LAB_WARM_WORKER": "1", "DIGIT_LAB_NICENESS": "0"}) as (url, _):
        yield url


@pytest.fixture(scope="package")
def playwright():
    with sync_playwright() as it:
        yield it


@pytest.fixture(scope="package")
def browser(playwright):
    with launch(playwright) as it:
        yield it
    _contexts.clear()


def launch(playwright, *flags):
    path = chromium.find()
    assert path, "no Chromium: run `make test`, which installs one"
    return playwright.chromium.launch(executable_path=path, args=[*chromium.FLAGS, *COMPILED_ONCE, *flags])


# All pages of a context are in one process, which keeps what it has compiled.
COMPILED_ONCE = ("--process-per-site", "--js-flags=--no-flush-bytecode,--max-lazy")
_contexts: dict[tuple, tuple[BrowserContext, Page]] = {}  # and an empty page of that process, or it would end


def _context(browser: Browser, options: dict) -> tuple[BrowserContext, Page]:
    context = browser.new_context(**options)
    empty = context.new_page()
    empty.route("**", lambda route: route.fulfill(body=""))
    empty.goto("http://localhost/")  # a site is all ports of a host
    empty.unroute_all()
    return context, empty


@contextlib.contextmanager
def visit(browser: Browser, *, who: str = "first", **options) -> Iterator[Page]:
    """Yield a page of a visitor who has never been here; `options` are Playwright's for `new_context`.

    A new context would load and compile Streamlit's scripts again, three seconds of a core. So there is one
    for each screen (and each of several visitors at once, `who`); what it remembers of a visitor is taken
    from it."""
    key = (id(browser), who, repr(sorted(options.items())))
    if key not in _contexts:
        _contexts[key] = _context(browser, options)
    context, empty = _contexts[key]
    page = context.new_page()
    try:
        yield page
    finally:
        for opened in [page for page in context.pages if page is not empty]:
            if opened.url.startswith("http"):
                opened.evaluate("localStorage.clear()")
            opened.close()
        context.clear_cookies()


@pytest.fixture
def page(browser):
    """A desktop's page; whatever its console reports as an error fails the test, and so does a request that
    leaves this computer."""
    yield from _page(browser, **DESKTOP)


@pytest.fixture
def phone(browser):
    yield from _page(browser, **PHONE)


def _page(browser, **options):
    with visit(browser, **options) as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        yield page
        assert [url for url in asked if urlsplit(url).hostname not in HERE] == []
        assert [error for error in errors if not any(known in error for known in HARMLESS)] == []
