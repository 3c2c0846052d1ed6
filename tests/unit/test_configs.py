import json
import re
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from core.nn import architectures
from core.nn.architectures import Conv2D, Dense, Flatten, LayerError
from core.records import Augmentation, Change, Imported, TrainConfig
from core.training import configs
from core.training.configs import LIMITS
from core.training.optimization import OPTIMIZERS
from core.training.recipes import RECIPES

CONFIG = TrainConfig((Flatten(), Dense(10, "softmax")), optimizer="Adam")
FULL = TrainConfig(
    layers=(Conv2D(4, 3, 2, "same", "tanh"), Flatten(), Dense(11, "softmax")),
    optimizer="AdamW",
    learning_rate=0.02,
    schedule="one-cycle",
    beta_2=0.95,
    epsilon=1e-8,
    weight_decay=0.03,
    batch_size=64,
    epochs=7,
    seed=11,
    train_size=5000,
    validation_split=0.2,
    augmentation=Augmentation(rotation=10, shear=5.5, scale=0.1, shift=2, elastic=0.7, crop=3, flip=True),
    patience=3,
    label_smoothing=0.05,
    attack_budget=0.1,
    extra_fraction=0.5,
    p_no_augment=0.25,
    data="digit-lab",
    pen_digits="/data/pens.npz",
    unipen_digits="/data/unipen.npz",
    teachers="/data/teachers",
    unipen_characters="/data/letters.npz",
    momentum=0.7,
    changes=(Change(3, "shift", 1.0),),
)


def changed(name, value):
    """CONFIG with one setting changed, which may be one of its augmentation."""
    if name in LIMITS or name in ("optimizer", "schedule"):
        return replace(CONFIG, **{name: value})
    return replace(CONFIG, augmentation=Augmentation(**{name: value}))


def test_the_full_example_leaves_no_setting_at_its_default():
    defaults = TrainConfig(FULL.layers, FULL.optimizer)
    left = {f.name for f in fields(FULL) if getattr(FULL, f.name) == getattr(defaults, f.name)}
    left -= {"layers", "optimizer"}
    left -= {"checkpoint_selection"}  # with patience it is always the best
    left -= {"fine_tuning"}  # no other data may have it
    assert not left, (
        f"FULL has the default of {sorted(left)}: give it another value, so that it is tried in JSON"
    )
    assert all(getattr(FULL.augmentation, f.name) for f in fields(Augmentation))


@pytest.mark.parametrize("config", [FULL, *(recipe.config for recipe in RECIPES.values())])
def test_a_configuration_survives_json(config):
    assert configs.from_json(json.loads(json.dumps(configs.to_json(config)))) == config
    assert configs.check(config) == ""


def test_configurations_of_other_versions_are_read():
    """A setting that is missing gets its default; one that is unknown is left out."""
    older = {"layers": configs.to_json(CONFIG)["layers"], "optimizer": "Adam"}
    assert configs.from_json(older) == CONFIG
    assert configs.from_json({**older, "nesterov": True}) == CONFIG
    before_bends = {"rotation": 10.0, "shear": 0.0, "scale": 0.0, "shift": 0.0}
    assert configs.from_json({**older, "augmentation": before_bends}) == changed("rotation", 10.0)


def test_a_whole_number_for_a_decimal_one_is_that_decimal_one():
    """As an address or another program may write it: a form's field takes no 1 where it has 0.5."""
    layers = [{"kind": "Flatten"}, {"kind": "Dropout", "rate": 0}, {"kind": "Dense", "units": 10}]
    found = configs.from_json(
        {
            **{"layers": layers, "optimizer": "Adam", "learning_rate": 1, "label_smoothing": 0, "epochs": 3},
            "augmentation": {"rotation": 10, "crop": 2},
        }
    )
    numbers = (found.learning_rate, found.label_smoothing, found.augmentation.rotation, found.layers[1].rate)
    assert [*map(type, numbers)] == [float] * 4
    assert numbers == (1.0, 0.0, 10.0, 0.0)
    assert [*map(type, (found.epochs, found.augmentation.crop, found.layers[2].units))] == [int] * 3


def test_layers_that_are_not_on_the_list_are_refused():
    with pytest.raises(LayerError, match="unknown layer 'Lambda'"):
        configs.from_json({"layers": [{"kind": "Lambda"}], "optimizer": "Adam"})


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("learning_rate", 1e-06, 10_000),
        ("beta_2", 0.5, 0.99999),
        ("epsilon", 1e-12, 1),
        ("weight_decay", 0, 1),
        ("momentum", 0, 0.999),
        ("batch_size", 1, 2048),
        ("epochs", 1, 600),
        ("seed", 0, 2_147_483_647),
        ("train_size", 10, 240_000),
        ("validation_split", 0, 0.5),
        ("label_smoothing", 0, 0.5),
        ("attack_budget", 0, 0.5),
        ("extra_fraction", 0, 1),
        ("p_no_augment", 0, 1),
        ("rotation", 0, 45),
        ("shear", 0, 45),
        ("scale", 0, 0.5),
        ("shift", 0, 8),
        ("elastic", 0, 4),
    ],
)
def test_each_number_has_its_limits(name, least, most):
    assert configs.check(changed(name, least)) == ""
    assert configs.check(changed(name, most)) == ""
    sentence = f"The {name.replace('_', ' ')} is *, but has to lie between {least} and {most}."
    step = 1 if name in ("batch_size", "epochs", "seed", "train_size") else 1e-7
    for outside in (least - step, most + step):
        assert fnmatchcase(configs.check(changed(name, outside)), sentence)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("optimizer", "Lion", "The optimizer 'Lion' is unknown; known are SGD, SGD with momentum"),
        ("schedule", "steps", "The schedule 'steps' is unknown; known are constant, cosine"),
        ("epochs", 0, "The epochs is 0, but has to lie between 1 and 600"),
        ("epochs", 1.5, "The epochs 1.5 is not a whole number"),
        ("epochs", 2.0, "The epochs 2.0 is not a whole number"),
        ("epochs", "2", "The epochs '2' is not a whole number"),
        ("epochs", True, "The epochs True is not a whole number"),
        ("epochs", None, "The epochs None is not a whole number"),
        ("seed", -1, "The seed is -1, but has to lie between 0 and 2147483647."),
        ("learning_rate", float("nan"), "The learning rate is nan, but has"),
        ("learning_rate", float("inf"), "The learning rate is inf, but has"),
        ("label_smoothing", None, "The label smoothing None is not a number"),
        ("rotation", "ten", "The rotation 'ten' is not a number"),
        ("shift", -1.0, "The shift is -1, but has to lie between 0 and 8"),
        ("crop", 1.5, "The crop 1.5 is not a whole number"),
        ("crop", 9, "The crop is 9, but has to lie between 0 and 8"),
        ("flip", 1, "The flip 1 is neither true nor false."),
        ("elastic", "much", "The elastic 'much' is not a number"),
    ],
)
def test_what_cannot_be_trained_is_said_in_a_sentence(name, value, sentence):
    assert sentence in configs.check(changed(name, value))


ELEVEN = (Flatten(), Dense(11, "softmax"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data": "digit-lab", "layers": ELEVEN}, ""),
        ({"data": "digit-lab", "layers": ELEVEN, "pen_digits": "pens.npz"}, ""),
        ({"data": "digit-lab"}, "The last layer has to be Dense 11 softmax"),
        ({"layers": ELEVEN}, "The last layer has to be Dense 10 softmax"),
        *(
            ({name: "pens.npz"}, "Pen-drawn digits and characters, and teachers, are taken in by Digit Lab's")
            for name in configs.FILES
        ),
        (
            {"data": "digit-lab", "layers": ELEVEN, "pen_digits": 5},
            "The pen digits 5 is not the path of a file.",
        ),
        ({"unipen_digits": None}, "The unipen digits None is not the path of a file."),
        (
            {"data": "letters"},
            "The data 'letters' are unknown; known are mnist, digit-lab, hand, hand or none, cifar10, "
            "fashion-mnist, emnist-digits, emnist-letters, emnist-balanced.",
        ),
        ({"data": "cifar10"}, ""),
        ({"data": "cifar10", "layers": ELEVEN}, "The last layer has to be Dense 10 softmax"),
        ({"data": "", "layers": ()}, "The data '' are unknown"),
    ],
)
def test_what_is_learnt_from_decides_the_classes(changes, sentence):
    found = configs.check(replace(CONFIG, **changes))
    assert found.startswith(sentence)
    assert bool(found) == bool(sentence)


@pytest.mark.parametrize("name", ["epochs", "learning_rate"])
def test_a_number_too_large_for_any_float(name):
    assert "but has to lie between" in configs.check(changed(name, 10**400))


def test_the_networks_own_problems_come_first():
    assert configs.check(replace(CONFIG, layers=(), epochs=0)) == "There is no layer yet; add one."


@pytest.mark.parametrize("name", ["learning_rate", "beta_2", "weight_decay", "patience"])
def test_some_numbers_may_be_left_open(name):
    assert configs.check(replace(FULL, **{name: None})) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"checkpoint_selection": "best", "validation_split": 0.1}, "the best weights"),
        ({"checkpoint_selection": "last", "validation_split": 0.1}, "the last weights"),
        (
            {"checkpoint_selection": "best", "validation_split": 0.0},
            "the last weights",
        ),  # the test does not choose
    ],
)
def test_which_weights_are_kept(changes, words):
    assert configs.kept(replace(CONFIG, **changes)) == words


def test_early_stopping_needs_something_to_watch():
    assert "needs validation digits" in configs.check(replace(CONFIG, patience=3))
    assert "needs validation pictures" in configs.check(replace(CONFIG, patience=3, data="cifar10"))
    assert configs.check(replace(CONFIG, patience=3, validation_split=0.1)) == ""
    assert "keeps the best" in configs.check(
        replace(CONFIG, patience=3, validation_split=0.1, checkpoint_selection="last")
    )
    assert "known are best, last" in configs.check(replace(CONFIG, checkpoint_selection="first"))
    assert "patience is 0" in configs.check(replace(CONFIG, patience=0, validation_split=0.1))


@pytest.mark.parametrize(
    ("train_size", "share", "batch", "learnt", "held_out", "steps"),
    [
        (60_000, 0.0, 128, 60_000, 0, 469),  # 468 whole batches and one of 96
        (60_000, 0.1, 128, 54_000, 6000, 422),
        (60_000, 0.5, 2048, 30_000, 30_000, 15),
        (1000, 0.1, 100, 1000, 6000, 10),
        (1001, 0.0, 100, 1001, 0, 11),
        (10, 0.0, 2048, 10, 0, 1),
    ],
)
def test_how_the_pictures_are_divided(train_size, share, batch, learnt, held_out, steps):
    config = replace(CONFIG, train_size=train_size, validation_split=share, batch_size=batch)
    assert configs.divide(config) == (learnt, held_out)
    assert configs.steps_per_epoch(config) == steps


def test_cifar10_is_smaller():
    config = replace(CONFIG, data="cifar10", validation_split=0.1)
    assert configs.divide(config) == (45_000, 5000)
    assert (
        configs.steps_per_epoch(replace(config, validation_split=0.0)) == 391
    )  # 390 whole batches and one of 80
    assert configs.kind(config).shape == (32, 32, 3)


def test_a_window_may_fit_one_data_set_and_not_another():
    wide = (Conv2D(4, 28), Conv2D(4, 5), Flatten(), Dense(10, "softmax"))
    assert configs.check(replace(CONFIG, layers=wide)) == ("Layer 2: a 5x5 kernel does not fit a 1x1 input.")
    assert configs.check(replace(CONFIG, layers=wide, data="cifar10")) == ""


def test_same_but_for_the_seed():
    assert configs.same_but_for_seed(CONFIG, replace(CONFIG, seed=5))
    assert not configs.same_but_for_seed(CONFIG, replace(CONFIG, seed=5, epochs=11))


def test_holding_back_less_than_a_digit_is_refused():
    """Else the test digits would be measured in their place, and choose the best epoch."""
    assert configs.divide(replace(CONFIG, validation_split=1e-6)) == (60_000, 0)
    assert "too small" in configs.check(replace(CONFIG, validation_split=1e-6))
    assert configs.check(replace(CONFIG, validation_split=1e-5)) == ""


def test_of_a_network_from_a_file_only_the_layers_and_its_data_are_known():
    for layers, data in ((FULL.layers, "digit-lab"), (CONFIG.layers, "mnist")):
        found = configs.imported(layers)
        assert found == Imported(layers, data)
        assert configs.imported_from_json(json.loads(json.dumps(configs.to_json(found)))) == found
        kind = configs.kind(found)
        assert not architectures.check(layers, kind.shape, classes=len(kind.classes))
    assert configs.imported(CONFIG.layers, (32, 32, 3)).data == "cifar10"


def test_each_field_stands_in_the_program_and_where_it_is_used():
    """A field is declared, used in a step, and put into the Keras program, or it is said here why not."""
    core = Path(configs.__file__).parents[1]
    program = "".join(path.read_text() for path in (core / "models").glob("keras_program.py*"))
    steps = "".join(path.read_text() for part in ("training", "worker") for path in (core / part).glob("*.py"))
    assert all("configs.optimizer_settings(config)" in text for text in (program, steps))
    of_optimizers = {name for one in OPTIMIZERS.values() for name in one.settings}  # which these two ask for
    assert of_optimizers == {"momentum", "beta_2", "epsilon", "weight_decay"}
    names = {field.name for field in fields(TrainConfig)} - of_optimizers
    assert {name for name in names if not re.search(rf"\.{name}\b", steps)} == set()
    assert {name for name in names if not re.search(rf"config\.{name}\b", program)} == {
        "train_size",  # as `configs.divide` has it
        *(
            "extra_fraction",
            *configs.FILES,
            "fine_tuning",
        ),  # not in others' data
    }


def test_numbers_are_declared_with_their_range():
    """So that nobody has to be told of a new one: `check` and the form know it from its declaration."""
    numbers = {field.name for field in fields(TrainConfig) if str(field.type).split(" ")[0] in ("int", "float")}
    numbers |= {
        field.name for field in fields(TrainConfig) if field.type in (int, float, int | None, float | None)
    }
    assert set(configs.SETTINGS) == numbers
    assert LIMITS["train_size"][1] == configs.MAX_TRAIN_SIZE
    for name in numbers:
        assert configs.check(replace(CONFIG, **{name: LIMITS[name][1] * 2 + 1}))


def test_choices_are_declared_with_what_may_be_chosen():
    """So that `check` knows a new one from its declaration. The data and paths have checks of their own."""
    texts = {field.name for field in fields(TrainConfig) if field.type in (str, "str")}
    assert set(configs.CHOICES) == texts - {"data", *configs.FILES}
    for name, choice in configs.CHOICES.items():
        assert all(configs.check(replace(CONFIG, **{name: option})) == "" for option in choice.options)
        assert "'none of these' is unknown; known are " in configs.check(
            replace(CONFIG, **{name: "none of these"})
        )
