"""What is sent to which worker, and when."""

import time
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from core import paths
from core.records import Checkpoint
from core.runs import executors, placement, processes
from core.runs import queue as core_jobs
from core.runs.queue import Jobs
from core.storage import sweeps as stored_sweeps
from core.storage.store import Store
from core.training.search import Axis, Plan
from tests.worker.queued_runs import LONG, SHORT, Silent, wait


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


def test_what_carries_on_one_sweep_leaves_alone_what_others_have_waiting(tmp_path, monkeypatch):
    """Their trainings, their sweep, and what an interrupted run of theirs has left."""
    monkeypatch.setattr(core_jobs, "EVERY", 0.02)
    monkeypatch.setattr(core_jobs, "SWEEPING", 0.02)
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    plan = Plan((Axis("batch_size", (25, 50)),), budget=2)
    waits = store.add(SHORT, name="", visitor="a" * 32)
    other = stored_sweeps.add(store, SHORT, plan, name="", visitor="a" * 32)
    rest = store.add(SHORT, name="", visitor="b" * 32)
    token = store.claim(rest, processes.name(), "")
    store.set_checkpoint(rest, Checkpoint(1, 50, 1.0, (), {}, 1, 0.5), token=token)
    store.end(rest, "interrupted", "", token=token)
    executor = Asked(store)
    jobs = Jobs(store, lambda: executor, only_taken_on=True)
    number = jobs.sweep(SHORT, plan, name="", visitor="c" * 32)
    jobs.take_on(number)
    for _ in range(2):
        wait(lambda: executor.begun, 10)
        executor.end()
    wait(lambda: stored_sweeps.one(store, number).status == "done", 10)
    time.sleep(0.1)
    jobs.close()
    mine = sorted(trial.run for trial in stored_sweeps.trainings(store, number))
    assert [task[0::2] for task in executor.tasks[1:]] == [("train_run", run) for run in mine]
    assert (store.run(waits).status, store.owed()) == ("queued", [rest])
    assert [trial.status for trial in stored_sweeps.trainings(store, other)] == ["waiting"] * 2


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
