"""A class of thirty: simulated phones over websockets, and browsers for the teacher, the wall and one phone.

`python -m benchmarks class`. CLASS_MINUTES=30 has thirty phones go on for so long; with TRAINS minutes or more,
or where CLASS_TRAINING=1, the teacher has the network learn from the class at half-time. CLASS_MANY=0 leaves
out the hundred. Each minute a line says on standard error how far it is; CLASS_LOG names a file for it besides,
which tells what was measured also where the end is not reached:

    CLASS_MINUTES=30 CLASS_MANY=0 CLASS_LOG=class.log nice -n 15 python -m benchmarks.class_room > class.md
"""

import asyncio
import contextlib
import json
import os
import random
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psutil
import websockets
from playwright.sync_api import sync_playwright
from sqlalchemy import URL
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.storage import room_drawings, room_events, rooms
from core.storage.store import Store
from tests import shapes
from tests.browser.conftest import DESKTOP, PHONE, launch
from tests.browser.server import serve
from ui import visits

PHONES, MANY = 30, 100
PAUSE = 4.0  # seconds between two drawings of a phone
MINUTES = float(os.environ.get("CLASS_MINUTES", "1"))
TRAINS = 5.0  # minutes of a class that has a training in its middle
TRAINING = os.environ.get("CLASS_TRAINING") == "1" or MINUTES >= TRAINS
LOG = os.environ.get("CLASS_LOG", "")
EACH = 60.0  # seconds between two lines of it
TEACHER = "0123456789abcdef" * 2  # the token in the teacher's browser

# When the wall has shown so many drawings: [[count, milliseconds since 1970], ...].
WATCH = """() => {
    window.seen = [];
    const look = () => {
        const words = document.querySelector(".st-key-wall-count b")?.textContent ?? "0";
        const count = Number(words.replace(",", ""));
        const cells = document.querySelectorAll(".dl-wall-grid canvas").length;
        const last = window.seen.at(-1)?.[0] ?? -1;
        if (count > last && cells >= Math.min(count, 96)) window.seen.push([count, Date.now()]);
    };
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
    setInterval(look, 20);
}"""

_PROTOCOLS: list[Any] = ["streamlit"]

TEMPLATE = """
## A class of thirty

One server, SQLite; simulated phones over websockets, each drawing every {pause:.0f} seconds for {minutes:g}
minutes (a hundred for {many_minutes:g}), and three real browsers (the teacher's, the wall, one phone), all on
this computer.{training}

| | {phones} phones | {many} phones | at most, of {phones} |
|---|--:|--:|--:|
| all have joined, all at once, and can draw | {a.joined:.0f} s | {b.joined:.0f} s | 60 s |
| over the websocket until then, a phone | {a.kilobytes:.0f} kB | {b.kilobytes:.0f} kB | |
| drawings sent | {a.sent:,} | {b.sent:,} | |
| of these lost | {a.lost} | {b.lost} | 0 |
| errors | {a.errors} | {b.errors} | 0 |
| a drawing sent, until the phone has its answer: median, p95 | {a.answer} | {b.answer} | |
| a drawing sent, until it is on the wall: median, p95 | {a.wall} | {b.wall} | 500 ms |
| the server's processor time for a drawing | {a.processor:.0f} ms | {b.processor:.0f} ms | 25 ms |
| the server's memory, at the beginning and at the end | {a.memory} | {b.memory} | + 50 MB |

A first visit weighs 2.3 MB of scripts and styles besides (docs/deployment.md), which the browser keeps. A page
server that is killed, and a connection that is cut, lose no drawing: tests/browser/test_class.py.
"""


@dataclass
class Measured:
    joined: float = 0.0
    kilobytes: float = 0.0
    sent: int = 0
    lost: int = 0
    errors: int = 0
    processor: float = 0.0
    answers: list[float] = field(default_factory=list)  # milliseconds
    walls: list[float] = field(default_factory=list)
    memories: list[float] = field(default_factory=list)  # MB
    training: str = ""  # one sentence

    @property
    def answer(self) -> str:
        return _median_and_p95(self.answers)

    @property
    def wall(self) -> str:
        return _median_and_p95(self.walls)

    @property
    def memory(self) -> str:
        if not self.memories:
            return "–"
        return f"{self.memories[0]:.0f}, {self.memories[-1]:.0f} MB"


def _median_and_p95(times: list[float]) -> str:
    if len(times) < 2:
        return "–"
    return f"{statistics.median(times):.0f}, {statistics.quantiles(times, n=20)[-1]:.0f} ms"


def markdown() -> str:
    short = min(MINUTES, 1.0)
    few = measure(PHONES, MINUTES, TRAINING)
    many = measure(MANY, short) if os.environ.get("CLASS_MANY") != "0" else Measured()
    named = {"phones": PHONES, "many": MANY, "pause": PAUSE, "minutes": MINUTES, "many_minutes": short}
    text = TEMPLATE.format(a=few, b=many, training=few.training, **named)
    if not many.memories:  # nothing is said of what was not measured
        text = re.sub(r"^(\|[^|]*\|[^|]*\|)[^|]*\|", r"\1", text, flags=re.MULTILINE)
        text = text.replace(f"\nminutes (a hundred for {short:g})", "\nminutes")
    return text


def measure(count: int, minutes: float, trains: bool = False) -> Measured:
    """Let so many phones join and draw. trains: at half-time a network learns from the class."""
    found = Measured()
    with tempfile.TemporaryDirectory(prefix="digit-lab-class-") as home:
        address = URL.create("sqlite", database=f"{home}/digit-lab.db").render_as_string()
        store = Store(address).of(visits.name_of(TEACHER))
        room, _ = rooms.start(store)
        with serve(variables={"DIGIT_LAB_HOME": home}) as (url, number), sync_playwright() as playwright:
            server = psutil.Process(number)
            teacher, wall = _browsers(launch(playwright), url, room.code)
            with ThreadPoolExecutor(1) as thread:  # Playwright has a loop in this one
                drawing = thread.submit(
                    lambda: asyncio.run(_class(url, room.code, count, minutes, found, server))
                )
                if trains:
                    _learn(teacher, 30 * minutes)
                sends = drawing.result()
            wall.wait_for_timeout(3000)
            seen = wall.evaluate("window.seen")
            found.memories.append(server.memory_info().rss / 1e6)
        there = len(room_drawings.of_class(store, room.id))
        if trains:
            found.training = _training(store, room.id)
    found.sent, found.lost = len(sends), len(sends) - there
    _log(f"the end: {found.sent} sent, {found.lost} lost, {found.errors} errors, {found.memory}")
    for place, sent in enumerate(sorted(sends), 1):
        shown = next((at for shown, at in seen if shown >= place), None)
        if shown is not None:
            found.walls.append(shown - 1000 * sent)
    return found


def _learn(teacher, seconds: float) -> None:
    """Have the network learn from the class after so long, as a teacher does."""
    teacher.wait_for_timeout(1000 * seconds)
    teacher.locator(".st-key-learn button").click()
    teacher.locator(".dl-before-after").wait_for(timeout=600_000)


def _training(store: Store, room: int) -> str:
    (number,) = room_events.runs_of(store, room).values()
    run = store.run(number)
    assert run, "the training is gone"
    assert run.status == "done", run.note
    return f" At half-time the network learnt from the class, in {run.seconds:.0f} s."


def _browsers(browser, url: str, code: str):
    """Return the teacher's page, and the wall, which notes what it shows; beside them there is a phone."""
    teacher = browser.new_context(**DESKTOP)
    teacher.add_cookies([{"name": visits.COOKIE, "value": TEACHER, "url": url}])
    desk = teacher.new_page()
    for page, address, there in (
        (desk, "class", ".dl-code"),
        (browser.new_context(**PHONE).new_page(), f"join?code={code}", ".st-key-next"),
    ):
        page.goto(f"{url}/{address}")
        page.locator(there).first.wait_for(timeout=60_000)
    wall = teacher.new_page()
    wall.goto(f"{url}/wall?code={code}")
    wall.locator(".st-key-wall-count").wait_for(timeout=60_000)
    wall.evaluate(WATCH)
    return desk, wall


async def _class(url, code, count, minutes, found: Measured, server: psutil.Process) -> list[float]:
    """Return when each drawing was sent, in seconds since 1970."""
    address, began = url.replace("http://", "ws://") + "/_stcore/stream", time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        joining = [stack.enter_async_context(_phone(address, code)) for _ in range(count)]
        phones = await asyncio.gather(*joining)
        found.joined = time.monotonic() - began
        found.kilobytes = statistics.mean(phone.received for phone in phones) / 1000
        found.memories.append(server.memory_info().rss / 1e6)
        until, before = time.monotonic() + 60 * minutes, server.cpu_times()
        watching = asyncio.create_task(_watch(phones, server, before))
        results = await asyncio.gather(*(_draws(phone, n, count, until) for n, phone in enumerate(phones)))
        used = server.cpu_times()
        watching.cancel()
    sends = [sent for times in results for sent, _ in times]
    found.answers = [answer for times in results for _, answer in times]
    found.errors = sum(phone.errors for phone in phones)
    found.processor = 1000 * (used.user + used.system - before.user - before.system) / max(1, len(sends))
    return sends


def _log(line: str) -> None:
    line = f"{time.strftime('%H:%M:%S')} {line}"
    print(line, file=sys.stderr, flush=True)
    if LOG:
        with open(LOG, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")


async def _watch(phones: "list[Phone]", server: psutil.Process, before) -> None:
    """Say each minute what is there so far."""
    while True:
        await asyncio.sleep(EACH)
        used, drawn = server.cpu_times(), sum(phone.drawn for phone in phones)
        each = 1000 * (used.user + used.system - before.user - before.system) / max(1, drawn)
        errors, memory = sum(phone.errors for phone in phones), server.memory_info().rss / 1e6
        _log(f"{drawn} drawings answered, {errors} errors, {memory:.0f} MB, {each:.1f} ms for a drawing")


async def _draws(phone: "Phone", number: int, count: int, until: float) -> list[tuple[float, float]]:
    chance = random.Random(number)
    await asyncio.sleep(PAUSE * number / count)
    times = []
    while time.monotonic() < until:
        due = time.monotonic() + PAUSE * chance.uniform(0.9, 1.1)
        times.append(await phone.draw(chance))
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    return times


@contextlib.asynccontextmanager
async def _phone(address: str, code: str) -> AsyncIterator["Phone"]:
    """A phone that has joined and can draw."""
    cookie = {"Cookie": f"{visits.COOKIE}={secrets.token_hex(16)}"}
    async with websockets.connect(
        address, subprotocols=_PROTOCOLS, max_size=None, additional_headers=cookie, open_timeout=60
    ) as socket:
        phone = Phone(socket, code)
        await phone.open()
        yield phone


class Phone:
    """received: bytes, so far. drawn: drawings answered. errors: sentences in red, and runs that failed."""

    def __init__(self, socket, code: str):
        self._socket, self._code = socket, code
        self.received = self.errors = self.drawn = 0
        self.canvas = self.next = self._said = ""
        self.fragments: dict[str, str] = {}  # of what is answered when the canvas, and the button, are used

    async def open(self) -> None:
        await self._send(self._rerun())
        await self._run()
        assert self.next, "the page has no button 'next'"

    async def draw(self, chance: random.Random) -> tuple[float, float]:
        """Draw a digit, then tap next; return when that was sent, and milliseconds until its answer."""
        message = self._rerun(self.canvas)
        state = message.rerun_script.widget_states.widgets.add(id=self.canvas)
        raw = shapes.fabric(chance.randrange(10), width=chance.uniform(14, 34))
        for path in raw["objects"]:
            path["path"] = [[c[0], *(v + chance.uniform(-3, 3) for v in c[1:])] for c in path["path"]]
        state.json_value = json.dumps({"drawing": {"raw": raw, "data": None}})
        await self._send(message)
        await self._run()
        tap = self._rerun(self.next)
        tap.rerun_script.widget_states.widgets.add(id=self.canvas).json_value = state.json_value
        tap.rerun_script.widget_states.widgets.add(id=self.next).trigger_value = True
        sent, began = time.time(), time.perf_counter()
        await self._send(tap)
        await self._run()
        self.drawn += 1
        return sent, 1000 * (time.perf_counter() - began)

    def _rerun(self, widget: str = "") -> BackMsg:
        """A message that has the page run anew, or what runs where this widget is used."""
        message = BackMsg()
        message.rerun_script.query_string = f"code={self._code}"
        message.rerun_script.page_name = "join"
        if widget:
            message.rerun_script.fragment_id = self.fragments[widget]
        return message

    async def _send(self, message: BackMsg) -> None:
        await self._socket.send(message.SerializeToString())

    async def _run(self) -> None:
        """Take in what comes until a run of the script is over, with what can be drawn on."""
        while True:
            try:
                data = await asyncio.wait_for(self._socket.recv(), 120)
            except TimeoutError:
                raise RuntimeError(f"nothing more comes; the page said {self._said!r}") from None
            self.received += len(data)
            message = ForwardMsg()
            message.ParseFromString(data)
            self._look(message)
            if message.WhichOneof("type") == "script_finished" and self.next:
                self.errors += message.script_finished not in (
                    ForwardMsg.FINISHED_SUCCESSFULLY,
                    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
                    ForwardMsg.FINISHED_EARLY_FOR_RERUN,
                )
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return

    def _look(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "bidi_component" and element.bidi_component.id.endswith("-canvas"):
            self.canvas = element.bidi_component.id
            self.fragments[self.canvas] = message.delta.fragment_id
        elif kind == "button" and element.button.id.endswith("-next"):
            self.next = element.button.id
            self.fragments[self.next] = message.delta.fragment_id
        elif kind == "exception" or (kind == "alert" and element.alert.format == element.alert.ERROR):
            self.errors, self._said = self.errors + 1, str(element)


if __name__ == "__main__":
    print(markdown())
