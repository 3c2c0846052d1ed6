"""What is drawn, tapped and typed before the server has answered: nothing is lost, nor undone with the rest."""

import re

import numpy as np
from playwright.sync_api import expect

from tests import shapes
from tests.browser.pen import TOLD, draw, open_late, prediction

LINE = [np.array([[60, 300], [160, 296], [270, 304]])]
ABOVE = [np.array([[60, 40], [160, 44], [270, 40]])]


def has_strokes(page, count):
    page.wait_for_function(f"() => {TOLD}.canvas.strokes.length === {count}")
    expect(page.locator(".dl-live")).to_have_count(0)


def test_what_is_drawn_after_a_tap_waits_for_as_long_as_the_tap_itself(page, app_url):
    """Answers take three seconds: one to the last stroke, for which the tap waits, and one to the tap."""
    open_late(page, app_url)
    first, last = shapes.strokes(4)
    draw(page, [first])
    row = page.locator(".st-key-teach")
    expect(row).to_be_visible()
    page.evaluate("window.late = 3000")
    draw(page, [last])
    row.get_by_role("radio", name="4", exact=True).click()
    draw(page, shapes.strokes(1))
    expect(page.get_by_text("1 kept in this visit")).to_be_visible()
    has_strokes(page, 1)
    expect(prediction(page)).to_have_text(re.compile("^1"))


def test_a_long_tap_is_heard_though_the_last_stroke_is_answered_meanwhile(page, app_url):
    open_late(page, app_url)
    first, last = shapes.strokes(4)
    draw(page, [first])
    expect(page.locator(".st-key-teach")).to_be_visible()
    expect(page.locator(".dl-live")).to_have_count(0)
    four = page.locator(".st-key-teach").get_by_role("radio", name="4", exact=True).bounding_box()
    draw(page, [last])
    page.mouse.move(four["x"] + four["width"] / 2, four["y"] + four["height"] / 2)
    page.mouse.down()
    page.wait_for_function(f"() => {TOLD}.canvas.strokes.length === 2")
    expect(page.locator(".dl-live")).to_have_count(0)
    page.mouse.up()
    expect(page.get_by_text("1 kept in this visit")).to_be_visible()


def test_what_is_drawn_after_delete_outlives_it_though_a_stroke_was_on_its_way(page, app_url):
    """The key waits for the stroke before it, and not for the one after it, which waits for the key."""
    open_late(page, app_url)
    draw(page, shapes.strokes(3))
    has_strokes(page, 1)
    page.evaluate("window.late = 2000")
    draw(page, ABOVE)
    page.keyboard.press("Delete")
    draw(page, [np.array([[60, 340], [160, 344]])])
    page.wait_for_timeout(1500)  # a slow hand
    draw(page, LINE)
    has_strokes(page, 2)
    highest = [min(stroke[1::2]) for stroke in page.evaluate(f"{TOLD}.canvas.strokes")]
    assert min(highest) > 25_000  # hundredths: the two that were drawn after it
