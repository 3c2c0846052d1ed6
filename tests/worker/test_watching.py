"""The states that a training leaves: what they say, against Keras, and that they change nothing."""

import time
from dataclasses import replace

import numpy as np
import pytest

from core.nn import architectures
from core.nn.architectures import Conv2D, Dense, Flatten, MaxPooling2D
from core.records import TrainConfig
from core.training import data_split, states
from core.worker import models, predictor, training, watching
from core.worker.hooks import Hooks
from tests.worker.short_trainings import END, SMALL, weights


class Kept:
    """The states of a training, thinned as it says."""

    def __init__(self):
        self.states, self.probe = {}, None

    def hooks(self, **others):
        return Hooks(on_state=self.add, on_view=self.view, on_probe=self.look, moments=self.moments, **others)

    def add(self, state, gone):
        for step in gone:
            del self.states[step]
        self.states[state.step] = state

    def view(self, step, view):
        self.states[step] = replace(self.states[step], view=view)

    def look(self, probe):
        self.probe = probe

    def moments(self):
        return [(step, state.images) for step, state in self.states.items()]


@pytest.fixture(scope="module")
def watched(data):
    """A training and its states: SGD, whose update is the rate times the gradient."""
    kept = Kept()
    config = replace(SMALL, optimizer="SGD", learning_rate=0.05, batch_size=20, epochs=4)
    return config, training.train(config, data, kept.hooks()), kept


def test_each_state_says_what_its_weights_make_of_the_probe(watched, data):
    config, _, kept = watched
    model = models.build(config.layers)
    sample = np.random.default_rng(0).permutation(len(data.x_test))[: data_split.SAMPLE]
    x, y = predictor.as_input(data.x_test[sample]), data.y_test[sample]
    wall = np.concatenate([np.flatnonzero(y == digit)[:4] for digit in range(10)])
    first = kept.states[0].weights["dense_1/kernel"].astype(np.float32)
    assert np.array_equal(kept.probe.images, data.x_test[sample][wall])
    assert len(kept.states) >= 6
    for state in kept.states.values():
        models.set_weights(model, {name: w.astype(np.float32) for name, w in state.weights.items()})
        hidden = np.asarray(training.keras.Sequential(model.layers[:-1])(x))
        said = np.asarray(model(x))
        read = said.argmax(1)
        view = state.view
        assert (view.predicted == read[wall]).mean() > 0.9  # the weights are rounded to float16
        np.testing.assert_allclose(view.confidence, said[wall].max(1), atol=0.02)
        np.testing.assert_allclose(view.cloud, (hidden @ states.projection(first))[:300], atol=0.05, rtol=0.02)
        assert view.confusion.sum() == len(y)
        assert view.accuracy == pytest.approx((read == y).mean(), abs=0.01)
        assert np.trace(view.confusion) / len(y) == pytest.approx(view.accuracy)


def test_the_first_state_is_untrained_and_the_last_is_the_end(watched):
    config, trained, kept = watched
    first, *_, last = (kept.states[step] for step in sorted(kept.states))
    assert (first.step, first.images, first.seconds > 0) == (0, 0, True)
    assert first.view.accuracy < 0.3
    assert last.view.accuracy > 0.7
    assert last.images == trained.last.images == config.epochs * 2000
    for name, end in weights(trained).items():
        np.testing.assert_allclose(last.weights[name], end, atol=1e-3)


def test_the_update_of_a_step_of_sgd_is_the_rate_times_the_gradient(watched):
    config, _, kept = watched
    first, after = kept.states[0], next(s for s in kept.states.values() if s.step and s.view.gradients[0] > 0)
    assert np.isnan(first.view.gradients).all()
    norms = [np.linalg.norm(first.weights[f"{name}/kernel"].astype(float)) for name in ("conv2d_1", "dense_1")]
    # Of the first step, which is taken alone: the weights before it are those of the first state.
    expected = config.learning_rate * after.view.gradients / norms
    np.testing.assert_allclose(after.view.updates, expected, rtol=0.01)


def test_the_gradients_are_those_of_the_batch(few):
    config = replace(SMALL, optimizer="SGD", batch_size=200, epochs=1)
    kept = Kept()
    training.train(config, few, kept.hooks())
    model, tf = models.build(config.layers), training.tf
    models.set_weights(model, {n: w.astype(np.float32) for n, w in kept.states[0].weights.items()})
    with tf.GradientTape() as tape:
        logits = models.logits(model, predictor.as_input(few.x_train))
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(few.y_train.astype(np.int32), logits)
        )
    kernels = watching.learning(model)
    expected = [np.linalg.norm(g) for g in tape.gradient(loss, [k.value for k in kernels])]
    np.testing.assert_allclose(kept.states[1].view.gradients, expected, rtol=0.01)


def test_units_that_never_fire_are_counted():
    model = models.build((Flatten(), Dense(8), *END[1:]))
    kernel, _ = model.layers[1].get_weights()
    model.layers[1].set_weights([kernel, np.array([-1e6, -1e6, -1e6, 1e6, 1e6, 1e6, 1e6, 1e6], np.float32)])
    images = np.random.default_rng(0).integers(0, 255, (50, 28, 28)).astype(np.uint8)
    labels = np.arange(50, dtype=np.uint8) % 10
    watcher = watching.Watcher(model, images, labels, 100, lambda *_: None)
    plane = states.projection(model.layers[-1].kernel.numpy())
    view = watcher.view(predictor.Predictor(model, plane).watch(images))
    assert view.silent.tolist() == [3 / 8]


def test_a_convolutions_unit_is_a_map():
    layers = (Conv2D(4, 5), MaxPooling2D(2), Flatten(), Dense(10, "softmax"))
    model = models.build(layers)
    kernel, _ = model.layers[0].get_weights()
    model.layers[0].set_weights([kernel, np.array([-1e6, 1, 1, 1], np.float32)])
    plane = states.projection(model.layers[-1].kernel.numpy())
    (fired,) = predictor.Predictor(model, plane).watch(np.zeros((3, 28, 28), np.uint8)).fired
    assert fired.tolist() == [False, True, True, True]
    assert states.relu_layers(layers) == ["conv2d_1"]


def test_a_training_is_the_same_whether_it_is_watched_or_not(few):
    config = replace(SMALL, batch_size=20, epochs=3)
    alone = weights(training.train(config, few))
    watched = weights(training.train(config, few, Kept().hooks()))
    assert all(np.array_equal(alone[name], watched[name]) for name in alone)


def test_a_resumed_training_goes_on_with_the_states_of_before(few):
    config, asked = replace(SMALL, batch_size=20, epochs=6), iter([False] * 4 + [True] * 99)
    kept = Kept()
    stopped = training.train(config, few, kept.hooks(should_stop=lambda: next(asked)))
    before = dict(kept.states)
    assert 0 < stopped.last.step < 60
    training.train(config, few, kept.hooks(), resume=stopped.last)
    steps = sorted(kept.states)
    assert [kept.states[step] is before[step] for step in (0, min(set(before) - {0}))] == [True, True]
    assert steps[-1] == 60
    assert kept.states[0].view.accuracy < 0.5  # it was not begun anew


def test_a_network_of_which_no_two_states_fit_keeps_none(few, monkeypatch):
    monkeypatch.setattr(states, "MAX_BYTES", 2 * 2 * architectures.parameters(SMALL.layers) - 1)
    kept = Kept()
    training.train(SMALL, few, kept.hooks())
    assert kept.states == {}


def test_states_are_no_more_than_the_limit_and_all_are_measured(few):
    config = TrainConfig((Flatten(), *END[1:]), optimizer="SGD", batch_size=2, epochs=8)
    kept = Kept()
    training.train(config, few, kept.hooks())
    assert len(kept.states) <= states.MAX_STATES
    assert all(state.view is not None for state in kept.states.values())


def test_all_that_is_shown_counts_when_a_point_is_due(data):
    """Those that are there for show share one allowance: states that are slow to keep leave fewer points."""
    kept = []

    def slowly(state, gone):
        time.sleep(0.01)
        kept.append(state)

    one = training._Training(replace(SMALL, epochs=2), data, Hooks(on_state=slowly))
    one.run(None)
    # But the first, kept before the training begins, and that of the first point, which compiles.
    assert one.live_seconds >= 0.01 * (len(kept) - 2) > 0
