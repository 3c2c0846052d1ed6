import itertools

import numpy as np
import pytest

from core.ink import segments
from tests import shapes


def ring(width: float, height: float, left: float = 0) -> np.ndarray:
    angle = np.linspace(-np.pi / 2, 1.5 * np.pi, 40)
    return np.stack([left + width * (1 + np.cos(angle)) / 2, height * (1 + np.sin(angle)) / 2], 1)


def test_a_ring_is_never_cut_however_wide():
    assert len(segments.of_strokes([ring(250, 100)])) == 1


def test_one_stroke_through_two_digits_is_cut_between_them():
    """A 2 whose foot goes on into another 2."""
    (two,) = shapes.strokes(2, size=100, left=0, top=0)
    joined = np.concatenate([two, two + np.array([110, 0])])
    atoms = segments.of_strokes([joined])
    assert len(atoms) > 1
    assert any(85 < atom.low[0] < 125 for atom in atoms[1:])
    for before, after in itertools.pairwise(atoms):
        assert before.ink[-1].tolist() == after.ink[0].tolist()  # no ink is lost at a cut
    (whole,) = segments.joined(atoms)
    assert np.array_equal(whole.ink, joined)
    (part,) = segments.joined(atoms[1:])
    assert np.array_equal([part.low, part.high], [part.ink.min(0), part.ink.max(0)])


def test_the_atoms_of_a_picture_are_all_of_its_ink():
    mask = np.zeros((60, 150), bool)
    mask[10:50, 10:30] = mask[10:50, 60:80] = mask[10:50, 100:120] = True
    mask[28:32, 60:120] = True  # a bridge between the second and the third
    atoms = segments.of_mask(mask)
    assert np.array_equal(segments.mask_of(atoms, mask.shape), mask)
    assert sum(int(atom.ink.sum()) for atom in atoms) == mask.sum()  # nothing twice
    assert tuple(atoms[0].low) == (10, 10)
    assert tuple(atoms[0].high) == (30, 50)
    assert any(80 <= atom.low[0] <= 101 for atom in atoms if atom.source == 1)


def slanted_ring(middle: int, wide: int, lean: float) -> np.ndarray:
    """bool [140, 240], a narrow 0 that leans to the right, its pen 7 pixels wide."""
    y, x = np.mgrid[-70:70, -middle : 240 - middle]
    away = np.hypot((x + lean * y) / wide, y / 50)
    return np.abs(away - 1) * wide < 3.5


@pytest.mark.parametrize("lean", [0.0, 0.25, 0.35])
@pytest.mark.parametrize("wide", [26, 34])
def test_two_rings_that_touch_are_cut_where_they_touch(wide, lean):
    """There the columns hold more ink than in the middle of a ring."""
    left, right = slanted_ring(70, wide, lean), slanted_ring(70 + 2 * wide, wide, lean)
    atoms = segments.of_mask(left | right)
    masks = [segments.mask_of(atoms[:n], left.shape) for n in range(1, len(atoms))]
    wrong = [(mask & ~left).sum() + (left & ~right & ~mask).sum() for mask in masks]
    assert min(wrong) < 0.05 * left.sum()


def test_no_ink_has_no_atoms():
    assert segments.of_mask(np.zeros((5, 5), bool)) == []


def test_candidates_are_neighbours_no_wider_than_a_digit_and_the_whole():
    """Three strokes of height 100, each 40 wide: x from 0, 100 and 200.

    start, stop   wide      cuts
    0, 1            40         0
    0, 2           140         0
    1, 2            40         0
    1, 3           140         0
    2, 3            40         0
    0, 3           240: too wide for a digit among others, but it is the whole
    """
    atoms = segments.of_strokes([ring(40, 100, left) for left in (0, 100, 200)])
    found = segments.candidates(atoms, [0, 1, 2])
    assert sorted(found) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert found[0, 2].atoms == {0, 1}
    assert {segment.cuts for segment in found.values()} == {0}
    wide = segments.candidates(
        segments.of_strokes([ring(40, 100, left) for left in (0, 100, 200, 300)]), range(4)
    )
    assert (0, 3) not in wide
    assert (0, 4) in wide


def test_a_bar_drawn_last_is_a_neighbour_by_place():
    """The half of a 4, a 0, and the stem of the 4."""
    half, zero, stem = ring(60, 100), ring(60, 100, left=120), ring(10, 100, left=50)
    assert segments.orders(segments.of_strokes([half, zero, stem])) == [[0, 1, 2], [0, 2, 1]]


def test_a_box_goes_around_the_ink_that_is_nearest_to_its_lines():
    mask = np.zeros((40, 60), bool)
    mask[5:35, 10:16] = mask[5:35, 40:50] = True  # two bars, their middles at 13 and 45
    middles = [[np.array([[13.0, y], [13.0, y + 10]]) for y in (8, 20)], [np.array([[45.0, 8], [45.0, 32]])]]
    assert segments.boxes_around(middles, mask) == [(10, 5, 6, 30), (40, 5, 10, 30)]
    lost = [*middles, [np.array([[45.0, 8.0]])]]  # where another's line is, which gets the ink
    assert segments.boxes_around(lost, mask)[0] == (10, 5, 6, 30)
    assert segments.boxes_around([], mask) == []


def test_the_points_of_a_date_are_no_part_of_its_digits():
    """Three 1 of height 100 with two points at their feet: no decimal point, and both are left out."""
    ones = [np.array([[x, 0.0], [x, 100.0]]) for x in (0, 80, 160)]
    points = [np.array([[x, 98.0], [x + 3, 100.0]]) for x in (40, 120)]
    rest, column = segments.without_mark(segments.of_strokes([*ones, *points]))
    assert [atom.source for atom in rest] == [0, 1, 2]
    assert column is None
    one, column = segments.without_mark(segments.of_strokes([*ones, points[0]]))
    assert (len(one), column) == (3, 41.5)

    mask = np.zeros((120, 200), bool)
    for x in (10, 90, 170):
        mask[10:110, x : x + 10] = True
    ink = mask.copy()
    for x in (52, 132):
        ink[98:110, x : x + 10] = True
    for taken in (mask, ink):  # the points were left out as specks, or were not
        rest, column = segments.without_mark_in(taken, ink)
        np.testing.assert_array_equal(rest, mask)
        assert column is None
