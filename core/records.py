"""The frozen records that cross boundaries: data only. Shapes, dtypes and ranges are given here.

Those that hold an image, ink or a probability validate it when they are made, and raise ValueError, so that no
NaN is ever shown as an answer.
"""

from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from core.nn.architectures import Layer
from core.training.optimization import OPTIMIZERS, SCHEDULES

_ROUNDING = 1e-3  # by which a sum or a mean of float32 may leave its range


def _check_range(values: np.ndarray, what: str) -> None:
    # So that NaN fails, too.
    if not (values.min() >= -_ROUNDING and values.max() <= 1 + _ROUNDING):
        raise ValueError(f"{what} has values from {values.min()} to {values.max()}; 0 to 1 are accepted.")


def _check_image(pixels: np.ndarray, shape: tuple[int | None, ...], what: str) -> None:
    """Raise ValueError unless it is float32 of that shape, None for any length, from 0 to 1."""
    fits = pixels.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, pixels.shape, strict=True))
    if pixels.dtype != np.float32 or not fits or not pixels.size:
        raise ValueError(f"{what} is {pixels.dtype} {list(pixels.shape)}; accepted is float32 {list(shape)}.")
    _check_range(pixels, what)


def _is_length(value: float) -> bool:
    return 0 < value < float("inf")  # false for NaN, too


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

    def __post_init__(self) -> None:
        if any(stroke.ndim != 2 or stroke.shape[1] != 2 or not len(stroke) for stroke in self.strokes):
            raise ValueError("A stroke is no list of points; each is float32 [points, 2].")
        if self.strokes and not np.isfinite(np.concatenate(self.strokes)).all():
            raise ValueError("A stroke has a point that is no number.")
        if self.brushes and len(self.brushes) != len(self.strokes):
            raise ValueError(f"There are {len(self.brushes)} brushes for {len(self.strokes)} strokes.")
        if not all(map(_is_length, self.brushes)):
            raise ValueError(f"The brushes are {self.brushes}; accepted are widths above 0.")
        if self.canvas is not None and not _is_length(self.canvas):
            raise ValueError(f"The canvas is {self.canvas}; accepted is a side above 0, or None.")


@dataclass(frozen=True)
class Step:
    """One stage on the way from ink to network, kept for showing.

    name: a few words, such as 'centred by mass'.
    note: one sentence with this drawing's own numbers.
    image: float32 [height, width], 0 = paper, 1 = ink.
    box: (left, top, width, height) in pixels of `image`, to be outlined; None for no outline.
    mark: (x, y) in pixels of `image`, to be marked; None for no mark.
    """

    name: str
    note: str
    image: np.ndarray
    box: tuple[float, float, float, float] | None = None
    mark: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        _check_image(self.image, (None, None), f"The picture of {self.name!r}")


@dataclass(frozen=True)
class DigitImage:
    """The input of a network for digits: every prediction, chart and explanation uses this same record.

    pixels: float32 [28, 28], 0 = paper, 1 = ink; the longer side of the ink is 20 pixels and its
        centre of mass lies at the centre of the picture, as in MNIST.
    steps: how it was made, in order.
    """

    pixels: np.ndarray
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        _check_image(self.pixels, (28, 28), "The digit's image")


@dataclass(frozen=True)
class ColourImage:
    """The input of a network for CIFAR-10, in colour.

    pixels: float32 [height, width, 3], 0..1, red, green and blue.
    """

    pixels: np.ndarray

    def __post_init__(self) -> None:
        _check_image(self.pixels, (None, None, 3), "The image in colour")


@dataclass(frozen=True)
class Prediction:
    """The output of a network for one DigitImage or ColourImage.

    logits: float32 [10], the numbers before the softmax, any range. Those of a network whose weights have left
        the numbers are NaN or infinite, and the probabilities with them; then there is no digit, and
        `abstention` says so.
    probabilities: float32 [10], the softmax of the logits, summing to 1: which digit, if it is one.
    digit: the most probable digit 0..9, or None when the ink does not look like one digit; of a picture in
        colour the most probable class, always.
    abstention: one sentence that says why there is no digit; '' when there is one.
    is_digit: the probability that the ink is one digit at all, 0..1; None where the network has no reject
        class.
    """

    logits: np.ndarray
    probabilities: np.ndarray
    digit: int | None
    abstention: str = ""
    is_digit: float | None = None

    def __post_init__(self) -> None:
        if not self.is_number and self.digit is None and self.abstention:
            return
        if not self.is_number or self.probabilities.min() < 0 or abs(self.probabilities.sum() - 1) > _ROUNDING:
            raise ValueError(f"The probabilities are {self.probabilities}; accepted is a softmax of numbers.")
        if self.is_digit is not None and not 0 <= self.is_digit <= 1:
            raise ValueError(f"That it is a digit has the probability {self.is_digit}; accepted are 0 to 1.")

    @property
    def is_number(self) -> bool:
        """Has the network answered with numbers at all?"""
        return bool(np.isfinite(self.logits).all() and np.isfinite(self.probabilities).all())


@dataclass(frozen=True)
class DigitOfNumber:
    """One digit of a number, cut out of its ink.

    image: the network's input. prediction: its output, which always has a digit.
    box: (left, top, width, height) of its ink in the unit of the drawing, or in pixels of the picture.
    drawing: its own strokes; None where it was cut out of a picture.
    """

    image: DigitImage
    prediction: Prediction
    box: tuple[float, float, float, float]
    drawing: Drawing | None = None

    def __post_init__(self) -> None:
        if self.prediction.digit is None:
            raise ValueError(f"A part of a number is no digit: {self.prediction.abstention}")


@dataclass(frozen=True)
class NumberPrediction:
    """Ink that was predicted to be digits side by side, from left to right, or a single digit.

    point: how many digits stand before the decimal point; 0 where there is none.
    """

    digits: tuple[DigitOfNumber, ...]
    point: int = 0

    def __post_init__(self) -> None:
        if not self.digits:
            raise ValueError("A number has at least one digit; this one has none.")
        if not 0 <= self.point < len(self.digits):
            raise ValueError(
                f"A point stands between two digits, not after {self.point} of {len(self.digits)}."
            )

    @property
    def number(self) -> str:
        """As text: '42', '007', '2.50'."""
        text = "".join(str(digit.prediction.digit) for digit in self.digits)
        return f"{text[: self.point]}.{text[self.point :]}" if self.point else text


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
class Augmentation:
    """How far each training digit may be changed anew in each epoch: uniformly between minus and plus.

    rotation, shear: degrees. scale: fraction of the size, each axis by itself. shift: pixels, each axis.
    elastic: pixels by which a smooth random field moves each place at about one standard deviation, each axis.
    crop: whole pixels by which it is moved, each axis: the same as a random crop of the picture with a border.
    flip: whether half of the pictures, chosen by chance, are mirrored left to right.
    """

    rotation: float = 0.0
    shear: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0
    crop: int = 0
    flip: bool = False


@dataclass(frozen=True)
class Change:
    """A setting that was changed while a training went on.

    step: before which it came into effect. name: a key of `steering.SETTINGS`. value: what it is from then on.
    """

    step: int
    name: str
    value: float


@dataclass(frozen=True)
class FineTuning:
    """A trained network is trained further on labelled drawings.

    base: the id of the network whose weights it starts from, as in `registry`: 0 or less for one that comes
        with the app, or a run's.
    visitor: whose drawings, as in `Database.of`. until: the largest id of a drawing that counts.
    mixing_weight: how far the weights move from the base weights to those at the end of the training, 0..1
        (WiSE-FT).
    """

    base: int
    visitor: str
    until: int
    mixing_weight: float = 1.0


@dataclass(frozen=True)
class Setting:
    """What a number of TrainConfig may be, and how the Train form asks for it.

    min, max: its range; whole numbers, where these are. None too, where it is the field's default.
    label: beside its field on the form, '' where it has none. help: one sentence more. {noun} stands in both
        for 'digits' or 'pictures'.
    step: of its slider, by `form`, as in C; None where a number is typed.
    """

    min: float
    max: float
    label: str = ""
    help: str = ""
    step: float | None = None
    form: str = "%g"


def _number(default: Any, *range_and_label: Any, **more: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(*range_and_label, **more)})


@dataclass(frozen=True)
class Choice:
    """A field of TrainConfig that is one of several texts, and how the Train form asks for it.

    label, help: as in Setting. words: what a sentence calls the field, where that is not its name.
    """

    options: tuple[str, ...]
    label: str = ""
    help: str = ""
    words: str = ""


def _choice(options: Iterable[str], default: Any = MISSING, **more: str) -> Any:
    return field(default=default, metadata={"choice": Choice(tuple(options), **more)})


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides a training.

    A number is declared with its range and its label, a choice with what may be chosen; `configs.check` and the
    Train form take them from here.

    layers: from input to output; the last is Dense with softmax, a unit for each of the data's classes.
    optimizer: a key of `optimization.OPTIMIZERS`.
    learning_rate: step size, the peak of its schedule; None for the optimizer's own default.
    schedule: a key of `optimization.SCHEDULES`.
    beta_2: Adam's and AdamW's memory of squared gradients, 0..1; None for their default, 0.999.
    weight_decay: times the rate, the fraction of each weight that AdamW takes away in a step, 0..1;
        None for its default, 0.004.
    batch_size: pictures per step.
    epochs: how often each training picture is seen.
    seed: of the first weights, the order of the pictures, dropout and augmentation.
    train_size: how many of the data set's training pictures are learnt from, at most; chosen by the seed.
    extra_fraction: which fraction of the pictures that the data set adds to MNIST's is learnt from in an epoch,
        0..1, chosen anew in each.
    validation_split: this fraction of the training pictures, the last ones, is held out: never learnt from, but
        measured after each epoch. With 0 the test pictures are measured, as many tutorials do, and the last
        weights are kept: the test set never chooses.
    checkpoint_selection: which weights are kept: 'best', those of the epoch with the best validation accuracy,
        or 'last': where the rate ends near 0, the last are as good, and which of the epochs before was luckiest
        with the validation pictures says little.
    patience: stop after so many epochs without a better validation accuracy; None for never.
    p_no_augment: the probability that a picture is not augmented in an epoch, 0..1: augmented ones are a little
        blurred, and those that are predicted later are not.
    label_smoothing: fraction of each label that is spread over all classes, 0..0.5.
    attack_budget: by how much an attack may change each number of a picture before it is learnt from, 0..0.5;
        with 0 there is none (adversarial training, Wong and others, Fast is better than free, 2020).
    data: a key of `datasets.KINDS`: what is learnt from.
    pen_digits, unipen_digits, unipen_characters: files of what pens have written that 'digit-lab' data takes
        in, as in `training_sets.Files`.
    fine_tuning: of the data of `finetuning`, what it starts from and learns from; None for all others.
    epsilon: what Adam and AdamW add to the root of the mean squared gradient, 1e-12..1; None for 1e-7.
    momentum: of SGD with momentum, the fraction of the last step that is added, 0..0.999; None for 0.9.
    changes: what is changed on the way, by step.
    """

    layers: tuple[Layer, ...]
    optimizer: str = _choice(OPTIMIZERS, label="Optimizer")
    # The rate may be far too high: what happens then is worth seeing.
    learning_rate: float | None = _number(None, 1e-6, 10_000.0, "Learning rate", "Step size.")
    schedule: str = _choice(
        SCHEDULES, "constant", label="Schedule", help="How the learning rate changes while it learns."
    )
    beta_2: float | None = _number(None, 0.5, 0.99999)
    weight_decay: float | None = _number(None, 0.0, 1.0)
    batch_size: int = _number(128, 1, 2048, "Batch size", "{noun} per step.")
    epochs: int = _number(10, 1, 500, "Epochs", "Passes over the training {noun}.")
    seed: int = _number(0, 0, 2**31 - 1, "Seed", "Chance: the first weights, the order of the {noun}, dropout.")
    train_size: int = _number(60_000, 10, 240_000, "Training {noun}", "What does a network learn from 100?")
    validation_split: float = _number(0.0, 0.0, 0.5, "Held back for validation")
    extra_fraction: float = _number(1.0, 0.0, 1.0)
    augmentation: Augmentation = Augmentation()
    p_no_augment: float = _number(0.0, 0.0, 1.0)
    checkpoint_selection: str = _choice(("best", "last"), "best", words="weights to keep")
    patience: int | None = _number(
        None,
        1,
        100,
        "Stop early after",
        "Epochs without a better validation accuracy; 0 for never. Needs some held back.",
    )
    label_smoothing: float = _number(
        0.0,
        0.0,
        0.5,
        "Label smoothing",
        "This share of each label is spread over all ten classes, so the network is less sure of itself.",
        step=0.01,
        form="%.2f",
    )
    attack_budget: float = _number(
        0.0,
        0.0,
        0.5,
        "Train against attacks",
        "Each number of {noun} is changed by up to this much, as fools the network most, before it is learnt "
        "from (adversarial training). 0 is none; 0.1 to 0.3 are usual. It takes about twice the time.",
        step=0.01,
        form="%.2f",
    )
    data: str = "mnist"
    pen_digits: str = ""
    unipen_digits: str = ""
    unipen_characters: str = ""
    fine_tuning: FineTuning | None = None
    epsilon: float | None = _number(None, 1e-12, 1.0)
    momentum: float | None = _number(None, 0.0, 0.999)
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Imported:
    """A network from a file: how it was trained is not known.

    layers: as in TrainConfig. data: a key of `datasets.KINDS`: the images that it classifies.
    """

    layers: tuple[Layer, ...]
    data: str = "mnist"


@dataclass(frozen=True)
class Metric:
    """One point of a training's curves.

    images: training pictures seen since the start. epoch: the same in epochs. seconds: of training,
        breaks left out.
    train_*: mean over the pictures since the point before, dropout and augmentation on.
    validation_*: on pictures that are never learnt from; None where this point did not measure them.
    whole: measured on all validation pictures; False for a sample of them, between epochs.
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
    worst: up to ten (index into the training or test pictures, true digit, predicted digit, its probability),
        the largest loss first.
    """

    epoch: int
    confusion: tuple[tuple[int, ...], ...]
    worst: tuple[tuple[int, int, int, float], ...]


@dataclass(frozen=True)
class Checkpoint:
    """All that is needed to go on with a training as if it had never been interrupted.

    step: batches done. images, seconds: as in Metric.
    state: the model's and the optimizer's variables, in their order.
    best: the weights that are kept so far, as in Network. best_epoch: the epoch after which they were
        measured, 0 for a sample's measurement within the first. best_accuracy: on the validation pictures.
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


@dataclass(frozen=True)
class Labelled:
    """A set of labelled images, to be shown or evaluated on.

    images: uint8 [n, height, width], 0 = paper, 255 = ink, or [n, height, width, 3], red, green and blue.
    labels: uint8 [n], indices into `classes`. classes: their names, in order.
    version: another text whenever pictures or labels have changed; '' for a set that never changes.
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
    losses: float32 [n], the cross-entropy of each picture in nats.
    """

    classes: tuple[str, ...]
    labels: np.ndarray
    probabilities: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    losses: np.ndarray

    def __post_init__(self) -> None:
        if self.probabilities.size:
            _check_range(self.probabilities, "What the network says")


@dataclass(frozen=True)
class StoredDrawing:
    """A drawing with the label that its maker has given it.

    label: 0..9. pixels: uint8 [28, 28], 0 = paper, 255 = ink: its DigitImage.
    strokes: as JSON, `files.write_drawing`, not parsed until they are wanted; '' where it came from a picture.
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
        if self.confidence is not None and not 0 <= self.confidence <= 1 + _ROUNDING:
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
    already: how many were left out because the same picture is stored with the same label.
    remark: how the images lay, where that was put right, else ''.
    """

    good: tuple[StoredDrawing, ...]
    refused: tuple[tuple[str, str], ...]
    already: int
    remark: str = ""
