"""What the wall and the teacher's page say of what has learnt from a class: the same."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.data import datasets
from core.models import registry
from core.rooms import learning, progress
from core.storage import room_drawings, room_events, room_tasks, rooms
from core.storage.store import open_store
from tests.pages.class_pages import PUPILS, TEACHER, html, page, words
from ui.sections import wall_learning


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A class of three that has drawn 60 test digits."""
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    monkeypatch.setattr(room_drawings, "PER_MINUTE", 10_000)
    found, _ = rooms.start(open_store().of(TEACHER))
    for who in PUPILS:
        rooms.join(open_store().of(who), found.code)
    draw(found, range(60), wrong=())
    return found


def draw(room, numbers, wrong):
    """These test digits of MNIST's are drawn, some of them where another was asked for."""
    data, store = datasets.mnist(), open_store().of(PUPILS[0])
    for n in numbers:
        label = (int(data.y_test[n]) + (n in wrong)) % 10
        room_drawings.add(store, room.id, strokes="", label=label, pixels=data.x_test[n])


def learn(room, way):
    """A training of the class that has ended, with a network that came with the app; its number."""
    store = open_store()
    teacher = store.of(TEACHER)
    config = learning.config(teacher, rooms.look(teacher, room.id), way)
    run = store.add(config, name=learning.NAMES[way], visitor=TEACHER)
    room_events.note_run(teacher, room.id, way, run)
    token = store.claim(run, "w:1:1", "")
    network = registry.network(store, registry.SHIPPED if way == "learn" else registry.MNIST_ALONE)
    store.finish(run, network, b"", None, test_accuracy=0.9, token=token, status="done")
    return run


def predict(room, *percents):
    task = room_tasks.start(open_store().of(TEACHER), room.id, "predict", {})
    for who, percent in zip(PUPILS, percents, strict=False):
        room_tasks.reply(open_store().of(who), room.id, task.id, percent)


def said(room):
    """(percent on the teacher's page, on the wall), None where nothing is said."""
    pages = page("class", TEACHER, room=room.id), page("wall", TEACHER, room.code)
    found = [re.search(r"t reads (?:<b>)?([\d.]+)%", words(at)) for at in pages]
    return tuple(one and float(one[1]) for one in found)


def test_what_had_learnt_before_a_prediction_is_not_its_result(room):
    learn(room, "learn")
    predict(room, 85.0, 97.0)
    assert said(room) == (None, None)
    learn(room, "learn")
    assert said(room) == (100.0, 100.0)


def test_both_measure_the_same_of_many_and_name_the_same_winner(room, monkeypatch):
    """Of some thirty held out a third is read wrongly, none of the latest."""
    monkeypatch.setattr(progress, "MOST", 5)
    draw(room, range(60, 120), wrong=range(60, 120))
    draw(room, range(120, 160), wrong=())
    predict(room, 60.0, 97.0)
    learn(room, "learn")
    on_page, on_wall = said(room)
    assert on_page == on_wall > 95
    _, second, _ = rooms.class_of(open_store().of(TEACHER), room.id)
    assert f"Nearest: **{second.name}**" in words(page("class", TEACHER, room=room.id))


def test_of_several_ways_it_is_the_network_that_reads_whose_result_was_predicted(room):
    predict(room, 85.0)
    learn(room, "learn")
    draw(room, range(60, 120), wrong=range(60, 120))
    for way in learning.WAYS:
        learn(room, way)
    assert said(room) == (100.0, 100.0)


def test_the_training_begun_last_stands_last(room):
    runs = [learn(room, way) for way in ("class", "learn", "class")]
    found = room_events.runs_of(open_store().of(TEACHER), room.id)
    assert list(found.items()) == [("learn", runs[1]), ("class", runs[2])]


def test_before_is_the_network_that_the_training_began_with(room):
    first = learn(room, "learn")
    open_store().publish(first)
    rooms.set_flags(open_store().of(TEACHER), room.id, network=first)
    learn(room, "learn")
    assert "<th>Before</th><td>100%</td><td>90.00%</td>" in words(page("class", TEACHER, room=room.id))


def test_a_training_that_has_ended_is_measured_once_and_not_looked_at_by_itself(room, monkeypatch):
    learn(room, "learn")
    wall = page("wall", TEACHER, room.code)
    shown = html(wall, "wall-learns")
    assert "Taught by the class" in shown
    monkeypatch.setattr(progress, "progress", None)
    monkeypatch.setattr(wall_learning, "_learns", None)
    draw(room, range(60, 62), wrong=())
    wall.run()
    assert not wall.exception
    assert html(wall, "wall-learns") == shown


def test_a_training_stays_on_the_wall_after_its_end_not_after_its_beginning(room):
    store, number = open_store(), learn(room, "learn")
    run = store.run(number)
    long = replace(run, created=datetime.now(UTC) - timedelta(minutes=20), seconds=15 * 60.0)
    assert wall_learning.stays(long)
    assert not wall_learning.stays(replace(long, seconds=60.0))
