"""Which settings some runs differ in, and the lines over them."""

from dataclasses import replace

import pytest

from core.nn.architectures import Dense, Flatten
from core.records import Augmentation
from core.runs import differing
from tests.listed_runs import PERCEPTRON, run
from ui.figures import parallel_axes

SGD = replace(PERCEPTRON, optimizer="SGD", learning_rate=0.01, batch_size=128, epochs=10)
ADAM = replace(SGD, optimizer="Adam", learning_rate=None, batch_size=64)


def settings(*configs):
    return differing.settings([run(n, 0.9, config=c, seed=c.seed) for n, c in enumerate(configs, 1)])


def test_what_differs_is_told_the_weightiest_first():
    found = settings(SGD, replace(ADAM, seed=3, augmentation=Augmentation(rotation=10)))
    assert found == {
        "optimizer": ("SGD", "Adam"),
        "learning rate": (0.01, 0.001),  # what Adam has where nothing is said
        "batch size": (128, 64),
        "rotation": (0.0, 10),
    }
    assert list(found) == ["optimizer", "learning rate", "batch size", "rotation"]


def test_settings_have_the_names_that_the_form_gives_them():
    found = settings(SGD, replace(SGD, beta_2=0.9, p_no_augment=0.5))
    assert list(found) == ["memory of squared gradients (beta 2)", "share of digits not augmented"]


def test_seeds_are_told_where_nothing_else_differs():
    assert settings(SGD, replace(SGD, seed=4)) == {"seed": (0, 4)}
    assert settings(SGD, SGD) == settings() == {}


def test_what_is_left_open_and_what_is_set_stand_on_one_axis_as_words():
    assert settings(SGD, replace(SGD, momentum=0.5), replace(SGD, momentum=0.9)) == {
        "momentum": ("usual", "0.5", "0.9")
    }


def test_other_layers_are_told_by_their_parameters():
    other = replace(SGD, layers=(Flatten(), Dense(10, "softmax")))
    assert settings(SGD, other) == {"parameters": (407050, 7850)}


def test_each_run_is_a_line_over_the_settings_that_ends_at_its_accuracy():
    found = {"optimizer": ("SGD", "Adam", "SGD"), "learning rate": (0.1, 0.001, 0.01)}
    figure = parallel_axes.runs(
        {4: "4: a", 7: "7: <b>", 9: "9: c"}, found, [0.9, 0.98, 0.94], colours=[2, 0, 1]
    )
    lines = {trace.meta: list(trace.y) for trace in figure.data}
    assert lines[4] == pytest.approx([0, 1, 0])
    assert lines[7] == pytest.approx([1, 0, 1])
    assert lines[9] == pytest.approx([0, 0.5, 0.5])  # rates on a logarithmic axis
    assert figure.data[1].customdata == (
        "optimizer: Adam",
        "learning rate: 0.001",
        "validation accuracy: 98.00%",
    )
    assert figure.data[1].name == "7: &lt;b&gt;"
    assert list(figure.layout.xaxis.ticktext) == ["optimizer", "learning<br>rate", "validation<br>accuracy"]
    written = {(a.x, a.y): a.text for a in figure.layout.annotations}
    assert written[0, 0] == "SGD"
    assert (written[1, 0], written[1, 1]) == ("0.001", "0.1")
    assert (written[2, 0], written[2, 1]) == ("90.00%", "98.00%")
