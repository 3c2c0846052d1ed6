"""What a sweep costs on a Dask cluster: `python -m benchmarks sweep` (about three minutes).

The same 16 short trainings on one worker and on two, each a process with a thread of its own on this computer;
and on the same one worker one after another, which is given nothing but them, before and after the sweep.
"""

import os
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import numpy as np
from distributed import Client, LocalCluster

from core.nn.architectures import Conv2D, Dense, Flatten
from core.records import TrainConfig
from core.runs.executors import call
from core.runs.queue import Jobs
from core.storage import sweeps
from core.storage.store import Store
from core.training.search import Axis, Plan, change, combinations

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

{trainings} short trainings on a Dask cluster of this computer, each worker a process with one thread; a
single training uses all {cores} cores.

| what | asked | measured |
|---|--:|--:|
| the trainings, one after another, within one worker | | {alone:.1f} s |
| one worker | | {one:.1f} s |
| two workers | | {two:.1f} s |
| two against one, where there are cores for it | 1.7 times | {ratio:.2f} times |
| else what one worker takes for each training beyond the same alone | 0.3 s | {overhead:.2f} s |
| of that, when no worker had a training | | {idle:.2f} s |
| of a training on one worker: learning | | {learning:.2f} s |
| building it, measuring it on all test digits, exporting it, alone | | {rest:.2f} s |
"""


def markdown() -> str:
    """Measure, and return a section of docs/benchmarks.md."""
    one, two = measure(1), measure(2)
    count = PLAN.budget
    return TEXT.format(
        trainings=count,
        cores=os.cpu_count(),
        alone=one.alone,
        one=one.seconds,
        two=two.seconds,
        ratio=one.seconds / two.seconds,
        overhead=(one.seconds - one.alone) / count,
        idle=one.idle / count,
        learning=one.learning / count,
        rest=(one.alone - one.learning) / count,
    )


@dataclass(frozen=True)
class Measured:
    """seconds: of the sweep. idle: those in which no worker had a training. alone: of the same trainings one
    after another in one worker, the mean of before and after. learning: those in which they learnt, the same.
    """

    seconds: float
    idle: float
    alone: float
    learning: float


def measure(workers: int) -> Measured:
    """Measure the sweep on so many workers."""
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
            before = _one_after_another(cluster.scheduler_address, f"{folder}/before.db")
            seconds, idle = _sweep(jobs, PLAN)
            after = _one_after_another(cluster.scheduler_address, f"{folder}/after.db")
            return Measured(seconds, idle, *np.mean([before, after], axis=0))
        finally:
            jobs.close()


def _one_after_another(address: str, path: str) -> tuple[float, float]:
    """Have one worker do the trainings, told of all at once; return the seconds, and those of learning."""
    store = Store(f"sqlite:///{path}")
    configs = [replace(change(CONFIG, changes), seed=0) for changes in combinations(PLAN)]
    numbers = [store.add(config, name="alone", visitor="benchmark") for config in configs]
    with Client(address) as client:
        seconds = client.submit(_alone, store.url, numbers, pure=False).result(LIMIT)
    return seconds, sum(run.seconds for run in store.runs())


def _alone(url: str, numbers: list[int]) -> float:
    """Train these runs one after another, here; return how many seconds that took."""
    began = time.perf_counter()
    for number in numbers:
        call("train_run", url, number)
    return time.perf_counter() - began


def _sweep(jobs: Jobs, plan: Plan) -> tuple[float, float]:
    """Train all of a plan; return how long it took, and for how long of that nothing was trained."""
    began = last = time.perf_counter()
    idle, number = 0.0, jobs.sweep(CONFIG, plan, name="measured")
    while (sweep := sweeps.one(jobs.store, number)) and sweep.status == "running":
        trains, now = any(claim.token for claim in jobs.store.claims()), time.perf_counter()
        idle, last = idle + (now - last) * (not trains), now
        if now - began > LIMIT:
            raise TimeoutError(f"The sweep has not ended within {LIMIT:.0f} s.")
        time.sleep(0.03)  # more often would take from what the trainings have
    return time.perf_counter() - began, idle
