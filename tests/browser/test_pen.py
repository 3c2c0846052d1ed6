"""The canvas and what draws on it: wherever it is put up, at any width, by hand, pen, palm and keyboard."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests import shapes
from tests.browser.conftest import DESKTOP, PHONE, visit
from tests.browser.doors import go
from tests.browser.pen import CANVAS, LATE, SILENT, TOLD, draw, open_page, prediction, touch
from tests.browser.server import free_port, serve

WIDTHS = (320, 360, 640, 700, 820, 1024, 1180, 1366)
TOOLBARS = """() => [...document.querySelectorAll(".st-key-canvas *")]
    .flatMap((element) => [...element.shadowRoot?.querySelectorAll(".dc-toolbar") ?? []])
    .map((toolbar) => getComputedStyle(toolbar).display)"""
CANVAS_TOLD = f"() => {TOLD}.canvas"
LINE = [np.array([[60, 300], [160, 296], [270, 304]])]


def begins(digit):
    return re.compile(rf"^{digit}\b")


def strokes(page) -> int:
    """How many the server knows of."""
    return len(page.evaluate(CANVAS_TOLD)["strokes"])


def has_strokes(page, count):
    page.wait_for_function(f"() => ({CANVAS_TOLD})().strokes.length === {count}")
    expect(page.locator(".dl-live")).to_have_count(0)


# ---- Wherever it is put up


@pytest.mark.parametrize("address", ["/", "/foo", "/draw", "/My%20digits"])
def test_an_address_that_is_none_leads_to_draw(page, app_url, address):
    open_page(page, app_url + address)
    draw(page, shapes.strokes(7))
    expect(prediction(page)).to_have_text(begins(7))
    assert page.url.rstrip("/") == app_url
    has_strokes(page, 1)


def test_the_components_own_toolbar_never_shows(page, app_url):
    def there_and_back(*ways):
        for way in ways:
            page.get_by_role("radio", name=way).click()
            page.locator(CANVAS).wait_for(state="visible" if way == "Draw" else "detached")
        stays_away()

    def stays_away():
        page.locator(CANVAS).hover(position={"x": 190, "y": 4})
        page.wait_for_timeout(300)
        assert page.evaluate(TOOLBARS) == ["none"]

    open_page(page, app_url)
    stays_away()
    there_and_back("Picture", "Draw")
    there_and_back("Camera", "Draw")
    page.emulate_media(color_scheme="dark")
    stays_away()
    page.set_viewport_size({"width": 700, "height": 900})
    stays_away()
    page.set_viewport_size({"width": 1440, "height": 900})
    go(page, "Layers")
    page.get_by_text("Draw a digit, or choose a test digit").wait_for()
    stays_away()
    there_and_back("Test digit", "Draw")
    go(page, "About")
    page.get_by_role("heading", name="About Digit Lab").wait_for()
    go(page, "Draw")
    page.locator(".dl-rows").wait_for()
    stays_away()


@pytest.fixture(scope="module")
def sized(browser, app_url):
    """A page with a canvas, and its path: Draw, and Look inside."""
    with visit(browser, who="sized", viewport={"width": 1366, "height": 800}) as page:
        open_page(page, app_url)
        yield page


def corners(page):
    """Draw a line from corner to corner; return its ends as the server knows them, in hundredths."""
    box = page.locator(CANVAS).bounding_box()
    at = np.array([[3, 3], [box["width"] / 2, box["height"] / 2], [box["width"] - 3, box["height"] - 3]])
    before = strokes(page)
    draw(page, [at])
    has_strokes(page, before + 1)
    line = page.evaluate(CANVAS_TOLD)["strokes"][-1]
    page.keyboard.press("Control+Z")
    has_strokes(page, before)
    return box, line[:2], line[-2:]


@pytest.mark.parametrize("path", ["/", "/look_inside"])
@pytest.mark.parametrize("width", [*WIDTHS, 720])  # the last is 1,440 pixels at 200%
def test_the_whole_canvas_is_seen_and_read(sized, app_url, path, width):
    page = sized
    if page.url != app_url + path:
        page.goto(app_url + path)
        page.locator(CANVAS).wait_for()
        page.locator("[data-live=yes]").wait_for()
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_timeout(200)
    box, first, last = corners(page)
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["width"] == pytest.approx(box["height"])
    assert box["width"] >= (280 if path == "/" else 200)
    found = page.evaluate(
        """([x, y]) => {
            let element = document.elementFromPoint(x, y);
            while (element?.shadowRoot) element = element.shadowRoot.elementFromPoint(x, y);
            return element.className;
        }""",
        [box["x"] + box["width"] - 3, box["y"] + box["height"] - 3],
    )
    assert "upper-canvas" in found
    edge = 3 * shapes.SIDE / box["width"]
    assert np.array(first) / 100 == pytest.approx([edge, edge], abs=0.5)
    assert np.array(last) / 100 == pytest.approx([shapes.SIDE - edge, shapes.SIDE - edge], abs=0.5)


# ---- Hand, pen and palm


class Hand:
    """Fingers and a pen on the canvas, through the browser's own input queue."""

    def __init__(self, page):
        self.box = page.locator(CANVAS).bounding_box()
        self.session = page.context.new_cdp_session(page)

    def fingers(self, kind, *places, radius=8):
        points = [
            {"x": self.box["x"] + float(x), "y": self.box["y"] + float(y), "id": n, "radiusX": radius}
            | {"radiusY": radius}
            for n, (x, y) in enumerate(places)
        ]
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def pen(self, stroke):
        kinds = ["mousePressed", *["mouseMoved"] * (len(stroke) - 2), "mouseReleased"]
        for kind, (x, y) in zip(kinds, stroke, strict=True):
            at = {"x": self.box["x"] + float(x), "y": self.box["y"] + float(y)}
            how = {
                "button": "left",
                "buttons": int(kind != "mouseReleased"),
                "pointerType": "pen",
                "force": 0.4,
            }
            self.session.send("Input.dispatchMouseEvent", {"type": kind, **at, **how, "clickCount": 1})


@pytest.fixture
def hand(browser, app_url):
    with visit(browser, **PHONE) as page:
        open_page(page, app_url)
        page.locator("[data-live=yes]").wait_for()
        yield page, Hand(page)


def test_a_palm_leaves_nothing_and_the_pen_draws(hand):
    page, on = hand
    (two,) = shapes.strokes(2)
    on.fingers("Start", (250, 300))  # small at first, as a palm is where it comes down
    on.fingers("Move", (252, 301))
    on.pen(two)
    on.fingers("Move", (260, 310), radius=40)
    on.fingers("End")
    on.fingers("Start", (200, 310))  # the hand, right after its pen
    on.fingers("Move", (120, 300))
    on.fingers("End")
    has_strokes(page, 1)
    expect(prediction(page)).to_have_text(begins(2))
    page.wait_for_timeout(1000)
    on.fingers("Start", (200, 310), radius=50)  # and a large one, whenever it comes
    on.fingers("Move", (120, 300), radius=50)
    on.fingers("End")
    page.wait_for_timeout(600)
    assert strokes(page) == 1
    assert page.locator(".dl-live").count() == 0
    expect(prediction(page)).to_have_text(begins(2))


def test_a_palm_right_after_its_pen_is_one_however_late_a_busy_page_hears_of_it(hand):
    page, on = hand
    (two,) = shapes.strokes(2)
    on.pen(two)
    page.evaluate("() => setTimeout(() => { for (const from = Date.now(); Date.now() < from + 1000; ); })")
    on.fingers("Start", (200, 310))
    on.fingers("Move", (120, 300))
    on.fingers("End")
    has_strokes(page, 1)
    page.wait_for_timeout(600)
    assert strokes(page) == 1
    assert page.locator(".dl-live").count() == 0


def test_a_palms_dot_goes_when_the_pen_comes(hand):
    page, on = hand
    (seven,) = shapes.strokes(7)
    on.fingers("Start", (250, 300))
    on.fingers("End")
    on.pen(seven)
    has_strokes(page, 1)
    expect(prediction(page)).to_have_text(begins(7))


def test_a_pinch_draws_no_line_and_a_finger_draws(hand):
    page, on = hand
    on.fingers("Start", (150, 150))
    on.fingers("Start", (150, 150), (180, 190))
    for i in range(1, 12):
        on.fingers("Move", (150 - 8 * i, 150 - 8 * i), (180 + 8 * i, 190 + 8 * i))
    on.fingers("End", (62, 62))
    on.fingers("Move", (80, 80))
    on.fingers("End")
    page.wait_for_timeout(600)
    assert strokes(page) == 0
    expect(prediction(page)).to_have_text(re.compile("^—\\s*Draw a digit"))
    touch(page, shapes.strokes(3))
    expect(prediction(page)).to_have_text(begins(3))
    has_strokes(page, 1)
    on.fingers("Start", (20, 20))  # a tap is a dot all the same
    on.fingers("End")
    has_strokes(page, 2)


def beside(page):
    """A second network answers beside the first."""
    page.get_by_role("button", name="Digit Lab's own network").click()
    page.get_by_role("combobox", name="Answers beside it").click()
    page.get_by_role("option", name="Two convolutions").click()
    expect(page.locator(".dl-name")).to_have_count(2)
    page.keyboard.press("Escape")


def coloured(page):
    page.get_by_text("Show which ink decides").click()
    expect(page.locator(".dl-speaks")).to_be_visible()


# the address, and what is done there first
VIEWS = {
    "draw": ("", lambda page: None),
    "its colours": ("", coloured),
    "two networks": ("", beside),
    "look inside": ("look_inside", lambda page: None),
    "Python alone": ("", lambda page: None),
}


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_refused_while_the_pen_is_down(page, app_url, view):
    address, prepare = VIEWS[view]
    alone = view == "Python alone"
    if alone:
        page.add_init_script(SILENT)
    page.goto(f"{app_url}/{address}")
    page.locator(CANVAS).wait_for()
    page.locator(f"[data-live={'no' if alone else 'yes'}]").wait_for()
    prepare(page)
    page.locator("[data-live]").last.wait_for()
    page.wait_for_timeout(300)
    draw(page, [np.array([[20, 20], [21, 21]])])  # a dot, which is refused
    expect(prediction(page)).to_contain_text("only a dot")
    box = page.locator(CANVAS).bounding_box()
    wide = box["width"] / 5
    scrawl = [(0.2 * wide + 0.16 * wide * i, 2 * wide + (wide if i % 2 else -wide)) for i in range(24)]
    page.mouse.move(box["x"] + scrawl[0][0], box["y"] + scrawl[0][1])
    page.mouse.down()
    page.evaluate(
        """() => {
            window.said = new Set();
            const cards = () => [...document.querySelectorAll(".dl-digit, .dl-asks")];
            const look = () => cards().forEach((card) => window.said.add(card.innerText));
            new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
            look();
        }"""
    )
    for x, y in scrawl:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
    page.wait_for_timeout(100)
    expect(page.locator(".dl-digit b").first).to_have_text("…")
    expect(page.locator(".dl-dim")).to_have_count(0)
    said = page.evaluate("[...window.said]")
    assert not [words for words in said if re.search("think|only a dot|Draw a|—|no digit", words)]
    page.mouse.up()
    expect(prediction(page)).to_contain_text("I don't think that is a digit")


# ---- By keyboard


def test_the_keyboard_draws(page, app_url):
    open_page(page, app_url)
    page.locator("[data-live=yes]").wait_for()
    canvas = page.get_by_role("application", name=re.compile("^Canvas to draw a digit on"))
    for _ in range(40):
        page.keyboard.press("Tab")
        if canvas.evaluate("element => element.getRootNode().activeElement === element"):
            break
    expect(canvas).to_be_focused()
    for key in ["ArrowUp"] * 12 + ["Space"] + ["ArrowDown"] * 24 + ["Space"]:
        page.keyboard.press(key)
    expect(prediction(page)).to_have_text(begins(1))
    has_strokes(page, 1)
    assert page.evaluate("document.querySelector('.stMain').scrollTop") == 0
    page.keyboard.press("Control+Z")
    expect(prediction(page)).to_have_text(re.compile("^—"))
    page.keyboard.down("Space")  # or while Space is held
    for key in ["ArrowUp"] * 24:
        page.keyboard.press(key)
    page.keyboard.up("Space")
    expect(prediction(page)).to_have_text(begins(1))
    expect(canvas).to_be_focused()


# ---- Slow links, and none

# What is large takes three seconds, and what comes after it waits.
SLOW = """window.WebSocket = class extends WebSocket {
    addEventListener(name, then, ...rest) {
        let before = Promise.resolve();
        const late = (event) => {
            const wait = (event.data.byteLength ?? event.data.size) > 100_000 ? 3000 : 0;
            before = before.then(() => new Promise((go) => setTimeout(go, wait)));
            before.then(() => then.call(this, event));
        };
        super.addEventListener(name, name === "message" ? late : then, ...rest);
    }
    set onmessage(then) { this.addEventListener("message", then); }
};"""


def test_a_network_that_is_on_its_way_is_not_asked_for(page, app_url):
    received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data))))
    page.add_init_script(SLOW)
    open_page(page, app_url)
    page.locator("[data-live=yes]").wait_for()
    page.wait_for_timeout(2500)
    assert sum(size > 100_000 for size in received) == 1
    draw(page, shapes.strokes(3))
    expect(prediction(page)).to_have_text(begins(3))


def test_a_stroke_drawn_while_the_server_is_gone(browser):
    """The browser reads by itself, and a server that begins anew gets the drawing."""
    port = free_port()
    with visit(browser, **DESKTOP) as page:
        with serve(port=port) as (url, _):
            open_page(page, f"{url}/foo")  # the first visit to a server, by an address that is none
            page.locator("[data-live=yes]").wait_for()
            expect(page.locator(".stDialog")).to_have_count(0)
        expect(page.locator(".dl-gone")).to_contain_text("The connection to the server is gone")
        draw(page, shapes.strokes(3))
        page.wait_for_timeout(11_000)  # longer than a stroke waits that the server could know of
        expect(page.locator(".stDialog")).to_have_count(0)
        expect(page.locator(".dl-live .dl-digit b")).to_have_text("3")
        with serve(port=port):
            expect(page.locator(".dl-gone")).to_be_empty(timeout=40_000)
            has_strokes(page, 1)
            expect(prediction(page)).to_have_text(begins(3))
            expect(page.locator(".st-key-undo button:visible")).to_be_enabled()
            expect(page.locator(".st-key-clear button:visible")).to_be_enabled()
            draw(page, LINE)
            has_strokes(page, 2)


# Notes for each frame after the pen has been lifted: is there ink at that pixel, on either layer?
SEEN = """([x, y]) => {
    window.isSeen = [];
    const inside = (one) => [...one.shadowRoot?.querySelectorAll(".preview, .dc-canvas.lower-canvas") ?? []];
    const hasInk = (canvas) => canvas?.getContext("2d").getImageData(x, y, 1, 1).data[3] > 0;
    const look = () => {
        const layers = [...document.querySelectorAll(".st-key-canvas *")].flatMap(inside);
        window.isSeen.push(layers.some(hasInk));
        requestAnimationFrame(look);
    };
    const begin = ({detail}) => detail.what === "end" && requestAnimationFrame(look);
    addEventListener("digit-lab-pen", begin);
}"""


def test_a_stroke_begun_on_a_slow_link_is_seen_at_once(page, app_url):
    page.add_init_script(LATE)
    open_page(page, app_url)
    draw(page, shapes.strokes(3))
    has_strokes(page, 1)
    scale = shapes.SIDE / page.locator(CANVAS).bounding_box()["width"]
    page.evaluate(SEEN, [round(160 * scale), round(296 * scale)])
    page.keyboard.press("Delete")
    draw(page, LINE)
    page.wait_for_function(
        f"() => ({CANVAS_TOLD})().strokes.length === 1 && ({CANVAS_TOLD})().strokes[0][0] < {6100 * scale}"
    )
    expect(page.locator(".dl-live")).to_have_count(0)
    seen = page.evaluate("window.isSeen")
    assert len(seen) > 1
    assert all(seen)
    goes_on_while_the_canvas_is_built_anew(page)


def goes_on_while_the_canvas_is_built_anew(page):
    """No canvas is there for a part of the stroke; what was drawn meanwhile is in it all the same."""
    box = page.locator(CANVAS).bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    canvas = page.locator(CANVAS).element_handle()
    around = canvas.evaluate_handle(
        "canvas => { const around = canvas.parentNode; canvas.remove(); return around; }"
    )
    for x in (80, 120, 160):
        page.mouse.move(box["x"] + x, box["y"] + 40)
    around.evaluate("(around, canvas) => around.append(canvas)", canvas)
    page.mouse.up()
    has_strokes(page, 2)
    assert max(page.evaluate(CANVAS_TOLD)["strokes"][1][0::2]) >= 150 * shapes.SIDE / box["width"]
