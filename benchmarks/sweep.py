"""What a sweep costs on a Dask cluster: `python -m benchmarks sweep` (about two minutes).

The same 16 short trainings on one worker and on two, each a process with a thread of its own on this computer.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from distributed import LocalCluster

from core.nn.architectures import Conv2D, Dense, Flatten
from core.records import TrainConfig
from core.runs.queue import Jobs
from core.storage import sweeps
from core.storage.store import Store
from core.training import search
from core.training.search import Axis, Plan

CONFIG = TrainConfig(
    (Conv2D(8, 5, stride=2), Flatten(), Dense(10, "softmax")),
    optimizer="Adam",
    batch_size=64,
    epochs=3,
    train_size=10_000,
    validation_split=0.05,
)
RATES = Axis("learning_rate", (0.0003, 0.001, 0.003, 0.01))
PLAN = Plan((RATES, Axis("batch_size", (32, 64, 128, 256))), budget=16)
LIMIT = 300.0  # seconds that are waited for a sweep
_WARM = Plan((RATES,), "random", budget=4)  # before the clock starts, so that all workers have TensorFlow

TEXT = """
## A sweep

{trainings} short trainings on a Dask cluster of this computer: {one:.1f} s on one worker, {two:.1f} s on two,
**{ratio:.2f} times as fast** on {cores} cores, all of which a single training uses as well. Begun without a
sweep they take {plain:.1f} s on one worker: a sweep costs **{overhead:.2f} s** a training.
"""


def markdown() -> str:
    """Measure, and return a section of docs/benchmarks.md."""
    one, plain = measure(1)
    two, _ = measure(2)
    count = PLAN.budget
    figures = {"one": one, "two": two, "plain": plain, "ratio": one / two, "overhead": (one - plain) / count}
    return TEXT.format(trainings=count, cores=os.cpu_count(), **figures)


def measure(workers: int) -> tuple[float, float]:
    """Return the seconds of the sweep on so many workers, and of one worker without a sweep."""
    with (
        tempfile.TemporaryDirectory(prefix="digit-lab-") as folder,
        LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, local_directory=folder
        ) as cluster,
        mock.patch.dict(os.environ, {"DIGIT_LAB_CLUSTER": cluster.scheduler_address}),
    ):
        jobs = Jobs(Store(f"sqlite:///{Path(folder) / 'lab.db'}"))
        try:
            _sweep(jobs, _WARM)
            return _sweep(jobs, PLAN), _without_a_sweep(jobs) if workers == 1 else 0.0
        finally:
            jobs.close()


def _sweep(jobs: Jobs, plan: Plan) -> float:
    """Train all of a plan; return how long it took."""
    began = time.perf_counter()
    number = jobs.sweep(CONFIG, plan, name="measured")
    _wait(lambda: (sweep := sweeps.one(jobs.store, number)) is not None and sweep.status == "running")
    return time.perf_counter() - began


def _without_a_sweep(jobs: Jobs) -> float:
    """The same trainings, all begun at once."""
    began = time.perf_counter()
    for changes in search.combinations(PLAN):
        jobs.submit(search.change(CONFIG, changes), name="measured")
    _wait(lambda: bool(jobs.store.active()))
    return time.perf_counter() - began


def _wait(goes_on: Callable[[], bool]) -> None:
    until = time.perf_counter() + LIMIT
    while goes_on():
        if time.perf_counter() > until:
            raise TimeoutError(f"The trainings have not ended within {LIMIT:.0f} s.")
        time.sleep(0.02)
