"""What one teacher, or who pretends to be one, may take of a computer that all share."""

import threading

import numpy as np
import pytest

from core.ink import files
from core.records import Drawing
from core.rooms import learning, reading, simulation
from core.storage import fair_queue, limits, room_drawings, rooms
from core.storage.database import HOME, LimitReached
from core.storage.room_access import NoRoom
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


def test_all_visitors_together_have_so_many_trainings_and_a_class_is_none_the_worse(store, monkeypatch):
    monkeypatch.setattr(limits, "ALL_TRAININGS", 2)
    room, _ = rooms.start(store.of(TEACHER))
    config = RECIPES["quick"].config
    for who in (OTHER, "c" * 32):
        store.of(who).add(config, name="n")
    store.of(HOME).add(config, name="n")
    with pytest.raises(LimitReached, match="2 trainings of all visitors train or wait, which is as"):
        store.of("d" * 32).add(config, name="n")
    store.of(HOME).add(config, name="n")  # whose computer it is
    with pytest.raises(learning.TooFew):  # no limit: there are no drawings yet
        learning.begin(store.of(TEACHER), room.id)
    store.ask_to_stop(1)
    store.of("d" * 32).add(config, name="n")


def waits(number, visitor, *, of_class=False, imported=False, running=False, served=0.0):
    return fair_queue.Waiting(number, visitor, of_class, imported, running, True, float(number), served)


# (what waits, in the order in which it was queued; the order in which it is begun)
TURNS = [
    # one's own in their order
    ([waits(1, "a"), waits(2, "a"), waits(3, "a")], [1, 2, 3]),
    # each visitor's first, then each one's second
    ([waits(1, "a"), waits(2, "a"), waits(3, "a"), waits(4, "b"), waits(5, "b")], [1, 4, 2, 5, 3]),
    # what trains was its visitor's turn
    ([waits(1, "a", running=True), waits(2, "a"), waits(3, "b")], [1, 3, 2]),
    # who was served a moment ago comes after who was longer ago, and who never was
    (
        [*(waits(n, "a", served=30.0) for n in (1, 2)), waits(3, "b", served=20.0), waits(4, "c")],
        [4, 3, 1, 2],
    ),
    # a class first, two of them by turns
    (
        [
            waits(1, "a"),
            waits(2, "t", of_class=True),
            waits(3, "t", of_class=True),
            waits(4, "u", of_class=True),
        ],
        [2, 4, 3, 1],
    ),
    # but not all that who calls himself a teacher may think of
    ([waits(1, "a"), *(waits(n, "t", of_class=True) for n in range(2, 7))], [2, 3, 4, 1, 5, 6]),
    # a teacher's other trainings are as everybody's
    ([waits(1, "a"), waits(2, "t"), waits(3, "t", of_class=True)], [3, 1, 2]),
    # a network from a file waits for nobody, and takes nobody's turn
    ([waits(1, "a"), waits(2, "b", imported=True), waits(3, "b"), waits(4, "a")], [2, 1, 3, 4]),
]


@pytest.mark.parametrize(("there", "order"), TURNS)
def test_visitors_take_turns(there, order):
    assert [one.id for one in fair_queue.in_turn(there[::-1])] == order


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


def test_a_simulated_pupil_who_draws_as_all_are_paused_stays(store, monkeypatch):
    """And goes where there is no class any more."""
    teacher = store.of(TEACHER)
    room, _ = rooms.start(teacher)
    acts = []

    def act(theirs, *_):
        acts.append(theirs.owner)
        if len(acts) < 3:
            raise NoRoom("Your teacher has paused all phones")
        if len(acts) == 4:
            rooms.delete(teacher, room.id)

    monkeypatch.setattr(simulation, "_act", act)
    simulation._run(store, room.code, ["one"], (0.0, 0.0))
    assert acts == ["one"] * 4
