"""The page Break it on a phone, and that rooms behind one door begin at one place."""

from playwright.sync_api import expect

from tests.browser.conftest import visit

GROUP = "[data-testid=stButtonGroup]"
CHOICE = f"{GROUP}:not(.st-key-subject {GROUP})"  # the first on the page itself


def test_the_answer_is_in_sight_while_a_slider_is_moved_on_a_phone(phone, app_url):
    phone.goto(f"{app_url}/break_it")
    answer, slider = (
        phone.locator(".dl-says"),
        phone.locator(".stSlider", has_text="Prune the smallest weights"),
    )
    expect(answer).to_contain_text("It sees")
    expect(phone.locator(".dl-bears")).to_be_attached()
    slider.evaluate("e => e.scrollIntoView({block: 'center'})")
    expect(slider).to_be_in_viewport()
    expect(answer).to_be_in_viewport()
    # It stands above the doors at the bottom, and covers what lies below it.
    doors = phone.locator(".dl-doors").bounding_box()
    box = answer.bounding_box()
    assert box["y"] + box["height"] <= doors["y"] + 1
    assert answer.evaluate(
        "(e, [x, y]) => e.contains(document.elementFromPoint(x, y))", [box["x"] + 5, box["y"] + 5]
    )


def test_a_question_mark_opens_beside_it_too_under_a_finger(phone, app_url):
    phone.goto(f"{app_url}/break_it")
    expect(phone.locator(".dl-says")).to_be_visible()
    mark = phone.get_by_role("button", name="Help for Temperature")
    mark.evaluate("e => e.scrollIntoView({block: 'center'})")
    box = mark.bounding_box()
    assert box["width"] < 20
    phone.touchscreen.tap(box["x"] - 9, box["y"] + box["height"] / 2)
    expect(phone.get_by_text("above 1 it is less sure")).to_be_visible()


def test_rooms_begin_at_one_place(browser, app_url):
    """The tabs went 56 pixels to the right, and what is below them 16 down."""
    with visit(browser, viewport={"width": 1024, "height": 768}) as page:
        places = []
        for room, shown in {"fool": ".dl-threes", "break_it": ".dl-bears", "convolution": ".walk"}.items():
            page.goto(f"{app_url}/{room}")
            page.locator(shown).first.wait_for()
            choice = page.locator(CHOICE).first.bounding_box()
            places.append((page.locator(".dl-pages").bounding_box()["x"], choice["x"], choice["y"]))
        assert len(set(places)) == 1, places
