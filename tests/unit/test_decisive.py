"""The piece that decides most, against covering every place in turn."""

import itertools

import numpy as np
import pytest

from core.analysis.attribution import GREY, NOT_A_DIGIT
from core.analysis.decisive import decisive, probability
from core.ink.preprocessing import from_strokes
from core.models import classifiers
from core.records import ColourImage, DigitImage
from tests import colours, shapes


@pytest.mark.parametrize("rising", [False, True])
@pytest.mark.parametrize(("what", "target"), [(4, 4), (4, 9), (7, NOT_A_DIGIT)])
def test_no_other_piece_changes_more(classifier, what, target, rising):
    image = from_strokes(shapes.strokes(what))
    found = decisive(classifier, image, target, rising=rising)
    every = []
    for y, x in itertools.product(range(28), range(28)):
        pixels = image.pixels.copy()
        pixels[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3] = 0
        every.append(probability(classifier.predict(DigitImage(pixels)), target))
    before, then = found.probabilities
    assert before == pytest.approx(probability(classifier.predict(image), target))
    assert then == pytest.approx(max(every) if rising else min(every), rel=1e-3, abs=1e-6)
    assert then == pytest.approx(every[28 * found.y + found.x], rel=1e-3, abs=1e-6)


def test_in_colour_the_piece_is_grey():
    classifier = classifiers.shipped("cifar-small")
    image = ColourImage(colours.pictures(10, 3)[0][7].astype(np.float32) / 255)
    target = int(classifier.predict(image).probabilities.argmax())
    found = decisive(classifier, image, target, patch=3)
    changed = (found.image.pixels != image.pixels).any(-1)
    rows, columns = np.nonzero(changed)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (
        max(found.y - 1, 0),
        min(found.y + 1, 31),
        max(found.x - 1, 0),
        min(found.x + 1, 31),
    )
    assert found.image.pixels[found.y, found.x] == pytest.approx(GREY)
    before, then = found.probabilities
    assert then <= before
