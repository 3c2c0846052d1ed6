"""Malformed files of every kind that people can bring, and what must hold for each: the answer or one sentence.

`python -m tests.fuzz 20000` (make fuzz) reads so many, in processes of their own, and reports tracebacks,
hangs and memory; the same number and seed make the same files. `test_fuzz.py` reads fewer with every test run.
"""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.data import datasets
from core.ink import files
from tests.fuzz.arrays import cifar, digits_set, pens, read_cifar, read_pens
from tests.fuzz.checks import Fault, check_sentence
from tests.fuzz.drawings import digits_zip, my_digits, read_digits, strokes
from tests.fuzz.images import picture, read_image
from tests.fuzz.mutation import Random
from tests.fuzz.networks import keras_network, keras_weights, read_keras

SECONDS, MEGABYTES = 2.0, 500


@dataclass(frozen=True)
class Kind:
    """make: chance -> a file. read: as the app reads it. weight: how many of a hundred files are of this kind.

    alone: it is read by a process of its own, whose time does not count against SECONDS.
    """

    make: Callable[[Random], bytes]
    read: Callable[[bytes], None]
    weight: float
    alone: bool = False


KINDS = {
    "picture": Kind(picture, read_image, 22),
    "strokes": Kind(strokes, read_image, 14),
    "my digits, JSON": Kind(my_digits, read_digits, 26),
    "my digits, zip": Kind(digits_zip, read_digits, 10),
    "my digits, sets": Kind(digits_set, read_digits, 4),
    "cifar10.npz": Kind(cifar, read_cifar, 8),
    "pens.npz": Kind(pens, read_pens, 4),
    "keras, layers": Kind(keras_network, read_keras, 11.8),
    "keras, weights": Kind(keras_weights, read_keras, 0.2, alone=True),
}


def try_one(kind: str, seed: int) -> None:
    """Make the file of that seed and read it. Raises Fault, or what the reading raised."""
    its = KINDS[kind]
    data = its.make(Random(f"{kind} {seed}"))
    began = time.thread_time()
    try:
        its.read(data)
    except (files.BadInput, datasets.NoData) as error:
        check_sentence(str(error))
    took = time.thread_time() - began
    if took > SECONDS:
        raise Fault(f"it took {took:.1f} s")


def numbers(total: int) -> dict[str, int]:
    """How many files of each kind make `total`."""
    whole = sum(kind.weight for kind in KINDS.values())
    return {name: max(1, round(total * kind.weight / whole)) for name, kind in KINDS.items()}


def memory() -> float:
    """The most that this process has held so far, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 if sys.platform == "linux" else 1024**2)
