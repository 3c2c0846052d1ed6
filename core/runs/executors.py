"""Where tasks are done: in one warm process of this computer's, or by the workers of a Dask cluster.

Only names of tasks are passed, so TensorFlow is never imported here.

Called by `core.analysis.works`, `core.runs.drawing_imports`, `core.runs.placement` and `core.runs.queue`.
"""

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import Any

from core import paths
from core.runs.helpers import narrow

_TASKS = "core.worker.tasks"
REACH_SECONDS = 3  # that a cluster's scheduler is waited for

closing = threading.Event()  # this program is about to end


def local(become: Callable[..., None] | None = None, *given: Any) -> Executor:
    """Return one process of this computer, which is started by the first `submit`; what comes later waits.

    become: what it does first, with what is given; else `become_worker`.
    """
    context = multiprocessing.get_context("spawn")
    begin = become or become_worker
    return ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=begin, initargs=given)


def cluster() -> Executor:
    """Return the Dask cluster that DIGIT_LAB_CLUSTER names. Raises BrokenExecutor."""
    return Cluster(paths.cluster() or "")


class Cluster(Executor):
    """The workers of a Dask scheduler. Raises BrokenExecutor, soon, where it cannot be reached."""

    def __init__(self, address: str):
        # An optional dependency, for those who have more than one machine.
        from distributed import Client  # noqa: PLC0415

        self._unreachable = f"The cluster's scheduler {address} cannot be reached, so trainings wait."
        try:
            self._client = Client(address, timeout=REACH_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise BrokenExecutor(self._unreachable) from error
        self._executor = self._client.get_executor(pure=False)

    def submit(self, *arguments: Any, **settings: Any) -> Future:
        """As of any executor. Raises BrokenExecutor where the scheduler cannot be reached."""
        if not self.is_reached():
            raise BrokenExecutor(self._unreachable)
        return self._executor.submit(*arguments, **settings)

    def is_reached(self) -> bool:
        """Is there a connection to its scheduler?"""
        return self._client.status == "running"

    def places(self) -> int:
        """Return how many trainings the cluster does side by side, 1 at least."""
        try:
            if not self.is_reached():
                return 1
            # As `nthreads` of the client, which would wait for a scheduler that says nothing, and all with it.
            ask = self._client.scheduler.ncores  # type: ignore[union-attr]  # there is one once it is reached
            return max(1, sum(self._client.sync(ask, callback_timeout=REACH_SECONDS).values()))
        except Exception:  # noqa: BLE001  # whatever a client raises whose scheduler goes
            return 1

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the connection; the workers themselves stay."""
        self._executor.shutdown(wait=wait)
        self._client.close(timeout=REACH_SECONDS)


def become_worker() -> None:
    """Give way to pages, leave Ctrl C to the page process, and end when that ends."""
    if hasattr(os, "nice"):
        os.nice(paths.niceness())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def become_helper(number: int, device: str) -> None:
    narrow(number, device)
    become_worker()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def call(task: str, *arguments: Any) -> Any:
    """Run a task of the worker, which is only imported where it runs."""
    return getattr(importlib.import_module(_TASKS), task)(*arguments)


def error_sentence(error: BaseException) -> str:
    """An exception in one line; that of a broken executor of ours is a sentence by itself."""
    if isinstance(error, BrokenExecutor):
        return str(error)
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _end_workers() -> None:
    """Let no training hold up the end of this program; it is found as interrupted at the next start."""
    closing.set()
    for child in multiprocessing.active_children():
        child.kill()


# `concurrent.futures` waits for its workers, processes and threads, before any `atexit` function is called;
# what is registered here, as it does itself, is called before that.
threading._register_atexit(_end_workers)  # type: ignore[attr-defined]
