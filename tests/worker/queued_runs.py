"""Trainings to queue, what they are waited for by, and workers that do not work."""

import multiprocessing
import os
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import replace

from core.storage.store import ACTIVE
from tests import short_training

SHORT = replace(short_training.SHORT, train_size=2000)
LONG = replace(SHORT, epochs=500, train_size=60_000)


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


def dying() -> ProcessPoolExecutor:
    """A worker that ends before it is there, as for want of memory."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=os._exit, initargs=(1,))


class Silent(Executor):
    """Takes tasks and never comes to them."""

    def __init__(self) -> None:
        self.tasks: list[tuple] = []

    def submit(self, *call: object) -> Future:
        self.tasks.append(call[1:])
        return Future()
