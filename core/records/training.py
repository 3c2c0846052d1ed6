"""A run, and what a training leaves on its way: points of its curves, checkpoints, states, its network."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.nn.architectures import Layer
from core.records.config import Imported, TrainConfig


@dataclass(frozen=True)
class Metric:
    """One point of a training's curves.

    images: training images seen since the start. epoch: the same in epochs. seconds: of training,
        breaks left out.
    train_*: mean over the images since the point before, dropout and augmentation on.
    validation_*: on images that are never learnt from; None where this point did not measure them.
    whole: measured on all validation images; False for a sample of them, between epochs.
    drawing: the ten probabilities of the drawing that the training was started with; None without one.
    Accuracies are fractions 0..1; losses are cross-entropies in nats.
    """

    images: int
    epoch: float
    seconds: float
    train_accuracy: float
    train_loss: float
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    whole: bool = False
    drawing: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Snapshot:
    """The confusion matrix and the worst mistakes on the validation images after an epoch, or within it.

    confusion: int [10, 10], rows the true digit, columns the predicted digit.
    worst: up to ten (index into the training or test images, true digit, predicted digit, its probability),
        the largest loss first.
    images: `datasets.digest` of these images, by which those of other files are told from them; '' where it
        is not known.
    """

    epoch: int
    confusion: tuple[tuple[int, ...], ...]
    worst: tuple[tuple[int, int, int, float], ...]
    images: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """All that is needed to go on with a training as if it had never been interrupted.

    step: batches done. images, seconds: as in Metric.
    state: the model's and the optimizer's variables, in their order.
    best: the weights that are kept so far, as in Network. best_epoch: the epoch after which they were
        measured, 0 for a sample's measurement within the first. best_accuracy: on the validation images.
    """

    step: int
    images: int
    seconds: float
    state: tuple[np.ndarray, ...]
    best: dict[str, np.ndarray]
    best_epoch: int
    best_accuracy: float


@dataclass(frozen=True)
class Probe:
    """The fixed validation images on which a training is watched, the same at each of its states.

    images: uint8 [40, height, width] or [40, height, width, channels], 0 = paper, 255 = ink.
    labels: uint8 [40], theirs. cloud_labels: uint8 [n], of the images whose last hidden layer is shown.
    sample: how many images the confusion matrix of a state counts.
    """

    images: np.ndarray
    labels: np.ndarray
    cloud_labels: np.ndarray
    sample: int


@dataclass(frozen=True)
class View:
    """What a network made of the Probe at one moment of its training.

    predicted: uint8 [40]. confidence: float16 [40], the probability of the predicted class.
    cloud: float16 [n, 2], the last hidden layer through a fixed projection, as in `states.projection`.
    confusion: uint16 [10, 10], rows the true class, columns the predicted class, on a sample of the validation
        images. accuracy: the fraction of these on the diagonal.
    gradients, updates: float32 [layers that learn]: the norm of the gradient of a layer's kernel in one step,
        and the norm of what that step changed divided by the norm of the kernel; NaN while unknown.
    silent: float32 [layers with relu], the fraction of units, or of a convolution's maps, that none of the
        images that were measured made fire.
    """

    predicted: np.ndarray
    confidence: np.ndarray
    cloud: np.ndarray
    confusion: np.ndarray
    accuracy: float
    gradients: np.ndarray
    updates: np.ndarray
    silent: np.ndarray


@dataclass(frozen=True)
class State:
    """A network as it was at one moment of its training.

    step, images, epoch, seconds: as in Checkpoint and Metric; all 0 before the first step.
    weights: as in Network, but float16. view: None while it is not measured.
    """

    step: int
    images: int
    epoch: float
    seconds: float
    weights: dict[str, np.ndarray]
    view: View | None = None


@dataclass(frozen=True)
class Run:
    """One training, or one network from a file, as everybody sees it.

    visitor: who started it, as in `Database.of`. published: whether everybody may look at it and use it.
    recipe: the key in `recipes.RECIPES`, or '' for a network of one's own.
    config: what it is trained with, or what is known of an imported network.
    status: queued, running, done, stopped, interrupted, failed.
    note: one sentence about how it ended, '' while it runs.
    created: UTC. seconds: of training so far. images, images_per_second: as in the last Metric.
    best_epoch, validation_accuracy: of the weights that are kept. test_accuracy, test_loss: of the same,
        measured once at the end; train_accuracy, train_loss: on all images that it has learnt from, dropout and
        augmentation off, where it has come to its end. None while unknown.
    dtype: what it was computed in, 'float32' or 'bfloat16'; '' while unknown.
    has_network: a network of it is stored, which can be used on the Draw page.
    stop: somebody has asked it to stop.
    notes, tags: what its owner has written of it; tags with ', ' between. baseline: others are compared to it.
    """

    id: int
    name: str
    visitor: str
    recipe: str
    config: TrainConfig | Imported
    status: str
    note: str
    created: datetime
    seconds: float = 0.0
    images: int = 0
    images_per_second: float = 0.0
    best_epoch: int | None = None
    validation_accuracy: float | None = None
    test_accuracy: float | None = None
    test_loss: float | None = None
    train_accuracy: float | None = None
    train_loss: float | None = None
    device: str = ""
    dtype: str = ""
    has_network: bool = False
    stop: bool = False
    published: bool = False
    notes: str = ""
    tags: str = ""
    baseline: bool = False

    @property
    def kind(self) -> str:
        """'trained', or 'imported' where the network comes from a file."""
        return "imported" if isinstance(self.config, Imported) else "trained"

    @property
    def training(self) -> TrainConfig:
        """What it is trained with. Raises ValueError for an imported network."""
        if isinstance(self.config, Imported):
            raise ValueError(f"Run {self.id} is a network from a file: nobody knows how it was trained.")
        return self.config


@dataclass(frozen=True)
class Network:
    """A trained network without TensorFlow.

    name: as it is shown.
    layers: from input to output.
    weights: '<layer name>/kernel' and '<layer name>/bias' -> float32 array, as Keras lays them out.
    litert: the same network as LiteRT bytes: one output per layer, named as in
        `architectures.names`; the last is the logits.
    about: JSON-ready facts: recipe, seed, test accuracy, date, and so on.
    data: a key of `datasets.KINDS`: the images that it classifies, and what its outputs stand for.
    """

    name: str
    layers: tuple[Layer, ...]
    weights: dict[str, np.ndarray]
    litert: bytes
    about: dict
    data: str = "mnist"
