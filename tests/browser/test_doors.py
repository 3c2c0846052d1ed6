"""The way through the app in a real browser: on a wide screen and on a phone, by finger and by keyboard."""

import re

from playwright.sync_api import expect

from tests import shapes
from tests.browser.doors import go
from tests.browser.inside import flow_map
from tests.browser.pen import TOLD, draw, open_page, prediction, touch

THREE = re.compile(r"^3\b")


def reads_the_sum_behind_a_number(page, large):
    """Of the map that is open, click on a number: its sum is what the network says."""
    inspector = page.locator(".inspector")
    expect(inspector.locator(".remark")).to_contain_text("The network says")
    large.click(position={"x": 77, "y": 105})
    expect(inspector.locator(".lead")).not_to_contain_text("the largest of this map")
    expect(inspector.locator(".sum")).not_to_have_class(re.compile("waits"))
    expect(inspector.locator(".remark")).to_contain_text(
        re.compile("The network says (the same|.*it adds with 7)")
    )
    made = inspector.locator(".lead b").inner_text()
    assert inspector.locator(".result").inner_text().replace(" ", "").endswith(f"={made}")


# Of a visitor's, beside the canvas: a stroke is none.
CLICKS = """() => {
    window.clicks = 0;
    const counts = (event) => event.isTrusted && !event.composedPath()[0].matches("canvas.upper-canvas");
    window.addEventListener("click", (event) => (window.clicks += counts(event) ? 1 : 0), true);
}"""


def test_from_the_first_stroke_to_the_sum_behind_a_number_in_three_clicks(page, app_url):
    open_page(page, app_url)
    expect(page.locator(".dl-doors [aria-current=page]")).to_have_text(re.compile("Draw$"))
    page.evaluate(CLICKS)
    draw(page, shapes.strokes(3))
    expect(prediction(page)).to_have_text(THREE)
    page.locator(".dl-doors").get_by_role("link", name="Look inside", exact=True).click()
    flow_map(page, 3, 2).click()
    reads_the_sum_behind_a_number(page, page.locator(".large.map"))
    assert page.evaluate("window.clicks") == 3
    expect(page.locator(".dl-pages [aria-current=page]")).to_have_text("Layers")
    go(page, "Why")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ask why")
    expect(page.locator(".dl-says")).to_contain_text("3")
    expect(page.locator(".dl-piece figure")).to_have_count(2)
    assert page.url == f"{app_url}/why"
    page.locator(".st-key-subject").get_by_role("radio", name="Images").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("which pixels")
    page.wait_for_url(f"{app_url}/why?of=images")
    page.go_back()  # where the browser's history leads, the switch stands as it was left
    expect(page.locator(".dl-pages [aria-current=page]")).to_have_text("Layers")
    page.locator(".st-key-subject").get_by_role("radio", name="Images", checked=True).wait_for()
    page.locator(".dl-class").wait_for()
    go(page, "Draw")
    page.wait_for_url(re.compile(r"[0-9]/\?of=images$"))
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("See what each layer")
    page.locator(".st-key-subject").get_by_role("radio", name="Digits").click()
    expect(prediction(page)).to_have_text(THREE)
    for width in (1024, 820, 660):  # the doors, the menu and the switch lie beside each other
        page.set_viewport_size({"width": width, "height": 1000})
        last = page.locator(".dl-doors").get_by_role("link", name="Class", exact=True).bounding_box()
        menu = page.locator("[data-testid=stMainMenu]").bounding_box()
        switch = page.locator(".st-key-subject").bounding_box()
        assert last["x"] + last["width"] <= menu["x"] + 1
        assert menu["x"] + menu["width"] <= switch["x"] + 1


def test_on_a_phone_the_sum_is_four_taps_from_the_first_stroke(phone, app_url):
    open_page(phone, app_url)
    phone.evaluate(CLICKS)
    touch(phone, shapes.strokes(3))
    expect(prediction(phone)).to_have_text(THREE)
    phone.locator(".dl-doors").get_by_role("button", name="Look inside", exact=True).tap()
    phone.locator(".dl-entry").filter(has=phone.get_by_text("Layers", exact=True)).tap()
    flow_map(phone, 3, 2).tap()
    reads_the_sum_behind_a_number(phone, phone.locator(".large.map"))
    assert phone.evaluate("window.clicks") == 4


def test_on_a_phone_a_door_opens_a_menu_that_closes_after_a_choice(phone, app_url):
    open_page(phone, app_url)
    touch(phone, shapes.strokes(3))
    expect(prediction(phone)).to_have_text(THREE)
    doors, entries = phone.locator(".dl-doors"), phone.locator(".dl-entry:visible")
    box = doors.bounding_box()
    assert box["y"] + box["height"] == 844  # at the bottom, where a thumb is
    opener = doors.get_by_role("button", name="Look inside", exact=True)
    opener.tap()
    expect(entries).to_have_count(7)
    assert all(entry.bounding_box()["height"] >= 44 for entry in entries.all())
    phone.touchscreen.tap(200, 250)  # beside the menu, over the canvas: it closes, and no dot is drawn
    expect(entries).to_have_count(0)
    assert phone.evaluate(f"{TOLD}.canvas.strokes.length") == 1
    opener.press("Enter")
    expect(entries).to_have_count(7)
    phone.keyboard.press("Tab")
    expect(entries.first).to_be_focused()
    phone.keyboard.press("Escape")
    expect(entries).to_have_count(0)
    expect(opener).to_be_focused()
    go(phone, "Why")
    expect(entries).to_have_count(0)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Ask why")
    expect(phone.locator(".dl-piece figure")).to_have_count(2)
    expect(opener).to_have_attribute("aria-current", "true")
    go(phone, "Layers")
    flow_map(phone, 1, 2).tap()
    reads_the_sum_behind_a_number(phone, phone.locator(".large.map"))
    assert phone.evaluate("document.querySelector('.stMain').scrollWidth") <= 390
