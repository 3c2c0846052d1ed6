"""The map of digits in a real browser: the star while the pen moves, coming nearer, a click on a digit."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core.analysis import embedding, placement, works
from core.ink.preprocessing import from_strokes
from core.models import classifiers
from tests import shapes
from tests.browser.pen import CANVAS, draw, open_page, prediction
from ui import map_routes

READY = ".star-map:not(.waiting)"
# Keeps the last place of the star, and how many there were.
WATCH = """() => {
    window.star = {count: 0};
    window.addEventListener("digit-lab-star", ({detail}) => {
        window.star = {...detail, count: window.star.count + 1};
    });
}"""


# Has the image of each of the five nearest some ink?
ALL_PICTURED = """() => {
    const host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".star-map"));
    const nearest = [...(host?.shadowRoot ?? document).querySelectorAll(".near button:not([hidden]) canvas")];
    const ink = ({width, height}, pen) =>
        pen.getImageData(0, 0, width, height).data.filter((n, i) => i % 4 === 3 && n).length;
    return nearest.length === 5 && nearest.every((one) => ink(one, one.getContext("2d")) > 10);
}"""


@pytest.fixture(scope="module")
def space():
    works._works.clear()  # of few digits, where others looked at few
    classifier = classifiers.shipped()
    yield embedding.tests(classifier).result(60), embedding.layout(classifier, "t-SNE").result(60)
    works._works.clear()


def opened(page, url):
    page.add_init_script(f"({WATCH})()")
    page.goto(f"{url}/map_of_digits")
    page.locator(CANVAS).wait_for()
    page.locator(READY).wait_for()
    page.locator("[data-live=yes]").wait_for()


def small(page, digit):
    """Its strokes, on the canvas as large as it is shown here."""
    scale = page.locator(CANVAS).bounding_box()["width"] / 328
    return [stroke * scale for stroke in shapes.strokes(digit)]


def at_rest(page) -> dict:
    """The star of the drawing that Python has answered."""
    expect(page.locator(".dl-live")).to_have_count(0)
    page.wait_for_timeout(300)
    return page.evaluate("window.star")


def test_the_star_moves_with_the_pen_and_lies_where_python_puts_it(page, app_url, space):
    opened(page, app_url)
    spread = np.linalg.norm(space[1].std(0))
    for digit in (4, 0, 7):
        before = page.evaluate("window.star.count")
        draw(page, small(page, digit))
        assert page.evaluate("window.star.count") > before
        expect(prediction(page)).to_have_text(re.compile(rf"^{digit}\b"))
        star = at_rest(page)
        own = np.array(star["own"])
        # By the same rule from the same numbers, and from the drawing as Python has it.
        assert star["at"] == pytest.approx(placement.by_tsne(space[0].vectors, space[1], own), abs=0.01)
        nearest = np.argsort(((space[0].vectors - own) ** 2).sum(1), kind="stable")[:15]
        assert [near["number"] for near in star["near"]] == nearest.tolist()
        image = from_strokes(small(page, digit))
        expected = embedding.MAPS["t-SNE"].embed(
            *space, embedding.vector(classifiers.shipped(), space[0], image.pixels)
        )
        assert np.linalg.norm(star["at"] - expected) < 0.03 * spread
        if digit != 7:
            page.keyboard.press("Delete")
            expect(prediction(page)).to_have_text(re.compile("^—"))
    page.reload()  # the drawing is there with the map, and all images are asked for before one has come
    page.locator(READY).wait_for()
    page.wait_for_function(ALL_PICTURED)


def test_without_a_thread_the_star_moves_as_well(page, app_url):
    page.add_init_script("delete window.Worker")
    opened(page, app_url)
    draw(page, small(page, 4))
    page.wait_for_function("window.star.count > 0")
    assert len(at_rest(page)["own"]) == 64


def test_on_draw_the_small_map_has_its_star_and_is_fetched_with_the_first_ink(page, app_url):
    fetched = []
    page.on("request", lambda request: fetched.append(request.url) if "/digit-lab/" in request.url else None)
    page.add_init_script(f"({WATCH})()")
    open_page(page, app_url)
    page.locator("[data-live=yes]").wait_for()
    page.wait_for_timeout(300)
    assert fetched == []
    draw(page, shapes.strokes(4))
    small = page.locator(".st-key-on-to-map_of_digits canvas")
    expect(small).to_be_visible()
    page.wait_for_function("window.star.count > 0")
    address, script = fetched
    assert address.endswith("/t-SNE")
    assert script.endswith(f"/{map_routes.PLACER}")
    yellow = """canvas => {
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let [sum, count] = [0, 0];
        for (let i = 0; i < data.length; i += 4) {
            if (data[i] !== 245 || data[i + 1] !== 197 || data[i + 2] !== 24) continue;
            [sum, count] = [sum + (i >> 2) % canvas.width, count + 1];
        }
        return [sum / count, count];
    }"""
    x, count = small.evaluate(yellow)
    assert count > 100
    assert x > 90  # the 4s lie on the right, the 3s on the left
    page.keyboard.press("Delete")
    expect(prediction(page)).to_have_text(re.compile("^—"))
    draw(page, shapes.strokes(3))
    expect(small).to_be_visible()
    page.wait_for_timeout(700)
    assert small.evaluate(yellow)[0] < 50
    small.click()
    page.locator(READY).wait_for()
    expect(page.locator(".near button").first).to_have_attribute("aria-label", re.compile(", a 3"))


def test_coming_nearer_shows_digits_and_a_click_looks_inside_with_one(page, app_url):
    sheets = []
    page.on("request", lambda request: sheets.append(request.url) if "/thumbnails/" in request.url else None)
    opened(page, app_url)
    draw(page, small(page, 3))
    near = page.locator(".near button")
    expect(near).to_have_count(5)
    expect(near.first).to_have_attribute("aria-label", re.compile(r"^test digit \d+, a 3.* at a distance of"))
    frame = page.locator(".star-map")
    expect(frame).to_have_attribute("data-zoom", "1.00")
    box = page.locator(".above").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -600)
    expect(frame).to_have_attribute("data-zoom", re.compile(r"^[2-9]"))
    assert len(sheets) > 1  # of the digits that are near by
    page.locator(".above").press("0")
    expect(frame).to_have_attribute("data-zoom", "1.00")
    page.get_by_role("button", name="To the star").click()
    expect(frame).to_have_attribute("data-zoom", "7.00")
    number = re.match(r"test digit (\d+)", near.first.get_attribute("aria-label"))[1]
    near.first.click()
    expect(page.get_by_label("Test digit", exact=True)).to_have_value(number)


def test_only_one_kind_is_shown_where_that_is_asked(page, app_url):
    opened(page, app_url)
    wrong = page.get_by_role("button", name=re.compile(r"read wrongly \(\d+\)"))
    wrong.click()
    expect(wrong).to_have_attribute("aria-pressed", "true")
    shown = page.locator(".images").evaluate(
        """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
            .filter((n, i) => i % 4 === 3 && n).length"""
    )
    assert 100 < shown < 10_000  # some thirty dots and their rings
    wrong.click()
    expect(wrong).to_have_attribute("aria-pressed", "false")


def test_on_a_phone_two_fingers_come_nearer(phone, app_url):
    opened(phone, app_url)
    phone.locator(".above").scroll_into_view_if_needed()
    box = phone.locator(".above").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"], 300) / 2
    session = phone.context.new_cdp_session(phone)

    def fingers(kind, apart):
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if apart else []})

    fingers("touchStart", 20)
    for apart in range(25, 105, 5):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    expect(phone.locator(".star-map")).to_have_attribute("data-zoom", re.compile(r"^[3-6]"))
