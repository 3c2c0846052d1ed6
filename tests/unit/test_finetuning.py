"""What a network is retrained with, and what is said before."""

import numpy as np
import pytest

from core.data import datasets, training_sets
from core.models import networks
from core.nn.architectures import Dense, Flatten
from core.records import DrawingArrays
from core.training import configs, finetuning

LAYERS = (Flatten(), Dense(10, "softmax"))


def hand_of(*digits: int, held_out=()) -> DrawingArrays:
    """Each drawing is noise without white, and its first pixel, by its place, tells it from the others."""
    n = len(digits)
    x = np.random.default_rng(0).integers(1, 256, (n, 28, 28), np.uint8)
    x[:, 0, 0] = np.arange(n) % 255 + 1
    return DrawingArrays(np.arange(n), x, np.array(digits, np.uint8), np.isin(np.arange(n), held_out))


def test_the_configuration_is_accepted_and_survives_json():
    network = networks.shipped()
    for layers, data in ((LAYERS, "hand"), (network.layers, "hand or none")):
        config = finetuning.config(layers, base=0, visitor="me", until=7)
        assert config.data == data
        assert configs.check(config) == ""
        assert configs.from_json(configs.to_json(config)) == config


def test_drawings_need_a_network_to_begin_with():
    config = finetuning.config(LAYERS, base=0, visitor="me", until=7)
    without = configs.from_json({**configs.to_json(config), "fine_tuning": None})
    assert "learnt from by a network that is fine-tuned" in configs.check(without)


@pytest.mark.parametrize(("count", "judges"), [(12, False), (12, True), (3000, False)])
def test_what_is_learnt_from(count, judges):
    """Each drawing as often as the others, none that is held back, and MNIST unchanged at the end."""
    held_out = range(0, count, 5)
    found = hand_of(*(n % 10 for n in range(count)), held_out=held_out)
    config = finetuning.config(networks.shipped().layers if judges else LAYERS, 0, "me", count)
    data = finetuning.dataset(found, config)
    mnist = datasets.mnist()
    assert np.array_equal(data.x_train[-60_000:], mnist.x_train)
    assert np.array_equal(data.y_train[-60_000:], mnist.y_train)
    added = data.x_train[:-60_000]
    flat = added.reshape(len(added), -1)
    own = flat.min(1) > 0
    learnt = count - len(held_out)
    often = own.sum() / learnt
    assert often == int(often) >= 1
    if count < 200:
        greys, counts = np.unique(flat[own][:, 0], return_counts=True)
        assert set(greys.tolist()) == {n + 1 for n in range(count) if n not in held_out}
        assert set(counts.tolist()) == {often}
        labels = data.y_train[:-60_000][own]
        assert np.array_equal(labels, (flat[own][:, 0] - 1) % 10)
    assert (training_sets.NOT_A_DIGIT in data.y_train) == judges
    share = own.sum() / (len(added) + config.train_size)
    assert share == pytest.approx(0.1 if count == 12 else 0.33, abs=0.03)


def test_nothing_is_learnt_that_is_nearly_equal_to_one_held_back():
    """As a file of another program, or an earlier version, may have it."""
    found = hand_of(*range(10), held_out=(0,))
    x = found.x.copy()
    x[1], x[2] = x[0], np.where(x[0] > 250, 240, x[0])
    copies = DrawingArrays(found.ids, x, found.y, found.held_out)
    data = finetuning.dataset(copies, finetuning.config(LAYERS, 0, "me", 10))
    added = data.x_train[:-60_000]
    assert set(data.y_train[:-60_000][added.reshape(len(added), -1).min(1) > 0].tolist()) == set(range(3, 10))


def test_some_of_each_sort_are_drawn_the_same_for_the_same_seed():
    pictures, labels = training_sets.sample(60, 3)
    assert pictures.dtype == np.uint8
    assert 60 <= len(labels) <= 72
    assert 0 < (labels < 10).sum() < (labels == training_sets.NOT_A_DIGIT).sum()
    again, other = training_sets.sample(60, 3)[0], training_sets.sample(60, 3, held_out=True)[0]
    assert np.array_equal(pictures, again)
    assert not np.array_equal(pictures, other)


MISSING = "Draw and label {} more: {} of at least 10 are there."


@pytest.mark.parametrize(
    ("digits", "sentence"),
    [
        ((), MISSING.format(10, 0) + " There is no 0, 1, 2, 3, 4, 5, 6, 7, 8 and 9 yet."),
        ((0, 1, 2, 3, 4, 5, 6, 7), MISSING.format(2, 8) + " There is no 8 and 9 yet."),
        ((0, 1, 2, 3, 4, 5, 6, 7, 8), MISSING.format(1, 9) + " There is no 9 yet."),
        (range(10), ""),
        ((1,) * 12, ""),
    ],
)
def test_what_is_missing_is_said(digits, sentence):
    assert finetuning.missing(hand_of(*digits)) == sentence
