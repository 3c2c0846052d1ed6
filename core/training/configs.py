"""TrainConfig: what is accepted, JSON and back, and how its images are divided."""

from dataclasses import asdict, fields, replace
from math import ceil
from typing import Any

import numpy as np

from core.data import augmentation, datasets
from core.data.datasets import KINDS, Kind
from core.nn import architectures
from core.nn.architectures import MNIST_SHAPE, Dense, Layer, Shape
from core.records import Augmentation, Change, Choice, FineTuning, Imported, Setting, TrainConfig
from core.training import optimization, steering

MAX_TRAIN_SIZE = max(kind.train for kind in KINDS.values())  # that any of the data sets has to learn from
FINE_TUNING_DATA = ("hand", "hand or none")  # somebody's drawings among MNIST's digits, as in `finetuning`
# Paths, which the command line alone takes.
FILES = ("pen_digits", "unipen_digits", "unipen_characters", "teachers")

# The numbers among the fields of TrainConfig: (least, most) of each, and how the form asks for it.
SETTINGS: dict[str, Setting] = {
    field.name: field.metadata["setting"] for field in fields(TrainConfig) if "setting" in field.metadata
}
LIMITS: dict[str, tuple] = {name: (setting.min, setting.max) for name, setting in SETTINGS.items()}
# The fields that are one of several texts: which, and how the form asks for it.
CHOICES: dict[str, Choice] = {
    field.name: field.metadata["choice"] for field in fields(TrainConfig) if "choice" in field.metadata
}
_NOT_AUGMENTED = asdict(Augmentation())
_MAY_BE_NONE = {field.name for field in fields(TrainConfig) if field.name in SETTINGS and field.default is None}


def check(config: TrainConfig) -> str:
    """Return one sentence that says why this configuration cannot be trained, or ''."""
    if problem := _problem_of_data(config):
        return problem
    if problem := architectures.check(config.layers, kind(config).shape, classes=len(kind(config).classes)):
        return problem
    if problem := check_settings(config):
        return problem
    if problem := steering.check(config):
        return problem
    if config.validation_split and not divide(config)[1]:
        return "The validation share is too small to hold back a single picture."
    if config.patience is not None and config.checkpoint_selection == "last":
        return "Early stopping keeps the best weights, not the last."
    if config.patience is not None and not config.validation_split:
        noun = kind(config).noun
        return f"Early stopping needs validation {noun} to watch; hold some back, or switch it off."
    return ""


def check_settings(config: TrainConfig) -> str:
    """Return one sentence about a value that its field cannot have, whatever the others are, or ''."""
    for name, choice in CHOICES.items():
        if (value := getattr(config, name)) not in choice.options:
            words = choice.words or name.replace("_", " ")
            return f"The {words} {value!r} is unknown; known are {', '.join(choice.options)}."
    for name, (minimum, limit) in LIMITS.items():
        if problem := _outside(name, getattr(config, name), minimum, limit):
            return problem
    for field in fields(Augmentation):
        limit = getattr(augmentation.LIMITS, field.name)
        value = getattr(config.augmentation, field.name)
        if problem := _outside(field.name, value, field.type(0), field.type(limit)):  # type: ignore[operator]
            return problem
    return _problem_of_data(config)


def kind(config: TrainConfig | Imported) -> Kind:
    """Return what is known of the images that this network learns from, or reads."""
    return datasets.kind(config.data)


def _problem_of_data(config: TrainConfig) -> str:
    if config.data not in KINDS:
        return f"The data {config.data!r} are unknown; known are {', '.join(KINDS)}."
    for name in FILES:
        if not isinstance(path := getattr(config, name), str):
            return f"The {name.replace('_', ' ')} {path!r} is not the path of a file."
    if names_files(config) and config.data != "digit-lab":
        return "Pen-drawn digits and characters, and teachers, are taken in by Digit Lab's own recipes only."
    if (config.data in FINE_TUNING_DATA) != (config.fine_tuning is not None):
        return "Drawings are learnt from by a network that is fine-tuned, and by no other."
    return ""


def names_files(config: TrainConfig | Imported) -> bool:
    """Does such a training open files of the computer that its configuration names?"""
    return isinstance(config, TrainConfig) and any(getattr(config, name) for name in FILES)


def classifies_digits(config: TrainConfig | Imported) -> bool:
    """Does such a network tell digits apart?"""
    return KINDS[config.data].of_digits


def reads_drawings(config: TrainConfig | Imported) -> bool:
    """Does such a network read what is drawn, be it digits, letters or clothes?"""
    return KINDS[config.data].on_paper


def with_data(config: TrainConfig, data: str) -> TrainConfig:
    """Return the configuration for another data set, a key of KINDS, with a unit for each of its classes."""
    layers, classes = config.layers, len(KINDS[data].classes)
    if layers and isinstance(layers[-1], Dense) and layers[-1].units == len(KINDS[config.data].classes):
        layers = (*layers[:-1], replace(layers[-1], units=classes))
    return replace(config, data=data, layers=layers)


def divide(config: TrainConfig) -> tuple[int, int]:
    """Return (how many images are learnt from, how many of the last are held out for validation)."""
    images = kind(config).train
    held_out = round(config.validation_split * images)
    return min(config.train_size, images - held_out), held_out


def training_indices(config: TrainConfig, images: int) -> np.ndarray:
    """Return which of so many images, none of them held out, are learnt from: int [n], ascending."""
    return np.sort(np.random.default_rng(config.seed).permutation(images)[: divide(config)[0]])


def peak_learning_rate(config: TrainConfig) -> float:
    """Return the learning rate that the schedule starts from or climbs to."""
    if config.learning_rate is None:
        return optimization.OPTIMIZERS[config.optimizer].default_rate
    return config.learning_rate


def optimizer_settings(config: TrainConfig) -> dict[str, float]:
    """Return what an optimizer is made with besides its rate: where that is not what Keras takes by itself.

    >>> optimizer_settings(TrainConfig((), optimizer="AdamW", beta_2=0.95, momentum=0.5))
    {'beta_2': 0.95}
    """
    own = optimization.OPTIMIZERS[config.optimizer].settings
    said = {name: getattr(config, name) for name in own if getattr(config, name) is not None}
    return {"momentum": own["momentum"], **said} if "momentum" in own else said


def learning_rates(config: TrainConfig, steps: int) -> np.ndarray:
    """Return float32 [steps]: the learning rate of each step of the whole training."""
    return optimization.rates(config.schedule, peak_learning_rate(config), steps)


def measured(config: TrainConfig) -> str:
    """Return which images the curves are measured on: 'validation' or 'test'."""
    return "validation" if config.validation_split else "test"


def kept(config: TrainConfig) -> str:
    """Return in words which weights a training keeps: 'the best weights' or 'the last weights'."""
    best = config.checkpoint_selection == "best" and config.validation_split
    return f"the {'best' if best else 'last'} weights"


def steps_per_epoch(config: TrainConfig) -> int:
    """Return how many batches one epoch takes, the last of which may be smaller."""
    return ceil(divide(config)[0] / config.batch_size)


def to_json(config: TrainConfig | Imported) -> dict[str, Any]:
    """Return the configuration as a JSON-ready dictionary."""
    return {**asdict(config), "layers": architectures.to_json(config.layers)}


# What fields were called when earlier versions stored them -> what they are called now.
_EARLIER_NAMES = {
    "validation_share": "validation_split",
    "added_share": "extra_fraction",
    "unchanged": "p_no_augment",
    "keep": "checkpoint_selection",
    "retraining": "fine_tuning",
    "start": "base",  # of FineTuning, as the next
    "share": "mixing_weight",
}


def _renamed(content: dict[str, Any]) -> dict[str, Any]:
    return {_EARLIER_NAMES.get(name, name): value for name, value in content.items()}


def from_json(content: dict[str, Any]) -> TrainConfig:
    """Rebuild a configuration from `to_json`, of earlier versions too. Raises LayerError for unknown layers."""
    content = _renamed(content)
    known = {field.name for field in fields(TrainConfig)}
    settings = {name: value for name, value in content.items() if name in known}
    settings["layers"] = architectures.from_json(content["layers"])
    settings = architectures.with_decimals(settings, {name: low for name, (low, _) in LIMITS.items()})
    augmented = architectures.with_decimals(content.get("augmentation", {}), _NOT_AUGMENTED)
    settings["augmentation"] = Augmentation(**augmented)
    if settings.get("fine_tuning"):
        settings["fine_tuning"] = FineTuning(**_renamed(settings["fine_tuning"]))
    settings["changes"] = tuple(Change(**change) for change in content.get("changes", ()))
    return TrainConfig(**settings)


def imported_from_json(content: dict[str, Any]) -> Imported:
    """Rebuild what is known of a network from a file; what versions before this made up is left out."""
    return Imported(architectures.from_json(content["layers"]), content["data"])


def imported(layers: tuple[Layer, ...], shape: Shape = MNIST_SHAPE) -> Imported:
    """Return what is known of a network from a file that has these layers and reads images of this shape."""
    found = (shape, *architectures.describe(layers, shape)[-1][0])
    data = next((name for name, k in KINDS.items() if (k.shape, len(k.classes)) == found), "mnist")
    return Imported(layers, data)


def origin(config: TrainConfig | Imported) -> str:
    """Return in words what tells it from others of its name: 'seed 3', or 'from a file'."""
    return "from a file" if isinstance(config, Imported) else f"seed {config.seed}"


def fine_tuning(config: TrainConfig | Imported) -> FineTuning | None:
    """Return what a network was fine-tuned with, or None."""
    return None if isinstance(config, Imported) else config.fine_tuning


def same_but_for_seed(one: TrainConfig, other: TrainConfig) -> bool:
    """Do these two differ in nothing but chance?"""
    return replace(one, seed=0) == replace(other, seed=0)


def _outside(name: str, value: object, minimum: float, limit: float) -> str:
    if value is None and name in _MAY_BE_NONE:
        return ""
    if isinstance(minimum, bool):
        return "" if isinstance(value, bool) else f"The {name} {value!r} is neither true nor false."
    whole = isinstance(minimum, int)
    words = name.replace("_", " ")
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return f"The {words} {value!r} is not a {'whole ' if whole else ''}number."
    if not minimum <= value <= limit:  # NaN too
        given, low, high = (f"{n:g}" if isinstance(n, float) else str(n) for n in (value, minimum, limit))
        return f"The {words} is {given}, but has to lie between {low} and {high}."
    return ""
