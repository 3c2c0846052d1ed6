"""The program that is shown is run, and compared with what the worker does."""

import ast
import subprocess
import sys
from dataclasses import fields, replace
from itertools import pairwise

import keras
import numpy as np
import pytest

from core.data import datasets
from core.models import keras_program
from core.nn import architectures
from core.nn.architectures import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from core.records import Augmentation, Change, TrainConfig
from core.training import configs, optimization
from core.training.recipes import RECIPES
from core.worker import optimizers, predictor
from tests import colours

EVERY_LAYER = (
    Conv2D(4, 5, 2, "same", "linear"),
    BatchNormalization(),
    Activation("tanh"),
    Conv2D(6, 3),
    MaxPooling2D(2),
    AveragePooling2D(2),
    Flatten(),
    Dropout(0.25),
    Dense(12, "sigmoid"),
    Dense(8, "linear"),
    Activation("leaky_relu_0.3"),
    Activation("gelu"),
    Dense(10, "softmax"),
)
SMALL = TrainConfig((Flatten(), Dense(10, "softmax")), "Adam", batch_size=32, epochs=3, seed=7)
CONFIGS = {
    **{name: recipe.config for name, recipe in RECIPES.items()},
    **{name: replace(SMALL, optimizer=name) for name in optimization.OPTIMIZERS},
    "every layer": replace(SMALL, layers=EVERY_LAYER, optimizer="SGD with momentum", learning_rate=0.2),
    "AdamW with beta_2": replace(SMALL, optimizer="AdamW", schedule="cosine", beta_2=0.95),
    "Adam with epsilon": replace(SMALL, optimizer="Adam", epsilon=0.01),
    "AdamW with weight decay": replace(SMALL, optimizer="AdamW", beta_2=0.95, weight_decay=0.03),
    "beta_2 that SGD has not": replace(SMALL, optimizer="SGD", beta_2=0.95),
    "weight decay that Adam has not": replace(SMALL, optimizer="Adam", weight_decay=0.03),
    "some digits": replace(SMALL, train_size=60, label_smoothing=0.1),
    "some digits, early": replace(SMALL, train_size=60, validation_split=0.25, patience=2),
    "against attacks": replace(SMALL, attack_budget=0.2, label_smoothing=0.1),
    "smooth and held back": replace(SMALL, validation_split=0.1, label_smoothing=0.2),
    "only shear": replace(SMALL, augmentation=Augmentation(shear=45)),
    "only shift": replace(SMALL, augmentation=Augmentation(shift=1.5)),
    "only bends": replace(SMALL, augmentation=Augmentation(elastic=1.5)),
    "the last are kept": replace(SMALL, validation_split=0.1, checkpoint_selection="last"),
    "some unchanged": replace(SMALL, augmentation=Augmentation(rotation=9), p_no_augment=0.25),
    "some not sheared": replace(SMALL, augmentation=Augmentation(shear=9), p_no_augment=0.25),
    "some not bent": replace(SMALL, augmentation=Augmentation(shear=9, elastic=1), p_no_augment=0.25),
    "some never bent": replace(SMALL, augmentation=Augmentation(elastic=1), p_no_augment=1.0),
    "eleven classes": replace(
        SMALL, layers=(Flatten(), Dense(11, "softmax")), data="digit-lab", label_smoothing=0.1
    ),
    "colours": replace(
        SMALL,
        data="cifar10",
        layers=(Conv2D(4, 3), Flatten(), Dense(10, "softmax")),
        augmentation=Augmentation(rotation=5, shear=5, scale=0.1, shift=1, elastic=0.5, crop=4, flip=True),
        train_size=60,
        validation_split=0.25,
        label_smoothing=0.1,
    ),
    "pixels skipped": replace(
        SMALL, layers=(Conv2D(4, 1, 2), Conv2D(4, 1, 3, "same", "tanh"), Flatten(), Dense(10, "softmax"))
    ),
    "everything": TrainConfig(
        EVERY_LAYER,
        "Adam",
        0.01,
        "one-cycle",
        0.99,
        batch_size=25,
        epochs=2,
        train_size=70,
        validation_split=0.2,
        augmentation=Augmentation(rotation=12, shear=8, scale=0.1, shift=2, elastic=0.7),
        patience=5,
        label_smoothing=0.05,
    ),
}
TRAINED = (
    *("perceptron", "some digits", "some digits, early", "everything"),
    *("only shear", "only bends", "eleven classes", "colours", "some not bent"),
)


@pytest.fixture
def few_digits(monkeypatch):
    """MNIST is 200 digits and 100 digits, and CIFAR-10 so many images."""
    data = datasets.mnist()
    parts = (data.x_train[:200], data.y_train[:200]), (data.x_test[:100], data.y_test[:100])
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: parts)
    both = (colours.pictures(200, 0), colours.pictures(100, 1))
    columns = tuple((x, y[:, None]) for x, y in both)  # as Keras gives them
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: columns)


@pytest.fixture
def no_training(monkeypatch):
    """`fit` returns at once; what it was given can be asked for."""
    given = {}

    def fit(model, *digits, **settings):
        given.update(settings, digits=digits)

    monkeypatch.setattr(keras.Model, "fit", fit)
    monkeypatch.setattr(keras.Model, "evaluate", lambda *_, **__: (2.3, 0.1))
    return given


def run(config: TrainConfig) -> dict:
    """Return the names that the program of a configuration has defined."""
    names: dict = {}
    exec(compile(keras_program.source(config), "notebook", "exec"), names)
    return names


def test_nothing_is_forgotten():
    assert keras_program.CALLS.keys() == set(architectures.LAYERS.values())
    for name, optimizer in optimization.OPTIMIZERS.items():
        assert issubclass(optimizers.OPTIMIZERS[name], getattr(keras.optimizers, optimizer.keras))
    assert keras_program.SCHEDULES.keys() == optimization.SCHEDULES.keys()


def test_the_first_network_reads_like_a_diagram():
    text = keras_program.source(RECIPES["first-conv-best"].config)
    assert (
        """
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 4, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 4, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(100, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()

optimizer = keras.optimizers.RMSprop(learning_rate=0.001)
model.compile(
"""
        in text
    )
    for absent in ("math", "numpy", "tf.", "validation_", "EarlyStopping", "to_categorical"):
        assert absent not in text.replace("validation_data=(x_test, y_test)", "")


def test_the_programs_are_tidy(tmp_path):
    """Formatted, no line over 100, no name unknown, no import unused, and nothing of ours."""
    for number, config in enumerate(CONFIGS.values()):
        text = keras_program.source(config)
        (tmp_path / f"program_{number}.py").write_text(text)
        modules = {node.names[0].name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)}
        assert modules <= {"math", "keras", "numpy", "tensorflow"}
    for command in (["format", "--check"], ["check", "--select", "E,F,I,UP,B"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "100", tmp_path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


# A field -> another value of it; those that only the app's own data have are left out.
OTHER = {
    "layers": EVERY_LAYER,
    "optimizer": "SGD",
    "learning_rate": 0.3,
    "schedule": "cosine",
    "beta_2": 0.9,
    "epsilon": 1e-4,
    "weight_decay": 0.1,
    "batch_size": 77,
    "epochs": 9,
    "seed": 1234,
    "train_size": 123,
    "validation_split": 0.3,
    "augmentation": Augmentation(shift=2),
    "p_no_augment": 0.5,
    "checkpoint_selection": "last",
    "patience": 4,
    "label_smoothing": 0.2,
    "attack_budget": 0.1,
    "data": "cifar10",
    "changes": (Change(3, "rotation", 9.0),),
}
OF_OUR_DATA = {"extra_fraction", "pen_digits", "unipen_digits", "unipen_characters", "teachers", "fine_tuning"}


def test_no_setting_is_left_out():
    of_sgd = {"momentum": 0.5}
    tried = OTHER.keys() | of_sgd.keys() | OF_OUR_DATA
    missing = tried ^ {field.name for field in fields(TrainConfig)}
    assert not missing, f"{sorted(missing)}: OTHER has to have another value of each setting, and no more"
    base = replace(SMALL, optimizer="AdamW", validation_split=0.1, augmentation=Augmentation(shear=9))
    text = keras_program.source(base)
    for name, value in OTHER.items():
        assert keras_program.source(replace(base, **{name: value})) != text, (
            f"{name} changes nothing in the Keras program"
        )
    assert "momentum=0.5" in keras_program.source(replace(base, optimizer="SGD with momentum", **of_sgd))


@pytest.mark.parametrize("patience", [1, 7])
def test_it_waits_for_as_many_epochs_as_the_training(patience):
    assert f"patience={patience}," in keras_program.source(replace(WEIGHTS, patience=patience))


WEIGHTS = replace(SMALL, epochs=6, learning_rate=0.03, batch_size=10, validation_split=0.5, train_size=20)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"checkpoint_selection": "last"}, -1),
        ({"checkpoint_selection": "best"}, None),
        ({"checkpoint_selection": "best", "patience": 1}, None),
    ],
)
@pytest.mark.usefixtures("few_digits")
def test_the_weights_that_are_kept_are_the_workers(settings, kept):
    """Of 100 digits held back the best epoch is not the last; `keep` says which of the two is read with."""
    config = replace(WEIGHTS, **settings)
    every, end = [], {}

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            every.append((self.model.get_weights(), logs["val_accuracy"]))

    real = keras.Model.fit

    def fit(model, *digits, callbacks=(), **given):
        real(model, *digits, callbacks=[Watch(), *callbacks], **given)
        end["weights"] = model.get_weights()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "fit", fit)
        run(config)
    accuracies = [accuracy for _, accuracy in every]
    best = int(np.argmax(accuracies))
    assert best < len(every) - 1, accuracies  # or else the two could not be told apart
    for found, expected in zip(end["weights"], every[best if kept is None else kept][0], strict=True):
        np.testing.assert_array_equal(found, expected)
    assert len(every) == (min(6, best + 1 + config.patience) if config.patience else 6)


def _without_skipping(layers):
    """The layers but for poolings of single pixels, which our layers do without: they stand before a 1x1."""
    kept = [layer for layer in layers if getattr(layer, "pool_size", None) != (1, 1)]
    for before, layer in pairwise(layers):
        if before not in kept:
            assert (type(layer).__name__, layer.kernel_size) == ("Conv2D", (1, 1))
    return kept


def test_pixels_that_are_skipped_are_left_out_beforehand():
    """A batch of one image would end the program: TensorFlow's gradient of 1x1 kernels with strides."""
    text = keras_program.source(CONFIGS["pixels skipped"])
    assert (
        """
        layers.MaxPooling2D(1, strides=2),
        layers.Conv2D(4, 1, activation="relu"),
        layers.MaxPooling2D(1, strides=3),
        layers.Conv2D(4, 1, padding="same", activation="tanh"),
"""
        in text
    )


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.usefixtures("few_digits", "no_training")
def test_the_network_and_its_optimizer_are_the_workers(name):
    config, names = CONFIGS[name], run(CONFIGS[name])
    layers = _without_skipping(names["model"].layers)
    leaky = {Activation("leaky_relu_0.3"): "LeakyReLU"}
    assert [type(layer).__name__ for layer in layers] == [leaky.get(one, one.kind) for one in config.layers]
    rows = [(tuple(layer.output.shape[1:]), layer.count_params()) for layer in layers]
    assert rows == architectures.describe(config.layers, configs.kind(config).shape)
    for layer, keras_layer in zip(config.layers, layers, strict=True):
        if layer in leaky:
            assert keras_layer.negative_slope == 0.3
            continue
        for setting in ("activation", "padding", "rate"):
            if hasattr(layer, setting):
                found = keras_layer.get_config()[setting]
                assert found == getattr(layer, setting)

    settings = {"learning_rate": configs.peak_learning_rate(config), "name": names["optimizer"].name}
    if config.beta_2 and config.optimizer in ("Adam", "AdamW"):
        settings["beta_2"] = config.beta_2
    if config.epsilon and config.optimizer in ("Adam", "AdamW"):
        settings["epsilon"] = config.epsilon
    if config.weight_decay and config.optimizer == "AdamW":
        settings["weight_decay"] = config.weight_decay
    expected = optimizers.OPTIMIZERS[config.optimizer](**settings).get_config()
    found = names["optimizer"].get_config()
    if config.schedule != "constant":
        found["learning_rate"] = expected["learning_rate"]  # each step's is compared below
    assert found == expected


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
@pytest.mark.parametrize(("batch_size", "steps"), [(200, 3), (30, 21), (7, 87)])
@pytest.mark.usefixtures("few_digits", "no_training")
def test_each_step_has_the_workers_rate(schedule, batch_size, steps):
    config = replace(SMALL, schedule=schedule, learning_rate=0.3, batch_size=batch_size)
    rate = run(config)["rate"]
    found = [float(rate(step)) for step in range(steps)]
    assert found == pytest.approx(configs.learning_rates(config, steps), abs=1e-6)


def test_the_digits_are_the_workers(monkeypatch, no_training):
    """All of MNIST: 1,000 of the first 54,000, drawn by the seed, and the last 6,000 held back."""
    data = datasets.mnist()
    whole = (data.x_train, data.y_train), (data.x_test, data.y_test)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: whole)
    config = replace(SMALL, train_size=1000, validation_split=0.1)
    run(config)
    chosen = np.random.default_rng(config.seed).permutation(54_000)[: configs.divide(config)[0]]
    pictures, labels = no_training["digits"]
    np.testing.assert_array_equal(pictures, predictor.as_input(data.x_train[chosen]))
    np.testing.assert_array_equal(labels, data.y_train[chosen])
    np.testing.assert_array_equal(no_training["validation_data"][1], data.y_train[54_000:])


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.usefixtures("few_digits")
def test_it_trains(name, capsys):
    config = replace(CONFIGS[name], epochs=1)
    names = run(config)
    left = round(200 * (1 - config.validation_split))
    assert int(names["optimizer"].iterations) == -(-min(config.train_size, left) // config.batch_size)
    assert f"Accuracy on the test {configs.kind(config).noun}: " in capsys.readouterr().out


def test_pictures_in_colour_are_not_called_digits():
    everything = keras_program.source(replace(CONFIGS["colours"], patience=3))
    assert "digit" not in everything
    assert "# Watch the validation pictures, and end" in everything
    assert "# Watch the validation digits, and end" in keras_program.source(CONFIGS["some digits, early"])


@pytest.mark.usefixtures("few_digits", "no_training")
def test_augmented_digits_stay_about_where_they_were():
    """However far they lean: the centre of the ink moves by less than two pixels, the ink stays."""
    names = run(CONFIGS["only shear"])
    before = names["x_train"][:50, ..., 0]
    after = np.asarray(names["slant"](names["x_train"][:50]))[..., 0]
    assert np.abs(after - before).max() > 0.5
    assert after.sum() == pytest.approx(before.sum(), rel=0.05)
    across = np.arange(28)
    centres = [(part.sum(1) @ across) / part.sum((1, 2)) for part in (before, after)]
    assert np.abs(centres[0] - centres[1]).max() < 2


def bent(names, pictures):
    """float32 [n, 28, 28] -> the same, each bent by itself."""
    return np.stack([names["bend"](picture[..., None]) for picture in pictures])[..., 0]


@pytest.mark.usefixtures("few_digits", "no_training")
def test_bends_are_smooth_and_as_large_as_wanted():
    """Seen on ramps, whose brightness says from where each pixel was read."""
    names = run(CONFIGS["only bends"])
    across = np.tile(np.arange(28, dtype=np.float32), (300, 28, 1))
    inside = np.s_[:, 8:20, 8:20]  # far enough from the paper
    moves = [(bent(names, ramp) - ramp)[inside] for ramp in (across, across.swapaxes(1, 2))]
    for move in moves:
        assert move.mean() == pytest.approx(0, abs=0.1)
        assert move.std() == pytest.approx(1.5, rel=0.1)
        assert np.corrcoef(move[:, 6, 6], move[:, 6, 7])[0, 1] > 0.9
        assert abs(np.corrcoef(move[:-1, 6, 6], move[1:, 6, 6])[0, 1]) < 0.2  # each digit its own
    assert abs(np.corrcoef(*(move[:, 6, 6] for move in moves))[0, 1]) < 0.2


@pytest.mark.usefixtures("few_digits", "no_training")
def test_bends_leave_ink_and_paper():
    names = run(CONFIGS["only bends"])
    before = names["x_train"][..., 0]
    after = bent(names, before)
    assert after.shape == before.shape
    assert 0 <= after.min() < after.max() <= 1
    assert after[:, 0].mean() < 0.01
    assert after.sum() == pytest.approx(before.sum(), rel=0.05)
    assert np.abs(after - before).max((1, 2)).min() > 0.2


@pytest.mark.usefixtures("few_digits")
def test_the_label_smoothing_is_the_workers(no_training):
    """Worker: (1 - s) times the loss, plus s times the mean loss over all ten digits."""
    names = run(replace(SMALL, label_smoothing=0.2))
    labels, p = no_training["digits"][1][:1], np.float32([[0.55] + [0.05] * 9])
    right = -np.log(p[labels == 1])
    expected = 0.8 * right.mean() + 0.2 * -np.log(p).mean()
    assert float(names["model"].loss(labels, p)) == pytest.approx(expected, rel=1e-5)
