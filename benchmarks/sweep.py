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

{trainings} short trainings on a Dask cluster of this computer: {one:.1f} s on one worker, {two:.1f} s on two,
**{ratio:.2f} times as fast** on {cores} cores, all of which a single training uses as well. Between two
trainings the one worker had nothing to do for **{overhead:.2f} s** on average.
"""


def markdown() -> str:
    """Measure, and return a section of docs/benchmarks.md."""
    one, idle = measure(1)
    two, _ = measure(2)
    figures = {"one": one, "two": two, "ratio": one / two, "overhead": idle / PLAN.budget}
    return TEXT.format(trainings=PLAN.budget, cores=os.cpu_count(), **figures)


def measure(workers: int) -> tuple[float, float]:
    """Return the seconds of the sweep on so many workers, and those in which no worker had a training."""
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
            return _sweep(jobs, PLAN)
        finally:
            jobs.close()


def _sweep(jobs: Jobs, plan: Plan) -> tuple[float, float]:
    """Train all of a plan; return how long it took, and for how long of that nothing was trained."""
    began = last = time.perf_counter()
    idle, number = 0.0, jobs.sweep(CONFIG, plan, name="measured")
    while (sweep := sweeps.one(jobs.store, number)) and sweep.status == "running":
        trains, now = any(claim.token for claim in jobs.store.claims()), time.perf_counter()
        idle, last = idle + (now - last) * (not trains), now
        if now - began > LIMIT:
            raise TimeoutError(f"The sweep has not ended within {LIMIT:.0f} s.")
        time.sleep(0.01)
    return time.perf_counter() - began, idle
