"""Numbers in words."""

import re
from pathlib import Path

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


@pytest.mark.parametrize(
    ("count", "of", "said"),
    [
        (0, 5, "0%"),
        (5, 5, "100%"),
        (7, 8, "88%"),
        (17_992, 18_000, "99.96%"),
        (995, 1000, "99.5%"),
        (999, 1000, "99.9%"),
        (1, 300, "0.3%"),
        (1, 1_000_000, "0.0001%"),
        (0, 0, "0%"),
    ],
)
def test_a_fraction_is_never_rounded_to_all_or_nothing(count, of, said):
    assert words.fraction(count, of) == said


def test_a_layer_of_one_has_one():
    drawn = network_diagram.diagram((Flatten(), Dense(1, "relu"), Dense(10, "softmax")))
    assert "1 weighted sum of 784 values" in drawn
    assert "10 weighted sums of 1 value" in drawn
    assert " 1 values" not in drawn


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.97, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (72, "1 min 12 s"),
        (239.8, "4 min 0 s"),  # no minute has 60 seconds
        (3599.6, "1 h 0 min"),
        (7199, "2 h 0 min"),
    ],
)
def test_how_long_it_takes(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.1, "10.0%"), (0.8731, "87.3%"), (0.999, "99.9%"), (0.99901, "over 99.9%"), (1.0, "over 99.9%")],
)
def test_no_network_is_quite_sure(probability, said):
    assert words.confidence(probability) == said


def test_pages_and_the_browser_have_no_words_of_their_own_for_it():
    """A confidence that ends in '% sure' is made by `words.confidence`, or is its twin in the browser."""
    root = Path(__file__).parents[2]
    own = {
        f"{path.relative_to(root)}: {found}"
        for part in ("pages", "ui")
        for path in (root / part).rglob("*.py")
        for found in re.findall(r"\{(?!customdata)[^{}]*:\.\d%\} sure", path.read_text())
    }
    assert own == {
        "ui/sections/evaluation_metrics.py: {confidence:.2%} sure",  # a mean
        "ui/sections/confusion_explorer.py: {choice.max_confidence:.0%} sure",  # what a visitor has chosen
    }
    assert 'probability > 0.999 ? "over 99.9%"' in (root / "ui/components/live/confidence.js").read_text()
