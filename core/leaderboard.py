"""Runs beside what tutorials claim and what has been published, and the spread of several seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import configs
from core.recipes import RECIPES
from core.records import Run


@dataclass(frozen=True)
class Row:
    """accuracy: share of MNIST's 10,000 test digits. who: whose network. source: where it was said.

    run: the run's number, or None for a figure of somebody else's.
    """

    accuracy: float
    who: str
    source: str
    run: int | None = None


PUBLISHED = (
    Row(0.9991, "Ensemble of convolutional networks", "An, Lee, Park, Yang and So, 2020"),
    Row(0.9983, "Best single network", "Byerly, Kalganova and Dear, 2020"),
    Row(0.9980, "The world record that the first tutorial names", RECIPES["first-conv-best"].source),
)


def rows(runs: Sequence[Run]) -> list[Row]:
    """Return the best run of each recipe or name, the tutorials' claims and the records, the best first."""
    best: dict[str, Run] = {}
    for run in runs:
        if run.test_accuracy is not None and run.config.data != "cifar10":
            key = run.recipe if run.recipe in RECIPES else run.name
            if key not in best or run.test_accuracy > (best[key].test_accuracy or 0):
                best[key] = run
    ours = [Row(run.test_accuracy or 0, run.name, f"run {run.id}", run.id) for run in best.values()]
    claims = [
        Row(recipe.accuracy, f"{recipe.title}, as claimed", recipe.source)
        for recipe in RECIPES.values()
        if recipe.accuracy and recipe.source != "Digit Lab" and recipe.config.data == "mnist"
    ]
    return sorted([*ours, *claims, *PUBLISHED], key=lambda row: -row.accuracy)


def seeds(runs: Sequence[Run]) -> dict[str, list[tuple[int, float]]]:
    """Return {name: [(seed, test accuracy), ...]} of finished runs that differ in nothing but their seed.

    Only where there are at least two seeds.
    """
    groups: list[tuple[Run, dict[int, float]]] = []
    for run in sorted(runs, key=lambda r: r.id):
        if run.test_accuracy is None or run.status != "done" or run.recipe == "file":
            continue
        for first, found in groups:
            if configs.same_but_for_seed(first.config, run.config):
                found[run.config.seed] = run.test_accuracy
                break
        else:
            groups.append((run, {run.config.seed: run.test_accuracy}))
    names: dict[str, list[tuple[int, float]]] = {}
    for first, found in groups:
        if len(found) > 1:
            name = first.name if first.name not in names else f"{first.name} (run {first.id})"
            names[name] = sorted(found.items())
    return names
