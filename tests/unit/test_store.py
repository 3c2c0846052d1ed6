"""The store on a real SQLite file, and on a real PostgreSQL server where one can be started."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from core.nn.architectures import Activation, BatchNormalization, Conv2D
from core.records import Checkpoint, Network, Snapshot
from core.storage import store as stores
from core.storage.run_access import NotMine
from core.storage.store import Store, StoreError
from tests.stored_runs import CHECKPOINT, CONFIG, POINT


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
    assert (queued.status, queued.config, queued.has_network) == ("queued", CONFIG, False)
    assert store.claim(number, "host:1:2", "two cores")
    assert store.run(number).status == "running"
    store.add_metric(number, POINT, images_per_second=1000)
    assert store.metrics(number) == [POINT]
    assert (store.run(number).images, store.run(number).images_per_second) == (500, 1000)
    assert np.array_equal(store.drawing(number), drawing)
    finish(store, number)
    done = store.run(number)
    assert (done.status, done.test_accuracy, done.has_network, done.device) == ("done", 0.91, True, "two cores")
    found = store.network(number)
    assert np.array_equal(found.weights["dense_1/kernel"], network().weights["dense_1/kernel"])
    assert (found.litert, store.keras_file(number)) == (b"litert", b"keras")
    assert store.probabilities(number).shape == (10_000, 10)


def test_what_a_finished_network_was_measured_to_do_stays_with_its_run(store):
    """Also where it is made readable once more by somebody who has measured less."""
    number = store.add(CONFIG, name="mine")
    measured = {"test_loss": 0.31, "training_figures": (0.95, 0.2), "dtype": "bfloat16"}
    store.finish(number, network(), b"", None, test_accuracy=0.91, status="done", **measured)
    finish(store, number)
    run = store.run(number)
    assert (run.test_loss, run.train_accuracy, run.train_loss, run.dtype) == (0.31, 0.95, 0.2, "bfloat16")


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


def test_a_deleted_run_is_not_claimed(store):
    """Nor is it resumed: brought back, it stands as it was deleted and does not begin by itself."""
    number = store.add(CONFIG, name="")
    store.delete(number)
    assert not store.requeue(number)
    assert store.claim(number, "host:1:1", "") == ""
    store.undelete(number)
    assert (store.run(number).status, store.waiting()) == ("stopped", [])
    assert store.requeue(number)
    store._update(number, deleted=1.0)  # as a server of an earlier version may leave it
    assert store.claim(number, "host:1:1", "") == ""
    store._update(number, deleted=None)
    assert store.claim(number, "host:1:1", "")


def test_a_deletion_is_one_transaction(store):
    """Whoever resumes a run while it is deleted comes before or after: it is never queued and hidden."""
    number = store.add(CONFIG, name="")
    commits: list[object] = []
    sa.event.listen(store._engine, "commit", commits.append)
    store.delete(number)
    assert len(commits) == 1
    assert (store.run(number).status, store.runs()) == ("stopped", [])


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
    assert not store.heartbeat(number)
    store.ask_to_stop(number)
    assert store.heartbeat(number)
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
        store.set_snapshot(number, Snapshot(step, ((1, 2), (3, 4)), ((5, 4, 9, 0.98),), "digest"))
    found = store.checkpoint(number)
    assert (found.step, found.best_epoch) == (2, 2)
    assert found.state[0].tolist() == [2, 2, 2]
    assert (found.state[1].dtype, found.state[1].shape) == (np.int64, ())
    assert found.best["a/b"].tolist() == [[1, 0], [0, 1]]
    assert store.snapshot(number) == Snapshot(2, ((1, 2), (3, 4)), ((5, 4, 9, 0.98),), "digest")
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


def test_only_the_writer_of_a_claim_writes(store):
    """Taken for dead and resumed by another, the first worker changes nothing more."""
    number = store.add(CONFIG, name="mine")
    first = store.claim(number, "w:1:1", "")
    store.add_metric(number, POINT, 1, token=first)
    store.set_checkpoint(number, CHECKPOINT, token=first)
    assert store.interrupt(number, "w:1:1", "gone", token=first)
    assert store.requeue(number)
    second = store.claim(number, "w:1:1", "")  # the same process may claim it again
    assert not store.interrupt(number, "w:1:1", "gone", token=first)
    for write in (
        lambda: store.heartbeat(number, first),
        lambda: store.add_metric(number, replace(POINT, images=9), 1, token=first),
        lambda: store.set_snapshot(number, Snapshot(1, (), ()), token=first),
        lambda: store.set_checkpoint(number, replace(CHECKPOINT, step=9), token=first),
        lambda: store.forget_metrics_after(number, 0, token=first),
        lambda: store.finish(number, network(), b"", None, test_accuracy=1.0, status="done", token=first),
        lambda: store.end(number, "failed", "no", token=first),
    ):
        with pytest.raises(NotMine):
            write()
    assert store.metrics(number) == [POINT]
    assert store.checkpoint(number).step == CHECKPOINT.step
    assert (store.snapshot(number), store.network(number)) == (None, None)
    assert store.run(number).status == "running"
    store.finish(number, network(), b"", None, test_accuracy=0.5, status="done", token=second)
    assert store.run(number).status == "done"
    with pytest.raises(NotMine):
        store.heartbeat(number, second)


def test_a_run_for_one_worker_is_left_by_the_others(store):
    number = store.add(CONFIG, name="mine", worker="me:1:1")
    assert store.waiting() == []
    assert not store.claim(number, "other:1:1", "")
    assert [(claim.run, claim.worker, claim.status) for claim in store.claims()] == [
        (number, "me:1:1", "queued")
    ]
    assert store.claim(number, "me:1:1", "")
    store.end(number, "stopped", "")
    assert store.requeue(number, "me:1:1")
    assert store.interrupt(number, "me:1:1", "gone")  # it was killed before it began
    assert (store.run(number).status, store.run(number).note) == ("interrupted", "gone")
    assert store.requeue(number)
    assert store.waiting() == [number]


def test_what_an_interrupted_run_left_is_made_readable_within_two_tries(store):
    number = store.add(CONFIG, name="mine")
    token = store.claim(number, "w:1:1", "")
    store.set_checkpoint(number, CHECKPOINT, token=token)
    assert store.owed() == []
    store.interrupt(number, "w:1:1", "gone.")
    for left in (1, 0):
        assert store.owed() == [number]
        token = store.claim_rest(number, "w:2:2")
        assert token
        assert not store.claim_rest(number, "w:3:3")
        assert store.owed() == []
        assert store.interrupt(number, "w:2:2", "not said", token=token)
        assert store.run(number).note.startswith("gone.")
        assert ("for want of memory" in store.run(number).note) is (left == 0)
    assert store.owed() == []  # a worker that dies of it is not sent it for ever
    store.requeue(number)
    store.claim(number, "w:1:1", "")
    store.interrupt(number, "w:1:1", "gone")  # killed a second time
    assert store.claim_rest(number, "w:1:1")
    finish(store, number)
    assert store.owed() == []


def test_one_unreadable_row_costs_that_row(store):
    good, bad = store.add(CONFIG, name="good"), store.add(CONFIG, name="bad")
    finish(store, bad)
    for number in (good, bad):
        store.add_metric(number, POINT, 1)
        store.add_metric(number, replace(POINT, images=600), 1)
    store.set_snapshot(bad, Snapshot(1, (), ()))
    with store._transaction() as connection:
        for change in (
            'UPDATE runs SET config = \'{"layers": [{"kind": "Dense"}]}\' WHERE id = 2',
            "UPDATE metrics SET drawing = 'no json' WHERE images = 600",
            "UPDATE snapshots SET worst = 'no json'",
            "UPDATE networks SET probabilities = weights",
        ):
            connection.execute(sa.text(change))
        connection.execute(sa.text("UPDATE networks SET probabilities = :x"), {"x": b"no zip"})
    assert [run.id for run in store.runs()] == [good]
    assert store.run(bad) is None
    assert store.metrics(good) == [POINT]
    for read in (store.snapshot, store.probabilities):
        with pytest.raises(StoreError, match="What is stored of run 2 is damaged"):
            read(bad)


def test_what_is_written_of_a_run_stays_and_there_is_one_baseline(store):
    mine, other, anothers = (store.add(CONFIG, name="mine", visitor=who) for who in ("a", "a", "b"))
    store.describe(anothers, name="", notes="", tags="", baseline=True)
    store.describe(mine, name="tried", notes="a, b\nc", tags="small, fast", baseline=True)
    run = store.run(mine)
    assert (run.name, run.notes, run.tags, run.baseline) == ("tried", "a, b\nc", "small, fast", True)
    store.of("a").describe(other, name="", notes="", tags="", baseline=True)
    assert [store.run(n).baseline for n in (mine, other, anothers)] == [False, True, True]
    assert (store.run(other).name, store.run(mine).tags) == ("mine", "small, fast")
    with pytest.raises(StoreError, match="not yours"):
        store.of("b").describe(mine, name="taken", notes="", tags="", baseline=False)
