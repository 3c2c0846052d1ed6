"""Our loop is Keras's, only sooner."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from core.data import datasets
from core.nn.activations import softmax
from core.nn.architectures import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
)
from core.records import Dataset
from core.worker import measure, models, optimizers, predictor, steps, training
from tests import setups
from tests.worker.short_trainings import END, SMALL, differences, train, weights


def untrained(config):
    """The model that the configuration's seed begins with."""
    keras.utils.set_random_seed(config.seed)
    return models.build(config.layers)


def by_keras(config, data, optimizer, loss="sparse_categorical_crossentropy"):
    """The weights after Keras's own `fit` from the same first weights."""
    model = untrained(config)
    model.compile(optimizer, loss, jit_compile=False)
    labels = data.y_train if isinstance(loss, str) else np.eye(10, dtype=np.float32)[data.y_train]
    x = predictor.as_input(data.x_train)
    model.fit(x, labels, batch_size=config.batch_size, epochs=config.epochs, shuffle=False, verbose=0)
    return models.get_weights(model)


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
