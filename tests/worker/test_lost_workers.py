"""Workers that are gone, or do not come: how it is noticed, and what is done."""

import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import psutil
import pytest

from core.runs import lost_workers, processes, restarts
from core.runs import queue as core_jobs
from core.runs.lost_workers import GONE_EARLY, SILENCE, SILENCE_HERE, Watch
from core.runs.queue import Jobs
from core.storage.run_access import NotMine
from core.storage.run_claims import Claim
from core.storage.store import Store
from tests.worker.queued_runs import SHORT, Silent, dying, wait


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
        assert store.run(number).note == GONE_EARLY
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
    assert store.run(number).note.startswith(f"{GONE_EARLY} Perhaps memory was short: it needs about 0.8 GB")


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
