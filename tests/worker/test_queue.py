"""Trainings in a real worker process, and everything that can happen to one."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import sqlalchemy as sa

from core import paths
from core.models import classifiers
from core.nn.architectures import Conv2D, Dense, Flatten
from core.records import TrainConfig
from core.runs import executors, lost_workers, placement, processes, restarts
from core.runs import queue as core_jobs
from core.runs.control import NotAccepted
from core.runs.lost_workers import GONE, SILENCE, SILENCE_HERE, Watch
from core.runs.queue import Jobs
from core.storage.run_access import NotMine
from core.storage.run_claims import Claim
from core.storage.store import ACTIVE, Store, StoreError
from core.training import configs

ROOT = Path(__file__).parents[2]
SHORT = TrainConfig(
    (Conv2D(4, 5, stride=3), Flatten(), Dense(10, "softmax")),
    optimizer="Adam",
    learning_rate=0.005,
    batch_size=50,
    epochs=2,
    train_size=2000,
    validation_split=0.02,
)
LONG = replace(SHORT, epochs=500, train_size=60_000)


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    made = Jobs(Store(f"sqlite:///{tmp_path_factory.mktemp('jobs') / 'lab.db'}"))
    yield made
    made.close()


def wait(condition, seconds=150):
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.05)
    return answer


def ended(jobs, number):
    return wait(lambda: (run := jobs.store.run(number)).status not in ACTIVE and run)


def learning(jobs, number, images=1):
    """Wait until a run has a point and a checkpoint."""
    return wait(lambda: jobs.store.checkpoint(number) and jobs.store.run(number).images >= images)


def test_which_processes_live():
    """By number and start, so that a number that is used again fools nobody."""
    mine = processes.name()
    host, number, start = mine.rsplit(":", 2)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    gone = processes.name(ended.pid)
    wait(lambda: psutil.Process(ended.pid).status() == psutil.STATUS_ZOMBIE)
    assert not processes.lives(gone)
    ended.wait()
    assert not processes.lives(gone)
    assert processes.lives(mine)
    assert not processes.lives(f"{host}:{number}:{float(start) - 1:.2f}")
    assert processes.is_here(mine)
    assert not processes.is_here("a:host:with:colons:1:1.00")


def test_a_clock_that_is_set_leaves_the_living_alive(monkeypatch):
    """psutil counts a process's start from when the computer was started, which Linux counts from its clock."""
    mine = processes.name()
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: 12345.0)
    monkeypatch.setattr(time, "time", lambda: 12345.0)
    assert processes.lives(mine)


def test_a_worker_elsewhere_is_gone_when_its_heartbeat_stops(monkeypatch):
    """By this process's own steady clock: what time it is there and here does not matter."""
    clock = [100.0]
    monkeypatch.setattr(core_jobs.time, "monotonic", lambda: clock[0])
    there = Claim(1, "elsewhere:1:1.00", "token", heartbeat=5e9, status="running", stop=False)
    here = replace(there, run=2, worker=processes.name())
    watch = Watch()
    assert watch.gone([there, here]) == []
    clock[0] += SILENCE - 1
    assert watch.gone([there, here]) == []
    last_heartbeat = replace(there, heartbeat=4.0)  # its clock was set back
    clock[0] += SILENCE - 1
    assert watch.gone([last_heartbeat, here]) == []
    clock[0] += SILENCE + 1
    assert watch.gone([last_heartbeat, here]) == [
        last_heartbeat
    ]  # here, as long as its process lives, it may be busy
    clock[0] += SILENCE_HERE
    watch.forget()
    assert watch.gone([last_heartbeat, here]) == []
    clock[0] += SILENCE_HERE + 1
    assert watch.gone([last_heartbeat, here]) == [last_heartbeat, here]


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


def dying() -> ProcessPoolExecutor:
    """A worker that ends before it is there, as for want of memory."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=os._exit, initargs=(1,))


def test_a_worker_that_dies_at_its_start_is_tried_again_after_growing_pauses(tmp_path, monkeypatch):
    monkeypatch.setattr(restarts, "STARTS", 3)
    starts = []

    def make() -> ProcessPoolExecutor:
        starts.append(time.monotonic())
        return dying()

    threads = threading.active_count()
    jobs = Jobs(Store(f"sqlite:///{tmp_path / 'lab.db'}"), make)
    waiting = [jobs.submit(SHORT, name=f"run {n}") for n in range(5)]
    assert "tried again in" in wait(lambda: jobs.trouble)
    wait(lambda: "not tried again by itself" in jobs.trouble)
    assert "ended while it started, perhaps for want of memory" in jobs.trouble
    assert len(starts) == 3
    assert starts[1] - starts[0] >= 1
    assert starts[2] - starts[1] >= 2
    time.sleep(0.5)
    assert len(starts) == 3
    assert threading.active_count() <= threads + 3
    assert jobs._sent == {}
    assert jobs.store.waiting() == waiting
    jobs.stop(waiting[0])
    assert jobs.store.run(waiting[0]).status == "stopped"
    jobs.resume(waiting[0])  # somebody wants it once more
    wait(lambda: len(starts) == 4 and "not tried again by itself" in jobs.trouble)
    jobs.close()


class Short(Executor):
    """A worker that starts, and is gone when it is sent something: what it is sent is never begun."""

    def submit(self, *call: object) -> Future:
        future: Future = Future()
        if call[1] == "warm":
            future.set_result((processes.name(), "2 cores"))
        else:
            future.set_exception(BrokenProcessPool("A process in the pool was terminated abruptly."))
        return future


def test_a_worker_that_dies_before_it_claims_a_run_is_tried_again_after_growing_pauses(tmp_path, monkeypatch):
    monkeypatch.setattr(restarts, "STARTS", 3)
    starts = []

    def make() -> Executor:
        starts.append(time.monotonic())
        return Short()

    jobs = Jobs(Store(f"sqlite:///{tmp_path / 'lab.db'}"), make)
    waiting = [jobs.submit(SHORT, name=f"run {n}") for n in range(2)]
    wait(lambda: "not tried again by itself" in jobs.trouble)
    jobs.close()
    assert "ended before it began what waits" in jobs.trouble
    assert len(starts) == 3
    assert starts[1] - starts[0] >= 1
    assert starts[2] - starts[1] >= 2
    assert jobs.store.waiting() == waiting


class Silent(Executor):
    """Takes tasks and never comes to them."""

    def __init__(self) -> None:
        self.tasks: list[tuple] = []

    def submit(self, *call: object) -> Future:
        self.tasks.append(call[1:])
        return Future()


class Asked(Silent):
    """Begins and ends a training when the test says so."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store, self.begun = store, []

    def submit(self, *call: object) -> Future:
        future = super().submit(*call)
        if call[1] == "warm":
            future.set_result((processes.name(), "2 cores"))
        else:
            self.begun.append((call[3], self.store.claim(call[3], processes.name(), ""), future))
        return future

    def end(self) -> None:
        number, token, future = self.begun.pop()
        self.store.end(number, "done", "", token=token)
        future.set_result(None)


def test_each_waiting_run_is_one_task(tmp_path, monkeypatch):
    monkeypatch.setattr(core_jobs, "EVERY", 0.02)
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    executor = Asked(store)
    jobs = Jobs(store, lambda: executor)
    waiting = [jobs.submit(SHORT, name=f"run {n}") for n in range(5)]
    jobs.stop(waiting[2])
    jobs.resume(waiting[2])
    for _ in waiting:
        wait(lambda: executor.begun, 10)
        time.sleep(0.1)
        executor.end()
    time.sleep(0.1)
    jobs.close()
    assert executor.tasks[0] == ("warm",)
    assert sorted(number for _, _, number in executor.tasks[1:]) == waiting


def test_visitors_take_turns_and_what_learns_from_a_class_comes_first(tmp_path, monkeypatch):
    """One phone has five trainings waiting, another one, and then a teacher has the network learn."""
    monkeypatch.setattr(core_jobs, "EVERY", 0.02)
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    executor = Asked(store)
    jobs = Jobs(store, lambda: executor)
    many = [jobs.submit(SHORT, name="", visitor="a" * 32) for _ in range(5)]
    wait(lambda: executor.begun, 10)
    one = jobs.submit(SHORT, name="", visitor="b" * 32)
    its = jobs.submit(SHORT, name="", visitor="c" * 32, recipe="class")
    assert [store.position(number) for number in (many[0], its, one, many[1])] == [0, 1, 2, 3]
    for _ in range(7):
        wait(lambda: executor.begun, 10)
        executor.end()
    jobs.close()
    assert [number for _, _, number in executor.tasks[1:]] == [many[0], its, one, *many[1:]]


class Pool(ProcessPoolExecutor):
    """As this computer's own worker, which never comes to what it is sent."""

    def __init__(self) -> None:
        self.tasks: list[int] = []

    def submit(self, does, /, *given: object) -> Future:
        future: Future = Future()
        if given[:1] == ("warm",):
            future.set_result((processes.name(), "2 cores"))
        elif given:
            self.tasks.append(given[2])
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pass


def test_a_class_does_not_wait_for_a_training_of_an_hour(tmp_path, monkeypatch):
    monkeypatch.setattr(core_jobs, "EVERY", 0.02)
    monkeypatch.setattr(placement, "OPENER_BYTES", 0)
    second = Pool()
    monkeypatch.setattr(executors, "local", lambda: second)
    store, worker = Store(f"sqlite:///{tmp_path / 'lab.db'}"), Pool()
    jobs = Jobs(store, lambda: worker)
    long = jobs.submit(LONG, name="", visitor="a" * 32)
    wait(lambda: worker.tasks == [long], 10)
    other = jobs.submit(SHORT, name="", visitor="b" * 32)
    its = jobs.submit(SHORT, name="", visitor="c" * 32, recipe="class")
    wait(lambda: second.tasks == [its], 10)
    time.sleep(0.1)
    jobs.close()
    assert (worker.tasks, second.tasks) == ([long], [its])
    assert other in store.waiting()


@pytest.mark.parametrize("warm", [True, False])
def test_the_worker_is_there_before_anybody_trains_unless_it_is_to_wait_for_that(tmp_path, monkeypatch, warm):
    monkeypatch.setattr(core_jobs, "EVERY", 0.02)
    executor = Silent()
    jobs = Jobs(Store(f"sqlite:///{tmp_path / 'lab.db'}"), lambda: executor, warm)
    if warm:
        wait(lambda: executor.tasks == [("warm",)], 10)
    else:
        time.sleep(0.3)
        assert (executor.tasks, jobs.is_cold) == ([], True)
    number = jobs.submit(SHORT, name="short")
    wait(lambda: len(executor.tasks) == 2, 10)
    jobs.close()
    assert executor.tasks == [("warm",), ("train_run", jobs.store.url, number)]


@pytest.mark.parametrize(("said", "warm"), [(None, True), ("", True), ("1", True), ("0", False)])
def test_only_0_lets_the_worker_wait(monkeypatch, said, warm):
    if said is None:
        monkeypatch.delenv("DIGIT_LAB_WARM_WORKER", raising=False)
    else:
        monkeypatch.setenv("DIGIT_LAB_WARM_WORKER", said)
    assert paths.warm_worker() is warm


def test_the_dead_are_found_and_the_deleted_removed_while_it_runs(tmp_path, monkeypatch):
    """Of another server on the same folder, of `core train`, of a cluster: queued or running."""
    monkeypatch.setattr(core_jobs, "EVERY", 0.05)
    monkeypatch.setattr(core_jobs, "PURGE_EVERY", 0.1)
    monkeypatch.setattr(lost_workers, "SILENCE", 0.5)
    monkeypatch.setattr("core.storage.store.KEPT_AFTER_DELETE", 0.2)
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    jobs = Jobs(store, Silent)
    host, process, start = processes.name().rsplit(":", 2)
    dead = f"{host}:{process}:{float(start) - 1:.2f}"
    workers = (dead, dead, "elsewhere:1:1.00", processes.name(), "")
    running, queued, elsewhere, mine, gone = (store.add(SHORT, name="", worker=name) for name in workers)
    store.claim(running, dead, "")
    store.claim(elsewhere, "elsewhere:1:1.00", "")
    store.claim(mine, processes.name(), "")
    store.delete(gone)
    wait(lambda: store.run(gone) is None, 10)
    for number in (running, queued, elsewhere):
        wait(lambda n=number: store.run(n).status == "interrupted", 10)
        assert store.run(number).note == GONE
    assert store.run(mine).status == "running"
    jobs.close()


def test_a_worker_that_died_of_a_large_training_is_said_to_have_wanted_memory(tmp_path, monkeypatch):
    """The system ends a process that takes too much, which can tell nobody why."""
    monkeypatch.setattr(lost_workers.memory, "available", lambda: 10**9)
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    host, process, start = processes.name().rsplit(":", 2)
    for worker, memory in ((f"{host}:{process}:{float(start) - 1:.2f}", True), ("elsewhere:1:1.00", False)):
        number = store.add(SHORT, name="")
        store.claim(number, worker, "")
        (claim,) = store.claims()
        assert ("Perhaps memory was short" in lost_workers.why_gone(store, claim)) is memory
        store.end(number, "stopped", "")
    number = store.add(SHORT, name="")
    store.claim(number, f"{host}:{process}:{float(start) - 1:.2f}", "")
    lost_workers.interrupt_gone(store)
    assert store.run(number).note.startswith(f"{GONE} Perhaps memory was short: it needs about 0.8 GB")


def test_a_run_that_does_not_stop_is_taken_from_its_worker(tmp_path, monkeypatch):
    monkeypatch.setattr(core_jobs, "EVERY", 0.05)
    monkeypatch.setattr(core_jobs, "STUBBORN", 0.3)
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    jobs = Jobs(store, Silent)
    number = store.add(SHORT, name="", worker=processes.name())
    token = store.claim(number, processes.name(), "")
    jobs.stop(number)
    wait(lambda: store.run(number).status == "interrupted", 10)
    assert store.run(number).note == core_jobs.LET_GO
    with pytest.raises(NotMine):
        store.heartbeat(number, token)
    jobs.close()


PAGE_SERVER = """
import sys, time
from core.runs.queue import Jobs
from core.storage.store import Store
from tests.worker.test_queue import LONG, learning
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
