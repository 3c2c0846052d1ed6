"""Labelled pictures by name: what the Data and Mistakes pages can show. A new set is one entry."""

from collections.abc import Callable

from core import datasets
from core.records import Labelled

DIGITS = tuple("0123456789")
TEST = "MNIST, test digits"


class NotThere(Exception):
    """This set cannot be shown now; the text is one sentence that says why and what to do."""


# Each returns the set as it is now, or raises NotThere.
SETS: dict[str, Callable[[], Labelled]] = {
    "MNIST, training digits": lambda: Labelled(datasets.mnist().x_train, datasets.mnist().y_train, DIGITS),
    TEST: lambda: Labelled(datasets.mnist().x_test, datasets.mnist().y_test, DIGITS),
}

# Those that no network here has learnt from, so that its mistakes on them count.
MEASURED = (TEST,)
