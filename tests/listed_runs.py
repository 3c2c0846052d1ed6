"""Runs as the list of them has them, which nobody has trained."""

from dataclasses import replace
from datetime import UTC, datetime

from core.records import Imported, Run
from core.training.recipes import RECIPES

PERCEPTRON = RECIPES["perceptron"].config


def run(
    number,
    accuracy,
    *,
    recipe="perceptron",
    name="Mine",
    seed=0,
    status="done",
    config=PERCEPTRON,
    validation=None,
    imported=False,
):
    config = Imported(config.layers, config.data) if imported else replace(config, seed=seed)
    return Run(
        id=number,
        name=name,
        visitor="somebody",
        recipe=recipe,
        config=config,
        status=status,
        note="",
        created=datetime(2025, 1, 1, tzinfo=UTC),
        test_accuracy=accuracy,
        validation_accuracy=validation,
    )
