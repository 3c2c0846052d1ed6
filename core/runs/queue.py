"""Trainings: submit, stop, resume, and what to do when a worker dies.

Tasks go to an Executor of `concurrent.futures` (`executors`): one warm worker process on this computer, or the
workers of a Dask cluster. Whatever they need and whatever they say travels through the database.

A thread looks after it all: every few seconds, and whenever somebody has asked for something, it marks the runs
whose worker is gone, starts a worker where there is none (`restarts` says when), and sends what waits, each run
once, to the process that `placement` names.
"""

import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import cache

from core import paths
from core.runs import executors, lost_workers, processes, sweeps
from core.runs.control import RunControl
from core.runs.executors import closing
from core.runs.lost_workers import Watch
from core.runs.placement import Placement
from core.runs.restarts import Restarts
from core.storage import rooms
from core.storage import sweeps as stored_sweeps
from core.storage.run_claims import Claim
from core.storage.store import ACTIVE, Store, StoreError, open_store

_NO_START = (
    "The worker, which trains, ended while it started, perhaps for want of memory: TensorFlow needs about 1 GB."
)
_NO_BEGIN = "The worker, which trains, ended before it began what waits, perhaps for want of memory."
EVERY = 5.0  # seconds between two looks at all runs
SWEEPING = 1.0  # the same, while a sweep goes on: some of its trainings are to be stopped soon
PURGE_EVERY = 600.0  # seconds between two removals of what was deleted a day ago
STUBBORN = 120.0  # seconds after which a run that was asked to stop is taken from its worker
LET_GO = "It did not stop for two minutes, so it was taken from its worker; it can be resumed."


def jobs() -> "Jobs":
    """Return this process's way to its workers, started at the first call. Raises StoreError."""
    with _starting:
        return _jobs(open_store())


@cache
def _jobs(store: Store) -> "Jobs":
    return Jobs(store, warm=paths.warm_worker())


_starting = threading.Lock()  # two visitors at once must not start two workers


class Jobs(RunControl):
    """Submits runs of `store` to an executor and watches over them. Raises StoreError.

    Where `warm` is False, a worker is only started when there is something for it to do. With `only_taken_on`
    nothing is done but the sweeps that `take_on` names: what others have waiting is left to their programs.
    """

    def __init__(
        self,
        store: Store,
        make_executor: Callable[[], Executor] | None = None,
        warm: bool = True,
        *,
        only_taken_on: bool = False,
    ):
        self.store = store
        self._warm = warm
        self.failures = {}
        self._make_executor = make_executor or (executors.cluster if paths.cluster() else executors.local)
        self._lock = threading.Lock()
        self._placement = Placement()
        self._restarts = Restarts(endless=self._make_executor is executors.cluster)
        self._sent: dict[int, Future] = {}  # run -> the task that is with an executor
        self._workers: set[str] = set()  # names of this process's present executor
        self._hopeless: set[int] = set()  # of the failures, those that another try would not mend
        self._stops: dict[int, float] = {}  # run -> since when it was seen to be asked to stop
        self._sweeping = False  # does one go on?
        self._taken_on: set[int] | None = set() if only_taken_on else None  # sweeps; None: whatever waits
        self._watch, self._purged = Watch(), -PURGE_EVERY
        self._wake, self._closed = threading.Event(), False
        self.recover()
        threading.Thread(target=self._look_after, name="digit-lab-jobs", daemon=True).start()

    @property
    def device(self) -> str:
        """What trainings run on, in words; '' until the first worker has started."""
        return self._placement.device

    @property
    def has_worker(self) -> bool:
        """Is there a worker that has started?"""
        return self._placement.worker is not None and bool(self._workers)

    @property
    def is_cold(self) -> bool:
        """Is there no worker because nothing has been trained yet?"""
        return not self._warm and self._placement.worker is None

    @property
    def trouble(self) -> str:
        """One sentence on why nothing is trained, and what happens next; '' where nothing is wrong."""
        return self._restarts.trouble

    def take_on(self, sweep: int) -> None:
        """Train this sweep too, where only what is named is trained."""
        if self._taken_on is not None:
            self._taken_on = self._taken_on | {sweep}
            self.look_soon()

    def recover(self) -> None:
        """Mark runs whose worker is gone."""
        claims = self.store.claims()
        gone = self._watch.gone(claims) + [claim for claim in claims if self._is_dropped(claim)]
        for claim in gone:
            said = None if claim.run in self._hopeless else self.failures.get(claim.run)
            note = said or lost_workers.why_gone(self.store, claim)
            if self.store.interrupt(claim.run, claim.worker, note, token=claim.token):
                self.failures.pop(claim.run, None)
        now = time.monotonic()
        asked = [claim for claim in claims if claim.stop and claim.status == "running"]
        self._stops = {claim.run: self._stops.get(claim.run, now) for claim in asked}
        for claim in asked:
            stubborn = now - self._stops[claim.run] > STUBBORN
            if stubborn and self.store.interrupt(claim.run, claim.worker, LET_GO, token=claim.token):
                self._kill(claim.worker)  # it hangs, and what waits would wait behind it

    def close(self) -> None:
        """End the workers without waiting for what they do."""
        self._closed = True
        self._wake.set()
        with self._lock:
            ended = self._placement.clear()
        for executor in ended:
            executor.shutdown(wait=False)
        for worker in self._workers | self._placement.names:
            self._kill(worker)

    def _kill(self, worker: str) -> None:
        """End a worker if it is this process's own; its executor notices."""
        own = {child.pid: child for child in multiprocessing.active_children()}
        if worker in self._workers | self._placement.names and (child := own.get(processes.pid(worker))):
            child.kill()

    # -- what the thread does

    def _look_after(self) -> None:
        while not (self._closed or closing.is_set()):
            try:
                self._look()
            except StoreError:
                self._watch.forget()  # no worker could be heard, either
            except Exception:
                # The edge of a thread without which nothing goes on.
                logging.getLogger(__name__).exception("The trainings could not be looked after")
            soon = self._restarts.pause() if self._placement.worker is None else EVERY
            self._wake.wait(min(SWEEPING if self._sweeping else EVERY, max(soon, 0.05)))
            self._wake.clear()

    def _look(self) -> None:
        if self._warm or self._waiting():
            self._start()
        self.recover()
        # One more than there are places, so that no worker waits.
        self._sweeping = sweeps.carry_on(self.store, lambda: self._placement.places() + 1, self._taken_on)
        self._placement.of_sweeps = stored_sweeps.runs_of_sweeps(self.store) if self._sweeping else set()
        self._report_failures()
        waiting = self._waiting()
        if any(task == "train_run" for task, _ in waiting):
            self._placement.count()
        for task, run_id in waiting:
            self._send(task, run_id)
        if not self._sweeping:
            with self._lock:
                idle = self._placement.helpers.idle()
            for executor in idle:
                executor.shutdown(wait=False)
        if time.monotonic() - self._purged > PURGE_EVERY:
            self.store.purge()
            rooms.expire(self.store)
            stored_sweeps.purge(self.store)
            self._purged = time.monotonic()

    def _waiting(self) -> list[tuple[str, int]]:
        """What is to be done and with nobody yet, in its order: (task, run)."""
        tasks = [("finish_run", run_id) for run_id in self.store.owed()]
        queue = self.store.queue()
        self._placement.of_classes = {one.id for one in queue if one.of_class}
        waiting = (one for one in queue if one.free and not one.running)
        tasks += [("open_network" if one.imported else "train_run", one.id) for one in waiting]
        if self._taken_on is None:
            return tasks
        mine = stored_sweeps.all_runs(self.store, self._taken_on)
        return [(task, run_id) for task, run_id in tasks if run_id in mine]

    def _is_dropped(self, claim: Claim) -> bool:
        """Is a run in the hands of this process's own worker, which has nothing to do with it any more?"""
        mine = self._placement.is_local and claim.worker in self._workers | self._placement.names
        return mine and claim.run not in self._sent

    def _report_failures(self) -> None:
        """Say of runs that were never begun why not; forget what the database has been told meanwhile."""
        for run_id, problem in list(self.failures.items()):
            run = self.store.run(run_id)
            if run and run.status == "queued" and run_id in self._hopeless:
                self.store.refuse(run_id, problem)
            if run is None or run.status not in ACTIVE:
                self.failures.pop(run_id, None)
                self._hopeless.discard(run_id)

    def of(self, owner: str) -> "OwnJobs":
        """Return what an owner may ask of the same workers, for what is theirs."""
        return OwnJobs(self, owner)

    def trains_here(self) -> bool:
        """Do trainings take this computer's own cores, and so the time of pages?"""
        return self._placement.is_local and "cores" in self._placement.device

    def look_soon(self, *, retry: bool = True) -> None:
        """Have the clock look at once. retry: begin to start workers again where that was given up."""
        if retry:
            self._restarts.once_more()
        self._wake.set()

    def _start(self) -> None:
        """Start a worker where there is none, unless that has just failed."""
        if self._placement.worker or not self._restarts.is_due():
            return
        try:
            executor = self._make_executor()
            future = executor.submit(executors.call, "warm")
        except Exception as error:  # noqa: BLE001  # whatever a cluster's client raises
            self._restarts.failed(executors.error_sentence(error))
            return
        with self._lock:
            self._placement.worker = executor
            self._workers.clear()
        future.add_done_callback(lambda done: self._warmed(done, executor))

    def _warmed(self, future: Future, executor: Executor) -> None:
        error = BrokenExecutor(_NO_START) if future.cancelled() else future.exception()
        if error is None:
            worker, self._placement.device = future.result()
            self._workers.add(worker)
            self._restarts.ready()
        elif isinstance(error, BrokenExecutor):
            self._lost(executor, _NO_START)
        else:
            executor.shutdown(wait=False)
            self._lost(executor, f"The worker cannot train: {executors.error_sentence(error)}.")
        self._wake.set()

    def _lost(self, executor: Executor, problem: str, run_id: int | None = None) -> None:
        """An executor is broken: the first to notice sees to it that there will be another.

        run_id: the run whose task told of it.
        """
        with self._lock:
            sent = [n for n in self._sent if n not in self._placement.elsewhere]
        unbegun = run_id is not None and self._is_unbegun([run_id, *sent])
        with self._lock:
            if executor is not self._placement.worker or self._closed or closing.is_set():
                return
            if self._workers:
                self._restarts.ended()
            if unbegun or not self._workers:
                self._restarts.failed(_NO_BEGIN if self._workers else problem)
            self._placement.worker = None  # from here on the next may be started
        self._wake.set()

    def _is_unbegun(self, numbers: list[int]) -> bool:
        """Has none of these runs been claimed, nor any other since they were sent?"""
        try:
            found = [self.store.run(run_id) for run_id in numbers]
            owed = self.store.owed()
        except StoreError:
            return False
        return all(run is None or run.status in ("queued", "stopped") or run.id in owed for run in found)

    def _send(self, task: str, run_id: int) -> None:
        """Submit a task, unless one of this run is with the executor already."""
        with self._lock:
            if run_id in self._sent or (executor := self._placement.take(task, run_id)) is None:
                return
            try:
                future = self._sent[run_id] = executor.submit(executors.call, task, self.store.url, run_id)
            except Exception as error:  # noqa: BLE001  # whatever a cluster's client raises
                problem = executors.error_sentence(error)
            else:
                problem = ""
                if task == "train_run":
                    self._placement.training.add(run_id)
        if problem:
            self._give_back(executor, run_id, broken=True)
            self._lost(executor, problem, run_id)
        else:
            future.add_done_callback(lambda done: self._ended(done, executor, run_id))

    def _give_back(self, executor: Executor, run_id: int, *, broken: bool) -> None:
        """End the processes that have nothing more to do, or are gone."""
        with self._lock:
            ended = self._placement.give_back(executor, run_id, broken=broken)
        for one in ended:
            one.shutdown(wait=False)

    def _ended(self, future: Future, executor: Executor, run_id: int) -> None:
        with self._lock:
            if self._sent.get(run_id) is future:
                del self._sent[run_id]
                self._placement.training.discard(run_id)
        broken = future.cancelled() or isinstance(future.exception(), BrokenExecutor)
        self._give_back(executor, run_id, broken=broken)
        self._wake.set()  # the next is begun at once
        if self._closed or closing.is_set() or future.cancelled():
            return
        error = future.exception()
        if isinstance(error, BrokenExecutor):
            self._lost(executor, _NO_START, run_id)
            return
        self._restarts.begun()
        if error is None:
            self.failures.pop(run_id, None)
        else:
            if not isinstance(error, StoreError):
                self._hopeless.add(run_id)
            self.failures[run_id] = (
                str(error) if isinstance(error, StoreError) else executors.error_sentence(error)
            )


class OwnJobs(RunControl):
    """The workers as one owner sees them: no run but theirs can be submitted, stopped or resumed."""

    def __init__(self, jobs: Jobs, owner: str):
        self._jobs, self.store, self.failures = jobs, jobs.store.of(owner), jobs.failures

    @property
    def device(self) -> str:
        return self._jobs.device

    @property
    def has_worker(self) -> bool:
        return self._jobs.has_worker

    @property
    def is_cold(self) -> bool:
        return self._jobs.is_cold

    @property
    def trouble(self) -> str:
        return self._jobs.trouble

    def trains_here(self) -> bool:
        return self._jobs.trains_here()

    def look_soon(self, *, retry: bool = True) -> None:
        self._jobs.look_soon(retry=retry)
