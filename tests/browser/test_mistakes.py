"""The pages Mistakes and Data in a real browser: click a cell, see exactly those, take one elsewhere."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.doors import go
from tests.browser.pen import CANVAS, swipe_up

GALLERY, MATRIX = ".st-key-mistakes-gallery .one", ".st-key-mistakes-matrix"
OUTLINE = f"{MATRIX} .shapelayer path"


def open_mistakes(page, url):
    page.goto(f"{url}/mistakes")
    page.locator(GALLERY).first.wait_for(timeout=60_000)  # the first time, the network reads 10,000 digits
    page.locator(f"{MATRIX} .heatmaplayer").wait_for()


def cell(page, true, read):
    """Scroll it into view, and return where it is."""
    matrix = page.locator(f"{MATRIX} .nsewdrag")
    matrix.scroll_into_view_if_needed()
    box = matrix.bounding_box()
    return box["x"] + box["width"] * (read + 0.5) / 10, box["y"] + box["height"] * (true + 0.5) / 10


def click_cell(page, true, read):
    page.mouse.click(*cell(page, true, read))


def count_in(page, true, read):
    """What the matrix's CSV says of a cell."""
    with page.expect_download() as saved:
        page.locator(".st-key-csv-confusion-matrix button").click()
    with open(saved.value.path(), encoding="utf-8") as file:
        rows = [line.strip().split(",") for line in file]
    return int(rows[true + 1][read + 1])


def test_a_click_on_a_cell_shows_exactly_those(page, app_url):
    open_mistakes(page, app_url)
    count = count_in(page, 9, 4)
    assert 0 < count <= 20
    click_cell(page, 9, 4)
    expect(page.get_by_text(re.compile(rf"^{count} mistakes?, true 9, read as 4"))).to_be_visible()
    expect(page.locator(OUTLINE)).to_have_count(1)
    titles = page.locator(GALLERY).evaluate_all("all => all.map(one => one.title)")
    assert len(titles) == count
    assert all(re.match(r"Number \d+: true 9, read as 4, ", title) for title in titles)
    # All again, and the same cell again: the matrix does not hold on to it.
    page.get_by_role("button", name="All classes").click()
    expect(page.get_by_text(re.compile(r"^\d+ mistakes$"))).to_be_visible()
    expect(page.locator(OUTLINE)).to_have_count(0)  # the matrix has been drawn anew
    page.locator(f"{MATRIX} .heatmaplayer").wait_for()
    click_cell(page, 9, 4)
    expect(page.locator(GALLERY)).to_have_count(count)
    # On the diagonal are those that were read rightly, the hardest first.
    click_cell(page, 9, 9)
    expect(page.get_by_text("read rightly, true 9, read as 9, the hardest first")).to_be_visible()


def test_a_picture_is_chosen_by_mouse_and_keyboard_and_opened_elsewhere(page, app_url):
    open_mistakes(page, app_url)
    page.locator(GALLERY).nth(3).click()
    number = page.locator(GALLERY).nth(3).get_attribute("data-number")
    said = page.locator(".st-key-mistakes-one .dl-said")
    expect(said).to_contain_text(f"Test digit {number}")
    assert said.bounding_box()["width"] > 50  # and is to be seen
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    number = page.locator(GALLERY).nth(8).get_attribute("data-number")
    expect(said).to_contain_text(f"Test digit {number}")
    page.get_by_role("button", name="Look inside").click()
    expect(page.get_by_role("spinbutton", name="Test digit")).to_have_value(number)
    go(page, "Mistakes")
    expect(said).to_contain_text(f"Test digit {number}")  # it is still chosen
    page.get_by_role("button", name="Repair it").click()
    page.locator(CANVAS).wait_for()
    expect(page.locator(".st-key-undo button")).to_be_enabled()
    ink = page.locator(".st-key-canvas canvas.dc-canvas.lower-canvas").evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(v => v)"
    )
    assert ink


def test_figures_are_saved_as_png(page, app_url):
    open_mistakes(page, app_url)
    for figure, name in (("matrix", "confusion-matrix.png"), ("coverage", "refusing.png")):
        page.locator(f".st-key-mistakes-{figure} .js-plotly-plot").hover()
        with page.expect_download() as saved:
            page.locator(f".st-key-mistakes-{figure} [data-title^=Download]").click()
        assert saved.value.suggested_filename == name


@pytest.mark.parametrize("path", ["mistakes", "data"])
def test_a_phone_has_room_for_it(phone, app_url, path):
    phone.goto(f"{app_url}/{path}")
    phone.locator(".gallery .one").nth(5).wait_for(timeout=60_000)
    phone.locator(".js-plotly-plot").last.wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.locator(".gallery .one").nth(5).tap()
    one = phone.locator(".st-key-mistakes-one, .st-key-data-one")
    expect(one).to_be_in_viewport()  # it is below, so it is scrolled to


def test_a_finger_over_a_chart_scrolls_the_page_and_a_tap_chooses(phone, app_url):
    open_mistakes(phone, app_url)
    ranges = "node => JSON.stringify([node._fullLayout.xaxis.range, node._fullLayout.yaxis.range])"
    for figure in ("matrix", "reliability"):
        plot = phone.locator(f".st-key-mistakes-{figure} .js-plotly-plot")
        before = plot.evaluate(ranges)
        assert swipe_up(phone, plot.locator(".nsewdrag").first) > 80
        assert plot.evaluate(ranges) == before
    phone.touchscreen.tap(*cell(phone, 9, 4))
    expect(phone.get_by_text(re.compile(r"^\d+ mistakes?, true 9, read as 4"))).to_be_visible()
    expect(phone.locator(OUTLINE)).to_have_count(1)
    # A page is opened at its top, whether or not the one before was gone before its content came.
    phone.add_style_tag(content=".stMainBlockContainer {min-height: 9000px}")
    phone.get_by_role("button", name="Repair it").tap()
    expect(phone.locator(".st-key-repaired")).to_be_visible()
    assert phone.evaluate("document.querySelector('.stMain').scrollTop") == 0


def test_a_digit_of_the_data_is_read_number_by_number(page, app_url):
    page.goto(f"{app_url}/data")
    one = page.locator(".st-key-data-gallery .one").nth(33)  # in the row of the threes
    one.click()
    number = one.get_attribute("data-number")
    expect(page.get_by_role("spinbutton", name=re.compile("Picture, by its number"))).to_have_value(number)
    expect(page.get_by_text("Its label is 3.")).to_be_visible()
    page.locator(".st-key-data-pixels .grid").hover(position={"x": 150, "y": 150})
    readout = page.locator(".st-key-data-pixels .readout").inner_text()
    value, share = re.fullmatch(r"Row 14, column 14: (\d+) of 255, (\d\.\d+)", readout).groups()
    assert int(value) / 255 == pytest.approx(float(share), abs=0.001)
