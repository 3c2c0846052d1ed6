"""A sweep in the database: carried on, judged, resumed, stopped, deleted; what its runs do is written here."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.records import Metric
from core.runs import sweeps
from core.runs.sweeps import board
from core.storage import sweeps as stored
from core.storage.database import LimitReached, NotYours
from core.storage.schema import runs
from core.training import search
from core.training.search import Axis, Plan
from tests.unit.sweep_configs import CONFIG

RATES = Axis("learning_rate", (0.001, 0.01, 0.1, 0.3))
LONG = replace(CONFIG, epochs=9)


def begin(store, plan, config=LONG, visitor="mia"):
    return stored.add(store, config, plan, name="A", visitor=visitor)


def states(store, number):
    return [(trial.status, trial.run_status) for trial in stored.trainings(store, number)]


def reach(store, run_id, epoch, accuracy):
    point = Metric(epoch * 10, epoch, 1.0, 0.5, 1.0, accuracy, 1.0, whole=True)
    token = store.claim(run_id, "host:1:1.00", "a device")
    store.add_metric(run_id, point, 1.0)
    return token


def end(store, run_id, accuracy, status="done"):
    with store.transaction() as connection:
        values = {"status": status, "validation_accuracy": accuracy, "token": ""}
        connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))


def test_no_more_begin_than_there_is_room_for(store):
    number = begin(store, Plan((RATES,), budget=8, seeds=2))
    assert sweeps.carry_on(store, lambda: 3)
    assert sweeps.carry_on(store, lambda: 3)  # nothing changes
    assert states(store, number) == [("begun", "queued")] * 3 + [("waiting", "")] * 5
    first, *_ = store.runs()[::-1]
    assert (first.visitor, first.name) == ("mia", "A: learning rate 0.001")
    assert (first.training.learning_rate, first.training.seed) == (0.001, 0)
    end(store, first.id, 0.9)
    sweeps.carry_on(store, lambda: 3)
    assert states(store, number)[0] == ("ended", "done")
    assert states(store, number)[3] == ("begun", "queued")


def test_hopeless_ones_are_stopped_with_their_other_seeds(store):
    """Epoch 1: 0.90 alone goes on, 0.95 is the best of two, 0.80 is the third of three."""
    number = begin(store, Plan((RATES,), "halving", budget=8, seeds=2))
    sweeps.carry_on(store, lambda: 3)
    numbers = [trial.run for trial in stored.trainings(store, number)[:3]]
    for run_id, accuracy in zip(numbers, (0.90, 0.95, 0.80), strict=True):
        reach(store, run_id, 1, accuracy)
        sweeps.carry_on(store, lambda: 3)
    trials = stored.trainings(store, number)
    assert [trial.status for trial in trials[:4]] == ["begun", "begun", "hopeless", "begun"]
    assert [trial.judged for trial in trials[:4]] == [1, 1, 1, 0]
    assert [store.stop_requested(run_id) for run_id in numbers] == [False, False, True]
    assert [trial.status for trial in trials[4:]].count("skipped") == 1
    assert trials[2].changes == next(trial.changes for trial in trials[4:] if trial.status == "skipped")
    reach(store, numbers[0], 3, 0.97)  # the first there
    sweeps.carry_on(store, lambda: 3)
    assert stored.trainings(store, number)[0].judged == 2


def test_a_milestone_that_nobody_was_measured_at_is_passed_over(store):
    number = begin(store, Plan((RATES,), "halving", budget=4))
    sweeps.carry_on(store, lambda: 4)
    numbers = [trial.run for trial in stored.trainings(store, number)]
    for run_id, accuracy in zip(numbers, (0.90, 0.95, 0.80), strict=False):
        reach(store, run_id, 3, accuracy)
    sweeps.carry_on(store, lambda: 4)
    assert [trial.status for trial in stored.trainings(store, number)] == [
        "hopeless",
        "begun",
        "hopeless",
        "begun",
    ]


def test_what_was_interrupted_goes_on_three_times(store):
    number = begin(store, Plan((Axis("batch_size", (16,)),), budget=1))
    sweeps.carry_on(store, lambda: 1)
    (trial,) = stored.trainings(store, number)
    for _ in range(sweeps.RESUMED):
        end(store, trial.run, None, "interrupted")
        sweeps.carry_on(store, lambda: 1)
        assert states(store, number) == [("begun", "queued")]
    end(store, trial.run, None, "interrupted")
    sweeps.carry_on(store, lambda: 1)
    assert states(store, number) == [("ended", "interrupted")]
    assert not sweeps.carry_on(store, lambda: 1)
    assert stored.one(store, number).status == "done"


def test_a_deleted_run_is_not_trained_again(store):
    number = begin(store, Plan((Axis("batch_size", (16, 32)),), budget=2))
    sweeps.carry_on(store, lambda: 1)
    store.delete(stored.trainings(store, number)[0].run)
    sweeps.carry_on(store, lambda: 1)
    assert states(store, number) == [("ended", ""), ("begun", "queued")]


def test_a_sweep_is_stopped_and_goes_on(store):
    number = begin(store, Plan((RATES,), budget=4))
    sweeps.carry_on(store, lambda: 2)
    mine = store.of("mia")
    running = stored.trainings(mine, number)[0].run
    token = store.claim(running, "host:1:1.00", "a device")
    stored.stop(mine, number)
    assert store.stop_requested(running)
    assert states(store, number)[1] == ("begun", "stopped")
    assert not sweeps.carry_on(store, lambda: 2)
    store.end(running, "stopped", "", token=token)
    stored.resume(mine, number)
    assert sweeps.carry_on(store, lambda: 2)
    assert states(store, number) == [("begun", "queued")] * 2 + [("waiting", "")] * 2


def test_what_has_not_stopped_yet_when_the_sweep_goes_on_again_is_resumed_once_it_has(store):
    """The first run is still training, asked to stop; the second was waiting, a third place is free."""
    number = begin(store, Plan((RATES,), budget=4))
    sweeps.carry_on(store, lambda: 2)
    running = stored.trainings(store, number)[0].run
    token = store.claim(running, "host:1:1.00", "a device")
    stored.stop(store, number)
    stored.resume(store, number)
    sweeps.carry_on(store, lambda: 3)
    assert store.stop_requested(running)
    assert states(store, number) == [
        ("paused", "running"),
        ("begun", "queued"),
        ("begun", "queued"),
        ("waiting", ""),
    ]
    store.end(running, "stopped", "", token=token)
    sweeps.carry_on(store, lambda: 3)
    assert states(store, number)[0] == ("begun", "queued")
    assert not store.stop_requested(running)


@pytest.mark.parametrize("how", ["done", "failed"])
def test_what_comes_to_its_end_when_it_was_to_stop_is_over(store, how):
    number = begin(store, Plan((RATES,), budget=4))
    sweeps.carry_on(store, lambda: 1)
    running = stored.trainings(store, number)[0].run
    store.claim(running, "host:1:1.00", "a device")
    stored.stop(store, number)
    stored.resume(store, number)
    end(store, running, 0.9, how)
    sweeps.carry_on(store, lambda: 1)
    assert states(store, number)[:2] == [("ended", how), ("begun", "queued")]


def test_no_more_go_on_again_than_there_is_room_for(store):
    number = begin(store, Plan((RATES,), budget=4))
    sweeps.carry_on(store, lambda: 4)
    stored.stop(store, number)
    stored.resume(store, number)
    sweeps.carry_on(store, lambda: 2)
    assert states(store, number) == [("begun", "queued")] * 2 + [("paused", "stopped")] * 2


def test_one_visitor_has_one_sweep_going_on_however_it_was_begun(store):
    mine = store.of("jo")
    first = begin(mine, Plan((RATES,), budget=4), visitor="jo")
    stored.stop(mine, first)
    second = begin(mine, Plan((RATES,), budget=4), visitor="jo")
    with pytest.raises(LimitReached, match="A sweep of yours is still going on"):
        stored.resume(mine, first)
    stored.resume(mine, second)  # it does go on: nothing more is asked for
    stored.delete(mine, second)
    stored.resume(mine, first)
    stored.undelete(mine, second)
    assert {one.id: one.status for one in stored.every(mine)} == {first: "running", second: "stopped"}


def test_a_sweep_is_deleted_with_its_runs_and_comes_back(store):
    number = begin(store, Plan((RATES,), budget=4))
    sweeps.carry_on(store, lambda: 2)
    mine, other = store.of("mia"), store.of("jo")
    stored.delete(mine, number)
    assert (stored.every(mine), mine.runs(), store.waiting()) == ([], [], [])
    assert not sweeps.carry_on(store, lambda: 2)
    stored.undelete(mine, number)
    assert [sweep.status for sweep in stored.every(mine)] == ["stopped"]
    assert len(mine.runs()) == 2
    stored.delete(mine, number)
    stored.purge(store, now=4e9)
    store.purge(now=4e9)
    assert stored.one(store, number) is None
    with pytest.raises(NotYours):
        stored.trainings(other, number)


def test_a_sweep_is_its_owners_alone(store):
    number = begin(store, Plan((RATES,), budget=4))
    other = store.of("jo")
    assert (stored.every(other), stored.one(other, number)) == ([], None)
    for does in (stored.trainings, stored.stop, stored.resume, stored.delete, stored.undelete):
        with pytest.raises(NotYours):
            does(other, number)
    for does in (stored.running, stored.runs_of_sweeps, stored.purge):
        with pytest.raises(NotYours):
            does(other)
    for does in (stored.of_run, stored.all_runs):
        with pytest.raises(NotYours):
            does(other, number)
    assert stored.one(store, number).status == "running"
    with pytest.raises(NotYours):
        begin(other, Plan((RATES,), budget=4))
    begin(other, Plan((RATES,), budget=4), visitor="jo")
    with pytest.raises(LimitReached, match="A sweep of yours is still going on"):
        begin(other, Plan((RATES,), budget=4), visitor="jo")


def test_the_board_is_in_the_order_of_the_mean_over_seeds(store):
    """The best single seed, 0.99, is in the second row: the mean decides which combination, then the seed."""
    number = begin(store, Plan((Axis("batch_size", (16, 32, 64)),), budget=6, seeds=2))
    sweeps.carry_on(store, lambda: 9)
    for trial, accuracy in zip(
        stored.trainings(store, number), (0.90, 0.99, 0.97, 0.91, 0.91, 0.98), strict=True
    ):
        end(store, trial.run, accuracy)
    sweeps.carry_on(store, lambda: 9)
    rows = board(stored.trainings(store, number))
    assert [(row.changes["batch_size"], round(row.mean, 4), row.low, row.high) for row in rows] == [
        (64, 0.975, 0.97, 0.98),
        (32, 0.95, 0.91, 0.99),
        (16, 0.905, 0.90, 0.91),
    ]
    chosen = sweeps.best(rows)
    assert (chosen.changes, chosen.seed, chosen.validation) == ({"batch_size": 64}, 1, 0.98)
    sweep = stored.one(store, number)
    assert (sweep.status, sweeps.progress(sweep, stored.trainings(store, number))) == (
        "done",
        (1.0, "6 of 6 trainings over"),
    )
    assert search.combinations(sweep.plan) == [
        row.changes for row in sorted(rows, key=lambda r: r.trials[0].id)
    ]


def test_where_there_is_no_sweep_no_cluster_is_asked_for_its_size(store):
    """It may be unreachable, and the clock that finds vanished workers would wait for it."""

    def room():
        raise AssertionError("asked")

    assert not sweeps.carry_on(store, room)
