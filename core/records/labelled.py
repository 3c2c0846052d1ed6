"""Images and drawings with labels, and what a network has predicted for them."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.records.checks import ROUNDING, check_range


@dataclass(frozen=True)
class Dataset:
    """Labelled images, a training and a test set.

    x_train, x_test: uint8 [n, height, width] or [n, height, width, channels], 0 = paper, 255 = ink.
    y_train, y_test: uint8 [n], the class numbers.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@dataclass(frozen=True)
class Labelled:
    """A set of labelled images, to be shown or evaluated on.

    images: uint8 [n, height, width], 0 = paper, 255 = ink, or [n, height, width, 3], red, green and blue.
    labels: uint8 [n], indices into `classes`. classes: their names, in order.
    version: another text whenever images or labels have changed; '' for a set that never changes.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    version: str = ""


@dataclass(frozen=True)
class Evaluation:
    """The predictions of a network for labelled images.

    classes: the names of the classes, in order. labels: int [n], indices into `classes`.
    probabilities: float32 [n, classes], rows summing to 1.
    predicted: int [n], the most probable class. confidence: float32 [n], its probability, 0..1.
    losses: float32 [n], the cross-entropy of each image in nats.
    """

    classes: tuple[str, ...]
    labels: np.ndarray
    probabilities: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    losses: np.ndarray

    def __post_init__(self) -> None:
        if self.probabilities.size:
            check_range(self.probabilities, "What the network says")


@dataclass(frozen=True)
class StoredDrawing:
    """A drawing with the label that its maker has given it.

    label: 0..9. pixels: uint8 [28, 28], 0 = paper, 255 = ink: its DigitImage.
    strokes: as JSON, `files.write_drawing`, not parsed until they are wanted; '' where it came from an image.
    visitor: who drew it, as in `Database.of`.
    created: UTC. predicted: the digit that was predicted then; None where the network abstained, or none did.
    confidence: the highest of the ten probabilities then, 0..1; None where nothing was predicted.
    network: the name of the one that predicted it; '' for none.
    id: its id, 0 before it is stored.
    held_out: networks are never trained on it, but evaluated; None: to be decided when it is stored.
    """

    label: int
    pixels: np.ndarray
    strokes: str
    visitor: str
    created: datetime
    predicted: int | None = None
    confidence: float | None = None
    network: str = ""
    id: int = 0
    held_out: bool | None = None

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.shape != (28, 28):
            found = f"{self.pixels.dtype} {list(self.pixels.shape)}"
            raise ValueError(f"The drawing's pixels are {found}; accepted is uint8 [28, 28].")
        if self.confidence is not None and not 0 <= self.confidence <= 1 + ROUNDING:
            raise ValueError(f"Its probability was {self.confidence}; accepted are 0 to 1, or None.")


@dataclass(frozen=True)
class DrawingArrays:
    """The labelled drawings of one visitor, or of all, as arrays; the latest first.

    ids: int [n]. x: uint8 [n, 28, 28], 0 = paper, 255 = ink. y: uint8 [n], 0..9. held_out: bool [n], never
    learnt from.
    """

    ids: np.ndarray
    x: np.ndarray
    y: np.ndarray
    held_out: np.ndarray


@dataclass(frozen=True)
class Import:
    """What was found in a file of labelled drawings.

    good: what can be stored. refused: (name in the file, one sentence that says why not) of each other.
    already: how many were left out because the same image is stored with the same label.
    remark: how the images lay, where that was put right, else ''.
    """

    good: tuple[StoredDrawing, ...]
    refused: tuple[tuple[str, str], ...]
    already: int
    remark: str = ""
