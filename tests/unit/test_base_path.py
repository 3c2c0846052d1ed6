"""The app under a path and behind a proxy with https, as docs/deployment.md says: all that a browser asks for.

The proxy itself is left out: the server is told by headers what a proxy tells it.
"""

import http.client
import json
import re
import socket
import urllib.parse
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from core.rooms import address
from core.storage import rooms
from core.storage.store import Store
from tests.browser.server import serve
from ui import visits

NAME, PUBLIC = "lab.school.example", "https://lab.school.example/lab"
PASSED_ON = {"Host": NAME, "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
PAGE = {**PASSED_ON, "Accept": "text/html"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """(host and port, its database)."""
    home = tmp_path_factory.mktemp("base")
    variables = {
        "DIGIT_LAB_HOME": str(home),
        "DIGIT_LAB_HOSTS": NAME,
        "DIGIT_LAB_LOCAL_USER": "1",  # by its headers a visit is nobody's of this computer
        "DIGIT_LAB_WARM_WORKER": "0",
        "STREAMLIT_SERVER_BASE_URL_PATH": "lab",
    }
    with serve(variables=variables) as (url, _):
        yield urllib.parse.urlsplit(url).netloc, Store(f"sqlite:///{home / 'digit-lab.db'}")


def get(host: str, path: str, headers: dict[str, str]) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def page(host: str, token: str, name: str, query: str = "") -> list[ForwardMsg]:
    """Open a page as a browser does that has this cookie; return all that it is sent."""
    message, found = BackMsg(), []
    message.rerun_script.page_name, message.rerun_script.query_string = name, query
    message.rerun_script.context_info.url = f"{PUBLIC}/{name}"
    headers = {**PASSED_ON, "Cookie": f"{visits.COOKIE}={token}", "Origin": f"https://{NAME}"}
    del headers["Host"]  # it is the address's
    where, port = host.split(":")
    to: dict[str, Any] = {"sock": socket.create_connection((where, int(port))), "subprotocols": ["streamlit"]}
    with connect(
        f"ws://{NAME}/lab/_stcore/stream", additional_headers=headers, max_size=None, proxy=None, **to
    ) as visit:
        visit.send(message.SerializeToString())
        while not found or found[-1].WhichOneof("type") != "script_finished":
            found.append(ForwardMsg())
            found[-1].ParseFromString(visit.recv(20))
    return found


def texts(messages: list[ForwardMsg]) -> str:
    return "\n".join(str(message.delta.new_element) for message in messages)


@pytest.mark.slow
def test_the_first_page_its_scripts_and_the_cookie_are_under_the_path(lab):
    host, _ = lab
    status, headers, body = get(host, "/lab/", PAGE)
    cookie = headers["Set-Cookie"]
    assert status == 200
    assert re.fullmatch(rf"{visits.COOKIE}=[0-9a-f]{{32}}; Path=/lab/; .*", cookie)
    assert {"HttpOnly", "SameSite=Lax", "Secure"} <= set(cookie.split("; "))
    named = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', body.decode())
    assert named
    for one in named:
        there = urllib.parse.urlsplit(urllib.parse.urljoin(f"{PUBLIC}/", one)).path
        assert there.startswith("/lab/"), one
        assert get(host, there, PASSED_ON)[0] == 200, there
    assert get(host, "/lab/_stcore/health", PASSED_ON)[0] == 200


def test_by_another_name_it_answers_nobody(lab):
    assert get(lab[0], "/lab/", {**PAGE, "Host": "elsewhere.example"})[0] == 400


def test_a_class_has_its_public_address_and_a_phone_joins_there(lab):
    host, store = lab
    teacher, pupil = "1" * 32, "2" * 32
    room, _ = rooms.start(store.of(visits.name_of(teacher)))
    sent = texts(page(host, teacher, "class"))
    link = f"{PUBLIC}/join?code={room.code}"
    assert address.qr(link) in sent
    assert f"{PUBLIC}/join" in sent
    phone = page(host, pupil, "join", f"code={room.code}")
    (its,) = rooms.class_of(store, room.id)
    assert its.name in texts(phone)
    assert "Join a class" not in texts(page(host, pupil, "join", f"code={room.code}"))
    assert rooms.class_of(store, room.id) == [its]  # the same pupil after a reload

    waiting = f"/lab/digit-lab/room/{room.code}/all/0"
    status, _, body = get(host, waiting, {**PASSED_ON, "Cookie": f"{visits.COOKIE}={pupil}"})
    assert (status, json.loads(body)) == (200, {"count": rooms.look(store, room.id).changes})
    assert get(host, waiting, PASSED_ON)[0] == 404
