"""The frozen records that cross boundaries. Data only: what they mean is said here, what they do elsewhere."""

from dataclasses import dataclass

import numpy as np

from core.architectures import Layer


@dataclass(frozen=True)
class Drawing:
    """Ink as the pen left it.

    strokes: float32 [points, 2] each: x to the right, y down, in the unit of the canvas.
    brushes: the pen's width for each stroke in the same unit; empty if unknown.
    canvas: the side of the square that was drawn on; None if unknown.
    """

    strokes: tuple[np.ndarray, ...]
    brushes: tuple[float, ...] = ()
    canvas: float | None = None


@dataclass(frozen=True)
class Step:
    """One stage on the way from ink to network, kept for showing.

    name: a few words, such as 'centred by mass'.
    note: one sentence with this drawing's own numbers.
    picture: float32 [height, width], 0 = paper, 1 = ink.
    box: (left, top, width, height) in pixels of `picture`, to be outlined; None for no outline.
    mark: (x, y) in pixels of `picture`, to be marked; None for no mark.
    """

    name: str
    note: str
    picture: np.ndarray
    box: tuple[float, float, float, float] | None = None
    mark: tuple[float, float] | None = None


@dataclass(frozen=True)
class DigitImage:
    """What a network is given to look at: every reading, chart and explanation uses this same record.

    pixels: float32 [28, 28], 0 = paper, 1 = ink; the longer side of the ink is 20 pixels and its
        centre of mass lies at the centre of the picture, as in MNIST.
    steps: how it was made, in order.
    """

    pixels: np.ndarray
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Prediction:
    """What a network says of one DigitImage.

    logits: float32 [10], the numbers before the softmax, any range.
    probabilities: float32 [10], the softmax of the logits, summing to 1.
    digit: the most probable digit 0..9, or None when the ink does not look like one digit.
    refusal: one sentence that says why there is no digit; '' when there is one.
    """

    logits: np.ndarray
    probabilities: np.ndarray
    digit: int | None
    refusal: str = ""


@dataclass(frozen=True)
class Dataset:
    """Labelled pictures in two parts.

    x_train, x_test: uint8 [n, height, width] or [n, height, width, channels], 0 = paper, 255 = ink.
    y_train, y_test: uint8 [n], the class numbers.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides a training.

    layers: from input to output; the last is Dense(10, activation='softmax').
    optimizer: a key of `worker.training.OPTIMIZERS`.
    learning_rate: step size; None for the optimizer's own default.
    batch_size: pictures per step.
    epochs: passes over the training pictures.
    seed: of the first weights, the order of the pictures, and dropout.
    """

    layers: tuple[Layer, ...]
    optimizer: str
    learning_rate: float | None = None
    batch_size: int = 128
    epochs: int = 10
    seed: int = 0


@dataclass(frozen=True)
class Metric:
    """One point of a training's curves.

    epoch: passes finished, counted from 1.
    seconds: since the training began, the evaluation included.
    train_*: mean over the epoch, dropout on. test_*: on the held-back pictures after it.
    Accuracies are shares 0..1; losses are cross-entropies in nats.
    """

    epoch: int
    seconds: float
    train_accuracy: float
    train_loss: float
    test_accuracy: float
    test_loss: float


@dataclass(frozen=True)
class Network:
    """A trained network without TensorFlow.

    name: what people call it.
    layers: from input to output.
    weights: '<layer name>/kernel' and '<layer name>/bias' -> float32 array, as Keras lays them out.
    litert: the same network as LiteRT bytes: one output per layer, named as in
        `architectures.names`; the last is the logits.
    about: JSON-ready facts: recipe, seed, test accuracy, date, and so on.
    """

    name: str
    layers: tuple[Layer, ...]
    weights: dict[str, np.ndarray]
    litert: bytes
    about: dict
