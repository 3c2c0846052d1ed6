"""Networks that Keras can make, and we cannot: each is refused by name."""

import keras
import numpy as np
import pytest
from keras import layers as k

from core.models import keras_import
from tests.worker.keras_models import COLOURS, IMAGE_SHAPE, functional, last, refused, saved, sequential

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
    model(np.zeros((1, *IMAGE_SHAPE)))
    return model


def two_outputs():
    start = keras.Input(IMAGE_SHAPE)
    middle = k.Flatten()(start)
    return keras.Model(start, [k.Dense(10, "softmax")(middle), middle])


def two_inputs():
    one, two = keras.Input(IMAGE_SHAPE), keras.Input(IMAGE_SHAPE)
    return keras.Model([one, two], last()[1](k.Flatten()(k.Add()([one, two]))))


def two_readers():
    one, two = keras.Input(IMAGE_SHAPE), keras.Input(IMAGE_SHAPE)
    return keras.Model([one, two], k.Add()([one, two]))


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
        "'m' is 'Custom>Mine' from 'tests.worker...mport_foreign'; accepted",
    ),
    "a custom Dense": (
        lambda: sequential(k.Flatten(), Dense(10)),
        "is 'Custom>Dense' from 'tests.worker...mport_foreign'",
    ),
    "a subclass": (
        lambda: called(Subclassed()),
        "The network is 'Subclassed' from 'tests.worker...mport_foreign'; accepted",
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
        lambda: sequential(k.Conv2D(1, 5), k.Reshape(IMAGE_SHAPE), *last(), shape=COLOURS),
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
    "no layer": (lambda: keras.Sequential([keras.Input(IMAGE_SHAPE)]), "There is no layer yet"),
    "too large": (
        lambda: sequential(*[k.Conv2D(256, 7, padding="same") for _ in range(2)], *last()),
        r"This network has .* per picture; at most",
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_we_do_not_have_is_refused_by_name(name):
    make, sentence = FOREIGN[name]
    data = saved(make())
    refused(lambda: keras_import.read(data), sentence)
