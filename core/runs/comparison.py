"""How a finished run compares: with what its recipe promises, with the visitor's best, and on the leaderboard.

Called by `ui.sections.run_panel`.
"""

from collections.abc import Sequence

from core.records import Run
from core.runs import leaderboard
from core.training import configs
from core.training.recipes import RECIPES


def facts(run: Run, runs: Sequence[Run], visitor: str) -> list[str]:
    """Return some words on each comparison that can be made. runs: all that the visitor may see."""
    if run.test_accuracy is None:
        return []
    said, recipe = [], RECIPES.get(run.recipe)
    if recipe and recipe.accuracy and run.status == "done":  # a training that was stopped has promised nothing
        said.append(f"its recipe promises {recipe.accuracy:.1%}")
    if (best := best_of(run, runs, visitor)) is not None and best.test_accuracy is not None:
        said.append(f"your best, run {best.id}, has {best.test_accuracy:.2%}")
    rows = leaderboard.rows(runs, configs.kind(run.config).tested_on)
    known = {other.id: other for other in runs}
    theirs = [(n, known[row.run]) for n, row in enumerate(rows, 1) if row.run in known]
    place = next((n for n, other in theirs if other.id == run.id or _is_a_seed_of(run, other)), None)
    if place:
        said.append(f"place {place} of {len(rows)} on the leaderboard")
    return said


def _is_a_seed_of(run: Run, other: Run) -> bool:
    """Does the other stand on the leaderboard for this one, too?"""
    both = run.kind == other.kind == "trained"
    return both and configs.same_but_for_seed(run.training, other.training)


def best_of(run: Run, runs: Sequence[Run], visitor: str) -> Run | None:
    """Return the visitor's other run on the same data that read its validation images best, or None.

    The test chooses nothing: runs that have held none back are not compared.
    """
    others = [
        other
        for other in runs
        if other.kind == "trained" and other.id != run.id and other.visitor == visitor
        if other.config.data == run.config.data and other.training.validation_split
        if other.validation_accuracy is not None
    ]
    return max(others, key=lambda other: other.validation_accuracy or 0.0, default=None)
