"""A network from a file of Keras's, new or old, is the same network."""

import io
import json
import tempfile
import warnings
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers as k

from core.models import keras_import
from core.models.exports import keras_files
from core.nn import architectures
from core.nn.activations import softmax
from core.training import configs
from core.worker import models
from tests.networks import by_chance
from tests.worker.keras_models import (
    COLOURS,
    GOOD,
    IMAGE_SHAPE,
    archive_of,
    branches,
    functional,
    last,
    members,
    saved,
    sequential,
    shaken,
)

# What comes back is the same network.


def of_ours():
    return models.build(
        (
            architectures.Conv2D(4, 3, padding="same", activation="linear"),
            architectures.BatchNormalization(),
            architectures.Activation("relu"),
            architectures.MaxPooling2D(2),
            architectures.Conv2D(6, 5, stride=2, activation="tanh"),
            architectures.AveragePooling2D(2),
            architectures.Dropout(0.25),
            architectures.Flatten(),
            architectures.Dense(12),
            architectures.BatchNormalization(),
            architectures.Dense(10, "softmax"),
        )
    )


def input_shape_as_a_setting():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first = k.Conv2D(3, (3, 3), activation="relu", input_shape=IMAGE_SHAPE)
    return keras.Sequential([first, k.MaxPool2D((2, 2), strides=2), *last()])


def trained():
    model = sequential(k.Conv2D(3, 4, (2, 2)), k.BatchNormalization(axis=3), *last())
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    return model


NETWORKS = {
    "ours": of_ours,
    "input_shape": input_shape_as_a_setting,
    "compiled, a layer frozen": trained,
    "functions as layers of their own": lambda: sequential(
        k.Conv2D(3, 3), k.ReLU(), k.Conv2D(2, 3), k.Activation("sigmoid"), k.Flatten(), k.Dense(10), k.Softmax()
    ),
    "functions as functions": lambda: sequential(
        k.Flatten(), k.Dense(9, keras.activations.relu), k.Dense(10), k.Activation(keras.activations.softmax)
    ),
    "names that mislead": lambda: sequential(
        k.Conv2D(2, 3, name="conv2d_1"),
        k.Conv2D(2, 3, name="conv2d", kernel_regularizer="l2", bias_constraint="non_neg"),
        k.Flatten(),
        k.Dense(10, "softmax", name="conv2d_2"),
    ),
    "built later": lambda: keras.Sequential(last()),
    "functional": lambda: functional(
        lambda x: k.Dense(10, "softmax", name="digits")(
            k.Flatten()(k.Dropout(0.3)(k.BatchNormalization()(k.Conv2D(4, 3)(x), training=False)))
        )
    ),
    "float16 and float64": lambda: sequential(
        k.Flatten(), k.Dense(8, dtype="float64"), k.Dense(8, dtype="float16"), k.Dense(10, "softmax")
    ),
    "no bias": lambda: sequential(
        k.Conv2D(3, 3, use_bias=False), k.Flatten(), k.Dense(4, use_bias=False), k.Dense(10, "softmax")
    ),
    "another epsilon, no scale, no shift": lambda: sequential(
        k.Conv2D(3, 3, use_bias=False),
        k.BatchNormalization(epsilon=1e-5),
        k.Conv2D(3, 3),
        k.BatchNormalization(scale=False, epsilon=1e-4),
        k.BatchNormalization(center=False),
        *last(),
    ),
    "separable": lambda: sequential(
        k.SeparableConv2D(5, 3, activation="relu"),
        k.Conv2D(4, 3),
        k.SeparableConv2D(6, 3, strides=2, padding="same", depth_multiplier=2, use_bias=False),
        *last(),
    ),
    "global average": lambda: sequential(
        k.Conv2D(6, 5, strides=2), k.GlobalAveragePooling2D(), k.Dense(10, "softmax")
    ),
    "global maximum": lambda: sequential(
        k.Conv2D(6, 5, strides=3), k.GlobalMaxPooling2D(), k.Dense(10, "softmax")
    ),
    "zeros around": lambda: sequential(
        k.ZeroPadding2D(1), k.Conv2D(3, 3), k.ZeroPadding2D((2, 2)), k.Conv2D(2, 5), *last()
    ),
    "normalised": lambda: sequential(k.Normalization(), k.Conv2D(2, 3), *last()),
    "augmentation and noise": lambda: sequential(
        k.RandomRotation(0.1),
        k.RandomZoom(0.1),
        k.Conv2D(3, 3),
        k.GaussianNoise(0.1),
        k.SpatialDropout2D(0.2),
        k.Flatten(),
        k.GaussianDropout(0.1),
        k.Dense(10, "softmax"),
    ),
    "other functions": lambda: sequential(
        k.Conv2D(3, 3, activation="gelu"),
        k.Conv2D(3, 3),
        k.LeakyReLU(0.15),
        k.Conv2D(3, 3, activation="leaky_relu"),
        k.SeparableConv2D(3, 3, activation="elu"),
        k.ELU(),
        k.Flatten(),
        k.Dense(6, "swish"),
        k.LeakyReLU(),
        k.Dense(6),
        k.Activation("silu"),
        k.Dense(10, "softmax"),
    ),
    "PReLU": lambda: sequential(
        k.Conv2D(3, 3),
        k.PReLU(),
        k.Conv2D(3, 3, strides=2),
        k.PReLU(shared_axes=[1, 2]),
        k.Conv2D(2, 3),
        k.PReLU(shared_axes=[1]),
        k.Flatten(),
        k.Dense(6),
        k.PReLU(),
        k.Dense(6),
        k.PReLU(shared_axes=[1]),
        k.Dense(10, "softmax"),
    ),
    "networks in it": lambda: sequential(
        keras.Sequential([k.RandomRotation(0.1), k.RandomZoom(0.1)]),
        keras.Sequential([keras.Input(IMAGE_SHAPE), k.Conv2D(3, 3), k.BatchNormalization(), k.ReLU()]),
        functional(lambda x: k.Conv2D(2, 3)(keras.Sequential([k.Conv2D(4, 3)])(x)), (26, 26, 3)),
        k.Conv2D(2, 3),
        *last(),
    ),
    "branches within that end in a softmax": lambda: sequential(functional(branches), k.Dense(10, "softmax")),
    "letters": lambda: sequential(k.Flatten(), k.Dense(26, "softmax")),
    "sigmoids": lambda: sequential(k.Flatten(), k.Dense(10, "sigmoid")),
    "rows of 784": lambda: sequential(k.Reshape(IMAGE_SHAPE), k.Conv2D(2, 3), *last(), shape=(784,)),
    "28 rows of 28": lambda: sequential(k.Reshape(IMAGE_SHAPE), k.Conv2D(2, 3), *last(), shape=(28, 28)),
    "a perceptron of 784 numbers": lambda: sequential(k.Dense(8, "relu"), k.Dense(10, "softmax"), shape=(784,)),
    "rows flattened": lambda: sequential(*last(), shape=(28, 28)),
    "logits": lambda: sequential(k.Flatten(), k.Dense(10), shape=(28, 28)),  # Keras's quickstart
    "pixels 0..255": lambda: sequential(k.Rescaling(1 / 255), k.Conv2D(2, 3), *last()),
    "in colour": lambda: functional(
        lambda x: k.Dense(10, "softmax")(k.Flatten()(k.MaxPooling2D(4)(k.Conv2D(3, 5, padding="same")(x)))),
        shape=COLOURS,
    ),
    "in colour, 0..255": lambda: sequential(
        k.Rescaling(1 / 255), k.Conv2D(2, 3), k.BatchNormalization(), k.Flatten(), k.Dense(10), shape=COLOURS
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_network_comes_back(name):
    model = NETWORKS[name]()
    if not model.built:
        model.build((None, *IMAGE_SHAPE))
    data = saved(shaken(model))

    layers, weights, shape = keras_import.read(data)

    assert shape == (COLOURS if name.startswith("in colour") else IMAGE_SHAPE)
    again = models.build(layers, shape)
    models.set_weights(again, weights)
    assert weights.keys() == models.get_weights(again).keys()
    assert {array.dtype for array in weights.values()} == {np.dtype("float32")}
    given = np.random.default_rng(0).random((5, *shape), np.float32)
    images = given * 255 if name.endswith("0..255") else given
    expected = np.asarray(model(images.reshape(5, *model.input_shape[1:]), training=False))
    if name == "sigmoids":  # each by itself; here the same sums share out 100%
        expected = np.log(expected / (1 - expected))
    if name in ("logits", "sigmoids", "in colour, 0..255"):
        expected = softmax(expected)
    tolerance = 2e-3 if name == "float16 and float64" else 1e-5
    np.testing.assert_allclose(np.asarray(again(given)), expected, atol=tolerance)


def test_the_pictures_say_which_data_it_is_for():
    for shape, data in ((IMAGE_SHAPE, "mnist"), (COLOURS, "cifar10")):
        layers, _, found = keras_import.read(saved(sequential(*last(), shape=shape)))
        imported = configs.imported(layers, found)
        assert imported.data == data
        kind = configs.kind(imported)
        assert not architectures.check(imported.layers, kind.shape, classes=len(kind.classes))


def test_layers_and_softmax_are_ours():
    layers, *_ = keras_import.read(saved(NETWORKS["functions as layers of their own"]()))
    assert layers == (
        architectures.Conv2D(3, 3, activation="linear"),
        architectures.Activation("relu"),
        architectures.Conv2D(2, 3, activation="linear"),
        architectures.Activation("sigmoid"),
        architectures.Flatten(),
        architectures.Dense(10, "softmax"),
    )


def test_compressed_archives_are_read():
    _, weights, _ = keras_import.read(GOOD)
    again = keras_import.read(archive_of(members(), zipfile.ZIP_DEFLATED))[1]
    assert all(np.array_equal(again[name], weights[name]) for name in weights)


def test_files_of_keras_2_are_read():
    data = saved(shaken(NETWORKS["functional"]()))
    contents, h5 = members(data), io.BytesIO(members(data)["model.weights.h5"])
    with h5py.File(h5, "r+") as file:
        file.move("layers", "_layer_checkpoint_dependencies")
    model = json.loads(contents["config.json"])
    model["module"] = "keras.src.engine.functional"
    start, *others = model["config"]["layers"]
    start["config"]["batch_input_shape"] = start["config"].pop("batch_shape")
    for before, layer in zip([start, *others], others, strict=False):
        layer["inbound_nodes"] = [[[before["name"], 0, 0, {}]]]
    old = {"config.json": json.dumps(model).encode(), "model.weights.h5": h5.getvalue()}

    layers, weights, _ = keras_import.read(archive_of(old))

    expected_layers, expected, _ = keras_import.read(data)
    assert layers == expected_layers
    assert all(np.array_equal(expected[name], weights[name]) for name in expected)


def saved_as_h5(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder, "network.h5")
        model.save(path)
        return path.read_bytes()


OF_H5 = (
    "ours",
    "functional",
    "names that mislead",
    "separable",
    "another epsilon, no scale, no shift",
    "PReLU",
)


@pytest.mark.parametrize("name", [*OF_H5, "in colour", "global average"])
def test_an_h5_file_is_read_as_a_keras_file_is(name):
    model = shaken(NETWORKS[name]())
    layers, weights, shape = keras_import.read(saved_as_h5(model))
    expected_layers, expected, expected_shape = keras_import.read(saved(model))
    assert (layers, shape) == (expected_layers, expected_shape)
    assert weights.keys() == expected.keys()
    assert all(np.array_equal(expected[key], weights[key]) for key in expected)


def test_what_we_write_as_h5_is_read():
    network = by_chance(architectures.Conv2D(3, 3), architectures.Flatten(), architectures.Dense(10, "softmax"))
    layers, weights, _ = keras_import.read(keras_files.h5(network))
    assert layers == network.layers
    assert all(np.array_equal(network.weights[key], weights[key]) for key in network.weights)
