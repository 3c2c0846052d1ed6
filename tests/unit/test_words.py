"""Numbers and their nouns."""

import pytest

from core import words
from core.nn.architectures import Dense, Flatten
from ui.figures import network_diagram


@pytest.mark.parametrize(
    ("number", "noun", "plural", "said"),
    [
        (0, "drawing", "", "0 drawings"),
        (1, "drawing", "", "1 drawing"),
        (2, "drawing", "", "2 drawings"),
        (1234567, "parameter", "", "1,234,567 parameters"),
        (1, "entry", "entries", "1 entry"),
        (3, "entry", "entries", "3 entries"),
    ],
)
def test_one_is_singular_and_all_others_are_plural(number, noun, plural, said):
    assert words.counted(number, noun, plural) == said


def test_a_layer_of_one_has_one():
    drawn = network_diagram.diagram((Flatten(), Dense(1, "relu"), Dense(10, "softmax")))
    assert "1 weighted sum of 784 values" in drawn
    assert "10 weighted sums of 1 value" in drawn
    assert " 1 values" not in drawn
