"""The tutorials' claims beside measurements: joined into passes, kept over sittings, written as a page."""

import contextlib
import io
import os
import signal
import subprocess
import sys
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from core.__main__ import main
from core.commands import reproduce as reproduce_command
from core.data import datasets
from core.nn.architectures import Dense, Flatten
from core.records import Metric, TrainConfig
from core.runs import reproduction, reproduction_document
from core.runs.reproduction import Epoch, Result
from core.storage.store import Store
from core.training.recipes import RECIPES
from core.training.tutorial_recipes import VARIANTS

CURVE = (Epoch(0.8, 0.5, 0.85, 0.45), Epoch(0.9, 0.3, 0.88, 0.4))
RESULT = Result(
    0, 2, 2, 0.88, 0.88, 2, "test", 48.4, "a computer", "2026-01-31", "", CURVE, RECIPES["perceptron"].config
)


def point(images, epoch, train, accuracy, whole):
    return Metric(images, epoch, 1.0, train, 1 - train, accuracy, 1 - accuracy, whole)


def test_points_are_joined_into_passes():
    """100 images a pass; each point speaks for those since the one before."""
    points = [
        point(20, 0.2, 0.5, 0.5, whole=False),
        point(100, 1, 0.75, 0.7, whole=True),  # (20 * 0.5 + 80 * 0.75) / 100 = 0.7
        point(150, 1.5, 0.8, 0.72, whole=True),  # stopped here, then resumed
        point(200, 2, 0.9, 0.8, whole=True),
        point(240, 2.4, 0.95, 0.8, whole=False),
    ]
    assert [(e.train_accuracy, e.accuracy) for e in reproduction.by_epoch(points)] == [(0.7, 0.7), (0.85, 0.8)]
    assert [(e.train_loss, e.loss) for e in reproduction.by_epoch(points)] == [(0.3, 0.3), (0.15, 0.2)]
    assert reproduction.by_epoch(points[:1]) == ()


def test_what_is_written_is_read_again(tmp_path):
    two = replace(RESULT, best=None, config=RECIPES["cifar-two"].config)
    results = {"perceptron": (RESULT, replace(RESULT, seed=1, data="a copy")), "cifar-two": (two,)}
    reproduction.write(results, tmp_path / "results.json")
    assert reproduction.read(tmp_path / "results.json") == results
    assert reproduction.read(tmp_path / "nothing.json") == {}


def test_what_was_measured_of_a_recipe_that_has_changed_is_not_read(tmp_path):
    """Another seed is the same recipe; any other setting is not."""
    seed, rate = (replace(RESULT.config, **changes) for changes in ({"seed": 1}, {"learning_rate": 0.02}))
    results = {
        "perceptron": (RESULT, replace(RESULT, seed=1, config=seed), replace(RESULT, seed=2, config=rate))
    }
    reproduction.write(results, tmp_path / "results.json")
    assert [one.seed for one in reproduction.read(tmp_path / "results.json")["perceptron"]] == [0, 1]
    reproduction.write({"perceptron": results["perceptron"][2:]}, tmp_path / "results.json")
    assert reproduction.read(tmp_path / "results.json") == {}


def test_a_longer_training_takes_a_shorter_ones_place():
    short, long = replace(RESULT, epochs=1, of=10), replace(RESULT, epochs=10, of=10)
    results = reproduction.add({}, "perceptron", short)
    assert not reproduction.is_done(results, "perceptron", 0, 2)
    results = reproduction.add(results, "perceptron", long)
    assert results == {"perceptron": (long,)}
    assert reproduction.add(results, "perceptron", short) == results
    assert reproduction.is_done(results, "perceptron", 0, 10)
    assert not reproduction.is_done(results, "perceptron", 1, 1)


@pytest.mark.parametrize(
    ("changes", "count"),
    [({}, 3), ({"seconds": 599.0}, 3), ({"seconds": 600.0}, 1), ({"epochs": 1}, 1), ({"seed": 1}, 1)],
)
def test_quick_recipes_are_trained_with_three_seeds(changes, count):
    assert reproduction.seeds({"perceptron": (replace(RESULT, **changes),)}, "perceptron") == count
    assert reproduction.seeds({}, "perceptron") == 1


def test_the_page_says_what_is_measured_and_what_is_not():
    three = tuple(
        replace(
            RESULT,
            seed=seed,
            last=last,
            best=best,
            best_epoch=epoch,
            epochs=10,
            of=10,
            train_accuracy=last + 0.03,
            train_loss=0.1 + seed,
            test_loss=0.4,
            dtype="float32",
        )
        for seed, last, best, epoch in ((0, 0.92, 0.93, 9), (1, 0.93, 0.93, 10), (2, 0.94, 0.945, 9))
    )
    cut = (replace(RESULT, epochs=22, of=50, seconds=6900, data="a JPEG copy of CIFAR-10"),)
    text = reproduction_document.document({"perceptron": three, "cifar-three": cut})
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| ") and "`" in line}
    assert list(rows) == list(reproduction.NAMES)
    assert [row.split("|")[1].strip() for row in rows.values()] == [
        *map(str, range(1, 17)),
        *[""] * len(VARIANTS),
    ]
    assert rows["perceptron"] == (
        "| 8 | Multilayer perceptron (`perceptron`) | 92.81% after ten epochs | 93.00% (92.00 to 94.00) "
        "±0.26 | 86.50% (85.00 to 88.00) | 0.400 | 93.50% (93.00 to 94.50) (9, 10) | 90.00% (90.00 to 90.00) | "
        "96.00% (95.00 to 97.00) | 1.100 | 10, 3 seeds | 48 s | 2026-01-31 |"
    )
    assert (
        "| 88.00% ±0.32 | 86.50% (85.00 to 88.00) |  | 88.00% (2) | 90.00% | not measured yet |  | 22 of 50 | "
        "1 h 55 min |" in rows["cifar-three"]
    )
    assert "On a computer, float32." in text
    assert "On a computer, dtype not recorded." in text
    assert sum("not measured yet with this recipe" in row for row in rows.values()) == 14 + len(VARIANTS)
    assert "Only 22 of its 50 epochs have been trained." in text
    assert "Learnt from, and tested with, a JPEG copy of CIFAR-10." in text
    assert "407,050 parameters" in text


def test_a_swing_at_the_end_is_levelled_out():
    """Of two seeds the last five epochs of each: ten values, and their range."""
    ends = ((0.6, 0.61, 0.62, 0.6, 0.63, 0.59), (0.1, 0.62, 0.6, 0.64, 0.61, 0.65))
    two = tuple(
        replace(RESULT, seed=seed, epochs=6, curve=tuple(Epoch(0.5, 1.0, value, 1.0) for value in end))
        for seed, end in enumerate(ends)
    )
    assert reproduction.summary(two).last_five == "61.70% (59.00 to 65.00)"
    assert reproduction.summary((replace(two[0], measured="validation"),)).last_five == ""
    assert reproduction.summary((replace(RESULT, last=0.5),)).error == "0.50"


def test_a_recipes_pictures_go_through_jpeg_in_a_folder_of_their_own(monkeypatch, tmp_path):
    """It learns from the images as JPEG leaves them; the data folder itself stays as it was."""
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    images = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), np.uint8)
    labels = np.arange(4, dtype=np.uint8)
    original = datasets.Dataset(images[:4], labels, images[4:], labels[:2])
    monkeypatch.setattr("core.data.datasets.cifar10", lambda: original)
    with reproduce_command._images(30):
        assert datasets.cifar10_path() == tmp_path / "jpeg-30" / "cifar10.npz"
        with np.load(datasets.cifar10_path(), allow_pickle=False) as stored:
            found = {name: stored[name] for name in stored}
    assert datasets.cifar10_path() == tmp_path / "cifar10.npz"
    expected = io.BytesIO()
    Image.fromarray(images[5]).save(expected, "JPEG", quality=30)
    assert np.array_equal(found["x_test"][1], np.asarray(Image.open(expected)))
    assert np.array_equal(found["y_train"], labels)
    assert found["x_train"].shape == (4, 32, 32, 3)
    with reproduce_command._images(None):
        assert datasets.cifar10_path() == tmp_path / "cifar10.npz"


def test_what_is_kept_in_the_project_can_be_read_and_is_of_its_recipes():
    results = reproduction.read()
    for name, found in results.items():
        for one in found:
            assert one.of == one.config.epochs
            assert replace(one.config, seed=0) == reproduction.recipe(name).config
            assert one.config.seed == one.seed
            assert (one.best is None) == (one.measured == "validation")  # those are judged by the last weights
            assert len(one.curve) == one.epochs
            assert one.last <= 1
    if results:
        assert reproduction_document.DOCUMENT.read_text() == reproduction_document.document(results)


# -- on the command line


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Two of the tutorials' recipes are of a moment, until the test ends; a database of its own."""
    config = TrainConfig((Flatten(), Dense(10, "softmax")), "Adam", batch_size=500, epochs=3)
    for name, share in (("perceptron", 0.0), ("two-conv-one-pooling", 0.5)):
        changed = replace(config, validation_split=share)
        monkeypatch.setitem(RECIPES, name, replace(RECIPES[name], config=changed))
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    monkeypatch.setattr("core.commands.reproduce.open_store", lambda: store)
    return store


def reproduce(folder, *arguments):
    out, before = io.StringIO(), signal.getsignal(signal.SIGINT)
    try:
        with (
            patch.dict(os.environ),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(io.StringIO()) as err,
        ):
            code = main(["reproduce", "--into", str(folder), *arguments])
    finally:
        signal.signal(signal.SIGINT, before)
    return code, out.getvalue() + err.getvalue(), reproduction.read(folder / "reproduction.json")


def test_recipes_are_trained_once_and_kept(tiny, tmp_path):
    code, said, results = reproduce(tmp_path, "perceptron", "two-conv-one-pooling", "--seeds", "2")
    assert code == 0
    assert "not yet measured: first-conv, " in said
    runs = tiny.runs()
    assert len(runs) == 4
    for one, run in zip(
        results["perceptron"], [r for r in runs if r.recipe == "perceptron"][::-1], strict=True
    ):
        assert (one.seed, one.epochs, one.of, one.measured) == (run.config.seed, 3, 3, "test")
        assert one.last == pytest.approx(run.test_accuracy, abs=1e-5)
        assert one.best == max(e.accuracy for e in one.curve) == one.curve[one.best_epoch - 1].accuracy
        assert 0.85 < one.last <= one.best
        assert (one.train_accuracy, one.train_loss, one.dtype) == (
            run.train_accuracy,
            run.train_loss,
            "float32",
        )
        assert one.test_loss == run.test_loss == pytest.approx(one.curve[-1].loss, abs=1e-4)
        # learning stops where it is measured: the finished network reads better than the last pass did
        assert one.train_accuracy > one.curve[-1].train_accuracy
    held_out = results["two-conv-one-pooling"][0]
    (run,) = [r for r in runs if r.recipe == "two-conv-one-pooling" and r.config.seed == 0]
    assert held_out.measured == "validation"
    assert held_out.dtype == "float32"  # large as it is: as the tutorials computed, on any processor
    assert held_out.best == run.test_accuracy
    if held_out.best_epoch == 3:  # the kept weights are the last
        assert held_out.last == pytest.approx(run.test_accuracy, abs=1e-4)
    page = (tmp_path / "reproduction.md").read_text()
    assert page == reproduction_document.document(results)
    again = reproduce(tmp_path, "perceptron", "two-conv-one-pooling", "--seeds", "2")
    assert again[2] == results
    assert len(tiny.runs()) == 4


def test_fewer_epochs_are_said_and_made_up_for_later(tiny, tmp_path):
    _, _, results = reproduce(tmp_path, "perceptron", "--epochs", "1")
    assert [(one.epochs, one.of) for one in results["perceptron"]] == [(1, 3)]
    assert " 1 of 3 " in (tmp_path / "reproduction.md").read_text()
    _, _, results = reproduce(tmp_path, "perceptron", "--seeds", "1")
    assert [(one.epochs, one.of) for one in results["perceptron"]] == [(3, 3)]


def test_a_stopped_training_is_gone_on_with(tiny, tmp_path):
    config = RECIPES["perceptron"].config
    number = tiny.add(config, name="x", recipe="perceptron")
    tiny.ask_to_stop(number)
    assert tiny.run(number).status == "stopped"
    code, _, results = reproduce(tmp_path, "perceptron", "--seeds", "1")
    assert (code, len(tiny.runs()), results["perceptron"][0].epochs) == (0, 1, 3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["quick"], "There is no tutorial's recipe 'quick'; there are first-conv, "),
        (["--epochs", "0"], "The epochs are 0, but have to be at least 1."),
    ],
)
def test_what_cannot_be_reproduced_is_said(tiny, tmp_path, arguments, sentence):
    code, said, results = reproduce(tmp_path, *arguments)
    assert (code, results) == (1, {})
    assert sentence in said


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(tmp_path):
    """A process of its own, as a person would have it; 'perceptron' takes a second or two per pass."""
    command = [
        sys.executable,
        "-m",
        "core",
        "reproduce",
        "perceptron",
        "--into",
        str(tmp_path),
        "--epochs",
        "4",
    ]
    told = {**os.environ, "DIGIT_LAB_HOME": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=told
    ) as one:
        for line in one.stdout:
            if line.startswith("epoch     1"):
                break
        one.send_signal(signal.SIGINT)
        assert "Interrupted; the same command goes on." in one.stdout.read()
    assert one.returncode == 1
    (found,) = reproduction.read(tmp_path / "reproduction.json")["perceptron"]
    assert 1 <= found.epochs < 4
    done = subprocess.run(command, capture_output=True, text=True, env=told, check=True)
    assert "epoch     1 " not in done.stdout
    (found,) = reproduction.read(tmp_path / "reproduction.json")["perceptron"]
    assert (found.epochs, len(found.curve)) == (4, 4)
    # what its tutorial says after each epoch, which one seed meets within a point
    for epoch, claimed in zip(found.curve, reproduction.CLAIMED_EPOCHS["perceptron"], strict=False):
        assert epoch.accuracy == pytest.approx(claimed, abs=0.01)
