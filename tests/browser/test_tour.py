"""The tour on the app's own pages: offered once, it notices what was done, is left and taken up again."""

import re

from playwright.sync_api import expect

from tests import shapes
from tests.browser.doors import go
from tests.browser.pen import CANVAS, draw, open_page

BAR = "section[aria-label='The tour']"


def small(page):
    scale = page.locator(CANVAS).bounding_box()["width"] / 328
    return [stroke * scale for stroke in shapes.strokes(4)]


def test_it_leads_from_page_to_page_and_can_be_left_and_taken_up(page, app_url):
    open_page(page, app_url)
    bar, ahead = page.locator(BAR), page.locator(f"{BAR} .next")
    page.get_by_role("button", name="New here? Take the tour").click()
    expect(bar).to_contain_text("1. Draw Draw any digit")
    expect(ahead).to_have_text("Skip")
    draw(page, small(page))
    expect(bar).to_contain_text("1. Draw ✓")
    ahead.click()
    expect(bar).to_contain_text("2. Look inside ✓")
    expect(page).to_have_url(re.compile("/look_inside$"))
    go(page, "Data")
    expect(ahead).to_have_text("To Look inside")
    bar.get_by_role("button", name="Leave").click()
    expect(bar).to_be_hidden()
    page.reload()
    page.get_by_role("heading", name="What networks learn from").or_(page.locator("h1")).first.wait_for()
    expect(bar).to_be_hidden()
    go(page, "Draw")
    page.locator(CANVAS).wait_for()
    expect(page.get_by_role("button", name="New here? Take the tour")).to_be_hidden()  # it was offered
    go(page, "About")
    page.get_by_role("button", name="Take the tour").click()
    expect(page).to_have_url(re.compile("/look_inside$"))
    expect(ahead).to_have_text("Next: Train")
    ahead.click()
    expect(page).to_have_url(re.compile("/train$"))
    expect(bar).to_contain_text("3. Train")
    expect(ahead).to_have_text("Skip")
    ahead.click()
    expect(page).to_have_url(re.compile("/mistakes$"))
    expect(ahead).to_have_text("Next: Teach it")
    ahead.click()
    expect(bar).to_contain_text("5. Teach it Draw a digit")
    page.get_by_role("radio", name="4").click()
    expect(bar).to_contain_text("5. Teach it ✓")
    ahead.click()
    expect(bar).to_be_hidden()


def test_it_is_about_digits_wherever_it_is_begun(page, app_url):
    """It asked for a digit on the paper below where there was none."""
    open_page(page, app_url)
    page.get_by_role("radio", name="Images").click()
    page.get_by_role("radio", name="Test picture").wait_for()
    page.get_by_role("button", name="New here? Take the tour").click()
    expect(page.locator(CANVAS)).to_be_visible()
    bar = page.locator(BAR)
    expect(bar).to_contain_text("1. Draw Draw any digit")
    page.get_by_role("radio", name="Images").click()
    expect(bar).to_contain_text("You left the path of the tour")
    bar.get_by_role("button", name="To Draw").click()
    expect(page.locator(CANVAS)).to_be_visible()
    expect(bar).to_contain_text("1. Draw Draw any digit")


def test_on_a_phone_neither_covers_the_canvas_nor_what_is_above_it(phone, app_url):
    open_page(phone, app_url)
    offer = phone.get_by_role("button", name="New here? Take the tour")
    below = offer.bounding_box()["y"] + offer.bounding_box()["height"]
    for subject in ("Images", "Digits"):
        phone.get_by_role("radio", name=subject).click()
        expect(
            phone.get_by_role("radio", name="Draw" if subject == "Digits" else "Test picture")
        ).to_be_visible()
        camera = phone.get_by_role("radio", name="Camera")
        expect(camera).to_have_count(1)  # that of before is gone
        assert below <= camera.bounding_box()["y"]
    offer.click()
    bar = phone.locator(BAR)
    expect(bar).to_be_visible()
    box = bar.bounding_box()
    assert box["y"] + box["height"] < phone.locator(CANVAS).bounding_box()["y"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    bar.get_by_role("button", name="Leave").click()
    phone.reload()
    phone.locator(CANVAS).wait_for()
    expect(offer).to_be_hidden()
