"""What a network says of many pictures, in portions and all at once."""

import numpy as np
import pytest

from core import datasets, networks, readings
from core.recognizer import Recognizer
from core.records import DigitImage


@pytest.fixture
def unread() -> Recognizer:
    """One that has read nothing yet."""
    return Recognizer(networks.shipped())


def test_in_portions_it_is_what_one_by_one_gives(unread):
    pictures = datasets.mnist().x_test[:600]
    first, _ = readings.read(unread, pictures, seconds=0)
    assert 0 < (first != readings.NOT_YET).sum() < len(pictures)
    again, _ = readings.read(unread, pictures, seconds=0)
    assert (again != readings.NOT_YET).sum() > (first != readings.NOT_YET).sum()
    said, sure = readings.read(unread, pictures)
    assert (said.dtype, sure.dtype) == (np.int8, np.float32)
    for at in (0, 255, 256, 599):
        prediction = unread.predict(DigitImage(np.float32(pictures[at]) / 255))
        assert said[at] == (readings.NONE if prediction.digit is None else prediction.digit)
        assert sure[at] == pytest.approx(prediction.probabilities.max(), abs=1e-5)


def test_what_is_no_digit_is_none(unread):
    dot = np.zeros((1, 28, 28), np.uint8)
    dot[0, 11:17, 11:17] = 255
    assert readings.read(unread, dot)[0].tolist() == [readings.NONE]


def test_of_no_pictures_nothing_is_said(unread):
    said, sure = readings.read(unread, np.zeros((0, 28, 28), np.uint8), seconds=0)
    assert (said.shape, sure.shape) == ((0,), (0,))
