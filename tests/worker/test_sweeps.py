"""A sweep of real trainings, whose worker and whose server are killed."""

import os
import signal
from dataclasses import replace

import pytest
import sqlalchemy as sa

from core import __main__ as command_line
from core.runs import helpers, placement, processes, sweeps
from core.runs.queue import Jobs
from core.storage import sweeps as stored
from core.storage.store import Store, open_store
from core.training.search import Axis, Plan
from tests.worker.queued_runs import SHORT, wait

TINY = replace(SHORT, epochs=3, train_size=500)
BATCHES = Axis("batch_size", (25, 50, 100))


def over(jobs, number, seconds=240):
    return wait(lambda: (sweep := stored.one(jobs.store, number)).status != "running" and sweep, seconds)


def test_a_sweep_goes_on_after_its_worker_and_its_server_were_killed(tmp_path, monkeypatch):
    """With two trainings side by side, as on four cores."""
    monkeypatch.setattr(placement, "places", lambda device: 2)
    monkeypatch.setattr(helpers, "places", lambda device: 2)
    monkeypatch.setattr(placement, "OPENER_BYTES", 0)
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    jobs = Jobs(store)
    plan = Plan((BATCHES, Axis("learning_rate", (0.001, 0.005))), budget=6)
    number = jobs.sweep(replace(TINY, epochs=200), plan, name="killed", visitor="")
    both = wait(lambda: len(claims := [c for c in store.claims() if c.token]) == 2 and claims, 120)
    assert len({claim.worker for claim in both}) == 2
    wait(lambda: all(store.checkpoint(claim.run) for claim in both))
    os.kill(processes.pid(both[0].worker), signal.SIGKILL)
    resumed = wait(lambda: [t for t in stored.trainings(store, number) if t.resumed])
    assert resumed[0].run in {claim.run for claim in both}
    jobs.close()  # and so does the server, with all that it trains

    with store.transaction() as connection:  # what is left of it is made short
        for table in ("runs", "sweeps"):
            shorter = f"UPDATE {table} SET config = replace(config, '\"epochs\": 200', '\"epochs\": 3')"
            connection.execute(sa.text(shorter))
    after = Jobs(store)
    try:
        assert over(after, number).status == "done"
    finally:
        after.close()
    rows = sweeps.board(stored.trainings(store, number))
    assert [row.state for row in rows] == ["finished"] * 6
    assert [row.mean for row in rows] == sorted((row.mean for row in rows), reverse=True)
    assert len(store.runs()) == 6  # none was begun twice
    chosen = sweeps.best(rows)
    assert chosen.has_network
    assert store.run(chosen.run).validation_accuracy == max(row.mean for row in rows)


def test_what_halving_judges_is_measured_at_its_milestones(tmp_path):
    """100 images, and 6,000 to be measured on: by itself such a training is measured at its end alone."""
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    few = replace(SHORT, epochs=9, train_size=100, validation_split=0.1)
    jobs = Jobs(store)
    try:
        plan = Plan((Axis("learning_rate", (0.005,)),), "halving", budget=1)
        number = jobs.sweep(few, plan, name="few", visitor="")
        assert over(jobs, number).status == "done"
    finally:
        jobs.close()
    (trial,) = stored.trainings(store, number)
    assert [point.epoch for point in store.metrics(trial.run) if point.whole] == [1, 3, 9]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))


def test_on_the_command_line(home, capsys, monkeypatch):
    """What somebody else has waiting is there when the command has ended, as it was."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # Ctrl C stays that of the tests
    anothers = open_store().add(TINY, name="waits", visitor="a" * 16)
    tiny = ("--recipe", "quick", "--epochs", "1", "--vary", "train_size=100,300")
    assert command_line.main(["sweep", *tiny]) == 0
    said = capsys.readouterr()
    assert "2 of 2: training digits" in said.err
    assert "The best by validation is run" in said.out
    assert command_line.main(["sweep", "--list"]) == 0
    assert "1: " in (listed := capsys.readouterr().out)
    assert "grid, done. 2 of 2 trainings over." in listed
    assert command_line.main(["sweep", "--delete", "1"]) == 0
    assert [(run.id, run.status) for run in open_store().runs()] == [(anothers, "queued")]
    assert command_line.main(["sweep", "--resume", "7"]) == 1
    assert "There is no sweep 7" in capsys.readouterr().err
    assert command_line.main(["sweep", "--recipe", "quick", "--vary", "speed=1"]) == 1
    assert "The setting 'speed' cannot be varied" in capsys.readouterr().err
