"""Whose visit a request is: a random token in a cookie that no script can read, or this computer's own user.

The server sets the cookie with the first page; the websocket brings it back, and `ui.state.visitor` takes the
visitor's name from it. The name is a hash: who reads the database, or sees a name, cannot be that visitor.

A visit from this computer itself needs no cookie: it is its own user's, in each of its browsers, but where
'Begin anew for the next visitor' was asked for, until that browser is closed. A proxy here is not taken for
that: it says whom it speaks for, or calls the server by another name.
"""

import hashlib
import ipaddress
import os
import re
import secrets
import time
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.storage.database import HOME

COOKIE = "digit_lab_guest"
STAND = "digit_lab_stand"  # the same on this computer itself, from 'Begin anew' until the browser is closed
LOCAL_USER = "DIGIT_LAB_LOCAL_USER"  # '0': nobody is this computer's own user, whatever a tunnel pretends
ANEW = "digit-lab/anew"  # the address that gives a browser another token
YEAR = 365 * 24 * 3600
NEWCOMERS = "DIGIT_LAB_NEWCOMERS"  # another number than MOST_NEW; '0': no limit
MOST_NEW, WINDOW = 300, 600.0  # visitors that one address brings within so many seconds: ten classes of thirty
FILES, BYTES = 40, 200_000_000  # that one visitor uploads in a minute
TOO_MUCH = (
    f"At most {FILES} files and {BYTES // 10**6} MB are taken from one visitor in a minute: wait a moment."
)
_TOKEN = re.compile(r"[0-9a-f]{32}")  # 128 bits
_FORWARDED = (
    *("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port"),
    *("x-forwarded-server", "x-real-ip", "x-client-ip", "true-client-ip", "via", "cf-connecting-ip"),
)


def is_token(text: object) -> bool:
    """Is this the token of a visitor: 32 hexadecimal digits?"""
    return isinstance(text, str) and bool(_TOKEN.fullmatch(text))


def name_of(token: str) -> str:
    """Return the visitor's name, 32 hexadecimal digits, from which the token cannot be told."""
    return hashlib.sha256(f"digit-lab visitor {token}".encode()).hexdigest()[:32]


def is_at_home(client: str | None, headers: Mapping[str, str]) -> bool:
    """Does a request come from a browser of this computer itself?

    client: the address of who has connected. headers: of the request, their names in any case.
    """
    named = {name.lower(): value for name, value in headers.items()}
    if os.environ.get(LOCAL_USER) == "0" or any(name in named for name in _FORWARDED):
        return False
    try:
        host = urlsplit(f"//{named.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return _is_loopback(client or "") and (host == "localhost" or _is_loopback(host))


def visitor(client: str | None, headers: Mapping[str, str], cookies: Mapping[str, str]) -> str | None:
    """Return the name of who makes a request, HOME for this computer's own user; None for somebody new."""
    at_home = is_at_home(client, headers)
    # A cookie knows no ports: COOKIE may be of another server of this computer, as of a trial behind a proxy.
    if is_token(token := cookies.get(STAND if at_home else COOKIE)):
        return name_of(str(token))
    return HOME if at_home else None


def _is_loopback(address: str) -> bool:
    found = _ip(address)
    return found is not None and found.is_loopback


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as it is: a server that listens on '::' is told ::ffff:192.168.1.30 of an IPv4 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


class Visits:
    """ASGI middleware: who is new gets a token with the first page; each later one keeps it for a year more."""

    def __init__(self, app: ASGIApp, base: str = ""):
        self.app = app
        self.path = f"/{base.strip('/')}/".replace("//", "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_at_home(scope):
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # A browser that still has the page, but not the cookie, is told only that it is the same.
                same = message["status"] == 304 and "text/html" in Headers(scope=scope).get("accept", "")
                if same or headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", set_cookie(scope, self.path, _cookies(scope).get(COOKIE)))
                    headers["Cache-Control"] = "no-store"  # nobody may be handed another's
            await send(message)

        await self.app(scope, receive, sent)


class Newcomers:
    """ASGI middleware: how many new visitors one address may bring: a token is as easy to make up as to get.

    Each limit of one visitor holds so for whoever throws the cookie away. A school behind one address has many
    at once, so the limit is wide; who was there before always comes in.
    """

    def __init__(self, app: ASGIApp, base: str = "", most: int | None = None):
        self.app = app
        self.stream = f"/{base.strip('/')}/_stcore/stream".replace("//", "/")
        said = os.environ.get(NEWCOMERS, "")
        self.most = most if most is not None else int(said) if said.isdecimal() else MOST_NEW
        self._came: dict[str, dict[str, float]] = {}  # address -> {visitor: when they came}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_visit = scope["type"] == "websocket" and scope["path"] == self.stream
        is_page = scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")
        if (is_visit or is_page) and (problem := self.problem(scope, is_visit)):
            if is_visit:
                await receive()
                await send({"type": "websocket.close", "code": 1013, "reason": "too many visitors"})
            else:
                await PlainTextResponse(problem, status_code=429)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def problem(self, scope: Scope, is_visit: bool, now: float | None = None) -> str:
        """Count who comes, where it is a visit; return one sentence where they are too many, '' else."""
        now, address = time.monotonic() if now is None else now, _network((scope.get("client") or ("",))[0])
        who = of_request(scope)
        if not self.most or who == HOME or _is_loopback(address):
            return ""
        self._came = {
            one: kept
            for one, all_ in self._came.items()
            if (kept := {name: at for name, at in all_.items() if at > now - WINDOW})
        }
        came = self._came.get(address, {})
        if who in came:
            return ""
        if len(came) >= self.most:
            return (
                f"{self.most} new visitors have come from your address within {WINDOW / 60:.0f} minutes, which "
                "is as many as are let in: try again in a while."
            )
        if is_visit:  # who keeps no cookie is somebody new each time
            self._came.setdefault(address, {})[who or secrets.token_hex(8)] = now
        return ""


def _network(address: str) -> str:
    """An IPv4 address; of an IPv6 one the part that one connection has, for the rest is its own choice."""
    if (found := _ip(address)) is None:
        return address
    if found.version == 4 or found.is_loopback:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False).network_address)


class Uploads:
    """ASGI middleware: how much one visitor may upload in a minute, so that one does not starve the others.

    The browser says it in the field for the file: `ui/components/connection`.
    """

    def __init__(self, app: ASGIApp, base: str = ""):
        self.app = app
        self.path = f"/{base.strip('/')}/_stcore/upload_file".replace("//", "/")
        self._lately: dict[str, list[tuple[float, int]]] = {}  # visitor -> (when, bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_upload = scope["type"] == "http" and scope["method"] in ("PUT", "POST")
        if is_upload and scope["path"].startswith(self.path) and (problem := self.problem(scope)):
            await PlainTextResponse(problem, status_code=429)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def problem(self, scope: Scope, now: float | None = None) -> str:
        """Count an upload; return one sentence where it is too much, '' else."""
        now = time.monotonic() if now is None else now
        who = of_request(scope)
        if who == HOME:
            return ""
        key = who or (scope.get("client") or ("nobody",))[0]
        length = Headers(scope=scope).get("content-length", "0")
        self._lately = {
            one: kept for one, all_ in self._lately.items() if (kept := [u for u in all_ if u[0] > now - 60])
        }
        mine = self._lately.setdefault(key, [])
        mine.append((now, int(length) if length.isdecimal() else 0))
        if len(mine) > FILES or sum(size for _, size in mine) > BYTES:
            mine.pop()
            return TOO_MUCH
        return ""


def of_request(scope: Scope) -> str | None:
    """Return the visitor of an HTTP request or a websocket, as `visitor` does."""
    return visitor(_client(scope), Headers(scope=scope), _cookies(scope))


def _is_at_home(scope: Scope) -> bool:
    return is_at_home(_client(scope), Headers(scope=scope))


def _client(scope: Scope) -> str | None:
    (client, *_) = scope.get("client") or (None,)
    return client


def _cookies(scope: Scope) -> dict[str, str]:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        cookies.clear()
    return {name: morsel.value for name, morsel in cookies.items()}


def set_cookie(scope: Scope, path: str, token: str | None = None) -> str:
    """Return the header that gives a browser a token, which no script can read and no other site sends.

    token: the one that it has; a new one in the place of what is none.
    """
    secure = "https" in (scope.get("scheme"), Headers(scope=scope).get("x-forwarded-proto"))
    token = token if is_token(token) else secrets.token_hex(16)
    name, lasts = (STAND, "") if _is_at_home(scope) else (COOKIE, f" Max-Age={YEAR};")
    cookie = f"{name}={token}; Path={path};{lasts} HttpOnly; SameSite=Lax"
    return cookie + "; Secure" * secure


def routes() -> list[Route]:
    """The one address that makes a browser somebody new; `app.py` hands it to Streamlit."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return [Route(f"/{base}/{ANEW}" if base else f"/{ANEW}", anew, methods=["POST"])]


def anew(request: Request) -> Response:
    """Give this browser another token, as to somebody new; asked by a page of ours alone."""
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if urlsplit(origin).netloc != host:
        return Response(status_code=403)
    path = request.url.path.removesuffix(ANEW)
    return Response(status_code=204, headers={"Set-Cookie": set_cookie(request.scope, path)})
