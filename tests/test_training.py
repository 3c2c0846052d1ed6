import dataclasses

import numpy as np
import pytest

from core import architectures, datasets, networks, recipes, recognizer
from core.architectures import Conv2D, Dense, Flatten, MaxPooling2D
from core.records import Dataset, TrainConfig
from core.worker import export, models, training

SMALL = TrainConfig(
    layers=(Conv2D(4, 4), MaxPooling2D(3), Flatten(), Dense(10, activation="softmax")),
    optimizer="Adam",
    learning_rate=0.01,
    batch_size=50,
    epochs=2,
    seed=3,
)


@pytest.fixture(scope="module")
def data() -> Dataset:
    full = datasets.mnist()
    return Dataset(full.x_train[:2000], full.y_train[:2000], full.x_test[:500], full.y_test[:500])


@pytest.fixture(scope="module")
def trained(data):
    metrics = []
    return training.train(SMALL, data, metrics.append), metrics


def test_it_learns_and_reports_each_epoch(trained):
    _, (first, last) = trained
    assert (first.epoch, last.epoch) == (1, 2)
    assert 0 < first.seconds < last.seconds
    assert last.test_accuracy > 0.8  # chance is 0.1
    assert last.train_loss < first.train_loss


def test_the_reported_accuracy_is_the_models(trained, data):
    model, metrics = trained
    probabilities = np.asarray(model(training.as_input(data.x_test)))
    assert (probabilities.argmax(1) == data.y_test).mean() == pytest.approx(metrics[-1].test_accuracy)


def test_the_same_seed_gives_the_same_network(trained, data):
    again = training.train(SMALL, data, lambda metric: None)
    for name, array in models.get_weights(trained[0]).items():
        assert models.get_weights(again)[name] == pytest.approx(array, abs=1e-4)
    other = training.train(dataclasses.replace(SMALL, seed=4), data, lambda metric: None)
    assert not np.allclose(
        models.get_weights(other)["conv2d_1/kernel"], models.get_weights(again)["conv2d_1/kernel"]
    )


def test_it_stops_when_asked(data):
    metrics = []
    training.train(SMALL, data, metrics.append, should_stop=lambda: True)
    assert [m.epoch for m in metrics] == [1]


def test_litert_and_keras_agree_layer_by_layer(trained, data, tmp_path):
    model, _ = trained
    networks.save(export.to_network(model, SMALL.layers, "small", {"seed": 3}), tmp_path / "small")
    network = networks.load(tmp_path / "small")
    assert network.layers == SMALL.layers
    assert network.about == {"seed": 3}
    reader = recognizer.Recognizer(network)
    pixels = np.float32(data.x_test[:20]) / 255
    assert reader.logits(pixels) == pytest.approx(
        np.log(np.asarray(model(pixels[..., None]))) + _log_sum(reader.logits(pixels)), abs=1e-3
    )


def _log_sum(logits):
    """log(sum(exp(z))): what the softmax takes from each logit's own share."""
    return np.log(np.exp(logits).sum(1, keepdims=True))


def test_weights_can_be_put_back(trained, data):
    model, _ = trained
    other = models.build(SMALL.layers)
    models.set_weights(other, models.get_weights(model))
    x = training.as_input(data.x_test[:50])
    assert np.asarray(other(x)) == pytest.approx(np.asarray(model(x)), abs=1e-6)


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_keras_builds_what_the_arithmetic_says(name):
    layers = recipes.RECIPES[name].config.layers
    model = models.build(layers)
    assert [(layer.output.shape[1:], layer.count_params()) for layer in model.layers] == architectures.describe(
        layers
    )


def test_every_layer_on_the_list_can_be_built():
    assert set(models.BUILDERS) == set(architectures.LAYERS.values())
    assert {recipe.config.optimizer for recipe in recipes.RECIPES.values()} <= set(training.OPTIMIZERS)
