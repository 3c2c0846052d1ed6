"""The store on a real SQLite file, and on a real PostgreSQL server where one can be started."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from core import store as stores
from core import tables
from core.architectures import Activation, BatchNormalization, Conv2D, Dense, Flatten
from core.records import Checkpoint, Metric, Network, Snapshot, TrainConfig
from core.store import Store, StoreError
from tests import postgres

CONFIG = TrainConfig((Flatten(), Dense(10, "softmax")), optimizer="SGD", epochs=2)
POINT = Metric(
    images=500,
    epoch=0.5,
    seconds=1.5,
    train_accuracy=0.75,
    train_loss=0.9,
    validation_accuracy=0.8,
    validation_loss=0.7,
    whole=True,
    drawing=(0.1,) * 10,
)


@pytest.fixture(scope="session")
def postgres_url():
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    if request.param == "sqlite":
        yield Store(f"sqlite:///{tmp_path / 'new' / 'lab.db'}")
        return
    url = request.getfixturevalue("postgres_url")
    if url is None:
        pytest.skip("no PostgreSQL server can be started here")
    yield Store(url)
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        tables.metadata.drop_all(connection)
    engine.dispose()


def network() -> Network:
    weights = {"dense_1/kernel": np.arange(7840, dtype=np.float32).reshape(784, 10)}
    return Network("mine", CONFIG.layers, weights, b"litert", {})


def finish(store: Store, number: int) -> None:
    said = np.full((10_000, 10), 0.1, np.float32)
    store.finish(number, network(), b"keras", said, test_accuracy=0.91, status="done", note="")


def test_a_run_goes_from_queued_to_done(store):
    drawing = np.random.default_rng(0).random((28, 28), np.float32)
    number = store.add(CONFIG, name="mine", visitor="me", recipe="", drawing=drawing)
    queued = store.run(number)
    assert (queued.status, queued.config, queued.readable) == ("queued", CONFIG, False)
    assert store.claim(number, "host:1:2", "two cores")
    assert store.run(number).status == "running"
    store.add_metric(number, POINT, images_per_second=1000)
    assert store.metrics(number) == [POINT]
    assert (store.run(number).images, store.run(number).images_per_second) == (500, 1000)
    assert np.array_equal(store.drawing(number), drawing)
    finish(store, number)
    done = store.run(number)
    assert (done.status, done.test_accuracy, done.readable, done.device) == ("done", 0.91, True, "two cores")
    found = store.network(number)
    assert np.array_equal(found.weights["dense_1/kernel"], network().weights["dense_1/kernel"])
    assert (found.litert, store.keras_file(number)) == (b"litert", b"keras")
    assert store.probabilities(number).shape == (10_000, 10)


FOLDS = (Conv2D(2, 3, activation="linear"), BatchNormalization(), Activation("relu"), *CONFIG.layers)


@pytest.mark.parametrize(
    ("names", "layers"),
    [
        (("conv2d_1/kernel", "dense_1/kernel"), (Conv2D(2, 3), *CONFIG.layers)),
        # by a version that did not fold
        (("conv2d_1/kernel", "batchnormalization_1/gamma", "dense_1/kernel"), FOLDS),
    ],
)
def test_a_network_has_the_layers_that_its_weights_are_of(tmp_path, names, layers):
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    number = store.add(replace(CONFIG, layers=FOLDS), name="mine")
    weights = {name: np.ones(3, np.float32) for name in names}
    stored = Network("mine", layers, weights, b"litert", {})
    store.finish(number, stored, b"keras", np.full((10_000, 10), 0.1), test_accuracy=0.9, status="done")
    assert store.network(number).layers == layers
    assert store.network(number).weights.keys() == weights.keys()
    assert store.run(number).config.layers == FOLDS


def test_a_run_is_claimed_once(store):
    number = store.add(CONFIG, name="one")
    won = []
    threads = [
        threading.Thread(target=lambda i=i: won.append(store.claim(number, f"host:{i}:0", "")))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, won)) == [False] * 7 + [True]


def test_the_queue_counts_who_comes_before(store):
    first, second, third = (store.add(CONFIG, name=name) for name in "abc")
    assert [store.position(n) for n in (first, second, third)] == [0, 1, 2]
    store.claim(first, "w:1:1", "")
    assert [store.position(n) for n in (second, third)] == [1, 2]
    store.ask_to_stop(second)
    assert store.run(second).status == "stopped"
    assert store.position(third) == 1
    assert store.waiting() == [third]


def test_a_stop_reaches_the_worker(store):
    number = store.add(CONFIG, name="mine")
    store.claim(number, "w:1:1", "")
    assert not store.beat(number)
    store.ask_to_stop(number)
    assert store.beat(number)
    assert store.run(number).status == "running"  # until the worker has seen it


def test_deleting_can_be_undone_for_a_day(store):
    number = store.add(CONFIG, name="mine")
    store.add_metric(number, POINT, 1)
    store.delete(number)
    assert store.runs() == []
    assert not store.claim(number, "w:1:1", "")
    store.purge()
    store.undelete(number)
    assert [run.id for run in store.runs()] == [number]
    assert store.metrics(number) == [POINT]
    store.delete(number)
    store.purge(now=stores.time.time() + stores.KEPT_AFTER_DELETE + 1)
    assert store.run(number) is None
    assert store.metrics(number) == []


def test_another_drawing_takes_the_place_of_the_one_before(store):
    number = store.add(CONFIG, name="mine", drawing=np.zeros((28, 28)))
    store.add_metric(number, POINT, 1)
    store.set_drawing(number, np.ones((28, 28)))
    assert store.drawing(number).tolist() == np.ones((28, 28)).tolist()
    assert store.metrics(number) == [replace(POINT, drawing=None)]


def test_checkpoints_and_snapshots_replace_the_one_before(store):
    number = store.add(CONFIG, name="mine")
    assert store.checkpoint(number) is None
    assert store.snapshot(number) is None
    for step in (1, 2):
        state = (np.full(3, step, np.float32), np.array(7, np.int64))
        store.set_checkpoint(number, Checkpoint(step, 10, 1.0, state, {"a/b": np.eye(2)}, step, 0.5))
        store.set_snapshot(number, Snapshot(step, ((1, 2), (3, 4)), ((5, 4, 9, 0.98),)))
    found = store.checkpoint(number)
    assert (found.step, found.best_epoch) == (2, 2)
    assert found.state[0].tolist() == [2, 2, 2]
    assert (found.state[1].dtype, found.state[1].shape) == (np.int64, ())
    assert found.best["a/b"].tolist() == [[1, 0], [0, 1]]
    assert store.snapshot(number) == Snapshot(2, ((1, 2), (3, 4)), ((5, 4, 9, 0.98),))
    assert store.run(number).validation_accuracy == 0.5


def test_only_the_dead_workers_run_is_interrupted(store):
    number = store.add(CONFIG, name="mine")
    store.claim(number, "w:1:1", "")
    assert [row[:2] for row in store.workers()] == [(number, "w:1:1")]
    assert not store.interrupt(number, "w:2:2", "gone")
    assert store.interrupt(number, "w:1:1", "gone")
    assert (store.run(number).status, store.run(number).note) == ("interrupted", "gone")
    assert store.requeue(number)
    assert not store.requeue(number)


def test_a_network_that_cannot_be_stored_whole_leaves_the_one_before(store):
    number = store.add(CONFIG, name="mine")
    finish(store, number)
    with pytest.raises(StoreError):
        store.finish(number, network(), None, np.zeros((1, 10)), test_accuracy=0.1, status="failed")  # no keras
    assert store.keras_file(number) == b"keras"
    assert (store.run(number).status, store.run(number).test_accuracy) == ("done", 0.91)


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
        assert not any(tables._missing(connection))


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
    monkeypatch.setattr(tables, "metadata", new)
    with store._transaction() as connection:
        tables.upgrade(connection)
        assert connection.execute(sa.text("SELECT id, twice FROM things")).all() == [(1, 2), (2, 4)]
        new.drop_all(connection)
