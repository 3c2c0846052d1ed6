"""What a network says of many images, in portions and all at once."""

import numpy as np
import pytest

from core.data import datasets
from core.models import networks, prediction_cache
from core.models.classifiers import Classifier
from core.records import DigitImage
from tests import memory


@pytest.fixture
def unread() -> Classifier:
    """One that has read nothing yet."""
    return Classifier(networks.shipped())


def test_in_portions_it_is_what_one_by_one_gives(unread):
    pictures = datasets.mnist().x_test[:600]
    first, _ = prediction_cache.predict(unread, pictures, seconds=0)
    assert 0 < (first != prediction_cache.NOT_YET).sum() < len(pictures)
    again, _ = prediction_cache.predict(unread, pictures, seconds=0)
    assert (again != prediction_cache.NOT_YET).sum() > (first != prediction_cache.NOT_YET).sum()
    said, sure = prediction_cache.predict(unread, pictures)
    assert (said.dtype, sure.dtype) == (np.int8, np.float32)
    for at in (0, 255, 256, 599):
        prediction = unread.predict(DigitImage(np.float32(pictures[at]) / 255))
        assert said[at] == (prediction_cache.NONE if prediction.digit is None else prediction.digit)
        assert sure[at] == pytest.approx(prediction.probabilities.max(), abs=1e-5)


def test_what_is_no_digit_is_none(unread):
    empty = np.zeros((1, 28, 28), np.uint8)
    empty[0, 14, 14] = 255
    assert prediction_cache.predict(unread, empty)[0].tolist() == [prediction_cache.NONE]


def test_faint_ink_is_read(unread):
    """As a file of drawings may hold it: a stroke, a dot and a filled square, none darker than a quarter."""
    faint = np.zeros((3, 28, 28), np.uint8)
    faint[0, 5:22, 13:15] = faint[1, 14:16, 14:16] = faint[2, 4:24, 4:24] = 60
    assert prediction_cache.predict(unread, faint)[0].tolist() == [
        1,
        prediction_cache.NONE,
        prediction_cache.NONE,
    ]


def test_of_no_pictures_nothing_is_said(unread):
    said, sure = prediction_cache.predict(unread, np.zeros((0, 28, 28), np.uint8), seconds=0)
    assert (said.shape, sure.shape) == ((0,), (0,))


@pytest.mark.slow
def test_the_pictures_themselves_are_not_kept(unread):
    """A class draws thousands, and each network that reads on its phones reads them all."""
    pictures = datasets.mnist().x_test[: 5 * 512].reshape(5, 512, 28, 28)
    prediction_cache.predict(unread, pictures[0, :1])
    kept, _ = memory.least((lambda some=some: prediction_cache.predict(unread, some)) for some in pictures)
    assert kept / 512 < 400
