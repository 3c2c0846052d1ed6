"""In which settings some trainings differ. Called by `ui.sections.run_curves`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.nn import architectures
from core.records import Run
from core.runs.sweeps import shown
from core.training import configs, search

MAX_SETTINGS = 6
_FIRST = ("optimizer", "learning rate", "schedule", "batch size", "epochs", "training images", "parameters")


def settings(runs: Sequence[Run]) -> dict[str, tuple[Any, ...]]:
    """Return at most MAX_SETTINGS settings that differ among these trainings, the weightiest first.

    Of each its value for each run: numbers, words, yes or no; never None. The seed only where nothing else
    differs: it is chance.
    """
    each = [_of(run) for run in runs]
    names = (
        sorted(each[0], key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST)) if each else []
    )
    found = {name: _alike([its[name] for its in each]) for name in names}
    differ = {name: values for name, values in found.items() if len(set(values)) > 1}
    seeds = differ.pop("seed", None)
    if not differ and seeds:
        return {"seed": seeds}
    return dict(list(differ.items())[:MAX_SETTINGS])


def _of(run: Run) -> dict[str, Any]:
    """All settings of a training, by their names in words."""
    config, kind = run.training, configs.kind(run.config)
    plain = {name: getattr(config, name) for name in (*configs.SETTINGS, *configs.CHOICES)}
    plain |= asdict(config.augmentation)
    plain["learning_rate"] = configs.peak_learning_rate(config)
    words = {search.label(name).lower(): value for name, value in plain.items() if name != "train_size"}
    return words | {
        "training images": configs.divide(config)[0],
        "parameters": architectures.parameters(config.layers, kind.shape),
        "data": kind.title,
        "steered": "yes" if config.changes else "no",
    }


def _alike(values: Sequence[Any]) -> tuple[Any, ...]:
    """Numbers, or all of them as words: yes, no, and 'usual' for what is left to the optimizer."""
    if not any(value is None or isinstance(value, str | bool) for value in values):
        return tuple(values)
    words = {None: "usual", True: "yes", False: "no"}
    plain = (value is None or isinstance(value, bool) for value in values)
    return tuple(words[v] if is_plain else shown(v) for v, is_plain in zip(values, plain, strict=True))
