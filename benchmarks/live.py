"""Bars that move while the pen moves, beside pages whose bars do not, or that ask the server each time."""

import asyncio
import base64
import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Browser, Page, ViewportSize, expect

from benchmarks import strokes, train_page, visitors
from core.data import synthetic_digits
from core.io.bundle import bundle
from core.models import browser_export as packing
from core.models import networks
from tests import shapes
from tests.browser import pen as pointer
from tests.browser.server import ROOT, serve

DIGITS = 20  # on each page
NUMBERS = (27, 305, 2026, 68, 951)  # of digits that are one stroke each
DRAWINGS = 300  # read by the script alone
SIZE: ViewportSize = {"width": 1440, "height": 900}

# Notes, for each move of the pen, how long it took until the answer changed. `event` is what our page says
# when its bars stand; on other pages it is the first change of the answer's text.
WATCH = """([selector, event]) => {
    let moves = [], text = null;
    window.delays = [];
    window.spent = [];
    window.during = 0;
    let pressed = false;
    const changed = ({detail} = {}) => {
        const now = performance.now();
        const until = detail?.asked ?? detail?.at ?? now;  // of what was asked before a move it says nothing
        window.delays.push(...moves.filter((at) => at <= until).map((at) => now - at));
        if (moves.length && pressed) window.during++;
        if (detail?.spent && pressed) window.spent.push(detail.spent);
        moves = moves.filter((at) => at > until);
    };
    addEventListener("pointerdown", () => (pressed = true), true);
    addEventListener("pointerup", () => (pressed = false), true);
    addEventListener("pointermove", (e) => pressed && moves.push(e.timeStamp), true);
    if (event) {
        addEventListener(event, changed);
        return;
    }
    const look = () => {
        const element = document.querySelector(selector);
        const now = element && ("value" in element ? element.value : element.innerText);
        if (text !== null && now !== text) changed();
        text = now;
    };
    look();
    new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
    setInterval(look, 4);
}"""

SCRIPT = Path(__file__).with_name("read_alone.js")
ALONE = """async ([source, packed, drawings]) => {
    const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
    const {default: readAlone} = await import(url);
    return readAlone(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0)), drawings);
}"""

TEXT = """
## While the pen moves

{digits} digits of about a second each in a real Chromium. From each move of the pen to the bars, or the text,
that it led to; 'answers' is how many came for each second in which the pen was down.

| page | median | 95th percentile | answers |
|---|--:|--:|--:|
{pages}

'Each sample to Python' is `benchmarks/streaming_page.py`. The others answer after the pen's release only.

{numbers} numbers of two to four digits, in the same way: from a move to the bars, and to the number where one
is seen, {number} (median, 95th percentile), {number_rate:.0f} answers per second. The page's own work for a
frame takes {number_work}; a screen of 60 Hz gives 16.7 ms.

The colours of the ink and the small pictures on the buttons, from each move to those that show it: median and
95th percentile {heat}, {heat_rate:.0f} per second; the bars beside them {beside}.

The star among the 10,000 test digits on the large map, until it knows where to glide: {star},
{star_rate:.0f} per second. The small one on the button is placed eight times a second at most.

In the browser, {drawings} drawings: preprocessing {preprocessing}, forward pass {forward} (median, 95th
percentile). The network is {kilobytes:.0f} kB, sent once to each page.

The server's part of a stroke, 100 strokes of one visitor: {cpu:.1f} ms of processor time, {bytes:.1f} kB sent.

{visitors} visitors drawing at once while 'Two convolutions, the best of the first tutorial' is trained: from
sending a drawing to receiving Python's answer, median {median:.0f} ms, 95th percentile {p95:.0f} ms; meanwhile,
in a browser on the same computer, from a move of the pen to the bars {busy}.
"""


def markdown(browser: Browser) -> str:
    """Measure, and return the section of docs/benchmarks.md."""
    pages = {
        "Digit Lab": _ours(browser),
        "Digit Lab without this": _ours(browser, silent=True),
        "each sample to Python": _streaming(browser),
        "naive Streamlit page": _naive(browser),
    }
    if (ROOT / ".venv-gradio").exists():
        pages["Gradio Sketchpad"] = _gradio(browser)
    number, number_rate, number_work = _numbers(browser)
    heat, heat_rate, beside = _heat(browser)
    star, star_rate = _star(browser)
    preprocessing, forward = _alone(browser)
    with ThreadPoolExecutor(1) as elsewhere:  # Playwright's loop runs in this thread
        cpu, sent = elsewhere.submit(lambda: asyncio.run(_server())).result()
    crowd, busy = _crowd(browser)
    packed = packing.pack(networks.shipped())
    assert packed
    return TEXT.format(
        digits=DIGITS,
        pages="\n".join(
            f"| {name} | {_of(delays, ' ms | ')} ms | {rate:.0f} per second |"
            for name, (delays, rate) in pages.items()
        ),
        numbers=DIGITS,
        number=_of(number, " and ") + " ms",
        number_rate=number_rate,
        number_work=_of(number_work, " and ", 1) + " ms",
        heat=_of(heat, " ms and ") + " ms",
        heat_rate=heat_rate,
        beside=_of(beside, " ms and ") + " ms",
        star=_of(star, " ms and ") + " ms",
        star_rate=star_rate,
        drawings=DRAWINGS,
        preprocessing=_of(preprocessing, " and ", 1) + " ms",
        forward=_of(forward, " and ", 1) + " ms",
        kilobytes=len(packed) / 1000,
        cpu=cpu,
        bytes=sent / 1000,
        visitors=visitors.VISITORS,
        median=np.median(crowd),
        p95=np.quantile(crowd, 0.95),
        busy=_of(busy, " ms at the median, ") + " ms at the 95th percentile",
    )


def _of(times: list[float], between: str, digits: int = 0) -> str:
    median, p95 = np.quantile(times, [0.5, 0.95])
    return f"{median:.{digits}f}{between}{p95:.{digits}f}"


def _ours(browser: Browser, silent: bool = False) -> tuple[list[float], float]:
    with serve() as (url, _), browser.new_page(viewport=SIZE) as page:
        return _on_our_page(page, url, silent)


def _numbers(browser: Browser) -> tuple[list[float], float, list[float]]:
    """Return the milliseconds to the bars, how many came per second, and those of the page's work for each."""
    drawn = []
    for number in NUMBERS:
        places = enumerate(str(number))
        drawn.append([s for n, digit in places for s in shapes.strokes(int(digit), 68, 14 + 80 * n, 110)])
    with serve() as (url, _), browser.new_page(viewport=SIZE) as page:
        times, rate = _on_our_page(page, url, drawings=drawn)
        return times, rate, page.evaluate("window.spent")


def _heat(browser: Browser) -> tuple[list[float], float, list[float]]:
    """Return the milliseconds to the ink's colours, how many came per second, and those to the bars."""
    with serve() as (url, _), browser.new_page(viewport=SIZE) as page:
        heat, rate = _on_our_page(page, url, event="digit-lab-heat")
    with serve() as (url, _), browser.new_page(viewport=SIZE) as page:
        bars, _ = _on_our_page(page, url, heat=True)
    return heat, rate, bars


def _star(browser: Browser) -> tuple[list[float], float]:
    """Return the milliseconds to the star's new place on the large map, and how many came per second."""
    with serve() as (url, _), browser.new_page(viewport=SIZE) as page:
        page.goto(url + "/map_of_digits")
        page.locator(pointer.CANVAS).wait_for()
        page.locator("[data-live=yes]").wait_for()
        page.wait_for_timeout(3000)  # the map, too
        return _measure(
            page, "", "digit-lab-star", pointer.CANVAS, lambda: page.keyboard.press("Delete"), left=40
        )


def _on_our_page(
    page: Page,
    url: str,
    silent: bool = False,
    event: str = "digit-lab-live",
    heat: bool = False,
    drawings: Sequence[list[np.ndarray]] = (),
) -> tuple[list[float], float]:
    """drawings: what is drawn, in turn; digits where there are none."""
    if silent:
        page.add_init_script(pointer.SILENT)
    pointer.open_page(page, url)
    page.locator(f"[data-live={'no' if silent else 'yes'}]").wait_for()
    page.wait_for_timeout(1500)
    if heat or event == "digit-lab-heat":
        page.get_by_text("Show which ink decides").click()
        page.locator(".dl-speaks").wait_for()
    event = "" if silent else event
    return _measure(
        page,
        ".st-key-prediction",
        event,
        pointer.CANVAS,
        lambda: page.keyboard.press("Delete"),
        drawings=drawings,
    )


def _streaming(browser: Browser) -> tuple[list[float], float]:
    with (
        serve("benchmarks/streaming_page.py", {"PYTHONPATH": str(ROOT)}) as (url, _),
        browser.new_page(viewport=SIZE) as page,
    ):
        page.goto(url)
        page.locator("canvas.pad").wait_for()
        page.wait_for_timeout(1000)
        return _measure(page, ".st-key-prediction", "", "canvas.pad", lambda: None)


def _naive(browser: Browser) -> tuple[list[float], float]:
    with (
        serve("benchmarks/naive_page.py", {"PYTHONPATH": str(ROOT)}) as (url, _),
        browser.new_page(viewport=SIZE) as page,
    ):
        page.goto(url)
        page.locator(pointer.CANVAS).wait_for()
        page.wait_for_timeout(1000)
        return _measure(page, ".st-key-prediction", "", pointer.CANVAS, lambda: None)


def _gradio(browser: Browser) -> tuple[list[float], float]:
    with strokes.gradio() as url, browser.new_page(viewport=SIZE) as page:
        page.goto(url, wait_until="domcontentloaded")
        page.get_by_role("button", name="Brush").click(timeout=60_000)
        page.wait_for_timeout(2000)
        return _measure(page, "#answer textarea", "", "canvas", lambda: None, left=220)


def _measure(
    page: Page,
    answer: str,
    event: str,
    canvas: str,
    clear: Callable[[], None],
    left: float = 70,
    drawings: Sequence[list[np.ndarray]] = (),
) -> tuple[list[float], float]:
    """Return the milliseconds of every move, and how many answers came per second with the pen down."""
    drawings = drawings or [shapes.strokes(digit, 180, left, 70) for digit in strokes.DIGITS]
    page.evaluate(WATCH, [answer, event])
    seconds = 0.0
    for number in range(DIGITS + 2):
        if number == 2:  # those before warmed up
            page.evaluate("[window.delays, window.spent, window.during] = [[], [], 0]")
            seconds = 0.0
        seconds += _slowly(page, drawings[number % len(drawings)], canvas)
        page.wait_for_timeout(1200)
        clear()
        page.wait_for_timeout(300)
    return page.evaluate("window.delays"), page.evaluate("window.during") / seconds


def _slowly(page: Page, digit: list[np.ndarray], canvas: str) -> float:
    """Draw at a hand's pace, a move every 16 ms; return the seconds that the pen was down."""
    box = page.locator(canvas).last.bounding_box()
    assert box
    spent = 0.0
    for stroke in digit:
        points = np.concatenate([np.linspace(a, b, 3)[:-1] for a, b in itertools.pairwise(stroke)])
        page.mouse.move(box["x"] + float(points[0][0]), box["y"] + float(points[0][1]))
        page.mouse.down()
        started = page.evaluate("performance.now()")
        for x, y in points[1:]:
            page.mouse.move(box["x"] + float(x), box["y"] + float(y))
            page.wait_for_timeout(12)
        spent += page.evaluate("performance.now()") - started
        page.mouse.up()
    return spent / 1000


def _alone(browser: Browser) -> tuple[list[float], list[float]]:
    """Return the milliseconds of preprocessing, and of the forward pass with the rules, for each drawing."""
    rng = np.random.default_rng(0)
    drawings = [
        [(200 * s + 60).ravel().tolist() for s in synthetic_digits.glyph_variant(rng)[0]]
        for _ in range(DRAWINGS + 50)
    ]
    packed = packing.pack(networks.shipped())
    assert packed
    with browser.new_page() as page:
        times = page.evaluate(ALONE, [bundle(SCRIPT), base64.b64encode(packed).decode(), drawings])[50:]
    return [first for first, _ in times], [second for _, second in times]


async def _server() -> tuple[float, float]:
    """Return the server's processor time in milliseconds, and the bytes sent, for one stroke."""
    with serve() as (url, number):
        process = psutil.Process(number)
        async with visitors.connect(url.replace("http://", "ws://") + "/_stcore/stream") as visitor:
            for stroke in range(20):
                await visitor.draw(stroke)
            before, sent = process.cpu_times(), visitor.received
            for stroke in range(100):
                await visitor.draw(stroke)
            after = process.cpu_times()
            used = after.user + after.system - before.user - before.system
            return 10 * used, (visitor.received - sent) / 100


def _crowd(browser: Browser) -> tuple[list[float], list[float]]:
    """Return the visitors' times, and one browser's, while a network is trained."""
    with serve() as (url, _):
        with browser.new_page(viewport=SIZE) as page:
            page.goto(url)
            train_page.open_train(page)
            page.get_by_role("combobox", name="Start from").click()
            page.get_by_role("option", name="the best of the first tutorial").click()
            expect(page.get_by_text("around 99.4%")).to_be_visible()
            train_page.click(page)
        crowd: list[float] = []
        others = threading.Thread(target=lambda: crowd.extend(visitors.measure_at(url)))
        others.start()
        with browser.new_page(viewport=SIZE) as page:
            busy, _ = _on_our_page(page, url)
        others.join()
        return crowd, busy
