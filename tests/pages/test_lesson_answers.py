"""The questions of the lessons: what is right is what other code finds, and nothing else is."""

import html
from math import log

import numpy as np
import pytest

from core.data import datasets
from core.nn import architectures, ops, unit_trace
from core.nn.activations import ACTIVATIONS, SLOPES, softmax
from core.nn.architectures import Conv2D
from tests.pages.lesson_steps import STEPS, open_step, words
from ui.content.questions import Exercise
from ui.lessons import LESSONS, overfitting, sheet
from ui.lessons.lesson import Choice, Task, answered, question_key


def described(layer, shape):
    """(output shape, parameters) of a layer."""
    return architectures.describe((layer,), shape)[0]


# Of the questions that ask for a number, what other code finds.
NUMBERS = {
    "pictures/1": datasets.mnist().x_test[0].size,
    "pictures/3": 51 / 255,
    "pictures/4": (np.eye(10)[7] == 0).sum(),
    "neuron/1": np.dot([1, 0.5, 0], [2, -1, 5]) + 0.5,
    "loss/1": 100 * softmax(np.full(10, 3.7))[4],
    "loss/2": -log(0.5),
    "loss/4": -log(0.01),
    "downhill/2": 0.5 - 0.1 * 2,
    "backpropagation/1": -log(0.25),
    "backpropagation/2": 0.9 - 1,
    "backpropagation/3": 0.5 * -0.2,
    "slopes/1": SLOPES["relu"](ACTIVATIONS["relu"](np.array([-2.0])), np.ones(1))[0],
    "slopes/2": (SLOPES["sigmoid"](ACTIVATIONS["sigmoid"](np.zeros(1)), np.ones(1)) ** 2)[0],
    "windows/2": described(Conv2D(10, 4), datasets.KINDS["mnist"].shape)[1],
    "windows/3": described(Conv2D(32, 4), (12, 12, 16))[1],
    "windows/4": unit_trace.receptive_fields((Conv2D(8, 3), Conv2D(8, 3)))[-1].size,
    "shifts/1": ops.pool(ops.pool(np.zeros((28, 28)), "max", 2, 2), "max", 2, 2).size,
    "batches/1": 1000 / 50,
    "heart/3": 1 / (1 - 0.5),
    "heart/5": (10 - 6) / 2,
    "heart/6": np.arange(0, 400, 20)[overfitting.stopped([4, 3, 2, 1, 0.5, *[1] * 10], 3)[1]],
    "sets/1": 60_000 * 0.9,
    "wrong/2": 0.9 * 50,
    "colour/1": np.prod(datasets.KINDS["cifar10"].shape),
    "colour/2": described(Conv2D(1, 3), datasets.KINDS["cifar10"].shape)[1],
    "worth/1": 0.01 * 10_000,
}


def test_every_number_asked_for_is_what_other_code_finds():
    asked = {
        question_key(LESSONS[key], place): LESSONS[key].steps[place].question
        for key, place in STEPS
        if isinstance(LESSONS[key].steps[place].question, Exercise)
    }
    differing = sorted(set(asked) ^ set(NUMBERS))
    assert not differing, f"{differing}: NUMBERS has to have the answer of each Exercise, found by other code"
    for key, question in asked.items():
        assert answered(question, f"{float(NUMBERS[key]):.12g}"), key
        assert not answered(question, f"{1.05 * float(NUMBERS[key]) + 0.02}"), key
        assert not answered(question, "many")


@pytest.mark.parametrize(("key", "place"), STEPS)
def test_every_choice_has_one_right_answer(key, place):
    question = LESSONS[key].steps[place].question
    if isinstance(question, Choice):
        assert len(set(question.options)) == len(question.options) >= 3
        assert [answered(question, option) for option in question.options].count(True) == 1


CHOICES = [(k, p) for k, p in STEPS if isinstance(LESSONS[k].steps[p].question, Choice)]


def test_the_right_answers_do_not_give_themselves_away_by_their_place():
    """As they are shown, no place among the options holds more than half of them."""
    asked = [LESSONS[key].steps[place].question for key, place in CHOICES]
    places = [question.shuffled.index(question.options[question.answer]) for question in asked]
    assert max(np.bincount(places)) <= len(places) / 2


@pytest.mark.parametrize(("key", "place"), CHOICES[::8])
def test_the_options_stand_in_the_same_order_on_screen_and_on_paper(key, place):
    options = LESSONS[key].steps[place].question.options
    (shown,) = open_step(key, place).radio[-1:]
    page = html.unescape(sheet.html(LESSONS[key])).partition('class="plan"')[0]
    assert set(shown.options) == set(options)
    assert shown.options == sorted(options, key=lambda option: page.index(f"<li>{option}</li>"))


TASKS = [(k, p) for k, p in STEPS if isinstance(LESSONS[k].steps[p].question, Task)]
OTHERS = {  # right, and nearly right
    "hand/1": (["x * (1 / 255)"], ["x / 256", "x", "x // 255"]),
    "hand/2": (["x.reshape(300, 28, 28, 1)", "np.expand_dims(x, -1)"], ["x[None]", "x"]),
    "hand/3": (["np.eye(10)[y, :]"], ["np.eye(11)[y]", "y == 7", "np.eye(10)"]),
    "hand/4": (["np.exp(z - z.max()) / np.sum(np.exp(z - z.max()))"], ["z / z.sum()", "np.exp(z)"]),
    "hand/5": (["np.mean(np.argmax(p, axis=1) == y)"], ["0.83", "p.argmax(axis=1) == y"]),
}


@pytest.mark.parametrize(("key", "place"), TASKS)
def test_a_task_is_done_by_what_is_right_however_it_is_written(key, place):
    step = LESSONS[key].steps[place]
    right, wrong = OTHERS[question_key(LESSONS[key], place)]
    for typed in (step.question.answer, *right):
        assert answered(step.question, typed), typed
    for typed in (*wrong, "", "import os"):
        assert not answered(step.question, typed), typed


def test_what_an_expression_gives_is_said_and_what_is_wrong_with_it():
    at = open_step("hand", 0)
    at.text_input[0].set_value("x / 200").run()
    assert "Your result: float64, 300 x 28 x 28, from 0 to 1.275." in words(at)
    assert "Not yet." in words(at)
    at.text_input[0].set_value("open('x')").run()
    assert "'open' is no function that is known here" in words(at)
    assert "Not yet." not in words(at)
    at.text_input[0].set_value("x / 255").run()
    assert "Right." in words(at)
