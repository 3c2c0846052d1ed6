"""More processes that train on this computer beside its worker, each a training of a sweep.

There is one for each further GPU, or for each further two cores, as memory allows. Where a sweep waits they are
started, and they end when there is nothing more of it to do. Nobody's single training goes to them: it has the
worker, with all GPUs and cores, to itself.

Called by `core.runs.executors` and `core.runs.placement`.
"""

import os
import re
from collections.abc import Callable
from concurrent.futures import Executor

import psutil

CORES = 2  # for each training of a sweep
MOST = 8  # trainings at once, the worker's own too


class Helpers:
    """make: starts a process of this number, 1 or more. memory: bytes that have to be free for each."""

    def __init__(self, make: Callable[[int, str], Executor], memory: float):
        self._make, self._memory = make, memory
        self._executors: dict[int, Executor] = {}
        self._busy: dict[int, int] = {}  # run -> which process has it

    def __contains__(self, executor: Executor) -> bool:
        return executor in self._executors.values()

    def take(self, run_id: int, device: str) -> Executor | None:
        """Return a process that has nothing to do, for this run, or None. device: what the worker trains on."""
        free = [n for n in range(1, places(device)) if n not in self._busy.values()]
        started = [n for n in free if n in self._executors]
        if not free or (not started and psutil.virtual_memory().available < self._memory):
            return None
        number = (started or free)[0]
        if number not in self._executors:
            self._executors[number] = self._make(number, device)
        self._busy[run_id] = number
        return self._executors[number]

    def give_back(self, run_id: int, *, broken: bool) -> Executor | None:
        """Say that a run is not with its process any more; return the process where that is gone."""
        number = self._busy.pop(run_id, None)
        return self._executors.pop(number, None) if broken and number is not None else None

    def idle(self) -> list[Executor]:
        """Return the processes that nothing is with, to be ended."""
        free = [n for n in self._executors if n not in self._busy.values()]
        return [self._executors.pop(n) for n in free]

    def all(self) -> list[Executor]:
        return list(self._executors.values())


def places(device: str) -> int:
    """Return how many trainings this computer does side by side, of what its worker says that it trains on.

    >>> places("4 x NVIDIA L4, 22 GB"), places("NVIDIA H100, 80 GB")
    (4, 1)
    """
    if found := re.match(r"(\d+) x ", device):
        return min(int(found[1]), MOST)
    if "cores" not in device:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores // CORES, MOST))


def narrow(number: int, device: str) -> None:
    """Let this process, before TensorFlow is imported, use one GPU, or so many cores, alone."""
    if "cores" not in device:
        seen = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        named = [name for name in seen.split(",") if name.strip()] or [str(n) for n in range(MOST)]
        os.environ["CUDA_VISIBLE_DEVICES"] = named[number]
    else:
        os.environ["TF_NUM_INTRAOP_THREADS"] = str(CORES)
