"""'Why a 7? Why not a 1?' on the Draw page: the ink takes its colours while the pen moves."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core.analysis import attribution
from core.models import classifiers
from core.nn import calibration
from tests import shapes
from tests.browser.doors import go
from tests.browser.pen import CANVAS, draw, open_page, prediction

# Keeps what was found last, of how many places it was asked while the pen was down, and how often.
WATCH = """() => {
    window.seen = null;
    window.coarse = 0;
    window.addEventListener("digit-lab-heat", ({detail}) => {
        window.seen = {...detail, ink: [...detail.ink], outputs: [...detail.outputs]};
        window.coarse += detail.step > 1;
    });
}"""
COLOURS = """() => {
    const grid = [...document.querySelectorAll(".st-key-pixels *")].find((element) => element.shadowRoot);
    const {data} = grid.shadowRoot.querySelector(".heat").getContext("2d").getImageData(0, 0, 28, 28);
    const at = (i, kind) => data[4 * i + kind];
    const all = [...Array(784).keys()];
    return all.map((i) => at(i, 3) && (at(i, 2) > at(i, 0) ? at(i, 3) : -at(i, 3)));
}"""
THUMBNAILS = """() => Object.fromEntries([...document.querySelectorAll(".st-key-ways-on button")].map((one) => [
    one.textContent, one.querySelector("canvas")?.toDataURL() ?? ""]))"""
# Is what was found last of the image that is shown, and not of one from when the pen was still down?
IS_OF_IMAGE = """() => {
    const inside = [...document.querySelectorAll(".st-key-pixels *")].filter((one) => one.shadowRoot);
    const {values} = inside.map((one) => one.shadowRoot.querySelector(".grid")).find((grid) => grid?.values);
    return window.seen.ink.every((n, i) => Math.abs(n - values[i]) < 0.004);
}"""
FACT = ".dl-fact"
# Counts what threads are asked.
POSTED = """() => {
    window.posted = 0;
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (...what) { window.posted++; return post.apply(this, what); };
}"""


def opened(page, url):
    page.add_init_script(f"({WATCH})()")
    open_page(page, url)
    page.locator("[data-live=yes]").wait_for()
    page.get_by_text("Show which ink decides").click()
    expect(page.locator(".dl-speaks")).to_contain_text("Draw a digit")


def whole(page):
    """Wait until each place of the image that is shown has been asked about; return what was found."""
    page.wait_for_function(
        f"window.seen?.step === 1 && !document.querySelector('.dl-live') && ({IS_OF_IMAGE})()"
    )
    return page.evaluate("window.seen")


def signed(page):
    return np.array(page.evaluate(COLOURS))


def goes_on_until_asked(page, x, y):
    """Move the pen, which is down there, to and fro until the thread has been asked a third time."""
    for n in range(100):
        if page.evaluate("window.coarse") > 2:
            return
        page.mouse.move(x + n % 2, y)
        page.wait_for_timeout(100)
    pytest.fail("the ink has not taken its colours three times while the pen was down")


def test_why_a_7_and_why_not_another(page, app_url):
    opened(page, app_url)
    box = page.locator(CANVAS).bounding_box()
    (seven,) = shapes.strokes(7)
    page.mouse.move(box["x"] + seven[0][0], box["y"] + seven[0][1])
    page.mouse.down()
    for x, y in seven:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
    expect(page.get_by_role("button", name="Why a 7?")).to_have_attribute("aria-pressed", "true")
    goes_on_until_asked(page, box["x"] + x, box["y"] + y)
    assert np.abs(signed(page)).max() > 230  # as dark as the ink is where it counts most
    expect(page.locator(FACT)).to_have_text("…")
    page.mouse.up()
    expect(prediction(page)).to_have_text(re.compile("^7"))
    seen = whole(page)

    # Python, asked about the same image
    classifier, pixels = classifiers.shipped(), np.float32(seen["ink"]).reshape(28, 28)
    for target in (7, attribution.NOT_A_DIGIT):
        expected = attribution.occlusion(classifier, pixels, target)
        falls = [logs(seen["outputs"], target) - logs(one, target) for one in seen["found"]]
        shown = np.zeros(784)
        shown[seen["places"]] = falls
        assert shown == pytest.approx(expected.map.ravel(), rel=0.01, abs=0.02)
    why = attribution.occlusion(classifier, pixels, 7)
    assert says(page, why.map)
    found = attribution.coverings(classifier, pixels)
    digits, is_digit = calibration.split(found.outputs)
    falls = np.array([why.map[place] for place in found.positions])
    refused = is_digit < calibration.MIN_IS_DIGIT
    assert (digits.argmax(1) == 7).all()
    assert refused.any()
    strongest = int(np.where(refused, falls, -np.inf).argmax())
    expect(page.locator(FACT)).to_have_text(
        f"Cover the marked square and it is no digit any more: “one digit?” falls to {is_digit[strongest]:.1%}."
    )
    expect(page.locator(".st-key-pixels .mark")).to_be_visible()

    rival = int(np.argsort(classifier.outputs(pixels[None])[0, :10])[-2])
    page.get_by_role("button", name=f"Why not a {rival}?").click()
    expect(page.locator(".dl-speaks")).to_have_text(f"Orange ink speaks against a {rival}, blue for it.")
    assert says(page, attribution.occlusion(classifier, pixels, rival).map)
    page.get_by_label("Another digit to ask about").select_option("8")
    expect(page.get_by_role("button", name="Why not an 8?")).to_have_attribute("aria-pressed", "true")
    assert says(page, attribution.occlusion(classifier, pixels, 8).map)
    page.get_by_role("button", name="Why a 7?").click()

    page.wait_for_function(f"""() => {{
        const shown = Object.entries(({THUMBNAILS})());
        const isThere = (way) => shown.some(([name, url]) => name.endsWith(way) && url);
        return ["See inside", "Ask why", "Train your own"].every(isThere);
    }}""")
    before = page.evaluate(THUMBNAILS)
    page.mouse.move(box["x"] + 60, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 250, box["y"] + 190, steps=12)
    page.wait_for_function(
        f"(before) => Object.entries(({THUMBNAILS})()).every("
        "([name, url]) => !before[name] || url !== before[name])",
        arg=before,
    )
    page.mouse.up()
    page.keyboard.press("Delete")
    expect(page.locator(".dl-speaks")).to_contain_text("Draw a digit")
    assert not signed(page).any()
    expect(page.locator(".st-key-pixels .mark")).to_be_hidden()


def test_threads_leave_the_processors_to_the_bars(page, app_url):
    page.add_init_script(f"({POSTED})()")
    open_page(page, app_url)
    page.locator("[data-live=yes]").wait_for()
    box = page.locator(CANVAS).bounding_box()

    def pressed(stroke):
        """Draw it, and leave the pen down; return its milliseconds and how often threads were asked."""
        began, before = page.evaluate("[performance.now(), window.posted]")
        page.mouse.move(box["x"] + stroke[0][0], box["y"] + stroke[0][1])
        page.mouse.down()
        for x, y in stroke:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
        ended, after = page.evaluate("[performance.now(), window.posted]")
        return ended - began, after - before

    assert pressed(shapes.strokes(7)[0])[1] == 0  # no button shows what they find
    page.mouse.up()
    expect(prediction(page)).to_have_text(re.compile("^7"))
    page.wait_for_function(f"Object.values(({THUMBNAILS})()).filter(Boolean).length >= 4")
    page.wait_for_timeout(500)  # the closer look is over
    time, asked = pressed([(60, 200), (160, 196), (250, 190), (160, 180), (60, 170), (160, 160), (250, 150)])
    assert 2 <= asked <= time / 125 + time / 250 + 2
    page.mouse.up()


def logs(outputs, target):
    return attribution.log_odds(np.array([outputs], float), target)[0][0]


def says(page, falls: np.ndarray) -> bool:
    """Are the ink's colours those of these falls, where they are strong?"""
    page.wait_for_timeout(50)
    colours = signed(page)
    strong = (np.abs(falls.ravel()) > 0.1 * np.abs(falls).max()) & (colours != 0)
    assert strong.sum() > 10
    return bool((np.sign(colours[strong]) == np.sign(falls.ravel()[strong])).all())


def test_where_the_browser_has_no_thread_for_it_python_says_it(page, app_url):
    page.add_init_script("window.Worker = class { constructor() { throw new Error('none'); } }")
    opened(page, app_url)
    draw(page, shapes.strokes(4))
    expect(prediction(page)).to_have_text(re.compile("^4"))
    expect(page.get_by_role("button", name="Why a 4?")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(FACT)).to_contain_text(re.compile("^(Cover the marked|Whatever) square"))
    assert np.abs(signed(page)).max() > 230  # as dark as the ink is where it counts most
    page.keyboard.press("Delete")
    expect(page.locator(".dl-speaks")).to_contain_text("Draw a digit")
    go(page, "About")
    page.get_by_role("heading", name="About Digit Lab").wait_for()
    go(page, "Draw")
    page.locator(".dl-speaks").wait_for()
    page.wait_for_timeout(1000)
    draw(page, shapes.strokes(3))
    expect(page.get_by_role("button", name="Why a 3?")).to_have_attribute("aria-pressed", "true")


def test_a_letter_is_asked_why_it_is_no_digit(phone, app_url):
    opened(phone, app_url)
    phone.evaluate("document.querySelector('.stMain').scrollTop = 0")
    draw(phone, shapes.strokes("A"))
    expect(prediction(phone)).to_contain_text("I don't think that is a digit")
    expect(phone.get_by_role("button", name="Why no digit?")).to_have_attribute("aria-pressed", "true")
    expect(phone.locator(FACT)).to_contain_text("square")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_text("Show which ink decides").click()  # which has the focus then, and takes no letters
    phone.keyboard.press("Delete")
    expect(prediction(phone)).to_have_text(re.compile("^—"))
    phone.evaluate("document.querySelector('.stMain').scrollTop = 0")
    draw(phone, shapes.strokes(7))
    phone.wait_for_function("window.seen?.step === 2")  # enough for the small image on the button
    phone.get_by_text("Show which ink decides").click()
    assert np.argmax(whole(phone)["outputs"]) == 7
