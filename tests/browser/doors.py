"""From page to page, as people go: through a door, and to one of its pages."""

from playwright.sync_api import Page

from ui.content.doors import DOORS


def go(page: Page, name: str) -> None:
    """To the page of that name: on a wide screen by the row below its door, on a phone by the door's menu."""
    door = next(door for door in DOORS for one in door.pages if one.name == name)
    doors = page.locator(".dl-doors")
    is_wide = page.evaluate("innerWidth > 640")
    if is_wide or len(door.pages) == 1:
        doors.get_by_role("link", name=door.name, exact=True).click()
    else:
        doors.get_by_role("button", name=door.name, exact=True).click()
        doors.locator(".dl-entry").filter(has=page.get_by_text(name, exact=True)).click()
    if is_wide and name != door.pages[0].name:
        page.locator(".dl-pages").get_by_role("link", name=name, exact=True).click()
