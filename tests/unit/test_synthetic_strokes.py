"""Curves against what they are made of; every form, scribble and symbol leaves the ink of a drawing."""

import numpy as np
import pytest

from core.data import pen_paths, scribbles, synthetic_digits
from core.ink.preprocessing import BOX, from_strokes

SEEDS = range(5)
POINTS = [(0, 0), (1, 0.5), (0.4, 1), (0.2, 0.1)]
CROSS = [pen_paths.line((0, 0), (1, 1)), pen_paths.line((1, 0), (0, 1))]


def every_kind():
    """(name, function of a random generator) of all that can be drawn."""
    for make in (*synthetic_digits.GLYPH_VARIANTS, *dict.fromkeys(scribbles.SCRIBBLES)):
        yield make.__name__, make
    for name, strokes in scribbles.SYMBOLS.items():
        yield name, lambda rng, strokes=strokes: strokes


KINDS = dict(every_kind())


def distances(path, points):
    """How far each of the points is from the nearest of the path's."""
    return np.linalg.norm(np.array(points, float)[:, None] - path, axis=2).min(1)


def box(strokes):
    points = np.concatenate(strokes)
    return points.min(0), points.max(0)


@pytest.mark.parametrize("draw", [pen_paths.line, pen_paths.curve])
def test_a_path_goes_through_its_points_in_their_order(draw):
    path = draw(*POINTS)
    assert distances(path, POINTS) == pytest.approx(0, abs=1e-12)
    nearest = [np.linalg.norm(path - point, axis=1).argmin() for point in POINTS]
    assert nearest == sorted(nearest)
    assert (nearest[0], nearest[-1]) == (0, len(path) - 1)


def test_a_line_is_straight_and_its_steps_are_even():
    path = pen_paths.line((0, 0), (2, 4), (2, 0))
    assert np.linalg.norm(np.diff(path, axis=0), axis=1) == pytest.approx([20**0.5 / 8] * 8 + [0.5] * 8)
    assert path[:9, 1] == pytest.approx(2 * path[:9, 0])


def test_a_curve_by_hand():
    """Catmull and Rom: half way from b to c lies (-a + 9b + 9c - d) / 16."""
    a, b, c, d = (np.array(p, float) for p in POINTS)
    path = pen_paths.curve(a, b, c, d)
    assert path[12] == pytest.approx(
        (-a + 9 * b + 9 * c - d) / 16
    )  # the fourth of eight steps of the second piece
    assert np.linalg.norm(np.diff(path, axis=0, n=2), axis=1).max() < 0.1  # no corner


def test_an_arc_by_hand():
    """Whole turns, clockwise as seen with y down, from the right: right, bottom, left, top."""
    ring = pen_paths.arc(2, 3, 8, 6)
    assert np.linalg.norm((ring - (2, 3)) / (4, 3), axis=1) == pytest.approx(1)
    assert ring[0] == pytest.approx(ring[-1])
    for start, end in ((0, (6, 3)), (0.25, (2, 6)), (0.5, (-2, 3)), (0.75, (2, 0))):
        assert pen_paths.arc(2, 3, 8, 6, start, 0.1)[0] == pytest.approx(end)
        assert pen_paths.arc(2, 3, 8, 6, start - 0.5, 0.5)[-1] == pytest.approx(end)
        assert pen_paths.arc(2, 3, 8, 6, start + 0.5, -0.5)[-1] == pytest.approx(end)


@pytest.mark.parametrize("name", KINDS)
def test_everything_is_drawn_as_the_app_draws_it(name):
    """Ink of 20 pixels, of the recipe of MNIST, whatever the chances."""
    for seed in SEEDS:
        strokes = pen_paths.distort(KINDS[name](np.random.default_rng(seed)), np.random.default_rng(seed))
        assert all(s.ndim == 2 and s.shape[1] == 2 and np.isfinite(s).all() for s in strokes)
        boxed = next(s.image for s in from_strokes(strokes).steps if s.name == "20 pixels")
        sides = [np.ptp(np.flatnonzero((boxed > 0.02).any(axis))) + 1 for axis in (0, 1)]
        assert BOX <= max(sides) <= BOX + 2  # half a pixel of smooth edge on either side


def test_every_digit_has_a_form_and_chance_takes_each():
    assert set(synthetic_digits.GLYPH_VARIANTS.values()) == set(range(10))
    rng = np.random.default_rng(0)
    drawn = {digit for _, digit in (synthetic_digits.glyph_variant(rng) for _ in range(200))}
    assert drawn == set(range(10))


@pytest.mark.parametrize(("make", "digit"), synthetic_digits.GLYPH_VARIANTS.items())
def test_no_form_lies(make, digit):
    """About 1 high, and hardly wider than high; and two of one form differ."""
    for seed in SEEDS:
        low, high = box(make(np.random.default_rng(seed)))
        width, height = high - low
        assert width < 1.3 * height
        assert 0.8 < height < 1.3
    one, other = (make(np.random.default_rng(seed)) for seed in (0, 1))
    assert len(one) != len(other) or any(
        a.shape != b.shape or (a != b).any() for a, b in zip(one, other, strict=True)
    )


def test_the_sevens_bar_crosses_its_stem():
    for seed in range(20):
        *_, bar = synthetic_digits._crossed_seven(np.random.default_rng(seed))
        stem = synthetic_digits._crossed_seven(np.random.default_rng(seed))[0]
        assert distances(stem, bar).min() < 0.1


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_another_hand_draws_the_same_strokes_elsewhere(strength):
    """As many strokes of as many points, none where it was, all about where they were."""
    plain = pen_paths.distort(CROSS, np.random.default_rng(0), 0)
    for seed in SEEDS:
        distorted = pen_paths.distort(CROSS, np.random.default_rng(seed), strength)
        assert [s.shape for s in distorted] == [s.shape for s in CROSS]
        moved = np.linalg.norm(np.concatenate(distorted) - np.concatenate(plain), axis=1)
        assert 0.005 < moved.max() < 0.8 * strength


def test_twice_the_strength_moves_about_twice_as_far():
    def spread(strength):
        hands = [
            np.concatenate(pen_paths.distort(CROSS, np.random.default_rng(seed), strength))
            for seed in range(200)
        ]
        return np.std(hands, axis=0).mean()

    assert spread(0.5) / spread(0.25) == pytest.approx(2, rel=0.05)


def test_strength_0_only_normalises():
    """About the middle of the box, its longer side 1."""
    strokes = [np.array([[10, 20], [50, 40]]), np.array([[30, 100.0]])]
    #   the box: x 10 to 50, y 20 to 100; its middle (30, 60), its longer side 80
    one, other = pen_paths.distort(strokes, np.random.default_rng(0), 0)
    assert one == pytest.approx(np.array([[-0.25, -0.5], [0.25, -0.25]]))
    assert other == pytest.approx(np.array([[0, 0.5]]))


def test_a_dot_can_be_varied():
    ((place,),) = pen_paths.distort([np.array([[5.0, 5.0]])], np.random.default_rng(0))
    assert np.abs(place) == pytest.approx(0, abs=0.2)


def test_the_same_seed_draws_the_same():
    for draw in (
        scribbles.scribble,
        scribbles.symbol,
        lambda rng: synthetic_digits.glyph_variant(rng)[0],
    ):
        one, same, other = (np.concatenate(draw(np.random.default_rng(seed))) for seed in (1, 1, 2))
        assert np.array_equal(one, same)
        assert one.shape != other.shape or (one != other).any()


def test_a_symbol_is_one_of_those_named():
    for seed in SEEDS:
        assert (
            len(scribbles.symbol(np.random.default_rng(seed), ["ladder"]))
            == len(scribbles.SYMBOLS["ladder"])
            == 5
        )


def test_side_by_side_is_left_and_right():
    """Of about one height, a gap between them, whatever their sizes were."""
    small, large = (
        pen_paths.line((0, 0), (1, 2)),
        pen_paths.line((300, 0), (500, 400), (300, 400)),
    )
    for seed in range(20):
        left, right = scribbles.side_by_side([small], [large], np.random.default_rng(seed))
        (_, one), (low, other) = box([left]), box([right])
        assert one[1] == pytest.approx(1)
        assert 0.08 <= low[0] - one[0] <= 0.5
        assert 0.75 <= other[1] - low[1] <= 1.3
        assert np.diff(left, axis=0)[0] == pytest.approx(np.diff(small, axis=0)[0] / 2)  # its form


def test_around_leaves_the_drawing_and_adds_one_stroke():
    """A ring, a box or a zigzag, each of which reaches beyond the drawing on both sides."""
    kinds = set()
    for seed in range(30):
        *inner, added = scribbles.around([100 * s for s in CROSS], np.random.default_rng(seed))
        assert np.concatenate(inner) == pytest.approx(np.concatenate(CROSS))
        (left, top), (right, bottom) = box([added])
        assert left < -0.1
        assert right > 1.1
        if np.linalg.norm(added[0] - added[-1]) < 0.5:  # closed
            assert top < -0.1
            assert bottom > 1.1
            kinds.add("box" if len(added) == 33 else "ring")
        else:
            assert added[0, 0] == pytest.approx(-0.2)
            kinds.add("zigzag")
    assert kinds == {"box", "ring", "zigzag"}
