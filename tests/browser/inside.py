"""The two views of Look inside: a network from left to right, and all its maps."""

from playwright.sync_api import Locator, Page


def all_maps(page: Page) -> None:
    page.get_by_role("radio", name="All maps").click()
    page.locator(".net .frame").first.wait_for()


def flow_map(page: Page, column: int, n: int) -> Locator:
    """A map of the picture from left to right. column: 0 for the drawing."""
    return page.locator(".flow-column").nth(column).locator(".flow-node").nth(n)
