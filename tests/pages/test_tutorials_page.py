"""Every answer of the lessons, worked out by other code; the figures' numbers; the page."""

import re
from dataclasses import replace
from math import log

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.nn import activations, ops
from core.nn.padding import output_size
from core.runs import reproduction
from core.runs.reproduction import Epoch, Result
from core.storage import lesson_progress
from core.storage.store import open_store
from core.training import configs, optimization
from core.training.recipes import RECIPES
from core.training.tutorial_recipes import VARIANTS
from tests import colours
from tests.pages.opened import ROOT
from tests.pages.tutorial_pages import CROSS, PICTURE, page, rows
from tests.terms import without_notes
from ui.content import questions
from ui.content.tutorials import TUTORIALS
from ui.figures import lesson_figures


def size(*asked):
    return output_size(*asked)[0]


def even(kernel):
    """What a kernel makes of a surface of 90."""
    return ops.convolve(np.full((3, 3), 90.0), ops.IMAGE_KERNELS[kernel][0]).item()


def pooled(how):
    window = np.array([[0, 4, 3, 1], [1, 5, 2, 0]])
    return ops.pool(window, how, 2, 2)[0, 0]


CONVOLVED = ops.convolve(PICTURE, CROSS, 1, "valid")
# Lesson -> the answers of its questions, in order.
ANSWERS = {
    "first": [
        datasets.mnist().x_train[0].size,
        51 / 255,
        (np.eye(10)[7] == 0).sum(),
        size(7, 3, 1),
        size(5, 3, 1),
        pooled("max"),
        pooled("mean"),
        10 * size(24, 2, 2) ** 2,
        activations.softmax(np.full(10, 3.7))[4],
        rows("first-conv")[0][1],
        rows("first-conv")[1][0][0],
        rows("first-conv")[2][1],
        rows("first-conv-dropout")[1][0][0] * RECIPES["first-conv-dropout"].config.layers[2].rate,
        rows("first-conv-50")[3][1],
        round((1 - RECIPES["first-conv-best"].accuracy) * 10_000),
    ],
    "lenet": [
        datasets.mnist().x_train.size,
        even("Box blur"),
        even("Laplacian"),
        rows("simplified-lenet")[0][0][0],
        rows("simplified-lenet")[2][0][0],
        rows("simplified-lenet")[3][1],
        configs.steps_per_epoch(RECIPES["simplified-lenet"].config),
    ],
    "express": [
        100 * 1000 / 60_000,
        rows("perceptron")[1][1],
        rows("perceptron")[2][1],
        -log(0.1),
        10,
        920 / (datasets.mnist().y_test == 9).sum(),
    ],
    "guided": [
        204 / 255,
        datasets.mnist().x_test[0][..., None].ndim,
        CONVOLVED[0, 0],
        CONVOLVED[0, 1],
        ops.convolve(PICTURE, CROSS, 2, 1).shape[0],
        size(28, 5, 2),
        next(p for p in range(5) if size(28, 3, 1, p) == 28),
        rows("without-pooling")[2][0][0],
        configs.peak_learning_rate(RECIPES["two-conv-one-pooling"].config)
        / optimization.OPTIMIZERS["Adadelta"].default_rate,
        np.prod(datasets.KINDS["cifar10"].shape),
    ],
    "ml4a": [
        rows("cifar-perceptron")[1][1],
        sum(count for _, count in rows("cifar-perceptron")),
        rows("cifar-two")[0][1],
        rows("cifar-two")[3][0][0],
        rows("cifar-three")[6][0][0],
        99 - 100 * RECIPES["cifar-three-adam"].accuracy,
        0.04 * 10_000,
    ],
}


@pytest.mark.parametrize("name", TUTORIALS)
def test_every_answer_is_what_other_code_finds(name):
    exercises = [exercise for section in TUTORIALS[name].sections for exercise in section.exercises]
    assert len(exercises) >= 6
    for exercise, answer in zip(exercises, ANSWERS[name], strict=True):
        assert questions.is_right(exercise, str(float(answer))), (exercise.question, answer)
        assert not questions.is_right(exercise, str(float(answer) * 1.05 + 0.02)), exercise.question
        assert exercise.hint
        assert exercise.why


def test_all_sixteen_recipes_have_their_place_in_the_tutorials_order():
    named = [name for lesson in TUTORIALS.values() for section in lesson.sections for name in section.recipes]
    assert sorted(named) == sorted(reproduction.TUTORIALS)
    for lesson in TUTORIALS.values():
        for section in lesson.sections:
            assert {RECIPES[name].source.split(",")[0] for name in section.recipes} <= {
                lesson.source.split(",")[0]
            }


# -- the figures

CURVES = {
    "plain": (Epoch(0.97, 0.1, 0.96, 0.1), Epoch(0.99, 0.05, 0.98, 0.1)),
    "dropout": (Epoch(0.96, 0.1, 0.97, 0.1), Epoch(0.975, 0.05, 0.985, 0.1)),
}


def test_the_gap_between_training_and_test_is_marked():
    figure = lesson_figures.overfitting(CURVES, 0.95)
    assert [note.text for note in figure.layout.annotations] == [
        "plain",
        "dropout",
        "gap 1.0 points",
        "gap \N{MINUS SIGN}1.0 points",
    ]
    bars = [trace for trace in figure.data if trace.name is None]
    assert [tuple(bar.y) for bar in bars] == [(0.98, 0.99), (0.985, 0.975)]
    assert figure.layout.yaxis.range[0] == 0.95


def test_lines_after_each_epoch():
    figure = lesson_figures.after_each_epoch({"a": [0.5, 0.6], "b": [0.7]}, "test accuracy")
    assert [(line.name, tuple(line.x), tuple(line.y)) for line in figure.data] == [
        ("a", (1, 2), (0.5, 0.6)),
        ("b", (1,), (0.7,)),
    ]


def words(at: AppTest) -> str:
    html = " ".join(re.sub(r"<[^>]+>", " ", part.proto.body) for part in at.get("html"))
    kinds = ("markdown", "caption", "info", "error", "title", "subheader", "header")
    return without_notes(" ".join([html, *(part.value for kind in kinds for part in at.get(kind))]))


def measurements(config) -> tuple[Result, Result]:
    """Of two seeds of a recipe that is this configuration."""
    one = Result(0, 2, 2, 0.98, 0.981, 2, "test", 48.4, "a computer", "2026-01-31", "", CURVES["plain"], config)
    return one, replace(one, seed=1, last=0.982, seconds=60.4, date="2026-02-01")


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """Some of the recipes have been measured, with figures of no meaning."""
    names = ("first-conv", "first-conv-dropout", "first-conv-50", "first-conv-200")
    results = {name: measurements(RECIPES[name].config) for name in names}
    reproduction.write(results, tmp_path / "reproduction.json")
    monkeypatch.setattr(reproduction.read, "__defaults__", (tmp_path / "reproduction.json",))
    return results


def test_a_wrong_answer_gets_a_hint_and_a_right_one_counts():
    at = page()
    exercise = TUTORIALS["first"].sections[0].exercises[0]
    at.text_input(key="answer-first-0-0").set_value("28").run()
    assert exercise.hint in words(at)
    assert exercise.why not in words(at)
    at.text_input(key="answer-first-0-0").set_value("784").run()
    assert exercise.why in words(at)
    assert at.session_state["exercises-solved"] == {"first-0-0"}
    at.text_input(key="answer-first-0-1").set_value("a fifth").run()
    assert "A number is asked for" in words(at)
    at.segmented_control(key="lesson").set_value("lenet").run()
    assert not at.exception
    at.segmented_control(key="lesson").set_value("first").run()
    assert at.text_input(key="answer-first-0-0").value == "784"  # kept while another lesson was shown
    assert not at.exception


def test_right_answers_are_there_again_for_the_same_visitor():
    """In a new session with the same cookie; what is no right answer to its question any more is not."""
    who = "0123456789abcdef"
    at = page(browser=who)
    at.text_input(key="answer-first-0-0").set_value("784").run()
    lesson_progress.add(open_store(), who, "first-0-1", "12345")
    lesson_progress.add(open_store(), who, "no-such-question", "1")
    later = page(browser=who)
    assert later.session_state["exercises-solved"] == {"first-0-0"}
    assert later.segmented_control(key="lesson").value == "first"
    assert later.text_input(key="answer-first-0-0").value == "784"
    assert later.text_input(key="answer-first-0-1").value == ""
    later.segmented_control(key="lesson").set_value("lenet").run()
    later.text_input(key="answer-lenet-0-0").set_value(
        str(TUTORIALS["lenet"].sections[0].exercises[0].answer)
    ).run()
    assert page(browser=who).segmented_control(key="lesson").value == "lenet"  # where the visitor was
    assert page(browser="f" * 16).session_state["exercises-solved"] == set()


def test_without_a_database_answers_count_and_it_is_said(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path / "file" / "home"))
    at = AppTest.from_file(ROOT / "pages" / "tutorials.py", default_timeout=60).run()
    at.text_input(key="answer-first-0-0").set_value("784").run()
    assert not at.exception
    assert at.session_state["exercises-solved"] == {"first-0-0"}
    assert "only kept until you close this page. The data folder cannot be written" in words(at)


@pytest.mark.parametrize("name", TUTORIALS)
def test_each_lesson_says_what_is_claimed(name, monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))  # without CIFAR-10
    at = page(lesson=name)
    said = words(at)
    for section in TUTORIALS[name].sections:
        assert section.title in said
        for recipe in section.recipes:
            assert RECIPES[recipe].claim in said
    assert ("CIFAR-10 is not on this computer yet" in said) == (name in ("guided", "ml4a"))


def test_measurements_stand_beside_the_claims(measured):
    at = page()
    said = words(at)
    assert "**98.10% (98.00 to 98.20)** ±0.14 of the test pictures after 2 epochs" in said
    assert "mean and range of 2 seeds. 54 s each on a computer, 2026-02-01." in said
    assert "of the training pictures 99.00% (99.00 to 99.00) while learning, finished: not measured yet" in said
    assert "gap 1.0 points" in said
    assert "hidden layer of 50: gap 1.0 points" in said
    (table,) = [part.proto.body for part in at.get("html") if "dl-claims" in part.proto.body]
    first, *_ = rows = re.findall(r"<tr><th scope=.row.*?</tr>", re.sub("</?a[^>]*>", "", table))
    assert len(rows) == 16
    assert sum("not measured yet with this recipe" in row for row in rows) == 12
    assert "<b>98.10% (98.00 to 98.20)</b> ±0.14 at the end" in first
    assert "2 epochs, mean and range of 2 seeds<br>54 s, 2026-02-01" in first


def test_the_finished_network_on_its_training_images_stands_beside_the_running_mean(measured, tmp_path):
    """In the card and under the figure on overfitting, which rests on it."""
    two = [
        replace(one, train_accuracy=0.9951, train_loss=0.0049, test_loss=0.0612)
        for one in measured["first-conv"]
    ]
    reproduction.write(measured | {"first-conv": tuple(two)}, tmp_path / "reproduction.json")
    said = words(page())
    assert "after 2 epochs (loss 0.061)" in said
    assert (
        "while learning, 99.51% (99.51 to 99.51) finished, with dropout off (loss 0.005), mean and range of 2 "
        "seeds." in said
    )
    assert (
        "The finished network, with dropout off, reads of them without dropout 99.51% (99.51 to 99.51)." in said
    )


def test_a_swing_over_the_last_five_epochs_is_said(measured, tmp_path):
    curve = tuple(Epoch(0.99, 0.1, accuracy, 0.1) for accuracy in (0.9, 0.97, 0.99, 0.98, 0.98, 0.98))
    one = replace(measured["first-conv"][0], curve=curve, epochs=6, of=6)
    reproduction.write(measured | {"first-conv": (one,)}, tmp_path / "reproduction.json")
    assert "after the best, 98.00% (97.00 to 99.00) over the last five; of the training" in words(page())


def test_what_is_not_measured_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(reproduction.read, "__defaults__", (tmp_path / "none.json",))
    said = words(page())
    assert "Here: not measured yet with this recipe." in said
    assert "have not been trained for this page yet" in said


def test_what_was_measured_of_another_recipe_does_not_stand_beside_this_one(measured, tmp_path):
    """As of recipe 3 before it had its dropout: the table, the card and the figure do without."""
    config = RECIPES["first-conv-200"].config
    other = replace(config, layers=(*config.layers[:2], *config.layers[3:]))
    results = measured | {"first-conv-200": measurements(other)}
    reproduction.write(results, tmp_path / "reproduction.json")
    at = page()
    (table,) = [part.proto.body for part in at.get("html") if "dl-claims" in part.proto.body]
    rows = re.findall(r"<tr><th scope=.row.*?</tr>", table)
    assert ["not measured yet with this recipe" in row for row in rows[:4]] == [False, False, True, False]
    said = words(at)
    assert "hidden layer of 50: gap" not in said  # not all three sizes can be compared
    assert "Here: not measured yet with this recipe." in said


def test_what_todays_default_rate_does_stands_beside_the_recommended_one(monkeypatch, tmp_path):
    name = "two-conv-one-pooling-default-rate"
    one, two = measurements(VARIANTS[name].config)
    results = {name: tuple(replace(one, measured="validation", best=None) for one in (one, two))}
    reproduction.write(results, tmp_path / "reproduction.json")
    monkeypatch.setattr(reproduction.read, "__defaults__", (tmp_path / "reproduction.json",))
    at = page(lesson="guided")
    assert (
        "Rate 1, as recommended: not measured yet with this recipe. Rate 0.001, today's default: 98.10% (98.00 "
        "to 98.20) of the test digits after 2 epochs, mean and range of 2 seeds." in words(at)
    )


def test_terms_explain_themselves_in_the_lessons_own_texts():
    """And are listed with their explanations; what is claimed of a recipe is marked as well."""
    at = page(lesson="express")
    texts = [part.value for part in at.markdown]
    assert any("[cross-entropy](#term-cross-entropy): minus the" in text for text in texts)
    assert any("**epoch**: One pass over all training pictures." in text for text in texts)
    at.text_input(key="answer-express-3-0").set_value("0.912").run()
    assert not at.exception
    assert not any("#term-" in part.value for part in at.get("title"))


def test_cifar_lessons_show_its_pictures(monkeypatch, tmp_path):
    colours.install(monkeypatch, tmp_path, colours.dataset())
    at = page(lesson="ml4a")
    (grid,) = [part.proto.body for part in at.get("html") if "dl-thumbs" in part.proto.body]
    assert grid.count("<figure>") == 96
    at = page(lesson="guided")
    assert sum(part.proto.body.count("<figure>") for part in at.get("html")) == 100
