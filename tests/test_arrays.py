import io
from pathlib import Path

import numpy as np
import pytest

from core import arrays


def test_arrays_come_back_with_their_names_types_and_shapes():
    sent = {
        "conv2d_1/kernel": np.random.default_rng(0).random((4, 4, 1, 16), np.float32),
        "0": np.array(7, np.int64),  # one number
        "empty": np.zeros((0, 3), np.uint8),
    }
    received = arrays.unpack(arrays.pack(sent))
    assert list(received) == list(sent)
    for name, array in sent.items():
        assert received[name].dtype == array.dtype
        assert np.array_equal(received[name], array)


def test_nothing_is_packed_that_would_need_a_pickle():
    with pytest.raises(ValueError, match="allow_pickle"):
        arrays.pack({"objects": np.array([print], object)})


def test_nothing_is_unpickled(tmp_path):
    """An .npz file whose array of objects makes a file when it is unpickled."""

    class Code:
        def __reduce__(self):
            return Path.touch, (tmp_path / "made",)

    file = io.BytesIO()
    np.savez(file, allow_pickle=True, objects=np.array([Code()], object))
    with pytest.raises(ValueError, match="allow_pickle"):
        arrays.unpack(file.getvalue())
    assert not (tmp_path / "made").exists()
    with np.load(io.BytesIO(file.getvalue()), allow_pickle=True) as loaded:
        assert loaded["objects"].shape == (1,)
    assert (tmp_path / "made").exists()  # so it was no empty threat
