"""Which network reads, from a real database in the tests' own folder."""

import numpy as np
import pytest

from core.models import classifiers, networks
from core.models.registry import SHIPPED, classifier
from core.records import Metric, Network
from core.storage.store import open_store
from core.training.recipes import RECIPES

CONFIG = RECIPES[networks.DEFAULT].config
DIGITS = np.random.default_rng(0).random((3, 28, 28), np.float32)


@pytest.fixture
def number():
    """A run whose training has begun, without a network yet."""
    store = open_store()
    number = store.add(CONFIG, name="mine")
    store.claim(number, "host:1:1", "")
    return number


def left(name):
    """The shipped network's weights under another name, as a training would leave them."""
    shipped = networks.shipped()
    return Network(name, shipped.layers, shipped.weights, shipped.litert, {})


def learn(number, images):
    open_store().add_metric(number, Metric(images, 1.0, 1.0, 0.5, 1.0), 1000)


def finish(number, accuracy, status="done"):
    said = np.full((10_000, 10), 0.1, np.float32)
    open_store().finish(number, left(""), b"keras", said, test_accuracy=accuracy, status=status, note="")


def test_zero_is_the_shipped_network():
    assert classifier(SHIPPED) is classifiers.shipped()


@pytest.mark.parametrize("unknown", [-1, 10**6])
def test_an_unknown_run_has_no_classifier(unknown):
    assert classifier(unknown) is None


def test_a_run_without_a_network_has_no_classifier(number):
    learn(number, 100)
    assert classifier(number) is None


def test_a_runs_network_reads_and_is_loaded_once(number):
    learn(number, 100)
    finish(number, 0.9)
    found = classifier(number)
    assert found.network.about["test_accuracy"] == 0.9
    assert np.array_equal(found.logits(DIGITS), classifiers.shipped().logits(DIGITS))
    assert classifier(number) is found


def test_a_resumed_run_reads_with_its_new_network(number):
    """Also when somebody has read with it at any moment in between."""
    store = open_store()
    learn(number, 100)
    finish(number, 0.9, "stopped")
    store.requeue(number)
    assert classifier(number).network.about["test_accuracy"] == 0.9
    store.claim(number, "host:1:1", "")
    for images in (150, 200):  # the last point: from here on only the network is missing
        learn(number, images)
        assert classifier(number).network.about["test_accuracy"] == 0.9
    finish(number, 0.95)
    assert classifier(number).network.about["test_accuracy"] == 0.95


def learnt(amount):
    """The shipped network after a little more training, which may have left its accuracy as it was."""
    network = left("")
    weights = {name: array + np.float32(amount) for name, array in network.weights.items()}
    return Network("", network.layers, weights, network.litert, {})


def test_an_interrupted_runs_last_network_reads_though_it_is_no_better(number):
    """Its worker ends; somebody reads with what was there; then the last one comes, as good as the first."""
    store, said = open_store(), np.full((10_000, 10), 0.1, np.float32)
    learn(number, 100)
    for status in ("interrupted", None):  # of the second interruption: first the mark, then the network
        store.finish(number, learnt(0.0), b"keras", said, test_accuracy=0.9, status=status)
        before = classifier(number)
        assert classifier(number) is before
        store.finish(number, learnt(0.001), b"keras", said, test_accuracy=0.9)
        after = classifier(number)
        assert after is not before
        name = "dense_2/bias"
        assert np.array_equal(after.network.weights[name], before.network.weights[name] + np.float32(0.001))


def test_a_renamed_run_reads_under_its_new_name(number):
    learn(number, 100)
    finish(number, 0.9)
    assert classifier(number).network.name == "mine"
    open_store().rename(number, "yours")
    assert classifier(number).network.name == "yours"
