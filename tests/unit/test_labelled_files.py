"""Labelled digits as data sets have them, brought to My digits: every form, and what is wrong with some."""

import gzip
import io
import itertools
import struct
import zipfile

import numpy as np
import pytest

from core.data import datasets, labelled_files, orientation
from core.ink.decoder import BadInput
from core.storage import exchange, exchange_bounds, exchange_zip

COUNT = 60


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    mnist = datasets.mnist()
    return mnist.x_test[:COUNT], mnist.y_test[:COUNT]


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def csv(images: np.ndarray, labels: np.ndarray, *, head: bool = True) -> bytes:
    first = "label," + ",".join(f"pixel{n}" for n in range(784)) + "\n"
    rows = (
        f"{label}," + ",".join(map(str, image.ravel())) for image, label in zip(images, labels, strict=True)
    )
    return (first * head + "\n".join(rows) + "\n").encode()


def npz(**arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def zipped(**contents: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return out.getvalue()


# How the images of a set come -> the bytes that somebody uploads.
FORMS = {
    "csv": csv,
    "csv without names": lambda x, y: csv(x, y, head=False),
    "csv.gz": lambda x, y: gzip.compress(csv(x, y)),
    "npz": lambda x, y: npz(x_train=x, y_train=y),
    "npz of fractions": lambda x, y: npz(images=(x / 255).astype(np.float32)[..., None], labels=y[:, None]),
    "idx, two files": lambda x, y: exchange.together([("labels", idx(y)), ("images", gzip.compress(idx(x)))]),
    "idx in a zip": lambda x, y: zipped(images=idx(x), labels=idx(y)),
    "csv in a zip": lambda x, y: zipped(train=csv(x, y)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_brings_the_same_digits(form, digits):
    images, labels = digits
    found = exchange.read(FORMS[form](images, labels), "me")
    assert (found.refused, found.already, found.remark) == ((), 0, "")
    assert [one.label for one in found.good] == labels.tolist()
    assert np.array_equal([one.pixels for one in found.good], images)


@pytest.mark.parametrize("form", ["csv", "npz"])
def test_what_lies_transposed_or_dark_is_put_right_and_said(form, digits):
    images, labels = digits
    lying = 255 - orientation.WAYS["transposed"](images)
    found = exchange.read(FORMS[form](lying, labels), "me")
    assert found.remark == "They were dark on light and transposed; that is put right."
    assert np.array_equal([one.pixels for one in found.good], images)


def test_a_test_part_is_held_out(digits):
    images, labels = digits
    data = npz(x_train=images[:40], y_train=labels[:40], x_test=images[40:], y_test=labels[40:])
    assert [one.held_out for one in exchange.read(data, "me").good] == [False] * 40 + [True] * 20
    pair = [("t10k-images-idx3-ubyte", idx(images)), ("t10k-labels-idx1-ubyte", idx(labels))]
    assert {one.held_out for one in exchange.read(exchange.together(pair), "me").good} == {True}


def test_parts_of_one_size_keep_their_own_labels_in_whatever_order_they_come(digits):
    images, labels = digits[0][:40], digits[1][:40]
    kinds = {"images-idx3-ubyte": images, "labels-idx1-ubyte": labels}
    halves = {"train": slice(20), "t10k": slice(20, 40)}
    files = {f"{part}-{kind}": idx(array[its]) for kind, array in kinds.items() for part, its in halves.items()}
    for order in itertools.permutations(files):
        found = exchange.read(zipped(**{name: files[name] for name in order}), "me")
        shown = {one.pixels.tobytes(): (one.label, one.held_out) for one in found.good}
        assert [shown[x.tobytes()] for x in images] == [
            *((y, False) for y in labels[:20]),
            *((y, True) for y in labels[20:]),
        ]


def test_what_is_no_digit_is_named_and_the_others_are_taken(digits):
    images, labels = digits[0].copy(), digits[1].astype(int)
    images[3], labels[5] = 0, 17
    found = exchange.read(csv(images, labels), "me")
    assert dict(found.refused) == {
        "image 4": "It is empty: it has no ink.",
        "image 6": "Its label is 17; accepted are the numbers 0 to 9.",
    }
    assert len(found.good) == COUNT - 2


def test_of_a_large_set_the_first_are_taken(digits, monkeypatch):
    monkeypatch.setattr(exchange_bounds, "MAX_TAKEN", 25)
    for form in FORMS.values():
        found = exchange.read(form(*digits), "me")
        assert len(found.good) == 25
        assert found.refused == (("all from image 26 on", exchange_bounds.TOO_MANY),)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda x, y: idx(x), "It holds images alone: bring the idx file of the images together with that"),
        (lambda x, y: gzip.compress(idx(y)), "It holds labels alone"),
        (lambda x, y: zipped(a=idx(x), b=idx(y[:-1])), "a holds 60 images, and none of the files has as many"),
        (lambda x, y: idx(x)[:-9], "The file says that it holds 47,040 bytes, but holds only 47,031"),
        (lambda x, y: npz(a=x), "The .npz file has no images with labels; it has a"),
        (lambda x, y: npz(x=x, y=y[:-1]), "x holds 60 images, but there are 59 labels"),
        (lambda x, y: npz(x=x[:, :20], y=y), r"x is uint8 \[60, 20, 28\]; expected is uint8"),
        (lambda x, y: npz(x=np.zeros((400, 784)), y=y), "x unpacks to more than 2 MB"),
        (lambda x, y: csv(x, y).replace(b",0,", b",999,", 1), "The file has numbers from 0 to 999"),
        (lambda x, y: csv(x, y)[: -4 * 784], "The file cannot be read"),
        (lambda x, y: gzip.compress(csv(x, y))[:-900], "The file cannot be read"),
        (
            lambda x, y: b"label,one,two\n1,2,3\n",
            "This is neither JSON nor a zip archive of pictures, nor an idx",
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(data, why, digits, monkeypatch):
    monkeypatch.setattr(labelled_files, "MAX_UNPACKED", 2_000_000)
    with pytest.raises(BadInput, match=why):
        exchange.read(data(*digits), "me")


def test_several_files_are_an_idx_pair_or_none(digits):
    one = idx(digits[0])
    for several in ([("a", one)] * 3, [("a", one), ("b", b"{}")]):
        with pytest.raises(BadInput, match="Bring one file at a time, or an idx file of images together with"):
            exchange.together(several)


def test_changed_bytes_never_raise_anything_else(digits):
    rng = np.random.default_rng(0)
    few = digits[0][:12], digits[1][:12]
    for form in FORMS.values():
        data = form(*few)
        for _ in range(12):
            changed = bytearray(data)
            for at in rng.integers(0, min(len(data), 4_000), 3):
                changed[at] = rng.integers(0, 256)
            try:
                found = exchange.read(bytes(changed), "me")
            except (BadInput, exchange_zip.Unclear):
                continue
            assert all(one.pixels.shape == (28, 28) and 0 <= one.label <= 9 for one in found.good)
