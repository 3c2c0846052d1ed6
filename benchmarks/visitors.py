"""Thirty visitors who draw at once: raw websocket clients, so that only the server is measured."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests import shapes
from tests.browser.server import serve

VISITORS = 30
PAUSE = 3.0  # seconds between two strokes of a visitor
STROKES = 8  # of each visitor


def measure() -> list[float]:
    """Return milliseconds from a drawing's arrival at the server to its answer's departure."""
    with serve() as (url, _):
        return measure_at(url)


def measure_at(url: str) -> list[float]:
    """The same of a server that is running."""
    return asyncio.run(_all(url.replace("http://", "ws://") + "/_stcore/stream"))


async def _all(url: str) -> list[float]:
    results = await asyncio.gather(*(_visit(url, number) for number in range(VISITORS)))
    return [t for times in results for t in times]


async def _visit(url: str, number: int) -> list[float]:
    chance = random.Random(number)
    async with connect(url) as visitor:
        await asyncio.sleep(2 + PAUSE * number / VISITORS)
        times = []
        for stroke in range(STROKES):
            times.append(await visitor.draw(stroke))
            await asyncio.sleep(PAUSE * chance.uniform(0.9, 1.1))
    return times


@contextlib.asynccontextmanager
async def connect(url: str) -> AsyncIterator["Visitor"]:
    """A visitor who has the page before him."""
    async with websockets.connect(url, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        visitor = Visitor(socket)
        await visitor.open()
        yield visitor


class Visitor:
    """received: bytes, so far."""

    def __init__(self, socket):
        self._socket = socket
        self.received = 0

    async def open(self) -> None:
        """Wait until the first page is complete."""
        await self._socket.send(_rerun("", "").SerializeToString())
        self._canvas, self._fragment = await _first_page(self._receive)

    async def draw(self, stroke: int) -> float:
        """Send a drawing; return milliseconds until its bars arrived."""
        message = _rerun(self._fragment, self._canvas, shapes.fabric(stroke % 10, width=18 + stroke % 9))
        started = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        return 1000 * (await _answer(self._receive) - started)

    async def _receive(self) -> ForwardMsg:
        message = ForwardMsg()
        data = await asyncio.wait_for(self._socket.recv(), 60)
        self.received += len(data)
        message.ParseFromString(data)
        return message


def _rerun(fragment: str, canvas: str, drawing: dict | None = None) -> BackMsg:
    message = BackMsg()
    message.rerun_script.query_string = ""
    if fragment:
        message.rerun_script.fragment_id = fragment
    if drawing:
        state = message.rerun_script.widget_states.widgets.add(id=canvas)
        state.json_value = json.dumps({"drawing": {"raw": drawing, "data": None}})
    return message


async def _first_page(receive) -> tuple[str, str]:
    """Return the canvas's widget id and its fragment's id, once the first page is complete."""
    canvas = fragment = ""
    while True:
        message = await receive()
        element = message.delta.new_element
        if element.WhichOneof("type") == "bidi_component" and element.bidi_component.id.endswith("-canvas"):
            canvas, fragment = element.bidi_component.id, message.delta.fragment_id
        # The first visitor of a server's life is sent through app.py once more, hence a run without a canvas.
        if message.WhichOneof("type") == "script_finished" and canvas:
            assert fragment, "the canvas is in no fragment"
            return canvas, fragment


async def _answer(receive) -> float:
    """Return when the ten bars of the new answer arrived, then wait until the run is over."""
    arrived = 0.0
    while True:
        message = await receive()
        if '"answers"' in message.delta.new_element.bidi_component.json:
            arrived = time.perf_counter()
        if message.WhichOneof("type") == "script_finished":
            assert arrived, "the run sent no bars"
            return arrived
