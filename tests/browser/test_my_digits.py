"""Drawing, saying which digit it was, and finding it under My digits, in a real browser."""

import re

from playwright.sync_api import expect

from core.storage import exchange_json
from tests import shapes
from tests.browser.conftest import PHONE, visit
from tests.browser.pen import CANVAS, LATE, TOLD, draw, open_late, open_page, prediction, touch
from tests.stored_drawings import drawn


def test_a_labelled_drawing_is_found_after_a_reload_corrected_deleted_and_brought_back(page, app_url):
    open_page(page, app_url)
    expect(page.locator(".st-key-teach")).to_have_count(0)
    draw(page, shapes.strokes(3, 190, 75, 70))
    page.locator(".st-key-teach").get_by_role("radio", name="3", exact=True).click()
    expect(page.get_by_text("Kept as a 3 under My digits")).to_be_visible()
    page.goto(f"{app_url}/my_digits")  # a new session of the same browser
    cells = page.locator(".st-key-gallery-0-0-None-False .grid button, [class*=st-key-gallery] .grid button")
    expect(cells).to_have_count(1)
    expect(cells.first).to_have_attribute("aria-label", re.compile("Labelled 3, read as a 3"))
    cells.first.click()
    page.locator(".st-key-relabel").get_by_role("radio", name="8", exact=True).click()
    expect(cells.first).to_have_attribute("aria-label", re.compile("Labelled 8, read as a 3"))
    cells.first.click()
    page.locator(".st-key-delete-digits button").click()
    expect(page.get_by_text("There is nothing here yet")).to_be_visible()
    page.locator(".st-key-undo-digits button").click()
    expect(cells).to_have_count(1)
    page.get_by_text("Save or bring in").click()
    with page.expect_download() as download:
        page.locator(".st-key-export-zip button").click()
    assert download.value.suggested_filename.endswith(".zip")
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_contain_text("50MB per file")
    large = exchange_json.write([drawn(digit) for digit in range(10)]) + b" " * 11_000_000
    chooser = page.locator(".st-key-import input[type=file]")
    chooser.set_input_files({"name": "digits.json", "mimeType": "application/json", "buffer": large})
    expect(page.get_by_text("10 taken in")).to_be_visible()
    expect(cells).to_have_count(11)


def place(phone):
    """How far below the bars the labels and what follows them are."""
    names = (".st-key-prediction", ".st-key-teach-label", ".st-key-network-input")
    first, *others = [phone.locator(name).bounding_box()["y"] for name in names]
    return [y - first for y in others]


def test_ten_labels_fit_a_narrow_phone(browser, app_url):
    with visit(browser, **PHONE | {"viewport": {"width": 360, "height": 740}}) as phone:
        open_page(phone, app_url)
        draw(phone, shapes.strokes(7, 190, 75, 70))
        digits = phone.locator(".st-key-teach").get_by_role("radio")
        expect(digits).to_have_count(10)
        before = place(phone)
        for box in (digits.nth(i).bounding_box() for i in range(10)):
            assert box["width"] >= 40
            assert box["height"] >= 40
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
        digits.nth(7).tap()
        expect(phone.get_by_text("Kept as a 7 under")).to_be_visible()
        assert place(phone) == before  # nothing has jumped
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_digits_are_collected_on_a_phone_one_tap_each(phone, app_url):
    """One tap each, and nothing moves meanwhile; how long ten take is measured by `benchmarks digits`."""
    open_page(phone, app_url)
    side = phone.locator(CANVAS).bounding_box()["width"]
    touch(phone, shapes.strokes(7, side / 2, side / 4, side / 4))
    expect(prediction(phone)).to_have_text(re.compile("^7"))
    phone.get_by_text("Tell me what to draw next").click()
    keep = phone.locator(".st-key-teach-keep button")
    expect(keep).to_be_visible()
    phone.evaluate("document.querySelector('.stMain').scrollTop = 0")
    phone.wait_for_timeout(500)
    parts = [keep, phone.locator(CANVAS), phone.locator(".st-key-teach-label")]
    before = [part.bounding_box() for part in parts]
    assert before[0]["y"] + before[0]["height"] < 780  # above the doors
    for count in range(4):
        asked = int(keep.inner_text().split()[-1])
        if count:
            expect(phone.locator(".ghost")).to_have_text(f"draw {'an' if asked == 8 else 'a'} {asked}")
        else:
            phone.locator(".st-key-clear button:visible").tap()
        phone.wait_for_function(f"() => {TOLD}.canvas.strokes.length === 0")
        touch(phone, shapes.strokes(asked, side / 2, side / 4, side / 4))
        expect(keep).to_be_enabled()
        keep.tap()
        expect(phone.get_by_text(f"({count + 1} kept)")).to_be_visible()
        assert [part.bounding_box() for part in parts] == before
    phone.wait_for_function(f"() => {TOLD}.canvas.strokes.length === 0")
    phone.locator(".st-key-undo button:visible").tap()
    phone.wait_for_function(f"() => {TOLD}.canvas.strokes.length > 0")
    expect(phone.locator(".st-key-teach-undo button")).to_have_text("Take it back")


def test_a_stroke_begun_right_after_the_tap_is_not_cleared_with_the_others(page, app_url):
    page.add_init_script(LATE)
    open_page(page, app_url)
    draw(page, shapes.strokes(4))
    page.locator(".st-key-teach").get_by_role("radio", name="4", exact=True).click()
    draw(page, shapes.strokes(1))
    expect(page.get_by_text("1 kept in this visit")).to_be_visible()
    expect(prediction(page)).to_have_text(re.compile("^1"))
    page.wait_for_function(f"() => {TOLD}.canvas.strokes.length === 1")
    page.locator(".st-key-teach-undo button").click()
    expect(prediction(page)).to_have_text(re.compile("^4"))
    page.locator(".st-key-undo button:visible").click()
    expect(prediction(page)).to_have_text(re.compile("^1"))


def test_a_tap_waits_for_the_last_stroke(page, app_url):
    """Over a slow link the server hears of a tap before it has answered the stroke."""
    open_late(page, app_url)
    first, last = shapes.strokes(4)
    draw(page, [first])
    row = page.locator(".st-key-teach")
    expect(row).to_be_visible()
    draw(page, [last])
    expect(page.locator(".dl-live")).to_have_count(1)
    row.get_by_role("radio", name="4", exact=True).click()
    expect(page.get_by_text("1 kept in this visit")).to_be_visible()
    page.wait_for_function(f"() => {TOLD}.canvas.strokes.length === 0")
    page.locator(".st-key-teach-undo button").click()
    page.wait_for_function(f"() => {TOLD}.canvas.strokes.length === 2")
    expect(prediction(page)).to_have_text(re.compile("^4"))
