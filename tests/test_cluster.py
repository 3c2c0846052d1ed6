"""Trainings on a real Dask cluster, of one worker process on this machine."""

import pytest
from distributed import LocalCluster, default_client

from core.jobs import Jobs
from core.store import Store
from tests.test_jobs import LONG, SHORT, ended, learning


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
        default_client().close()


def test_a_cluster_trains_stops_and_resumes(jobs):
    first, second = jobs.submit(SHORT, name="short"), jobs.submit(LONG, name="long")
    run = ended(jobs, first)
    assert (run.status, run.readable) == ("done", True)
    learning(jobs, second)
    jobs.store.ask_to_stop(second)
    assert ended(jobs, second).status == "stopped"
    jobs.resume(second)
    learning(jobs, second, images=jobs.store.run(second).images + 1)
    jobs.store.ask_to_stop(second)
    assert ended(jobs, second).status == "stopped"
