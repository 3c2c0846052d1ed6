import hashlib
import struct

import numpy as np
import pytest

from core import datasets

# The MD5 sums of the four files that LeCun, Cortes and Burges published, unpacked.
PUBLISHED = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}


def as_idx(array: np.ndarray) -> bytes:
    """The IDX format: two zeros, 8 for unsigned bytes, the number of axes, their lengths, the data."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.mark.parametrize("name", PUBLISHED)
def test_mnist_is_the_published_one(name):
    array = getattr(datasets.mnist(), name)
    assert array.dtype == np.uint8
    assert hashlib.md5(as_idx(array)).hexdigest() == PUBLISHED[name]
