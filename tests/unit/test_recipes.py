"""The tutorials' sixteen networks, setting by setting: ten for MNIST, six for CIFAR-10."""

from dataclasses import replace

import pytest

from core.nn import architectures
from core.nn.architectures import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from core.records import Augmentation, TrainConfig
from core.training import configs
from core.training.recipes import RECIPES
from core.training.tutorial_recipes import VARIANTS

END = Dense(10, "softmax")


def conv(filters, kernel, stride=1):
    return Conv2D(filters, kernel, stride, padding="valid", activation="relu")


def dense(units):
    return Dense(units, activation="relu")


TUTORIALS = [
    # name, layers, optimizer, rate, batch, epochs; 3 and 4 have the dropout of 2
    ("first-conv", (conv(10, 4), Flatten(), dense(100), END), "RMSprop", 0.001, 50, 10),
    ("first-conv-dropout", (conv(10, 4), Flatten(), Dropout(0.5), dense(100), END), "RMSprop", 0.001, 50, 10),
    ("first-conv-200", (conv(10, 4), Flatten(), Dropout(0.5), dense(200), END), "RMSprop", 0.001, 50, 10),
    ("first-conv-50", (conv(10, 4), Flatten(), Dropout(0.5), dense(50), END), "RMSprop", 0.001, 50, 10),
    (
        "first-conv-two",
        (conv(10, 4), MaxPooling2D(2), conv(20, 4), Flatten(), Dropout(0.5), dense(100), END),
        "RMSprop",
        0.001,
        50,
        10,
    ),
    (
        "first-conv-best",
        (
            conv(16, 4),
            MaxPooling2D(2),
            conv(32, 4),
            MaxPooling2D(2),
            Flatten(),
            Dropout(0.4),
            dense(100),
            END,
        ),
        "RMSprop",
        0.001,
        200,
        40,
    ),
    ("simplified-lenet", (conv(32, 3), MaxPooling2D(2), Flatten(), dense(128), END), "Adam", None, 128, 5),
    ("perceptron", (Flatten(), dense(512), END), "SGD", 0.01, 128, 10),
    (
        "two-conv-one-pooling",
        (conv(32, 3), conv(64, 3), MaxPooling2D(2), Flatten(), dense(128), END),
        "Adadelta",
        1.0,
        128,
        12,
    ),
    (
        "without-pooling",
        (conv(32, 3), conv(64, 3), conv(64, 3, stride=2), Flatten(), dense(128), END),
        "Adadelta",
        1.0,
        128,
        12,
    ),
]


POOL = MaxPooling2D(2)


def same(filters):
    return Conv2D(filters, 3, 1, padding="same", activation="relu")


def three(*dropout):
    pictures = (same(128), POOL, same(64), POOL, same(64), POOL, *dropout, Flatten())
    return (*pictures, dense(256), dense(100), *dropout, END)


CIFAR = [
    # name, layers, optimizer, epochs, share held back
    ("own-cifar", (conv(32, 3), conv(64, 3), POOL, Flatten(), dense(128), END), "Adam", 12, 0.1),
    ("cifar-perceptron", (Flatten(), Dense(100, "sigmoid"), Dense(100, "sigmoid"), END), "SGD", 30, 0),
    ("cifar-two", (same(64), POOL, same(32), POOL, Flatten(), dense(100), END), "SGD", 30, 0),
    ("cifar-three", three(), "SGD", 50, 0),
    ("cifar-three-dropout", three(Dropout(0.25)), "SGD", 50, 0),
    ("cifar-three-adam", three(Dropout(0.25)), "Adam", 50, 0),
]


@pytest.mark.parametrize(("name", "layers", "optimizer", "epochs", "share"), CIFAR)
def test_a_cifar_recipe_is_as_the_tutorial_says(name, layers, optimizer, epochs, share):
    assert RECIPES[name].config == TrainConfig(
        layers,
        optimizer,
        batch_size=128,
        epochs=epochs,
        validation_split=share,
        checkpoint_selection="last" if share else "best",  # with none held back there is nothing to choose by
        data="cifar10",
    )


def test_our_network_for_cifar10_is_small():
    assert architectures.parameters(RECIPES["cifar-small"].config.layers, (32, 32, 3)) <= 1_000_000


@pytest.mark.parametrize(("name", "layers", "optimizer", "rate", "batch", "epochs"), TUTORIALS)
def test_a_tutorials_recipe_is_as_the_tutorial_says(name, layers, optimizer, rate, batch, epochs):
    assert RECIPES[name].config == TrainConfig(
        layers,
        optimizer,
        learning_rate=rate,
        schedule="constant",
        beta_2=None,
        batch_size=batch,
        epochs=epochs,
        seed=0,
        train_size=60_000,
        validation_split=0.1 if optimizer == "Adadelta" else 0.0,
        checkpoint_selection="last" if optimizer == "Adadelta" else "best",
        augmentation=Augmentation(rotation=0, shear=0, scale=0, shift=0),
        patience=None,
        label_smoothing=0.0,
    )


def test_the_sixteen_come_from_tutorials_and_the_others_from_us():
    ours = {name for name, recipe in RECIPES.items() if recipe.source == "Digit Lab"}
    theirs = {name for name, *_ in (*TUTORIALS, *CIFAR)}
    assert len(theirs) == 16
    assert set(RECIPES) == ours | theirs
    assert not ours & theirs


@pytest.mark.parametrize(("name", "count"), [("perceptron", 407_050), ("cifar-perceptron", 318_410)])
def test_a_perceptron_has_as_many_parameters_as_its_tutorial_says(name, count):
    config = RECIPES[name].config
    assert architectures.parameters(config.layers, configs.kind(config).shape) == count


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_differs_from_its_recipe_by_one_setting(name):
    of = next(tutorial for tutorial in sorted(RECIPES, key=len, reverse=True) if name.startswith(tutorial))
    change = name.removeprefix(of)
    settings = {"-default-rate": {"learning_rate": None}, "-epsilon": {"epsilon": 1e-8}}
    assert VARIANTS[name].config == replace(RECIPES[of].config, **settings.get(change, {}))
    assert VARIANTS[name].jpeg == (int(change.removeprefix("-jpeg-")) if change not in settings else None)
    if change == "-default-rate":
        assert configs.peak_learning_rate(VARIANTS[name].config) == 0.001
    assert configs.check(VARIANTS[name].config) == ""


def test_nothing_that_a_tutorial_gives_is_called_left_open():
    """Batch size and epochs are all given but for the guided notebook's, which leaves them to its reader."""
    left_open = {name for name, recipe in RECIPES.items() if "batch size" in recipe.deviation}
    assert left_open == {"two-conv-one-pooling", "without-pooling"}


@pytest.mark.parametrize(("name", "side"), [("two-conv-one-pooling", 12), ("without-pooling", 11)])
def test_a_stride_of_two_takes_the_poolings_place(name, side):
    shapes = [shape for shape, _ in architectures.describe(RECIPES[name].config.layers)]
    assert shapes[:3] == [(26, 26, 32), (24, 24, 64), (side, side, 64)]


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_accepted_and_says_where_it_comes_from(name):
    recipe = RECIPES[name]
    assert configs.check(recipe.config) == ""
    assert recipe.title
    assert recipe.source
    assert recipe.claim
    if recipe.accuracy:  # the number is also in the words: 0.9854 in '98.54% in less than two minutes'
        assert f"{100 * recipe.accuracy:g}%" in recipe.claim


def test_every_recipe_has_a_name_of_its_own():
    titles = [recipe.title for recipe in RECIPES.values()]
    assert len(set(titles)) == len(titles)
