"""Which process does a task: the worker, a second process, or one of those that help with sweeps.

Exporting a network, one from a file or what an interrupted training has left, takes seconds. While the
worker trains, a second process does that, and ends when there is nothing more of it to do: nobody waits behind
a training of an hour to look at a file.

Called by `core.runs.queue`.
"""

from concurrent.futures import Executor, Future, ProcessPoolExecutor

import psutil

from core.runs import executors, processes
from core.runs.helpers import Helpers, places

OPENER_BYTES = 1.5e9  # of memory that have to be free for a second process with TensorFlow


class Placement:
    """The processes that tasks can be done in, and which runs are with them. Whoever changes it holds a lock.

    worker: where trainings are done, None while there is none. device: what it trains on, in words.
    """

    def __init__(self) -> None:
        self.worker: Executor | None = None
        self.device = ""
        self.helpers = Helpers(self._helper, OPENER_BYTES)
        self.second: Executor | None = None  # while it has something to do
        self.names: set[str] = set()  # of such processes, and of those that help
        self.with_second: set[int] = set()  # runs
        self._with_helpers: set[int] = set()
        self.patient: set[int] = set()  # runs with which such a process has ended: the worker does them
        self.training: set[int] = set()  # runs that are trained, or wait with an executor for that
        self.of_sweeps: set[int] = set()  # runs that wait or train for a sweep
        self.of_classes: set[int] = set()  # and those that learn from a class
        self._at_once = 1  # trainings that are with the worker: the others wait here, where turns are taken

    @property
    def is_local(self) -> bool:
        """Is the worker a process of this computer's?"""
        return isinstance(self.worker, ProcessPoolExecutor)

    @property
    def elsewhere(self) -> set[int]:
        """The runs that are not with the worker."""
        return self.with_second | self._with_helpers

    def places(self) -> int:
        """How many trainings are done side by side."""
        worker = self.worker
        if isinstance(worker, executors.Cluster):
            return worker.places()
        return places(self.device) if isinstance(worker, ProcessPoolExecutor) else 1

    def count(self) -> None:
        """Ask a cluster how many workers it has, and send it one training more, so that none waits."""
        self._at_once = self.places() + 1 if isinstance(self.worker, executors.Cluster) else 1

    def take(self, task: str, run_id: int) -> Executor | None:
        """Return who does this, or None while nobody can."""
        executor = self._executor_for(task, run_id)
        if executor is not None and executor is self.second:
            self.with_second.add(run_id)
        if executor is not None and executor in self.helpers:
            self._with_helpers.add(run_id)
        return executor

    def _executor_for(self, task: str, run_id: int) -> Executor | None:
        """The worker, or the second process where the worker trains and there is room for it.

        A training waits until it is its turn, for the first that has nothing to do; one that learns from a
        class does not wait for what others train.
        """
        training = self.training - self.elsewhere
        helps = self.is_local and run_id not in self.patient
        if task == "train_run" and len(training) >= self._at_once:
            if run_id in self.of_sweeps and helps and self.places() > 1:
                return self.helpers.take(run_id, self.device)
            if not helps or run_id not in self.of_classes or training & self.of_classes:
                return None
            return self._start_second() if self._has_room() else None
        if task == "train_run" or not training or run_id in self.patient or self.worker is None:
            return self.worker
        return self._start_second() if self._has_room() else self.worker

    def give_back(self, executor: Executor, run_id: int, *, broken: bool) -> list[Executor]:
        """A run is not with its process any more: return the processes to be ended."""
        if broken and run_id in self.elsewhere:
            self.patient.add(run_id)
        self.with_second.discard(run_id)
        self._with_helpers.discard(run_id)
        gone = self.helpers.give_back(run_id, broken=broken)
        ended = [gone] if gone else []
        if executor is self.second and (broken or not self.with_second):
            self.second = None
            ended.append(executor)
        return ended

    def clear(self) -> list[Executor]:
        """Forget all processes: return them, to be ended."""
        ended = [executor for executor in (self.worker, self.second) if executor] + self.helpers.all()
        self.worker = self.second = None
        return ended

    def _has_room(self) -> bool:
        """Is there a second process, or memory for one?"""
        return self.second is not None or psutil.virtual_memory().available >= OPENER_BYTES

    def _start_second(self) -> Executor:
        if self.second is None:
            self.second = executors.local()
            self.second.submit(processes.name).add_done_callback(self._named)
        return self.second

    def _helper(self, number: int, device: str) -> Executor:
        """Start one more process, for trainings of sweeps."""
        executor = executors.local(executors.become_helper, number, device)
        executor.submit(processes.name).add_done_callback(self._named)
        return executor

    def _named(self, future: Future) -> None:
        if not future.cancelled() and future.exception() is None:
            self.names.add(future.result())
