"""The data sets: their kinds, with sizes and classes, and their arrays."""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np

from core import paths
from core.io import arrays
from core.nn import architectures
from core.nn.architectures import Shape
from core.records import Dataset, Network

ASSETS = Path(__file__).parents[2] / "assets"
CIFAR10_FILE = "cifar10.npz"  # in the data folder

_DIGITS = tuple(map(str, range(10)))


@dataclass(frozen=True)
class Kind:
    """The properties of a data set, known without loading it.

    title: its usual name. shape: of one picture. noun: what one picture shows, in the plural.
    train, test: how many pictures it has to learn from, a fraction of which can be held out, and to test with.
    classes: what each output of a network stands for, in order.
    """

    title: str
    shape: Shape
    noun: str
    train: int
    test: int
    classes: tuple[str, ...]

    @property
    def of_digits(self) -> bool:
        """Does it show digits, as ink on paper? If not, its pictures are of things, in colour."""
        return self.noun == "digits"

    @property
    def singular(self) -> str:
        """What one of its pictures shows: 'digit' or 'picture'."""
        return self.noun[:-1]

    @property
    def label_noun(self) -> str:
        """What a label names: a 'digit' or a 'class'."""
        return "digit" if self.of_digits else "class"


OR_NONE = (*_DIGITS, "not a digit")

# TrainConfig.data and Network.data -> what is known of it. 'digit-lab' is what
# `training_sets` makes of MNIST; 'hand' and 'hand or none', the names under which runs are stored, what
# `finetuning` makes of it and somebody's drawings, without and with a reject class.
KINDS = {
    "mnist": Kind("MNIST", architectures.MNIST_SHAPE, "digits", 60_000, 10_000, _DIGITS),
    "digit-lab": Kind("MNIST and drawings", architectures.MNIST_SHAPE, "digits", 60_000, 10_000, OR_NONE),
    "hand": Kind("MNIST and a hand", architectures.MNIST_SHAPE, "digits", 60_000, 10_000, _DIGITS),
    "hand or none": Kind("MNIST and a hand", architectures.MNIST_SHAPE, "digits", 60_000, 10_000, OR_NONE),
    "cifar10": Kind(
        "CIFAR-10",
        (32, 32, 3),
        "pictures",
        50_000,
        10_000,
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    ),
}


class NoData(ValueError):
    """A data set is not here, or its file cannot be used; the text is one sentence that says what to do."""


def shape_of(network: Network) -> Shape:
    """Return the shape of the pictures that a network reads: height, width, channels."""
    return KINDS[network.data].shape


@cache
def mnist() -> Dataset:
    """Return MNIST: uint8 [60000, 28, 28] and [10000, 28, 28], 0 = paper, 255 = ink, original order."""
    with np.load(ASSETS / "mnist.npz", allow_pickle=False) as arrays:
        return Dataset(**{name: arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")})


def cifar10() -> Dataset:
    """Return CIFAR-10: uint8 [50000, 32, 32, 3] and [10000, 32, 32, 3], red, green and blue, 0..255.

    From `CIFAR10_FILE` in the data folder, where `worker.tasks` also puts what Keras downloads. Raises NoData.
    (Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.)
    """
    path = cifar10_path()
    try:
        facts = path.stat()
    except OSError:
        raise NoData(absent()) from None
    return _cifar10(path, facts.st_mtime_ns, facts.st_size)


def cifar10_path() -> Path:
    """Return where CIFAR-10 is looked for."""
    return paths.folder() / CIFAR10_FILE


def absent() -> str:
    """Return one sentence for where CIFAR-10 would be used and is not there."""
    return (
        f"CIFAR-10 is not on this computer yet: put {CIFAR10_FILE} into {cifar10_path().parent}, or train on "
        "it with internet once, which downloads it (170 MB)."
    )


def has_cifar10() -> bool:
    """Is there a file that `cifar10` would read? Whether it is sound is seen when it is read."""
    return cifar10_path().is_file()


def load(data: str) -> Dataset:
    """Return the pictures that networks of this kind are tested with, and MNIST's or CIFAR-10's to learn from.

    data: a key of KINDS. Raises NoData.
    """
    return cifar10() if data == "cifar10" else mnist()


@cache
def _cifar10(path: Path, *version: int) -> Dataset:
    try:
        with arrays.Archive(path) as archive:
            for field in fields(Dataset):  # all of them first: a part of 150 MB need not be read in vain
                _check(archive, field.name, path.name)
            return Dataset(**{field.name: _array(archive, field.name, path.name) for field in fields(Dataset)})
    except NoData:
        raise
    except (OSError, arrays.BadArrays, MemoryError) as error:
        reason = str(error) or "there is too little memory"
        raise NoData(
            f"{path} cannot be read ({reason}): it may be incomplete or no .npz file. Expected are the arrays "
            "x_train, y_train, x_test and y_test of CIFAR-10."
        ) from None


def _expected(name: str) -> tuple[int, ...]:
    """Return the shape of one of the four arrays."""
    kind = KINDS["cifar10"]
    count = kind.train if name.endswith("train") else kind.test
    return (count, *kind.shape) if name.startswith("x") else (count,)


def _check(archive: arrays.Archive, name: str, file: str) -> None:
    """Raise NoData unless one of the four arrays is what it should be, by its header."""
    expected = _expected(name)
    if name not in archive.names:
        found = ", ".join(archive.names[:20]) or "nothing"
        raise NoData(f"{file} has no array {name}; it has {found[:200]}. Expected is uint8 {list(expected)}.")
    header = archive.header(name)
    pixels = name.startswith("x")
    whole = header.dtype == np.uint8 if pixels else header.dtype.kind in "iu"
    shapes = (expected,) if pixels else (expected, (*expected, 1))  # a column, as Keras gives them
    if header.shape not in shapes or not whole:
        raise NoData(
            f"{file} has {name} as {header.dtype} {list(header.shape)}; expected is uint8 {list(expected)}."
        )


def _array(archive: arrays.Archive, name: str, file: str) -> np.ndarray:
    """One of the four arrays, whose header has been checked."""
    array, classes = archive.array(name), len(KINDS["cifar10"].classes)
    if name.startswith("x"):
        return np.ascontiguousarray(array)
    array = array.reshape(-1)
    if not ((array >= 0) & (array < classes)).all():
        raise NoData(
            f"{file} has labels from {array.min()} to {array.max()} in {name}; expected are 0 to {classes - 1}."
        )
    return array.astype(np.uint8)
