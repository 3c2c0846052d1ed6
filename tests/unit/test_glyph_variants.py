"""Rare forms and manners, by their geometry: where ends lie, what crosses what, which way a line leans."""

import numpy as np
import pytest
from skimage.measure import approximate_polygon

from core.data import glyph_variants
from core.data.pen_paths import arc, line
from core.ink.preprocessing import from_strokes

SEEDS = range(40)
FOUR = [line((0.3, 0), (0, 0.6), (0.8, 0.6)), line((0.6, 0.2), (0.55, 1))]
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
RING = [arc(0.5, 0.5, 0.8, 1)]


def drawn(make):
    """The form, by forty seeds."""
    return [make(np.random.default_rng(seed)) for seed in SEEDS]


def ring_and_slash(strokes):
    """(the part that goes round, the rest): one after another where they are one stroke."""
    if len(strokes) > 1:
        return strokes[0], strokes[-1]
    return strokes[0][:-10], strokes[0][-9:]


def is_outside(point, ring):
    """Is a point outside the ellipse in the box of a ring?"""
    low, high = ring.min(0), ring.max(0)
    return (((point - (low + high) / 2) / ((high - low) / 2)) ** 2).sum() > 1


def bend(path):
    """How far a path strays from the line between its ends, as a part of its length."""
    along = path[-1] - path[0]
    length = np.hypot(*along)
    way = path - path[0]
    return np.abs(way[:, 0] * along[1] - way[:, 1] * along[0]).max() / length**2


def corners(path, tolerance=0.06):
    return len(approximate_polygon(path, tolerance))


def last_hook(strokes):
    """How far the last point lies to the right of the lowest one, and above it."""
    end = strokes[-1]
    lowest = end[end[:, 1].argmax()]
    right, down = end[-1] - lowest
    return right, -down


@pytest.mark.parametrize(("make", "digit"), glyph_variants.GLYPH_VARIANTS.items())
def test_every_form_is_ink_and_stands(make, digit):
    for strokes in drawn(make):
        assert all(s.ndim == 2 and s.shape[1] == 2 and np.isfinite(s).all() for s in strokes)
        assert from_strokes(strokes) is not None
        width, height = np.ptp(np.concatenate(strokes), axis=0)
        assert 0.8 < height < 1.9
        assert width < 1.5 * height
    assert digit == NAMES.index(make.__name__.split("_")[-1])


def test_chance_takes_each_form():
    rng = np.random.default_rng(0)
    assert {digit for _, digit in (glyph_variants.glyph_variant(rng) for _ in range(200))} == {
        0,
        1,
        2,
        6,
        7,
        8,
        9,
    }


def test_the_zeros_slash_leaves_the_ring_at_both_ends():
    """Upright, leaning and level; in one stroke and in two."""
    strokes, leans = set(), []
    for zero in drawn(glyph_variants._through_zero):
        ring, slash = ring_and_slash(zero)
        if len(zero) == 2:
            assert is_outside(slash[0], ring)
            assert is_outside(slash[-1], ring)
            assert not is_outside(slash[len(slash) // 2], ring)
        across, up = np.abs(slash[-1] - slash[0])
        leans.append(np.rad2deg(np.arctan2(across, up)))
        strokes.add(len(zero))
    assert strokes == {1, 2}
    assert min(leans) < 10
    assert any(20 < lean < 60 for lean in leans)
    assert max(leans) > 65


def test_two_slashes_are_two():
    for ring, *slashes in drawn(glyph_variants._twice_slashed_zero):
        assert len(slashes) == 2
        for slash in slashes:
            assert bend(slash) < 1e-9
            assert is_outside(slash[0], ring)
            assert is_outside(slash[-1], ring)
            assert not is_outside(slash[len(slash) // 2], ring)


def test_a_zero_is_open_at_the_left_the_top_or_the_right():
    """By a gap that is smaller than a C's or a U's."""
    sides = set()
    for (ring,) in drawn(glyph_variants._open_zero):
        assert 0.1 < np.hypot(*(ring[-1] - ring[0])) < 0.55
        right, down = (ring[0] + ring[-1]) / 2 - ring.mean(0)
        sides.add("top" if abs(down) > abs(right) and down < 0 else "right" if right > 0 else "left")
    assert sides == {"left", "top", "right"}


def test_a_zeros_tail_is_inside_or_outside():
    ends = [is_outside(ring[-1], ring[:-12]) for (ring,) in drawn(glyph_variants._tailed_zero)]
    assert set(ends) == {True, False}


def test_a_d_like_zero_is_straight_at_the_left_and_round_at_the_right():
    for strokes in drawn(glyph_variants._d_zero):
        points = np.concatenate(strokes)
        left = points[points[:, 0] < points[:, 0].min() + 0.02]
        assert np.ptp(left[:, 1]) > 0.9
        assert abs(points[points[:, 0].argmax(), 1] - 0.5) < 0.15


def test_a_square_zero_has_four_corners():
    for (ring,) in drawn(glyph_variants._square_zero):
        assert corners(ring) == 5  # and back
        assert bend(ring[:9]) < 1e-9


@pytest.mark.parametrize("name", ["one", "two", "seven"])
def test_a_hooked_foot_goes_up_again(name):
    hooks = [last_hook(strokes) for strokes in drawn(getattr(glyph_variants, f"_hooked_{name}"))]
    assert all(0.03 < up < 0.9 for _, up in hooks)
    assert all(abs(right) > 0.02 for right, _ in hooks)
    assert sum(right > 0 for right, _ in hooks) > 20


def test_a_ones_up_stroke_is_nearly_as_high_as_its_stem():
    for (one,) in drawn(glyph_variants._rising_one):
        top = one[one[:, 1].argmin()]
        assert one[0, 1] - top[1] > 0.6
        assert one[0, 0] < top[0] - 0.15
        assert bend(one[:9]) < 1e-9


def test_a_one_has_a_flag_and_a_foot():
    """The foot sticks out at both sides of the stem, the flag at the left."""
    for strokes in drawn(glyph_variants._serifed_one):
        points = np.concatenate(strokes)
        foot = points[points[:, 1] > 0.98]
        assert foot[:, 0].min() < 0.4
        assert foot[:, 0].max() > 0.6
        assert points[0, 0] < 0.4
        assert points[0, 1] < 0.4


def test_a_six_like_a_u_turns_over_into_a_bow():
    """Down at the left, up at the right to half its height, and down again from there across itself."""
    for (six,) in drawn(glyph_variants._u_six):
        assert six[0, 1] == six[:, 1].min()
        low = int(six[: len(six) // 2, 1].argmax())
        arm = low + int(six[low:, 1].argmin())
        assert 0.1 < six[arm, 1] < 0.5
        assert six[arm, 0] > six[low, 0] + 0.2
        assert six[arm:, 1].max() > 0.9
        rising, falling = six[low:arm], six[arm + 8 :]
        assert np.linalg.norm(rising[:, None] - falling, axis=2).min() < 0.06


def test_an_eight_is_open_at_the_top():
    for (eight,) in drawn(glyph_variants._open_eight):
        assert 0.08 < np.hypot(*(eight[-1] - eight[0])) < 0.6
        assert max(eight[0, 1], eight[-1, 1]) < 0.3


def test_an_eight_is_begun_or_ended_with_a_straight_line():
    for (eight,) in drawn(glyph_variants._straight_eight):
        first, last = eight[:9], eight[-9:]
        assert bend(first) < 1e-9
        assert bend(last) < 1e-9
        assert np.hypot(*(first[-1] - first[0])) > 0.4


def test_a_nine_like_a_g_ends_at_the_left_or_in_a_loop():
    loops = 0
    for strokes in drawn(glyph_variants._g_nine):
        points = np.concatenate(strokes)
        stem = points[points[:, 1] < 0.5, 0].max()
        lowest = points[points[:, 1].argmax()]
        assert lowest[0] < stem - 0.2
        assert points[-1, 1] < 1.0
        loops += points[-1, 0] > stem
    assert 5 < loops < 25


def test_a_nine_like_a_q_ends_with_a_tick_to_the_right():
    for strokes in drawn(glyph_variants._q_nine):
        right, up = last_hook(strokes)
        assert 0.05 < right < 0.3
        assert 0.04 < up < 0.25


def test_a_loose_nine_begins_within_and_crosses_itself():
    for (nine,) in drawn(glyph_variants._loose_nine):
        bowl, stem = nine[:32], nine[40:]
        assert nine[:, 1].min() < nine[0, 1] < nine[:, 1].max() * 0.5
        assert np.linalg.norm(bowl[:20, None] - stem, axis=2).min() < 0.25
        assert nine[-1, 1] == pytest.approx(1)


def test_a_clocks_digits_are_level_and_upright_lines():
    """As many of them as a digital clock lights: seven for an 8, two for a 1."""
    lit = {0: 6, 1: 2, 2: 5, 3: 5, 4: 4, 5: 5, 6: (5, 6), 7: (3, 4), 8: 7, 9: (5, 6)}
    seen = set()
    for seed in range(200):
        strokes, digit = glyph_variants.clock(np.random.default_rng(seed))
        lines = [piece for s in strokes for piece in (s[i : i + 9] for i in range(0, len(s) - 1, 8))]
        allowed = lit[digit] if isinstance(lit[digit], tuple) else (lit[digit],)
        if digit != 3:  # whose middle line is a stroke by itself
            assert len(lines) in allowed
        seen.add(digit)
    assert seen == set(range(10))


# -- manners


def test_angular_is_straight_pieces():
    for seed in SEEDS:
        (ring,) = glyph_variants.angular(RING, np.random.default_rng(seed))
        pieces = [ring[i : i + 9] for i in range(0, len(ring) - 1, 8)]
        assert 3 <= len(pieces) <= 9
        assert all(bend(piece) < 1e-9 for piece in pieces if np.ptp(piece) > 0)
        assert np.hypot(*(ring - 0.5).T).min() > 0.25


def test_wobbly_trembles_about_the_line():
    for seed in SEEDS:
        (path,) = glyph_variants.wobbly([line((0, 0), (0, 1))], np.random.default_rng(seed))
        assert np.abs(path[:, 0]).max() < 0.12
        assert path[-1, 1] == pytest.approx(1, abs=0.12)
    (ring,) = glyph_variants.wobbly(RING, np.random.default_rng(0))
    assert np.hypot(*np.diff(ring, axis=0, n=2).T).mean() > 0.002  # a ring in even steps has 0.0006


def test_broken_leaves_a_gap():
    for seed in SEEDS:
        one, other, stem = glyph_variants.broken(FOUR, np.random.default_rng(seed))
        assert 0.01 < np.hypot(*(other[0] - one[-1])) < 0.3
        assert np.array_equal(stem[[0, -1]], FOUR[1][[0, -1]])


def test_retraced_draws_a_part_again_where_it_was():
    for seed in SEEDS:
        *same, again = glyph_variants.retraced(FOUR, np.random.default_rng(seed))
        assert all(np.array_equal(a, b) for a, b in zip(same, FOUR, strict=True))
        away = np.linalg.norm(again[:, None] - np.concatenate(FOUR), axis=2).min(1)
        assert 0 < away.mean() < 0.12


def test_leaning_is_at_most_forty_degrees():
    angles = []
    for seed in SEEDS:
        (stem,) = glyph_variants.leaning([line((0, 0), (0, 1))], np.random.default_rng(seed))
        across, down = stem[-1] - stem[0]
        assert down == pytest.approx(1)
        angles.append(np.rad2deg(np.arctan2(across, down)))
    assert 30 < max(angles) <= glyph_variants.MAX_LEAN
    assert -glyph_variants.MAX_LEAN <= min(angles) < -30
    assert min(np.abs(angles)) >= 15


def test_some_are_drawn_in_two_manners():
    """Each manner is one of the five, and what comes out is a digit's ink."""
    rng = np.random.default_rng(0)
    assert set(glyph_variants.MANNERS) == {"angular", "wobbly", "broken", "retraced", "leaning"}
    for _ in range(50):
        assert from_strokes(glyph_variants.in_a_manner(FOUR, rng)) is not None
