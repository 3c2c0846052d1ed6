"""Reports: what they say is what was measured, whatever a network is called."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.__main__ import main
from core.analysis.reports import charts, notebook, page, subjects
from core.analysis.reports.charts import Line
from core.data import datasets
from core.ink.files import BadInput
from core.models import litert_head, networks
from core.nn.architectures import Dense, Flatten
from core.records import Change, Metric, Run, TrainConfig
from core.training import finetuning
from core.training.recipes import RECIPES

LAYERS = (Flatten(), Dense(10, "softmax"))
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def subject():
    """The tutorial's network, as if a run with four epochs had left it."""
    config = TrainConfig(layers=LAYERS, optimizer="Adam", seed=17, epochs=4, batch_size=64)
    made = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    run = Run(9, EVIL, "me", "", config, "done", "", made, 12.0, device="this computer's CPU", dtype="float32")
    points = [Metric(n, n, n, 0.9 + n / 100, 0.4 / n, 0.8 + n / 50, 0.5 / n, True) for n in range(1, 5)]
    return subjects.of_network(networks.shipped("first-conv-best"), run, points)


def test_the_page_says_what_was_measured(subject):
    made = page.make([subject]).decode()
    wrong = int((subject.evaluation.predicted != datasets.mnist().y_test).sum())
    assert f"{1 - wrong / 10_000:.2%} of 10,000 test digits" in made
    assert f"{wrong} are wrong" in made
    cells = re.findall(r'<td style="--s:[\d.]+">(\d*)</td>', made)
    table = np.array([int(cell or 0) for cell in cells[-100:]]).reshape(10, 10)
    assert table.sum() == 10_000
    assert np.trace(table) == 10_000 - wrong
    assert made.count("data:image/png;base64") == page.WORST
    for said in ("Seed</th><td>17<", "Batch size</th><td>64<", "CPU in float32", "2026-01-02 03:04", "keras"):
        assert said in made
    assert made.count("<polyline") == 4


def test_the_page_loads_and_runs_nothing(subject):
    made = page.make([subject]).decode()
    assert EVIL not in made
    assert "<script" not in made
    assert re.findall(r'(?:src|href)="(?!data:)', made) == []


@pytest.mark.slow
def test_a_comparison_says_who_is_better(subject):
    other = subjects.of_network(networks.shipped())
    made = page.make([other, subject]).decode()
    assert "2 networks side by side" in made
    assert "is better, and hardly by chance" in made
    assert made.count('<table class="confusion">') == 2


def test_a_notebook_is_one_by_its_format(subject):
    made = json.loads(notebook.make([subject]))
    assert (made["nbformat"], made["metadata"]["kernelspec"]["name"]) == (4, "python3")
    kinds = [cell["cell_type"] for cell in made["cells"]]
    assert kinds[0] == "markdown"
    title = made["cells"][0]["source"][0].rstrip()
    assert title == r"# run 9\: \<script\>alert\(1\)\<\/script\>"
    assert kinds.count("code") >= 7
    assert len({cell["id"] for cell in made["cells"]}) == len(kinds)
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), cell["id"], "exec")
    assert "model.fit" in "".join(made["cells"][-1]["source"])  # how it was trained


def test_a_report_says_how_far_a_training_came_and_what_was_changed(subject):
    config = replace(
        subject.run.training, epochs=20, validation_split=0.1, changes=(Change(500, "learning_rate", 0.01),)
    )
    run = replace(
        subject.run, config=config, status="failed"
    )  # before an epoch was over: no weights are the best
    told = subjects.facts(replace(subject, run=run, points=(replace(subject.points[0], epoch=3.2),)))
    assert told["Epochs"] == "3.2 of 20"
    assert told["Changed on the way"] == "learning rate 0.01 from step 500"
    assert "Validation accuracy" not in told
    assert subjects.facts(subject)["Epochs"] == "4"


def test_a_report_lists_the_layers_that_were_trained(subject):
    """As the Runs page counts them; in the network that is kept batch normalization is folded away."""
    quick = RECIPES["quick"].config
    told = subjects.facts(replace(subject, run=replace(subject.run, config=quick)))
    assert "linear → BatchNormalization → relu" in told["Layers"]
    assert told["Parameters"] == "106,186"


@pytest.mark.parametrize(
    ("base", "learnt"),
    [(0, "5,000 of MNIST's, labelled drawings, and 2,500 held out"),
     (finetuning.ALONE, "labelled drawings alone, and 2,500 of MNIST's held out")],
)  # fmt: skip
def test_a_report_of_a_fine_tuned_network_says_what_it_has_learnt_from(subject, base, learnt):
    run = replace(subject.run, config=finetuning.config(LAYERS, base, "me", 9))
    assert subjects.facts(replace(subject, run=run))["Training images"] == learnt


def test_the_curves_of_several_networks_are_told_by_what_each_is_measured_on(subject):
    held_out = replace(subject.run, config=replace(subject.run.training, validation_split=0.1))
    for about, said in (
        ([subject], "Solid: on test images, "),
        (
            [replace(subject, run=None, points=()), replace(subject, run=held_out)],
            "Solid: on validation images, ",
        ),
        ([subject, replace(subject, run=held_out)], "Solid: on validation images (test images where none "),
    ):
        assert said in page.make(about).decode()


def test_a_notebook_of_networks_for_other_images_is_refused(subject):
    other = replace(subject, network=replace(subject.network, data="emnist-digits"))
    with pytest.raises(BadInput, match="emnist-digits and mnist; the report takes them"):
        notebook.make([subject, other])


def test_a_network_whose_answers_are_no_numbers_has_a_report_that_says_so(subject):
    last = next(name for name in reversed(subject.network.weights) if name.endswith("/bias")).split("/")[0]
    kernel, bias = (
        np.full_like(subject.network.weights[f"{last}/{part}"], np.nan) for part in ("kernel", "bias")
    )
    litert = litert_head.with_last_layer(subject.network.litert, last, kernel, bias)
    broken = subjects.of_network(replace(subject.network, name="it diverged", litert=litert))
    told = "ome of its answers are not numbers (NaN), so nothing can be counted"
    assert subjects.facts(broken)["Accuracy"] == f"none: s{told}"
    made = page.make([subject, broken]).decode()
    assert f"S{told}: no mistakes" in made
    assert made.count('<table class="confusion">') == 1
    code = ["".join(cell["source"]) for cell in json.loads(notebook.make([broken, subject]))["cells"]]
    names: dict = {"np": np, "images": np.zeros((2, 28, 28, 1)), "y_test": np.array([3, 1])}
    exec(code[1], names)
    assert names["MEASURED"][0] is None
    names |= {"models": [Answers(np.nan), Answers(0.1)], "MEASURED": [None, 0.0]}
    for cell in code:
        if "p.argmax" in cell and "go." not in cell:
            exec(cell, names)
    assert [name for name, _ in names["answers"]] == [subject.name]


class Answers:
    """A Keras model that gives each class of any image this probability."""

    def __init__(self, probability):
        self.probability = probability

    def predict(self, images, **_):
        return np.full((len(images), 10), self.probability)


@pytest.mark.parametrize("loss", [float("inf"), float("nan")])
def test_a_loss_that_is_no_number_is_left_out_of_the_curves(subject, loss):
    """Its axis would never be found."""
    points = (*subject.points, replace(subject.points[0], epoch=5, train_loss=loss, validation_loss=loss))
    about = [replace(subject, points=points)]
    assert page.make(about).decode().count("<polyline") == 4
    names: dict = {}
    exec("".join(json.loads(notebook.make(about))["cells"][1]["source"]), names)
    assert names["CURVES"][0][-1][3:] == [None, None]


def test_ticks_are_round_and_lie_within():
    for low, high in ((0, 1), (0.9812, 0.9899), (0, 60), (1e-4, 3e-4), (-3, 250)):
        found = charts.ticks(low, high)
        assert 2 <= len(found) <= 6
        assert low <= found[0]
        assert found[-1] <= high + 1e-9


def test_a_chart_of_nothing_is_nothing_and_one_of_one_point_is_one():
    assert charts.line_chart([Line("a", [], "red")], "x", "y") == ""
    assert "<polyline" in charts.line_chart([Line("a", [(1, 0.5)], "red")], "x", "y")


@pytest.mark.slow
def test_two_networks_are_one_report_but_not_one_file(tmp_path, capsys):
    two = ["assets/models/first-conv-best", "assets/models/digit-lab"]
    file = tmp_path / "report.html"
    assert main(["export", *two, "--format", "report", "--out", str(file)]) == 0
    assert b"2 networks side by side" in file.read_bytes()
    assert main(["export", *two, "--format", "onnx", "--out", str(file)]) == 1
    assert capsys.readouterr().err.startswith("2 networks cannot be one onnx file; name one of them")
