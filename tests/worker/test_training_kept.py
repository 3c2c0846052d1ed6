"""Which weights a training keeps, and what chooses them."""

from dataclasses import replace

import numpy as np
import pytest

from core.data import datasets
from core.models import classifiers
from core.nn.architectures import Dense, Flatten
from core.worker import export, measure, training
from core.worker.hooks import Hooks
from tests.worker.short_trainings import HELD_OUT, SMALL, Listener, differences, train, weights


def poisoned(labels):
    """Each label one too large: the better a network reads, the worse it looks."""
    return (labels + 1) % 10


def test_validation_digits_are_never_learnt_from(data):
    """With the held-back digits and all test digits spoilt, the training goes exactly the same way."""
    config = replace(SMALL, validation_split=HELD_OUT)
    spoilt = replace(
        data,
        x_train=np.concatenate([data.x_train[:1600], 255 - data.x_train[1600:]]),
        y_train=np.concatenate([data.y_train[:1600], poisoned(data.y_train[1600:])]),
        x_test=255 - data.x_test,
        y_test=poisoned(data.y_test),
    )
    listener = Listener()
    one, other = train(config, data, listener), train(config, spoilt)
    for ours, theirs in zip(one.last.state, other.last.state, strict=True):
        assert theirs == pytest.approx(ours, abs=1e-4)
    assert listener.whole[-1].images == 2 * 1600
    index, true, *_ = listener.snapshots[-1].worst[0]
    assert 1600 <= index < 2000
    assert true == data.y_train[index]


def test_the_best_epoch_is_kept_where_digits_are_held_back(data):
    """Poisoned validation labels make the first epoch the best."""
    labels = np.concatenate([data.y_train[:1600], poisoned(data.y_train[1600:])])
    listener = Listener()
    config = replace(SMALL, optimizer="SGD", validation_split=HELD_OUT, epochs=5)
    done = train(config, replace(data, y_train=labels), listener)
    accuracies = [p.validation_accuracy for p in listener.whole]
    assert accuracies[0] > accuracies[-1]
    assert done.last.best_epoch == 1 + np.argmax(accuracies) < 5
    kept = (measure.logits(done.model, data.x_train[1600:]).argmax(1) == labels[1600:]).mean()
    assert kept == pytest.approx(max(accuracies)) == pytest.approx(done.last.best_accuracy)


def test_the_last_epoch_is_kept_where_the_configuration_says_so(data):
    labels = np.concatenate([data.y_train[:1600], poisoned(data.y_train[1600:])])
    listener = Listener()
    config = replace(SMALL, optimizer="SGD", validation_split=HELD_OUT, epochs=3, checkpoint_selection="last")
    done = train(config, replace(data, y_train=labels), listener)
    accuracies = [p.validation_accuracy for p in listener.whole]
    assert accuracies[0] > accuracies[-1]
    assert (done.last.best_epoch, done.last.best_accuracy) == (3, accuracies[-1])


def test_the_test_digits_never_choose(data):
    """Without validation digits the last weights are kept, however bad the test digits say they are."""
    listener = Listener()
    config = replace(SMALL, optimizer="SGD", epochs=5)
    done = train(config, replace(data, y_test=poisoned(data.y_test)), listener)
    accuracies = [p.validation_accuracy for p in listener.whole]
    assert accuracies[-1] < max(accuracies)
    assert done.last.best_epoch == 5
    assert done.last.best_accuracy == accuracies[-1]
    last = dict(zip(weights(done), done.last.state, strict=False))
    assert differences(weights(done), last) == dict.fromkeys(last, 0.0)


@pytest.fixture
def more(data, monkeypatch):
    """50 images that the data add stand before MNIST's, which are 2000 here."""
    monkeypatch.setitem(datasets.KINDS, "mnist", replace(datasets.KINDS["mnist"], train=2000))
    added = (255 - data.x_train[:50], np.full(50, 3, np.uint8))
    return replace(
        data,
        x_train=np.concatenate([added[0], data.x_train]),
        y_train=np.concatenate([added[1], data.y_train]),
    )


def test_pictures_that_the_data_add_are_always_learnt_from(data, more):
    """Of MNIST's 100 are chosen and the last 400 held back."""
    config = replace(SMALL, train_size=100, validation_split=0.2, epochs=1, learning_rate=1e-6)
    alone, both = (training._Training(config, d, Hooks()) for d in (data, more))
    assert (len(alone.split.indices(0)), alone.split.indices(0).max() < 1600) == (100, True)
    assert both.split.indices(0).tolist() == [*range(50), *(alone.split.indices(0) + 50)]
    assert np.array_equal(both.split.x_validation, data.x_train[1600:])
    listener = Listener()
    train(config, more, listener)
    assert listener.whole[-1].images == 150
    index, true, *_ = listener.snapshots[-1].worst[0]  # as MNIST numbers them
    assert 1600 <= index < 2000
    assert true == data.y_train[index]


def test_a_share_of_what_is_added_is_chosen_anew_in_each_epoch(more):
    begun = training._Training(replace(SMALL, train_size=300, extra_fraction=0.4), more, Hooks())
    chosen = [begun.split.indices(epoch) for epoch in range(3)]
    assert [(indices < 50).sum() for indices in chosen] == [20] * 3
    assert [len(set(indices)) for indices in chosen] == [320] * 3
    assert len({tuple(sorted(indices[indices < 50])) for indices in chosen}) == 3
    assert len({tuple(indices[indices >= 50]) for indices in chosen}) == 1
    assert np.array_equal(begun.split.indices(1), chosen[1])


def test_an_eleventh_class_is_learnt_and_not_measured(data, monkeypatch):
    """Inverted digits are no digit; all that is told is of the ten digits."""
    monkeypatch.setitem(datasets.KINDS, "digit-lab", replace(datasets.KINDS["digit-lab"], train=2000))
    more = replace(
        data,
        x_train=np.concatenate([255 - data.x_train[:500], data.x_train]),
        y_train=np.concatenate([np.full(500, 10, np.uint8), data.y_train]),
    )
    layers = (*SMALL.layers[:-1], Dense(11, "softmax"))
    listener = Listener(drawing=np.float32(data.x_test[0]) / 255)
    done = train(replace(SMALL, layers=layers, data="digit-lab", label_smoothing=0.1), more, listener)
    last = listener.whole[-1]
    assert last.validation_accuracy > 0.75
    assert len(last.drawing) == 10
    assert sum(last.drawing) == pytest.approx(1, abs=1e-3)
    assert np.shape(listener.snapshots[-1].confusion) == (10, 10)
    assert measure.logits(done.model, data.x_test).shape == (500, 10)
    network = export.to_network(done.model, layers, "eleven", {})
    outputs = classifiers.Classifier(network).outputs(
        np.concatenate([data.x_test, 255 - data.x_test]) / np.float32(255)
    )
    assert outputs.shape == (1000, 11)
    is_digit = outputs.argmax(1) < 10
    assert is_digit[:500].mean() > 0.98
    assert is_digit[500:].mean() < 0.02


def test_patience_counts_epochs_that_were_measured(data):
    """Of ten digits, whose epochs are so short that without patience only each twentieth is measured."""
    config = replace(
        SMALL,
        train_size=10,
        validation_split=HELD_OUT,
        epochs=60,
        checkpoint_selection="best",
        learning_rate=0.003,
    )
    rare = Listener()
    train(replace(config, epochs=21), data, rare)
    assert [p.epoch for p in rare.points if p.whole] == [20, 21]
    listener = Listener()
    done = train(replace(config, patience=4), data, listener)
    accuracies = [p.validation_accuracy for p in listener.points if p.whole]
    assert done.ended == "early"
    best = int(np.argmax(accuracies))
    assert max(accuracies[best + 1 :]) <= accuracies[best]
    assert len(accuracies) == best + 1 + 4  # four epochs, each known to be no better
    assert done.last.step == len(accuracies)  # one batch each


@pytest.mark.parametrize("stop_after", [None, 2])
def test_patience_ends_a_training_that_gets_no_better(data, stop_after):
    """Also when it is stopped and resumed while its patience runs out."""
    labels = np.concatenate([data.y_train[:1600], poisoned(data.y_train[1600:])])
    config = replace(SMALL, validation_split=HELD_OUT, batch_size=1600, epochs=60, patience=3)
    poison, listener = replace(data, y_train=labels), Listener(stop_after)
    done = train(config, poison, listener)
    while done.ended == "stopped":
        listener.asked = 0
        done = train(config, poison, listener, resume=done.last)
    assert done.ended == "early"
    accuracies = {p.epoch: p.validation_accuracy for p in listener.whole}
    best = max(accuracies, key=accuracies.get)  # the first of the best
    assert done.last.best_epoch == best
    assert done.last.step == best + 3 == max(accuracies)


@pytest.mark.parametrize(
    "config",
    [
        replace(SMALL, optimizer="SGD", learning_rate=10_000.0),
        # one step, after which the loss was still that of the first weights
        replace(
            SMALL,
            layers=(Flatten(), *[Dense(64, "linear")] * 18, Dense(10, "softmax")),
            optimizer="SGD",
            learning_rate=10_000.0,
            batch_size=2000,
            epochs=1,
        ),
    ],
)
def test_a_loss_beyond_all_bounds_ends_a_training(data, config):
    listener = Listener()
    done = train(config, data, listener)
    assert done.ended == "diverged"
    assert all(np.isfinite(array).all() for array in weights(done).values())
    assert all(np.isfinite((p.train_loss, p.validation_loss)).all() for p in listener.points)
