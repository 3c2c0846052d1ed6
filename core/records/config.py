"""What decides a training: each setting is declared once, with its range and its label."""

from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field
from typing import Any

from core.nn.architectures import Layer
from core.training.optimization import OPTIMIZERS, SCHEDULES


@dataclass(frozen=True)
class Augmentation:
    """How far each training digit may be changed anew in each epoch: uniformly between minus and plus.

    rotation, shear: degrees. scale: fraction of the size, each axis by itself. shift: pixels, each axis.
    elastic: pixels by which a smooth random field moves each place at about one standard deviation, each axis.
    crop: whole pixels by which it is moved, each axis: the same as a random crop of the image with a border.
    flip: whether half of the images, chosen by chance, are mirrored left to right.
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
        for 'digits' or 'images'.
    step: of its slider, by `form`, as in C; None where a number is typed.
    words: what a sweep calls it where it has no label and its name is none, '' for its name.
    """

    min: float
    max: float
    label: str = ""
    help: str = ""
    step: float | None = None
    form: str = "%g"
    words: str = ""


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
    batch_size: images per step.
    epochs: how often each training image is seen.
    seed: of the first weights, the order of the images, dropout and augmentation.
    train_size: how many of the data set's training images are learnt from, at most; chosen by the seed.
    extra_fraction: which fraction of the images that the data set adds to MNIST's is learnt from in an epoch,
        0..1, chosen anew in each.
    validation_split: this fraction of the training images, the last ones, is held out: never learnt from, but
        measured after each epoch. With 0 the test images are measured, as many tutorials do, and the last
        weights are kept: the test set never chooses.
    checkpoint_selection: which weights are kept: 'best', those of the epoch with the best validation accuracy,
        or 'last': where the rate ends near 0, the last are as good, and which of the epochs before was luckiest
        with the validation images says little.
    patience: stop after so many epochs without a better validation accuracy; None for never.
    p_no_augment: the probability that an image is not augmented in an epoch, 0..1: augmented ones are a little
        blurred, and those that are predicted later are not.
    label_smoothing: fraction of each label that is spread over all classes, 0..0.5.
    attack_budget: by how much an attack may change each number of an image before it is learnt from, 0..0.5;
        with 0 there is none (adversarial training, Wong and others, Fast is better than free, 2020).
    data: a key of `datasets.KINDS`: what is learnt from.
    pen_digits, unipen_digits, unipen_characters: files of what pens have written that 'digit-lab' data takes
        in, as in `training_sets.Files`.
    teachers: a folder with a folder for each trained network, as `networks.save` writes them, whose mean
        prediction of each image, as augmentation has left it, is learnt in place of its label; '' for the
        label. For 'digit-lab' data (Hinton and others, Distilling the Knowledge in a Neural Network, 2015;
        Beyer and others, Knowledge distillation: A good teacher is patient and consistent, 2022).
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
    beta_2: float | None = _number(None, 0.5, 0.99999, words="memory of squared gradients (beta 2)")
    weight_decay: float | None = _number(None, 0.0, 1.0)
    batch_size: int = _number(128, 1, 2048, "Batch size", "{noun} per step.")
    epochs: int = _number(10, 1, 600, "Epochs", "Passes over the training {noun}.")
    seed: int = _number(0, 0, 2**31 - 1, "Seed", "Chance: the first weights, the order of the {noun}, dropout.")
    train_size: int = _number(60_000, 10, 240_000, "Training {noun}", "What does a network learn from 100?")
    validation_split: float = _number(0.0, 0.0, 0.5, "Held back for validation")
    extra_fraction: float = _number(1.0, 0.0, 1.0, words="share of the added {noun} in an epoch")
    augmentation: Augmentation = Augmentation()
    p_no_augment: float = _number(0.0, 0.0, 1.0, words="share of {noun} not augmented")
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
        "This share of each label is spread over all classes, so the network is less sure of itself.",
        step=0.01,
        form="%.2f",
    )
    attack_budget: float = _number(
        0.0,
        0.0,
        0.5,
        "Train against attacks",
        "Before it is learnt from, each number of {noun} is changed by up to this much, in the way that fools "
        "the network most (adversarial training). 0 is none; usual are 0.1 to 0.3 for digits and about 0.03 "
        "for pictures in colour. It takes about twice the time.",
        step=0.01,
        form="%.2f",
    )
    data: str = "mnist"
    pen_digits: str = ""
    unipen_digits: str = ""
    unipen_characters: str = ""
    teachers: str = ""
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
class Recipe:
    """A TrainConfig with where it comes from.

    claim: what its source says of it, in words: of its accuracy on the test images where no other are named.
    accuracy: the same as a fraction, or None where the source gives no number.
    deviation: what the source leaves open and we chose, or ''.
    jpeg: the quality of JPEG, 1 to 100, as which the data set's images are stored first; None for none.
    time, machine: how long it takes as the source says, and on what; '' where it does not.
    """

    title: str
    source: str
    claim: str
    config: TrainConfig
    accuracy: float | None = None
    deviation: str = ""
    time: str = ""
    machine: str = ""
    jpeg: int | None = None
