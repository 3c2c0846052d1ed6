"""Which settings a sweep tries, and which of its trainings are hopeless. Nothing here trains or stores.

    >>> parse("learning_rate", "0.001, 0.003").values
    (0.001, 0.003)
    >>> parse("batch_size", "32 to 128").points(3)
    (32, 64, 128)
    >>> survives(0.93, [0.90, 0.95, 0.80, 0.93])
    False

Grid and random search need a page of Python, and so does the rule below. Optuna would bring Alembic and tables
of its own, without owners and beside the runs that they speak of.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from core.data import augmentation
from core.records import Augmentation, TrainConfig
from core.training import configs
from core.training.optimization import OPTIMIZERS
from core.words import capitalised, counted

METHODS = {
    "grid": "Every combination of the values",
    "random": "Combinations at random (Bergstra and Bengio, 2012)",
    "halving": "Random ones, of which the worse two thirds stop early (ASHA)",
}
MAX_TRAININGS = 200  # of one sweep
MAX_SEEDS = 10
HELD_OUT = 0.1  # of the training images, where a configuration holds out none: the test never chooses
REDUCTION = 3  # of those that reach a milestone one in so many goes on; the next is so many times as far
POINTS = 3  # of a range, in a grid
_LOGARITHMIC = 10.0  # a range whose ends differ by this factor is tried evenly in its logarithm
_TRIES = 50  # to draw a combination that was not drawn yet

_CHANGES: dict[str, Any] = {field.name: field.type for field in fields(Augmentation)}
_OF_SOME = {name for one in OPTIMIZERS.values() for name in one.settings}  # that some optimizers alone have
_NOT_VARIED = {"seed", "validation_split"}  # seeds have a number of their own; the ruler stays the same


class BadSweep(ValueError):
    """What cannot be swept; the text is one sentence that says why."""


@dataclass(frozen=True)
class Axis:
    """One setting and what is tried for it.

    name: a field of TrainConfig or Augmentation. values: what is tried; of a range its ends, `is_range`.
    count: into how many points a grid cuts a range.
    """

    name: str
    values: tuple[Any, ...]
    is_range: bool = False
    count: int = POINTS

    def points(self, count: int = 0) -> tuple[Any, ...]:
        """Return its values; those of a range are so many, from end to end, or `self.count`."""
        if not self.is_range:
            return self.values
        fractions = np.linspace(0, 1, count or self.count) if (count or self.count) > 1 else [0.0]
        return tuple(dict.fromkeys(self._at(float(fraction)) for fraction in fractions))

    def draw(self, rng: np.random.Generator) -> Any:
        """Return one of its values by chance; of a range any between its ends."""
        return self._at(rng.random()) if self.is_range else self.values[rng.integers(len(self.values))]

    def position(self, value: Any) -> float:
        """Return where a value lies between the least, 0, and the most, 1; evenly spread where it is a text."""
        if isinstance(value, str | bool) or value is None:
            return self.values.index(value) / max(1, len(self.values) - 1)
        low, high = min(self.values), max(self.values)
        if low == high:
            return 0.5
        if _spans(low, high):
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    def _at(self, fraction: float) -> Any:
        low, high = self.values
        value = low * (high / low) ** fraction if _spans(low, high) else low + (high - low) * fraction
        return round(value) if isinstance(low, int) else min(max(float(f"{value:.3g}"), low), high)


@dataclass(frozen=True)
class Plan:
    """What a sweep tries. method: a key of METHODS. budget: trainings at most, over all seeds.

    seeds: trainings of each combination. draw: the seed of what is drawn at random.
    """

    axes: tuple[Axis, ...]
    method: str = "grid"
    budget: int = 9
    seeds: int = 1
    draw: int = 0


def names() -> list[str]:
    """Return the settings that can be varied: those of TrainConfig, then those of Augmentation."""
    return [n for n in (*configs.SETTINGS, *configs.CHOICES, *sorted(_CHANGES)) if n not in _NOT_VARIED]


def label(name: str, noun: str = "digits") -> str:
    """Return what a setting is called on the page."""
    declared = configs.SETTINGS.get(name) or configs.CHOICES.get(name)
    words = ((declared.label or declared.words) if declared else "") or name.replace("_", " ")
    return capitalised(words.format(noun=noun))


def parse(name: str, text: str) -> Axis:
    """Return what is typed for a setting: 'a, b, c', or 'a to b', or 'a to b in 5'. Raises BadSweep.

    'a..b' is 'a to b' for a command line, which needs no quotes.
    """
    if name not in names():
        raise BadSweep(f"The setting {name!r} cannot be varied; these can: {', '.join(names())}.")
    low, separator, high = text.partition(" to ")
    if not separator:
        low, separator, high = text.partition("..")
    if separator and not _is_text(name):
        high, _, count = high.partition(" in ")
        if count and not (count.strip().isdecimal() and 2 <= int(count) <= MAX_TRAININGS):
            raise BadSweep(f"A range is cut into {count.strip()!r} points; 2 to {MAX_TRAININGS} are accepted.")
        ends = (_value(name, low), _value(name, high))
        if None in ends or isinstance(ends[0], bool) or not ends[0] < ends[1]:
            raise BadSweep(f"{label(name)} goes from {low.strip()} to {high.strip()}, which is no range.")
        return Axis(name, ends, is_range=True, count=int(count or POINTS))
    values = tuple(dict.fromkeys(_value(name, part) for part in text.split(",") if part.strip()))
    if not values:
        raise BadSweep(f"{label(name)} has no values; accepted are such as '1, 2, 3' or '1 to 3'.")
    return Axis(name, values)


def to_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain values for JSON, which `from_json` takes back."""
    return asdict(plan)


def from_json(content: dict[str, Any]) -> Plan:
    """Return the plan that `to_json` wrote down."""
    axes = tuple(Axis(**{**axis, "values": tuple(axis["values"])}) for axis in content["axes"])
    return Plan(**{**content, "axes": axes})


def with_validation(config: TrainConfig) -> TrainConfig:
    """Return it with images held out to choose by, as a sweep needs them."""
    return config if config.validation_split else replace(config, validation_split=HELD_OUT)


def change(config: TrainConfig, changes: dict[str, Any]) -> TrainConfig:
    """Return the configuration with these settings."""
    warps = {name: value for name, value in changes.items() if name in _CHANGES}
    others = {name: value for name, value in changes.items() if name not in _CHANGES}
    return replace(config, **others, augmentation=replace(config.augmentation, **warps))


def three_by_three(config: TrainConfig) -> Plan:
    """Return the nine trainings of rate and batch size around what a configuration has."""
    rate, low, most = configs.peak_learning_rate(config), *configs.LIMITS["batch_size"]
    middle = min(max(config.batch_size, 4 * low), most // 4)
    rates = tuple(float(f"{rate * factor:.3g}") for factor in (1 / 3, 1, 3))
    return Plan((Axis("learning_rate", rates), Axis("batch_size", (middle // 4, middle, middle * 4))))


def check(config: TrainConfig, plan: Plan) -> str:
    """Return one sentence that says why this cannot be swept, or ''. Each combination is checked."""
    if not plan.axes:
        return "Choose at least one setting to vary."
    if plan.method not in METHODS:
        return f"The method {plan.method!r} is unknown; known are {', '.join(METHODS)}."
    if not 1 <= plan.seeds <= MAX_SEEDS:
        return f"There are {plan.seeds} seeds; 1 to {MAX_SEEDS} are accepted."
    if not 1 <= plan.budget <= MAX_TRAININGS:
        return f"The budget is {counted(plan.budget, 'training')}; 1 to {MAX_TRAININGS} are accepted."
    if plan.draw < 0:
        return f"The seed of what is drawn at random is {plan.draw}; 0 and more are accepted."
    if problem := configs.check_settings(replace(config, seed=config.seed + plan.seeds - 1)):
        return problem
    if not config.validation_split:
        return "A sweep chooses by images that are held back: hold some back for validation."
    if plan.method == "halving" and config.epochs < 2:
        return "Halving stops trainings after their first epoch: these have only one, so choose more epochs."
    if problem := _unheeded(config, plan):
        return problem
    whole = math.prod(len(axis.points()) for axis in plan.axes)
    if plan.method == "grid" and whole * plan.seeds > plan.budget:
        times = f" times {plan.seeds} seeds" if plan.seeds > 1 else ""
        return (
            f"The grid has {counted(whole, 'combination')}{times}, more than the budget of {plan.budget}: "
            "raise it, choose fewer values, or draw at random."
        )
    if plan.seeds > plan.budget:
        return f"The budget of {plan.budget} is less than one combination with its {plan.seeds} seeds."
    return next(filter(None, (configs.check(change(config, c)) for c in combinations(plan))), "")


def combinations(plan: Plan) -> list[dict[str, Any]]:
    """Return the settings to be tried, each once, always the same for the same plan."""
    axes = [axis.name for axis in plan.axes]
    if plan.method == "grid":
        every = itertools.product(*(axis.points() for axis in plan.axes))
        return [dict(zip(axes, values, strict=True)) for values in every]
    rng = np.random.default_rng(plan.draw)
    found: dict[tuple, None] = {}
    for _ in range(plan.budget // plan.seeds):
        for _ in range(_TRIES):
            drawn = tuple(axis.draw(rng) for axis in plan.axes)
            if drawn not in found:
                found[drawn] = None
                break
    return [dict(zip(axes, values, strict=True)) for values in found]


def milestones(epochs: int) -> list[int]:
    """Return the epochs after which halving looks: of 27 epochs 1, 3 and 9."""
    return [e for e in (REDUCTION**n for n in range(10)) if e < epochs]


def judged_after(config: TrainConfig, plan: Plan) -> list[int]:
    """Return the epochs after which a sweep's trainings are judged: halving alone has some."""
    return milestones(config.epochs) if plan.method == "halving" else []


def survives(value: float, reached: Sequence[float], reduction: int = REDUCTION) -> bool:
    """May a training go on past a milestone at which it has this value?

    The rule of asynchronous successive halving (Li and others, A System for Massively Parallel Hyperparameter
    Tuning, 2020), as Optuna's SuccessiveHalvingPruner has it: it has to be among the best 1/reduction of all
    that have reached the milestone so far, `reached`, this one too; while these are fewer, the best goes on.
    """
    go_on = max(1, len(reached) // reduction)
    return sum(other > value for other in reached) < go_on


def _unheeded(config: TrainConfig, plan: Plan) -> str:
    """Return one sentence about a setting that no training would heed, so that all were alike, or ''."""
    varied = {axis.name: axis.points() for axis in plan.axes}
    optimizers = varied.get("optimizer", (config.optimizer,))
    heeded = {name for one in optimizers for name in OPTIMIZERS[one].settings}
    augments = config.augmentation != augmentation.NONE or varied.keys() & _CHANGES.keys()
    adds = config.data in ("digit-lab", *configs.FINE_TUNING_DATA)
    why = dict.fromkeys(_OF_SOME - heeded, f"{' or '.join(optimizers)} has none")
    why |= {} if augments else {"p_no_augment": "nothing is augmented"}
    why |= {} if adds else {"extra_fraction": "nothing is added to these data"}
    return next((f"{label(name)} would change nothing: {why[name]}." for name in varied if name in why), "")


def _is_text(name: str) -> bool:
    return name in configs.CHOICES


def _spans(low: float, high: float) -> bool:
    return low > 0 and high / low >= (4 if isinstance(low, int) else _LOGARITHMIC)


def _value(name: str, text: str) -> Any:
    """One value as it is typed. Raises BadSweep."""
    text = text.strip()
    if name in configs.CHOICES:
        if text not in (options := configs.CHOICES[name].options):
            raise BadSweep(f"{label(name)} {text!r} is unknown; known are {', '.join(options)}.")
        return text
    kind = _CHANGES[name] if name in _CHANGES else type(configs.LIMITS[name][0])
    if kind is bool:
        if text.lower() not in ("true", "false", "yes", "no"):
            raise BadSweep(f"{label(name)} {text!r} is neither yes nor no.")
        return text.lower() in ("true", "yes")
    try:
        return kind(text)
    except ValueError:
        whole = "whole " if kind is int else ""
        raise BadSweep(f"{label(name)} {text!r} is not a {whole}number.") from None
