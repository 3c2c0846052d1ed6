"""Who a request comes from: this computer's own user, a browser with a token, or somebody new."""

import asyncio
import re

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.storage.database import HOME
from ui import visits

TOKEN = "0123456789abcdef" * 2
PROXY = {"x-forwarded-for": "10.0.0.7"}


@pytest.mark.parametrize(
    ("client", "headers", "home"),
    [
        ("127.0.0.1", {"Host": "localhost:8501"}, True),
        ("::1", {"host": "[::1]:8501"}, True),
        ("::ffff:127.0.0.1", {"host": "localhost:8501"}, True),  # as a server on '::' is told
        ("127.0.0.1", {"host": "127.0.0.1:8501"}, True),
        ("192.168.0.7", {"host": "localhost:8501"}, False),  # it only says so
        ("127.0.0.1", {"host": "lab.school.example"}, False),  # a proxy of this computer
        ("127.0.0.1", {"host": "localhost:8501", **PROXY}, False),
        ("127.0.0.1", {"host": "localhost:8501", "X-Forwarded-Proto": "http"}, False),
        ("127.0.0.1", {}, False),
        (None, {"host": "localhost"}, False),
        ("127.0.0.1", {"host": "localhost]["}, False),
    ],
)
def test_this_computers_own_user_is_told_from_all_others(client, headers, home):
    assert visits.is_at_home(client, headers) is home


def test_where_a_tunnel_pretends_nobody_is_at_home(monkeypatch):
    monkeypatch.setenv(visits.LOCAL_USER, "0")
    assert visits.visitor("127.0.0.1", {"host": "localhost"}, {}) is None


@pytest.mark.parametrize("cookie", ["", "0123", "<script>", "0123456789ABCDEF" * 2, TOKEN + "0", "\uff11" * 32])
def test_a_strange_cookie_is_no_token(cookie):
    assert not visits.is_token(cookie)
    assert visits.visitor("10.0.0.7", {"host": "10.0.0.1"}, {visits.COOKIE: cookie}) is None


def test_the_token_cannot_be_told_from_the_name():
    name = visits.visitor("10.0.0.7", {"host": "10.0.0.1"}, {visits.COOKIE: TOKEN})
    assert name == visits.name_of(TOKEN)
    assert re.fullmatch("[0-9a-f]{32}", name)
    assert TOKEN not in name


SERVER = Starlette(
    routes=[
        Route("/", lambda request: HTMLResponse("page")),
        Route("/same", lambda request: Response(status_code=304)),
        Route("/script.js", lambda request: PlainTextResponse("script")),
    ]
)


def scope(path="/", client="10.0.0.7", **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    host = [] if "host" in headers else [(b"host", b"10.0.0.1:8501")]
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [*named, *host],
        "client": (client, 1),
        "scheme": "http",
        "query_string": b"",
        "server": ("10.0.0.1", 8501),
    }


def cookie(asked, base="") -> str:
    """What the answer to this request sets, '' for nothing."""
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(visits.Visits(SERVER, base=base)(asked, None, send))
    return dict(sent[0]["headers"]).get(b"set-cookie", b"").decode()


def test_somebody_new_gets_a_token_with_the_first_page_alone():
    assert cookie(scope("/script.js")) == ""
    said = cookie(scope())
    form = rf"{visits.COOKIE}=[0-9a-f]{{32}}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
    assert re.fullmatch(form, said)
    assert cookie(scope()) != said
    assert "Path=/lab/;" in cookie(scope(), base="lab")
    assert cookie(scope("/same", accept="text/html,*/*"))  # who has lost the cookie, and kept the page
    assert cookie(scope("/same", accept="*/*")) == ""


def test_who_comes_back_keeps_the_token_for_a_year_more():
    """A browser forgets it a year after it was set: all that somebody has made would be nobody's then."""
    for path in ("/", "/same"):
        asked = scope(path, accept="text/html,*/*", cookie=f"other=1; {visits.COOKIE}={TOKEN}")
        assert cookie(asked).startswith(f"{visits.COOKIE}={TOKEN}; Path=/; Max-Age=31536000;")
    assert cookie(scope("/script.js", cookie=f"{visits.COOKIE}={TOKEN}")) == ""
    assert not cookie(scope(cookie=f"{visits.COOKIE}=hello")).startswith(f"{visits.COOKIE}=hello")


def test_over_https_the_token_is_never_sent_in_the_clear():
    assert cookie(scope(x_forwarded_proto="https")).endswith("; Secure")


def test_this_computers_own_user_gets_none():
    home = scope(client="127.0.0.1", host="localhost:8501")
    assert (cookie(home), visits.of_request(home)) == ("", HOME)


def test_the_own_user_stays_so_with_a_cookie_of_another_server_of_this_computer():
    """A browser sends what a trial behind a proxy has set to any port: all that is their own was gone."""
    home = scope(client="127.0.0.1", host="localhost:8501", cookie=f"{visits.COOKIE}={TOKEN}")
    assert (cookie(home), visits.of_request(home)) == ("", HOME)


def test_at_home_a_browser_begins_anew_until_it_is_closed():
    home = {"client": "127.0.0.1", "host": "localhost:8501", "origin": "http://localhost:8501"}
    set_ = visits.anew(Request(scope(f"/{visits.ANEW}", **home))).headers["set-cookie"]
    assert re.fullmatch(rf"{visits.STAND}=[0-9a-f]{{32}}; Path=/; HttpOnly; SameSite=Lax", set_)
    kept = set_.split(";")[0]
    assert visits.of_request(scope(**home, cookie=kept)) == visits.name_of(kept.partition("=")[2])
    assert visits.of_request(scope(client="10.0.0.7", cookie=kept)) is None  # it says nothing elsewhere


def test_a_browser_begins_anew_where_a_page_of_ours_asks_for_it():
    evil = visits.anew(Request(scope(f"/lab/{visits.ANEW}", origin="https://evil.example")))
    assert (evil.status_code, "set-cookie" in evil.headers) == (403, False)
    ours = visits.anew(Request(scope(f"/lab/{visits.ANEW}", origin="http://10.0.0.1:8501")))
    assert (ours.status_code, "Path=/lab/;" in ours.headers["set-cookie"]) == (204, True)


def visit(number, client="10.0.0.7", path="/_stcore/stream"):
    """The websocket of somebody with a token of this number."""
    return {**scope(path, client, cookie=f"{visits.COOKIE}={number:032x}"), "type": "websocket"}


def test_an_address_brings_so_many_new_visitors_and_who_was_there_comes_in():
    door = visits.Newcomers(SERVER, most=30)
    thirty = [door.problem(visit(n), True, now=float(n)) for n in range(30)]
    assert thirty == [""] * 30  # a class behind one router
    said = "30 new visitors have come from your address within 10 minutes, which is as many as are let in"
    assert door.problem(visit(30), True, now=40.0).startswith(said)
    assert door.problem(scope(), False, now=40.0).startswith(said)  # nor is a token given away
    assert door.problem(visit(3), True, now=41.0) == ""
    assert door.problem(visit(30, "10.0.0.8"), True, now=42.0) == ""
    assert door.problem(visit(30), True, now=601.0) == ""  # ten minutes after the first
    assert [door.problem(visit(n, "127.0.0.1"), True, now=43.0) for n in range(99)] == [""] * 99
    # Whoever has an IPv6 connection may choose the second half of the address.
    assert [bool(door.problem(visit(n, f"2001:db8::{n:x}"), True, now=44.0)) for n in range(31)] == [
        False
    ] * 30 + [True]
    # Of a server that listens on '::' these are IPv4 addresses, each of somebody else.
    assert not any(door.problem(visit(n, f"::ffff:10.0.1.{n}"), True, now=45.0) for n in range(31))
    no_cookie = {**scope("/_stcore/stream", "10.0.0.9"), "type": "websocket"}
    assert [bool(door.problem(no_cookie, True, now=50.0)) for _ in range(31)] == [False] * 30 + [True]
    assert not any(visits.Newcomers(SERVER, most=0).problem(visit(n), True) for n in range(999))


def test_who_is_too_many_is_told_and_not_connected(monkeypatch):
    door, sent = visits.Newcomers(SERVER, base="lab", most=1), []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "websocket.connect"}

    door.problem(visit(1), True)
    asyncio.run(door(visit(2, path="/lab/_stcore/stream"), receive, send))
    asyncio.run(door(scope("/lab/join", accept="text/html"), receive, send))
    assert [sent[0]["type"], sent[1]["status"]] == ["websocket.close", 429]
    assert b"try again in a while" in sent[2]["body"]
    asyncio.run(door(scope("/script.js", accept="*/*"), receive, send))  # of a page that is there
    assert sent[3]["status"] == 200
    monkeypatch.setenv(visits.NEWCOMERS, "7")
    assert visits.Newcomers(SERVER).most == 7


def test_one_visitor_uploads_so_much_in_a_minute_and_this_computers_own_user_more():
    uploads = visits.Uploads(SERVER)
    mine = scope(cookie=f"{visits.COOKIE}={TOKEN}", content_length="1000")
    assert [uploads.problem(mine, now=1.0) for _ in range(visits.FILES)] == [""] * visits.FILES
    said = "At most 40 files and 200 MB are taken from one visitor in a minute: wait a moment."
    assert uploads.problem(mine, now=30.0) == said
    assert uploads.problem(scope(content_length="1000"), now=30.0) == ""  # somebody else's
    assert uploads.problem(mine, now=62.0) == ""
    large = scope(cookie=f"{visits.COOKIE}={TOKEN[::-1]}", content_length="150000000")
    assert [uploads.problem(large, now=n) for n in (1.0, 2.0, 70.0)] == ["", said, ""]
    home = scope(client="127.0.0.1", host="localhost:8501", content_length="150000000")
    assert [uploads.problem(home, now=1.0) for _ in range(50)] == [""] * 50


def test_what_is_too_much_is_refused_with_the_sentence(monkeypatch):
    monkeypatch.setattr(visits, "FILES", 0)
    sent = []

    async def send(message):
        sent.append(message)

    asked = {**scope("/lab/_stcore/upload_file/x/y"), "method": "PUT"}
    asyncio.run(visits.Uploads(SERVER, base="lab")(asked, None, send))
    assert (sent[0]["status"], sent[1]["body"].decode()) == (429, visits.TOO_MUCH)
