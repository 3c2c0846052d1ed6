"""When drawings are nearly equal."""

import io

import numpy as np
import pytest
from PIL import Image

from core.data import datasets, near_duplicates
from core.ink import files
from core.ink.preprocessing import from_strokes
from core.records import Drawing
from core.storage import drawings
from tests import shapes

DIGITS = datasets.mnist().x_test


def is_near(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(near_duplicates.near(one[None], other[None])[0, 0])


def test_it_is_what_is_said_of_it():
    """|a - b| against the shorter of |a| and |b|, computed one by one; few pairs and many take other ways."""
    chance = np.random.default_rng(0)
    some = DIGITS[:40]
    changed = (some + chance.integers(-90, 90, some.shape) * (chance.random(some.shape) < 0.06)).clip(0, 255)
    for others in (np.concatenate([changed.astype(np.uint8), DIGITS[40:60]]), some[:3] // 8 * 8):
        a, b = some.reshape(-1, 784).astype(float), others.reshape(-1, 784).astype(float)
        distance = np.linalg.norm(a[:, None] - b, axis=2)
        shorter = np.minimum.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
        expected = distance <= near_duplicates.TOLERANCE * shorter
        assert 0 < expected.sum() < expected.size
        assert np.array_equal(near_duplicates.near(some, others), expected)
        assert np.array_equal(near_duplicates.near_any(some, others), expected.any(1))


def test_what_is_coarse_of_them_rules_out_none_that_is_nearly_equal():
    """Of digits, blots and lines, each beside what is changed a little, up to where it is another drawing."""
    chance = np.random.default_rng(0)
    blots = np.full((60, 28, 28), 255, np.uint8) * (
        chance.random((60, 1, 1)) ** 3 > chance.random((60, 28, 28))
    )
    some = np.concatenate([DIGITS[:150], blots, np.zeros((1, 28, 28), np.uint8)])
    noise = chance.normal(0, 1, some.shape) * chance.uniform(0, 60, (len(some), 1, 1))
    changed = np.clip(some + noise, 0, 255).astype(np.uint8)
    keys, near = near_duplicates.coarse(changed), near_duplicates.near(some, changed)
    assert 0 < near.any(1).sum() < len(some)
    for one, those in zip(near_duplicates.coarse(some), near, strict=True):
        low, high = near_duplicates.lengths(one[None])
        in_range = np.array([low <= key.tobytes() < high for key in keys])
        possible = in_range & near_duplicates.may_be_near(keys, one[None])
        assert not (those & ~possible).any()
    together = near_duplicates.may_be_near(keys, near_duplicates.coarse(some))
    assert not (near.any(0) & ~together).any()


def test_of_a_persons_digits_hardly_any_have_to_be_looked_at():
    keys = near_duplicates.coarse(DIGITS)
    found = [near_duplicates.may_be_near(keys, keys[n : n + 1]).sum() for n in range(100)]
    assert max(found) < 100
    assert np.mean(found) < 10


def test_no_two_digits_of_different_people_are_nearly_equal():
    near = near_duplicates.near(DIGITS[:1000], DIGITS[:4000])
    assert np.array_equal(np.argwhere(near), np.repeat(np.arange(1000), 2).reshape(-1, 2))


@pytest.mark.parametrize("digit", range(10))
def test_a_drawing_that_is_saved_and_brought_back_is_nearly_equal(digit):
    ink = Drawing(tuple(shapes.strokes(digit)), (18.0,) * len(shapes.DIGITS[digit]), 328.0)
    drawn = drawings.as_bytes(from_strokes(ink.strokes).pixels)
    picture, jpeg = files.write_image(ink, 656), io.BytesIO()
    Image.open(io.BytesIO(picture)).save(jpeg, "JPEG", quality=60)
    for data in (files.write_drawing(ink), picture, jpeg.getvalue()):
        assert is_near(drawn, drawings.as_bytes(files.read(data).pixels))


def test_empty_and_none():
    empty = np.zeros((1, 28, 28), np.uint8)
    assert near_duplicates.near(empty, empty).all()
    assert not near_duplicates.near(empty, DIGITS[:1]).any()
    assert near_duplicates.near_any(DIGITS[:2], DIGITS[:0]).tolist() == [False, False]
    assert near_duplicates.near_any(DIGITS[:0], DIGITS[:2]).tolist() == []


def test_of_no_drawings_none_are_nearly_equal():
    """As where a file brings none that is new, and none is kept."""
    none = np.zeros((0, 28, 28), np.uint8)
    assert near_duplicates.near(none, none).shape == (0, 0)
    assert near_duplicates.near(none, DIGITS[:3]).shape == (0, 3)
