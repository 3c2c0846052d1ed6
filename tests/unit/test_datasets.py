import hashlib

import numpy as np
import pytest

from core.data import datasets
from tests import colours
from tests.file_bytes import as_idx, header, npz

# The MD5 sums of the four files that LeCun, Cortes and Burges published, unpacked.
PUBLISHED = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_mnist_is_the_published_one(name):
    array = getattr(datasets.mnist(), name)
    assert array.dtype == np.uint8
    assert hashlib.md5(as_idx(array)).hexdigest() == PUBLISHED[name]


# -- CIFAR-10


@pytest.fixture
def small(monkeypatch, tmp_path):
    """CIFAR-10 is 400 and 100 made images, in a file."""
    data = colours.dataset()
    colours.install(monkeypatch, tmp_path, data)
    return data


def test_cifar10_is_read_from_the_data_folder(small):
    found = datasets.cifar10()
    for name, array in colours.arrays(small).items():
        assert np.array_equal(getattr(found, name), array)
        assert getattr(found, name).dtype == np.uint8
    assert datasets.cifar10() is found


def test_labels_in_a_column_are_kerass(small, tmp_path):
    columns = {**colours.arrays(small), "y_train": small.y_train[:, None].astype(np.int64)}
    np.savez(tmp_path / "cifar10.npz", **columns)
    assert np.array_equal(datasets.cifar10().y_train, small.y_train)


def test_its_ten_classes_have_names():
    """In the order of the data set's own batches.meta."""
    names = "airplane automobile bird cat deer dog frog horse ship truck"
    assert datasets.KINDS["cifar10"].classes == tuple(names.split())


def test_without_a_file_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    with pytest.raises(datasets.NoData, match="not on this computer yet: put cifar10") as refused:
        datasets.cifar10()
    assert str(tmp_path) in str(refused.value)
    assert not datasets.has_cifar10()


CIFAR_FAULTS = {
    "an array is missing": ({"y_test": None}, "has no array y_test; it has x_train, y_train, x_test"),
    "too few pictures": (
        {"x_train": lambda x: x[:50]},
        "x_train as uint8 [50, 32, 32, 3]; expected is uint8 [400, 32, 32, 3]",
    ),
    "channels first": (
        {"x_test": lambda x: x.transpose(0, 3, 1, 2)},
        "x_test as uint8 [100, 3, 32, 32]; expected is uint8 [100, 32, 32, 3]",
    ),
    "floats": ({"x_test": lambda x: x / 255}, "x_test as float64 [100, 32, 32, 3]; expected is uint8"),
    "one label short": ({"y_train": lambda y: y[1:]}, "y_train as uint8 [399]; expected is uint8 [400]"),
    "an eleventh class": ({"y_test": lambda y: y + 1}, "labels from 1 to 10 in y_test; expected are 0 to 9"),
}


@pytest.mark.parametrize("fault", CIFAR_FAULTS)
def test_a_wrong_file_is_refused_with_what_was_found(small, tmp_path, fault):
    changes, sentence = CIFAR_FAULTS[fault]
    arrays = colours.arrays(small)
    for name, change in changes.items():
        array = arrays.pop(name)
        if change:
            arrays[name] = change(array)
    np.savez(tmp_path / "cifar10.npz", **arrays)
    with pytest.raises(datasets.NoData) as refused:
        datasets.cifar10()
    assert sentence in str(refused.value)


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty", "pickle"])
def test_a_damaged_file_is_refused(small, tmp_path, damage):
    path = tmp_path / "cifar10.npz"
    whole = path.read_bytes()
    broken = bytearray(whole)
    broken[len(whole) // 2] ^= 255
    if damage == "pickle":
        np.savez(path, **{**colours.arrays(small), "x_train": np.array([{"a": 1}], object)})
    else:
        parts = {"cut": whole[: len(whole) // 2], "flipped": broken, "text": b"x_train", "empty": b""}
        path.write_bytes(parts[damage])
    with pytest.raises(datasets.NoData, match="cannot be read") as refused:
        datasets.cifar10()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("shape", ["(9999999999999,)", "(400, 32, 32, 3)"])
def test_an_array_is_not_read_before_its_header_is_right(small, tmp_path, shape):
    """Nine terabytes, and a header without the numbers."""
    more = {name: array for name, array in colours.arrays(small).items() if name != "x_train"}
    (tmp_path / "cifar10.npz").write_bytes(npz(header(shape=shape), **more))
    with pytest.raises(datasets.NoData, match="x_train") as refused:
        datasets.cifar10()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "of_digits", "one", "what"),
    [
        ("mnist", True, "digit", "digit"),
        ("hand or none", True, "digit", "digit"),
        ("cifar10", False, "picture", "class"),
    ],
)
def test_a_kind_says_what_its_pictures_are(name, of_digits, one, what):
    kind = datasets.KINDS[name]
    assert (kind.of_digits, kind.singular, kind.label_noun) == (of_digits, one, what)
