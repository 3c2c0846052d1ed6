"""A folded network against Keras's own with the batch normalisation in it."""

import keras
import numpy as np
import pytest

from core.nn import architectures, batchnorm_folding
from core.nn.architectures import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from core.training import configs, recipes
from core.worker import models

END = (Flatten(), Dense(10, "softmax"))
LINEAR = Conv2D(4, 3, 2, activation="linear")

# Layers, and what is left of them.
NETWORKS = {
    "convolution, normalisation, activation": (
        (LINEAR, BatchNormalization(), Activation("relu"), MaxPooling2D(2), *END),
        (Conv2D(4, 3, 2, activation="relu"), MaxPooling2D(2), *END),
    ),
    "dense": (
        (Flatten(), Dense(8, "linear"), BatchNormalization(), Activation("tanh"), Dense(10, "softmax")),
        (Flatten(), Dense(8, "tanh"), Dense(10, "softmax")),
    ),
    "a function that no convolution has stands by itself": (
        (LINEAR, BatchNormalization(), Activation("leaky_relu_0.3"), BatchNormalization(), *END),
        (LINEAR, Activation("leaky_relu_0.3"), BatchNormalization(), *END),
    ),
    "no activation follows": (
        (LINEAR, BatchNormalization(), MaxPooling2D(2), *END),
        (LINEAR, MaxPooling2D(2), *END),
    ),
    "no normalisation": ((LINEAR, Activation("sigmoid"), *END), (LINEAR, Activation("sigmoid"), *END)),
    "padded with paper, which is not normalised": (
        (Conv2D(4, 5, padding="same", activation="linear"), BatchNormalization(), Activation("relu"), *END),
        (Conv2D(4, 5, padding="same", activation="relu"), *END),
    ),
    "after an activation it stays": (
        (Conv2D(4, 3, 2), BatchNormalization(), *END),
        (Conv2D(4, 3, 2), BatchNormalization(), *END),
    ),
    "after one that stood by itself, too": (
        (LINEAR, Activation("relu"), BatchNormalization(), *END),
        (LINEAR, Activation("relu"), BatchNormalization(), *END),
    ),
    "after an activation that does nothing, too": (
        (LINEAR, Activation("linear"), BatchNormalization(), Activation("relu"), *END),
        (LINEAR, Activation("linear"), BatchNormalization(), Activation("relu"), *END),
    ),
    "only the first of two": (
        (LINEAR, BatchNormalization(), BatchNormalization(), *END),
        (LINEAR, BatchNormalization(), *END),
    ),
    "with another layer between, it stays": (
        (LINEAR, MaxPooling2D(2), BatchNormalization(), Activation("relu"), *END),
        (LINEAR, MaxPooling2D(2), BatchNormalization(), Activation("relu"), *END),
    ),
    "the first of all": ((BatchNormalization(), *END), (BatchNormalization(), *END)),
    "some of both kinds": (
        (
            Conv2D(3, 3),
            BatchNormalization(),
            LINEAR,
            BatchNormalization(),
            Activation("relu"),
            Dropout(0.3),
            Flatten(),
            Dense(6, "linear"),
            BatchNormalization(),
            Dense(10, "softmax"),
        ),
        (
            Conv2D(3, 3),
            BatchNormalization(),
            Conv2D(4, 3, 2, activation="relu"),
            Dropout(0.3),
            Flatten(),
            Dense(6, "linear"),
            Dense(10, "softmax"),
        ),
    ),
}


def trained(layers):
    """A model whose every number is drawn at random, the spreads above 0."""
    model, rng = models.build(layers), np.random.default_rng(0)
    for weight in (w for layer in model.layers for w in layer.weights):
        spread = weight.name == "moving_variance"
        drawn = rng.uniform(0.05, 3, weight.shape) if spread else rng.normal(0.2, 0.7, weight.shape)
        weight.assign(drawn)
    return model


@pytest.mark.parametrize("name", NETWORKS)
def test_the_layers_that_are_left(name):
    before, left = NETWORKS[name]
    assert batchnorm_folding.layers(before) == left


@pytest.mark.parametrize("name", NETWORKS)
def test_the_logits_stay(name):
    before, left = NETWORKS[name]
    model, folded = trained(before), models.build(left)
    layers, weights = batchnorm_folding.fold(before, models.get_weights(model))
    assert layers == left
    assert weights.keys() == models.get_weights(folded).keys()
    assert {array.dtype for array in weights.values()} == {np.dtype("float32")}
    models.set_weights(folded, weights)
    x = np.random.default_rng(1).random((20, 28, 28, 1), np.float32)
    expected, found = (models.logits(m, x).numpy() for m in (model, folded))
    assert np.ptp(expected) > 1
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-4 * float(np.abs(expected).max()))


def test_one_channel_by_hand():
    """(2 x + 1 - 3) / 2 * 5 + 6 is 5 x + 1; the variance is 4 with Keras's 0.001, its root 2."""
    before = (Dense(1, "linear"), BatchNormalization())
    weights = {
        "dense_1/kernel": np.float32([[2]]),
        "dense_1/bias": np.float32([1]),
        "batchnormalization_1/gamma": np.float32([5]),
        "batchnormalization_1/beta": np.float32([6]),
        "batchnormalization_1/moving_mean": np.float32([3]),
        "batchnormalization_1/moving_variance": np.float32([3.999]),
    }
    left, folded = batchnorm_folding.fold(before, weights)
    assert left == (Dense(1, "linear"),)
    assert {name: array.ravel().tolist() for name, array in folded.items()} == {
        "dense_1/kernel": pytest.approx([5]),
        "dense_1/bias": pytest.approx([1]),
    }


def test_the_small_number_is_kerass():
    assert keras.layers.BatchNormalization().epsilon == batchnorm_folding.EPSILON


def test_what_is_given_is_not_changed():
    before, _ = NETWORKS["dense"]
    weights = models.get_weights(trained(before))
    copies = {name: array.copy() for name, array in weights.items()}
    batchnorm_folding.fold(before, weights)
    assert all(np.array_equal(weights[name], copies[name]) for name in copies)


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_no_recipe_keeps_a_normalisation_that_could_go(name):
    """And what is left can be trained, and gives images of the same sizes to the last layer."""
    config = recipes.RECIPES[name].config
    layers, shape = config.layers, configs.kind(config).shape
    left = batchnorm_folding.layers(layers)
    assert not any(isinstance(layer, BatchNormalization | Activation) for layer in left)
    assert architectures.describe(left, shape)[-1] == architectures.describe(layers, shape)[-1]
