"""What stands between the network and the app, on its own and in the server as users start it."""

import asyncio
import gzip
import http.client
import json
import resource
import socket
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest
import uvicorn

from tests.browser.server import serve
from ui.server import Compressed, Guard, OneLevel

ROOT = Path(__file__).parents[2]


async def _inner(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"in"})


def answered(host: str, kind: str = "http", **options) -> list[dict]:
    """What a request under this Host name is answered, message by message."""
    sent: list[dict] = []

    async def receive():
        return {"type": "http.request" if kind == "http" else "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "path": "/", "headers": [(b"host", host.encode("latin-1"))]}
    asyncio.run(Guard(_inner, **options)(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8501", 200),
        ("127.0.0.1:8501", 200),
        ("[::1]:8501", 200),
        ("192.168.1.20:8501", 200),
        ("lab.school.example", 200),  # listed below
        ("evil.example", 400),
        ("localhost.evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("user@localhost", 200),  # still localhost: what is before the @ names nobody
        ("", 400),
        ("[::1", 400),
        ("a" * 70_000, 400),
    ],
)
def test_a_server_answers_to_names_of_its_own_only(host, status):
    found = answered(host, hosts=["lab.school.example"])
    assert found[0]["status"] == status
    if status == 400:
        assert len(found[1]["body"]) < 400
        assert b"DIGIT_LAB_HOSTS" in found[1]["body"]


def test_nor_does_its_websocket():
    assert answered("evil.example", "websocket") == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("frames", [(), ("https://learn.example",)])
def test_who_may_show_it_in_a_frame_is_said(frames):
    headers = dict(answered("localhost", frames=frames)[0]["headers"])
    expected = " ".join(("frame-ancestors 'self'", *frames))
    assert headers[b"content-security-policy"].decode() == expected


def test_in_a_frame_the_cookie_that_uploads_need_is_kept():
    """A browser keeps no other site's cookie in a frame, unless it says all three."""

    async def sets_cookies(scope, receive, send):
        headers = [(b"set-cookie", b"_streamlit_xsrf=2|a|b|1; Path=/; SameSite=Lax"), (b"x", b"SameSite=Lax")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    kept = {}
    for frames in ((), ("https://learn.example",)):
        sent = []

        async def send(message, sent=sent):
            sent.append(message)

        scope = {"type": "http", "path": "/", "headers": [(b"host", b"localhost")]}
        asyncio.run(Guard(sets_cookies, frames=frames)(scope, None, send))
        kept[frames] = [value for name, value in sent[0]["headers"] if name in (b"set-cookie", b"x")]
    plain, framed = kept.values()
    assert plain == [b"_streamlit_xsrf=2|a|b|1; Path=/; SameSite=Lax", b"SameSite=Lax"]
    assert framed == [
        b"_streamlit_xsrf=2|a|b|1; Path=/; SameSite=None; Secure; Partitioned",
        b"SameSite=Lax",
    ]


@pytest.mark.parametrize(
    ("base", "path", "query", "expected"),
    [
        ("", "/foo", b"", None),
        ("", "/", b"", None),
        ("", "/foo/bar", b"", "../bar"),
        ("", "/foo/train", b"run=2", "../train?run=2"),
        ("", "/a/b/c", b"", "../../c"),
        ("", "/foo/bar/", b"", "../../"),
        ("", "//evil.example", b"", None),
        ("", "/foo//evil.example", b"", "../../evil.example"),
        ("", "/foo/javascript:alert(1)\r\nx: y", b"", "../javascript%3Aalert%281%29%0D%0Ax%3A%20y"),
        ("lab", "/lab/foo", b"", None),
        ("/lab/", "/lab/foo/bar", b"", "../bar"),
        ("lab", "/elsewhere/foo/bar", b"", None),
    ],
)
def test_an_address_of_several_levels_leads_to_one_of_the_first(base, path, query, expected):
    """Whose scripts, with relative addresses, are found: elsewhere the page would stay white."""

    async def page(scope, receive, send):
        kind = b"text/html; charset=utf-8"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": b"<html>", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    status, location, body = through_levels(page, base, path, query)
    if expected is None:
        assert (status, location, body) == (200, None, b"<html>")
    else:
        assert (status, location, body) == (307, expected, b"")


def test_files_below_the_first_level_are_left_alone():
    async def file(scope, receive, send):
        headers = [(b"content-type", b"image/png")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"png"})

    assert through_levels(file, "", "/media/one.png", b"") == (200, None, b"png")


def through_levels(app, base: str, path: str, query: bytes) -> tuple[int, str | None, bytes]:
    """Status, Location and body."""
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "query_string": query, "headers": []}
    asyncio.run(OneLevel(app, base=base)(scope, None, send))
    location = dict(sent[0]["headers"]).get(b"location")
    return sent[0]["status"], location and location.decode(), b"".join(m["body"] for m in sent[1:])


# Put before the server's own start: as few files may be open as macOS allows at first; whom it calls is noted.
WATCH = """
import json, os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
def watch(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        print(json.dumps(arguments[1][0]), file=open(os.environ["CALLED"], "a"))
    if event == "socket.getaddrinfo":
        print(json.dumps(str(arguments[0])), file=open(os.environ["CALLED"], "a"))
sys.addaudithook(watch)
print('"watching"', file=open(os.environ["CALLED"], "a"))
"""


def test_it_asks_nobody_and_has_handles_enough(tmp_path):
    """Listening for a whole class, where Streamlit would ask a service on the internet for its address."""
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    called = tmp_path / "called"
    variables = {
        "PYTHONPATH": str(tmp_path),
        "CALLED": str(called),
        "STREAMLIT_SERVER_ADDRESS": "0.0.0.0",
    }
    with serve(variables=variables) as (url, process):
        host, port = url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        connection.request("GET", "/", headers={"Host": "evil.example"})
        assert connection.getresponse().status == 400
        with urllib.request.urlopen(url, timeout=20) as response:
            assert response.headers["Content-Security-Policy"] == "frame-ancestors 'self'"
        if sys.platform == "linux":
            limits = Path(f"/proc/{process}/limits").read_text(encoding="utf-8").splitlines()
            files = next(line.split() for line in limits if line.startswith("Max open files"))
            assert int(files[3]) == min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    names = {json.loads(line) for line in called.read_text().splitlines()}
    assert "watching" in names
    assert names <= {"watching", "127.0.0.1", "localhost", "0.0.0.0", "::", "::1", "None"}


def test_by_default_it_is_on_this_computer_only():
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert settings["server"]["address"] == "localhost"
    assert settings["client"]["showErrorLinks"] is False
    assert settings["client"]["allowedOrigins"] == []  # of sites that may steer it from around its frame


# -- scripts travel compressed

SCRIPT = b"const answer = 42;\n" * 500


def fetched(path="/static/js/index.js", client="192.168.1.30", kind="text/javascript", **more):
    """(headers, body) of what another computer's browser gets; `more` are headers of its request."""
    sent: list[dict] = []

    async def inner(scope, receive, send):
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(SCRIPT)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": SCRIPT[:4000], "more_body": True})
        await send({"type": "http.response.body", "body": SCRIPT[4000:]})

    async def send(message):
        sent.append(message)

    asked = [(name.replace("_", "-").encode(), value.encode()) for name, value in more.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": asked, "client": (client, 50_000)}
    asyncio.run(Compressed(inner)(scope, None, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return headers, b"".join(message.get("body", b"") for message in sent[1:])


def test_scripts_travel_compressed_to_other_computers():
    headers, body = fetched(accept_encoding="gzip, br")
    assert gzip.decompress(body) == SCRIPT
    assert len(body) < 500
    assert (headers["content-encoding"], headers["content-length"]) == ("gzip", str(len(body)))
    assert headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "otherwise",
    [
        {"accept_encoding": "identity"},
        {"accept_encoding": "gzip", "range": "bytes=0-99"},
        {"accept_encoding": "gzip", "client": "127.0.0.1"},
        {"accept_encoding": "gzip", "client": "::1"},
        {"accept_encoding": "gzip", "kind": "font/woff2"},
        {"accept_encoding": "gzip", "path": "/media/static/a.js"},
    ],
)
def test_all_else_is_sent_as_it_is(otherwise):
    headers, body = fetched(**otherwise)
    assert body == SCRIPT
    assert "content-encoding" not in headers


def test_each_script_is_compressed_once(monkeypatch):
    counted = []
    monkeypatch.setattr("ui.server.gzip.compress", lambda body, level: counted.append(level) or b"packed")
    both = Compressed(_inner)
    start = {"type": "http.response.start", "status": 200, "headers": [(b"etag", b"1")]}
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    for _ in range(2):
        asyncio.run(both._send(start, SCRIPT, send))
    assert len(counted) == 1
    assert [message["body"] for message in sent if "body" in message] == [b"packed", b"packed"]


def test_an_address_written_in_another_way_takes_no_more_memory(monkeypatch):
    counted = []
    monkeypatch.setattr("ui.server.gzip.compress", lambda body, level: counted.append(level) or b"packed")
    sent: list[dict] = []

    async def script(scope, receive, send):
        headers = [(b"content-type", b"text/javascript"), (b"content-length", str(len(SCRIPT)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": SCRIPT})

    async def send(message):
        sent.append(message)

    one = Compressed(script)
    for path in ("/static/a.js", "/static/./a.js", "/static//a.js", "/static/././a.js"):
        headers = [(b"accept-encoding", b"gzip")]
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "client": ("10.0.0.2", 1)}
        asyncio.run(one(scope, None, send))
    assert [message["body"] for message in sent if "body" in message] == 4 * [b"packed"]
    assert len(counted) == 1


def test_what_stays_until_the_end_is_not_looked_through_again_and_again():
    """Each look of Python's collector at all that libraries have made stops every visitor for 0.1 s."""
    code = "import gc, streamlit; from ui import server; server.collect_seldom(); "
    code += "print(gc.get_freeze_count(), gc.get_threshold()[0], len(gc.get_objects(2)))"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    frozen, threshold, watched = map(int, told.stdout.split())
    assert frozen > 50_000
    assert threshold >= 10_000
    assert watched < frozen / 100


HOLES = """
import psutil, numpy as np
from ui import server
assert server.give_back() or exit(77)
del (large := [np.ones(20_000_000, np.uint8)])[:]  # from now on C's allocator would keep all that is smaller
before = psutil.Process().memory_info().rss
arrays, stay = [], []
for _ in range(100):
    arrays.append(np.ones(1_000_000, np.uint8))
    stay.append(bytes(1_000))
arrays.clear()
print((psutil.Process().memory_info().rss - before) // 10**6)
"""


SMALL_HOLES = """
import psutil
from ui import server
assert server.give_back() or exit(77)
pieces = [bytes(20_000) for _ in range(5_000)]
before = psutil.Process().memory_info().rss
stay = [pieces[n] for n in range(0, 5_000, 50)]
pieces.clear()
left = before - psutil.Process().memory_info().rss
server.trim()
print(left // 10**6, (before - psutil.Process().memory_info().rss) // 10**6)
"""


def test_holes_between_what_is_in_use_go_back_by_the_clock():
    """100 MB in pieces of 20 kB, of which each fiftieth stays: by itself the allocator gives back a little."""
    command = [sys.executable, "-c", SMALL_HOLES]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode == 77:
        pytest.skip("this computer's C library has no mallopt")
    assert told.returncode == 0, told.stderr
    by_itself, trimmed = map(int, told.stdout.split())
    assert by_itself < 20
    assert trimmed > 80


def test_what_arrays_took_goes_back_to_the_system():
    """100 MB in pieces of 1 MB, behind each something small that stays."""
    told = subprocess.run([sys.executable, "-c", HOLES], cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode == 77:
        pytest.skip("this computer's C library has no mallopt")
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) < 10


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not for Windows")
def test_an_answer_does_not_wait_for_the_browsers_receipt():
    """asyncio sets TCP_NODELAY where a socket was made with its protocol's name, and Streamlit's is not: the
    second message of an answer then waits until the first is acknowledged, 40 ms."""
    at_once = []

    class Taken(asyncio.Protocol):
        def connection_made(self, transport):
            its = transport.get_extra_info("socket")
            at_once.append(its.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    async def visited():
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            async with await asyncio.get_running_loop().create_server(Taken, sock=bound):
                reader, writer = await asyncio.open_connection(*bound.getsockname())
                await reader.read()
                writer.close()

    loop = uvicorn.Config("ui.server:app").get_loop_factory()
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(visited())
    assert at_once == [1]
