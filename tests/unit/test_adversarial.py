"""Attacks: they stay in their budget, climb what they say, and fool real networks."""

import numpy as np
import pytest

from core.analysis import adversarial, dreams, pen_attack
from core.data import datasets
from core.ink import preprocessing
from core.models import networks
from core.nn import backprop
from core.records import DigitImage, Drawing
from tests import shapes


@pytest.fixture(scope="module")
def digit() -> np.ndarray:
    return datasets.mnist().x_test[0].astype(np.float32) / 255  # a 7


@pytest.mark.parametrize("norm", adversarial.NORMS)
@pytest.mark.parametrize("steps", [1, 20])
@pytest.mark.parametrize("target", [None, 3])
def test_an_attack_stays_in_its_budget(digit, norm, steps, target):
    found = adversarial.attack(
        networks.shipped("first-conv-best"), digit, target=target, norm=norm, budget=0.8, steps=steps
    )
    changes = (found.images - digit).reshape(len(found.images), -1).astype(float)
    assert len(found.images) == len(found.probabilities) == 1 + steps
    lengths = np.abs(changes).max(1) if norm == "L-infinity" else np.sqrt((changes**2).sum(1))
    assert lengths.max() <= 0.8 + 1e-5
    assert found.change == pytest.approx(lengths[-1])
    assert found.images.min() >= 0
    assert found.images.max() <= 1
    assert found.source == 7
    if target == 3:
        assert found.probabilities[-1, 3] > found.probabilities[0, 3]


def test_twenty_steps_fool_the_tutorials_network_and_nothing_moves_without_a_budget(digit):
    network = networks.shipped("first-conv-best")
    found = adversarial.attack(network, digit, target=3, budget=0.2)
    assert found.fools
    assert found.probabilities[-1].argmax() == 3
    assert found.probabilities[found.first - 1].argmax() != 3
    still = adversarial.attack(network, digit, target=3, budget=0.0)
    np.testing.assert_array_equal(still.images[-1], digit)
    assert (still.fools, still.first) == (False, None)
    with pytest.raises(ValueError, match="accepted are 0 to 9"):
        adversarial.attack(network, digit, target=10)


def test_the_smallest_is_smaller_than_what_is_tried_first_and_still_fools(digit):
    network = networks.shipped("first-conv-best")
    found = adversarial.smallest(network, digit, target=3)
    assert found is not None
    assert found.fools
    assert found.budget < 0.2
    assert not adversarial.attack(network, digit, target=3, budget=found.budget / 2).fools


@pytest.mark.parametrize("number", [25, 37])
def test_the_smallest_is_one_that_the_slider_can_set_and_fools_there(number):
    """With 0.1424 each was fooled, and with 0.145, to which the slider rounds, it was not."""
    network, steps = networks.shipped("first-conv-best"), adversarial.PARTS / adversarial.MOST["L-infinity"]
    pixels = datasets.mnist().x_test[number].astype(np.float32) / 255
    target = (int(datasets.mnist().y_test[number]) + 3) % 10 if number == 25 else None
    found = adversarial.smallest(network, pixels, target=target)
    assert found is not None
    assert found.budget * steps == pytest.approx(round(found.budget * steps))
    set_there = np.ceil(found.budget * steps - 1e-6) / steps
    assert adversarial.attack(network, pixels, target=target, budget=set_there).fools


def test_a_network_for_pictures_is_fooled_too():
    pixels = np.random.default_rng(0).random((32, 32, 3)).astype(np.float32)
    found = adversarial.attack(networks.shipped("cifar-small"), pixels, norm="L2", budget=1.0)
    assert found.images.shape == (21, 32, 32, 3)
    assert found.fools


# -- with the pen


def drawn(digit: int) -> tuple[DigitImage, Drawing]:
    strokes = tuple(shapes.strokes(digit))
    drawing = Drawing(strokes, (18.0,) * len(strokes), 340)
    image = preprocessing.from_strokes(strokes, brushes=drawing.brushes, canvas=340)
    assert image is not None
    return image, drawing


def test_a_stroke_is_found_and_the_drawing_with_it_is_read_as_said(tutorials_classifier):
    image, drawing = drawn(1)
    found = pen_attack.shortest(tutorials_classifier, image, drawing)
    assert found is not None
    assert len(found.drawing.strokes) == len(drawing.strokes) + 1
    made = preprocessing.from_strokes(found.drawing.strokes, brushes=found.drawing.brushes, canvas=340)
    np.testing.assert_array_equal(made.pixels, found.image.pixels)
    assert tutorials_classifier.predict(made).digit == found.after.digit != found.before.digit
    assert found.length <= pen_attack.LENGTHS[-1]


def test_a_line_comes_back_where_it_was_seen():
    """Drawn on paper, it lies in the image where it was tried: there is no ink around that would move it."""
    image, drawing = drawn(7)
    line = np.array([[12.0, 14.0], [15.0, 14.0]], np.float32)
    stroke = pen_attack._on_paper(line, drawing)
    more = preprocessing.from_strokes((*drawing.strokes, stroke), brushes=(*drawing.brushes, 18), canvas=340)
    assert more.pixels[13, 12:15].mean() > image.pixels[13, 12:15].mean() + 0.3


def test_the_score_counts_both_halves(classifier):
    image, _ = drawn(4)
    honest = pen_attack.score(classifier, image, 4, 9)
    assert honest.looks > 0.6
    assert honest.points < 10  # it is no 9 to the network
    sure = pen_attack.score(classifier, image, 7, 4)
    assert sure.fooled > 0.9
    assert sure.points < 30  # but it is no 7 either


# -- dreams


def test_a_dream_of_a_class_is_taken_for_it():
    network = networks.shipped("first-conv-best")
    dream = dreams.grow(network, unit=1)
    assert dream.images.shape == (dreams.SHOWN, 28, 28)
    assert dream.answers[-1] > 0.5
    values = backprop.forward(network, dream.images[-1:])
    assert list(values.values())[-1][0].argmax() == 1


def test_a_dream_of_a_map_excites_it_and_chance_is_the_seeds():
    network = networks.shipped("first-conv-best")
    one, same = (dreams.grow(network, layer="conv2d_2", unit=1, steps=30, seed=2) for _ in range(2))
    np.testing.assert_array_equal(one.images, same.images)
    assert one.answers[-1] > one.answers[0] + 0.1
    with pytest.raises(ValueError, match="no layer 'conv2d_9'"):
        dreams.grow(network, layer="conv2d_9", unit=0)


@pytest.mark.parametrize("name", [*dreams.REGULARISERS])
def test_each_regulariser_changes_the_dream(name):
    network = networks.shipped("first-conv-best")
    plain = dreams.grow(network, unit=2, regularisers=(), steps=10)
    assert not np.array_equal(
        plain.images[-1], dreams.grow(network, unit=2, regularisers=(name,), steps=10).images[-1]
    )
