import io
import json
import random
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers as k

from core.ink import files
from core.models import keras_hdf5, keras_import, keras_layers
from core.models.exports import keras_files
from core.nn import architectures
from core.nn.activations import softmax
from core.training import configs
from core.worker import models
from tests.networks import by_chance

PICTURE, COLOURS = (28, 28, 1), (32, 32, 3)


def sequential(*layers, shape=PICTURE) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *layers])


def functional(make, shape=PICTURE) -> keras.Model:
    start = keras.Input(shape)
    return keras.Model(start, make(start))


def last() -> list:
    return [k.Flatten(), k.Dense(10, activation="softmax")]


def saved(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a model is not built is one of the cases below
        path = Path(folder, "network.keras")
        model.save(path)
        return path.read_bytes()


def shaken(model: keras.Model) -> keras.Model:
    """The same model with weights that are neither 0 nor 1, so that two of them cannot be mixed up."""
    rng = np.random.default_rng(1)
    for variable in model.weights:
        if variable.dtype in ("uint32", "int32", "int64"):  # of a layer's chance, or how many it has seen
            continue
        lowest = 0.1 if "variance" in variable.name else -0.3
        variable.assign(rng.uniform(lowest, 0.3, variable.shape))
    for layer in model.layers:
        if isinstance(layer, k.Normalization):
            layer.finalize_state()  # as when it is loaded
    return model


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
        first = k.Conv2D(3, (3, 3), activation="relu", input_shape=PICTURE)
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
        keras.Sequential([keras.Input(PICTURE), k.Conv2D(3, 3), k.BatchNormalization(), k.ReLU()]),
        functional(lambda x: k.Conv2D(2, 3)(keras.Sequential([k.Conv2D(4, 3)])(x)), (26, 26, 3)),
        k.Conv2D(2, 3),
        *last(),
    ),
    "branches within that end in a softmax": lambda: sequential(functional(branches), k.Dense(10, "softmax")),
    "letters": lambda: sequential(k.Flatten(), k.Dense(26, "softmax")),
    "sigmoids": lambda: sequential(k.Flatten(), k.Dense(10, "sigmoid")),
    "rows of 784": lambda: sequential(k.Reshape(PICTURE), k.Conv2D(2, 3), *last(), shape=(784,)),
    "28 rows of 28": lambda: sequential(k.Reshape(PICTURE), k.Conv2D(2, 3), *last(), shape=(28, 28)),
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
        model.build((None, *PICTURE))
    data = saved(shaken(model))

    layers, weights, shape = keras_import.read(data)

    assert shape == (COLOURS if name.startswith("in colour") else PICTURE)
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
    for shape, data in ((PICTURE, "mnist"), (COLOURS, "cifar10")):
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


# Networks that Keras can make, and we cannot.


@keras.saving.register_keras_serializable()
class Mine(k.Layer):
    def call(self, x):
        return x


@keras.saving.register_keras_serializable(name="Dense")
class Dense(k.Dense):
    """Called like one of Keras's own."""


class Subclassed(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = keras.Sequential(last())

    def call(self, x):
        return self.inner(x)


def called(model: keras.Model) -> keras.Model:
    model(np.zeros((1, *PICTURE)))
    return model


def two_outputs():
    start = keras.Input(PICTURE)
    middle = k.Flatten()(start)
    return keras.Model(start, [k.Dense(10, "softmax")(middle), middle])


def two_inputs():
    one, two = keras.Input(PICTURE), keras.Input(PICTURE)
    return keras.Model([one, two], last()[1](k.Flatten()(k.Add()([one, two]))))


def two_readers():
    one, two = keras.Input(PICTURE), keras.Input(PICTURE)
    return keras.Model([one, two], k.Add()([one, two]))


def branches(x):
    x = k.Conv2D(2, 3, padding="same", name="side")(x)
    return k.Dense(10, "softmax")(k.Flatten()(k.Add(name="sum")([x, k.Conv2D(2, 1)(x)])))


def twice(x):
    same = k.Dense(10, name="same")
    return k.Softmax()(same(same(k.Dense(10)(k.Flatten()(x)))))


def after(layer) -> keras.Model:
    return sequential(k.Conv2D(4, 3), layer, *last())


FOREIGN = {
    "Lambda": (
        lambda: after(k.Lambda(lambda x: x, name="f")),
        r"'f' is 'Lambda', which holds code.*; accepted are",
    ),
    "a custom layer": (
        lambda: after(Mine(name="m")),
        "'m' is 'Custom>Mine' from 'tests.worker..._keras_import'; accepted",
    ),
    "a custom Dense": (
        lambda: sequential(k.Flatten(), Dense(10)),
        "is 'Custom>Dense' from 'tests.worker..._keras_import'",
    ),
    "a subclass": (
        lambda: called(Subclassed()),
        "The network is 'Subclassed' from 'tests.worker..._keras_import'; accepted",
    ),
    "two inputs within": (
        lambda: functional(lambda x: last()[1](k.Flatten()(two_readers()([x, x])))),
        "is a network that reads 2; accepted is one",
    ),
    "layers multiplied": (
        lambda: functional(lambda x: last()[1](k.Flatten()(k.Multiply(name="m")([x, k.Conv2D(1, 1)(x)])))),
        "'m' is 'Multiply', which joins several layers in a way that is not among ours; accepted are",
    ),
    "rows side by side": (
        lambda: functional(
            lambda x: last()[1](k.Flatten()(k.Concatenate(axis=1, name="c")([x, k.Conv2D(1, 1)(x)])))
        ),
        "'c' has axis 1; accepted is the last, -1",
    ),
    "zeros around before a sum": (
        lambda: functional(
            lambda x: last()[1](k.Flatten()(k.Add(name="sum")([k.ZeroPadding2D(1)(x), k.ZeroPadding2D(1)(x)])))
        ),
        "'sum' follows ZeroPadding2D by 1; accepted after it is a convolution of 3 x 3",
    ),
    "a slope that grows": (
        lambda: after(k.LeakyReLU(1.5, name="leak")),
        "'leak' has negative_slope 1.5; accepted are 0 to below 1, to six decimals",
    ),
    "mish": (
        lambda: after(k.Activation("mish", name="g")),
        "'g' has activation 'mish'; accepted is 'linear' or 'relu'",
    ),
    "ELU of another size": (lambda: after(k.ELU(2.0)), "has alpha 2.0; accepted is 1"),
    "ReLU 6": (lambda: after(k.ReLU(6)), "has max_value 6; accepted is None"),
    "an oblong kernel": (
        lambda: after(k.Conv2D(2, (3, 5))),
        r"has kernel_size \[3, 5\]; accepted is one number",
    ),
    "uneven strides": (lambda: after(k.Conv2D(2, 3, (1, 2))), r"has strides \[1, 2\]; accepted is one number"),
    "dilation": (lambda: after(k.Conv2D(2, 3, dilation_rate=2)), "has dilation_rate 2; accepted is 1"),
    "groups": (lambda: after(k.Conv2D(2, 3, groups=2)), "has groups 2; accepted is 1"),
    "channels first": (
        lambda: after(k.Flatten(data_format="channels_first")),
        "has data_format 'channels_first'; acc",
    ),
    "zeros on one side": (
        lambda: after(k.ZeroPadding2D(((0, 1), (0, 1)))),
        "accepted is the same on all sides",
    ),
    "zeros before no convolution": (
        lambda: after(k.ZeroPadding2D(1)),
        "follows ZeroPadding2D by 1; accepted after it is a convolution of 3 x 3",
    ),
    "more zeros than 'same' adds": (
        lambda: sequential(k.ZeroPadding2D(2), k.Conv2D(2, 3), *last()),
        "follows ZeroPadding2D by 2; accepted after it is a convolution of 5 x 5",
    ),
    "zeros at the end": (
        lambda: sequential(*last()[:1], k.Reshape((28, 28, 1)), k.ZeroPadding2D(1)),
        "Reshape",
    ),
    "an epsilon that is large": (
        lambda: after(k.BatchNormalization(epsilon=2)),
        "epsilon 2.0; accepted is a num",
    ),
    "all of a large picture": (
        lambda: sequential(k.GlobalAveragePooling2D(), k.Dense(10, "softmax")),
        "pool is 28, but has to lie between 1 and 14",
    ),
    "600 filters": (lambda: after(k.Conv2D(600, 1)), "filters is 600, but has to lie between 1 and 512"),
    "windows that overlap": (
        lambda: after(k.MaxPooling2D(3, 2)),
        "strides 2; accepted are those of its pool_size",
    ),
    "an oblong window": (
        lambda: after(k.AveragePooling2D((2, 1))),
        r"has pool_size \[2, 1\]; accepted is one number",
    ),
    "padded pooling": (
        lambda: after(k.MaxPooling2D(2, padding="same")),
        "has padding 'same'; accepted is 'valid'",
    ),
    "rows normalised": (lambda: after(k.BatchNormalization(axis=1)), "has axis 1; accepted is -1 or 3"),
    "dropout of all": (lambda: after(k.Dropout(0.95)), "rate is 0.95, but has to lie between 0.0 and 0.9"),
    "dropout when reading": (
        lambda: functional(lambda x: last()[1](k.Flatten()(k.Dropout(0.5, name="d")(x, training=True)))),
        "'d' does not read just what other layers give",
    ),
    "a layer used twice": (
        lambda: functional(twice),
        "'same' is used more than once; accepted is a layer",
    ),
    "two outputs": (two_outputs, "gives more or less than one layer's output"),
    "two inputs": (two_inputs, "The network reads 2 inputs; accepted is one, the picture"),
    "a vector": (
        lambda: sequential(k.Dense(10, "softmax"), shape=(100,)),
        r"\[100\]; accepted are \[28, 28, 1\] for digits and \[32, 32, 3\] for pictures in colour",
    ),
    "no channel": (
        lambda: sequential(k.Dense(3), *last(), shape=(28, 28)),
        r"\[28, 28\]; accepted are \[28, 28, 1\]",
    ),
    "grey, but larger": (
        lambda: sequential(*last(), shape=(32, 32, 1)),
        r"the shape \[32, 32, 1\]; accepted are \[28, 28, 1\] for digits and \[32, 32, 3\]",
    ),
    "colours in one row": (
        lambda: sequential(k.Reshape(COLOURS), *last(), shape=(3072,)),
        r"is 'Reshape', which is accepted once, for digits, to \(28, 28, 1\)",
    ),
    "colours made a digit": (
        lambda: sequential(k.Conv2D(1, 5), k.Reshape(PICTURE), *last(), shape=COLOURS),
        "is 'Reshape', which is accepted once, for digits",
    ),
    "colours and none": (
        lambda: sequential(k.Flatten(), k.Dense(11, "softmax"), shape=COLOURS),
        "has to be Dense 10 softmax.*Dense 11",
    ),
    "too large in colour": (  # 58 million for a digit
        lambda: sequential(k.Conv2D(512, 12, padding="same"), k.AveragePooling2D(8), *last(), shape=COLOURS),
        "This network has 226,.* multiplications per picture; at most",
    ),
    "not built": (lambda: keras.Sequential(last()), "reads the shape None; accepted are"),
    "pixels -1..1": (
        lambda: sequential(k.Rescaling(1 / 127.5, -1), *last()),
        "is 'Rescaling', which is accepted once, by 1/255",
    ),
    "rescaled twice": (
        lambda: sequential(k.Rescaling(1 / 255), k.Rescaling(1 / 255), *last()),
        "is 'Rescaling', which is accepted once",
    ),
    "12 classes": (
        lambda: sequential(k.Flatten(), k.Dense(12), k.Softmax()),
        "has to be Dense 10 softmax.*Dense 12",
    ),
    "softmax within": (lambda: after(k.Softmax()), "Only the last layer may have softmax"),
    "no layer": (lambda: keras.Sequential([keras.Input(PICTURE)]), "There is no layer yet"),
    "too large": (
        lambda: sequential(*[k.Conv2D(256, 7, padding="same") for _ in range(2)], *last()),
        r"This network has .* per picture; at most",
    ),
}


def refused(read: Callable[[], object], sentence: str) -> None:
    """Check that reading gets one sentence, and which."""
    with pytest.raises(files.BadInput, match=sentence) as caught:
        read()
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 400


@pytest.mark.parametrize("name", FOREIGN)
def test_what_we_do_not_have_is_refused_by_name(name):
    make, sentence = FOREIGN[name]
    data = saved(make())
    refused(lambda: keras_import.read(data), sentence)


# Files that nobody's Keras wrote.

LAYERS = (architectures.Conv2D(2, 3), architectures.BatchNormalization(), architectures.Flatten())
LAYERS += (architectures.Dense(10, "softmax"),)
GOOD = saved(shaken(models.build(LAYERS)))


def members(data: bytes = GOOD) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(contents: dict[str, bytes], compression=zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_config(config: bytes) -> bytes:
    return archive_of(members() | {"config.json": config})


def edited(edit) -> bytes:
    """The good file with another config.json: `edit` is given its layers, input first, and may change them."""
    model = json.loads(members()["config.json"])
    edit(model["config"]["layers"])
    return with_config(json.dumps(model).encode())


def setting(place: int, **values) -> bytes:
    return edited(lambda layers: layers[place]["config"].update(values))


CONFIGS = {
    "slopes that share a fourth axis": (
        edited(lambda layers: layers[2].update(class_name="PReLU", config={"name": "p", "shared_axes": [4]})),
        r"'p' has shared_axes \[4\]; accepted are some of 1, 2 and 3",
    ),
    "no JSON": (with_config(b"{"), "config.json is not valid JSON"),
    "no text": (with_config(b"\xff\xfe\x00"), "config.json is not valid JSON"),
    "deep": (with_config(b"[" * 400_000), "nested too deeply"),
    "deep enough for the parser": (
        setting(1, strides=json.loads("[" * 900 + "]" * 900)),
        "has strides|too deeply",
    ),
    "too long": (with_config(b" " * 1_000_001), "config.json has more than 1,000,000 bytes"),
    "a list": (with_config(b"[]"), "The network is None from None"),
    "a number of 9,000 digits": (
        with_config(members()["config.json"].replace(b'"filters": 2', b'"filters": ' + b"9" * 9000)),
        "filters inf is not a whole number",
    ),
    "no layers": (with_config(b'{"module": "keras", "class_name": "Sequential"}'), "lists no layers"),
    "layers that are words": (edited(lambda layers: layers.append("Dense")), "lists no layers"),
    "an input only": (edited(lambda layers: layers.__delitem__(slice(1, None))), "There is no layer yet"),
    "no input": (edited(lambda layers: layers[0]["config"].clear()), "reads the shape None; accepted are"),
    "a class that is a list": (
        edited(lambda layers: layers[1].update(class_name=["Conv2D"])),
        "from 'keras.layers'",
    ),
    "a module of one's own": (edited(lambda layers: layers[1].update(module="os")), "is 'Conv2D' from 'os'"),
    "10**9 units": (setting(4, units=10**9), "units is 1000000000, but has to lie between 1 and 4096"),
    "units that are true": (setting(4, units=True), "units True is not a whole number"),
    "units in words": (setting(4, units="1" * 99_999), "has units '1111.*; accepted is one number"),
    "no units": (
        edited(lambda layers: layers[4]["config"].pop("units")),
        "has units None; accepted is one number",
    ),
    "a list of activations": (setting(4, activation=["relu"] * 99_999 + [1]), "has activation"),
    "code as activation": (
        setting(4, activation={"value": ["4wEAAAA=", None, None]}),
        "has activation {'value'",
    ),
    "filters that are NaN": (setting(1, filters=float("nan")), "filters nan is not a whole number"),
    "a name without end": (setting(1, name="a\n" * 99_999, groups=7), "has groups 7; accepted is 1"),
    "31 layers": (
        edited(lambda layers: layers.__setitem__(slice(4, 4), [layers[4]] * 30)),
        "There are 34 layers; at most 30",
    ),
}


JOINED = saved(functional(branches))


def rejoined(edit) -> bytes:
    """A file with branches, whose list of layers is changed: `edit` is given it and its layers by class."""
    contents = members(JOINED)
    model = json.loads(contents["config.json"])
    layers = model["config"]["layers"]
    edit(model["config"], {layer["class_name"]: layer for layer in layers})
    return archive_of(contents | {"config.json": json.dumps(model).encode()})


def reading(layer: dict, *names) -> None:
    """Let a layer of the list read those of these names."""
    tensors = [{"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}} for name in names]
    layer["inbound_nodes"] = [{"args": [tensors], "kwargs": {}}]


JOINS = {
    "a sum that reads nothing that there is": (
        lambda config, layers: reading(layers["Add"], "side", "elsewhere"),
        "'sum' reads 'elsewhere', which is no layer of the network",
    ),
    "a sum that reads itself": (
        lambda config, layers: reading(layers["Add"], "side", "sum"),
        "'sum' reads what is made of its own output",
    ),
    "a circle": (
        lambda config, layers: reading(layers["Conv2D"], layers["Flatten"]["name"]),
        "reads what is made of its own output",
    ),
    "a sum of one": (
        lambda config, layers: reading(layers["Add"], "side"),
        "Add reads 2 to 16, here 1|read by no",
    ),
    "a sum of nothing": (lambda config, layers: reading(layers["Add"]), "does not read just what other layers"),
    "a sum of twenty": (
        lambda config, layers: reading(layers["Add"], *["side"] * 20),
        "read by no|2 to 16, here 20",
    ),
    "a sum of sizes": (
        lambda config, layers: layers["Conv2D"]["config"].update(padding="valid", kernel_size=[3, 3]),
        "Add needs inputs of one size, but gets",
    ),
    "a second output of a layer": (
        lambda config, layers: layers["Add"]["inbound_nodes"][0]["args"][0][0]["config"].update(
            keras_history=["side", 0, 1]
        ),
        "does not read just what other layers give",
    ),
    "names that are numbers": (
        lambda config, layers: layers["Add"].update(inbound_nodes=[{"args": [[1, 2]], "kwargs": {}}]),
        "does not read just what other layers give",
    ),
    "nodes that are words": (
        lambda config, layers: layers["Add"].update(inbound_nodes=["side"]),
        "does not read just what other layers give",
    ),
    "no nodes": (lambda config, layers: layers["Add"].pop("inbound_nodes"), "does not read just what other"),
    "two layers of one name": (
        lambda config, layers: layers["Flatten"].update(name="side"),
        "Two layers of the network have one name",
    ),
    "a name that is a list": (lambda config, layers: layers["Flatten"].update(name=[]), "or one has none"),
    "no output": (lambda config, layers: config.pop("output_layers"), "more or less than one layer's output"),
    "an output that is not there": (
        lambda config, layers: config.update(output_layers=[["elsewhere", 0, 0]]),
        "more or less than one layer's output",
    ),
    "an output in the middle": (
        lambda config, layers: config.update(output_layers=[["side", 0, 0]]),
        "is read by no other layer; accepted is one output",
    ),
    "no input": (
        lambda config, layers: layers["InputLayer"].update(class_name="Flatten"),
        "The network reads 0 inputs; accepted is one",
    ),
    "an axis in words": (
        lambda config, layers: layers["Add"].update(
            class_name="Concatenate", config={"name": "c", "axis": "x"}
        ),
        "'c' has axis 'x'; accepted is -1 or 1 or 3",
    ),
}


@pytest.mark.parametrize("name", JOINS)
def test_ways_that_lead_nowhere_get_one_sentence(name):
    edit, sentence = JOINS[name]
    data = rejoined(edit)
    refused(lambda: keras_import.read(data), sentence)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_made_up_configuration_gets_one_sentence(name):
    data, sentence = CONFIGS[name]
    refused(lambda: keras_import.read(data), sentence)


def patched(data: bytes, central: int, local: int, form: str, value: int, name=b"config.json") -> bytes:
    """The archive with a number overwritten in the two headers of an entry."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.index(b"PK\1\2", data.rindex(name) - 46) + central, value)
    if local:
        struct.pack_into(form, changed, data.index(name) - 30 + local, value)
    return bytes(changed)


def without(name: str) -> bytes:
    return archive_of({key: content for key, content in members().items() if key != name})


BOMB = archive_of(members() | {"more": bytes(90_000_000)}, zipfile.ZIP_DEFLATED)
LIAR = archive_of({"model.weights.h5": b"", "config.json": bytes(9_000_000)}, zipfile.ZIP_DEFLATED)
ARCHIVES = {
    "empty": (b"", "This is no zip archive; accepted is a .keras file"),
    "text": (b"dear diary", "This is no zip archive"),
    "an HDF5 file of numbers": (members()["model.weights.h5"], "The .h5 file holds no network, only numbers"),
    "a damaged HDF5 file": (members()["model.weights.h5"][:900], "is damaged or incomplete"),
    "zip in name only": (b"PK" + bytes(99), "damaged or incomplete"),
    "too large": (b"PK" + bytes(61_000_000), "has 61.0 MB; at most 60 MB are accepted"),
    "too many entries": (archive_of(dict.fromkeys(map(str, range(101)), b"")), "101 entries; at most 100"),
    "a bomb": (BOMB, r"unpacks to 90,0.* bytes; at most [0-9,]+ are accepted"),
    "a bomb that lies": (patched(LIAR, 24, 22, "<I", 1000), "damaged or incomplete"),
    "encrypted": (patched(GOOD, 8, 6, "<H", 1), "config.json is encrypted"),
    "packed by bzip2": (archive_of(members(), zipfile.ZIP_BZIP2), "packed in an unusual way"),
    "packed by LZMA": (archive_of(members(), zipfile.ZIP_LZMA), "packed in an unusual way"),
    "an entry beyond the end": (patched(GOOD, 42, 0, "<I", 2**32 - 2), "damaged or incomplete"),
    "no config.json": (without("config.json"), "has no config.json; a .keras file holds"),
    "no weights": (without("model.weights.h5"), "has no model.weights.h5; a .keras file holds"),
    "half": (GOOD[: len(GOOD) // 2], "damaged or incomplete"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_that_is_no_network_gets_one_sentence(name):
    data, sentence = ARCHIVES[name]
    refused(lambda: keras_import.read(data), sentence)


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


def with_weights(h5: bytes) -> bytes:
    return archive_of(members() | {"model.weights.h5": h5})


def with_arrays(edit) -> bytes:
    """The good file with other arrays: `edit` is given the open HDF5 file."""
    h5 = io.BytesIO(members()["model.weights.h5"])
    with h5py.File(h5, "r+") as file:
        edit(file)
    return with_weights(h5.getvalue())


KERNEL, SHAPE = "layers/conv2d/vars/0", (3, 3, 1, 2)


def replaced(path: str = KERNEL, **options):
    """An edit that puts another array in a place; `options` are those of h5py's create_dataset."""

    def edit(file: h5py.File) -> None:
        del file[path]
        file.create_dataset(path, **options)

    return edit


def linked(path: str, link):
    def edit(file: h5py.File) -> None:
        file.move(path, "elsewhere")
        file[path] = link

    return edit


def grouped(file: h5py.File) -> None:
    del file[KERNEL]
    file.create_group(KERNEL)


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout(SHAPE, np.float32)
    layout[...] = h5py.VirtualSource("/etc/passwd", "data", SHAPE)
    del file[KERNEL]
    file.create_virtual_dataset(KERNEL, layout)


def round_in_circles() -> bytes:
    """The weights with lists of free space whose first entry names itself as the next, so they never end."""
    h5 = bytearray(members()["model.weights.h5"])
    place = h5.find(b"HEAP")
    while place >= 0:
        free, start = struct.unpack_from("<QQ", h5, place + 16)  # of the list, and of what it is relative to
        if free < len(h5):
            struct.pack_into("<Q", h5, start + free, free)
        place = h5.find(b"HEAP", place + 4)
    return with_weights(bytes(h5))


EXTERNAL = [("/etc/passwd", 0, 72)]
WORDS = h5py.string_dtype()


def odd_float(file: h5py.File) -> None:
    """Numbers whose exponent counts from elsewhere: HDF5 converts them without a word."""
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_ebias(100)
    del file[KERNEL]
    space = h5py.h5s.create_simple(SHAPE)
    made = h5py.h5d.create(file["layers/conv2d/vars"].id, b"0", kind, space)
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ones(SHAPE, np.float32))


ARRAYS = {
    "an external link": (
        linked(KERNEL, h5py.ExternalLink("/etc/passwd", "/x")),
        "vars/0 in .* is a link; accepted",
    ),
    "an external group": (
        linked("layers", h5py.ExternalLink("/etc/passwd", "/x")),
        "is a link; accepted are numbers",
    ),
    "a link within": (linked(KERNEL, h5py.SoftLink("/elsewhere")), "is a link; accepted are numbers"),
    "a link to itself": (linked("layers", h5py.SoftLink("/layers")), "is a link|has no layers/conv2d"),
    "virtual": (virtual, "is external, virtual or chunked; accepted is one block in the file itself"),
    "in another file": (
        replaced(shape=SHAPE, dtype="f4", external=EXTERNAL),
        "is external, virtual or chunked",
    ),
    "compressed": (replaced(data=np.ones(SHAPE), compression="gzip"), "is external, virtual or chunked"),
    "a huge chunk": (
        replaced(shape=SHAPE, dtype="f4", maxshape=(None,) * 4, chunks=(900, 900, 9, 9), compression="gzip"),
        "is external, virtual or chunked",
    ),
    "a huge shape": (
        replaced("layers/dense/vars/0", shape=(10**9, 10), dtype="f4"),
        r"dense/vars/0 in .* has the shape \(1000000000, 10\); expected is \(1352, 10\)",
    ),
    "a wrong shape": (
        replaced(data=np.ones((3, 3, 2))),
        r"has the shape \(3, 3, 2\); expected is \(3, 3, 1, 2\)",
    ),
    "no shape": (replaced(data=h5py.Empty("f4")), r"has the shape None; expected is \(3, 3, 1, 2\)"),
    "objects": (replaced(shape=SHAPE, dtype=WORDS), "holds 'object'; accepted are float16, float32"),
    "references": (replaced(shape=SHAPE, dtype=h5py.ref_dtype), "holds 'object'; accepted are float16"),
    "records": (
        replaced(shape=SHAPE, dtype=[("a", "f4"), ("b", "i4")]),
        r"holds .*'a'.*; accepted are float16",
    ),
    "whole numbers": (replaced(data=np.ones(SHAPE, np.int8)), "holds 'int8'; accepted are float16"),
    "80 bits": (replaced(data=np.ones(SHAPE, np.longdouble)), "holds 'float128'; accepted are float16"),
    "never written": (replaced(shape=SHAPE, dtype="f4"), "its arrays do not lie side by side"),
    "a float of its own layout": (odd_float, "holds 'float64'; accepted are float16, float32"),
    "none": (lambda file: file.__delitem__(KERNEL), r"has no layers/conv2d/vars/0; .* of shape \(3, 3, 1, 2\)"),
    "no layer": (lambda file: file.__delitem__("layers/dense"), r"has no layers/dense/vars/0; .* \(1352, 10\)"),
    "nothing": (lambda file: file.clear(), "has no layers/conv2d/vars/0"),
    "one number": (linked(KERNEL, np.float32(1)), r"has the shape \(\); expected is \(3, 3, 1, 2\)"),
    "a group for an array": (grouped, "vars/0 in .* is no array; expected is one of shape"),
    "an array for a group": (linked("layers/conv2d", np.ones(3)), "has no layers/conv2d/vars/0"),
}
NUMBERS = {
    "NaN": (KERNEL, np.full(SHAPE, np.nan, np.float32)),
    "too large for float32": (KERNEL, np.full(SHAPE, 1e300)),
    "a variance": ("layers/batch_normalization/vars/3", np.full(2, -0.1, np.float32)),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_are_not_the_networks_get_one_sentence(name):
    edit, sentence = ARRAYS[name]
    h5 = members(with_arrays(edit))["model.weights.h5"]
    found = keras_layers.sources([keras_layers.Taken(layer) for layer in LAYERS], PICTURE)
    places = [place for source in found for place in source.arrays.values()]
    refused(lambda: keras_hdf5._extract(h5, places), sentence)  # without a process, which costs 0.2 seconds


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_that_compute_nothing_get_one_sentence(name):
    path, numbers = NUMBERS[name]
    data = with_arrays(replaced(path, data=numbers))
    refused(
        lambda: keras_import.read(data), f"{path} in model.weights.h5 holds NaN, infinity or a variance below 0"
    )


def test_arrays_that_lie_on_one_another_get_one_sentence():
    """One pointer of the file, changed: a bias that is the beginning of the kernel."""
    h5 = members()["model.weights.h5"]
    with h5py.File(io.BytesIO(h5)) as file:
        kernel, bias = (file[f"layers/dense/vars/{n}"].id.get_offset() for n in (0, 1))
    data = h5.replace(struct.pack("<Q", bias), struct.pack("<Q", kernel))
    assert data != h5
    refused(lambda: keras_import.read(with_weights(data)), "its arrays do not lie side by side in the file")


LIMITED = """
from core.models import keras_hdf5
keras_hdf5._limits()
for act in (lambda: open("README.md"), lambda: bytearray(600_000_000)):
    try:
        act()
    except (OSError, MemoryError) as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not know all limits")
def test_the_other_process_opens_no_file_and_takes_little_memory():
    command = [sys.executable, "-c", LIMITED]
    done = subprocess.run(command, capture_output=True, text=True, cwd=keras_hdf5.ROOT, check=True)
    assert done.stdout.split() == ["OSError", "MemoryError"], done.stderr


def test_the_sentence_crosses_from_the_other_process():
    data = with_arrays(linked(KERNEL, h5py.SoftLink("/elsewhere")))
    refused(lambda: keras_import.read(data), "vars/0 in model.weights.h5 is a link; accepted")


@pytest.mark.parametrize("size", [0, 2000])
def test_weights_that_are_cut_off_get_one_sentence(size):
    data = with_weights(members()["model.weights.h5"][:size])
    refused(lambda: keras_import.read(data), "model.weights.h5 is damaged or incomplete")


def test_weights_that_never_end_are_given_up():
    data = round_in_circles()
    refused(lambda: keras_import.read(data), "model.weights.h5 is damaged")


def test_a_process_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(keras_hdf5, "SECONDS", 0.01)
    refused(lambda: keras_import.read(GOOD), "model.weights.h5 cannot be read within 0.01 seconds")


# Whatever happens to a file on its way: the network, or BadInput.


def changed(data: bytes, seed: int, most: int = 6) -> bytes:
    """The data with one to `most` bytes overwritten, and sometimes its end cut off."""
    rng, result = random.Random(seed), bytearray(data)
    for _ in range(rng.randint(1, most)):
        result[rng.randrange(len(result))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    return bytes(result[: rng.randrange(len(result))] if rng.random() < 0.1 else result)


def network_or_sentence(data: bytes) -> None:
    try:
        layers, weights, shape = keras_import.read(data)
    except files.BadInput:
        return
    assert not architectures.check(layers, shape)
    assert all(np.isfinite(array).all() for array in weights.values())


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_archives(seed):
    network_or_sentence(changed(GOOD, seed))


def test_damaged_configurations(monkeypatch):
    monkeypatch.setattr(keras_import, "_weights", lambda h5, layers, shape, **_: {})
    config = members()["config.json"]
    for seed in range(400):
        network_or_sentence(with_config(changed(config, seed)))


def test_damaged_joins(monkeypatch):
    """Also with names and numbers of one layer in the place of another's."""
    monkeypatch.setattr(keras_import, "_weights", lambda h5, layers, shape, **_: {})
    contents, rng = members(JOINED), random.Random(1)
    words = ["side", "sum", "input_layer", "conv2d", "flatten", "dense", "keras_history", "args"]
    for seed in range(300):
        config = changed(contents["config.json"], seed, most=2).decode(errors="replace")
        config = config.replace(f'"{rng.choice(words)}"', f'"{rng.choice(words)}"', rng.randint(1, 3))
        network_or_sentence(archive_of(contents | {"config.json": config.encode()}))


def test_damaged_arrays(monkeypatch):
    monkeypatch.setattr(keras_hdf5, "SECONDS", 3.0)
    h5 = members()["model.weights.h5"]
    for seed in range(5):
        network_or_sentence(with_weights(changed(h5, seed, most=40)))
