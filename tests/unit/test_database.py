"""The file or server that holds the store: full, away, damaged, of an earlier version; backups."""

import contextlib
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sqlalchemy as sa

from core import paths
from core.records import Checkpoint
from core.storage import database, migrations
from core.storage import store as stores
from core.storage.database import NotNow
from core.storage.store import Store, StoreError
from tests.browser.server import free_port
from tests.stored_runs import CHECKPOINT, CONFIG


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    number = store.add(CONFIG, name="mine")
    with store._transaction() as connection:
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
    sa.event.listen(store._engine, "checkout", lambda c, *_: c.execute(f"PRAGMA max_page_count={pages + 4}"))
    with pytest.raises(StoreError, match="The disk is full"):
        store.set_checkpoint(number, Checkpoint(1, 1, 1.0, (np.zeros(10**6),), {}, 1, 0.5))
    assert store.run(number).status == "queued"
    assert store.checkpoint(number) is None


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="The data folder cannot be written"):
        Store(f"sqlite:///{tmp_path / 'file' / 'home' / 'lab.db'}")


@pytest.mark.parametrize("url", ["nonsense", "oracle://x/y"])
def test_a_wrong_address_is_said(url):
    with pytest.raises(StoreError, match="The database cannot be opened"):
        Store(url)


def test_a_database_of_an_earlier_version_is_brought_up_to_date(store):
    """By several programs at once; its rows stay and can be trained."""
    number = store.add(CONFIG, name="old")
    with store._transaction() as connection:
        for change in (
            "ALTER TABLE runs DROP COLUMN token",
            "ALTER TABLE runs DROP COLUMN owed",
            "ALTER TABLE runs DROP COLUMN drawing",
            "DROP INDEX ix_runs_status",
            "DROP TABLE answers",
        ):
            connection.execute(sa.text(change))
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: Store(store.url), range(4)))
    assert [run.name for run in opened[0].runs()] == ["old"]
    assert opened[1].claim(number, "w:1:1", "")
    with opened[2]._transaction() as connection:
        assert not any(migrations._missing(connection))


def test_a_new_column_is_filled_in_old_rows_before_its_index(store, monkeypatch):
    old, new = sa.MetaData(), sa.MetaData()
    sa.Table("things", old, sa.Column("id", sa.Integer, primary_key=True))
    fill = "UPDATE things SET twice = 2 * id"
    sa.Table(
        "things",
        new,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("twice", sa.Integer, server_default="0", nullable=False, info={"fill": fill}),
        sa.Index("ix_things_twice", "twice", unique=True),
    )
    with store._transaction() as connection:
        old.create_all(connection)
        connection.execute(sa.text("INSERT INTO things (id) VALUES (1), (2)"))
    monkeypatch.setattr(migrations, "metadata", new)
    with store._transaction() as connection:
        migrations.upgrade(connection)
        assert connection.execute(sa.text("SELECT id, twice FROM things")).all() == [(1, 2), (2, 4)]
        new.drop_all(connection)


def test_connections_that_others_use_are_waited_for_and_then_said(store, monkeypatch):
    monkeypatch.setattr(store._engine.pool, "_timeout", 0.1)
    with contextlib.ExitStack() as stack:
        for _ in range(store._engine.pool.size() + store._engine.pool._max_overflow):
            stack.enter_context(store._engine.connect())
        with pytest.raises(NotNow, match="busy with many requests"):
            store.runs()
    assert store.runs() == []


@pytest.mark.parametrize("folder", ["a?b", "50%25", "50% #1", "ä b"])
def test_any_folder_holds_the_database(tmp_path, monkeypatch, folder):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path / folder))
    store = Store(paths.database())
    store.add(CONFIG, name="mine")
    assert {path.name for path in (tmp_path / folder).iterdir()} >= {"digit-lab.db"}
    assert [path.name for path in tmp_path.iterdir()] == [folder]
    assert [run.name for run in Store(store.url, make=False).runs()] == ["mine"]  # as a worker opens it


def test_a_deleted_database_is_noticed_and_a_new_start_makes_another(tmp_path):
    file = tmp_path / "lab.db"
    store = Store(f"sqlite:///{file}")
    store.add(CONFIG, name="mine")
    kept = tmp_path / "kept"
    store.backup(kept)
    file.unlink()
    for attempt in (store.runs, lambda: store.add(CONFIG, name="lost"), lambda: Store(store.url, make=False)):
        with pytest.raises(StoreError, match="is not there any more"):
            attempt()
    assert not file.exists()
    shutil.copy(kept, file)  # while the app runs
    assert [run.name for run in store.runs()] == ["mine"]
    file.unlink()
    assert Store(store.url).runs() == []  # what starting the app again does
    store.add(CONFIG, name="new")
    assert [run.name for run in store.runs()] == ["new"]


def test_a_damaged_database_is_said_with_advice_that_works(tmp_path):
    file = tmp_path / "lab.db"
    store = Store(f"sqlite:///{file}")
    store.add(CONFIG, name="mine")
    store.backup(tmp_path / "kept")
    store._engine.dispose()
    file.write_bytes(b"no database at all" * 500)
    for attempt in (store.runs, lambda: Store(store.url)):
        with pytest.raises(StoreError, match=r"is damaged \(.*\). Stop the app, move away this file and those"):
            attempt()
    for path in tmp_path.glob("lab.db*"):
        path.rename(tmp_path / f"damaged-{path.name}")
    shutil.copy(tmp_path / "kept", file)
    assert [run.name for run in Store(store.url).runs()] == ["mine"]


def test_a_backup_is_whole_while_others_write(store, tmp_path):
    if not store.url.startswith("sqlite"):
        with pytest.raises(StoreError, match="pg_dump"):
            store.backup(tmp_path / "kept")
        return
    over = threading.Event()

    def write():
        while not over.is_set():  # a run and its points in one transaction
            number = store.add(CONFIG, name="mine", checkpoint=CHECKPOINT)
            store.delete(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            store.backup(tmp_path / f"{number}")
    finally:
        over.set()
        writer.join()
    for number in range(5):
        kept = Store(f"sqlite:///{tmp_path / str(number)}")
        with kept._transaction() as connection:
            assert connection.execute(sa.text("PRAGMA integrity_check")).scalar_one() == "ok"
            runs, left = (
                connection.execute(sa.text(f"SELECT COUNT(*) FROM {table}")).scalar_one()
                for table in ("runs", "checkpoints")
            )
        assert runs == left
    with pytest.raises(StoreError, match="is there already"):
        store.backup(tmp_path / "0")
    with pytest.raises(StoreError, match="cannot be written"):
        store.backup(tmp_path / "nowhere" / "kept")


def test_a_locked_database_may_pass(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0)
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    with store._transaction() as connection:
        connection.execute(sa.text("BEGIN EXCLUSIVE"))
        with pytest.raises(NotNow, match="in use by another program"):
            store.add(CONFIG, name="mine")


def test_each_data_folder_has_its_own_store(monkeypatch, tmp_path):
    found = []
    for name in ("one", "other", "one"):
        monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path / name))
        found.append(stores.open_store())
    assert [store.url for store in found] == [
        f"sqlite:///{tmp_path / n / 'digit-lab.db'}" for n in ("one", "other", "one")
    ]
    assert found[0] is found[2]


def test_an_unreachable_server_is_said_soon_and_once(monkeypatch):
    url = f"postgresql://lab@localhost:{free_port()}/x"
    monkeypatch.setenv("DIGIT_LAB_DATABASE", url)
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(StoreError, match="The database's server cannot be reached just now"):
            stores.open_store()
    assert time.monotonic() - began < 10
