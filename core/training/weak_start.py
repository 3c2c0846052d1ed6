"""A network that has seen a few of MNIST's digits, and what somebody's drawings add to that.

It is trained on 10, 100 or 500 digits, and then further on the same digits with drawings among them, so that
all that it learns is the hand: on a quarter of the drawings, on half, on all.

Called by `ui.sections.weak_start`.
"""

from math import ceil
from typing import NamedTuple

import numpy as np

from core.data.datasets import KINDS
from core.nn.architectures import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from core.records import Augmentation, DrawingArrays, FineTuning, TrainConfig

RECIPE = "weak-start"  # its key, stored with each run
SIZES = (10, 100, 500)  # digits that it has seen
VALIDATION = 500  # of MNIST's digits: the curves are measured on them
# Images that a training shows it, the same ones again and again: the first one so many that what comes later
# is what the drawings have added, and not the longer training.
_SEEN, _SEEN_LATER = 15_000, 4_000
_EPOCHS = 80  # at most
_LAYERS = (
    Conv2D(8, 5),
    MaxPooling2D(2),
    Conv2D(16, 3),
    MaxPooling2D(2),
    Flatten(),
    Dropout(0.3),
    Dense(48),
    Dense(10, "softmax"),
)


class Amount(NamedTuple):
    """drawings: that are learnt from. until: the largest id among them."""

    drawings: int
    until: int


def base(size: int) -> TrainConfig:
    """Return how the network is trained that has seen so many digits."""
    return TrainConfig(
        layers=_LAYERS,
        optimizer="Adam",
        learning_rate=0.002,
        schedule="cosine",
        batch_size=min(32, size),
        epochs=_epochs(_SEEN, size),
        train_size=size,
        validation_split=VALIDATION / KINDS["mnist"].train,
        augmentation=Augmentation(rotation=9, shear=6, scale=0.1, shift=1.2, elastic=0.5),
        checkpoint_selection="last",
    )


def taught(size: int, run: int, visitor: str, amount: Amount) -> TrainConfig:
    """Return how it is trained further. run: the number of its own training. The digits are the same ones."""
    before = base(size)
    return TrainConfig(
        layers=_LAYERS,
        optimizer="Adam",
        learning_rate=0.001,
        schedule="cosine",
        batch_size=32,
        epochs=_epochs(_SEEN_LATER, size + amount.drawings),
        train_size=size,
        validation_split=before.validation_split,
        augmentation=before.augmentation,
        checkpoint_selection="last",
        data="hand",
        fine_tuning=FineTuning(run, visitor, amount.until),
    )


def amounts(hand: DrawingArrays) -> list[Amount]:
    """Return how many drawings are learnt from in turn, the earliest first: a quarter, half and all of them."""
    ids = np.sort(hand.ids[~hand.held_out])
    counts = sorted({ceil(len(ids) * part) for part in (0.25, 0.5, 1)} - {0})
    return [Amount(count, int(ids[count - 1])) for count in counts]


def _epochs(seen: int, images: int) -> int:
    return min(ceil(seen / images), _EPOCHS)
