import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.data import datasets
from core.models import classifiers, networks
from core.nn import activations, batchnorm_folding
from core.nn.architectures import Dense, Flatten
from core.records import Recipe, TrainConfig
from core.runs import processes
from core.storage.store import Store, open_store
from core.training import configs
from core.training.recipes import RECIPES
from tests.worker.command_line import rows, run


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Where the trained network is stored as well."""
    return tmp_path_factory.mktemp("out") / "new"


@pytest.fixture(scope="module")
def trained(out):
    """What one pass of the quick recipe prints."""
    return rows("train", "--recipe", "quick", "--epochs", 1, "--seed", 1, "--out", out)


def test_train_prints_its_points_and_then_the_run(trained):
    *points, row = trained
    assert [point["images"] for point in points] == sorted({point["images"] for point in points})
    assert (points[-1]["images"], points[-1]["epoch"], points[-1]["whole"]) == (row["images"], 1, True)
    assert (row["status"], row["recipe"], row["has_network"], row["note"]) == ("done", "quick", True, "")
    assert row["validation_accuracy"] == points[-1]["validation_accuracy"]
    assert row["test_accuracy"] > 0.97
    config = configs.from_json(row["config"])
    assert config == replace(RECIPES["quick"].config, epochs=1, seed=1)


def test_runs_lists_it(trained):
    row = trained[-1]
    assert row in rows("runs")
    code, lines, _ = run("runs")
    assert code == 0
    (line,) = [line for line in lines if line.startswith(f"run {row['id']} ")]
    assert line.split()[2:6] == ["done", "quick", "seed", "1"]
    assert line.endswith(f"test {row['test_accuracy']:.2%}")


def test_its_network_is_measured_alike_wherever_it_lies(trained, out, tmp_path):
    """In the database, in a folder, and in the .keras file; one digit in doubt may fall to either side."""
    row = trained[-1]
    (tmp_path / "mine.keras").write_bytes(open_store().keras_file(row["id"]))
    for named in (row["id"], out, tmp_path / "mine.keras"):
        (found,) = rows("evaluate", named)
        assert found["network"] == str(named)
        assert found["test_accuracy"] == pytest.approx(row["test_accuracy"], abs=1.5e-4)
        assert found["wrong"] == round(10_000 * (1 - found["test_accuracy"]))
        assert found["test_loss"] == pytest.approx(row["test_loss"], abs=1e-3)
        # a file does not say which of the 60,000 it has learnt from: it was all but 3,000
        assert found["train_accuracy"] == pytest.approx(row["train_accuracy"], abs=2e-3)


def test_a_finished_training_is_measured_on_all_that_it_has_learnt_from(trained, out):
    """By LiteRT, without dropout or augmentation: the 57,000 that are not held out."""
    row, data = trained[-1], datasets.mnist()
    logits = classifiers.Classifier(networks.load(out)).logits(data.x_train[:57_000].astype(np.float32) / 255)
    losses = -np.log(activations.softmax(logits.astype(float))[np.arange(57_000), data.y_train[:57_000]])
    assert row["train_accuracy"] == pytest.approx((logits.argmax(1) == data.y_train[:57_000]).mean(), abs=1e-4)
    assert row["train_loss"] == pytest.approx(losses.mean(), abs=1e-3)
    assert row["dtype"] in ("float32", "bfloat16")


def test_the_folder_says_what_it_holds(trained, out):
    row, network = trained[-1], networks.load(out)
    assert network.layers == batchnorm_folding.layers(RECIPES["quick"].config.layers)
    assert network.about["test_accuracy"] == row["test_accuracy"]
    assert (network.about["run"], network.about["seed"], network.about["epochs"]) == (row["id"], 1, 1)


def test_evaluate_says_it_in_words(monkeypatch):
    """The shipped network, whose accuracy was measured when it was made; of the training digits some."""
    all_of_it = datasets.mnist()
    some = replace(all_of_it, x_train=all_of_it.x_train[:2000], y_train=all_of_it.y_train[:2000])
    monkeypatch.setattr(datasets, "load", lambda data: some)
    folder = datasets.ASSETS / "models" / networks.DEFAULT
    accuracy = networks.shipped().about["test_accuracy"]
    wrong = round(10_000 * (1 - accuracy))
    code, (test, training), err = run("evaluate", folder)
    assert (code, err) == (0, "")
    assert re.fullmatch(rf"{accuracy:.2%} of 10,000 test digits, {wrong} wrong, loss 0\.\d{{4}}", test)
    assert re.fullmatch(r"\d{2,3}\.\d\d% of 2,000 training digits, loss 0\.\d{4}", training)


@pytest.fixture
def tiny(monkeypatch):
    """A recipe of a moment, until the test ends."""
    config = TrainConfig((Flatten(), Dense(10, "softmax")), "Adam", batch_size=100, epochs=2, train_size=5000)
    monkeypatch.setitem(RECIPES, "tiny", Recipe("Tiny", "the tests", "none", config))
    return config


def test_train_says_in_words_how_each_epoch_went(tiny):
    code, lines, err = run("train", "--recipe", "tiny")
    assert (code, err) == (0, "")
    first, second, last = lines
    assert re.fullmatch(r"epoch     1 of 2  +\d+\.\d s  train \d\d\.\d\d%  test \d\d\.\d\d%", first)
    assert second.startswith("epoch     2 of 2")
    assert re.fullmatch(r"run \d+  done         tiny +seed 0 +\d+\.\d s  test \d\d\.\d\d%", last)


def test_a_training_that_leaves_nothing_fails(tiny, monkeypatch):
    deep = (Flatten(), *[Dense(64, "linear")] * 18, Dense(10, "softmax"))  # one step, and all is infinite
    hot = replace(tiny, layers=deep, optimizer="SGD", learning_rate=10_000.0, train_size=100, epochs=1)
    monkeypatch.setitem(RECIPES, "tiny", replace(RECIPES["tiny"], config=hot))
    code, lines, _ = run("train", "--recipe", "tiny")
    assert code == 1
    assert "failed" in lines[-1]
    assert "Try a smaller learning rate" in lines[-1]


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--epochs", 0, "The epochs is 0, but has to lie between 1 and 600."),
        ("--epochs", 601, "The epochs is 601, but has to lie between 1 and 600."),
        ("--epochs", -1, "The epochs is -1, but has to lie between 1 and 600."),
        ("--seed", -1, "The seed is -1, but has to lie between 0 and 2147483647."),
    ],
)
def test_a_training_that_cannot_be_is_refused(option, value, sentence):
    before = rows("runs")
    assert run("train", "--recipe", "quick", option, value) == (1, [], sentence + "\n")
    assert rows("runs") == before


def test_an_unknown_recipe_is_refused():
    with pytest.raises(SystemExit) as refused:
        run("train", "--recipe", "slow")
    assert refused.value.code == 2


def spoilt(tmp_path, name, content):
    """The shipped network's folder with one file spoilt."""
    shutil.copytree(datasets.ASSETS / "models" / networks.DEFAULT, tmp_path / "spoilt")
    (tmp_path / "spoilt" / name).write_bytes(content)
    return tmp_path / "spoilt"


PICKLE = io.BytesIO()
np.savez(PICKLE, allow_pickle=True, kernel=np.array([None]))


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        (lambda _: "1000000", "Run 1000000 has no network; `python -m core runs` lists what there is."),
        (lambda _: "9" * 30, "No such file"),  # no run has this number
        (lambda folder: folder / "missing", "No such file"),
        (lambda folder: folder / "text.png", "This is no zip archive; accepted is a .keras file"),
        (lambda folder: folder, "No such file"),  # without a network.json
        (lambda folder: spoilt(folder, "network.json", b"not JSON"), "Expecting value"),
        (
            lambda folder: spoilt(folder, "network.json", b"[1, 2]"),
            "network.json or weights.npz is not as it was",
        ),
        (
            lambda folder: spoilt(folder, "network.json", b'{"name": "x"}'),
            "network.json or weights.npz is not as it was",
        ),
        (
            lambda folder: spoilt(folder, "network.json", b'{"name": "x", "layers": [{"kind": "Lambda"}]}'),
            "unknown layer",
        ),
        (
            lambda folder: spoilt(folder, "weights.npz", b"PK\3\4 and so on"),
            "network.json or weights.npz is not as it was",
        ),
        (lambda folder: spoilt(folder, "weights.npz", PICKLE.getvalue()), "plain numbers"),
        (lambda folder: spoilt(folder, "network.tflite", b"not a model"), "Flatbuffer"),
    ],
)
def test_what_is_no_network_gets_a_sentence(folder, named, reason):
    code, lines, err = run("evaluate", named(folder))
    assert (code, lines) == (1, [])
    assert reason in err
    assert err.count("\n") == 1


def test_recipes_are_listed_with_their_source():
    code, lines, _ = run("recipes")
    assert code == 0
    assert len(lines) == len(RECIPES)
    (line,) = [line for line in lines if line.startswith("perceptron: ")]
    assert line == (
        "perceptron: Multilayer perceptron. Claim: 92.81% after ten epochs. "
        "Source: Express deep learning with Keras, part 1."
    )


def test_recipes_as_json_can_be_trained():
    listed = rows("recipes")
    assert [row["name"] for row in listed] == list(RECIPES)
    for row in listed:
        assert configs.from_json(row["config"]) == RECIPES[row["name"]].config
        assert (row["title"], row["accuracy"]) == (RECIPES[row["name"]].title, RECIPES[row["name"]].accuracy)


# -- as a program


def program(home, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "core", *arguments],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DIGIT_LAB_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_without_runs_it_says_how_to_make_one(tmp_path):
    with program(tmp_path, "runs") as process:
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "There are no runs yet: python -m core train --recipe quick\n")


def test_ctrl_c_keeps_what_was_learnt(tmp_path):
    with program(tmp_path, "train", "--recipe", "perceptron", "--epochs", "100", "--json") as process:
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    *_, last, row = [first, *map(json.loads, out.splitlines())]
    assert (row["status"], row["note"]) == ("stopped", "It was stopped; the last weights until then are kept.")
    assert row["images"] == last["images"] < 100 * 60_000
    assert row["has_network"]
    with program(tmp_path, "evaluate", str(row["id"]), "--json") as process:
        out, _ = process.communicate(timeout=60)
    assert json.loads(out)["test_accuracy"] == pytest.approx(row["test_accuracy"], abs=1.5e-4)


def test_a_training_that_nobody_reads_any_more_keeps_what_was_learnt(tmp_path):
    """As after `| head -1`."""
    with program(tmp_path, "train", "--recipe", "perceptron", "--epochs", "100", "--json") as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert "Traceback" not in process.stderr.read()
    run = Store(f"sqlite:///{tmp_path / 'digit-lab.db'}").run(1)
    assert (run.status, run.has_network) == ("stopped", True)


def test_a_killed_training_goes_on_where_its_last_checkpoint_was(tmp_path):
    with program(tmp_path, "train", "--recipe", "perceptron", "--epochs", "100", "--json") as process:
        store = Store(f"sqlite:///{tmp_path / 'digit-lab.db'}")
        for _ in process.stdout:  # its latest checkpoint may be of an epoch before
            if (before := store.checkpoint(1)) and before.images >= 60_000:
                break
        process.kill()
    before = store.checkpoint(1)
    with program(tmp_path, "train", "--resume", "1", "--json") as process:
        after = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    row = json.loads(out.splitlines()[-1])
    assert (row["id"], row["status"], row["has_network"]) == (1, "stopped", True)
    assert before.images >= 60_000
    assert after["images"] > before.images
    assert after["seconds"] > before.seconds


@pytest.mark.parametrize(
    "change", [("--epochs", 3), ("--seed", 0), ("--pen-digits", "pen.npz"), ("--unipen-digits", "pen.npz")]
)
def test_a_run_that_is_resumed_cannot_be_changed(tiny, change):
    """It goes on exactly as it began; what would not be followed is not passed over without a word."""
    number = open_store().add(tiny, name="stopped")
    open_store().end(number, "stopped", "")
    code, lines, err = run("train", "--resume", number, *change)
    assert (code, lines) == (1, [])
    assert err == (
        f"{change[0]} {change[1]} is for a new run: run {number} goes on with the settings that it began with. "
        "Leave it out, or train anew with --recipe.\n"
    )
    assert open_store().run(number).status == "stopped"
    open_store().delete(number)


def test_a_run_without_an_accuracy_shows_a_dash(tiny, capsys):
    store = open_store()
    number = store.add(tiny, name="from a file")
    store.finish(number, networks.shipped(), b"", None, test_accuracy=None, status="done", note="")
    _, lines, _ = run("runs")
    (line,) = [line for line in lines if line.startswith(f"run {number} ")]
    assert line.endswith("test –")
    store.delete(number)


def test_a_run_that_is_not_there_cannot_be_resumed():
    sentence = "There is no run 999999; `python -m core runs` lists what there is.\n"
    assert run("train", "--resume", 999_999) == (1, [], sentence)


def test_a_run_that_is_deleted_cannot_be_resumed(tiny):
    number = open_store().add(tiny, name="gone")
    open_store().delete(number)
    sentence = f"Run {number} is deleted; Undo on the page Runs brings it back for a day.\n"
    assert run("train", "--resume", number) == (1, [], sentence)


def test_a_run_that_waits_cannot_be_resumed(tiny):
    number = open_store().add(tiny, name="waits")
    code, lines, err = run("train", "--resume", number)
    assert (code, lines) == (1, [])
    assert err == f"Run {number} is training or waiting just now, so there is nothing to resume.\n"
    open_store().delete(number)


def test_pen_digits_are_for_the_recipe_that_takes_them(tmp_path):
    before = rows("runs")
    (tmp_path / "notes.txt").write_text("milk, bread")
    code, _, err = run("train", "--recipe", "digit-lab", "--pen-digits", tmp_path / "notes.txt")
    assert code == 1
    assert "notes.txt holds no pen-drawn digits that I can read" in err
    code, _, err = run("train", "--recipe", "digit-lab", "--unipen-characters", tmp_path / "notes.txt")
    assert code == 1
    assert "notes.txt holds no pen-drawn letters and signs that I can read" in err
    tablet = tmp_path / "one.tra"
    tablet.write_text('.SEGMENT DIGIT 0 ? "1"\n.COMMENT 1 3 1\n.PEN_DOWN\n5 90\n5 10\n.PEN_UP\n')
    code, _, err = run("train", "--recipe", "quick", "--pen-digits", tablet)
    assert (code, err) == (
        1,
        "Pen-drawn digits and characters, and teachers, are taken in by Digit Lab's own recipes only.\n",
    )
    assert rows("runs") == before


def test_a_backup_holds_what_the_database_held(tmp_path, capsys, tiny):
    number = open_store().add(tiny, name="kept")
    kept = tmp_path / "kept.db"
    assert main(["backup", str(kept)]) == 0
    assert "holds all drawings, trainings and networks" in capsys.readouterr().out
    assert Store(f"sqlite:///{kept}").run(number).name == "kept"
    assert main(["backup", str(kept)]) == 1
    assert "is there already, and is left as it is" in capsys.readouterr().err


def test_runs_of_a_process_that_is_gone_are_listed_as_interrupted(capsys, tiny):
    host, process, start = processes.name().rsplit(":", 2)
    dead = f"{host}:{process}:{float(start) - 1:.2f}"
    begun, waiting = (open_store().add(tiny, name="dead", worker=dead) for _ in range(2))
    assert open_store().claim(begun, dead, "")
    assert main(["runs", "--json"]) == 0
    rows = {row["id"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert [rows[number]["status"] for number in (begun, waiting)] == ["interrupted", "interrupted"]
