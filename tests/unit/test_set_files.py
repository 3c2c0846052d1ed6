"""Fashion-MNIST and EMNIST as people put them into the data folder: every form, how they lie, what is wrong."""

import gzip

import numpy as np
import pytest

from core.__main__ import main
from core.analysis import breaking, evaluation_sets, works
from core.data import datasets, orientation
from core.data.datasets import NoData
from core.records import Dataset
from core.training import configs
from core.training.recipes import RECIPES
from tests import letters


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    return tmp_path


def clothes(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)
    images[:, [0, -1]] = images[:, :, [0, -1]] = 0
    return images, (np.arange(count) % 10).astype(np.uint8)


def in_parts(images, labels):
    test = np.arange(len(labels)) % 3 == 0
    return {
        "x_train": images[~test],
        "y_train": labels[~test],
        "x_test": images[test],
        "y_test": labels[test],
    }


def is_same(data, images, labels):
    return all(np.array_equal(getattr(data, name), array) for name, array in in_parts(images, labels).items())


def as_packed(home, images, labels):
    letters.put(home, "fashion-mnist", images, labels)


def as_unpacked_under_mnists_own_names(home, images, labels):
    letters.put(home, "fashion-mnist", images, labels, packed=False)
    for path in list((home / "fashion-mnist").iterdir()):
        name = path.name.removeprefix("fashion-mnist-").replace("test", "t10k")
        path.rename(path.with_name(name))


def as_npz(home, images, labels):
    letters.npz(home / "fashion-mnist.npz", images, labels)


def as_npz_of_fractions(home, images, labels):
    names = ("train_images", "train_labels", "test_images", "test_labels")
    shaped = (images / 255).astype(np.float32).reshape(len(images), 28, 28, 1)
    letters.npz(home / "fashion.npz", shaped, labels.astype(np.int64)[:, None], names)


def as_kaggles_csv(home, images, labels):
    (home / "fashion-mnist").mkdir()
    parts = in_parts(images, labels)
    for part in ("train", "test"):
        content = letters.csv(parts[f"x_{part}"], parts[f"y_{part}"], head=True)
        (home / "fashion-mnist" / f"fashion-mnist_{part}.csv").write_bytes(content)


@pytest.mark.parametrize(
    "put",
    [as_packed, as_unpacked_under_mnists_own_names, as_npz, as_npz_of_fractions, as_kaggles_csv],
)
def test_every_form_gives_the_same_images(put, home):
    images, labels = clothes()
    assert not datasets.has("fashion-mnist")
    put(home, images, labels)
    assert datasets.has("fashion-mnist")
    kind = datasets.kind("fashion-mnist")
    assert (kind.train, kind.test) == (40, 20)  # before anything is read
    data = datasets.load("fashion-mnist")
    assert is_same(data, images, labels)
    assert data.x_train.dtype == data.y_train.dtype == np.uint8
    assert datasets.load("fashion-mnist") is data
    assert datasets.remark("fashion-mnist") == ""
    assert datasets.KINDS["fashion-mnist"].names[9] == "ankle boot"


@pytest.mark.parametrize("data", ["emnist-digits", "emnist-letters", "emnist-balanced"])
@pytest.mark.parametrize("lies", orientation.WAYS)
def test_characters_are_put_upright_however_they_lie(data, lies, home):
    """What rights an image, undone: the inverse of each way, from NumPy."""
    undone = {"turned by 90 degrees": "turned by 270 degrees", "turned by 270 degrees": "turned by 90 degrees"}
    images, labels = letters.letters(data)
    letters.put(home, data, orientation.WAYS[undone.get(lies, lies)](images), labels)
    assert is_same(datasets.load(data), images, labels)
    assert (lies in datasets.remark(data)) == (lies != "upright")


def test_a_few_test_images_are_of_all_classes_though_the_file_lies_class_by_class(monkeypatch):
    """As EMNIST's letters do; of MNIST, whose order is mixed, they are the first, as they always were."""
    labels = np.repeat(np.arange(26), 100)
    images = np.zeros((2600, 28, 28), np.uint8) + labels[:, None, None].astype(np.uint8)
    data = Dataset(images, labels, images, labels)
    monkeypatch.setitem(datasets._LOADERS, "emnist-letters", lambda: data)
    for count in (64, 500):
        some, its = datasets.test_sample("emnist-letters", count)
        assert len(set(its.tolist())) > 20
        assert np.array_equal(some[:, 0, 0], its)
        assert np.array_equal(its, datasets.test_sample("emnist-letters", count)[1])
    assert breaking.held_images("emnist-letters", 64)[1].tolist() == its[:64].tolist()
    assert np.array_equal(datasets.test_sample("mnist", 9)[1], datasets.mnist().y_test[:9])


def test_what_is_held_out_of_a_file_that_lies_class_by_class_is_of_all_classes(home):
    """The last training images are: of such a file they would be one class, and nothing learnt of it."""
    images, labels = clothes(600)
    order = np.argsort(labels, kind="stable")[::-1]
    as_npz(home, images[order], labels[order])
    found = datasets.load("fashion-mnist")
    assert set(found.y_train[-60:].tolist()) == set(range(10))
    put_in = in_parts(images[order], labels[order])
    pairs = [
        sorted((x.tobytes(), int(y)) for x, y in zip(*some, strict=True))
        for some in ((found.x_train, found.y_train), (put_in["x_train"], put_in["y_train"]))
    ]
    assert pairs[0] == pairs[1]
    assert np.array_equal(found.x_test, put_in["x_test"])
    assert datasets.remark("fashion-mnist") == (
        "The pictures in the files are in the order of their classes: here they are put right."
    )


def test_a_transposed_emnist_is_said_and_letters_that_count_from_1_are_counted_from_0(home):
    images, labels = letters.letters()
    (home / "emnist").mkdir()
    parts = in_parts(images.transpose(0, 2, 1), labels + 1)
    for part in ("train", "test"):
        content = letters.csv(parts[f"x_{part}"], parts[f"y_{part}"], head=False)
        (home / "emnist" / f"emnist-letters-{part}.csv").write_bytes(content)
    assert is_same(datasets.load("emnist-letters"), images, labels)
    assert datasets.remark("emnist-letters") == (
        "The letters in the files are transposed, as EMNIST is published: here they are put right."
    )
    assert not datasets.has("emnist-balanced")
    name = "EMNIST letters, test letters"
    assert evaluation_sets.remark(name) == datasets.remark("emnist-letters")
    assert len(evaluation_sets.SETS[name]("").classes) == 26


def test_dark_on_light_becomes_light_on_dark(home):
    images, labels = clothes()
    letters.npz(home / "fashion-mnist.npz", 255 - images, labels)
    assert is_same(datasets.load("fashion-mnist"), images, labels)
    assert "dark on light" in datasets.remark("fashion-mnist")


def damaged(home, **arrays):
    images, labels = clothes()
    np.savez(home / "fashion-mnist.npz", **(in_parts(images, labels) | arrays))


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x_test": np.zeros((20, 32, 32), np.uint8)}, r"x_test is uint8 \[20, 32, 32\]; expected is uint8"),
        ({"y_train": np.zeros(3, np.uint8)}, "40 and 20 images, but 3 and 20 labels"),
        ({"y_train": np.full(40, 10, np.uint8)}, r"labels go from 0 to 10; expected are 0 to 9"),
        ({"x_train": np.full((40, 28, 28), np.nan)}, "numbers from nan to nan"),
        ({"x_train": np.array([{}] * 40)}, "does not begin as an array of plain numbers"),
    ],
)
def test_an_npz_that_is_something_else_is_said_in_one_sentence(arrays, said, home):
    damaged(home, **arrays)
    with pytest.raises(NoData, match=said):
        datasets.load("fashion-mnist")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[:-5], "holds only"),
        (lambda data: data + b"more", "holds more"),
        (lambda data: b"\x89PNG" + data[4:], "no idx file of bytes: it begins with 89 50 4e 47"),
        (lambda data: data[:4] + b"\xff\xff\xff\xff" + data[8:], r"says that it holds \[4294967295"),
        (lambda data: gzip.compress(data)[:-20], "cannot be read"),
    ],
)
def test_a_damaged_idx_file_is_said_in_one_sentence(change, said, home):
    images, labels = clothes()
    letters.put(home, "fashion-mnist", images, labels, packed=False)
    path = home / "fashion-mnist" / "fashion-mnist-train-images-idx3-ubyte"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(NoData, match=said):
        datasets.load("fashion-mnist")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"1,2,3\n", "has 3 columns; expected are 785"),
        (b"1," + b"0," * 783 + b"300\n", "numbers from 0 to 300"),
        (b"1," + b"0," * 783 + b"x\n", "cannot be read"),
    ],
)
def test_a_csv_of_another_kind_is_said_in_one_sentence(line, said, home):
    as_kaggles_csv(home, *clothes())
    (home / "fashion-mnist" / "fashion-mnist_train.csv").write_bytes(line)
    with pytest.raises(NoData, match=said):
        datasets.load("fashion-mnist")


def test_what_is_not_here_says_where_it_belongs(home, capsys):
    with pytest.raises(NoData, match=r"put its files \(idx .* into .*emnist-letters\.$"):
        datasets.load("emnist-letters")
    assert main(["data"]) == 0
    assert capsys.readouterr().out.count("is not on this computer yet") == len(datasets.IN_FILES)
    assert main(["train", "--recipe", "quick", "--data", "emnist-letters"]) == 1
    assert "put its files" in capsys.readouterr().err


def test_the_command_writes_what_it_has_put_right(home, capsys, tmp_path):
    images, labels = letters.letters()
    letters.put(home, "emnist-letters", images.transpose(0, 2, 1), labels)
    assert main(["data", "emnist-letters", "--out", str(tmp_path / "one.npz")]) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "emnist-letters: 104 letters to learn from, 52 to test with, 26 classes. The letters in"
    )
    with np.load(tmp_path / "one.npz") as file:
        assert is_same(type("Arrays", (), dict(file)), images, labels)


def test_another_data_set_changes_the_last_layer(home):
    config = configs.with_data(RECIPES["quick"].config, "emnist-balanced")
    assert (config.layers[-1].units, config.data) == (47, "emnist-balanced")
    assert configs.check(config) == ""
    assert configs.with_data(config, "mnist") == RECIPES["quick"].config


def test_what_is_kept_of_one_file_is_not_taken_for_that_of_another_in_its_place(home):
    versions = [works.version("emnist-digits")]
    for count in (6, 9):
        letters.put(home, "emnist-digits", *letters.letters("emnist-digits", count))
        versions.append(works.version("emnist-digits"))
    assert versions[0] == ""
    assert len(set(versions)) == 3
    assert not any("/" in version for version in versions)  # it is part of a file's name
