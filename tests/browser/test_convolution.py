"""What people do on the Convolution and Pooling pages, in a real browser."""

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, visit
from tests.browser.doors import go
from ui import visits

SIDES = (("x", "width"), ("y", "height"))


def open_walk(page, url, name):
    page.goto(f"{url}/{name}")
    page.locator(".output .plane").first.wait_for()


def click_cell(page, row, column, rows, columns):
    box = page.locator(".output .plane").first.bounding_box()
    page.mouse.click(
        box["x"] + box["width"] * (column - 0.5) / columns, box["y"] + box["height"] * (row - 0.5) / rows
    )


def drags_as_often_as_one_likes(page, where):
    """Over the output, and never the numbers in it, as text that is selected."""
    box = page.locator(".output .plane").first.bounding_box()
    for start, stop in ((1, 3), (3, 1), (1, 2)):
        for place, press in ((start, page.mouse.down), (stop, page.mouse.up)):
            page.mouse.move(*(box[axis] + box[side] * (place - 0.5) / 3 for axis, side in SIDES), steps=4)
            press()
        expect(where).to_have_text(f"row {stop}, column {stop}")


def test_a_clicked_cell_is_summed_and_the_kernel_can_be_typed(page, app_url):
    open_walk(page, app_url, "convolution")
    sums, where = page.locator(".sums"), page.locator(".controls output")
    expect(sums).to_have_text("1·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 0·1 + 0·0 + 1·1 = 4")
    drags_as_often_as_one_likes(page, where)
    click_cell(page, 2, 1, 3, 3)
    expect(sums).to_have_text("0·1 + 1·0 + 1·1 + 0·0 + 0·1 + 1·0 + 0·1 + 0·0 + 1·1 = 2")
    page.keyboard.press("Control+ArrowRight")  # the browser's
    page.keyboard.press("ArrowRight")
    expect(sums).to_contain_text("= 4")
    expect(where).to_have_text("row 2, column 2")
    page.get_by_role("button", name="Step forward").click()
    expect(sums).to_contain_text("= 3")
    click_cell(page, 3, 2, 3, 3)
    page.get_by_role("button", name="Play").click()
    expect(where).to_have_text("row 3, column 3")
    expect(page.get_by_role("button", name="Play")).to_be_visible()  # it has stopped at the end
    corner = page.get_by_label("Kernel, row 3, column 3")
    corner.fill("-1/2")
    corner.press("Tab")
    expect(sums).to_contain_text("0·(−1/2) = 4")
    expect(where).to_have_text("row 3, column 3")  # where it was
    click_cell(page, 1, 1, 3, 3)
    expect(sums).to_contain_text("1·(−1/2) = 2.5")
    expect(page.get_by_role("combobox", name="Kernel")).to_have_value("Your own")
    corner.fill("many")
    corner.press("Enter")
    expect(page.get_by_text("row 3, column 3 says 'many'")).to_be_visible()
    corner.fill("1")
    corner.press("Enter")
    expect(sums).to_contain_text("= 4")
    go(page, "Pooling")
    page.get_by_text("Pooling makes a picture smaller").wait_for()
    go(page, "Convolution")
    expect(where).to_have_text("row 1, column 1")
    expect(page.get_by_role("combobox", name="Kernel")).to_have_value("Your own")


def test_a_pooled_cell_says_what_it_is_made_of_on_a_phone(phone, app_url):
    open_walk(phone, app_url, "pooling")
    click_cell(phone, 3, 3, 4, 4)
    sums = phone.locator(".sums")
    expect(sums).to_contain_text("Max: max of {0, 6, 0, 4} = 6")
    expect(sums).to_contain_text("Mean: (0 + 6 + 0 + 4) / 4 = 2.5")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    bottom = sums.bounding_box()
    assert bottom["y"] + bottom["height"] < 844  # all of it is seen at once


def test_a_refused_upload_says_why_in_a_sentence(browser, app_url):
    """Streamlit's own words are the number of the error."""
    with visit(browser, who="uploads too much", **DESKTOP) as page:
        page.route("**/_stcore/upload_file/**", lambda route: route.fulfill(status=429, body=visits.TOO_MUCH))
        page.goto(f"{app_url}/convolution")
        page.get_by_role("radio", name="Image kernels").click()
        page.get_by_role("radio", name="Picture").click()
        file = {"name": "a.png", "mimeType": "image/png", "buffer": b"any"}
        page.locator("input[type=file]").set_input_files(file)
        expect(page.locator(".stFileUploader [role=alert]")).to_have_text(f"Error: {visits.TOO_MUCH}")
