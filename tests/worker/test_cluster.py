"""Trainings on a real Dask cluster, of one worker process on this machine."""

import asyncio
import os
import signal
import time

import pytest
from distributed import LocalCluster

from core.runs import executors, processes
from core.runs.executors import Cluster
from core.runs.lost_workers import SILENCE
from core.runs.queue import EVERY, Jobs
from core.storage.store import Store
from tests.browser.server import free_port
from tests.worker.queued_runs import LONG, SHORT, ended, learning, wait


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    folder = str(tmp_path / "dask")
    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, local_directory=folder, silence_logs=50
    ) as cluster:
        monkeypatch.setenv("DIGIT_LAB_CLUSTER", cluster.scheduler_address)
        made = Jobs(Store(f"sqlite:///{tmp_path / 'lab.db'}"))
        yield made
        made.close()


def test_a_cluster_trains_stops_and_resumes(jobs):
    first, second = jobs.submit(SHORT, name="short"), jobs.submit(LONG, name="long")
    assert wait(lambda: jobs._placement.worker).places() == 1  # one worker of one thread
    run = ended(jobs, first)
    assert (run.status, run.has_network) == ("done", True)
    learning(jobs, second)
    jobs.store.ask_to_stop(second)
    assert ended(jobs, second).status == "stopped"
    jobs.resume(second)
    learning(jobs, second, images=jobs.store.run(second).images + 1)
    jobs.store.ask_to_stop(second)
    assert ended(jobs, second).status == "stopped"
    jobs.resume(second)
    (claim,) = wait(lambda: [claim for claim in jobs.store.claims() if claim.token])
    os.kill(processes.pid(claim.worker), signal.SIGKILL)
    assert ended(jobs, second).status == "interrupted"
    jobs.resume(second)
    jobs.stop(second)
    assert jobs.store.run(second).status == "stopped"


def test_a_scheduler_that_says_nothing_holds_up_nobody(monkeypatch):
    """A worker that vanished is noticed within 30 s: by its silence, at the next look at all runs."""
    monkeypatch.setattr(executors, "REACH_SECONDS", 0.3)
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False) as cluster:
        executor = Cluster(cluster.scheduler_address)

        async def silent(**_):
            await asyncio.sleep(60)

        monkeypatch.setattr(executor._client.scheduler, "ncores", silent, raising=False)
        began = time.monotonic()
        assert executor.places() == 1
        assert time.monotonic() - began < 5
        executor.shutdown()
    assert SILENCE + EVERY + executors.REACH_SECONDS < 30


def test_an_unreachable_scheduler_is_one_sentence_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_CLUSTER", f"tcp://localhost:{free_port()}")
    began = time.monotonic()
    jobs = Jobs(Store(f"sqlite:///{tmp_path / 'lab.db'}"))
    number = jobs.submit(SHORT, name="waits")
    assert time.monotonic() - began < 2  # pages that need the database alone do not wait
    trouble = wait(lambda: jobs.trouble, 20)
    assert trouble.startswith("The cluster's scheduler tcp://localhost:")
    assert "cannot be reached, so trainings wait. It is tried again in" in trouble
    jobs.stop(number)
    assert jobs.store.run(number).status == "stopped"
    jobs.close()
