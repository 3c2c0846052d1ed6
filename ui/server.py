"""ASGI middleware in front of Streamlit: accepted host names, framing, and redirects of unknown addresses.

`app.py` hands `middleware` and `lifespan` to Streamlit when the server starts; nothing here runs for a page.
"""

import contextlib
import ctypes
import gc
import gzip
import hashlib
import ipaddress
import logging
import os
import platform
import socket
import threading
import time
import webbrowser
from collections.abc import AsyncIterator, Iterable
from urllib.parse import quote, urlsplit

import psutil
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import reruns, room_routes
from ui.visits import Newcomers, Uploads, Visits

HOSTS = "DIGIT_LAB_HOSTS"  # names, separated by commas, by which this server may be called as well
FRAMES = "DIGIT_LAB_FRAMES"  # origins, separated by commas, whose pages may show the app, by https, in a frame
OPEN = "DIGIT_LAB_OPEN"  # set: the browser is opened when the server is ready, as by the command digit-lab
OPEN_AFTER = 0.5  # seconds, in which it begins to listen
OPEN_FILES = 4096  # handles that a hundred visitors and what they closed lately need, with room to spare
# Objects after which Python looks for what nobody holds any more: 700, its own choice, are one run of a page.
COLLECT_AFTER = 20_000
# What C's allocator (glibc) is told: (the parameter's number in malloc.h, its value).
MALLOC = (
    (-8, 2),  # arenas: each of a server's threads would leave holes in another
    (-3, 256 * 1024),  # bytes, from which a piece, such as an array, is the system's own and goes back at once
    (-1, 4 * 1024 * 1024),  # bytes free at an arena's end, which go back as well
)
TRIM_EVERY = 60.0  # seconds
_EVERYWHERE = ("0.0.0.0", "::", "")

try:
    import resource
except ImportError:  # Windows, whose limit is high enough
    resource = None  # type: ignore[assignment]

_log = logging.getLogger(__name__)


def named(variable: str) -> list[str]:
    """Return what an environment variable lists, separated by commas, in lower case."""
    return [part.strip().lower() for part in os.environ.get(variable, "").split(",") if part.strip()]


class Guard:
    """ASGI middleware: refuses strange Host names, and tells browsers who may frame the app.

    A page of somebody else's can make its own name lead to this computer (DNS rebinding), and then speaks to
    this server as if it were one of ours. Its name gives it away: allowed are localhost, plain IP addresses,
    which cannot be made to lead elsewhere, this computer's own name, and those that DIGIT_LAB_HOSTS lists.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = (), frames: Iterable[str] = ()):
        own = socket.gethostname().lower(), platform.node().lower()
        self.app = app
        self.hosts = {"localhost", *own, *(f"{name}.local" for name in own), *hosts}
        frames = list(frames)
        self.framed = bool(frames)
        ancestors = " ".join(("'self'", *frames))
        self.headers = {
            "Content-Security-Policy": f"frame-ancestors {ancestors}",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not self.knows(host := Headers(scope=scope).get("host", "")):
            await self._refuse(host, scope, receive, send)
        else:
            await self.app(scope, receive, self._with_headers(send))

    def knows(self, host: str) -> bool:
        """May this server be called by this Host header, such as 'localhost:8501'?"""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name in self.hosts:
            return True
        with contextlib.suppress(ValueError):
            return bool(ipaddress.ip_address(name))
        return False

    @staticmethod
    async def _refuse(host: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        text = (
            f"This server was called {host[:100]!r}; it answers to localhost, to its IP address and to "
            f"the names that {HOSTS} lists."
        )
        await PlainTextResponse(text, status_code=400)(scope, receive, send)

    def _with_headers(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if self.framed:
                    message["headers"] = [_for_frames(*header) for header in headers.raw]
            await send(message)

        return sent


def _for_frames(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """A cookie such as the one that uploads need, so that a browser keeps it in another site's frame, too.

    Partitioned: one for each site that frames the app (CHIPS), which browsers allow where they refuse others.
    """
    if name.lower() != b"set-cookie":
        return name, value
    kept = [part.strip() for part in value.split(b";")]
    kept = [part for part in kept if not part.lower().startswith((b"samesite", b"secure", b"partitioned"))]
    return name, b"; ".join([*kept, b"SameSite=None", b"Secure", b"Partitioned"])


class OneLevel:
    """ASGI middleware: an address of several levels, such as /foo/bar, leads to one of the first level.

    Streamlit answers any address with its page, whose scripts have relative addresses: further down those are
    not found, and the page stays white. Redirected is what would be answered with a page, and to the last
    part of its address, relative to it: so the path under which a proxy shows the app need not be known.
    """

    def __init__(self, app: ASGIApp, base: str = ""):
        self.app = app
        self.base = f"/{base.strip('/')}/".replace("//", "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (to := self.target(scope["path"])):
            await self.app(scope, receive, send)
            return
        query = scope.get("query_string", b"")
        location = to.encode() + (b"?" + query if query else b"")
        redirected = False

        async def sent(message: Message) -> None:
            nonlocal redirected
            if message["type"] == "http.response.start" and _is_page(message):
                redirected = True
                await send({**message, "status": 307, "headers": [(b"location", location)]})
            elif not redirected:
                await send(message)
            elif not message.get("more_body"):
                await send({"type": "http.response.body", "body": b""})

        await self.app(scope, receive, sent)

    def target(self, path: str) -> str:
        """Return where '/foo/bar' leads, as '../bar'; '' for an address of the first level, or outside."""
        levels, _, last = path.removeprefix(self.base).rpartition("/")
        if not path.startswith(self.base) or not levels:
            return ""
        return "../" * (levels.count("/") + 1) + quote(last, safe="")


def _is_page(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return message["status"] == 200 and kind.startswith("text/html")


class Compressed:
    """ASGI middleware: Streamlit's own scripts and styles travel to other computers compressed.

    They are two thirds of a first visit, and Streamlit sends them as they are, for it would compress them anew
    for everybody. Here each is compressed once. On this computer itself there is nothing to gain.
    """

    KINDS = ("text/", "application/javascript", "application/json", "image/svg")
    SMALLEST = 1_000  # bytes that are worth it

    def __init__(self, app: ASGIApp, base: str = ""):
        self.app = app
        self.folder = f"/{base.strip('/')}/static/".replace("//", "/")
        # By what they hold: an address can be written in endlessly many ways, such as /static/././a.js.
        self.kept: dict[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.concerns(scope):
            await self.app(scope, receive, send)
            return
        start: Message = {}
        parts: list[bytes] = []

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and not start and self.is_worth_it(message):
                start.update(message)
            elif not start:
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    await self._send(start, b"".join(parts), send)

        # Without it Streamlit's file response would be sent by its path, which cannot be compressed.
        extensions = {name: one for name, one in scope.get("extensions", {}).items() if "pathsend" not in name}
        await self.app({**scope, "extensions": extensions}, receive, sent)

    def concerns(self, scope: Scope) -> bool:
        """Is it a script or style, asked for by another computer's browser that takes gzip?"""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self.folder):
            return False
        headers, (host, *_) = Headers(scope=scope), scope.get("client") or ("",)
        is_ours = False
        with contextlib.suppress(ValueError):
            is_ours = ipaddress.ip_address(host).is_loopback
        return "gzip" in headers.get("accept-encoding", "") and "range" not in headers and not is_ours

    def is_worth_it(self, message: Message) -> bool:
        """Is this a whole answer of a kind that shrinks, large enough, and not compressed yet?"""
        headers = Headers(raw=message["headers"])
        size = int(headers.get("content-length", self.SMALLEST))
        kind = headers.get("content-type", "")
        fits = kind.startswith(self.KINDS) and size >= self.SMALLEST
        return message["status"] == 200 and fits and "content-encoding" not in headers

    async def _send(self, start: Message, body: bytes, send: Send) -> None:
        headers = MutableHeaders(raw=list(start["headers"]))
        key = hashlib.sha256(body).digest()
        if key not in self.kept:
            self.kept[key] = await run_in_threadpool(gzip.compress, body, 6)
        packed = self.kept[key]
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(packed))
        headers.add_vary_header("Accept-Encoding")
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": packed})


def middleware() -> list[Middleware]:
    """Return what every request passes through, for `st.App`."""
    base = st.get_option("server.baseUrlPath") or ""
    return [
        Middleware(Guard, hosts=named(HOSTS), frames=named(FRAMES)),
        Middleware(Newcomers, base=base),
        Middleware(Visits, base=base),
        Middleware(Uploads, base=base),
        Middleware(OneLevel, base=base),
        Middleware(Compressed, base=base),
    ]


@contextlib.asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Prepare the process once, when the server starts."""
    raise_open_files()
    collect_seldom()
    reruns.spare()
    room_routes.end_with_the_server()
    if give_back():
        threading.Thread(target=trim_for_ever, name="trim", daemon=True).start()
    print("\n".join(["", *welcome(), ""]), flush=True)
    if os.environ.get(OPEN):
        threading.Timer(OPEN_AFTER, webbrowser.open, [addresses()[0]]).start()
    yield


def collect_seldom() -> None:
    """Have Python's collector of garbage look less often, and never again at what is there now.

    The objects of libraries stay until the end, and a look at them stops all visitors for 0.1 s; in a class of
    thirty these looks were a seventh of the server's work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def give_back() -> bool:
    """Have C's allocator give back to the system what nobody needs any more. False where it is not glibc's.

    Left to itself it raises its limits to the largest array that was ever freed, and keeps all that is smaller:
    after a class of thirty with a training that was more than what was in use.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # macOS, musl, Windows
        return False
    done = [mallopt(parameter, value) for parameter, value in MALLOC]
    return all(done)


def trim_for_ever() -> None:
    """Every minute, give the holes between what is in use back, too: milliseconds, without Python's lock."""
    while True:
        time.sleep(TRIM_EVERY)
        trim()


def trim() -> None:
    """Give back each whole page of memory that C's allocator holds and nobody uses. Needs glibc."""
    ctypes.CDLL(None).malloc_trim(0)


def raise_open_files() -> None:
    """Raise this process's limit on open files as far as it needs and may.

    Streamlit keeps an event loop, three handles, for each tab until two minutes after it was closed; macOS
    allows 256 at first.
    """
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if limit < OPEN_FILES // 4:
        _log.warning(
            "This system allows %d open files, enough for about %d tabs opened within two minutes; a class "
            "wants %d (ulimit -n).",
            limit,
            max(1, (limit - 60) // 4),
            OPEN_FILES // 4,
        )


def welcome() -> list[str]:
    """Return the lines that say where the app is."""
    return ["  Digit Lab is ready:", *(f"  {address}" for address in addresses())]


def addresses() -> list[str]:
    """Return where the app is, this computer's own address first; found without asking anybody."""
    port, address = st.get_option("server.port"), st.get_option("server.address")
    path = (st.get_option("server.baseUrlPath") or "").strip("/")
    hosts = ["localhost"] if address in (None, "localhost", "127.0.0.1", "::1") else [address]
    if address in _EVERYWHERE:
        hosts = ["localhost", *own_addresses()]
    return [f"http://{host}:{port}/{path}".rstrip("/") for host in hosts]


def own_addresses() -> list[str]:
    """Return this computer's IPv4 addresses in its networks, without loopback ones."""
    found = (one.address for of in psutil.net_if_addrs().values() for one in of if one.family == socket.AF_INET)
    return sorted(a for a in found if not ipaddress.ip_address(a).is_loopback)
