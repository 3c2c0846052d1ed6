"""Labelled pictures by name: what the Data and Mistakes pages can show. A new set is one entry."""

import hashlib
from collections.abc import Callable

import numpy as np

from core.data import datasets
from core.records import Labelled
from core.storage import drawings
from core.storage.store import open_store

DIGITS, THINGS = (datasets.KINDS[data].classes for data in ("mnist", "cifar10"))
TEST, THINGS_TEST = "MNIST, test digits", "CIFAR-10, test pictures"
TRAINING, THINGS_TRAINING = "MNIST, training digits", "CIFAR-10, training pictures"
OWN, OWN_HELD_OUT = "Your drawings", "Held-back drawings"


class NotThere(Exception):
    """This set cannot be shown now; the text is one sentence that says why and what to do."""


def _mnist(part: str) -> Labelled:
    data = datasets.mnist()
    return Labelled(getattr(data, f"x_{part}"), getattr(data, f"y_{part}"), DIGITS)


def _cifar10(part: str) -> Labelled:
    try:
        data, file = datasets.cifar10(), datasets.cifar10_path().stat()
    except (datasets.NoData, OSError) as error:
        raise NotThere(str(error)) from None
    version = f"{file.st_mtime_ns} {file.st_size}"
    return Labelled(getattr(data, f"x_{part}"), getattr(data, f"y_{part}"), THINGS, version)


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
    TRAINING: lambda visitor: _mnist("train"),
    TEST: lambda visitor: _mnist("test"),
    THINGS_TRAINING: lambda visitor: _cifar10("train"),
    THINGS_TEST: lambda visitor: _cifar10("test"),
    OWN: lambda visitor: _own(visitor, np.ones_like),
    OWN_HELD_OUT: lambda visitor: _own(visitor, lambda held_out: held_out),
}

OF_COLOUR = ("CIFAR-10, training pictures", THINGS_TEST)  # of SETS; the others show digits

# What a kind of network is measured on; the first is what each training measures it on at its end.
MEASURED = {
    "digits": (TEST, TRAINING, OWN, OWN_HELD_OUT),
    "pictures": (THINGS_TEST, THINGS_TRAINING),
}
