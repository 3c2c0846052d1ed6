"""What a training learns, and what it tells meanwhile."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from core.data import datasets
from core.worker import models, predictor, steps, training
from tests.worker.short_trainings import SMALL, Listener, differences, train, weights


def mean_of_training(points):
    """(accuracy, loss) over all that the points tell: each speaks for the images since the one before."""
    counts = np.diff([0, *(p.images for p in points)])
    figures = [(p.train_accuracy, p.train_loss) for p in points]
    return tuple(np.average(figures, axis=0, weights=counts))


@pytest.fixture(scope="module")
def listener(data):
    return Listener(drawing=np.float32(data.x_test[0]) / 255)


@pytest.fixture(scope="module")
def trained(data, listener):
    return train(SMALL, data, listener)


def test_it_learns_and_reports_each_epoch(trained, listener):
    first, last = listener.whole
    assert trained.ended == "finished"
    assert (first.epoch, first.images, last.epoch, last.images) == (1, 2000, 2, 4000)
    assert 0 < first.seconds < last.seconds
    assert last.validation_accuracy > 0.8  # chance is 0.1
    assert last.train_loss < first.train_loss
    assert [p.images for p in listener.points] == sorted(p.images for p in listener.points)


def test_the_reported_figures_are_the_models(trained, data, listener):
    """Keras's own accuracy and loss, and its reading of the drawing."""
    trained.model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    loss, accuracy = trained.model.evaluate(predictor.as_input(data.x_test), data.y_test, verbose=0)
    last = listener.points[-1]
    assert (last.validation_accuracy, last.validation_loss) == pytest.approx((accuracy, loss), abs=1e-5)
    read = trained.model(predictor.as_input(data.x_test[:1])).numpy()[0]
    assert last.drawing == pytest.approx(read, abs=1e-5)
    assert trained.last.best_accuracy == last.validation_accuracy


def test_the_training_figures_are_the_models(few):
    """With a rate that changes nothing, what is reported of the training is true of its first weights."""
    listener = Listener()
    done = train(replace(SMALL, optimizer="SGD", learning_rate=1e-6, epochs=1), few, listener)
    done.model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    loss, accuracy = done.model.evaluate(predictor.as_input(few.x_train), few.y_train, verbose=0)
    assert mean_of_training(listener.points) == pytest.approx((accuracy, loss), abs=1e-4)


def test_a_snapshot_shows_what_is_misread_worst(trained, data, listener):
    """The counts and the order by Keras's own probabilities."""
    said = trained.model(predictor.as_input(data.x_test)).numpy()
    read, losses = said.argmax(1), -np.log(said[range(len(said)), data.y_test])
    snapshot = listener.snapshots[-1]
    assert snapshot.epoch == 2
    for true in range(10):
        of_true = read[data.y_test == true]
        assert snapshot.confusion[true] == tuple(int((of_true == digit).sum()) for digit in range(10))
    wrong = [i for i in range(len(read)) if read[i] != data.y_test[i]]
    assert len(wrong) > 10  # or there is nothing to choose from
    worst = sorted(wrong, key=lambda i: -losses[i])[:10]
    assert snapshot.worst == tuple(
        (i, data.y_test[i], read[i], pytest.approx(said[i].max(), abs=1e-5)) for i in worst
    )
    assert snapshot.images == datasets.digest(data.x_test[worst])


def test_the_same_seed_gives_the_same_network(trained, data):
    again = weights(train(SMALL, data))
    assert max(differences(weights(trained), again).values()) < 1e-4
    other = weights(train(replace(SMALL, seed=4), data))
    assert min(differences(other, again).values()) > 1e-3


def test_only_as_many_digits_are_learnt_from_as_wanted(data):
    """The same 50 in all epochs: at a rate that changes nothing, their loss does not change either."""
    listener = Listener()
    config = replace(SMALL, optimizer="SGD", learning_rate=1e-6, train_size=50, epochs=10)
    train(config, data, listener)
    # With few digits, measuring after each epoch would take longer than learning.
    assert [(p.epoch, p.images) for p in listener.whole] == [(5, 250), (10, 500)]
    _, one = mean_of_training([p for p in listener.points if p.images <= 250])
    _, same = mean_of_training([replace(p, images=p.images - 250) for p in listener.points if p.images > 250])
    assert same == pytest.approx(one, abs=1e-3)
    every = Listener()
    train(replace(config, train_size=2000, epochs=1), data, every)
    assert abs(mean_of_training(every.points)[1] - one) > 1e-2


def test_an_attack_stays_in_its_budget_and_raises_the_loss(few):
    config = replace(SMALL, attack_budget=0.1)
    model = models.build(SMALL.layers)
    batches = steps.Steps(model, keras.optimizers.SGD(0.1), config, few, training.devices.strategy())
    x, y = batches.images[:50].numpy().astype(np.float32) / 255, batches.labels[:50]
    changed = batches.attacked(x, y).numpy()
    assert np.abs(changed - x).max() <= 0.1 + 1e-6
    assert changed.min() >= 0
    assert changed.max() <= 1
    loss = keras.losses.SparseCategoricalCrossentropy()
    assert float(loss(y, model(changed))) > float(loss(y, model(x))) + 0.05
    np.testing.assert_array_equal(changed, batches.attacked(x, y).numpy())  # as a resumed training has it


def test_training_against_attacks_learns_something_else_and_still_learns(few):
    config = replace(SMALL, optimizer="Adam", epochs=4, batch_size=20)
    plain, hardened = weights(train(config, few)), weights(train(replace(config, attack_budget=0.1), few))
    assert max(differences(plain, hardened).values()) > 1e-3


def test_the_images_are_put_where_training_reads_them_once_for_trainings_one_after_another(few):
    one, other = few.x_train[:50].copy(), few.x_train[:50].copy()
    other.setflags(write=False)
    assert steps.kept_on_device(one) is not steps.kept_on_device(one)  # it may be written into
    first = steps.kept_on_device(other)
    assert steps.kept_on_device(other) is first
    assert np.array_equal(first.numpy()[..., 0], other)
    del other
    assert not steps._kept  # nor is the memory kept longer than the array
    every = datasets.mnist()
    with pytest.raises(ValueError, match="read-only"):
        every.x_train[0] = 0
