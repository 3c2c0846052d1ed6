"""A network learns from a class: further from the one that reads, and from the class alone."""

import numpy as np
import pytest

from core.commands import evaluate
from core.data import datasets
from core.models import registry
from core.records import Dataset, TrainConfig
from core.rooms import learning, progress, results
from core.runs import queue
from core.storage import room_drawings, room_events, rooms, states
from core.storage.database import NotYours
from core.storage.store import Store, open_store
from core.training import finetuning
from core.worker import tasks

TEACHER = "a" * 32


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    return open_store()


def a_class(store: Store, count: int) -> int:
    """The number of a room in which so many test digits were drawn."""
    room, _ = rooms.start(store.of(TEACHER))
    data = datasets.mnist()
    for n in range(count):
        who = store.of(f"pupil {n % 5}")
        rooms.join(who, room.code)
        room_drawings.add(who, room.id, label=int(data.y_test[n]), pixels=data.x_test[n], strokes="")
    return room.id


class Here:
    """Takes a training, and has it done in this process."""

    def __init__(self, store):
        self.store = store

    def submit(self, config: TrainConfig, **named):
        return self.store.add(config, **named)


def goes_up(store, room, run):
    """How it does on the class is known for each moment that was kept, and as in the network of that moment."""
    hand, drawn = room_drawings.arrays(store, room), room_drawings.images_of_class(store, room)
    held = progress.held_out(drawn, run)
    assert [one.id for one in held] == hand.ids[hand.held_out].tolist()
    assert len(held) > 5
    found = progress.progress(store, run, drawn)
    epochs, shares = zip(*found.on_class, strict=True)
    assert len(epochs) == len(states.moments(store, run.id)) > 4
    assert (epochs[0], list(epochs)) == (0, sorted(epochs))
    assert found.on_mnist[-1][1] == pytest.approx(store.metrics(run.id)[-1].validation_accuracy)
    if run.config.fine_tuning.base == finetuning.ALONE:
        assert found.before is None
        assert shares[0] < 0.4 < shares[-1]
    else:
        assert found.before == shares[0] == results.accuracy(registry.classifier(0), held)


def test_a_class_is_learnt_from_and_alone_it_teaches_less(store, monkeypatch):
    monkeypatch.setattr(queue, "jobs", lambda: Here(store))
    room = a_class(store, 60)
    accuracies = {}
    for way in ("learn", "class"):
        number = learning.begin(store.of(TEACHER), room, way)
        tasks.train_run(store.url, number)
        run = store.run(number)
        assert (run.status, run.visitor, run.published) == ("done", TEACHER, True), run.note
        accuracies[way] = run.test_accuracy
        assert (run.train_accuracy is None) == (run.train_loss is None) == (way == "class")
        goes_up(store.of(TEACHER), room, run)
    assert room_events.runs_of(store.of(TEACHER), room) == {"learn": 1, "class": 2}
    assert accuracies["learn"] > 0.985
    assert 0.4 < accuracies["class"] < 0.95  # of MNIST's digits, after some fifty of a class
    few = Dataset(*(array[:70] for array in vars(datasets.mnist()).values()))
    figures = evaluate._training_figures("2", registry.classifier(2), few)
    assert figures[2] == 70  # it has learnt from none of them, so they are not those of its seed


def test_alone_nothing_of_mnist_is_learnt_from(store):
    room = rooms.look(store, a_class(store, 40))
    config = learning.config(store, room, "class")
    hand = room_drawings.arrays(store, room.id)
    data = finetuning.dataset(hand, config)
    drawn = {image.tobytes() for image in hand.x[~hand.held_out]}
    count = len(data.x_train) - finetuning.VALIDATION
    assert {image.tobytes() for image in data.x_train[:count]} <= drawn
    assert np.array_equal(data.x_train[count:], datasets.mnist().x_train[-finetuning.VALIDATION :])


def test_only_a_teacher_has_a_network_learn_and_of_enough(store):
    room = a_class(store, 12)
    with pytest.raises(learning.TooFew, match="drawings are there to learn from; 20 are the least"):
        learning.begin(store.of(TEACHER), room)
    with pytest.raises(NotYours):
        learning.begin(store.of("pupil 1"), room)
