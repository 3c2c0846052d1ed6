"""On what pixels a network was trained: told by how it reads, and worked into its weights without a trace."""

import keras
import numpy as np
import pytest

from core.data import datasets
from core.models import input_scalings
from core.models.input_scalings import PLAIN, SCALINGS, Fit
from core.nn.architectures import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from core.worker import measure, models

DIGIT, COLOUR = (28, 28, 1), (32, 32, 3)
END = (Flatten(), Dense(10, "softmax"))


@pytest.mark.parametrize("name", SCALINGS[1])
def test_the_scaling_that_a_network_knows_is_found(tutorials_classifier, name):
    """A network that undoes a scaling before it reads is one that was trained on it."""
    scaling, data = SCALINGS[1][name], datasets.mnist()

    def logits(x):
        return tutorials_classifier.logits((x - np.float32(scaling.offset)) / np.float32(scaling.factor))

    found = input_scalings.measure(logits, data.x_test, data.y_test)
    assert list(found) == list(SCALINGS[1])
    assert found[name].accuracy > 0.98
    assert input_scalings.fitting(found) == name
    expected = None if name == PLAIN else scaling
    assert input_scalings.of(np.array(list(found.values())), DIGIT) == expected
    assert (input_scalings.sentence(found, DIGIT, "digits") == "") == (name == PLAIN)


def test_pixels_are_scaled_as_is_said():
    x = np.array([0, 1], np.float32)
    assert {
        name: input_scalings.apply(scaling, x).round(4).tolist() for name, scaling in SCALINGS[1].items()
    } == {
        "0 to 1": [0, 1],
        "0 to 255": [0, 255],
        "inverted": [1, 0],
        "inverted, 0 to 255": [255, 0],
        "-1 to 1": [-1, 1],
        "inverted, -1 to 1": [1, -1],
        "standardised": pytest.approx([-0.4242, 2.8215], abs=1e-4),  # -0.1307 / 0.3081, 0.8693 / 0.3081
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({PLAIN: Fit(0.98, 0.1), "0 to 255": Fit(0.99, 0.1)}, PLAIN),  # hardly better: chance
        ({PLAIN: Fit(0.90, 0.4), "0 to 255": Fit(0.96, 0.1)}, "0 to 255"),
        ({PLAIN: Fit(0.10, 3.0), "inverted": Fit(0.30, 2.0)}, PLAIN),  # reads nothing, however it is scaled
        ({PLAIN: Fit(0.086, 9.0), "inverted": Fit(0.928, 0.3)}, "inverted"),
        # as often right, but far too sure: 255 times too large
        ({PLAIN: Fit(0.3, 3.0), "0 to 255": Fit(0.98, 9.0), "-1 to 1": Fit(0.97, 0.1)}, "-1 to 1"),
        ({PLAIN: Fit(0.3, 3.0), "0 to 255": Fit(0.98, 0.2), "-1 to 1": Fit(0.6, 0.1)}, "0 to 255"),
    ],
)
def test_only_what_reads_clearly_better_fits(found, expected):
    assert input_scalings.fitting(found) == expected


def test_what_is_said():
    found = dict.fromkeys(SCALINGS[1], Fit(0.1, 2.3))
    assert input_scalings.sentence(
        {**found, PLAIN: Fit(0.086, 9.0), "inverted": Fit(0.928, 0.3)}, DIGIT, "digits"
    ) == (
        "It seems to have been trained on other pixels. Here they go from 0 (paper) to 1 (ink), and it reads "
        "8.6% of 500 test digits; from 0 (ink) to 1 (paper) it reads 92.8%."
    )
    assert input_scalings.sentence({**found, "0 to 255": Fit(0.3, 2.0)}, DIGIT, "digits") == (
        "It reads 10.0% of 500 test digits, and at most 30.0% with any usual scaling of their pixels: it may "
        "have learnt something else."
    )
    assert input_scalings.sentence({**found, PLAIN: Fit(0.97, 0.1)}, DIGIT, "digits") == ""
    assert input_scalings.of(np.ones((3, 2)), DIGIT) is None  # told by another version


STACKS = {
    "dense": (DIGIT, (Flatten(), Dense(20), *END[1:])),
    "convolution": (DIGIT, (Conv2D(4, 5, 2), *END)),
    "of single pixels": (DIGIT, (Conv2D(4, 1, 2, "same"), *END)),
    "normalised": (DIGIT, (BatchNormalization(), Conv2D(4, 3, 1, "same"), *END)),
    "normalised vectors": (DIGIT, (Flatten(), BatchNormalization(), Dense(10, "softmax"))),
    "means before": (DIGIT, (Dropout(0.2), AveragePooling2D(2), Activation("linear"), Conv2D(4, 3), *END)),
    "colours": (COLOUR, (Conv2D(4, 3), *END)),
    "colours in a row": (COLOUR, (AveragePooling2D(3), *END)),
}


@pytest.mark.parametrize("name", STACKS)
def test_folded_a_network_says_of_our_pixels_what_it_said_of_its_own(name):
    shape, layers = STACKS[name]
    keras.utils.set_random_seed(1)
    model, rng = models.build(layers, shape), np.random.default_rng(2)
    weights = {
        key: rng.uniform(0.1, 0.5, w.shape).astype(np.float32) for key, w in models.get_weights(model).items()
    }
    x = rng.random((5, *shape), np.float32)
    for scaling in SCALINGS[shape[-1]].values():
        assert input_scalings.can_fold(layers, scaling)
        models.set_weights(model, weights)
        expected = measure.logits(model, input_scalings.apply(scaling, x))
        models.set_weights(model, input_scalings.fold(layers, weights, shape, scaling))
        assert measure.logits(model, x) == pytest.approx(expected, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize(
    ("layers", "possible"),
    [
        # zeros around the image are paper for one scaling and something else for another
        ((Conv2D(4, 3, 1, "same"), *END), {PLAIN, "0 to 255"}),
        # the largest of inverted pixels is the least of ours
        ((MaxPooling2D(2), Conv2D(4, 3), *END), {PLAIN, "0 to 255", "-1 to 1", "standardised"}),
        ((Activation("tanh"), *END), set()),
    ],
)
def test_what_cannot_be_folded_exactly_is_not(layers, possible):
    assert {
        name for name, scaling in SCALINGS[1].items() if input_scalings.can_fold(layers, scaling)
    } == possible
    with pytest.raises(ValueError, match="cannot take in"):
        input_scalings.fold((Activation("tanh"), *END), {}, DIGIT, SCALINGS[1]["inverted"])
