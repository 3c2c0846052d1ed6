"""Bars that move while the pen moves: by real pointer events, in the app, beside Python's own answers."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core.data import own_classes, synthetic_digits
from core.ink import files
from core.models import classifiers, own_head
from core.records import Drawing
from tests import shapes
from tests.browser.conftest import DESKTOP, PHONE, visit
from tests.browser.doors import go
from tests.browser.pen import BOARD, CANVAS, LATE, SILENT, TOLD, draw, open_page, prediction

# Keeps the browser's last own answer, how many it gave, and how many frames were asked for.
WATCH = """() => {
    window.own = {count: 0};
    window.addEventListener("digit-lab-live", ({detail}) => {
        window.own = {count: window.own.count + 1, ink: [...detail.ink ?? []], answers: detail.answers};
    });
    window.frames = 0;
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (then) => (window.frames++, request(then));
}"""
BOTH = f"() => ({{own: window.own, told: {TOLD}}})"
BLANK = """() => {
    const grid = [...document.querySelectorAll(".st-key-pixels *")].find((element) => element.shadowRoot);
    const canvas = grid.shadowRoot.querySelector("canvas.ink");
    return canvas.getContext("2d").getImageData(0, 0, 28, 28).data.every((n, i) => i % 4 < 3 || n === 0);
}"""
OWN = ".dl-live .dl-winner"  # a winner that Python has not seen yet


def opened(page, url):
    page.add_init_script(f"({WATCH})()")
    open_page(page, url)
    page.locator("[data-live=yes]").wait_for()
    return page


def answered(page):
    """Wait for Python's answer to the last stroke; return (own, told): the browser's and Python's."""
    frames = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    for _ in range(3):  # an answer to the stroke before may come in between
        page.evaluate(frames)
        expect(page.locator(".dl-live")).to_have_count(0)
        page.wait_for_timeout(100)
    expect(page.locator(".dl-live")).to_have_count(0)
    both = page.evaluate(BOTH)
    return both["own"], both["told"]


def calm(page):
    """Wait until the canvas has loaded what Python told it to show, and reported it: ink is lost before."""
    turn = f"() => {TOLD}.turn"
    last = -1
    while last != (last := page.evaluate(turn)):
        page.wait_for_timeout(500)


def pixels(page) -> np.ndarray:
    """What the small image shows, [28, 28], 0..1."""
    return np.array(
        page.locator(".st-key-pixels canvas.ink").evaluate(
            """canvas => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]
                .filter((_, i) => i % 4 === 3).map((n) => n / 255)"""
        )
    ).reshape(28, 28)


def agrees(page):
    """The browser's own last answer, and its image, are those that Python gives to the same drawing."""
    own, told = answered(page)
    for mine, theirs in zip(own["answers"], told["answers"], strict=True):
        assert mine["probabilities"] == pytest.approx(theirs["probabilities"], abs=0.01)
        assert mine["digit"] == theirs["digit"]
    assert np.abs(np.array(own["ink"]) - pixels(page).ravel()).mean() < 0.005
    return told


def test_the_bars_move_before_the_server_hears_of_the_stroke(page, app_url):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(data)))  # noqa: PLW0108
    opened(page, app_url)
    box = page.locator(CANVAS).bounding_box()
    (stroke,) = shapes.strokes(7)
    before = len(sent)
    page.mouse.move(box["x"] + stroke[0][0], box["y"] + stroke[0][1])
    page.mouse.down()
    for x, y in stroke:
        page.mouse.move(box["x"] + x, box["y"] + y)
    expect(page.locator(OWN)).to_have_text(re.compile(r"^7\s"))
    assert page.evaluate("window.own.count") > len(stroke) / 2
    assert len(sent) == before
    assert page.locator(".dl-said").text_content() == "No digit."  # nothing is read out in mid-stroke
    assert pixels(page).sum() > 50
    shown = page.locator(".dl-answer").inner_text()
    page.mouse.up()
    told = agrees(page)
    assert page.locator(".dl-answer").inner_text() == shown  # Python's answer is no jump
    assert told["answers"][0]["digit"] == 7
    expect(page.locator(".dl-said")).to_have_text(re.compile("^7, .* sure.$"))
    page.evaluate("window.frames = 0")
    page.wait_for_timeout(400)
    assert page.evaluate("window.frames") == 0  # nothing runs while nobody draws


def thinned(stroke):
    """Fewer points, since each takes the test some milliseconds."""
    return np.concatenate([stroke[:-1:4], stroke[-1:]])


def test_digits_by_many_hands(page, app_url):
    """On the page; test_live_reading.py compares 260 drawings by the scripts alone."""
    opened(page, app_url)
    rng = np.random.default_rng(80)
    for _ in range(8):
        strokes, _ = synthetic_digits.glyph_variant(rng)
        points = np.concatenate(strokes)
        size = rng.uniform(100, 250)
        low, scale = points.min(0), size / np.ptp(points, axis=0).max()
        draw(page, [(thinned(s) - low) * scale + rng.uniform(20, 300 - size, 2) for s in strokes])
        agrees(page)
        page.keyboard.press("Delete")
        expect(prediction(page)).to_have_text(re.compile("^—"))
        page.wait_for_function(BLANK)


def test_what_python_replaces_is_what_is_read_on(page, app_url):
    opened(page, app_url)
    line = [np.array([[60, 300], [160, 296], [270, 304]])]
    draw(page, shapes.strokes(1))
    agrees(page)
    draw(page, shapes.strokes(0, 300, 20, 20))
    agrees(page)
    page.keyboard.press("Control+Z")
    expect(prediction(page)).to_have_text(re.compile(r"^1\b"))
    draw(page, line)
    assert len(agrees(page)["canvas"]["strokes"]) == 2
    page.keyboard.press("Control+Z")
    expect(page.locator(".st-key-redo button")).to_be_enabled()
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator(".st-key-redo button")).to_be_disabled()
    draw(page, [line[0] - (0, 20)])
    assert len(agrees(page)["canvas"]["strokes"]) == 3
    go(page, "About")
    page.get_by_role("heading", name="About Digit Lab").wait_for()
    go(page, "Draw")
    expect(page.locator(".dl-rows .dl-row")).to_have_count(10)
    calm(page)
    draw(page, [line[0] - (0, 280)])
    assert len(agrees(page)["canvas"]["strokes"]) == 4
    page.get_by_role("radio", name="Picture").click()
    saved = json.dumps({"strokes": [s.tolist() for s in shapes.strokes(4)], "canvas": 328}).encode()
    dropped = {"name": "four.json", "mimeType": "application/json", "buffer": saved}
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(dropped)
    expect(prediction(page)).to_have_text(re.compile(r"^4\b"))
    calm(page)
    draw(page, line)
    assert len(agrees(page)["canvas"]["strokes"]) == 3


def test_brush_window_and_theme(page, app_url):
    opened(page, app_url)
    page.get_by_role("button", name="brush").click()
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("slider")).to_have_value("68")
    page.wait_for_timeout(500)  # the slider waits a moment before it tells the canvas
    page.keyboard.press("Escape")
    expect(page.get_by_role("slider")).to_be_hidden()
    draw(page, [np.array([[100, 100], [112, 118]])])  # a line, but for so thick a pen a dot
    agrees(page)
    expect(prediction(page)).to_contain_text("only a dot")
    page.keyboard.press("Delete")
    page.set_viewport_size({"width": 800, "height": 700})
    draw(page, shapes.strokes(2))
    agrees(page)
    colour = "c => [...c.getContext('2d').getImageData(14, 14, 1, 1).data].slice(0, 3).join()"
    ink = page.locator(".st-key-pixels canvas.ink")
    light = ink.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(500)
    assert ink.evaluate(colour) != light
    draw(page, [np.array([[40, 20], [300, 30]])])  # with the 2 no digit, and clearly so
    agrees(page)


def test_fast_taps_and_another_canvas(page, app_url):
    opened(page, app_url)
    taps = [np.array([[60 + 25 * i, 60 + 20 * i], [80 + 25 * i, 75 + 20 * i]]) for i in range(8)]
    draw(page, taps)
    expect(page.locator(".st-key-undo button")).to_be_enabled()
    page.wait_for_function(f"() => [...{BOARD}.values()].some((data) => data.canvas?.strokes.length === 8)")
    agrees(page)
    before = page.evaluate("window.own.count")
    page.evaluate(
        """() => {
            const other = document.createElement("canvas");
            other.className = "upper-canvas";
            other.style = "position: fixed; left: 0; top: 0; width: 200px; height: 200px; z-index: 9999";
            document.body.append(other);
        }"""
    )
    page.mouse.move(20, 20)
    page.mouse.down()
    page.mouse.move(150, 150, steps=5)
    page.mouse.up()
    assert page.evaluate("window.own.count") == before


def test_two_fingers_and_a_pen_that_feels_pressure(browser, app_url):
    with visit(browser, **PHONE) as page:
        opened(page, app_url)
        box = page.locator(CANVAS).bounding_box()
        session = page.context.new_cdp_session(page)

        def touch(kind, *places):
            points = [{"x": box["x"] + x, "y": box["y"] + y, "id": n} for n, (x, y) in enumerate(places)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        (stroke,) = shapes.strokes(3).copy()
        half = len(stroke) // 2
        touch("touchStart", stroke[0])
        for place in stroke[1:half]:
            touch("touchMove", place)
        touch("touchStart", stroke[half], (300, 300))  # a second finger comes down, moves, and leaves
        for i, place in enumerate(stroke[half:]):
            touch("touchMove", place, (300 - i, 300))
        touch("touchEnd", stroke[-1])
        touch("touchEnd")
        told = agrees(page)
        assert told["answers"][0]["digit"] == 3
        assert len(told["canvas"]["strokes"]) == 1
    with visit(browser, **DESKTOP) as page:
        opened(page, app_url)
        box = page.locator(CANVAS).bounding_box()
        session = page.context.new_cdp_session(page)
        (stroke,) = shapes.strokes(2)
        kinds = ["mousePressed", *["mouseMoved"] * (len(stroke) - 2), "mouseReleased"]
        for number, (kind, (x, y)) in enumerate(zip(kinds, stroke, strict=True)):
            event = {"type": kind, "x": box["x"] + x, "y": box["y"] + y, "button": "left", "clickCount": 1}
            event |= {"buttons": int(kind != "mouseReleased"), "pointerType": "pen", "force": number / 100}
            session.send("Input.dispatchMouseEvent", event)
        assert agrees(page)["answers"][0]["digit"] == 2


def choose(page, shown, label):
    """Let the tutorial's network read, or answer beside the other."""
    page.get_by_role("button", name=shown).click()
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name="Two convolutions").click()


def test_another_network_and_two_beside_each_other(page, app_url):
    received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data))))
    opened(page, app_url)
    draw(page, shapes.strokes(5))
    agrees(page)
    choose(page, "Digit Lab's own network", "Answers beside it")
    expect(page.locator(".dl-name")).to_have_count(2)
    draw(page, [np.array([[60, 300], [160, 296], [270, 304]])])
    assert len(agrees(page)["answers"]) == 2
    choose(page, "Two networks", "Reads your drawing")
    expect(page.locator(".dl-name").first).to_contain_text("Two convolutions")
    calm(page)
    draw(page, [np.array([[60, 20], [160, 30], [270, 20]])])
    agrees(page)
    go(page, "About")
    page.get_by_role("heading", name="About Digit Lab").wait_for()
    go(page, "Draw")
    page.locator("[data-live=yes]").wait_for()
    calm(page)
    draw(page, [np.array([[60, 40], [160, 50], [270, 40]])])
    agrees(page)
    large = [size for size in received if size > 100_000]
    assert len(large) == 2  # each network once, however many strokes
    assert all(size < 1_000_000 for size in large)


def test_a_network_that_only_python_can_run(page, app_url):
    page.add_init_script(SILENT)
    page.add_init_script(f"({WATCH})()")
    open_page(page, app_url)
    draw(page, shapes.strokes(6))
    expect(prediction(page)).to_have_text(re.compile(r"^6\b"))
    assert page.evaluate("window.own.count") == 0


# Of the networks that are sent, the first does not arrive.
LOST = """window.addEventListener("digit-lab-ask", ({detail}) => {
    const set = detail.set.bind(detail);
    detail.set = (place, data) =>
        data instanceof Uint8Array && data === (window.lost ??= data) ? detail : set(place, data);
});"""


def test_a_network_that_did_not_arrive_is_asked_for(page, app_url):
    page.add_init_script(LOST)
    opened(page, app_url)
    assert page.evaluate("window.lost.length > 0")
    draw(page, shapes.strokes(2))
    agrees(page)


def test_a_network_is_sent_once(page, app_url):
    sizes = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: sizes.append(len(data))))
    opened(page, app_url)
    network = max(sizes)
    assert network > 500_000
    sizes.clear()
    go(page, "About")
    page.get_by_role("heading", name="About Digit Lab").wait_for()
    go(page, "Draw")
    page.locator("[data-live=yes]").wait_for()
    page.wait_for_timeout(2000)  # longer than the browser waits before it asks
    # Scripts that were not asked for in two runs of a page may be sent again by Streamlit: 0.31 MB in all.
    assert 0 < sum(sizes) < 0.7 * network


# The answer is put up anew, as Streamlit does when two of them come quickly; returns what the card shows then.
ANEW = f"""async () => {{
    const [place, told] = [...{BOARD}].find(([, data]) => data.answers);
    const say = () => window.dispatchEvent(new Event("digit-lab-messages"));
    let anew = null;
    window.addEventListener("digit-lab-ask", ({{detail}}) => {{
        if (detail.get(place) !== told) return;
        if (anew) detail.set(place, anew);
        else detail.delete(place);
    }});
    say();
    anew = {{...told}};
    say();
    for (const frame of [1, 2]) await new Promise(requestAnimationFrame);
    return place.querySelector(".dl-live b")?.textContent;
}}"""


def test_strokes_outlive_an_answer_that_is_put_up_anew(page, app_url):
    page.add_init_script(LATE)
    opened(page, app_url)
    draw(page, shapes.strokes(4))
    assert page.evaluate(ANEW) == "4"
    agrees(page)


def test_less_motion_for_those_who_want_less(browser, app_url):
    with visit(browser, **DESKTOP, reduced_motion="reduce") as page:
        opened(page, app_url)
        began = page.evaluate("performance.now()")
        draw(page, shapes.strokes(0), steps=8)
        count, ended = page.evaluate("[window.own.count, performance.now()]")
        agrees(page)
        assert 0 < count <= (ended - began) / 250 + 1  # milliseconds: CALM of live/bars.js
        assert page.locator(".dl-fill").first.evaluate("e => getComputedStyle(e).transitionDuration") == "0s"


def test_own_classes_are_named_while_the_pen_moves_as_python_names_them(page, app_url):
    page.goto(f"{app_url}/own_classes")
    page.get_by_role("button", name="Shapes").click()
    page.locator("[data-live=yes]").wait_for(state="attached")
    page.evaluate(
        "() => window.addEventListener('digit-lab-own', ({detail}) => {"
        "window.moved ||= detail.moving; window.named = detail})"
    )
    draw(page, shapes.strokes(0), steps=3)
    page.wait_for_function("() => window.moved && window.named.probabilities && !window.named.moving")
    page.wait_for_function(f"() => {TOLD}.canvas.strokes.length === 1")
    told = page.evaluate(f"() => {TOLD}.canvas")
    strokes = tuple(np.array(stroke, np.float32).reshape(-1, 2) / 100 for stroke in told["strokes"])
    image = files.to_digit_image(Drawing(strokes, tuple(told["brushes"]), told["side"]))
    alike = "(all) => window.named.probabilities?.every((p, n) => Math.abs(p - all[n]) < 2e-3)"
    for base in (classifiers.shipped(), None):
        found = own_head.fit(base, own_classes.example("Shapes")).answer(image.pixels)
        expected = [*(found.probabilities * (1 - found.none)).tolist(), found.none]
        page.wait_for_function(alike, arg=expected)
        if base:
            page.get_by_role("combobox", name="Built on what this network has learnt").click()
            page.get_by_role("option", name=re.compile("^nothing")).click()
