from collections import Counter

import numpy as np
import pytest

from core.data.glyphs import load
from core.ink.preprocessing import from_strokes


def find(character: str, font: str):
    return next(g for g in load(False) + load(True) if (g.character, g.font) == (character, font))


def test_every_digit_comes_from_many_hands():
    hands = Counter(g.character for g in load(held_out=False))
    tested = Counter(g.character for g in load(held_out=True))
    assert min(hands[digit] for digit in "0123456789") >= 40
    assert min(tested[digit] for digit in "0123456789") >= 10


def test_no_font_is_on_both_sides_and_no_glyph_is_there_twice():
    fonts = [{g.font for g in load(side)} for side in (False, True)]
    assert not fonts[0] & fonts[1]
    assert len(fonts[0]) > 3 * len(fonts[1])
    assert max(Counter((g.font, g.character) for g in load(False) + load(True)).values()) == 1


def test_strokes_are_float32_and_the_longer_side_is_1():
    for glyph in load(False) + load(True):
        points = np.concatenate(glyph.strokes)
        assert points.dtype == np.float32
        assert points.shape[1] == 2
        assert np.all(points.min(0) == 0)
        is_dot = len(points) == 1
        assert points.max() == (0 if is_dot else 1)


# What the tracing owes to the pen: a crossing is gone straight through, a loop is closed, a dot is a point.
#
#   glyph  strokes  because
#   O      1        a ring
#   +      2        two lines, not four arms
#   i      2        a stem and a dot
#   T      2        a bar and a stem
@pytest.mark.parametrize(("character", "count"), [("O", 1), ("+", 2), ("i", 2), ("T", 2)])
def test_strokes_are_those_of_a_pen(character, count):
    assert len(find(character, "delius").strokes) == count


def test_a_loop_ends_where_it_began():
    (ring,) = find("O", "delius").strokes
    assert np.array_equal(ring[0], ring[-1])
    middle = from_strokes([ring]).pixels[13:15, 13:15]
    assert middle.max() == 0


def test_y_points_down():
    """A 7 has its bar at the top, an L at the bottom."""
    seven, ell = (from_strokes(find(c, "delius").strokes).pixels for c in "7L")
    assert seven[:14].sum() > seven[14:].sum()
    assert ell[:14].sum() < ell[14:].sum()
