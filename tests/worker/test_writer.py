"""What a worker writes, while the database is in use, away, or its run is taken from it."""

import sqlite3
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.runs import processes
from core.storage import database, steering
from core.storage.database import NotNow
from core.storage.run_access import NotMine
from core.storage.store import Store
from core.worker import writer
from core.worker.writer import Writer
from tests.stored_runs import CHECKPOINT, CONFIG, POINT
from tests.worker.queued_runs import wait


@pytest.fixture
def mine(store, monkeypatch):
    monkeypatch.setattr(writer, "_HEARTBEAT", 0.05)
    monkeypatch.setattr(writer, "_POLL", 0.02)
    run_id = store.add(CONFIG, name="mine")
    with Writer(store, run_id, store.claim(run_id, processes.name(), "")) as made:
        yield made


def heartbeat(mine: Writer) -> float:
    return next(claim.heartbeat for claim in mine.store.claims())


def test_a_long_step_does_not_look_dead(mine):
    """The heartbeat comes from a thread: nothing is asked of the training meanwhile."""
    before = heartbeat(mine)
    wait(lambda: heartbeat(mine) != before, 10)
    assert not mine.should_stop()
    mine.store.ask_to_stop(mine.run_id)
    wait(mine.should_stop, 10)


@pytest.fixture
def shared(store, monkeypatch):
    """A training of somebody's that others may wait for: at once, not for ten minutes."""
    monkeypatch.setattr(writer, "_HEARTBEAT", 0.05)
    monkeypatch.setattr(writer, "_POLL", 0.02)
    monkeypatch.setattr(writer, "GIVES_WAY", 0.4)
    run_id = store.add(CONFIG, name="mine", visitor="a" * 16)
    with Writer(store, run_id, store.claim(run_id, processes.name(), ""), gives_way=True) as made:
        yield made


def test_what_is_paused_stops_once_others_have_waited_for_ten_minutes(shared):
    """What its own visitor has waiting is no reason to, nor is what trains elsewhere."""
    store = shared.store
    own, elsewhere = (store.add(CONFIG, name="", visitor=whose * 16) for whose in "ab")
    store.claim(elsewhere, "host:1:2", "")
    steering.ask(store, shared.run_id, "pause")
    time.sleep(1)
    assert (store.run(own).status, shared.should_stop()) == ("queued", False)
    store.add(CONFIG, name="", visitor="b" * 16)
    began = time.monotonic()
    wait(shared.should_stop, 10)
    assert time.monotonic() - began > writer.GIVES_WAY
    assert shared.gave_way


def test_what_is_asked_of_a_paused_training_begins_the_ten_minutes_anew(shared, monkeypatch):
    monkeypatch.setattr(writer, "GIVES_WAY", 1.5)
    store = shared.store
    store.add(CONFIG, name="", visitor="b" * 16)
    steering.ask(store, shared.run_id, "pause")
    for name in ("batch", "epoch", "batch"):
        time.sleep(0.75)
        steering.ask(store, shared.run_id, name)
    time.sleep(0.75)
    assert not shared.should_stop()  # after three seconds
    steering.ask(store, shared.run_id, "resume")
    time.sleep(2)
    assert not shared.should_stop()


def test_slow_motion_ends_once_others_have_waited_for_ten_minutes(shared):
    store = shared.store
    steering.ask(store, shared.run_id, "slow")
    time.sleep(1)
    assert [one.name for one in steering.requests(store, shared.run_id)] == ["slow"]
    store.add(CONFIG, name="", visitor="b" * 16)
    wait(lambda: steering.pace(steering.requests(store, shared.run_id)) == "resume", 10)
    wait(lambda: [one.name for one in shared.requests()] == ["slow", "resume"], 10)
    assert (shared.should_stop(), shared.gave_way) == (False, False)


def test_who_has_lost_its_run_stops_and_writes_nothing(mine):
    assert mine.store.interrupt(mine.run_id, processes.name(), "taken for dead")
    wait(mine.should_stop, 10)
    with pytest.raises(NotMine):
        mine.add_metric(POINT, 1)
    with pytest.raises(NotMine):
        mine.end("done", "")
    assert mine.store.metrics(mine.run_id) == []
    assert mine.store.run(mine.run_id).note == "taken for dead"


def test_connections_that_the_server_has_ended_are_made_anew(mine):
    """As a restarted PostgreSQL leaves them."""
    if mine.store.url.startswith("sqlite"):
        pytest.skip("SQLite has no server")
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    engine = sa.create_engine(sa.make_url(mine.store.url).set(drivername="postgresql+psycopg"))
    for images in (500, 600):
        with engine.begin() as connection:
            connection.execute(sa.text(f"{others} AND datname = current_database()"))
        mine.add_metric(replace(POINT, images=images), 1)
    engine.dispose()
    mine.now()
    assert [point.images for point in mine.store.metrics(mine.run_id)] == [500, 600]


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """A writer on a SQLite file, and a connection of another program's to it."""
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0)
    its_store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    run_id = its_store.add(CONFIG, name="mine")
    other = sqlite3.connect(tmp_path / "lab.db", isolation_level=None)
    yield Writer(its_store, run_id, its_store.claim(run_id, processes.name(), "")), other
    other.close()


def test_a_training_goes_on_while_the_database_is_in_use(locked):
    mine, other = locked
    other.execute("BEGIN IMMEDIATE")
    for step in (1, 2, 3):
        mine.add_metric(replace(POINT, images=step), 1)
        mine.set_checkpoint(replace(CHECKPOINT, step=step))
    assert len(mine._late) == 4  # of checkpoints, only the last
    assert mine.drawing() is None
    other.execute("ROLLBACK")
    mine.add_metric(replace(POINT, images=4), 1)
    assert [point.images for point in mine.store.metrics(mine.run_id)] == [1, 2, 3, 4]
    assert mine.store.checkpoint(mine.run_id).step == 3


def test_patience_ends_with_the_sentence(locked, monkeypatch):
    monkeypatch.setattr(writer, "PATIENCE", 0.2)
    monkeypatch.setattr(writer, "_AGAIN", 0.05)
    mine, other = locked
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(NotNow, match="in use by another program"):
        mine.end("done", "")
    assert 0.2 <= time.monotonic() - began < 10


def test_two_short_outages_far_apart_are_no_long_one(locked, monkeypatch):
    """The heartbeats between them have reached the database, though the training had nothing to say."""
    monkeypatch.setattr(writer, "PATIENCE", 0.6)
    monkeypatch.setattr(writer, "_HEARTBEAT", 0.05)
    monkeypatch.setattr(writer, "_POLL", 0.02)
    mine, other = locked
    with mine:
        for images in (1, 2):
            other.execute("BEGIN IMMEDIATE")
            mine.add_metric(replace(POINT, images=images), 1)
            before = mine._reached
            other.execute("ROLLBACK")
            wait(lambda before=before: mine._reached > before + 0.7, 10)
        mine.now()
    assert [point.images for point in mine.store.metrics(mine.run_id)] == [1, 2]


def test_what_has_to_be_stored_is_tried_for_a_while_however_long_the_rest_is_late(locked, monkeypatch):
    monkeypatch.setattr(writer, "PATIENCE", 5.0)
    monkeypatch.setattr(writer, "_AGAIN", 0.05)
    mine, other = locked
    other.execute("BEGIN IMMEDIATE")
    mine.add_metric(POINT, 1)
    clock = time.monotonic
    monkeypatch.setattr(writer.time, "monotonic", lambda: clock() + 100)  # a long epoch
    tries, store_late = [], mine._store

    def store_and_free():
        tries.append(store_late())
        if len(tries) == 2:
            other.execute("ROLLBACK")
        return tries[-1]

    monkeypatch.setattr(mine, "_store", store_and_free)
    mine.end("done", "")
    assert [bool(refused) for refused in tries] == [True, True, False]
    assert mine.store.run(mine.run_id).status == "done"
