"""Labelled images by name: what the Data and Mistakes pages can show. A new set is one entry."""

import hashlib
from collections.abc import Callable

import numpy as np

from core.data import datasets
from core.records import Labelled
from core.storage import drawings
from core.storage.store import open_store

DIGITS = datasets.KINDS["mnist"].classes
TEST, THINGS_TEST = "MNIST, test digits", "CIFAR-10, test pictures"
TRAINING, THINGS_TRAINING = "MNIST, training digits", "CIFAR-10, training pictures"
OWN, OWN_HELD_OUT = "Your drawings", "Held-back drawings"


class NotThere(Exception):
    """This set cannot be shown now; the text is one sentence that says why and what to do."""


def _published(name: str, part: str) -> Labelled:
    """name: a key of KINDS. part: 'train' or 'test'."""
    try:
        data, version = datasets.load(name), datasets.version(name)
    except datasets.NoData as error:
        raise NotThere(str(error)) from None
    classes = datasets.KINDS[name].classes
    return Labelled(getattr(data, f"x_{part}"), getattr(data, f"y_{part}"), classes, version)


def _named(data: str) -> tuple[str, str]:
    """What the test and the training images of a data set are called: 'MNIST, test digits'."""
    kind = datasets.KINDS[data]
    return f"{kind.title}, test {kind.noun}", f"{kind.title}, training {kind.noun}"


def _own(visitor: str, which: Callable[[np.ndarray], np.ndarray]) -> Labelled:
    """which: bool [n], held out or not -> bool [n], wanted or not."""
    hand = drawings.load(open_store().of(visitor))
    wanted = which(hand.held_out)
    if not wanted.any():
        raise NotThere(
            "None of your drawings is here yet: draw a digit on the Draw page, then tap which one it was. One "
            "in five is held back."
        )
    x, y = hand.x[wanted], hand.y[wanted]
    return Labelled(x, y, DIGITS, hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()[:16])


# Each returns the set as it is now, or raises NotThere or StoreError; it is given the visitor's name.
SETS: dict[str, Callable[[str], Labelled]] = {
    **{
        name: lambda visitor, data=data, part=part: _published(data, part)  # type: ignore[misc]
        for data in ("mnist", "cifar10", *datasets.IN_FILES)
        for name, part in zip(reversed(_named(data)), ("train", "test"), strict=True)
    },
    OWN: lambda visitor: _own(visitor, np.ones_like),
    OWN_HELD_OUT: lambda visitor: _own(visitor, lambda held_out: held_out),
}

OF_COLOUR = ("CIFAR-10, training pictures", THINGS_TEST)  # of SETS; the others show digits

TRAINING_SETS = tuple(_named(data)[1] for data in ("mnist", "cifar10", *datasets.IN_FILES))


def is_offered(name: str) -> bool:
    """Is one of SETS to be offered? Those of data sets in files are where there are files."""
    return all(name not in _named(data) or datasets.has(data) for data in datasets.IN_FILES)


def remark(name: str) -> str:
    """Return one sentence on what was put right in the files of one of SETS; '' for nothing. Raises NoData."""
    return next((datasets.remark(data) for data in datasets.IN_FILES if name in _named(data)), "")


# `Kind.tested_on` -> what its networks are measured on; the first is what each training measures it on at its
# end.
MEASURED: dict[str, tuple[str, ...]] = {
    **{data: _named(data) for data in ("cifar10", *datasets.IN_FILES)},
    "mnist": (TEST, TRAINING, OWN, OWN_HELD_OUT),
    "emnist-digits": (*_named("emnist-digits"), TEST, OWN, OWN_HELD_OUT),
}
