"""How a trained network is kept: as LiteRT, as a file of Keras's, as weights."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from core.models import classifiers, keras_import, networks
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
from core.records import DigitImage
from core.training import configs, recipes
from core.worker import export, measure, models, predictor
from tests.networks import joined
from tests.worker.short_trainings import SMALL, train


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
