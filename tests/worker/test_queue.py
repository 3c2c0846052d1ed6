"""Trainings in a real worker process, and everything that can happen to one."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import sqlalchemy as sa

from core.models import classifiers
from core.nn.architectures import Dense, Flatten
from core.runs import executors, placement, processes
from core.runs import queue as core_jobs
from core.runs.control import NotAccepted
from core.runs.queue import Jobs
from core.storage.store import Store, StoreError
from core.training import configs
from tests.worker.queued_runs import LONG, SHORT, dying, ended, learning, wait

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    made = Jobs(Store(f"sqlite:///{tmp_path_factory.mktemp('jobs') / 'lab.db'}"))
    yield made
    made.close()


def test_a_training_leaves_curves_and_a_network_that_reads(jobs):
    drawing = np.zeros((28, 28), np.float32)
    drawing[4:24, 13:15] = 1
    number = jobs.submit(SHORT, name="short", recipe="", drawing=drawing)
    run = ended(jobs, number)
    assert (run.status, run.note, run.has_network) == ("done", "", True)
    points = jobs.store.metrics(number)
    assert [p.epoch for p in points if p.whole] == [1, 2]
    assert points[-1].images == run.images == 4000
    assert sum(points[-1].drawing) == pytest.approx(1, abs=1e-3)
    assert run.validation_accuracy == max(p.validation_accuracy for p in points if p.whole)
    assert run.test_accuracy > 0.7  # chance is 0.1
    said = jobs.store.probabilities(number)
    logits = classifiers.Classifier(jobs.store.network(number)).logits(np.zeros((1, 28, 28), np.float32))
    assert said.shape == (10_000, 10)
    assert np.isfinite(logits).all()
    counts = np.array(jobs.store.snapshot(number).confusion)
    assert counts.sum() == 1200  # 2% of 60,000
    assert np.trace(counts) / 1200 == pytest.approx(points[-1].validation_accuracy)
    assert jobs.device.endswith("cores")


def test_two_at_once_take_their_turns(jobs):
    first = jobs.submit(SHORT, name="first")
    second = jobs.submit(SHORT, name="second")
    assert jobs.store.position(second) == 1
    assert ended(jobs, second).status == "done"
    assert ended(jobs, first).status == "done"
    assert jobs.store.run(first).test_accuracy == jobs.store.run(second).test_accuracy  # the same seed


def test_stopping_keeps_the_best_and_resuming_goes_on(jobs):
    number = jobs.submit(LONG, name="long")
    learning(jobs, number, images=60_000)
    jobs.store.ask_to_stop(number)
    stopped = ended(jobs, number)
    assert (stopped.status, stopped.has_network) == ("stopped", True)
    assert "best weights until then are kept" in stopped.note
    seen = stopped.images
    jobs.resume(number)
    jobs.resume(number)  # it is on its way already
    wait(lambda: jobs.store.run(number).images > seen)
    jobs.store.ask_to_stop(number)
    ended(jobs, number)
    images = [p.images for p in jobs.store.metrics(number)]
    assert images == sorted(set(images))


def test_a_stop_before_the_first_batch(jobs):
    busy = jobs.submit(LONG, name="busy")
    waiting = jobs.submit(SHORT, name="waiting")
    jobs.store.ask_to_stop(waiting)
    assert jobs.store.run(waiting).status == "stopped"
    jobs.store.ask_to_stop(busy)  # perhaps before its own first batch
    assert ended(jobs, busy).status == "stopped"
    assert jobs.store.metrics(waiting) == []
    jobs.resume(waiting)
    assert ended(jobs, waiting).status == "done"


def test_a_killed_worker_interrupts_its_run_and_no_other(jobs):
    number = jobs.submit(LONG, name="long")
    waiting = jobs.submit(SHORT, name="waiting")
    learning(jobs, number)
    worker = next(worker for run, worker, _ in jobs.store.workers() if run == number)
    os.kill(int(worker.split(":")[1]), signal.SIGKILL)
    assert ended(jobs, number).status == "interrupted"
    assert jobs.store.run(number).note.startswith("Its worker ended unexpectedly; what it has learnt")
    wait(lambda: jobs.store.run(number).has_network)  # its best weights, made readable by the new worker
    assert jobs.store.run(number).status == "interrupted"
    assert ended(jobs, waiting).status == "done"
    before = jobs.store.keras_file(number)
    seen = jobs.store.checkpoint(number).images
    jobs.resume(number)
    wait(lambda: jobs.store.checkpoint(number).images > seen)
    (claim,) = jobs.store.claims()
    os.kill(processes.pid(claim.worker), signal.SIGKILL)  # a second time
    assert ended(jobs, number).status == "interrupted"
    wait(lambda: jobs.store.keras_file(number) != before)  # its best since are readable, not those from before
    jobs.resume(number)
    wait(lambda: jobs.store.checkpoint(number).images > seen)
    jobs.store.ask_to_stop(number)
    assert ended(jobs, number).status == "stopped"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process cannot be held there")
def test_a_worker_that_hangs_gives_way_to_another(jobs, monkeypatch):
    """Held by the system, it neither stops nor dies; what waits must not wait behind it."""
    monkeypatch.setattr(core_jobs, "STUBBORN", 1.0)
    number, waiting = jobs.submit(LONG, name="long"), jobs.submit(SHORT, name="waiting")
    learning(jobs, number)
    (claim,) = [claim for claim in jobs.store.claims() if claim.run == number]
    os.kill(processes.pid(claim.worker), signal.SIGSTOP)
    jobs.stop(number)
    assert ended(jobs, number).note == core_jobs.LET_GO
    assert ended(jobs, waiting).status == "done"
    assert not processes.lives(claim.worker)


def opened(jobs, network):
    """Bring the network of a run as if it came from a file; return the number of its run."""
    imported = configs.imported(network.layers)
    return jobs.open_network(imported, network.weights, name="from a file")


def test_a_file_does_not_wait_behind_a_training(jobs):
    """A second process opens it, which is gone afterwards; the training goes on."""
    trained = ended(jobs, jobs.submit(SHORT, name="short"))
    long, waiting = jobs.submit(LONG, name="long"), jobs.submit(SHORT, name="waiting")
    learning(jobs, long)
    before = set(jobs._placement.names)  # of other tests' interrupted runs
    number = opened(jobs, jobs.store.network(trained.id))
    assert (jobs.store.position(number), jobs.store.position(waiting)) == (0, 1)
    run = ended(jobs, number)
    assert (run.kind, run.status, run.has_network) == ("imported", "done", True)
    assert run.test_accuracy == trained.test_accuracy
    assert (jobs.store.run(long).status, jobs.store.run(waiting).status) == ("running", "queued")
    (name,) = jobs._placement.names - before
    wait(lambda: not processes.lives(name))
    with pytest.raises(ValueError, match="nobody knows how it was trained"):
        jobs.again(run, 1)
    jobs.stop(waiting)
    jobs.stop(long)
    assert ended(jobs, long).status == "stopped"


@pytest.mark.parametrize("why", ["no memory", "it ends at its start"])
def test_where_no_second_process_can_be_the_worker_opens_files(jobs, monkeypatch, why):
    trained = ended(jobs, jobs.submit(SHORT, name="short"))
    if why == "no memory":
        monkeypatch.setattr(placement, "OPENER_BYTES", 1e18)
    else:
        monkeypatch.setattr(executors, "local", dying)
    long = jobs.submit(LONG, name="long")
    learning(jobs, long)
    number = opened(jobs, jobs.store.network(trained.id))
    wait(lambda: number in jobs._sent and (why == "no memory" or number in jobs._placement.patient))
    assert jobs.store.run(number).status == "queued"
    jobs.stop(long)
    assert ended(jobs, number).status == "done"
    assert (jobs._placement.second, jobs._placement.with_second) == (None, set())


def test_a_learning_rate_of_1000_ends_with_a_sentence(jobs):
    for optimizer in ("SGD", "Adam"):
        run = ended(jobs, jobs.submit(replace(SHORT, optimizer=optimizer, learning_rate=1000.0), name="hot"))
        assert run.status == "failed"
        assert "loss grew beyond all bounds" in run.note
        assert "smaller" in run.note


def test_what_came_before_a_loss_without_bounds_is_kept(jobs):
    """A rate that climbs from harmless to absurd: the weights from before remain."""
    layers = (Flatten(), Dense(10, "softmax"))  # no ReLU that could die and save the loss
    climbing = replace(SHORT, layers=layers, optimizer="SGD", schedule="one-cycle", epochs=200)
    run = ended(jobs, jobs.submit(replace(climbing, learning_rate=10_000.0), name="climbing"))
    assert (run.status, run.has_network) == ("failed", True)
    assert run.test_accuracy > 0.2  # chance is 0.1
    assert "the best weights from before are kept" in run.note


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ((Flatten(), Dense(20, "softmax")), "The last layer has to be Dense 10 softmax"),
        (
            (Flatten(), Dense(4096), Dense(4096), Dense(10, "softmax")),
            "20,037,642 parameters; at most 10,000,000",
        ),
        ((Flatten(), Dense(10**6), Dense(10, "softmax")), "units is 1000000, but has to"),
        ((), "There is no layer yet"),
    ],
)
def test_networks_that_cannot_be_trained_are_not_queued(jobs, layers, sentence):
    before = len(jobs.store.runs())
    with pytest.raises(NotAccepted, match=sentence):
        jobs.submit(replace(SHORT, layers=layers), name="bad")
    assert len(jobs.store.runs()) == before


PAGE_SERVER = """
import sys, time
from core.runs.queue import Jobs
from core.storage.store import Store
from tests.worker.queued_runs import LONG, learning
if __name__ == "__main__":
    jobs = Jobs(Store(sys.argv[1]))
    number = jobs.submit(LONG, name="long")
    learning(jobs, number)
    print(number, jobs.store.workers()[0][1], flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_page_server_ends_and_starts_again(tmp_path, how):
    url = f"sqlite:///{tmp_path / 'lab.db'}"
    script = tmp_path / "page_server.py"
    script.write_text(PAGE_SERVER)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, script, url]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as server:
        number, worker = server.stdout.readline().decode().split()
        server.send_signal(how)
        server.wait(20)
    process = int(worker.split(":")[1])
    wait(lambda: not psutil.pid_exists(process), 20)  # no worker is left behind
    store = Store(url)
    assert store.run(int(number)).status == "running"
    jobs = Jobs(store)
    try:
        assert store.run(int(number)).status == "interrupted"
        wait(lambda: store.run(int(number)).has_network)
    finally:
        jobs.close()


def test_a_full_disk_ends_the_run_and_says_so(tmp_path, monkeypatch):
    """In this process, so that the disk can be full for this one database."""
    from core.worker import tasks  # noqa: PLC0415

    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    number = store.add(SHORT, name="short")
    with store._transaction() as connection:
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
    sa.event.listen(store._engine, "checkout", lambda c, *_: c.execute(f"PRAGMA max_page_count={pages + 6}"))
    monkeypatch.setattr(tasks, "open_store", lambda url: store)
    with pytest.raises(StoreError, match="The disk is full"):
        tasks.train_run(store.url, number)
    run = store.run(number)
    assert run.status == "interrupted"  # a few bytes that replace others still fit
    assert "The disk is full" in run.note
    assert store.requeue(number)  # once there is space again
