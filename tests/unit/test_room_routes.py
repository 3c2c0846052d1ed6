"""Waiting for changes of a room: answered when there is one, and one query for all who wait."""

import asyncio
import signal

import pytest
from starlette.requests import Request

from core.storage import room_events, rooms
from core.storage.store import open_store
from ui import room_routes, visits


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    return open_store()


def test_thirty_wait_with_one_query_and_hear_of_a_change(home, monkeypatch):
    room, _ = rooms.start(home.of("a" * 32))
    asked = []
    changes = rooms.changes
    monkeypatch.setattr(rooms, "changes", lambda store, codes: asked.append(codes) or changes(store, codes))

    async def wait():
        watcher = room_routes.Watcher()
        waiting = [asyncio.create_task(watcher.wait(room.code, 0, room.changes)) for _ in range(30)]
        await asyncio.sleep(3 * room_routes.EVERY)
        assert not any(task.done() for task in waiting)
        before = len(asked)
        await asyncio.to_thread(rooms.set_flags, home, room.id, hidden=True)
        counts = await asyncio.wait_for(asyncio.gather(*waiting), 5)
        assert len(asked) - before < 10
        await asyncio.sleep(3 * room_routes.EVERY)
        quiet = len(asked)
        await asyncio.sleep(3 * room_routes.EVERY)
        assert len(asked) == quiet  # nobody waits, so nobody asks
        return counts

    assert set(asyncio.run(wait())) == {room.changes + 1}


def test_a_phone_is_not_woken_by_another_phones_drawing(home, monkeypatch):
    monkeypatch.setattr(room_routes, "LONGEST", 0.6)
    room, _ = rooms.start(home.of("a" * 32))

    async def wait():
        watcher = room_routes.Watcher()
        waiting = asyncio.create_task(watcher.wait(room.code, 1, room.orders))
        await asyncio.to_thread(rooms.join, home.of("b" * 32), room.code)
        return await waiting

    assert asyncio.run(wait()) == room.orders


def test_who_has_seen_less_is_answered_at_once_and_of_no_room_with_nothing(home):
    room, _ = rooms.start(home.of("a" * 32))

    async def wait(code, seen):
        return await asyncio.wait_for(room_routes.Watcher().wait(code, 0, seen), 5)

    assert asyncio.run(wait(room.code, 0)) == room.changes
    assert asyncio.run(wait("ZZZZZ", 7)) == 0


def test_only_who_takes_part_is_told_anything(home, monkeypatch):
    """Else one could ask for all codes, and hear at once which of them are a room's."""
    monkeypatch.setattr(room_routes, "LONGEST", 0.3)
    tokens = {"teacher": "a" * 32, "pupil": "b" * 32, "out": "c" * 32, "other": "d" * 32}
    own = {name: home.of(visits.name_of(token)) for name, token in tokens.items()}
    room, _ = rooms.start(own["teacher"])
    _, out = (rooms.join(own[name], room.code)[1] for name in ("pupil", "out"))
    room_events.remove_pupil(own["teacher"], room.id, out.id)

    def answer(code, token):
        headers = [(b"host", b"10.0.0.1"), (b"cookie", f"{visits.COOKIE}={token}".encode())]
        asked = {"type": "http", "headers": headers, "client": ("10.0.0.9", 1), "method": "GET"}
        path = {"code": code, "what": "all", "seen": 0}
        return asyncio.run(room_routes._changes(Request({**asked, "path_params": path}))).status_code

    assert [answer(room.code, tokens[name]) for name in ("teacher", "pupil")] == [200, 200]
    refused = [answer(room.code, token) for token in (tokens["out"], tokens["other"], "")]
    assert [*refused, answer("ZZZZZ", tokens["pupil"])] == 4 * [404]


def test_nothing_is_kept_of_who_has_waited(home, monkeypatch):
    monkeypatch.setattr(room_routes, "LONGEST", 0.2)

    async def wait():
        watcher = room_routes.Watcher()
        await asyncio.gather(*(watcher.wait(code, 0, 0) for code in ("AAAAA", "BBBBB", "AAAAA")))
        await asyncio.sleep(3 * room_routes.EVERY)
        return dict(watcher.waiting), watcher.known

    assert asyncio.run(wait()) == ({}, {})


def test_who_waits_is_answered_when_the_server_is_told_to_end(home, monkeypatch):
    """It ends after its last answer: Ctrl C, or a container's stop, would take as long as a phone waits."""
    heard = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))

    async def wait():
        watcher = room_routes.Watcher()
        monkeypatch.setattr(room_routes, "_watchers", {asyncio.get_running_loop(): watcher})
        waiting = asyncio.create_task(watcher.wait("AAAAA", 0, 0))
        await asyncio.sleep(3 * room_routes.EVERY)
        assert not waiting.done()
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(waiting, 5)
        await asyncio.wait_for(watcher.wait("BBBBB", 0, 0), 5)  # nor is anybody else kept waiting

    try:
        interrupts = signal.getsignal(signal.SIGINT)
        room_routes.end_with_the_server()
        asyncio.run(wait())
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, interrupts)
    assert heard == [signal.SIGTERM]  # the server's own
