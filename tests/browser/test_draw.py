"""What people do on the Draw page, in a real browser."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from core.ink import preprocessing
from tests import shapes
from tests.browser.conftest import launch
from tests.browser.doors import go
from tests.browser.pen import CANVAS, LATE, TOLD, draw, extent, open_page, prediction, touch

NONE = re.compile("^—")


def begins(digit):
    return re.compile(rf"^{digit}\b")


def button(page, key):
    return page.locator(f".st-key-{key} button:visible")


def test_every_digit_in_several_sizes_and_places(page, app_url):
    """Each digit once, at one place after the other; tests/pages/test_pages.py has all of them at each."""
    open_page(page, app_url)
    for digit in range(10):
        draw(page, shapes.strokes(digit, *shapes.PLACES[digit % len(shapes.PLACES)]))
        expect(prediction(page)).to_have_text(begins(digit))
        expect(page.locator(".dl-winner")).to_have_text(re.compile(rf"^{digit}\s+(\d\d|100)\.\d%"))
        rows = page.locator(".dl-rows").inner_text().split()
        assert rows[::2] == [str(n) for n in range(10)]
        assert sum(float(p.rstrip("%")) for p in rows[1::2]) == pytest.approx(100, abs=0.5)
        button(page, "clear").click()
        expect(prediction(page)).to_have_text(NONE)


def test_a_letter_is_no_digit(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes("A"))
    expect(page.get_by_text("I don't think that is a digit")).to_be_visible()
    expect(page.locator(".dl-rows.dl-dim")).to_be_visible()
    expect(page.locator(".dl-winner")).to_have_count(0)
    page.keyboard.press("Delete")
    draw(page, shapes.strokes(3))
    expect(page.locator(".dl-winner")).to_be_visible()
    expect(page.locator(".dl-dim")).to_have_count(0)


def test_a_number_is_read_and_never_refused_on_the_way(page, app_url):
    page.add_init_script(LATE)  # so that what the browser says by itself is seen
    open_page(page, app_url)
    page.locator("[data-live=yes]").wait_for()
    page.evaluate(
        """() => {
            window.said = [];
            const look = () => {
                const live = document.querySelector(".dl-live") ? "live: " : "";
                window.said.push(live + document.querySelector(".dl-digit").innerText.replace(/\\s+/g, " "));
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    draw(page, [*shapes.strokes(4, 90, 20, 110), *shapes.strokes(2, 90, 120, 110)])
    expect(prediction(page)).to_contain_text("That is 42. The bars are of its 1st digit.")
    expect(page.locator(".dl-winner")).to_have_text(re.compile(r"^4\s"))
    expect(page.locator(".dl-boxes .dl-box")).to_have_count(2)
    draw(page, shapes.strokes(7, 80, 225, 110))
    expect(prediction(page)).to_contain_text("That is 427.")
    said = page.evaluate("window.said.filter((words, i, all) => words !== all[i - 1])")
    assert not [words for words in said[1:] if re.search("think|dot|—", words)]
    assert [words for words in said if words.startswith("live: 42 ")]  # before Python has heard of the 2
    since = said[next(i for i, words in enumerate(said) if words.startswith("42 ")) :]
    assert all(words.removeprefix("live: ").startswith("42") for words in since)  # while the 7 is drawn, too
    assert since[-2].startswith("live: 427 ")
    assert since[-1].startswith("427 ")
    page.locator(".st-key-number-digit button", has_text="7").click()
    expect(page.locator(".dl-winner")).to_have_text(re.compile(r"^7\s"))
    expect(prediction(page)).to_contain_text("The bars are of its 3rd digit.")
    for left in ("42", "4"):
        button(page, "undo").click()
        expect(prediction(page)).to_have_text(re.compile(rf"^{left}\b"))
    expect(page.locator(".dl-boxes")).to_have_count(0)


def test_a_stroke_begun_before_the_canvas_is_cleared_is_kept(page, app_url):
    page.add_init_script(LATE)
    open_page(page, app_url)
    draw(page, shapes.strokes("A"))
    expect(page.get_by_text("I don't think that is a digit")).to_be_visible()
    page.keyboard.press("Delete")
    draw(page, shapes.strokes(4))  # two strokes
    expect(prediction(page)).to_have_text(begins(4))
    button(page, "undo").click()
    button(page, "undo").click()
    draw(page, shapes.strokes(1))
    expect(prediction(page)).to_have_text(begins(1))
    assert strokes(page) == 1


def test_a_finger_that_draws_before_the_canvas_is_cleared(phone, app_url):
    phone.add_init_script(LATE)
    open_page(phone, app_url)
    touch(phone, shapes.strokes("A"))
    expect(phone.get_by_text("I don't think that is a digit")).to_be_visible()
    button(phone, "clear").tap()
    touch(phone, shapes.strokes(3), slowly=True)  # it is still down when the canvas is cleared
    expect(prediction(phone)).to_have_text(begins(3))
    assert strokes(phone) == 1


def strokes(page) -> int:
    """How many the server knows of."""
    return page.evaluate(f"{TOLD}.canvas.strokes.length")


def test_undo_redo_and_clear_by_button_and_by_key(page, app_url):
    open_page(page, app_url)
    expect(button(page, "undo")).to_be_disabled()
    draw(page, shapes.strokes(1))
    expect(prediction(page)).to_have_text(begins(1))
    draw(page, shapes.strokes(0, 300, 20, 20))  # a ring around it
    expect(prediction(page)).not_to_have_text(begins(1))
    button(page, "undo").click()
    expect(prediction(page)).to_have_text(begins(1))
    page.keyboard.press("Control+Shift+Z")
    expect(prediction(page)).not_to_have_text(begins(1))
    page.keyboard.press("Delete")
    expect(prediction(page)).to_have_text(NONE)
    expect(button(page, "clear")).to_be_disabled()
    page.keyboard.press("Control+Z")
    expect(button(page, "clear")).to_be_enabled()
    page.keyboard.press("Control+Z")
    expect(prediction(page)).to_have_text(begins(1))
    draw(page, [np.array([[5, 318], [315, 322]])])  # drawing on after an undo
    expect(button(page, "redo")).to_be_disabled()


def test_the_drawing_outlives_a_change_of_page(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes(8))
    expect(prediction(page)).to_have_text(begins(8))
    go(page, "About")
    expect(page.get_by_role("heading", name="About Digit Lab")).to_be_visible()
    go(page, "Draw")
    expect(prediction(page)).to_have_text(begins(8))
    assert ink(page) > 2000
    draw(page, [np.array([[20, 320], [320, 320]])])
    page.keyboard.press("Control+Z")
    expect(prediction(page)).to_have_text(begins(8))


def test_the_drawing_outlives_a_reload_in_its_tab(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes(4))
    expect(prediction(page)).to_have_text(begins(4))
    before = ink(page)
    page.reload()
    expect(prediction(page)).to_have_text(begins(4))
    assert ink(page) == pytest.approx(before, rel=0.02)
    page.goto(f"{app_url}/look_inside")  # a new session, too
    expect(page.locator(".flow-winner")).to_contain_text("4")
    page.goto(app_url)
    expect(prediction(page)).to_have_text(begins(4))
    button(page, "clear").click()
    expect(prediction(page)).to_have_text(NONE)
    button(page, "undo").click()
    expect(prediction(page)).to_have_text(begins(4))
    page.keyboard.press("Delete")
    expect(prediction(page)).to_have_text(NONE)
    page.reload()
    page.locator(".st-key-network-input .grid").wait_for()
    page.wait_for_timeout(1500)
    expect(prediction(page)).to_have_text(NONE)


def test_a_link_opens_its_drawing_and_undo_brings_back_what_the_tab_had(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes(3))
    expect(prediction(page)).to_have_text(begins(3))
    button(page, "save-menu").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    link = page.get_by_label("The link").input_value()
    page.keyboard.press("Escape")
    button(page, "clear").click()
    draw(page, shapes.strokes(7))
    expect(prediction(page)).to_have_text(begins(7))
    page.goto(link)
    expect(prediction(page)).to_have_text(begins(3))
    page.wait_for_url(f"{app_url}/")  # the tab's drawing has come: what is drawn is no longer the link's alone
    button(page, "undo").click()
    expect(prediction(page)).to_have_text(begins(7))
    page.goto(f"{app_url}/look_inside?from=test-digit&digit=7&network=first-conv-best&map=1-4")
    expect(page.get_by_text("Map 4 of 16").first).to_be_visible()  # the hint, or the image's title
    button(page, "inside-next").first.click()
    page.wait_for_url(re.compile("digit=8&map=1-4$"))
    page.go_back()
    expect(page.locator(".st-key-inside-number input")).to_have_value("7")


def test_the_drawing_outlives_a_turn_of_the_device(page, app_url):
    """The canvas is as large as the window allows: its ink stays where it is, and the pen is met."""
    open_page(page, app_url)
    draw(page, shapes.strokes(4))
    expect(prediction(page)).to_have_text(begins(4))
    large = page.locator(CANVAS).bounding_box()["width"]
    before = extent(page)
    for width, height in ((390, 844), (844, 390), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        assert extent(page) == pytest.approx(before, abs=0.01)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)
    side = page.locator(CANVAS).bounding_box()["width"]
    assert side < 0.8 * large
    draw(page, [np.array([[0.9, 0.1], [0.9, 0.9]]) * side])
    page.wait_for_function(f"() => {TOLD}.canvas.strokes.length === 3")
    assert extent(page)[1] == pytest.approx(0.9, abs=0.04)


def test_an_empty_canvas_says_what_it_is_for_until_the_first_touch(page, app_url):
    open_page(page, app_url)
    ghost = page.get_by_text("draw a digit here")
    expect(ghost).to_be_visible()
    box = page.locator(CANVAS).bounding_box()
    page.mouse.move(box["x"] + 80, box["y"] + 80)
    page.mouse.down()
    expect(ghost).to_be_hidden()
    page.mouse.move(box["x"] + 80, box["y"] + 200)
    page.mouse.up()
    expect(prediction(page)).to_have_text(begins(1))
    expect(ghost).to_be_hidden()
    button(page, "clear").click()
    expect(ghost).to_be_visible()


def test_another_tab_begins_with_an_empty_canvas(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes(4))
    expect(prediction(page)).to_have_text(begins(4))
    other = page.context.new_page()
    open_page(other, app_url)
    other.wait_for_timeout(1500)
    expect(prediction(other)).to_have_text(NONE)


@pytest.mark.parametrize("kept", ["no JSON", '{"strokes": [[[1, "x"]]]}', '{"strokes": 7}', "[]"])
def test_what_is_no_drawing_is_not_brought_back(page, app_url, kept):
    page.add_init_script(f"sessionStorage.setItem('digit-lab-drawing', {json.dumps(kept)})")
    open_page(page, app_url)
    page.wait_for_timeout(1000)
    expect(prediction(page)).to_have_text(NONE)
    draw(page, shapes.strokes(3))
    expect(prediction(page)).to_have_text(begins(3))


def ink(page) -> int:
    """How many pixels of the canvas hold ink."""
    return page.locator(".st-key-canvas canvas.dc-canvas.lower-canvas").evaluate(
        """canvas => {
            const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((value, i) => i % 4 === 3 && value > 0).length;
        }"""
    )


def test_a_finger_draws_and_the_page_stays(phone, app_url):
    open_page(phone, app_url)
    canvas = phone.locator(CANVAS).bounding_box()
    assert canvas["x"] >= 0
    assert canvas["x"] + canvas["width"] <= 390
    touch(phone, shapes.strokes(3))
    expect(prediction(phone)).to_have_text(begins(3))
    assert phone.evaluate("document.querySelector('.stMain').scrollTop") == 0
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    bottom = phone.locator(".dl-digit").bounding_box()
    assert bottom["y"] + bottom["height"] < 844  # the digit is seen while drawing
    for key in ("undo", "redo", "clear"):
        box = button(phone, key).bounding_box()
        assert box["y"] < canvas["y"] + canvas["height"] + 80
        assert box["height"] >= 36


def test_nothing_jumps_when_the_values_change(page, app_url):
    open_page(page, app_url)
    parts = [".dl-rows", ".st-key-network-input", ".st-key-canvas"]

    def places():
        return [page.locator(part).bounding_box() for part in parts]

    before = places()
    draw(page, shapes.strokes(5))
    expect(prediction(page)).to_have_text(begins(5))
    assert places() == before
    button(page, "clear").click()
    expect(prediction(page)).to_have_text(NONE)
    draw(page, [np.array([[100, 100], [101, 100]])])
    expect(prediction(page)).to_contain_text("only a dot")
    assert places() == before


def test_pixels_can_be_read_by_mouse_and_by_keyboard(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes(1))
    expect(prediction(page)).to_have_text(begins(1))
    grid = page.locator(".st-key-network-input .grid")
    readout = page.locator(".st-key-network-input .readout")
    box = grid.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 14.5 / 28, box["y"] + box["height"] * 14.5 / 28)
    expect(readout).to_have_text(re.compile(r"Row 15, column 15: (1\.000|0\.9\d\d)"))
    grid.focus()
    page.keyboard.press("ArrowRight")
    expect(readout).to_have_text(re.compile(r"Row 15, column 16: 0\.\d{3}"))


def test_the_pen_is_heard_without_the_debounce(page, app_url):
    """The component's own button, which is pressed at release, is where it is looked for."""
    open_page(page, app_url)
    button_count = page.locator(".st-key-canvas").get_by_label("Update the app with this drawing").count()
    assert button_count == 1
    page.evaluate(
        """() => {
            const host = [...document.querySelectorAll('.st-key-canvas *')].find(e => e.shadowRoot);
            window.pressed = 0;
            host.shadowRoot.querySelector('[aria-label="Update the app with this drawing"]')
                .addEventListener('click', () => window.pressed++);
        }"""
    )
    draw(page, shapes.strokes(4))
    expect(prediction(page)).to_have_text(begins(4))
    assert page.evaluate("window.pressed") == 2  # once for each of its strokes


def test_brush_width_changes_the_ink_and_not_the_answer(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes(7))
    expect(prediction(page)).to_have_text(begins(7))
    thin = ink(page)
    page.keyboard.press("Delete")
    expect(prediction(page)).to_have_text(NONE)
    page.get_by_role("button", name="brush").click()
    page.get_by_role("slider").focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("slider")).to_have_value("40")
    page.keyboard.press("Escape")
    expect(page.get_by_role("slider")).to_be_hidden()
    page.wait_for_timeout(500)  # the slider waits a moment before it tells the canvas
    draw(page, shapes.strokes(7))
    expect(prediction(page)).to_have_text(begins(7))
    assert ink(page) > 1.4 * thin


def upload(page, name, data):
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def test_what_is_saved_can_be_brought_back(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes(2))
    expect(prediction(page)).to_have_text(begins(2))
    saved = {}
    for key in ("save-png", "save-json"):
        page.get_by_role("button", name="Save", exact=True).first.click()
        with page.expect_download() as download:
            button(page, key).click()
        saved[key] = download.value.path().read_bytes()
        page.keyboard.press("Escape")
    assert Image.open(io.BytesIO(saved["save-png"])).size == (2 * shapes.SIDE, 2 * shapes.SIDE)
    assert json.loads(saved["save-json"])["strokes"]

    button(page, "clear").click()
    expect(prediction(page)).to_have_text(NONE)
    page.get_by_role("radio", name="Picture").click()
    upload(page, "digit.png", saved["save-png"])
    expect(prediction(page)).to_have_text(begins(2))
    expect(page.locator(".st-key-steps")).to_contain_text("The ink and its box")
    upload(page, "digit.json", saved["save-json"])
    page.locator(CANVAS).wait_for()  # strokes go back onto the canvas
    expect(prediction(page)).to_have_text(begins(2))
    assert ink(page) > 2000


def test_a_bad_file_gets_a_sentence_and_the_drawing_stays(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes(9))
    expect(prediction(page)).to_have_text(begins(9))
    page.get_by_role("radio", name="Picture").click()
    expect(prediction(page)).to_contain_text("Choose a picture")
    upload(page, "notes.png", b"dear diary")
    expect(prediction(page)).to_contain_text("not a picture or a stroke file")
    upload(page, "strokes.json", b'{"strokes": [[[NaN, 1]]]}')
    expect(prediction(page)).to_contain_text("not two plain numbers")
    expect(page.locator(".stException")).to_have_count(0)
    page.get_by_role("radio", name="Draw").click()
    expect(prediction(page)).to_have_text(begins(9))
    assert ink(page) > 2000


def test_the_box_on_a_picture_is_dragged_and_what_is_inside_is_read(page, app_url):
    """Beside the 3 stands what is crossed out: by mouse and by arrow keys the box leaves it out."""
    strokes = [*shapes.strokes(3, 150, 100, 120), *shapes.strokes(7, 180, 560, 110)]
    strokes += [np.float32([[540, 100 + n], [760, 300 - n]]) for n in (0, 200)]
    image = Image.fromarray(np.uint8(255 * (1 - preprocessing.sketch(strokes, [14] * len(strokes), 800)[:400])))
    out = io.BytesIO()
    image.save(out, "PNG")
    open_page(page, app_url)
    page.get_by_role("radio", name="Picture").click()
    upload(page, "two.png", out.getvalue())
    whole = page.get_by_role("button", name="Whole picture")
    corner = page.get_by_role("button", name="Bottom right corner")
    frame = page.locator("div.frame")
    expect(corner).to_be_visible()
    expect(whole).to_be_hidden()
    around, start = frame.bounding_box(), corner.bounding_box()
    y = start["y"] + start["height"] / 2
    page.mouse.move(start["x"] + start["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(around["x"] + 0.5 * around["width"], y, steps=4)
    page.mouse.up()
    expect(prediction(page)).to_have_text(begins(3))
    whole.click()
    expect(whole).to_be_hidden()
    expect(corner).to_have_js_property("offsetWidth", 32)

    corner.focus()
    for _ in range(24):  # of a fiftieth of the image each
        page.keyboard.press("ArrowLeft")
    expect(prediction(page)).to_have_text(begins(3))
    expect(corner).to_be_focused()
    expect(page.locator("[role=status]", has_text="Box: ")).to_contain_text("wide")

    box = page.get_by_role("button", name="Box: arrow keys move it")
    box.focus()
    for _ in range(26):
        page.keyboard.press("ArrowRight")
    expect(prediction(page)).not_to_have_text(begins(3))
    expect(whole).to_be_visible()


@pytest.fixture
def camera(playwright, tmp_path):
    """A browser whose camera looks at a five on grey paper."""
    strokes = shapes.strokes(5, 300, 170, 90)
    ink = preprocessing.sketch(strokes, [22] * len(strokes), 640)[:480]
    light = np.uint8(190 - 130 * ink)
    frame = b"FRAME\n" + light.tobytes() + bytes([128]) * (320 * 240 * 2)
    (tmp_path / "five.y4m").write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip C420jpeg\n" + 3 * frame)
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with launch(playwright, *flags, f"--use-file-for-fake-video-capture={tmp_path / 'five.y4m'}") as browser:
        yield browser.new_page()


def test_the_camera_reads_a_digit_on_paper(camera, app_url):
    open_page(camera, app_url)
    camera.get_by_role("radio", name="Camera").click()
    expect(prediction(camera)).to_contain_text("Take a photo of one digit.")
    camera.wait_for_function("document.querySelector('video')?.readyState >= 2")
    camera.wait_for_timeout(1000)  # the first frames of a camera are black
    camera.get_by_role("button", name="Take Photo").click()
    expect(prediction(camera)).to_have_text(begins(5), timeout=15_000)
    expect(camera.locator(".st-key-steps")).to_contain_text("The ink and its box")


def test_a_file_that_is_too_large_is_refused(page, app_url):
    open_page(page, app_url)
    page.get_by_role("radio", name="Picture").click()
    upload(page, "large.png", bytes(10_600_000))
    expect(page.get_by_text("File must be 10.0MB or smaller.")).to_be_visible()
    expect(page.locator(".stException")).to_have_count(0)


def test_how_sure_shows_the_arithmetic(page, app_url):
    open_page(page, app_url)
    draw(page, shapes.strokes(6))
    page.get_by_text("How sure is sure?").click()
    expect(page.locator(".st-key-how-sure table tbody tr")).to_have_count(10)
    expect(page.locator(".katex").first).to_be_visible()
