"""A network that has seen a few digits, and what it is taught."""

import numpy as np
import pytest

from core.data import datasets
from core.records import DrawingArrays
from core.training import configs, finetuning, weak_start
from core.training.weak_start import SIZES, Amount


def hand(count: int) -> DrawingArrays:
    """One in five is held out; the latest first."""
    ids = np.arange(count, 0, -1)
    x = np.random.default_rng(0).integers(0, 255, (count, 28, 28)).astype(np.uint8)
    return DrawingArrays(ids, x, (ids % 10).astype(np.uint8), ids % 5 == 0)


@pytest.mark.parametrize("size", SIZES)
def test_both_trainings_can_be_trained_and_learn_the_same_digits(size):
    before = weak_start.base(size)
    after = weak_start.taught(size, 7, "me", Amount(20, 99))
    assert configs.check(before) == configs.check(after) == ""
    assert configs.divide(before)[0] == size
    images = 60_000 - weak_start.VALIDATION
    one, other = (configs.training_indices(config, images) for config in (before, after))
    np.testing.assert_array_equal(one, other)
    assert len(one) == size


def test_of_the_drawings_only_those_are_learnt_that_are_not_held_back():
    found = weak_start.amounts(hand(50))
    assert [amount.drawings for amount in found] == [10, 20, 40]
    assert [amount.until for amount in found] == [12, 24, 49]
    assert weak_start.amounts(hand(1)) == [Amount(1, 1)]
    assert weak_start.amounts(hand(0)) == []


def test_the_digits_that_it_learns_beside_the_drawings_are_none_but_those_that_it_has_seen():
    config = weak_start.taught(100, 7, "me", Amount(40, 49))
    data = finetuning.dataset(hand(50), config)
    added = len(data.x_train) - 60_000
    assert 40 <= added <= 60
    np.testing.assert_array_equal(data.x_train[added:], datasets.mnist().x_train)
