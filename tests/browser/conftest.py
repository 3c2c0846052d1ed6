import pytest
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.browser.server import serve

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="session")
def app_url():
    with serve() as (url, _):
        yield url


@pytest.fixture(scope="session")
def browser():
    path = chromium.find()
    assert path, "no Chromium: run `make test`, which installs one"
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=chromium.FLAGS) as it,
    ):
        yield it


@pytest.fixture
def page(browser):
    """A desktop's page; whatever its console reports as an error fails the test."""
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
        yield page
        assert errors == []
