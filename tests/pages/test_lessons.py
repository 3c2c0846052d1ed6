"""Lessons of one idea a step: each opens, each answer is what other code finds, what is shown is true."""

import html
import re
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.models import networks
from core.nn import activations, architectures, backprop, descent, learning, ops, unit_trace
from core.nn.activations import ACTIVATIONS, SLOPES, softmax
from core.nn.architectures import Conv2D
from core.storage import lesson_progress
from core.storage.store import open_store
from tests import shapes
from tests.terms import without_notes
from ui.content.glossary import marked_html
from ui.content.questions import Exercise
from ui.content.tutorials import TUTORIALS
from ui.lessons import LESSONS, image_as_numbers, of_tutorials, overfitting, sheet, small
from ui.lessons.lesson import Choice, Task, answered, question_key

ROOT = Path(__file__).parents[2]
STEPS = [(key, place) for key, lesson in LESSONS.items() for place in range(len(lesson.steps))]


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
    assert set(asked) == set(NUMBERS)
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


def open_step(key, place, **state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.query_params["lesson"], at.query_params["step"] = key, str(place + 1)
    for name, value in state.items():
        at.session_state[name] = value
    at.switch_page("pages/lessons.py").run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    marked = " ".join(re.sub(r"<[^>]+>", " ", part.proto.body) for part in at.get("html"))
    kinds = ("markdown", "caption", "subheader")
    return without_notes(" ".join([marked, *(part.value for kind in kinds for part in at.get(kind))]))


@pytest.mark.parametrize(("key", "place"), STEPS)
def test_every_step_opens_with_a_drawing_and_without(key, place):
    drawn = {"canvas": {"drawing": {"raw": shapes.fabric(7), "data": None}}}
    for state in ({}, drawn):
        at = open_step(key, place, **state)
        title = marked_html(html.escape(LESSONS[key].steps[place].title))
        assert f'<h2 class="dl-step-title">{title}</h2>' in [part.proto.body for part in at.get("html")]
        assert f"Step {place + 1} of {len(LESSONS[key].steps)}" in words(at)


def number_after(text: str, said: str) -> float:
    return float(
        re.search(re.escape(said) + r"\s*\**(-?\d+(?:\.\d+)?)", text.replace("\N{MINUS SIGN}", "-")).group(1)
    )


def test_the_loss_of_a_digit_and_its_errors_are_the_networks():
    network, data = small.network(), datasets.mnist()
    *_, logits = backprop.forward(network, data.x_test[:1] / 255).values()
    chances = softmax(logits[0])
    text = words(open_step("backpropagation", 0))
    assert number_after(text, "so the loss is") == pytest.approx(-log(chances[7]), abs=1e-4)
    text = words(open_step("backpropagation", 1)).replace("\N{MINUS SIGN}", "-")
    shown = [float(n) for n in re.findall(r"-?\d\.\d{4}", text)][-10:]
    assert shown == pytest.approx(chances - np.eye(10)[7], abs=1e-4)


def test_the_gradient_that_is_shown_is_the_losss_change_with_that_weight():
    """By a small change of the weight, not by the chain rule."""
    text = words(open_step("backpropagation", 4)).replace("\N{MINUS SIGN}", "-")
    row, column, shown = re.search(
        r"row \**(\d+)\**, column \**(\d+)\**: .*? = \**(-?[\d.]+)", text, re.DOTALL
    ).groups()
    network, image = small.network(), datasets.mnist().x_test[:1] / 255
    at = open_step("backpropagation", 4)
    unit = at.select_slider[0].value - 1

    def loss(change: float) -> float:
        kernel = network.weights["dense_1/kernel"].copy()
        kernel[28 * (int(row) - 1) + int(column) - 1, unit] += change
        weights = {**network.weights, "dense_1/kernel": kernel}
        *_, logits = backprop.forward(small_with(weights), image).values()
        return -log(softmax(logits[0])[7])

    assert float(shown) == pytest.approx((loss(1e-4) - loss(-1e-4)) / 2e-4, abs=2e-6)


def small_with(weights):
    return replace(small.network(), weights=weights)


def test_a_windows_and_a_maps_gradient_are_the_losss_change():
    """Of a weight, and of a value: what the two sums come to, by a small change of each."""
    text = words(open_step("backpropagation", 6)).replace("\N{MINUS SIGN}", "-")
    places = re.findall(r"in row \**(\d+)\**, column \**(\d+)\**", text)
    totals = [float(n) for n in re.findall(r"sum \| \**(-?[\d.]+)", text)]
    (row, column), value_place = ([int(n) - 1 for n in place] for place in places)
    network, image = small.convolution(), datasets.mnist().x_test[:1] / 255

    def loss(weight: float, value: float) -> float:
        kernel = network.weights["conv2d_1/kernel"].copy()
        kernel[row, column, 0, 0] += weight
        changed = replace(network, weights={**network.weights, "conv2d_1/kernel": kernel})
        maps = backprop.forward(changed, image)["conv2d_1"]
        maps[0, *value_place, 0] += value
        *_, logits = backprop.forward_from(changed, "conv2d_1", maps).values()
        return -log(softmax(logits[0])[7])

    slopes = [(loss(*step) - loss(*-step)) / 2e-6 for step in 1e-6 * np.eye(2)]
    assert totals == pytest.approx(slopes, abs=2e-6)
    assert min(map(abs, totals)) > 1e-3  # of a network that still learns
    products = re.findall(r"\| (-?[\d.]+) (?=\|$|\|\n)", text, re.MULTILINE)[:6]  # five, and all others
    assert sum(map(float, products)) == pytest.approx(totals[0], abs=5e-6)


def test_a_training_is_stopped_where_the_held_out_loss_has_not_fallen_for_so_long():
    """losses 5 4 3 4 4 2 with a patience of 2: the third is the best, and at the fifth it ends."""
    assert overfitting.stopped([5, 4, 3, 4, 4, 2], 2) == (2, 4)
    assert overfitting.stopped([5, 4, 3, 4, 4, 2], 3) == (5, 5)
    assert overfitting.stopped([3, 2, 1], 1) == (2, 2)
    at = open_step("heart", 5)
    stopped, kept = (int(n) for n in re.findall(r"step \**(\d+)", words(at))[-2:])
    assert stopped - kept == 3 * overfitting.EVERY
    assert number_after(words(at), "After all 400 steps it is") > number_after(words(at), "with a loss of")


def test_a_change_on_purpose_misleads_and_as_much_by_chance_does_not():
    at = open_step("wrong", 3)
    assert "as it is: a 7" in words(at)
    assert "by chance: a 7" in words(at)
    assert re.search(r"by its gradient: an? [0-689]", words(at))
    at.slider[0].set_value(0).run()
    assert "by its gradient: a 7" in words(at)


def test_one_step_makes_the_same_drawing_cheaper():
    text = words(open_step("backpropagation", 5))
    before, after = (float(n) for n in re.findall(r"loss (\d\.\d+)", text)[:2])
    assert after < before


def test_a_step_says_how_many_weights_it_changes():
    """A weight from paper, or to a unit that is 0, has a gradient of 0: a step leaves it as it is."""
    network, data = small.network(), datasets.mnist()
    before = learning.begin(network, data.x_test[0] / 255.0, int(data.y_test[0]))
    after = learning.step(before, 0.1).weights
    changed = sum(np.sum(after[name] != network.weights[name]) for name in after if after[name].ndim == 2)
    assert f"and {changed - 1:,} of the 12,703 other weights" in words(open_step("backpropagation", 5))


def test_division_by_255_changes_no_bar_of_the_histogram():
    """Plotly counts what lies in [start + i * size, start + (i + 1) * size)."""
    pixels = (datasets.mnist().x_test[0] / 255).astype(np.float32)
    counts = []
    for largest in (1, 255):
        (bars,) = image_as_numbers.histogram(pixels, largest).data
        edges = np.arange(bars.xbins.start, bars.xbins.end + bars.xbins.size / 2, bars.xbins.size)
        counts.append(np.histogram(bars.x, edges)[0].tolist())
    assert counts[0] == counts[1]
    assert len(counts[0]) == 32
    assert sum(counts[0]) == np.count_nonzero(pixels)


def test_what_steps_say_of_the_apps_own_networks_is_what_these_reach():
    names = ("first-conv-best", "cifar-small", "digit-lab")
    accuracy = {name: networks.shipped(name).about["test_accuracy"] for name in names}
    assert f"reads {accuracy['first-conv-best']:.1%} of digits" in LESSONS["windows"].steps[2].text
    one_of = {"seven": 7}[re.search(r"err on one of (\w+)", LESSONS["colour"].steps[2].text)[1]]
    assert one_of == round(1 / (1 - accuracy["cifar-small"]))
    once_in = int(re.search(r"missed once in (\d+)", LESSONS["colour"].steps[2].text)[1])
    assert once_in == pytest.approx(1 / (1 - accuracy["digit-lab"]), rel=0.2)


def test_a_neuron_by_sliders():
    at = open_step("neuron", 0)
    for slider, value in zip(at.slider, (1.0, 2.0, 0.5, -1.0, 0.0, 2.0, 0.5), strict=True):
        slider.set_value(value)
    at.run()
    assert "2.00" in words(at)
    assert f"{float(activations.ACTIVATIONS['sigmoid'](np.array(2.0))):.1%}" in words(at)


def test_a_shift_by_a_pixel_changes_what_it_says():
    image = np.rint(datasets.mnist().x_test[0]).astype(int)
    moved = np.zeros_like(image)
    moved[:, 1:] = image[:, :-1]
    at = open_step("pictures", 1)
    assert at.metric[0].value == f"{(image != moved).sum()} of 784"


def test_a_right_answer_is_kept_and_leads_on(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    at = open_step("pictures", 0)
    at.text_input[0].set_value("785").run()
    assert "Not yet." in words(at)
    at.text_input[0].set_value("784").run()
    assert "Right." in words(at)
    assert lesson_progress.load(open_store(), at.session_state["browser"]) == {"pictures/1": "784"}
    at.query_params.clear()
    at.switch_page("pages/lessons.py").run()
    assert "1 of 4 steps" in [bar.proto.text for bar in at.get("progress")]


def test_an_address_that_names_no_lesson_shows_them_all():
    at = open_step("no-such-lesson", 98)
    assert len(at.get("progress")) == len(LESSONS)
    at = open_step("pictures", 97)
    assert "Step 4 of 4" in words(at)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_the_sheet_holds_all_questions_and_45_minutes(lesson):
    page = sheet.html(lesson)
    assert sum(minutes for minutes, _ in sheet.plan(lesson)) == 45
    questions = page.partition('class="plan"')[0]
    for step in lesson.steps:
        assert step.teach
        assert step.question.question in page.replace("&#39;", "'")
        assert step.question.why not in questions


def test_a_step_leads_to_a_page_and_back(by_the_navigation):
    at = open_step("shifts", 0)
    at.button(key="lesson-further-0").click().run()
    assert not at.exception
    assert at.get("segmented_control") or at.get("button_group")  # the page Pooling
    at.button(key="way-back-go").click().run()
    assert "Learn how networks learn" in words(at)
    assert not [button for button in at.button if button.key == "way-back-go"]


def test_the_way_back_can_be_left(by_the_navigation):
    at = open_step("shifts", 0)
    at.button(key="lesson-further-0").click().run()
    at.button(key="way-back-leave").click().run()
    assert not at.exception
    assert not [button for button in at.button if button.key == "way-back-go"]


@pytest.mark.parametrize(("key", "place"), [(k, p) for k, p in STEPS if LESSONS[k].steps[p].further])
def test_every_way_from_a_step_leads_somewhere(key, place, by_the_navigation):
    at = open_step(key, place)
    at.button(key="lesson-further-0").click().run()
    assert not at.exception
    assert [button for button in at.button if button.key == "way-back-go"]


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


def test_every_part_of_a_tutorial_has_a_step_that_is_there():
    parts = {f"{key}-{place}" for key, lesson in TUTORIALS.items() for place in range(len(lesson.sections))}
    assert set(of_tutorials.STEPS) == parts
    for name, step in of_tutorials.STEPS.values():
        assert step < len(LESSONS[name].steps)


def test_a_tutorial_leads_to_the_step_and_back(by_the_navigation):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page("pages/tutorials.py").run()
    at.button(key="step-of-first-3").click().run()
    assert not at.exception
    assert "Learn how networks learn" in words(at)
    at.button(key="way-back-go").click().run()
    assert not at.exception
    assert [part.value for part in at.header] == [TUTORIALS["first"].title]


def test_a_lessons_training_keeps_few_of_its_networks_and_is_what_float64_finds():
    found = small.trained((784, 8, 10), "relu", rate=0.2, batch=50, steps=30, count=200, every=20)
    assert [moment.step for moment in found] == [0, 20, 30]
    images, labels = small.digits()
    *_, last = descent.descend(
        descent.fresh((784, 8, 10), "relu", 1),
        images[:200],
        labels[:200],
        "plain",
        rate=0.2,
        batch=50,
        steps=30,
        seed=1,
    )
    for name, array in last.network.weights.items():
        np.testing.assert_allclose(found[-1].network.weights[name], array, atol=1e-5)
    losses = small.losses((784, 8, 10), "relu", rate=0.2, batch=50, steps=30, count=200)
    assert len(losses) == 31
    assert losses[-1] == pytest.approx(last.loss, abs=1e-5)
