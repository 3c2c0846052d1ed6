"""Trainings: submit, stop, resume, and what to do when a worker dies.

Tasks go to an Executor of `concurrent.futures`: one warm worker process on this computer, or the workers
of a Dask cluster. Only names of tasks are passed, so TensorFlow is never imported here. Whatever they need
and whatever they say travels through the database.
"""

import importlib
import multiprocessing
import os
import platform
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import psutil

from core import configs, home
from core.records import Checkpoint, Run, TrainConfig
from core.store import Store, open_store

_TASKS = "core.worker.tasks"
_NICENESS = 10  # pages come first
SILENCE = 90.0  # seconds without a sign of life after which a worker elsewhere counts as gone
GONE = "Its worker ended unexpectedly; the best weights until then are kept, and it can be resumed."


class NotAccepted(ValueError):
    """A training that cannot be started; the text is one sentence that says why."""


def jobs() -> "Jobs":
    """Return this process's way to its workers, started at the first call. Raises StoreError."""
    with _starting:
        return _jobs(open_store())


@cache
def _jobs(store: Store) -> "Jobs":
    return Jobs(store)


_closing = threading.Event()  # this program is about to end
_starting = threading.Lock()  # two visitors at once must not start two workers


class Jobs:
    """Submits runs of `store` to an executor and watches over them."""

    def __init__(self, store: Store, make_executor: Callable[[], Executor] | None = None):
        self.store = store
        self.failures: dict[int, str] = {}  # what the database could not be told
        self._make_executor = make_executor or (_cluster if home.cluster() else _local)
        self._lock = threading.Lock()
        self._workers: set[str] = set()  # of this process's present executor
        self._device = ""
        self._start()
        self.store.purge()
        self.recover()

    @property
    def device(self) -> str:
        """What trainings run on, in words; '' until the worker has started."""
        return self._device

    def submit(
        self,
        config: TrainConfig,
        *,
        name: str,
        visitor: str = "",
        recipe: str = "",
        drawing: np.ndarray | None = None,
    ) -> int:
        """Queue a training and return its number. Raises NotAccepted, StoreError."""
        if problem := configs.check(config):
            raise NotAccepted(problem)
        number = self.store.add(config, name=name, visitor=visitor, recipe=recipe, drawing=drawing)
        self._send("train_run", number)
        return number

    def again(self, run: Run, seed: int, visitor: str = "") -> int:
        """Queue the same training with another seed."""
        config = replace(run.config, seed=seed)
        drawing = self.store.drawing(run.id)
        return self.submit(config, name=run.name, visitor=visitor, recipe=run.recipe, drawing=drawing)

    def resume(self, number: int) -> None:
        """Go on with a run that was stopped or interrupted; nothing where it is queued or training."""
        if self.store.requeue(number):
            self._send("train_run", number)

    def open_network(
        self, config: TrainConfig, weights: dict[str, np.ndarray], *, name: str, visitor: str = ""
    ) -> int:
        """Add a network that was read from a file, as a run that need not be trained."""
        number = self.store.add(config, name=name, visitor=visitor, recipe="file")
        self.store.set_checkpoint(number, Checkpoint(0, 0, 0.0, (), weights, 0, 0.0))
        self._send("open_network", number)
        return number

    def recover(self) -> None:
        """Mark runs whose worker is gone, make networks of what they left, and send what waits."""
        for number, worker, heartbeat in self.store.workers():
            if not alive(worker, heartbeat) and self.store.interrupt(number, worker, GONE):
                self._send("finish_run", number)
        for number in self.store.waiting():
            run = self.store.run(number)
            self._send("open_network" if run and run.recipe == "file" else "train_run", number)

    def close(self) -> None:
        """End the workers without waiting for what they do."""
        self._executor.shutdown(wait=False)
        own = {child.pid: child for child in multiprocessing.active_children()}
        for worker in self._workers:
            if child := own.get(int(worker.rsplit(":", 2)[1])):
                child.kill()

    def _start(self) -> None:
        self._executor = self._make_executor()
        self._workers.clear()
        self._executor.submit(_call, "warm").add_done_callback(self._warmed)

    def _warmed(self, future: Future) -> None:
        if not future.cancelled() and future.exception() is None:
            worker, self._device = future.result()
            self._workers.add(worker)

    def _send(self, task: str, number: int) -> None:
        """Submit a task; where the worker has died in the meantime, to a new one."""
        with self._lock:
            try:
                future = self._executor.submit(_call, task, self.store.url, number)
            except BrokenExecutor:
                self._start()
                future = self._executor.submit(_call, task, self.store.url, number)
            executor = self._executor
        future.add_done_callback(lambda done: self._ended(done, executor, number))

    def _ended(self, future: Future, executor: Executor, number: int) -> None:
        if _closing.is_set() or future.cancelled() or (error := future.exception()) is None:
            return
        self.failures[number] = str(error)
        if isinstance(error, BrokenExecutor):
            with self._lock:
                if executor is self._executor:  # the first of several to notice
                    self._start()
            self.failures.pop(number)
            self.recover()


def _local() -> Executor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=_become_worker)


def _cluster() -> Executor:
    # An optional dependency, for those who have more than one machine.
    from distributed import Client  # noqa: PLC0415

    return Client(home.cluster()).get_executor(pure=False)


def _become_worker() -> None:
    """Give way to pages, leave Ctrl C to the page process, and end when that ends."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _call(task: str, *arguments: Any) -> Any:
    """Run a task of the worker, which is only imported where it runs."""
    return getattr(importlib.import_module(_TASKS), task)(*arguments)


def alive(worker: str, heartbeat: float) -> bool:
    """Does this worker, `tasks.worker_name`, live, whose last sign of life was at `heartbeat`, in seconds?"""
    host, process, started = worker.rsplit(":", 2)
    if host != platform.node():
        return time.time() - heartbeat < SILENCE
    try:
        found = psutil.Process(int(process))
        return found.status() != psutil.STATUS_ZOMBIE and f"{found.create_time():.2f}" == started
    except psutil.NoSuchProcess:
        return False


def _end_workers() -> None:
    """Let no training hold up the end of this program; it is found as interrupted at the next start."""
    _closing.set()
    for child in multiprocessing.active_children():
        child.kill()


# `concurrent.futures` waits for its workers before any `atexit` function is called; what is registered
# here, as it does itself, is called before that.
threading._register_atexit(_end_workers)  # type: ignore[attr-defined]
