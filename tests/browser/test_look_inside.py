"""The page Look inside in a real browser: draw, choose a map and a number of it, read its sum."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests import shapes
from tests.browser.doors import go
from tests.browser.inside import all_maps, flow_map, signal_frames
from tests.browser.pen import CANVAS, draw, extent


def open_page(page, url):
    page.goto(f"{url}/look_inside")
    page.locator(CANVAS).wait_for()
    page.get_by_text("Draw a digit, or choose a test digit").wait_for()
    all_maps(page)


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
    # The frame on the image is what that number sees: 10 of 28 pixels.
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
    phone.get_by_text("it looks at a painted scene: a ship").wait_for()
    phone.locator("input[type=file]").set_input_files(file)
    phone.get_by_text("What the network is given: the middle of your picture").wait_for()
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


# -- from left to right


@pytest.fixture
def flowing(page, app_url):
    """The page as it opens, with nothing drawn."""
    page.goto(f"{app_url}/look_inside")
    expect(page.locator(".flow-winner")).to_contain_text("7")
    return page


def lit(page):
    """What is not dimmed, column by column."""
    return [
        column.locator(".flow-node:not(.flow-dim)").count() for column in page.locator(".flow-column").all()
    ]


def test_it_begins_with_a_test_digit_and_a_stroke_takes_its_place(flowing):
    page = flowing
    expect(page.locator(".flow-image b")).to_have_text("a test digit")
    assert lit(page) == [1, 8, 8, 8, 8, 8, 8, 12, 11]
    flow_map(page, 3, 1).hover()
    expect(page.locator(".flow-hint")).to_contain_text("looks for patterns: its largest number comes from map")
    assert [lit(page)[0], lit(page)[3], lit(page)[8]] == [1, 1, 0]
    flow_map(page, 8, 7).hover()
    expect(page.locator(".flow-hint")).to_contain_text("Digit 7: its number comes from unit")
    assert all(lit(page))  # back to the drawing
    assert max(lit(page)[1:]) < 8
    page.mouse.move(0, 0)
    expect(page.locator(".flow-dim")).to_have_count(0)
    draw(page, small(page, 3))
    expect(page.locator(".flow-winner")).to_contain_text("3")
    expect(page.locator(".flow-image b")).to_have_text("your drawing")
    # All of a layer, and the strongest again.
    page.locator(".flow-more", has_text="8 of 48").first.click()
    expect(page.locator(".flow-opened .flow-node")).to_have_count(48)
    room = page.locator(".flow-scroll")
    assert (
        room.evaluate("e => e.scrollWidth - e.clientWidth") > 50
    )  # it moves within itself, and the page does not
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 1440
    page.get_by_role("button", name="only the 8 strongest").click()
    expect(page.locator(".flow-opened")).to_have_count(0)


def test_it_is_gone_through_by_keyboard(flowing):
    page = flowing
    flow_map(page, 1, 0).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(flow_map(page, 2, 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".inspector .title b")).to_contain_text("MaxPooling 2x2: map")
    expect(flow_map(page, 2, 1)).to_have_class(re.compile("flow-chosen"))
    page.keyboard.press("Escape")
    expect(page.locator(".inspector")).to_have_count(0)
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".flow-answers .flow-node:focus")).to_have_count(1)


def test_the_signal_runs_through_once(flowing):
    page = flowing
    play = page.locator(".flow-bar .flow-play")
    play.press("Enter")
    expect(page.locator(".flow-plays")).to_have_count(1)
    expect(page.locator(".flow-hint")).to_contain_text("Looks for strokes: Conv2D 5x5, 20 kernels of 5x5x1")
    last = page.locator(".flow-answers")
    assert float(last.evaluate("e => getComputedStyle(e).opacity")) < 0.2
    expect(page.locator(".flow-hint")).to_contain_text("Answers: Dense 11")
    expect(page.locator(".flow-plays")).to_have_count(0)
    assert last.evaluate("e => e.style.opacity") == ""
    stamps = signal_frames(page)
    assert 5800 < stamps[-1] - stamps[0] < 7500
    assert len(stamps) > 90  # 360 where nobody else works: here 15 a second are enough


def test_the_signal_moves_in_steps_where_motion_is_not_wanted(flowing):
    page = flowing
    page.emulate_media(reduced_motion="reduce")
    page.locator(".flow-bar .flow-play").click()
    opacities = "es => [...new Set(es.map((e) => e.style.opacity))].sort().join()"
    seen = set()
    for _ in range(12):
        seen.add(page.locator(".flow-column").evaluate_all(opacities))
        page.wait_for_timeout(60)
    assert seen <= {"0.1,1", "1"}
    page.get_by_role("button", name="Stop").click()
    assert page.locator(".flow-column").evaluate_all(opacities) == ""


def test_the_window_of_a_map_runs_over_its_input(flowing):
    page = flowing
    page.emulate_media(reduced_motion="reduce")  # row by row
    flow_map(page, 3, 2).click()
    page.locator(".flow-run .flow-play").click()
    words = page.locator(".flow-run-words")
    expect(words).to_contain_text(re.compile("Row [2-5], column 1: "))
    square = page.locator(".flow-in i")
    moved = square.evaluate("e => new DOMMatrix(getComputedStyle(e).transform).f")
    expect(words).to_contain_text(re.compile("Row ([6-9]|1[0-3]), column 1: "))
    assert square.evaluate("e => new DOMMatrix(getComputedStyle(e).transform).f") > moved
    page.locator(".flow-run .flow-play").click()
    expect(words).to_contain_text("Row 14, column 14: ")
    page.locator(".flow-run select").select_option(index=1)
    expect(page.locator(".flow-in + figcaption")).to_have_text(re.compile(r"map \d+, 14 x 14"))
    expect(page.locator(".flow-runs")).to_have_count(1)
    page.get_by_role("button", name="Close").click()  # while it runs
    expect(page.locator(".flow-run")).to_have_count(0)


def test_on_a_phone_it_is_turned(phone, app_url):
    phone.goto(f"{app_url}/look_inside")
    expect(phone.locator(".flow-winner")).to_contain_text("7")
    tops = [column.bounding_box()["y"] for column in phone.locator(".flow-column").all()]
    assert tops == sorted(tops)
    assert len(set(tops)) == 9
    assert phone.evaluate("document.querySelector('.stMain').scrollWidth") <= 390
    boxes = [node.bounding_box() for node in phone.locator(".flow-column").nth(1).locator(".flow-node").all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["width"] >= 24 for box in boxes)
    flow_map(phone, 8, 7).tap()
    expect(phone.locator(".inspector .title b")).to_have_text("Dense 11: digit 7")
    expect(phone.locator(".inspector .remark")).to_contain_text("The network says")
