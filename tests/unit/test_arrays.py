import contextlib
import io
from pathlib import Path

import numpy as np
import pytest

from core.io import arrays
from tests.file_bytes import header, npz


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
    with pytest.raises(arrays.BadArrays, match="objects does not begin as an array of plain numbers"):
        arrays.unpack(file.getvalue())
    assert not (tmp_path / "made").exists()
    with np.load(io.BytesIO(file.getvalue()), allow_pickle=True) as loaded:
        assert loaded["objects"].shape == (1,)
    assert (tmp_path / "made").exists()  # so it was no empty threat


CONFUSING = {
    "nine terabytes": (header(shape="(9999999999999,)"), "x_train is not as long as uint8"),
    "no bytes at all": (b"", "x_train does not begin"),
    "open brackets": (header(more=", 'x': " + "[" * 5000), "x_train does not begin"),
    "no Python": (b"(" * 3000, "x_train does not begin"),
    "objects": (header("'|O'"), "x_train does not begin"),
    "a structure": (header("[('a', '<f4')]"), "x_train does not begin"),
    "void": (header("'|V9'"), "x_train does not begin"),
    "a side below nothing": (header(shape="(-3,)"), "x_train does not begin"),
    "sides that overflow": (header(shape=f"({2**62}, {2**62})"), "x_train is not as long as uint8"),
    "true for a side": (header(shape="(True,)"), "x_train does not begin"),
    "an unknown type": (header("'<x7'"), "x_train does not begin"),
    "a list for a type": (header("[[]]"), "x_train does not begin"),
    "fewer numbers than it says": (header(shape="(4,)"), "x_train is not as long as uint8 [4]"),
}


@pytest.mark.parametrize("name", CONFUSING)
def test_headers_that_confuse_get_half_a_sentence(name):
    start, sentence = CONFUSING[name]
    with pytest.raises(arrays.BadArrays) as refused:
        arrays.unpack(npz(start, b"123"))
    assert str(refused.value).startswith(sentence)


def test_a_sound_header_is_read():
    read = arrays.unpack(npz(header(), b"123", b=np.arange(6.0).reshape(2, 3, order="F")))
    assert read["x_train"].tolist() == [49, 50, 51]
    assert read["b"].tolist() == [[0, 2, 4], [1, 3, 5]]


@pytest.mark.parametrize("at", [0, 20, 60, -60, -30, -10])
def test_archives_that_confuse_get_half_a_sentence(at):
    whole = bytearray(npz(header(), b"123"))
    whole[at] ^= 0xFF
    with contextlib.suppress(arrays.BadArrays):
        arrays.unpack(bytes(whole))


def test_the_file_itself_is_no_archive():
    for data in (b"", b"PK", b"x_train"):
        with pytest.raises(arrays.BadArrays, match="damaged or incomplete"):
            arrays.unpack(data)


def test_what_unpacks_to_more_than_it_has_is_refused():
    file = io.BytesIO()
    np.savez_compressed(file, x=np.zeros(10_000_000, np.uint8))
    with pytest.raises(arrays.BadArrays, match="unpacks to 10,000,128 bytes"):
        arrays.unpack(file.getvalue())
