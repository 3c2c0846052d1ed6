"""The warp against NumPy, SciPy and TensorFlow; the matrices against what they are made of."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from core import augmentation, datasets
from core.architectures import Dense, Flatten
from core.records import Augmentation, Dataset, TrainConfig
from core.worker import devices, models, steps

IDENTITY = [1, 0, 0, 0, 1, 0]
ALL = Augmentation(rotation=30, shear=20, scale=0.3, shift=4)


@pytest.fixture(scope="module")
def digits():
    """uint8 [40, 28, 28]"""
    return datasets.mnist().x_train[:40]


def warp(picture, *rows):
    """One picture and one map -> one picture."""
    return augmentation.warp(np.float32(picture)[None], np.float32([rows]))[0]


class Most:
    """A generator that always draws the most."""

    def uniform(self, least, most, count):
        return np.full(count, most)


def of_the_most(**settings):
    """The matrix [2, 3] when each draw is the largest that the settings allow, for a picture of 5 x 5."""
    return augmentation.matrices(Augmentation(**settings), 1, Most(), side=5)[0].reshape(2, 3)


def test_no_change_changes_nothing(digits):
    rng = np.random.default_rng(0)
    maps = augmentation.matrices(augmentation.NONE, len(digits), rng)
    assert maps.tolist() == [IDENTITY] * len(digits)
    assert np.array_equal(augmentation.warp(np.float32(digits), maps), np.float32(digits))


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
    maps = augmentation.matrices(ALL, len(digits), np.random.default_rng(1))
    changed = augmentation.warp(np.float32(digits), maps)
    for digit, (a, b, c, d, e, f), ours in zip(digits, maps, changed, strict=True):
        expected = ndimage.affine_transform(
            np.float32(digit), [[e, d], [b, a]], [f, c], order=1, mode="grid-constant"
        )
        assert ours == pytest.approx(expected, abs=0.05)  # of 255


def test_what_training_sees_is_what_is_shown(digits):
    """TensorFlow's warp in the worker, on uint8, and NumPy's for the page, on 0..1."""
    labels = np.arange(len(digits), dtype=np.uint8) % 10
    config = TrainConfig((Flatten(), Dense(10, "softmax")), optimizer="SGD", augmentation=ALL)
    data = Dataset(digits, labels, digits, labels)
    batches = steps.Steps(models.build(config.layers), None, config, data, devices.strategy())
    maps = augmentation.matrices(ALL, len(digits), np.random.default_rng(2))
    order = np.arange(len(digits), dtype=np.int32)[::-1]
    x, y = batches._batch(tf.constant(order), tf.constant(maps))
    assert x.numpy()[..., 0] == pytest.approx(augmentation.warp(digits[::-1] / np.float32(255), maps), abs=1e-4)
    assert y.numpy().tolist() == labels[::-1].tolist()


def test_every_change_stays_within_its_range():
    """A matrix taken apart again: turned by R, then sheared, then scaled about the moved centre."""
    rows = augmentation.matrices(ALL, 4000, np.random.default_rng(3)).astype(float).reshape(-1, 2, 3)
    linear, offset = rows[..., :2], rows[..., 2]
    angle = np.arctan2(linear[:, 1, 0], linear[:, 0, 0])
    cos, sin = np.cos(angle), np.sin(angle)
    back = np.moveaxis(np.array([[cos, sin], [-sin, cos]]), 2, 0)  # undoes R
    (zoom_x, sheared), (nothing, zoom_y) = np.moveaxis(back @ linear, 0, 2)
    assert nothing == pytest.approx(0, abs=1e-5)
    # where the centre of the picture goes to, less the centre
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


@pytest.mark.parametrize("name", ["rotation", "shear", "scale", "shift"])
def test_each_setting_changes_the_digits(digits, name):
    settings = replace(augmentation.NONE, **{name: getattr(ALL, name)})
    maps = augmentation.matrices(settings, len(digits), np.random.default_rng(0))
    changed = augmentation.warp(np.float32(digits), maps)
    assert (np.abs(changed - digits).max((1, 2)) > 0).all()
    assert changed.dtype == np.float32


def test_the_same_seed_draws_the_same():
    one, same, other = (augmentation.matrices(ALL, 5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.isclose(one, other).all(1).any()
