"""The eraser beside the pen: strokes are cut where it passed, and nothing else is lost."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests import shapes
from tests.browser.pen import CANVAS, LATE, TOLD, draw, extent, open_page, prediction, touch

LINE = [np.array([[60, 300], [160, 300], [270, 300], [360, 300]])]  # pixels of the page
ACROSS = [np.array([[210, 240], [210, 300], [210, 360]])]
RADIUS, BRUSH = 18, 28  # pixels of the canvas


def opened(page, url):
    open_page(page, url)
    page.locator("[data-live=yes]").wait_for()


def known(page, count):
    """Wait until the server knows of so many strokes; return them as [points, 2] each."""
    page.wait_for_function(f"() => {TOLD}.canvas.strokes.length === {count}")
    expect(page.locator(".dl-live")).to_have_count(0)
    expect(page.locator(".st-key-canvas .erasing")).to_have_count(0)
    return [np.array(s).reshape(-1, 2) / 100 for s in page.evaluate(f"{TOLD}.canvas.strokes")]


def scale(page) -> float:
    """Pixels of the canvas for each of the page."""
    return shapes.SIDE / page.locator(CANVAS).bounding_box()["width"]


def test_a_line_is_cut_in_two_while_the_bars_follow(page, app_url):
    opened(page, app_url)
    draw(page, LINE)
    known(page, 1)
    eraser = page.get_by_role("button", name="Eraser")
    expect(eraser).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("e")
    expect(eraser).to_have_attribute("aria-pressed", "true")
    page.evaluate(
        """() => {
            window.inks = new Set();
            addEventListener("digit-lab-live", ({detail}) => window.inks.add(detail.ink?.join()));
        }"""
    )
    box = page.locator(CANVAS).bounding_box()
    page.mouse.move(box["x"] + 210, box["y"] + 220)
    page.mouse.down()
    for n, y in enumerate((250, 285, 380)):  # beside the line, into it, and through it
        page.mouse.move(box["x"] + 210, box["y"] + y, steps=4)
        page.wait_for_function(f"() => window.inks.size > {n}")  # before the server has heard of it
    gap = page.locator(".st-key-canvas canvas.preview")
    at = f"getContext('2d').getImageData({round(210 * scale(page))}, {round(300 * scale(page))}, 1, 1).data[3]"
    assert gap.evaluate(f"canvas => canvas.{at}") == 0
    assert len(page.evaluate(f"{TOLD}.canvas.strokes")) == 1
    page.mouse.up()
    left, right = known(page, 2)
    middle, reach = 210 * scale(page), RADIUS + BRUSH / 2
    assert left[:, 0].max() == pytest.approx(middle - reach, abs=3)
    assert right[:, 0].min() == pytest.approx(middle + reach, abs=3)
    page.wait_for_timeout(200)
    seen = page.locator(".st-key-canvas canvas.dc-canvas.lower-canvas").evaluate(f"canvas => canvas.{at}")
    assert seen == 0  # nor is it on the canvas

    page.keyboard.press("Control+Z")
    (whole,) = known(page, 1)
    assert np.ptp(whole[:, 0]) > 250
    page.keyboard.press("Control+Shift+Z")
    known(page, 2)
    page.keyboard.press("E")
    expect(eraser).to_have_attribute("aria-pressed", "false")
    draw(page, ACROSS)
    assert len(known(page, 3)) == 3


def test_what_is_rubbed_out_wholly_can_be_taken_back(page, app_url):
    opened(page, app_url)
    draw(page, shapes.strokes(1))
    known(page, 1)
    page.get_by_role("button", name="Eraser").click()
    draw(page, [np.add(stroke, (0, shift)) for stroke in shapes.strokes(1) for shift in (0, -12, 12)])
    expect(prediction(page)).to_have_text(re.compile("^—"))
    known(page, 0)
    page.reload()
    page.locator(".st-key-network-input .grid").wait_for()
    page.wait_for_timeout(1500)
    expect(prediction(page)).to_have_text(re.compile("^—"))


def test_strokes_around_an_erasure_outlive_a_slow_link(page, app_url):
    page.add_init_script(LATE)
    opened(page, app_url)
    draw(page, LINE)
    page.keyboard.press("e")
    draw(page, ACROSS)
    page.keyboard.press("e")
    draw(page, [np.array([[60, 100], [160, 100], [270, 100]])])
    *halves, last = known(page, 3)
    assert [round(half[:, 1].mean()) for half in halves] == [round(300 * scale(page))] * 2
    assert last[:, 1].mean() == pytest.approx(100 * scale(page), abs=1)
    assert extent(page)[1] == pytest.approx(360 * scale(page) / shapes.SIDE, abs=0.04)


def pinch(phone):
    box, session = phone.locator(CANVAS).bounding_box(), phone.context.new_cdp_session(phone)
    for what, *places in (
        ("touchStart", 20),
        ("touchMove", 22),
        ("touchStart", 22, 60),
        ("touchMove", 18, 64),
        ("touchEnd",),
    ):
        points = [{"id": n, "x": box["x"] + at, "y": box["y"] + at} for n, at in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})


def test_a_finger_erases(phone, app_url):
    opened(phone, app_url)
    touch(phone, [np.array([[60, 200], [160, 200], [300, 200]])])
    known(phone, 1)
    tools = [
        phone.locator(f".st-key-{key} button:visible").first for key in ("eraser", "undo", "redo", "clear")
    ]
    tools.append(phone.locator(".st-key-save-menu button").first)
    for width in (320, 390):
        phone.set_viewport_size({"width": width, "height": 844})
        phone.wait_for_timeout(300)
        boxes = [tool.bounding_box() for tool in tools]
        assert len({round(box["y"]) for box in boxes}) == 1  # in one row
        assert all(box["height"] >= 36 for box in boxes)
    tools[0].tap()
    expect(tools[0]).to_have_attribute("aria-pressed", "true")
    touch(phone, [np.array([[180, 150], [180, 200], [180, 250]])])
    known(phone, 2)
    assert phone.locator(".st-key-canvas .rubber").is_hidden()
    pinch(phone)
    assert phone.locator(".st-key-canvas .rubber").is_hidden()
    known(phone, 2)
