"""Drawing on a phone whose browser shows its own bars, too: what is drawn and what is read are seen at once."""

import re

import pytest
from playwright.sync_api import expect

from tests import shapes
from tests.browser.conftest import PHONE, visit
from tests.browser.pen import CANVAS, draw, open_page, prediction

# iPhones' and Androids' pages between the browser's bars, and a whole screen.
SCREENS = [(390, 664), (412, 732), (390, 844)]


def _ends(page, part):
    box = page.locator(part).first.bounding_box()
    return box["y"], box["y"] + box["height"]


@pytest.mark.parametrize("size", SCREENS, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_bars_and_the_whole_canvas_are_on_the_screen_while_the_pen_is_down(browser, app_url, size):
    width, height = size
    with visit(browser, **PHONE | {"viewport": {"width": width, "height": height}}) as phone:
        open_page(phone, app_url)
        phone.locator("[data-live=yes]").wait_for()
        before = phone.locator(CANVAS).bounding_box()
        scale = before["width"] / 328
        strokes = [stroke * scale for stroke in shapes.strokes(7)]
        (first, *rest) = [(before["x"] + float(x), before["y"] + float(y)) for x, y in strokes[0]]
        phone.mouse.move(*first)
        phone.mouse.down()
        for point in rest:
            phone.mouse.move(*point, steps=4)
        expect(phone.locator(".dl-live .dl-winner")).to_have_text(re.compile(r"^7\s"))
        head, row, canvas = (_ends(phone, part) for part in (".dl-digit", ".dl-winner", CANVAS))
        links = _ends(phone, ".dl-doors")
        assert 0 < head[0] < head[1] <= row[0] < row[1] < canvas[0] < canvas[1] <= links[0] < links[1] <= height
        phone.mouse.up()
        expect(prediction(phone)).to_have_text(re.compile("^7"))
        assert phone.locator(CANVAS).bounding_box() == before
        phone.locator(".st-key-clear button").tap()
        expect(prediction(phone)).to_have_text(re.compile("^—"))
        for n, digit in enumerate((4, 2)):  # a number, and its longer sentence
            draw(phone, [stroke * (0.45 * scale) + [130 * scale * n, 60] for stroke in shapes.strokes(digit)])
        expect(prediction(phone)).to_have_text(re.compile("^42"))
        assert phone.locator(CANVAS).bounding_box() == before
        assert phone.evaluate("document.documentElement.scrollWidth") <= width
