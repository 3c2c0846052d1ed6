"""Our loop against Keras's own, and what a training promises: the same seed, stop, resume, the best."""

from dataclasses import replace
from datetime import UTC, datetime

import keras
import numpy as np
import pytest

from core.data import datasets, pen_paths, synthetic_digits, training_sets
from core.ink import preprocessing
from core.models import classifiers, keras_import, networks, prediction_cache
from core.nn import architectures
from core.nn.activations import softmax
from core.nn.architectures import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    PReLU,
)
from core.nn.layers import JOINS
from core.records import (
    Augmentation,
    Checkpoint,
    Dataset,
    DigitImage,
    FineTuning,
    StoredDrawing,
    TrainConfig,
)
from core.storage import drawings
from core.storage.store import Store
from core.training import configs, finetuning, recipes
from core.worker import export, measure, models, optimizers, predictor, steps, tasks, training
from core.worker.hooks import Hooks
from tests import setups
from tests.networks import joined

END = (Flatten(), Dense(10, "softmax"))
SMALL = TrainConfig(
    layers=(Conv2D(4, 4), MaxPooling2D(3), *END),
    optimizer="Adam",
    learning_rate=0.01,
    batch_size=50,
    epochs=2,
    seed=3,
)
HELD_OUT = 400 / datasets.KINDS["mnist"].train  # the share that makes 400 validation digits


class Listener:
    """Keeps all that a training tells, and stops it after so many calls of the graph."""

    def __init__(self, stop_after=None, drawing=None):
        self.points, self.snapshots, self.checkpoints = [], [], []
        self.stop_after, self.drawing, self.asked = stop_after, drawing, 0

    def should_stop(self):
        self.asked += 1
        return self.stop_after is not None and self.asked > self.stop_after

    @property
    def whole(self):
        return [point for point in self.points if point.whole]


def train(config, data, listener=None, resume=None):
    heard = listener or Listener()
    hooks = Hooks(
        on_metric=heard.points.append,
        on_snapshot=heard.snapshots.append,
        on_checkpoint=heard.checkpoints.append,
        should_stop=heard.should_stop,
        drawing=lambda: heard.drawing,
    )
    return training.train(config, data, hooks, resume=resume)


def weights(trained):
    return models.get_weights(trained.model)


def differences(one, other):
    """The largest difference of each array of two networks."""
    assert one.keys() == other.keys()
    return {name: float(np.abs(one[name] - other[name]).max()) for name in one}


def untrained(config):
    """The model that the configuration's seed begins with."""
    keras.utils.set_random_seed(config.seed)
    return models.build(config.layers)


def mean_of_training(points):
    """(accuracy, loss) over all that the points tell: each speaks for the pictures since the one before."""
    counts = np.diff([0, *(p.images for p in points)])
    figures = [(p.train_accuracy, p.train_loss) for p in points]
    return tuple(np.average(figures, axis=0, weights=counts))


def by_keras(config, data, optimizer, loss="sparse_categorical_crossentropy"):
    """The weights after Keras's own `fit` from the same first weights."""
    model = untrained(config)
    model.compile(optimizer, loss, jit_compile=False)
    labels = data.y_train if isinstance(loss, str) else np.eye(10, dtype=np.float32)[data.y_train]
    x = predictor.as_input(data.x_train)
    model.fit(x, labels, batch_size=config.batch_size, epochs=config.epochs, shuffle=False, verbose=0)
    return models.get_weights(model)


# -- what it learns


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


# -- our loop is Keras's, only sooner

EVERY_LAYER = {
    "dense": (Flatten(), Dense(20, "tanh"), Dense(10, "softmax")),
    "convolution": (Conv2D(4, 5, 3, "same", "sigmoid"), *END),
    "pooling": (Conv2D(4, 3, 2), MaxPooling2D(2), Conv2D(4, 3, activation="tanh"), MaxPooling2D(2), *END),
    "two poolings": (Conv2D(4, 5), MaxPooling2D(2), MaxPooling2D(2), Activation("sigmoid"), *END),
    "average": (Conv2D(4, 5, activation="linear"), AveragePooling2D(3), Activation("relu"), *END),
    "normalised": (Conv2D(4, 5, 2, activation="linear"), BatchNormalization(), Activation("tanh"), *END),
    "normalised vector": (Flatten(), Dense(20, "linear"), BatchNormalization(), Dense(10, "softmax")),
}


@pytest.mark.parametrize("name", EVERY_LAYER)
def test_each_layer_learns_as_in_keras(few, name):
    config = replace(
        SMALL, layers=EVERY_LAYER[name], optimizer="SGD", learning_rate=0.3, batch_size=200, epochs=4
    )
    ours, theirs = weights(train(config, few)), by_keras(config, few, keras.optimizers.SGD(0.3))
    assert max(differences(ours, theirs).values()) < 1e-4
    assert max(differences(ours, models.get_weights(untrained(config))).values()) > 1e-2  # it did learn


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [2, 3, 8])
def test_one_picture_whose_pixels_are_skipped_ends_nobody(few, padding, stride):
    """TensorFlow's own gradient ends the process here. An independent way to the same: every n-th pixel."""
    layers = (Conv2D(4, 1, stride, padding, "tanh"), *END)
    config = replace(SMALL, layers=layers, train_size=10, batch_size=3, epochs=1)  # the last batch has one
    model = train(config, few).model
    found = models.get_weights(model)
    sparse = Dataset(
        few.x_train[:, ::stride, ::stride], few.y_train, few.x_test[:, ::stride, ::stride], few.y_test
    )
    plain = replace(config, layers=(Conv2D(4, 1, 1, padding, "tanh"), *END))
    with pytest.MonkeyPatch.context() as patch:
        kind = replace(datasets.KINDS["mnist"], shape=(*sparse.x_train.shape[1:], 1))
        patch.setitem(datasets.KINDS, "mnist", kind)
        assert max(differences(weights(train(plain, sparse)), found).values()) < 1e-6
    by_keras = model.predict(predictor.as_input(few.x_test[:1]), verbose=0)
    assert softmax(measure.logits(model, few.x_test[:1])) == pytest.approx(by_keras, abs=1e-6)


@pytest.mark.parametrize("seed", [3, 5, 8, 13])
def test_a_random_set_up_trains(seed):
    """`make setups` tries two hundred more."""
    assert setups.attempt(seed).split(",")[0] in ("finished", "early", "diverged")


def test_the_running_averages_of_five_digits_are_kerass(few):
    """With so few, a variance divided by n - 1 in place of n would be seen."""
    five = replace(few, x_train=few.x_train[:5], y_train=few.y_train[:5])
    config = replace(SMALL, layers=EVERY_LAYER["normalised vector"], optimizer="SGD", batch_size=5, epochs=4)
    ours, theirs = weights(train(config, five)), by_keras(config, five, keras.optimizers.SGD(0.01))
    assert max(differences(ours, theirs).values()) < 1e-4


OPTIMIZERS = {
    "SGD": (0.1, keras.optimizers.SGD(0.1)),
    "SGD with momentum": (0.1, keras.optimizers.SGD(0.1, momentum=0.9)),
    "RMSprop": (0.003, keras.optimizers.RMSprop(0.003)),
    "Adam": (0.003, keras.optimizers.Adam(0.003)),
    "AdamW": (0.003, keras.optimizers.AdamW(0.003)),
    "Adadelta": (1.0, keras.optimizers.Adadelta(1.0)),
}


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_each_optimizer_moves_the_weights_as_in_keras(few, name):
    rate, optimizer = OPTIMIZERS[name]
    config = replace(SMALL, optimizer=name, learning_rate=rate, batch_size=200, epochs=6)
    ours, theirs = weights(train(config, few)), by_keras(config, few, optimizer)
    assert max(differences(ours, theirs).values()) < 1e-4
    assert max(differences(ours, models.get_weights(untrained(config))).values()) > 1e-2


@pytest.mark.parametrize(
    ("optimizer", "name", "value"),
    [("Adam", "beta_2", 0.9), ("Adam", "epsilon", 0.01), ("AdamW", "weight_decay", 0.5)],
)
def test_each_setting_of_an_optimizer_is_kerass(few, optimizer, name, value):
    config = replace(SMALL, optimizer=optimizer, batch_size=200, epochs=6, **{name: value})
    ours, of_keras = weights(train(config, few)), getattr(keras.optimizers, optimizer)
    assert max(differences(ours, by_keras(config, few, of_keras(0.01, **{name: value}))).values()) < 1e-4
    assert max(differences(ours, by_keras(config, few, of_keras(0.01))).values()) > 1e-3


def test_the_schedule_sets_the_rate_of_each_step(few):
    config = replace(SMALL, optimizer="SGD", learning_rate=0.5, schedule="cosine", batch_size=200, epochs=6)
    ours = weights(train(config, few))
    cosine = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.5, 6))
    assert max(differences(ours, by_keras(config, few, cosine)).values()) < 1e-4


@pytest.mark.parametrize("spread", [0.1, 0.5])
def test_label_smoothing_is_kerass(few, spread):
    config = replace(
        SMALL, optimizer="SGD", learning_rate=0.5, label_smoothing=spread, batch_size=200, epochs=3
    )
    ours = weights(train(config, few))
    smooth = keras.losses.CategoricalCrossentropy(label_smoothing=spread)
    assert max(differences(ours, by_keras(config, few, keras.optimizers.SGD(0.5), smooth)).values()) < 1e-4
    assert max(differences(ours, by_keras(config, few, keras.optimizers.SGD(0.5))).values()) > 1e-3


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


def test_a_last_smaller_batch_counts_by_its_own_size(few):
    """200 times the same digit, in batches of 150 and 50, whatever their order."""
    same = replace(few, x_train=few.x_train[:1].repeat(200, 0), y_train=few.y_train[:1].repeat(200))
    config = replace(SMALL, optimizer="SGD", learning_rate=0.01, batch_size=150, epochs=2)
    ours, theirs = weights(train(config, same)), by_keras(config, same, keras.optimizers.SGD(0.01))
    assert max(differences(ours, theirs).values()) < 1e-5


def test_digits_are_shuffled_anew_in_each_epoch(few):
    batches = steps.Steps(models.build(SMALL.layers), None, SMALL, few, training.devices.strategy())
    orders = []
    for epoch in (0, 1):
        batches.begin_epoch(np.arange(200, dtype=np.int32), epoch)
        orders.append(batches.order)
        assert sorted(batches.order) == list(range(200))
        assert (batches.order != np.arange(200)).mean() > 0.9
    assert (orders[0] != orders[1]).mean() > 0.9


# -- stop and resume

RICH = TrainConfig(
    layers=(
        Conv2D(4, 5, 3, activation="linear"),
        BatchNormalization(),
        Activation("relu"),
        Dropout(0.3),
        Flatten(),
        Dense(16),
        Dropout(0.2),
        Dense(10, "softmax"),
    ),
    optimizer="Adam",
    learning_rate=0.003,
    schedule="one-cycle",
    batch_size=100,
    epochs=2,
    train_size=300,
    augmentation=Augmentation(rotation=10, shear=5, scale=0.1, shift=2, elastic=0.5),
    label_smoothing=0.1,
)


def test_a_stop_before_the_first_batch_leaves_nothing(data):
    listener = Listener(stop_after=0)
    done = train(SMALL, data, listener)
    assert (done.ended, done.last.step, done.last.best_accuracy) == ("stopped", 0, 0)
    assert listener.points == []


def test_a_stop_within_an_epoch_measures_what_was_learnt(data):
    listener = Listener(stop_after=2)  # after the first call there is a point already
    done = train(SMALL, data, listener)
    last = listener.points[-1]
    assert done.ended == "stopped"
    assert 0 < last.epoch < 1
    assert last.images == done.last.images == done.last.step * SMALL.batch_size
    assert last.whole
    kept = (measure.logits(done.model, data.x_test).argmax(1) == data.y_test).mean()
    assert kept == pytest.approx(last.validation_accuracy) == pytest.approx(done.best_accuracy)


@pytest.mark.parametrize("optimizer", ["Adam", "RMSprop", "SGD with momentum"])
def test_a_training_in_pieces_is_a_training_in_one_go(data, optimizer):
    """Stopped in the middle of epochs, with dropout and all else on."""
    config = replace(RICH, optimizer=optimizer)
    in_one = train(config, data)
    done, at = train(config, data, Listener(stop_after=1)), []
    while done.ended == "stopped" and len(at) < 3:
        at.append(done.last.step)
        done = train(config, data, Listener(stop_after=1), resume=done.last)
    assert at == [2, 3, 5]  # of three batches in an epoch; a first call takes two, or what is left
    done = train(config, data, resume=done.last)
    assert (done.ended, done.last.step, done.last.images) == ("finished", 6, 600)
    for one, other in zip(in_one.last.state, done.last.state, strict=True):
        assert other == pytest.approx(one, abs=1e-4)
    assert max(differences(weights(in_one), weights(done)).values()) < 1e-4


CHOOSY = replace(
    RICH, epochs=8, validation_split=HELD_OUT, learning_rate=0.02, schedule="constant", train_size=250
)


@pytest.mark.parametrize("settings", [{}, {"patience": 2}, {"checkpoint_selection": "last"}])
def test_a_resumed_training_has_the_same_curve_and_the_same_end(data, settings):
    """With batch normalization, dropout, Adam: measured on the same weights, so the figures are the same.

    A stop within an epoch is measured too, which an uninterrupted training would not: it chooses nothing.
    """
    config = replace(CHOOSY, **settings)
    whole = Listener()
    in_one = train(config, data, whole)
    pieces, resume = [], None
    while True:
        listener = Listener(stop_after=2)
        done = train(config, data, listener, resume=resume)
        pieces += listener.points
        resume = done.last
        if done.ended != "stopped":
            break
    assert done.ended == in_one.ended

    def curve(points):
        ends = [p for p in points if p.whole and p.epoch == round(p.epoch)]
        return [figure for p in ends for figure in (p.epoch, p.validation_accuracy, p.validation_loss)]

    assert curve(pieces) == pytest.approx(curve(whole.points), abs=1e-3)
    assert (done.best_epoch, done.last.step) == (in_one.best_epoch, in_one.last.step)
    assert done.best_accuracy == pytest.approx(in_one.best_accuracy, abs=0.003)
    assert max(differences(weights(in_one), weights(done)).values()) < 1e-3


def test_a_checkpoint_on_the_way_is_as_good_as_one_at_a_stop(data):
    """As after a crash: the last that the hook was given."""
    listener = Listener()
    in_one = train(replace(SMALL, epochs=3), data, listener)
    first = listener.checkpoints[0]
    assert 0 < first.step < in_one.last.step
    resumed = Listener()
    again = train(replace(SMALL, epochs=3), data, resumed, resume=first)
    assert max(differences(weights(in_one), weights(again)).values()) < 1e-4
    assert resumed.points[0].images > first.images
    assert resumed.points[0].seconds > first.seconds
    assert resumed.points[-1].images == 6000


# -- what is kept


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
    """50 pictures that the data add stand before MNIST's, which are 2000 here."""
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


# -- how it is kept


@pytest.fixture(scope="module")
def every_layer(data):
    """A trained network of all kinds of layers."""
    layers = (
        Conv2D(4, 5, 2, "same", "linear"),
        BatchNormalization(),
        Activation("relu"),
        MaxPooling2D(2),
        Conv2D(6, 3, padding="same", activation="tanh"),
        AveragePooling2D(2),
        BatchNormalization(),
        Activation("tanh"),
        Flatten(),
        Dense(16, "sigmoid"),
        PReLU(),
        Dropout(0.2),
        Dense(10, "softmax"),
    )
    assert {type(layer) for layer in layers} == set(architectures.LAYERS.values()) - set(JOINS)
    return train(replace(SMALL, layers=layers), data).model, layers


def test_litert_and_keras_agree_layer_by_layer(every_layer, data, tmp_path):
    model, layers = every_layer
    networks.save(export.to_network(model, layers, "small", {"seed": 3}), tmp_path / "small")
    network = networks.load(tmp_path / "small")
    # the first convolution takes in the two layers after it
    left = (Conv2D(4, 5, 2, "same", "relu"), *layers[3:])
    assert (network.name, network.layers, network.about) == ("small", left, {"seed": 3})
    classifier = classifiers.Classifier(network)
    by_layer = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    for pixels in np.float32(data.x_test[:5]) / 255:
        *expected, probabilities = [x.numpy()[0] for x in by_layer(pixels[None, ..., None])][2:]
        *found, logits = classifier.activations(DigitImage(pixels)).items()
        assert [name for name, _ in found] == architectures.names(left)[:-1]
        for (name, ours), theirs in zip(found, expected, strict=True):
            assert ours.shape == theirs.shape
            assert ours == pytest.approx(theirs, abs=1e-4), name
        assert softmax(logits[1]) == pytest.approx(probabilities, abs=1e-4)
        assert logits[0] == "dense_2"


def test_ways_that_meet_are_trained_kept_and_read(data):
    layers = joined(1)
    done = train(replace(SMALL, layers=layers), data)
    assert done.ended == "finished"
    network = export.to_network(done.model, layers, "joined", {})
    x = predictor.as_input(data.x_test[:50])
    expected = done.model(x).numpy()
    assert softmax(classifiers.Classifier(network).logits(x)) == pytest.approx(expected, abs=1e-4)
    again, arrays, _ = keras_import.read(export.to_keras(done.model))
    found = models.build(again)
    models.set_weights(found, arrays)
    assert found(x).numpy() == pytest.approx(expected, abs=1e-5)


def test_many_pictures_are_read_as_one_by_one(every_layer, data):
    """Keras, TensorFlow in the worker, and LiteRT, with more than one batch of each."""
    model, layers = every_layer
    expected = model(predictor.as_input(data.x_train[:600])).numpy()
    classifier = classifiers.Classifier(export.to_network(model, layers, "small", {}))
    assert softmax(measure.logits(model, data.x_train[:600])) == pytest.approx(expected, abs=1e-4)
    assert softmax(classifier.logits(np.float32(data.x_train[:600]) / 255)) == pytest.approx(expected, abs=1e-4)


def test_the_keras_file_opens_with_keras(every_layer, data, tmp_path):
    model, layers = every_layer
    (tmp_path / "mine.keras").write_bytes(export.to_keras(model))
    opened = keras.saving.load_model(tmp_path / "mine.keras")
    x = predictor.as_input(data.x_test[:50])
    assert opened(x).numpy() == pytest.approx(model(x).numpy(), abs=1e-6)
    assert [layer.name for layer in opened.layers] == architectures.names(layers)


def test_weights_can_be_put_back(every_layer, data):
    model, layers = every_layer
    other = models.build(layers)
    models.set_weights(other, models.get_weights(model))
    x = predictor.as_input(data.x_test[:50])
    assert np.array_equal(other(x).numpy(), model(x).numpy())


def test_weights_that_do_not_fit_are_refused(every_layer):
    model, layers = every_layer
    arrays = models.get_weights(model)
    with pytest.raises(ValueError, match="shape"):
        models.set_weights(models.build(layers), {**arrays, "dense_2/bias": np.zeros(11)})
    del arrays["dense_2/bias"]
    with pytest.raises(KeyError, match="dense_2/bias"):
        models.set_weights(models.build(layers), arrays)


def test_layers_that_do_not_fit_are_said_before_keras_sees_them():
    with pytest.raises(architectures.LayerError, match="put Flatten before it"):
        models.build((Dense(10, "softmax"),))


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_keras_builds_what_the_arithmetic_says(name):
    config = recipes.RECIPES[name].config
    model = models.build(config.layers, configs.kind(config).shape)
    rows = [(layer.output.shape[1:], layer.count_params()) for layer in model.layers]
    assert rows == architectures.describe(config.layers, configs.kind(config).shape)


def test_every_layer_on_the_list_can_be_built():
    assert set(models.BUILDERS) == set(architectures.LAYERS.values())


# -- what the worker leaves


def test_an_interrupted_run_reads_with_its_best_weights(tmp_path):
    """Also when it was stopped before, and so has a network already."""
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    number = store.add(SMALL, name="mine")
    for step in (1, 2):
        best = models.get_weights(models.build(SMALL.layers))
        store.claim(number, "host:1:1", "")
        store.set_checkpoint(number, Checkpoint(step, 50, 1.0, (), best, step, 0.5))
        store.interrupt(number, "host:1:1", "gone")
        tasks.finish_run(store.url, number)
        assert differences(store.network(number).weights, best) == dict.fromkeys(best, 0.0)
        assert store.run(number).status == "interrupted"
        store.requeue(number)


# -- fine-tuning


def test_given_weights_are_begun_with_and_gone_from_as_far_as_is_said(few):
    start = models.get_weights(models.build(SMALL.layers))
    config = replace(SMALL, epochs=1, fine_tuning=FineTuning(0, "", 1))
    still = training.train(replace(config, optimizer="SGD", learning_rate=1e-6), few, base_weights=start)
    assert max(differences(start, weights(still)).values()) < 1e-5
    whole = weights(training.train(config, few, base_weights=start))
    half = weights(
        training.train(
            replace(config, fine_tuning=FineTuning(0, "", 1, mixing_weight=0.5)), few, base_weights=start
        )
    )
    assert min(differences(start, whole).values()) > 1e-3
    middle = {name: (start[name] + whole[name]) / 2 for name in start}
    assert max(differences(middle, half).values()) < 1e-4


def test_an_interrupted_retraining_leaves_the_same_mean(tmp_path):
    store, shipped = Store(f"sqlite:///{tmp_path / 'lab.db'}"), networks.shipped("first-conv-best")
    number = store.add(finetuning.config(shipped.layers, -2, "", 1), name="mine")
    best = {name: array + np.float32(1) for name, array in shipped.weights.items()}
    store.claim(number, "host:1:1", "")
    store.set_checkpoint(number, Checkpoint(1, 64, 1.0, (), best, 1, 0.5))
    store.interrupt(number, "host:1:1", "gone")
    tasks.finish_run(store.url, number)
    for name, array in store.network(number).weights.items():
        assert array == pytest.approx(shipped.weights[name] + finetuning.MIXING_WEIGHT, abs=1e-5)


def odd_hand(count: int) -> list[StoredDrawing]:
    """Drawings by one writer who slants everything as nobody does."""
    rng, slant, forms = np.random.default_rng(1), np.array([[1, 0.9], [-0.35, 1]]), {}
    for make, digit in synthetic_digits.GLYPH_VARIANTS.items():
        forms[digit] = make
    drawn = []
    for n in range(count):
        strokes = [stroke @ slant for stroke in pen_paths.distort(forms[n % 10](rng), rng, 0.5)]
        pixels = drawings.as_bytes(preprocessing.normalise(strokes)[1])
        drawn.append(StoredDrawing(n % 10, pixels, "", "me", datetime.now(UTC)))
    return drawn


def test_fine_tuning_reads_the_hand_and_forgets_neither_mnist_nor_what_is_no_digit(tmp_path):
    """The whole way, on the network that comes with the app; smaller than on the page."""
    url = f"sqlite:///{tmp_path / 'lab.db'}"
    store = Store(url)
    numbers = drawings.add_many(store, odd_hand(100))
    base = networks.shipped()
    config = replace(finetuning.config(base.layers, 0, "me", max(numbers)), train_size=1500, epochs=2)
    number = store.add(config, name="taught", recipe=finetuning.RECIPE)
    tasks.train_run(url, number)
    run, network = store.run(number), store.network(number)
    assert (run.status, run.note) == ("done", "")
    assert run.test_accuracy > base.about["test_accuracy"] - 0.005
    found = drawings.load(store, "me")
    held, labels = found.x[found.held_out], found.y[found.held_out]
    before, after = (classifiers.Classifier(n) for n in (base, network))
    right = [(prediction_cache.predict(classifier, held)[0] == labels).mean() for classifier in (before, after)]
    assert right[1] >= right[0] + 0.2
    nothing, kinds = training_sets.sample(150, 5, held_out=True)
    said, _ = prediction_cache.predict(after, nothing[kinds == training_sets.NOT_A_DIGIT])
    assert (said == prediction_cache.NONE).mean() > 0.9
    assert network.about["calibration"]["temperature"] > 0


@pytest.mark.parametrize(
    ("start", "sentence"), [(0, "there is no drawing to learn from"), (77, "is not there any more")]
)
def test_fine_tuning_without_drawings_or_network_says_so(tmp_path, start, sentence):
    url = f"sqlite:///{tmp_path / 'lab.db'}"
    store = Store(url)
    if start:
        drawings.add_many(store, odd_hand(2))
    config = finetuning.config(END, start, "me", 10)
    number = store.add(config, name="taught", recipe=finetuning.RECIPE)
    tasks.train_run(url, number)
    assert store.run(number).status == "failed"
    assert sentence in store.run(number).note


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
