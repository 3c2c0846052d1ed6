"""Runs beside what tutorials claim and what has been published, and the spread of several seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import configs
from core.datasets import KINDS
from core.recipes import RECIPES
from core.records import Run


@dataclass(frozen=True)
class Row:
    """accuracy: share of the 10,000 test pictures. who: whose network. source: where it was said.

    run: the run's number, or None for a figure of somebody else's.
    """

    accuracy: float
    who: str
    source: str
    run: int | None = None


# The data sets that have a leaderboard: keys of KINDS.
PUBLISHED = {
    "mnist": (
        Row(0.9991, "Ensemble of convolutional networks", "An, Lee, Park, Yang and So, 2020"),
        Row(0.9983, "Best single network", "Byerly, Kalganova and Dear, 2020"),
        Row(0.9980, "The world record that the first tutorial names", RECIPES["first-conv-best"].source),
    ),
    "cifar10": (
        Row(
            0.9950,
            "Vision Transformer, which had seen 300 million other pictures before",
            "Dosovitskiy and others, An Image is Worth 16x16 Words, 2020",
        ),
        Row(
            0.9538,
            "Residual network of 1,001 layers",
            "He, Zhang, Ren and Sun, Identity Mappings in Deep Residual Networks, 2016",
        ),
    ),
}


def measured_on(runs: Sequence[Run], data: str) -> list[Run]:
    """Return the runs whose networks are measured on this data set's test pictures, whatever they learnt from.

    data: a key of PUBLISHED.
    """
    return [run for run in runs if configs.kind(run.config).noun == KINDS[data].noun]


def rows(runs: Sequence[Run], data: str = "mnist") -> list[Row]:
    """Return the best run of each recipe or name, the tutorials' claims and the records, the best first.

    Only those that are measured on the same test pictures. data: a key of PUBLISHED.
    """
    best: dict[str, Run] = {}
    for run in measured_on(runs, data):
        if run.test_accuracy is not None:
            key = run.recipe if run.recipe in RECIPES else run.name
            if key not in best or run.test_accuracy > (best[key].test_accuracy or 0):
                best[key] = run
    ours = [Row(run.test_accuracy or 0, run.name, f"run {run.id}", run.id) for run in best.values()]
    claims = [
        Row(recipe.accuracy, f"{recipe.title}, as claimed", recipe.source)
        for recipe in RECIPES.values()
        if recipe.accuracy and recipe.source != "Digit Lab" and recipe.config.data == data
    ]
    return sorted([*ours, *claims, *PUBLISHED[data]], key=lambda row: -row.accuracy)


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
