"""The data sets: their kinds, with sizes and classes, and their arrays."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core import paths
from core.data import orientation, set_files
from core.data.set_files import NoData
from core.io import arrays
from core.nn import architectures
from core.nn.architectures import Shape
from core.paths import ASSETS
from core.records import Dataset, Network

CIFAR10_FILE = "cifar10.npz"  # in the data folder

_DIGITS = tuple(map(str, range(10)))


@dataclass(frozen=True)
class Kind:
    """The properties of a data set, known without loading it.

    title: its usual name. shape: of one image. noun: what one image shows, in the plural.
    train, test: how many images it has to learn from, a fraction of which can be held out, and to test with.
    classes: what each output of a network stands for, in order.
    tested_on: the key of KINDS whose test images a network for it is measured on.
    files: the words in the names of its files, where people put these into the data folder; () for others.
    is_written: does it show characters, so that how they lie can be seen?
    drawn: what somebody draws for a network that has learnt from it, in a sentence.
    baseline: the test accuracy that a small network reaches. For CIFAR-10, one with two convolutions, measured
        here; for the others one with a hidden layer, as Cohen et al. (EMNIST, 2017) and Xiao et al.
        (Fashion-MNIST, 2017) have measured.
    """

    title: str
    shape: Shape
    noun: str
    train: int
    test: int
    classes: tuple[str, ...]
    tested_on: str
    files: tuple[str, ...] = ()
    is_written: bool = True
    drawn: str = "Draw a digit from 0 to 9."
    baseline: float = 0.95

    @property
    def of_digits(self) -> bool:
        """Are its classes the ten digits?"""
        return self.noun == "digits"

    @property
    def on_paper(self) -> bool:
        """Is it ink on paper, 28 x 28, as what is drawn becomes? If not, its images are in colour."""
        return self.shape == architectures.MNIST_SHAPE

    @property
    def names(self) -> tuple[str, ...]:
        """The classes that share out 100%: all but the reject class, 'not a digit'."""
        return self.classes[:-1] if self.classes[-1] == NOT_A_DIGIT else self.classes

    @property
    def singular(self) -> str:
        """What one of its images shows: 'digit' or 'image'."""
        return self.noun[:-1]

    @property
    def label_noun(self) -> str:
        """What a label names: a 'digit', a 'letter' or a 'class'."""
        return self.singular if self.on_paper and self.is_written else "class"


NOT_A_DIGIT = "not a digit"
OR_NONE = (*_DIGITS, NOT_A_DIGIT)
_CAPITALS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CLOTHES = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def _mnist(title: str, classes: tuple[str, ...]) -> Kind:
    return Kind(title, architectures.MNIST_SHAPE, "digits", 60_000, 10_000, classes, "mnist")


def _in_files(
    name: str, title: str, noun: str, sizes: tuple[int, int], classes: tuple[str, ...], **more: Any
) -> Kind:
    """A data set that people put into the data folder; its files have the parts of its name in theirs."""
    shape, words = architectures.MNIST_SHAPE, tuple(name.removesuffix("-mnist").split("-"))
    return Kind(title, shape, noun, *sizes, classes, name, words, **more)


# TrainConfig.data and Network.data -> what is known of it. 'digit-lab' is what
# `training_sets` makes of MNIST; 'hand' and 'hand or none', the names under which runs are stored, what
# `finetuning` makes of it and somebody's drawings, without and with a reject class.
KINDS = {
    "mnist": _mnist("MNIST", _DIGITS),
    "digit-lab": _mnist("MNIST and drawings", OR_NONE),
    "hand": _mnist("MNIST and a hand", _DIGITS),
    "hand or none": _mnist("MNIST and a hand", OR_NONE),
    "cifar10": Kind(
        "CIFAR-10",
        (32, 32, 3),
        "pictures",
        50_000,
        10_000,
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        "cifar10",
        is_written=False,
        baseline=0.6,
    ),
    "fashion-mnist": _in_files(
        "fashion-mnist",
        "Fashion-MNIST",
        "pictures",
        (60_000, 10_000),
        _CLOTHES,
        is_written=False,
        drawn="Draw a piece of clothing, filled in: it has learnt from photographs.",
        baseline=0.85,
    ),
    "emnist-digits": _in_files("emnist-digits", "EMNIST digits", "digits", (240_000, 40_000), _DIGITS),
    "emnist-letters": _in_files(
        "emnist-letters",
        "EMNIST letters",
        "letters",
        (124_800, 20_800),
        _CAPITALS,
        drawn="Draw a letter from A to Z, large or small.",
        baseline=0.85,
    ),
    "emnist-balanced": _in_files(
        "emnist-balanced",
        "EMNIST balanced",
        "characters",
        (112_800, 18_800),
        (*_DIGITS, *_CAPITALS, *"abdefghnqrt"),
        drawn="Draw a digit or a letter.",
        baseline=0.78,
    ),
}
IN_FILES = tuple(name for name, kind in KINDS.items() if kind.files)  # those that people put into the folder


def shape_of(network: Network) -> Shape:
    """Return the shape of the images that a network reads: height, width, channels."""
    return KINDS[network.data].shape


@cache
def mnist() -> Dataset:
    """Return MNIST: uint8 [60000, 28, 28] and [10000, 28, 28], 0 = paper, 255 = ink, original order."""
    with np.load(ASSETS / "mnist.npz", allow_pickle=False) as arrays:
        return _shared({name: arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")})


def _shared(found: dict[str, np.ndarray]) -> Dataset:
    """All who load it get the same arrays, so nobody may write into them."""
    for array in found.values():
        array.setflags(write=False)
    return Dataset(**found)


def cifar10() -> Dataset:
    """Return CIFAR-10: uint8 [50000, 32, 32, 3] and [10000, 32, 32, 3], red, green and blue, 0..255.

    From `CIFAR10_FILE` in the data folder, where `worker.run_data` also puts what Keras downloads.
    Raises NoData. (Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.)
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


def absent(data: str = "cifar10") -> str:
    """Return one sentence for where a data set, a key of KINDS, would be used and is not there."""
    kind = KINDS[data]
    if kind.files:
        return (
            f"{kind.title} is not on this computer yet: put its files ({set_files.ACCEPTED}) into "
            f"{paths.folder() / data}."
        )
    return (
        f"CIFAR-10 is not on this computer yet: put {CIFAR10_FILE} into {cifar10_path().parent}, or train on "
        "it with internet once, which downloads it (170 MB)."
    )


def has_cifar10() -> bool:
    """Is there a file that `cifar10` would read? Whether it is sound is seen when it is read."""
    return cifar10_path().is_file()


def has(data: str) -> bool:
    """Are there files of this data set, a key of KINDS? Whether they are sound is seen when they are read."""
    kind = KINDS[data]
    if kind.files:
        return set_files.find(paths.folder(), kind.files) is not None
    return data != "cifar10" or has_cifar10()


def more() -> str:
    """Return one sentence that says where data sets belong that somebody has as files."""
    return (
        f"Fashion-MNIST and EMNIST (digits, letters, balanced) appear here once their files, "
        f"{set_files.ACCEPTED}, lie in {paths.folder()}, in folders such as {IN_FILES[0]}."
    )


def load(data: str) -> Dataset:
    """Return the images that networks of this kind are tested with, and the published ones to learn from.

    data: a key of KINDS. Raises NoData.
    """
    return _LOADERS.get(data, mnist)()


def test_sample(data: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return so many test images and their labels, uint8 [count, ...] and [count], the same each time.

    The first ones, or by chance those of a set in files, which may lie in these class by class.
    data: a key of KINDS. Raises NoData.
    """
    found = load(data)
    if not KINDS[data].files:
        return found.x_test[:count], found.y_test[:count]
    chosen = np.random.default_rng(0).permutation(len(found.y_test))[:count]
    return found.x_test[chosen], found.y_test[chosen]


def kind(data: str) -> Kind:
    """Return what is known of a data set, a key of KINDS; of one in files, as many images as are in these."""
    known = KINDS[data]
    files = set_files.find(paths.folder(), known.files) if known.files else None
    if files is None:
        return known
    try:
        train, test = _counts(files)
    except NoData:  # whoever reads it is told
        return known
    return replace(known, train=train, test=test)


def version(data: str) -> str:
    """Return a text that changes with the files of a data set, a key of KINDS; '' of MNIST. Raises NoData."""
    if KINDS[data].files:
        return str(_files(data).version)
    if data != "cifar10":
        return ""
    try:
        facts = cifar10_path().stat()
    except OSError:
        raise NoData(absent()) from None
    return f"{facts.st_mtime_ns} {facts.st_size}"


def digest(images: np.ndarray) -> str:
    """Return what these images, uint8 [n, ...], and in this order only these, have in common.

    Unlike `version` it is the same on every computer that has them.
    """
    return hashlib.sha256(images.tobytes()).hexdigest()


def remark(data: str) -> str:
    """Return one sentence on what had to be put right in a data set's files; '' for nothing. Raises NoData."""
    return _in_order(data, _files(data))[1] if KINDS[data].files else ""


def _files(data: str) -> set_files.Files:
    found = set_files.find(paths.folder(), KINDS[data].files)
    if found is None:
        raise NoData(absent(data))
    return found


@lru_cache(8)
def _counts(files: set_files.Files) -> tuple[int, int]:
    return set_files.counts(files)


@lru_cache(2)
def _in_order(data: str, files: set_files.Files) -> tuple[Dataset, str]:
    """A data set in files, upright, light on dark and mixed, and what had to be done for that."""
    known = KINDS[data]
    found, said = set_files.read(files, len(known.classes)), []
    if _is_by_class(found.y_train):  # the last of them, which are held out, would be of few classes
        order = np.random.default_rng(0).permutation(len(found.y_train))
        found = replace(found, x_train=found.x_train[order], y_train=found.y_train[order])
        said.append("in the order of their classes")
    if orientation.is_dark_on_light(found.x_train):
        found = replace(found, x_train=255 - found.x_train, x_test=255 - found.x_test)
        said.append("dark on light")
    if known.is_written:
        lay = orientation.way(found.x_train, found.y_train, known.classes)
        if lay != "upright":
            right = orientation.WAYS[lay]
            train, test = (np.ascontiguousarray(right(x)) for x in (found.x_train, found.x_test))
            found = replace(found, x_train=train, x_test=test)
            said.append(lay + (", as EMNIST is published" if lay == "transposed" else ""))
    if not said:
        return found, ""
    return found, f"The {known.noun} in the files are {' and '.join(said)}: here they are put right."


def _is_by_class(labels: np.ndarray) -> bool:
    """Do they lie class by class, in whatever order these are? labels: uint8 [n]."""
    return int(np.count_nonzero(np.diff(labels))) < len(np.unique(labels)) < len(labels)


# A key of KINDS -> its images, where these are not MNIST's.
_LOADERS: dict[str, Callable[[], Dataset]] = {
    "cifar10": cifar10,
    **{name: lambda name=name: _in_order(name, _files(name))[0] for name in IN_FILES},  # type: ignore[misc]
}


@cache
def _cifar10(path: Path, *version: int) -> Dataset:
    try:
        with arrays.Archive(path) as archive:
            for field in fields(Dataset):  # all of them first: a part of 150 MB need not be read in vain
                _check(archive, field.name, path.name)
            return _shared({field.name: _array(archive, field.name, path.name) for field in fields(Dataset)})
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
