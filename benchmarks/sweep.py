"""What a sweep costs on a Dask cluster: `python -m benchmarks sweep` (about two minutes).

The same 16 short trainings on one worker and on two, each a process with a thread of its own on this computer.
"""

import os
import tempfile
import time
from pathlib import Path
from unittest import mock

from distributed import LocalCluster

from core.nn.architectures import Conv2D, Dense, Flatten
from core.records import TrainConfig
from core.runs.queue import Jobs
from core.storage import sweeps
from core.storage.store import Store
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

{trainings} short trainings on a Dask cluster of this computer, each worker a process with one thread; a
single training uses all {cores} cores.

| what | asked | measured |
|---|--:|--:|
| one worker | | {one:.1f} s |
| two workers | | {two:.1f} s |
| two against one, where there are cores for it | 1.7 times | {ratio:.2f} times |
| else what a training has to wait for its worker, which has none meanwhile | 0.3 s | {overhead:.2f} s |
| of a training on one worker: learning | | {learning:.2f} s |
| building it, measuring it on all test digits, exporting it | | {rest:.2f} s |
"""


def markdown() -> str:
    """Measure, and return a section of docs/benchmarks.md."""
    one, idle, learning = measure(1)
    two, *_ = measure(2)
    overhead, learning = idle / PLAN.budget, learning / PLAN.budget
    figures = {"one": one, "two": two, "ratio": one / two, "overhead": overhead, "learning": learning}
    rest = one / PLAN.budget - overhead - learning
    return TEXT.format(trainings=PLAN.budget, cores=os.cpu_count(), rest=rest, **figures)


def measure(workers: int) -> tuple[float, float, float]:
    """Return the seconds of the sweep on so many workers, those in which no worker had a training, and those
    in which its trainings learnt, all together.
    """
    with (
        tempfile.TemporaryDirectory(prefix="digit-lab-") as folder,
        LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, local_directory=folder
        ) as cluster,
        mock.patch.dict(os.environ, {"DIGIT_LAB_CLUSTER": cluster.scheduler_address}),
    ):
        jobs = Jobs(Store(f"sqlite:///{Path(folder) / 'lab.db'}"))
        try:
            warm = _sweep(jobs, _WARM)[2]
            seconds, idle, learnt = _sweep(jobs, PLAN)
            return seconds, idle, learnt - warm
        finally:
            jobs.close()


def _sweep(jobs: Jobs, plan: Plan) -> tuple[float, float, float]:
    """Train all of a plan; return how long it took, for how long of that nothing was trained, and for how long
    all runs that there are have learnt.
    """
    began = last = time.perf_counter()
    idle, number = 0.0, jobs.sweep(CONFIG, plan, name="measured")
    while (sweep := sweeps.one(jobs.store, number)) and sweep.status == "running":
        trains, now = any(claim.token for claim in jobs.store.claims()), time.perf_counter()
        idle, last = idle + (now - last) * (not trains), now
        if now - began > LIMIT:
            raise TimeoutError(f"The sweep has not ended within {LIMIT:.0f} s.")
        time.sleep(0.01)
    spent = time.perf_counter() - began
    return spent, idle, sum(run.seconds for run in jobs.store.runs())
