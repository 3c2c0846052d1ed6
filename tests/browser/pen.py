"""Drawing with real pointer events."""

from playwright.sync_api import Locator, Page

CANVAS = ".st-key-canvas canvas.upper-canvas"
ANSWER = ".st-key-prediction:not(:has(.dl-live))"  # Python's: not there while the browser's own is shown

# What Python has said, by the element that it was said to: ui/components/live/PROTOCOL.md.
BOARD = """(() => {
    const said = new Map();
    window.dispatchEvent(new CustomEvent("digit-lab-ask", {detail: said}));
    return said;
})()"""
TOLD = f"[...{BOARD}.values()].find((data) => data.answers)"

# Networks that are sent do not arrive; nothing else is changed.
SILENT = """window.addEventListener("digit-lab-ask", ({detail}) => {
    const set = detail.set.bind(detail);
    detail.set = (place, data) => (data instanceof Uint8Array ? detail : set(place, data));
});"""

# The server's answers come late, as over a busy network: by 400 ms, or by `window.late` of them.
LATE = """
window.WebSocket = class extends WebSocket {
    addEventListener(name, then, ...rest) {
        const late = (event) => setTimeout(() => then.call(this, event), window.late ?? 400);
        super.addEventListener(name, name === "message" ? late : then, ...rest);
    }
    set onmessage(then) { this.addEventListener("message", then); }
};"""


def open_page(page: Page, url: str) -> None:
    """Open the Draw page and wait until the canvas can be drawn on."""
    page.goto(url)
    page.locator(CANVAS).wait_for()
    page.locator(".st-key-prediction").wait_for()
    page.locator(".st-key-network-input .grid").wait_for()


def open_late(page: Page, url: str) -> None:
    """Open the Draw page where the server's answers come late, and wait until the browser reads by itself."""
    page.add_init_script(LATE)
    open_page(page, url)
    page.locator("[data-live=yes]").wait_for()


def draw(page: Page, strokes, steps: int = 1, canvas: str = CANVAS) -> None:
    """Draw each stroke, given in pixels of the canvas, with the mouse."""
    box = page.locator(canvas).last.bounding_box()
    assert box
    for stroke in strokes:
        (first, *rest) = [(box["x"] + float(x), box["y"] + float(y)) for x, y in stroke]
        page.mouse.move(*first)
        page.mouse.down()
        for point in rest:
            page.mouse.move(*point, steps=steps)
        page.mouse.up()


def touch(page: Page, strokes, slowly: bool = False) -> None:
    """Draw each stroke with a finger, through the browser's own input queue; slowly: in at least a second."""
    box = page.locator(CANVAS).bounding_box()
    assert box
    session = page.context.new_cdp_session(page)
    for stroke in strokes:
        points = [{"x": box["x"] + float(x), "y": box["y"] + float(y)} for x, y in stroke]
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
        for point in points[1:]:
            session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
            if slowly:
                page.wait_for_timeout(1000 / len(points))
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def prediction(page: Page) -> Locator:
    """Python's answer: while the pen moves, and until the server has answered, there is none."""
    return page.locator(ANSWER)


def swipe_up(page: Page, over: Locator) -> float:
    """Swipe with a finger from the middle of something, 150 pixels up; return by how many the page scrolled."""
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box
    top = "() => document.querySelector('.stMain').scrollTop"
    before = page.evaluate(top)
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 16):
        point = {"x": x, "y": y - 10 * step}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(500)
    return page.evaluate(top) - before


def extent(page) -> list[float]:
    """Where the ink begins and ends, from left to right, as fractions of the canvas."""
    return page.locator(".st-key-canvas canvas.dc-canvas.lower-canvas").evaluate(
        """canvas => {
            const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let [low, high] = [1, 0];
            data.forEach((v, i) => {
                if (i % 4 !== 3 || !v) return;
                const x = ((i >> 2) % canvas.width) / canvas.width;
                [low, high] = [Math.min(low, x), Math.max(high, x)];
            });
            return [low, high];
        }"""
    )
