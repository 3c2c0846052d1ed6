"""The page Look inside in a real browser: draw, choose a map and a number of it, read its sum."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests import shapes
from tests.browser.doors import go
from tests.browser.pen import CANVAS, draw, extent


def open_page(page, url):
    page.goto(f"{url}/look_inside")
    page.locator(CANVAS).wait_for()
    page.get_by_text("Draw a digit, or choose a test digit").wait_for()


def small(page, digit):
    """Its strokes, on the canvas as large as it is shown here."""
    scale = page.locator(CANVAS).bounding_box()["width"] / 328
    return [stroke * scale for stroke in shapes.strokes(digit)]


@pytest.fixture
def opened(page, app_url):
    open_page(page, app_url)
    draw(page, small(page, 3))
    expect(page.locator(".share.winner")).to_contain_text("3")
    return page


def frames(page):
    return page.locator(".net .frame")


def test_the_drawing_is_where_the_pen_was(opened):
    """The canvas is shown smaller than it is; what is drawn on it must not be."""
    go(opened, "Draw")
    expect(opened.locator(".st-key-prediction")).to_have_text(re.compile(r"^3\b"))
    opened.get_by_text("How your ink became that picture").wait_for()
    ink = extent(opened)
    points = [x / 328 for stroke in shapes.strokes(3) for x in stroke[:, 0]]
    assert ink[0] == pytest.approx(min(points), abs=0.05)
    assert ink[1] == pytest.approx(max(points), abs=0.05)


def test_a_click_on_a_map_and_on_a_number_shows_its_sum(opened):
    page = opened
    frames(page).nth(2).click(position={"x": 60, "y": 20})
    inspector = page.locator(".inspector")
    expect(inspector.locator(".title b")).to_have_text("Conv2D 3x3: map 2 of 48")
    expect(inspector.locator(".lead")).to_contain_text("the largest of this map")
    expect(inspector.locator(".remark")).to_contain_text("The network says")
    large = inspector.locator(".large.map")
    large.click(position={"x": 77, "y": 105})
    expect(inspector.locator(".lead")).to_contain_text("(row 8, column 6)")
    expect(inspector.locator(".readout")).to_contain_text("Row 8, column 6")
    # The sum of what the input maps add, and the bias, is what is said to come together.
    shown = inspector.locator(".channel span").all_inner_texts()
    total, bias, together = re.search(
        r"input maps (\S+), bias (\S+): together (\S+)",
        inspector.locator(".total").inner_text().replace("−", "-"),
    ).groups()
    assert sum(float(n.replace("−", "-")) for n in shown) == pytest.approx(float(total), abs=0.006)
    assert float(total) + float(bias) == pytest.approx(float(together), abs=0.0011)
    # The frame on the picture is what that number sees: 10 of 28 pixels.
    field = inspector.locator(".field").evaluate("e => [e.style.width, e.style.height].map(parseFloat)")
    assert field == pytest.approx([1000 / 28, 1000 / 28], abs=0.1)


def test_by_keyboard(opened):
    page = opened
    frames(page).nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    title = page.locator(".inspector .title b")
    expect(title).to_contain_text("Conv2D 5x5: map 2 of 20")
    expect(page.locator(".inspector .lead")).to_contain_text("largest of this map")
    page.locator(".large.map").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".inspector .lead")).not_to_contain_text("largest of this map")
    expect(page.locator(".inspector .numbers")).to_have_count(3)
    page.keyboard.press("Escape")
    expect(page.locator(".inspector")).to_have_count(0)


def test_a_stroke_changes_the_maps_and_keeps_the_place(opened):
    page = opened
    frames(page).nth(0).click(position={"x": 20, "y": 20})
    page.locator(".large.map").click(position={"x": 102, "y": 102})
    expect(page.locator(".inspector .lead")).to_contain_text("(row 15, column 15)")
    before = page.locator(".inspector").inner_text()
    draw(page, [[[120, 120], [140, 120], [150, 121]]])
    expect(page.locator(".inspector")).not_to_have_text(before, use_inner_text=True)
    page.locator(".st-key-clear button").click()
    page.get_by_text("Draw a digit, or choose a test digit").wait_for()
    draw(page, small(page, 7))
    expect(page.locator(".share.winner")).to_contain_text("7")
    expect(page.locator(".inspector .lead")).to_contain_text("(row 15, column 15)")


def test_a_phone_has_room_for_it(phone, app_url):
    open_page(phone, app_url)
    phone.get_by_role("radio", name="Test digit").click()
    expect(phone.locator(".share.winner")).to_contain_text("7")
    frames(phone).nth(0).tap(position={"x": 20, "y": 20})
    expect(phone.locator(".inspector .remark")).to_contain_text("The network says")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    box = phone.locator(".inspector").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    # The narrowest: every label of the last layer stays in the layer's box.
    phone.set_viewport_size({"width": 320, "height": 640})
    last = phone.locator(".names span").last
    expect(last).to_have_text("not a digit")
    expect(phone.locator(".names.narrow").last).to_contain_text("not a digit")
    words = "e => { const r = new Range(); r.selectNodeContents(e); return r.getBoundingClientRect().right; }"
    net = phone.locator(".net").bounding_box()
    assert last.evaluate(words) <= net["x"] + net["width"]
    assert phone.evaluate("document.querySelector('.stMain').scrollWidth") <= 320


def test_an_upload_in_colour_on_a_phone(phone, app_url):
    """Its maps, and the sum over red, green and blue that made a number of one of them."""
    open_page(phone, app_url)
    phone.get_by_role("radio", name="Images").click()
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)).save(out, "PNG")
    file = {"name": "noise.png", "mimeType": "image/png", "buffer": out.getvalue()}
    phone.locator("input[type=file]").set_input_files(file)
    frames(phone).nth(0).tap(position={"x": 20, "y": 20})
    inspector = phone.locator(".inspector")
    expect(inspector.locator(".remark")).to_contain_text("The network says")
    assert set(inspector.locator(".channel small").all_inner_texts()) == {"red", "green", "blue"}
    shown = inspector.locator(".channel span").all_inner_texts()
    words = inspector.locator(".total").inner_text().replace("−", "-")
    total = re.search(r"three colours (\S+), bias", words)[1]
    assert sum(float(n.replace("−", "-")) for n in shown) == pytest.approx(float(total), abs=0.003)
    field = inspector.locator(".field").evaluate("e => parseFloat(e.style.width)")
    assert field in (pytest.approx(300 / 32, abs=0.1), pytest.approx(200 / 32, abs=0.1))  # less at the edge
    expect(inspector.locator(".top-activations")).to_contain_text("CIFAR-10 is not on this computer yet")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
