"""What the steps of the lessons show and say of networks is what other code finds."""

import re
from dataclasses import replace
from math import log

import numpy as np
import pytest

from core.data import datasets
from core.models import networks
from core.nn import activations, backprop, descent, learning
from core.nn.activations import softmax
from tests.pages.lesson_steps import open_step, words
from ui.lessons import LESSONS, image_as_numbers, overfitting, small


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
