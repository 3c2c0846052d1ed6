"""What several do at the same moment: nobody is told that the database has refused it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest

from core.data.own_classes import OwnClasses
from core.records import Drawing, StoredDrawing
from core.storage import (
    chosen_networks,
    drawings,
    fair_queue,
    lesson_progress,
    limits,
    own_classes,
    room_names,
    rooms,
    sweeps,
)
from core.storage.database import LimitReached
from core.training.recipes import RECIPES
from core.training.search import Axis, Plan
from tests.unit.sweep_configs import CONFIG

TOGETHER = 10
TEACHER = "a" * 32
RATES = Axis("learning_rate", (0.001, 0.01))


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each returned, or raised, of calls that begin together, each in a thread of its own."""
    ready = threading.Barrier(len(calls))

    def begin(call):
        ready.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        begun = [pool.submit(begin, call) for call in calls]
    return [one.exception() or one.result() for one in begun]


@pytest.fixture
def room(store):
    return rooms.start(store.of(TEACHER))


@pytest.fixture
def few_names(monkeypatch):
    """The first word that is free, so that all who look at once see the same one."""
    monkeypatch.setattr(room_names, "name", lambda taken: f"Quiet Otter {len(taken)}")


@pytest.mark.usefixtures("few_names")
def test_a_whole_class_joins_and_each_has_a_name(store, room):
    def joins(number):
        return lambda: rooms.join(store.of(f"{number:032}"), room[0].code)[1].name

    found = at_once(*map(joins, range(TOGETHER)))
    assert sorted(map(str, found)) == [f"Quiet Otter {n}" for n in range(TOGETHER)]


def test_two_tabs_of_one_phone_are_one_pupil(store, room):
    found = at_once(*[lambda: rooms.join(store.of("b" * 32), room[0].code)[1].id] * TOGETHER)
    assert len(set(map(str, found))) == 1
    assert str(found[0]).isdigit()


def test_a_teachers_link_is_opened_in_two_tabs(store, room):
    found = at_once(*[lambda: rooms.claim(store.of("c" * 32), room[0].code, room[1]).id] * TOGETHER)
    assert set(map(str, found)) == {str(room[0].id)}


def test_one_choice_of_a_network_is_left(store):
    calls = [lambda n=n: chosen_networks.keep(store, "b" * 32, "draw", n) for n in range(TOGETHER)]
    assert at_once(*calls) == [None] * TOGETHER
    assert list(chosen_networks.load(store, "b" * 32)) == ["draw"]


def test_one_answer_to_a_question_is_left(store):
    calls = [lambda n=n: lesson_progress.add(store, "b" * 32, "noise", str(n)) for n in range(TOGETHER)]
    assert at_once(*calls) == [None] * TOGETHER
    assert list(lesson_progress.load(store, "b" * 32)) == ["noise"]


def test_of_ten_clicks_on_train_as_many_count_as_there_is_room_for(store):
    mine = store.of("b" * 32)
    ended = mine.add(RECIPES["quick"].config, name="n")
    mine.ask_to_stop(ended)
    for _ in range(limits.TRAININGS - 1):
        mine.add(RECIPES["quick"].config, name="n")
    add = [lambda: mine.add(RECIPES["quick"].config, name="n")] * (TOGETHER - 1)
    found = at_once(lambda: mine.requeue(ended), *add)
    assert sum(isinstance(one, LimitReached) for one in found) == TOGETHER - 1
    assert len(mine.active()) == limits.TRAININGS


def test_of_ten_clicks_on_a_classs_training_too(store, monkeypatch):
    monkeypatch.setattr(limits, "TRAININGS", 1)
    calls = [lambda: store.add(RECIPES["quick"].config, name="n", visitor=TEACHER, recipe=fair_queue.CLASS)]
    found = at_once(*calls * TOGETHER)
    assert sum(isinstance(one, LimitReached) for one in found) == TOGETHER - 1


def test_of_ten_clicks_on_a_sweep_one_counts(store):
    mine = store.of("b" * 32)
    stopped = sweeps.add(mine, CONFIG, Plan((RATES,), budget=2), name="A", visitor="b" * 32)
    sweeps.stop(mine, stopped)
    add = [lambda: sweeps.add(mine, CONFIG, Plan((RATES,), budget=2), name="A", visitor="b" * 32)]
    found = at_once(lambda: sweeps.resume(mine, stopped), *add * (TOGETHER - 1))
    assert sum(isinstance(one, LimitReached) for one in found) == TOGETHER - 1
    assert [one.status for one in sweeps.every(mine)].count("running") == 1


def test_of_ten_drawings_as_many_are_kept_as_there_is_room_for(store, monkeypatch):
    monkeypatch.setattr(limits, "DRAWINGS", 3)
    calls = [lambda n=n: drawings.add(store.of("b" * 32), _drawn(n)) for n in range(TOGETHER)]
    found = at_once(*calls)
    assert sum(isinstance(one, LimitReached) for one in found) == TOGETHER - 3
    assert len(drawings.everything(store, "b" * 32)) == 3


def _drawn(number):
    pixels = np.zeros((28, 28), np.uint8)
    pixels[number] = 255
    return StoredDrawing(
        label=0, pixels=pixels, strokes="", visitor="b" * 32, created=datetime.now(UTC), predicted=None,
        confidence=None, network="",
    )  # fmt: skip


def test_of_drawings_for_a_class_of_ones_own_each_is_kept(store):
    own = own_classes.add(store, "b" * 32, OwnClasses("two", ("a", "b")))
    strokes = [Drawing((np.array([[0, 0], [9, n]], np.float32),)) for n in range(TOGETHER)]
    calls = [
        lambda one=one: own_classes.change(store, "b" * 32, own.id, lambda now: now.with_drawing(0, one))
        for one in strokes
    ]
    at_once(*calls)
    assert own_classes.load(store, "b" * 32)[0].counts == [TOGETHER, 0]
