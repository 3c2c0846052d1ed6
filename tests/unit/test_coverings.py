"""A network asked again with each place of a drawing covered."""

import numpy as np
import pytest

from core.analysis import attribution
from core.ink.preprocessing import from_strokes
from tests import shapes


@pytest.mark.parametrize(("step", "rows"), [(2, 14), (4, 7)])
def test_of_every_second_or_fourth_pixel_the_same_is_said_as_of_each(classifier, step, rows):
    pixels = from_strokes(shapes.strokes(7)).pixels
    each, some = (attribution.coverings(classifier, pixels, step=n) for n in (1, step))
    known = dict(zip(each.positions, each.outputs, strict=True))
    assert len({y for y, _ in some.positions}) <= rows
    assert all(y % step == x % step == step // 2 for y, x in some.positions)
    expected = [place for place in each.positions if place[0] % step == place[1] % step == step // 2]
    assert list(some.positions) == expected
    np.testing.assert_allclose(some.outputs, [known[place] for place in some.positions], atol=1e-4)
    np.testing.assert_array_equal(some.before, each.before)
    assert (some.step, some.side) == (step, 28)


def test_each_is_what_the_network_says_of_that_picture(classifier):
    pixels = from_strokes(shapes.strokes(4)).pixels
    found = attribution.coverings(classifier, pixels)
    for (y, x), outputs in list(zip(found.positions, found.outputs, strict=True))[::40]:
        covered = pixels.copy()
        covered[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3] = 0
        assert (covered != pixels).any()
        np.testing.assert_allclose(outputs, classifier.outputs(covered[None])[0], atol=1e-4)
