"""A training that is steered: what it learns is what its record, trained again, learns."""

import threading
import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from core.nn.architectures import Conv2D, Dense, Dropout, Flatten
from core.records import Change
from core.runs.sweeps import carry_on
from core.storage import steering as stored
from core.storage import sweeps
from core.storage.steering import Request
from core.storage.store import Store
from core.training import steering as settings
from core.training.search import Axis, Plan
from core.worker import steering, tasks, training, writer
from core.worker.hooks import Hooks
from tests.worker.queued_runs import LONG, wait
from tests.worker.short_trainings import END, SMALL, weights

LAYERS = (Conv2D(4, 4), Flatten(), Dropout(0.25), Dense(10, "softmax"))
MOVED = replace(SMALL, layers=LAYERS, optimizer="SGD with momentum", batch_size=20, epochs=4)  # 40 steps
DECAYED = replace(MOVED, optimizer="AdamW", learning_rate=0.002)


class Asker:
    """Asks for something once so many steps are done, as pages do; hears before which step it was heeded."""

    def __init__(self, *wanted: tuple[int, str, float], stop_after=None):
        self.wanted, self.images, self.stop_after = list(wanted), 0, stop_after
        self.heeded, self.points, self.steps = [], [], 0

    def hooks(self):
        return Hooks(
            on_metric=self.hear,
            requests=self.requests,
            on_heeded=lambda request, step, images: self.note(request, step),
            should_stop=lambda: self.stop_after is not None and self.steps >= self.stop_after,
        )

    def hear(self, metric):
        self.points.append(metric)
        self.steps = metric.images // 20

    def requests(self):
        ready = [one for one in self.wanted if one[0] <= self.steps]
        self.wanted = [one for one in self.wanted if one not in ready]
        return [Request(0, name, value) for _, name, value in ready]

    def note(self, request, step):
        self.heeded.append((request.name, step))
        if request.name in settings.SETTINGS:
            self.changes = (*getattr(self, "changes", ()), Change(step, request.name, request.value))


def at_once(monkeypatch):
    monkeypatch.setattr(training, "FIRST_POINT", 0.0)
    monkeypatch.setattr(training, "SHORTEST_GAP", 0.0)
    monkeypatch.setattr(training, "LIVE_FRACTION", 1e9)
    monkeypatch.setattr(training, "_CALL", 1e-9)  # one batch a call


@pytest.fixture(scope="module")
def unsteered(few):
    """(config) -> its checkpoint within the second epoch, and the weights at its end: trained once for all."""

    @cache
    def learn(config):
        with pytest.MonkeyPatch.context() as patch:
            at_once(patch)
            steps = iter([False] * 14 + [True])
            stopped = training.train(config, few, Hooks(should_stop=lambda: next(steps)))
            return stopped.last, weights(training.train(config, few))

    return learn


@pytest.mark.parametrize(
    ("config", "name", "value"),
    [
        (MOVED, "learning_rate", 0.002),
        (MOVED, "momentum", 0.0),
        (MOVED, "dropout", 0.6),
        (MOVED, "rotation", 20.0),
        (MOVED, "elastic", 1.5),
        (DECAYED, "weight_decay", 0.5),
    ],
)
def test_a_change_is_a_training_that_was_stopped_and_goes_on_with_other_settings(
    few, unsteered, monkeypatch, config, name, value
):
    """Changed within the second epoch, against a training of that setting, resumed there."""
    at_once(monkeypatch)
    stopped, plain = unsteered(config)
    step = stopped.step
    assert 10 < step < 20
    other = settings.at(config, [Change(0, name, value)], 0)
    expected = weights(training.train(other, few, resume=stopped))
    changed = weights(training.train(replace(config, changes=(Change(step, name, value),)), few))
    assert all(np.array_equal(expected[key], changed[key]) for key in expected)
    assert any(not np.array_equal(plain[key], changed[key]) for key in plain)


def test_what_was_changed_while_it_trained_is_reproduced_by_its_record(few, monkeypatch):
    asker = Asker((3, "learning_rate", 0.001), (12, "rotation", 15.0), (25, "dropout", 0.5))
    at_once(monkeypatch)
    steered = weights(training.train(MOVED, few, asker.hooks()))
    assert [change.name for change in asker.changes] == ["learning_rate", "rotation", "dropout"]
    assert asker.changes[0].step < asker.changes[1].step < asker.changes[2].step < 40
    again = weights(training.train(replace(MOVED, changes=asker.changes), few))
    assert all(np.array_equal(steered[name], again[name]) for name in steered)


@pytest.mark.parametrize(
    "changes",
    [
        (Change(7, "rotation", 15.0), Change(16, "momentum", 0.5)),
        (Change(7, "dropout", 0.0), Change(16, "dropout", 0.5)),
    ],
)
def test_a_steered_training_is_resumed_exactly(few, monkeypatch, changes):
    at_once(monkeypatch)
    config = replace(MOVED, changes=changes)
    whole = weights(training.train(config, few))
    for end in (5, 12, 26):  # before both, between them in the middle of an epoch, after both
        steps = iter([False] * end + [True])
        stopped = training.train(config, few, Hooks(should_stop=lambda steps=steps: next(steps)))
        resumed = weights(training.train(config, few, resume=stopped.last))
        assert all(np.array_equal(whole[name], resumed[name]) for name in whole)


def test_a_dropout_that_was_changed_to_0_drops_again_when_it_is_raised(few):
    """From the step on at which it is raised, as it does where it never was 0."""
    off, on = Change(10, "dropout", 0.0), Change(10, "dropout", 0.6)
    raised = weights(training.train(replace(MOVED, changes=(off, on)), few))
    higher = weights(training.train(replace(MOVED, changes=(on,)), few))
    never = weights(training.train(replace(MOVED, changes=(off,)), few))
    assert all(np.array_equal(raised[name], higher[name]) for name in raised)
    assert any(not np.array_equal(raised[name], never[name]) for name in raised)


def test_a_pause_takes_no_time_and_one_batch_and_the_rest_of_the_epoch_go_on(few, unsteered, monkeypatch):
    at_once(monkeypatch)
    asker, slept = Asker((4, "pause", 0)), []

    def sleep(seconds):  # nobody waits in a test: what is asked comes after some looks
        slept.append(asker.steps)
        if len(slept) == 5:
            asker.wanted.append((0, "batch", 0))
        if len(slept) == 10:
            asker.wanted.append((0, "epoch", 0))
        if len(slept) == 15:
            asker.wanted.append((0, "resume", 0))
        time_sleep(seconds)

    time_sleep = time.sleep
    monkeypatch.setattr(training.time, "sleep", sleep)
    done = training.train(MOVED, few, asker.hooks())
    assert done.ended == "finished"
    (_, paused), (_, batch), (_, epoch), (_, resumed) = asker.heeded
    assert (batch - paused, epoch - batch, resumed % 10, resumed > epoch) == (0, 1, 0, True)
    assert done.last.seconds < 15 * steering.WAIT + 30
    seconds = [point.seconds for point in asker.points]
    assert seconds == sorted(seconds)
    _, alone = unsteered(MOVED)
    assert all(
        np.array_equal(alone[name], one) for name, one in weights(done).items()
    )  # a pace changes nothing


def gives_way(store, paused, monkeypatch):
    """The tab is closed, and somebody else's training waits: for half a second here, not for ten minutes."""
    monkeypatch.setattr(writer, "GIVES_WAY", 0.5)
    trains = threading.Thread(target=tasks.train_run, args=(store.url, paused))
    trains.start()
    wait(lambda: store.metrics(paused))
    stored.ask(store.of("a" * 16), paused, "pause")
    trains.join(60)


def test_a_paused_training_leaves_the_worker_to_others_and_can_be_resumed(tmp_path, monkeypatch):
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    paused, waits = (store.add(LONG, name="", visitor=whose * 16) for whose in "ab")
    gives_way(store, paused, monkeypatch)
    run = store.run(paused)
    assert (run.status, run.note, run.has_network) == (
        "interrupted",
        "It was paused for ten minutes while others waited; it can be resumed.",
        True,
    )
    assert store.waiting() == [waits]
    assert store.of("a" * 16).requeue(paused)
    assert store.checkpoint(paused).step > 0


def test_a_sweeps_training_that_gave_way_goes_on_after_the_others(tmp_path, monkeypatch):
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    plan = Plan((Axis("batch_size", (LONG.batch_size,)),), budget=1)
    number = sweeps.add(store, LONG, plan, name="", visitor="a" * 16)
    carry_on(store, lambda: 1)
    (paused,) = (trial.run for trial in sweeps.trainings(store, number))
    waits = store.add(LONG, name="", visitor="b" * 16)
    gives_way(store, paused, monkeypatch)
    assert carry_on(store, lambda: 1)
    (trial,) = sweeps.trainings(store, number)
    assert (trial.status, trial.run_status) == ("begun", "queued")
    assert store.waiting() == [waits, paused]


def test_a_paused_training_can_be_stopped(few, monkeypatch):
    asker = Asker((0, "pause", 0))
    looks = iter([False] * 5 + [True] * 99)
    hooks = replace(asker.hooks(), should_stop=lambda: next(looks))
    assert training.train(MOVED, few, hooks).ended == "stopped"


def test_in_slow_motion_each_batch_is_a_point(few, monkeypatch):
    monkeypatch.setattr(steering, "SLOW", 0.001)
    asker = Asker((0, "slow", 0))
    training.train(replace(MOVED, epochs=1), few, asker.hooks())
    assert [point.images for point in asker.points] == list(range(20, 201, 20))


def test_what_a_training_does_not_heed_is_not_offered():
    assert settings.offered(replace(SMALL, optimizer="SGD", layers=(Flatten(), *END[1:])))[:2] == [
        "learning_rate",
        "rotation",
    ]
    assert "momentum" in settings.offered(MOVED)
    assert {"weight_decay", "dropout"} <= set(settings.offered(DECAYED))
