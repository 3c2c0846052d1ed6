"""The two views of Look inside: a network from left to right, and all its maps."""

from playwright.sync_api import Locator, Page

_FRAMES = """() => {
    const find = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.matches(".flow")) return element;
            const inside = element.shadowRoot && find(element.shadowRoot);
            if (inside) return inside;
        }
    };
    return find(document).own.frames;
}"""


def all_maps(page: Page) -> None:
    page.get_by_role("radio", name="All maps").click()
    page.locator(".net .frame").first.wait_for()


def flow_map(page: Page, column: int, n: int) -> Locator:
    """A map of the image from left to right. column: 0 for the drawing."""
    return page.locator(".flow-column").nth(column).locator(".flow-node").nth(n)


def signal_frames(page: Page) -> list[float]:
    """Return when each frame of the signal's last run was drawn, in milliseconds."""
    return page.evaluate(_FRAMES)
