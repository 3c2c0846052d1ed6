"""Runs beside what tutorials claim and what has been published, and the spread of several seeds.

Called by `core.runs.comparison`, `ui.sections.run_boards` and `ui.state.link_fields`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.datasets import KINDS
from core.records import Run
from core.training import configs
from core.training.recipes import RECIPES


@dataclass(frozen=True)
class Row:
    """accuracy: share of the test images, the mean where there are several seeds.

    who: whose network. source: where it was said.
    run: the run's id, or None for a figure of somebody else's; of several seeds the one that reads its
        validation images best, or where none were held back the latest.
    min, max: the range of several seeds; None where there is one figure.
    """

    accuracy: float
    who: str
    source: str
    run: int | None = None
    min: float | None = None
    max: float | None = None


_EMNIST = "Cohen, Afshar, Tapson and van Schaik, EMNIST, 2017"
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
    "fashion-mnist": (
        Row(
            0.9635,
            "Wide residual network, parts of its pictures erased by chance",
            "Zhong and others, Random Erasing Data Augmentation, 2020",
        ),
        Row(0.835, "People", "Xiao, Rasul and Vollgraf, Fashion-MNIST, 2017"),
    ),
    "emnist-digits": (Row(0.9590, "OPIUM, one hidden layer", _EMNIST),),
    "emnist-letters": (Row(0.8515, "OPIUM, one hidden layer", _EMNIST),),
    "emnist-balanced": (Row(0.7802, "OPIUM, one hidden layer", _EMNIST),),
}


def measured_on(runs: Sequence[Run], data: str) -> list[Run]:
    """Return the runs whose networks are measured on this data set's test images, whatever they learnt from.

    data: a key of PUBLISHED.
    """
    return [run for run in runs if KINDS[run.config.data].tested_on == data]


def rows(runs: Sequence[Run], data: str = "mnist") -> list[Row]:
    """Return a row for each recipe or name, the tutorials' claims and the records, the best first.

    Only those that are measured on the same test images. The test chooses nothing: of several seeds the mean
    and the range are told, and of several settings under one name those that read the validation images best.
    data: a key of PUBLISHED.
    """
    named: dict[str, list[Run]] = {}
    for run in measured_on(runs, data):
        named.setdefault(run.recipe if run.recipe in RECIPES else run.name, []).append(run)
    ours = [_row(group) for of_one_name in named.values() for group in _chosen(_groups(of_one_name))]
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
    names: dict[str, list[tuple[int, float]]] = {}
    for group in _groups([run for run in runs if run.status == "done"]):
        first = group[0]
        if len(group) > 1:
            name = first.name if first.name not in names else f"{first.name} (run {first.id})"
            found = [(run.training.seed, run.test_accuracy) for run in group if run.test_accuracy is not None]
            names[name] = sorted(found)
    return names


def _groups(runs: Sequence[Run]) -> list[list[Run]]:
    """The measured runs that differ in nothing but their seed, by number; of one seed the latest.

    One that was stopped counts where none of its group came to its end: it has seen less. A network from a
    file is a group of its own: nobody knows what it was trained with.
    """
    groups: list[dict[int, Run]] = []
    for run in sorted(runs, key=lambda r: (r.status != "done", r.id)):
        if run.test_accuracy is None:
            continue
        for group in groups:
            other = next(iter(group.values()))
            if _same_but_for_seed(other, run):
                if run.status == "done" or other.status != "done":
                    group[run.training.seed] = run
                break
        else:
            groups.append({0 if run.kind == "imported" else run.training.seed: run})
    return [sorted(group.values(), key=lambda r: r.id) for group in groups]


def _same_but_for_seed(one: Run, other: Run) -> bool:
    if "imported" in (one.kind, other.kind):
        return False
    return configs.same_but_for_seed(one.training, other.training)


def _chosen(groups: list[list[Run]]) -> list[list[Run]]:
    """Of those under one name, the one best on validation images, and all that have held none back."""
    held_out = [group for group in groups if _validation(group) is not None]
    best = max(held_out, key=lambda group: _validation(group) or 0.0, default=None)
    return [group for group in groups if group is best or _validation(group) is None]


def _validation(group: list[Run]) -> float | None:
    """The mean validation accuracy of some seeds, or None where it is not known of each."""
    held_out = [run for run in group if run.kind == "trained" and run.training.validation_split]
    known = [run.validation_accuracy for run in held_out]
    found = [accuracy for accuracy in known if accuracy is not None]
    return sum(found) / len(found) if len(found) == len(group) else None


def _row(group: list[Run]) -> Row:
    latest, values = group[-1], [run.test_accuracy for run in group if run.test_accuracy is not None]
    if len(values) == 1:
        return Row(values[0], latest.name, f"run {latest.id}", latest.id)
    source = f"{len(values)} seeds, runs {', '.join(str(run.id) for run in group)}"
    chosen = latest
    if _validation(group) is not None:
        chosen = max(group, key=lambda run: run.validation_accuracy or 0.0)
        source += f"; best on validation: {chosen.id}, with {chosen.test_accuracy:.2%}"
    return Row(sum(values) / len(values), latest.name, source, chosen.id, min(values), max(values))
