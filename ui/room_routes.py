"""Waiting for changes of a room: a browser asks once, and is answered when there is one.

`app.py` hands `routes` to Streamlit when the server starts: digit-lab/room/CODE/WHAT/SEEN, where WHAT is 'all'
or 'orders' (`Room.changes`, `Room.orders`). However many wait, one query looks for all of them several times a
second; while nobody waits, none does. It says a number, and no more, and to a room's teachers and pupils alone:
else it would tell in a moment which of many codes are some room's.
"""

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import FrameType

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.storage import room_names, rooms
from core.storage.store import StoreError, open_store
from ui import visits

EVERY = 0.12  # seconds between two looks at the rooms that somebody waits for
LONGEST = 25.0  # that a browser is kept waiting: proxies end what is silent for longer
WHAT = {"all": 0, "orders": 1}


class Watcher:
    """Of this process, for all who wait."""

    def __init__(self) -> None:
        self.waiting: Counter[str] = Counter()
        self.known: dict[str, tuple[int, int]] = {}
        self.changed = asyncio.Condition()
        self.task: asyncio.Task | None = None
        self.ends = False  # the server ends: nobody is kept waiting any more

    async def wait(self, code: str, which: int, seen: int) -> int:
        """Return the count, as soon as it is another than was seen, or after LONGEST; 0: there is no room."""
        self.waiting[code] += 1
        self.known.pop(code, None)  # what was known before nobody looked
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(LONGEST), self.changed:
                await self.changed.wait_for(
                    lambda: self.ends or self.known.get(code, (seen, seen))[which] != seen
                )
        except TimeoutError:
            pass
        finally:
            self.waiting[code] -= 1
            count = self.known.get(code, (seen, seen))[which]
            if not self.waiting[code]:
                del self.waiting[code]
                self.known.pop(code, None)
        return count

    async def _look(self) -> None:
        while codes := list(self.waiting):
            try:
                found = await run_in_threadpool(_changes_of, codes)
            except StoreError:  # it is asked again in a moment
                found = {}
            else:
                found = {code: found.get(code, (0, 0)) for code in codes}
            if self.ends or any(self.known.get(code) != count for code, count in found.items()):
                self.known.update((code, count) for code, count in found.items() if code in self.waiting)
                async with self.changed:
                    self.changed.notify_all()
            await asyncio.sleep(EVERY)


def _changes_of(codes: list[str]) -> dict[str, tuple[int, int]]:
    return rooms.changes(open_store(), codes)


def _takes_part(visitor: str, code: str) -> bool:
    return rooms.takes_part(open_store().of(visitor), code)


_watchers: dict[asyncio.AbstractEventLoop, Watcher] = {}


def end_with_the_server() -> None:
    """Have all who wait be answered when this process is told to end: its server ends after its last answer.

    Called by `ui.server` when the server starts, which has said by then what it does at a signal.
    """
    if threading.current_thread() is not threading.main_thread():  # nor does the server hear of signals there
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        if callable(before := signal.getsignal(number)):
            signal.signal(number, partial(_end, before))


def _end(before: Callable[[int, FrameType | None], object], number: int, frame: FrameType | None) -> None:
    for watcher in _watchers.values():
        watcher.ends = True
    before(number, frame)


async def _changes(request: Request) -> Response:
    code = room_names.cleaned(request.path_params["code"])
    what = request.path_params["what"]
    if not code or what not in WHAT or (visitor := visits.of_request(request.scope)) is None:
        return Response(status_code=404)
    try:
        if not await run_in_threadpool(_takes_part, visitor, code):
            return Response(status_code=404)
    except StoreError:  # the browser asks again in a moment
        return Response(status_code=503)
    watcher = _watchers.setdefault(asyncio.get_running_loop(), Watcher())
    count = await watcher.wait(code, WHAT[what], request.path_params["seen"])
    return JSONResponse({"count": count}, headers={"Cache-Control": "no-store"})


def routes() -> list[Route]:
    """Return what this file answers, for the server, under the path that it is served at."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}/digit-lab" if base else "/digit-lab"
    return [Route(root + "/room/{code}/{what}/{seen:int}", _changes)]
