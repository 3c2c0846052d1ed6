from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import chromium
from tests.browser.server import serve

# Fabric.js, inside the canvas component, now and then draws once more after it has let its canvas go.
# And Streamlit asks for its server's health below the page's name first, when a page is opened by its link.
HARMLESS = ("reading 'clearRect'", "the server responded with a status of 404")
HERE = ("localhost", "127.0.0.1", None)  # None: data: and blob:, which are no addresses
expect.set_options(timeout=20_000)  # two browsers and a training may share two cores

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="session")
def app_url():
    with serve(variables={"DIGIT_LAB_WARM_WORKER": "1"}) as (url, _):  # as users have it
        yield url


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as it:
        yield it


@pytest.fixture(scope="session")
def browser(playwright):
    with launch(playwright) as it:
        yield it


def launch(playwright, *flags):
    path = chromium.find()
    assert path, "no Chromium: run `make test`, which installs one"
    return playwright.chromium.launch(executable_path=path, args=[*chromium.FLAGS, *flags])


@pytest.fixture
def page(browser):
    """A desktop's page; whatever its console reports as an error fails the test, and so does a request that
    leaves this computer."""
    yield from _page(browser, viewport={"width": 1440, "height": 900})


@pytest.fixture
def phone(browser):
    yield from _page(browser, **PHONE)


def _page(browser, **options):
    with browser.new_context(**options) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        yield page
        assert [url for url in asked if urlsplit(url).hostname not in HERE] == []
        assert [error for error in errors if not any(known in error for known in HARMLESS)] == []
