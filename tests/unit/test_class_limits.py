"""What one teacher, or who pretends to be one, may take of a computer that all share."""

import threading

import numpy as np
import pytest

from core.ink import files
from core.records import Drawing
from core.rooms import learning, reading, simulation
from core.storage import limits, room_drawings, rooms
from core.storage.database import HOME, LimitReached
from core.training.recipes import RECIPES

TEACHER, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def idle(tmp_path, monkeypatch):
    """Simulated pupils who draw nothing until the test is over."""
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    over = threading.Event()
    monkeypatch.setattr(simulation, "_run", lambda *_: over.wait(60))
    yield
    over.set()
    for *_, thread in simulation._going:
        thread.join()


def test_a_class_has_so_many_simulated_pupils_however_often_one_clicks(store, idle):
    teacher = store.of(TEACHER)
    room, _ = rooms.start(teacher)
    simulation.begin(teacher, room, 12)
    simulation.begin(teacher, room, 18)
    with pytest.raises(LimitReached, match="draws for 30 pupils here, and with 5 more for over 30"):
        simulation.begin(teacher, room, 5)


def test_visitors_together_have_so_many_and_this_computers_own_user_more(store, idle):
    for who in (TEACHER, OTHER):
        for _ in range(2):
            simulation.begin(store.of(who), rooms.start(store.of(who))[0], 30)
    with pytest.raises(LimitReached, match="several classes already"):
        simulation.begin(store.of(OTHER), rooms.start(store.of(OTHER))[0], 5)
    simulation.begin(store.of(HOME), rooms.start(store.of(HOME))[0], 5)


def test_trainings_of_a_class_count_as_its_teachers(store, monkeypatch):
    room, _ = rooms.start(store.of(TEACHER))
    store.add(RECIPES["quick"].config, name="n", visitor=TEACHER)
    monkeypatch.setattr(limits, "TRAININGS", 1)
    with pytest.raises(LimitReached, match="1 trainings of yours train or wait"):
        learning.begin(store.of(TEACHER), room.id)
    with pytest.raises(learning.TooFew):
        learning.begin(store.of(OTHER), rooms.start(store.of(OTHER))[0].id)


@pytest.mark.parametrize("strokes", [1, 3])
def test_a_drawing_of_a_class_has_so_many_points(store, strokes):
    room, _ = rooms.start(store.of(TEACHER))
    mine = store.of(OTHER)
    rooms.join(mine, room.code)
    line = np.linspace(0, 100, 1000 * 3 // strokes).repeat(2).reshape(-1, 2).astype(np.float32)
    most = Drawing((line,) * strokes)
    image = files.to_digit_image(most)
    reading.send(mine, room, 1, most, image, None)
    with pytest.raises(
        files.BadInput, match="This drawing has 3,001 points; at most 3,000 are accepted in a class"
    ):
        reading.send(mine, room, 2, Drawing((*most.strokes, line[:1])), image, None)
    assert [one.label for one in room_drawings.of_class(store.of(TEACHER), room.id)] == [1]


def test_one_pupil_stores_what_a_lesson_needs():
    """45 minutes with a digit every six seconds, of all points that are accepted: some 25 MB, and no more."""
    assert 45 * 60 / 6 <= room_drawings.MOST <= 500
    assert room_drawings.MOST * reading.POINTS * len("[123.45, 123.45], ") <= 30e6
