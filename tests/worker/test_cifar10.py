"""CIFAR-10 from the command line to a network that is read: with small made images in its shape."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from core.__main__ import main
from core.data import datasets
from core.models import classifiers, networks
from core.nn.architectures import Conv2D, Dense, Flatten
from core.records import Augmentation, Recipe
from core.storage.store import Store
from core.training import configs
from core.training.recipes import RECIPES
from core.worker import models, tasks, training
from core.worker.hooks import Hooks
from tests import colours
from tests.colours import CONFIG


@pytest.fixture
def small(monkeypatch, tmp_path):
    data = colours.dataset()
    colours.install(monkeypatch, tmp_path, data)
    return data


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path / 'lab.db'}")


def trained(store, config, **settings):
    number = store.add(config, name="colours", **settings)
    tasks.train_run(store.url, number)
    return store.run(number)


def test_one_step_is_kerass(small):
    """All three channels, with 'same' padding, in one batch."""
    config = replace(CONFIG, layers=(Conv2D(6, 3, 1, "same"), Flatten(), Dense(10, "softmax")))
    config = replace(config, optimizer="SGD", learning_rate=0.1, batch_size=400, epochs=1)
    ours = models.get_weights(training.train(config, small).model)
    keras.utils.set_random_seed(config.seed)
    model = models.build(config.layers, (32, 32, 3))
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    model.fit(small.x_train / np.float32(255), small.y_train, batch_size=400, shuffle=False, verbose=0)
    for name, array in models.get_weights(model).items():
        assert ours[name] == pytest.approx(array, abs=1e-5)


def test_what_is_held_back_is_the_last_of_its_own_pictures(small):
    config = replace(CONFIG, validation_split=0.25, epochs=1)
    snapshots = []
    training.train(config, small, Hooks(on_snapshot=snapshots.append))
    assert np.array(snapshots[-1].confusion).sum() == 100
    for number, truth, *_ in snapshots[-1].worst:
        assert 300 <= number < 400
        assert small.y_train[number] == truth


def test_a_network_for_it_is_stored_and_read(small, store, tmp_path):
    config = replace(CONFIG, augmentation=Augmentation(crop=2, flip=True), label_smoothing=0.05)
    run = trained(store, config, drawing=np.zeros((28, 28)))
    assert (run.status, run.note) == ("done", "")
    assert run.test_accuracy > 0.9
    assert store.metrics(run.id)[-1].drawing is None  # a digit is not what it reads
    network = store.network(run.id)
    assert network.data == "cifar10"
    networks.save(network, tmp_path / "saved")
    for one in (network, networks.load(tmp_path / "saved")):
        classifier = classifiers.Classifier(one)
        logits = classifier.logits(small.x_test / np.float32(255))
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        assert p == pytest.approx(store.probabilities(run.id, datasets.version("cifar10")), abs=1e-4)
        many = classifier.activations_many(small.x_test[:3] / np.float32(255), ["conv2d_1"])["conv2d_1"]
        assert many.shape == (3, 32, 32, 6)


def test_stopped_and_resumed_it_is_the_same(small):
    config = replace(CONFIG, augmentation=Augmentation(crop=2, flip=True), epochs=3)
    whole, last = training.train(config, small), None
    asked = iter([False] * 3 + [True] * 100)
    stopped = training.train(config, small, Hooks(should_stop=lambda: next(asked)))
    assert stopped.ended == "stopped"
    last = training.train(config, small, resume=stopped.last)
    one, other = (models.get_weights(t.model) for t in (whole, last))
    for name, array in one.items():
        assert other[name] == pytest.approx(array, abs=1e-5)


def test_the_command_line_trains_and_measures_it(small, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DIGIT_LAB_DATABASE", f"sqlite:///{tmp_path / 'cli.db'}")
    monkeypatch.setitem(RECIPES, "colours", Recipe("Colours", "the tests", "none", CONFIG))
    for command in ("train", "evaluate"):
        where = f"core.commands.{command}.open_store"
        monkeypatch.setattr(where, lambda: Store(f"sqlite:///{tmp_path / 'cli.db'}"))
    assert main(["train", "--recipe", "colours", "--out", str(tmp_path / "out"), "--json"]) == 0
    row = json.loads(capsys.readouterr().out.splitlines()[-1])
    file, right = tmp_path / "mine.keras", row["test_accuracy"]
    file.write_bytes(Store(f"sqlite:///{tmp_path / 'cli.db'}").keras_file(row["id"]))
    for network in (tmp_path / "out", file):
        assert main(["evaluate", str(network)]) == 0
        test, training_images = capsys.readouterr().out.splitlines()
        wrong = round(100 - 100 * right)
        assert test == f"{right:.2%} of 100 test pictures, {wrong} wrong, loss {row['test_loss']:.4f}"
        assert training_images == (
            f"{row['train_accuracy']:.2%} of 400 training pictures, loss {row['train_loss']:.4f}"
        )
    datasets.cifar10_path().unlink()
    assert main(["evaluate", str(file)]) == 1
    assert "CIFAR-10 is not on this computer yet: put cifar10.npz into" in capsys.readouterr().err


def test_without_pictures_a_run_says_what_to_do(store, monkeypatch, tmp_path):
    def fails():
        raise Exception("URL fetch failure on https://example.org: None -- unknown host\nmore")

    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", fails)
    run = trained(store, CONFIG)
    assert run.status == "failed"
    assert run.note == (
        "CIFAR-10 could not be downloaded (URL fetch failure on https://example.org: None -- unknown host). "
        f"Train again with internet, or put cifar10.npz into {tmp_path}."
    )


def test_what_keras_downloads_is_kept(small, store, monkeypatch, tmp_path):
    """The next training finds it in the data folder, as the pages do."""
    datasets.cifar10_path().unlink()
    asked = []

    def download():
        asked.append(1)
        return (small.x_train, small.y_train[:, None]), (small.x_test, small.y_test[:, None])

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", download)
    for _ in range(2):
        assert trained(store, replace(CONFIG, epochs=1)).status == "done"
    assert len(asked) == 1
    assert sorted(p.name for p in tmp_path.glob("*.npz")) == ["cifar10.npz"]
    assert np.array_equal(datasets.cifar10().x_train, small.x_train)


def test_a_damaged_file_is_no_crash(small, store):
    datasets.cifar10_path().write_bytes(b"PK")
    run = trained(store, CONFIG)
    assert run.status == "failed"
    assert "cannot be read" in run.note


def test_its_recipes_can_be_trained():
    for recipe in RECIPES.values():
        if recipe.config.data == "cifar10":
            assert configs.check(recipe.config) == ""
