"""For a class or a stand: canvas and answer alone, the theme, beginning anew for the next visitor."""

import re

from playwright.sync_api import expect

from tests import shapes
from tests.browser.doors import go
from tests.browser.pen import CANVAS, draw, open_page, prediction

COOKIE = "digit_lab_guest"
DARK = "rgb(17, 19, 28)"


def large(page):
    """A 4 on the canvas as large as it is shown."""
    scale = page.locator(CANVAS).bounding_box()["width"] / 328
    return [stroke * scale for stroke in shapes.strokes(4)]


def name(page) -> str:
    return next((cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE), "")


def test_only_canvas_and_answer_are_there_and_large_until_esc(page, app_url):
    open_page(page, app_url)
    tools, doors = page.locator(".st-key-undo button"), page.locator(".dl-doors a").first
    page.locator(".st-key-present button").click()
    for hidden in (tools, doors, page.locator("h1"), page.locator(".st-key-pixels")):
        expect(hidden).to_be_hidden()
    assert page.locator(CANVAS).bounding_box()["width"] >= 0.5 * 1440 - 1
    draw(page, large(page))
    expect(prediction(page)).to_have_text(re.compile(r"^4\b"))
    digit = page.locator(".dl-digit b")
    assert float(digit.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")) > 0.3 * 900
    rows = page.locator(".dl-row").first
    assert float(rows.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")) > 0.033 * 900
    box = page.locator(".st-key-prediction").bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 900
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(prediction(page)).to_have_text(re.compile("^—"))
    page.keyboard.press("Escape")
    for shown in (tools, doors, page.locator("h1")):
        expect(shown).to_be_visible()
    assert page.locator(CANVAS).bounding_box()["width"] < 0.5 * 1440


def test_the_next_visitor_begins_anew_asked_once(page, app_url):
    open_page(page, app_url)
    page.get_by_role("button", name="No tour, thank you").click()
    draw(page, large(page))
    expect(prediction(page)).to_have_text(re.compile(r"^4\b"))
    first = name(page)
    go(page, "About")
    begin, dialog = page.get_by_role("button", name="Begin anew for the next visitor"), page.locator("dialog")
    begin.click()
    dialog.get_by_role("button", name="Stay").click()
    expect(dialog).to_have_count(0)
    assert name(page) == first
    begin.click()
    dialog.get_by_role("button", name="Begin anew").click()
    page.locator(CANVAS).wait_for()
    expect(page).to_have_url(re.compile("/$"))
    expect(prediction(page)).to_have_text(re.compile("^—"))
    expect(page.get_by_role("button", name="New here? Take the tour")).to_be_visible()
    assert name(page) != first
    page.wait_for_timeout(1500)  # a drawing that this tab kept would be brought back by now
    expect(prediction(page)).to_have_text(re.compile("^—"))


def test_the_theme_is_chosen_in_the_menu_and_stays_on_every_page(page, app_url):
    open_page(page, app_url)
    ground = page.locator(".stApp")
    page.locator("[data-testid=stMainMenu] button").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    expect(ground).to_have_css("background-color", DARK)
    page.keyboard.press("Escape")
    page.wait_for_function("localStorage['digit-lab-theme'] === '\"Dark\"'")
    page.goto(f"{app_url}/about")
    page.locator("h1").wait_for()
    expect(ground).to_have_css("background-color", DARK)


def test_on_a_phone_the_menu_has_its_place_beside_the_switch(phone, app_url):
    open_page(phone, app_url)
    menu = phone.locator("[data-testid=stMainMenu] button")
    box, switch = menu.bounding_box(), phone.locator(".st-key-subject").bounding_box()
    assert box["x"] > 130
    assert box["x"] + box["width"] <= switch["x"]
    menu.click()
    expect(phone.get_by_role("menuitemradio", name="Light")).to_be_visible()
