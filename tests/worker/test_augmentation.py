"""The warp against NumPy, SciPy and TensorFlow; the matrices and the bends against what they are made of."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from scipy import interpolate, ndimage

from core.data import augmentation, datasets
from core.nn.architectures import Dense, Flatten
from core.records import Augmentation, Dataset, TrainConfig
from core.worker import devices, models, steps
from tests import colours

IDENTITY = [1, 0, 0, 0, 1, 0]
ALL = Augmentation(rotation=30, shear=20, scale=0.3, shift=4)
BENT = replace(ALL, elastic=2)
SIDE, KNOTS = 28, augmentation.KNOTS


@pytest.fixture(scope="module")
def digits():
    """uint8 [40, 28, 28]"""
    return datasets.mnist().x_train[:40]


def warp(picture, *rows):
    """One image and one map -> one image."""
    return augmentation.warp(np.float32(picture)[None], np.float32([rows]))[0]


class Most:
    """A generator that always draws the most."""

    def uniform(self, least, most, count):
        return np.full(count, most)


def of_the_most(**settings):
    """The matrix [2, 3] when each draw is the largest that the settings allow, for an image of 5 x 5."""
    return augmentation.affine_matrices(Augmentation(**settings), 1, Most(), side=5)[0].reshape(2, 3)


def test_no_change_changes_nothing(digits):
    rng = np.random.default_rng(0)
    warp_parameters = augmentation.affine_matrices(augmentation.NONE, len(digits), rng)
    assert warp_parameters.tolist() == [IDENTITY] * len(digits)
    assert np.array_equal(augmentation.warp(np.float32(digits), warp_parameters), np.float32(digits))


def test_the_matrices_of_each_change_by_hand():
    """Output (x, y) is read from input a x + b y + c, d x + e y + f; the centre is at 2, 2."""
    half = np.sqrt(0.5)
    for settings, matrix in (
        # two pixels to the right and down: read from two pixels to the left and above
        ({"shift": 2}, [[1, 0, -2], [0, 1, -2]]),
        # 1.25 times as large: 0.8 times the way from the centre
        ({"scale": 0.25}, [[0.8, 0, 0.4], [0, 0.8, 0.4]]),
        # 45 degrees counter-clockwise, seen with y down
        ({"rotation": 45}, [[half, -half, 2], [half, half, 2 - 4 * half]]),
        # each row, one further down, moved by one pixel
        ({"shear": 45}, [[1, 1, -2], [0, 1, 0]]),
    ):
        assert of_the_most(**settings) == pytest.approx(np.array(matrix), abs=1e-6), settings


@pytest.mark.parametrize(("right", "down"), [(2, 0), (0, 2), (-2, 1), (-30, 0)])
def test_a_shift_moves_and_leaves_paper(digits, right, down):
    moved = augmentation.warp(np.float32(digits), np.float32([[1, 0, -right, 0, 1, -down]] * len(digits)))
    wide = np.pad(digits, ((0, 0), (30, 30), (30, 30)))
    assert np.array_equal(moved, np.roll(wide, (down, right), axis=(1, 2))[:, 30:-30, 30:-30])


def test_half_a_pixel_is_the_mean_of_two():
    assert warp([[0, 1, 3, 0]], 1, 0, 0.5, 0, 1, 0).tolist() == [[0.5, 2, 1.5, 0]]


@pytest.mark.parametrize("degrees", [7, -30, 45])
def test_a_rotation_about_the_centre_is_scipys(digits, degrees):
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    centre = np.array([13.5, 13.5])
    turn = np.array([[cos, sin], [-sin, cos]])  # of (row, column)
    offset = centre - turn @ centre
    for digit in digits[:5]:
        expected = ndimage.affine_transform(np.float32(digit), turn, offset, order=1, mode="grid-constant")
        ours = warp(digit, turn[1, 1], turn[1, 0], offset[1], turn[0, 1], turn[0, 0], offset[0])
        assert ours == pytest.approx(expected, abs=0.01)  # of 255


def test_a_quarter_turn_is_numpys(digits):
    """Counter-clockwise: what was at the right is read at the top."""
    assert warp(digits[0], 0, -1, 27, 1, 0, 0) == pytest.approx(np.rot90(digits[0]), abs=1e-3)


def test_any_change_is_scipys(digits):
    warp_parameters = augmentation.affine_matrices(ALL, len(digits), np.random.default_rng(1))
    changed = augmentation.warp(np.float32(digits), warp_parameters)
    for digit, (a, b, c, d, e, f), ours in zip(digits, warp_parameters, changed, strict=True):
        expected = ndimage.affine_transform(
            np.float32(digit), [[e, d], [b, a]], [f, c], order=1, mode="grid-constant"
        )
        assert ours == pytest.approx(expected, abs=0.05)  # of 255


@pytest.mark.parametrize("settings", [ALL, BENT, Augmentation(elastic=4), Augmentation(crop=4, flip=True)])
def test_what_training_sees_is_what_is_shown(digits, settings):
    """TensorFlow's warp in the worker, on uint8, and NumPy's for the page, on 0..1."""
    labels = np.arange(len(digits), dtype=np.uint8) % 10
    config = TrainConfig((Flatten(), Dense(10, "softmax")), optimizer="SGD", augmentation=settings)
    data = Dataset(digits, labels, digits, labels)
    batches = steps.Steps(models.build(config.layers), None, config, data, devices.strategy())
    warp_parameters = augmentation.warp_parameters(settings, len(digits), np.random.default_rng(2))
    order = np.arange(len(digits), dtype=np.int32)[::-1]
    x, y = batches._batch(tf.constant(order), tf.constant(warp_parameters))
    assert x.numpy()[..., 0] == pytest.approx(
        augmentation.warp(digits[::-1] / np.float32(255), warp_parameters), abs=1e-4
    )
    assert y.numpy().tolist() == labels[::-1].tolist()


@pytest.mark.parametrize("settings", [BENT, replace(BENT, crop=4, flip=True), Augmentation(crop=4, flip=True)])
def test_colours_change_as_one(settings):
    """Each channel as if it were an image of its own, in the page and in training."""
    x, y = colours.pictures(20, 0)
    config = TrainConfig((Flatten(), Dense(10, "softmax")), "SGD", augmentation=settings, data="cifar10")
    model = models.build(config.layers, (32, 32, 3))
    batches = steps.Steps(model, None, config, Dataset(x, y, x, y), devices.strategy())
    warp_parameters = augmentation.warp_parameters(settings, len(x), np.random.default_rng(2), side=32)
    shown = augmentation.warp(x / np.float32(255), warp_parameters)
    for channel in range(3):
        assert np.array_equal(
            shown[..., channel], augmentation.warp(x[..., channel] / np.float32(255), warp_parameters)
        )
    seen, _ = batches._batch(tf.constant(np.arange(20, dtype=np.int32)), tf.constant(warp_parameters))
    assert seen.numpy() == pytest.approx(shown, abs=1e-3)  # a thousandth of the edge is read outside it


def test_a_crop_moves_by_whole_pixels_and_a_flip_mirrors():
    """Every image is one of 9 x 9 crops of itself with a border, half of them mirrored; no value is mixed."""
    x, _ = colours.pictures(300, 0)
    settings = Augmentation(crop=4, flip=True)
    changed = augmentation.warp(
        np.float32(x), augmentation.warp_parameters(settings, 300, np.random.default_rng(0), 32)
    )
    found = []
    for picture, ours in zip(x, changed, strict=True):
        wide = np.pad(picture, ((4, 4), (4, 4), (0, 0)))
        for flipped in (False, True):
            for top in range(9):
                for left in range(9):
                    crop = wide[top : top + 32, left : left + 32]
                    if np.array_equal(crop[:, ::-1] if flipped else crop, ours):
                        found.append((flipped, top, left))
    assert len(found) == 300
    flips, tops, lefts = np.array(found).T
    assert flips.mean() == pytest.approx(0.5, abs=0.1)
    assert set(tops) == set(lefts) == set(range(9))


def test_crops_and_flips_leave_the_other_draws_as_they_were():
    """So that a training without them is the same as before there were any."""
    plain, both = (
        augmentation.affine_matrices(settings, 50, np.random.default_rng(0))
        for settings in (ALL, replace(ALL, crop=2, flip=True))
    )
    assert np.abs(both[:, [0, 1, 3, 4]]) == pytest.approx(np.abs(plain[:, [0, 1, 3, 4]]))


def test_every_change_stays_within_its_range():
    """A matrix taken apart again: turned by R, then sheared, then scaled about the moved centre."""
    rows = augmentation.affine_matrices(ALL, 4000, np.random.default_rng(3)).astype(float).reshape(-1, 2, 3)
    linear, offset = rows[..., :2], rows[..., 2]
    angle = np.arctan2(linear[:, 1, 0], linear[:, 0, 0])
    cos, sin = np.cos(angle), np.sin(angle)
    back = np.moveaxis(np.array([[cos, sin], [-sin, cos]]), 2, 0)  # undoes R
    (zoom_x, sheared), (nothing, zoom_y) = np.moveaxis(back @ linear, 0, 2)
    assert nothing == pytest.approx(0, abs=1e-5)
    # where the centre of the image goes to, less the centre
    moved = np.linalg.solve(linear, 13.5 - offset[..., None])[..., 0] - 13.5
    for found, most in (
        (np.rad2deg(angle), 30),
        (np.rad2deg(np.arctan(sheared / zoom_y)), 20),
        (1 / zoom_x - 1, 0.3),
        (1 / zoom_y - 1, 0.3),
        (moved[:, 0], 4),
        (moved[:, 1], 4),
    ):
        assert np.abs(found).max() <= most * 1.0001
        assert found.min() < -0.99 * most  # the whole range is used, evenly
        assert found.max() > 0.99 * most
        assert found.mean() == pytest.approx(0, abs=0.05 * most)
        assert found.std() == pytest.approx(most / np.sqrt(3), rel=0.05)


@pytest.mark.parametrize("name", ["rotation", "shear", "scale", "shift", "elastic"])
def test_each_setting_changes_the_digits(digits, name):
    settings = replace(augmentation.NONE, **{name: getattr(BENT, name)})
    warp_parameters = augmentation.warp_parameters(settings, len(digits), np.random.default_rng(0))
    changed = augmentation.warp(np.float32(digits), warp_parameters)
    assert (np.abs(changed - digits).max((1, 2)) > 0).all()
    assert changed.dtype == np.float32


def test_the_same_seed_draws_the_same():
    one, same, other = (
        augmentation.warp_parameters(BENT, 5, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.isclose(one, other).all(1).any()


def test_a_share_is_left_as_it_is(digits):
    warp_parameters = augmentation.warp_parameters(BENT, 2000, np.random.default_rng(0), p_no_augment=0.3)
    same = (augmentation.warp(np.float32(digits[:1]).repeat(2000, 0), warp_parameters) == digits[0]).all((1, 2))
    assert same.mean() == pytest.approx(0.3, abs=0.03)  # three standard deviations
    assert (warp_parameters[~same] != 0).all()


# -- bends


def field(elastic_field):
    """float [n, 2 * KNOTS**2] -> float [n, 2, 28, 28]: pixels to the right and down, by SciPy's splines."""
    at = np.linspace(3, KNOTS, SIDE)
    splines = [interpolate.BSpline(np.arange(KNOTS + 4), one, 3)(at) for one in np.eye(KNOTS)]
    return np.einsum("nabc,by,cx->nayx", np.reshape(elastic_field, (-1, 2, KNOTS, KNOTS)), splines, splines)


@pytest.mark.parametrize(
    ("settings", "numbers"),
    [(augmentation.NONE, 0), (Augmentation(shift=1), 6), (Augmentation(elastic=0.1), 78), (BENT, 78)],
)
def test_how_many_numbers_change_a_picture(settings, numbers):
    """6 of the affine map, and two for each of 6 x 6 knots."""
    assert augmentation.parameter_count(settings) == numbers
    warp_parameters = augmentation.warp_parameters(settings, 3, np.random.default_rng(0))
    assert (warp_parameters.shape, warp_parameters.dtype) == ((3, numbers or 6), np.float32)


def test_without_bends_the_maps_are_the_matrices():
    """Also the same draws, so that earlier trainings can be repeated; and bends leave the matrices be."""
    affine, same, bent = (
        draw(settings, 50, np.random.default_rng(4))
        for draw, settings in (
            (augmentation.affine_matrices, ALL),
            (augmentation.warp_parameters, ALL),
            (augmentation.warp_parameters, BENT),
        )
    )
    assert np.array_equal(same, affine)
    assert np.array_equal(bent[:, :6], affine)


@pytest.mark.parametrize("side", [28, 5])
def test_each_pixel_is_a_mean_of_knots(side):
    weights = augmentation.spline(side)
    assert (weights.shape, weights.dtype) == ((side**2, KNOTS**2), np.float32)
    assert weights.min() >= 0
    assert weights.sum(1) == pytest.approx(1, abs=1e-6)
    assert ((weights > 0).sum(1) <= 16).all()  # four knots in each direction


def test_the_corners_knots_by_hand():
    """A cubic spline is (1, 4, 1) / 6 of three knots where a piece begins; the first begins at knot 1."""
    corner = augmentation.spline(28)[0].reshape(KNOTS, KNOTS)
    expected = np.zeros((KNOTS, KNOTS))
    expected[:3, :3] = np.outer([1, 4, 1], [1, 4, 1]) / 36
    assert corner == pytest.approx(expected, abs=1e-6)
    assert augmentation.spline(28)[-1].reshape(KNOTS, KNOTS) == pytest.approx(expected[::-1, ::-1], abs=1e-6)


def test_the_spline_is_scipys():
    elastic_field = np.random.default_rng(5).normal(size=(3, 2 * KNOTS**2))
    ours = elastic_field.reshape(3, 2, -1) @ augmentation.spline(SIDE).T
    assert ours.reshape(3, 2, SIDE, SIDE) == pytest.approx(field(elastic_field), abs=1e-5)


def test_bends_that_are_all_the_same_are_a_shift(digits):
    elastic_field = np.repeat([3, -2], KNOTS**2)  # read 3 to the right and 2 above
    bent = augmentation.warp(np.float32(digits), np.float32([[*IDENTITY, *elastic_field]] * len(digits)))
    shifted = augmentation.warp(np.float32(digits), np.float32([[1, 0, 3, 0, 1, -2]] * len(digits)))
    assert bent == pytest.approx(shifted, abs=0.01)  # of 255


def test_any_bend_is_scipys(digits):
    warp_parameters = augmentation.warp_parameters(BENT, len(digits), np.random.default_rng(6))
    changed = augmentation.warp(np.float32(digits), warp_parameters)
    y, x = np.mgrid[:SIDE, :SIDE]
    for digit, (a, b, c, d, e, f), (right, down), ours in zip(
        digits, warp_parameters[:, :6], field(warp_parameters[:, 6:]), changed, strict=True
    ):
        at = [d * x + e * y + f + down, a * x + b * y + c + right]
        expected = ndimage.map_coordinates(np.float32(digit), at, order=1, mode="grid-constant")
        assert ours == pytest.approx(expected, abs=0.05)  # of 255


@pytest.mark.parametrize("elastic", [0.5, 3.0])
def test_the_setting_is_the_bends_usual_size(elastic):
    """Over all pixels one standard deviation, to each side as often; near to it at each of them."""
    warp_parameters = augmentation.warp_parameters(
        Augmentation(elastic=elastic), 3000, np.random.default_rng(7)
    )
    pixels = field(warp_parameters[:, 6:])
    assert pixels.mean() == pytest.approx(0, abs=0.02 * elastic)
    assert pixels.std() == pytest.approx(elastic, rel=0.02)
    assert pixels.std((0, 1)) == pytest.approx(np.full((SIDE, SIDE), elastic), rel=0.1)
    assert np.abs(pixels).max() < 3.7 * elastic  # the most that a knot may say


def test_neighbours_move_together():
    """A field that is smooth: from pixel to pixel it changes little, over half the image as it likes."""
    pixels = field(
        augmentation.warp_parameters(Augmentation(elastic=1), 1000, np.random.default_rng(8))[:, 6:]
    )[:, 0, 14]
    beside, far = (np.corrcoef(pixels[:, 6], pixels[:, 6 + n])[0, 1] for n in (1, 16))
    assert beside > 0.97
    assert abs(far) < 0.15


def test_the_bending_of_a_training_is_numpys(digits):
    """Also beyond the edge, with ink up to it, and without an elastic field, as a GPU does it."""
    for settings in (Augmentation(shift=8, elastic=4), replace(ALL, crop=4, flip=True)):
        warp_parameters = augmentation.warp_parameters(settings, len(digits), np.random.default_rng(9))
        for pictures in (digits / np.float32(255), np.ones((40, 28, 28), np.float32)):
            ours = steps.warp(tf.constant(pictures[..., None]), tf.constant(warp_parameters))
            assert ours.shape == (40, 28, 28, 1)
            shown = augmentation.warp(pictures, warp_parameters)
            assert ours.numpy()[..., 0] == pytest.approx(shown, abs=1e-4)
