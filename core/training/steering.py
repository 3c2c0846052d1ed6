"""What can be changed while a training goes on, and what a configuration is once it has been changed.

>>> [name for name, setting in SETTINGS.items() if setting.of == "augmentation"]
['rotation', 'shear', 'scale', 'shift', 'elastic']
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.data import augmentation
from core.nn.architectures import Dropout
from core.records import Change, TrainConfig
from core.training.optimization import OPTIMIZERS

# How a training goes on, which changes nothing of what it learns: in full, not at all, or a batch at a time;
# and of one that is paused, one batch or the rest of an epoch more.
PACES = ("resume", "pause", "slow")
MORE = ("batch", "epoch")


@dataclass(frozen=True)
class Steerable:
    """label: on the page. min, max: its range. of: 'config', 'layers' or 'augmentation', where it stands."""

    label: str
    min: float
    max: float
    of: str = "config"


def _as_declared(label: str, name: str) -> Steerable:
    """With the range of TrainConfig's field of that name."""
    declared = TrainConfig.__dataclass_fields__[name].metadata["setting"]
    return Steerable(label, declared.min, declared.max)


_LIMITS = augmentation.LIMITS
SETTINGS = {
    "learning_rate": _as_declared("Learning rate", "learning_rate"),
    "momentum": _as_declared("Momentum", "momentum"),
    "weight_decay": _as_declared("Weight decay", "weight_decay"),
    "dropout": Steerable("Dropout", 0.0, 0.9, "layers"),
    "rotation": Steerable("Rotation", 0.0, _LIMITS.rotation, "augmentation"),
    "shear": Steerable("Shear", 0.0, _LIMITS.shear, "augmentation"),
    "scale": Steerable("Size", 0.0, _LIMITS.scale, "augmentation"),
    "shift": Steerable("Shift", 0.0, _LIMITS.shift, "augmentation"),
    "elastic": Steerable("Elastic", 0.0, _LIMITS.elastic, "augmentation"),
}

# The settings that some optimizers alone have -> what they are where nothing else is said.
_OF_SOME = {name: value for one in OPTIMIZERS.values() for name, value in one.settings.items()}


def check(config: TrainConfig) -> str:
    """Return one sentence that says why its changes cannot be made, or ''."""
    for change in config.changes:
        if change.name not in SETTINGS:
            return f"The setting {change.name!r} cannot be changed on the way; {', '.join(SETTINGS)} can."
        setting = SETTINGS[change.name]
        if not setting.min <= change.value <= setting.max:  # NaN too
            return (
                f"From step {change.step} the {setting.label.lower()} is {change.value:g}, but has to lie "
                f"between {setting.min:g} and {setting.max:g}."
            )
        if change.step < 0:
            return f"A change at step {change.step} comes before the first step, which is 0."
    return ""


def offered(config: TrainConfig) -> list[str]:
    """Return what of SETTINGS this training heeds: momentum where its optimizer has some, and so on.

    config: as it began. A dropout that is 0 by now can be raised again, one that never was any cannot.
    """
    has = {name: name in OPTIMIZERS[config.optimizer].settings for name in _OF_SOME}
    has["dropout"] = bool(_dropping(config))
    return [name for name in SETTINGS if has.get(name, True)]


def value(config: TrainConfig, name: str) -> float:
    """Return what a setting is in a configuration whose changes are made."""
    match SETTINGS[name].of, name:
        case "augmentation", _:
            return float(getattr(config.augmentation, name))
        case "layers", _:
            rates = (layer.rate for layer in config.layers if isinstance(layer, Dropout) and layer.rate > 0)
            return next(rates, 0.0)
        case _, "learning_rate":
            rate = config.learning_rate
            return OPTIMIZERS[config.optimizer].default_rate if rate is None else rate
        case _:
            said = getattr(config, name)
            return _OF_SOME[name] if said is None else said


def at(config: TrainConfig, changes: Sequence[Change], step: int) -> TrainConfig:
    """Return the configuration as it is before this step, the changes until then made and no longer listed.

    config: as it began, whose dropout layers are those that a change of the dropout is for.
    """
    dropping = _dropping(config)
    config = replace(config, changes=())
    for change in sorted(changes, key=lambda one: one.step):
        if change.step <= step:
            config = _changed(config, change, dropping)
    return config


def _dropping(config: TrainConfig) -> set[int]:
    """Which of the layers, from 0, drop anything: Keras gives only these what they draw from."""
    return {n for n, layer in enumerate(config.layers) if isinstance(layer, Dropout) and layer.rate > 0}


def _changed(config: TrainConfig, change: Change, dropping: set[int]) -> TrainConfig:
    match SETTINGS[change.name].of:
        case "augmentation":
            changed = replace(config.augmentation, **{change.name: change.value})  # type: ignore[arg-type]
            return replace(config, augmentation=changed)
        case "layers":
            dropped = (
                replace(layer, rate=change.value) if n in dropping else layer  # type: ignore[call-arg]
                for n, layer in enumerate(config.layers)
            )
            return replace(config, layers=tuple(dropped))
        case _:
            return replace(config, **{change.name: change.value})  # type: ignore[arg-type]
