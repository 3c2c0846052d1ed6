"""`python -m core runs`, `recipes`, `backup`, `map` and `landscapes`: what there is, listed or written.

Called by `core.commands.command_line`, `core.commands.sweep` and `core.commands.train`.
"""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TypeAlias

from core.analysis import embedding, loss_plane, works
from core.commands import output
from core.data import datasets
from core.models import classifiers, networks
from core.records import Run
from core.runs import lost_workers
from core.storage.store import open_store
from core.training import configs
from core.training.recipes import RECIPES
from core.words import parse_id, percent

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_runs(commands: Commands) -> None:
    runs = commands.add_parser("runs", help="list all trainings")
    runs.add_argument("--json", action="store_true", help="one JSON object per line")
    runs.set_defaults(run=_runs)


def add_recipes(commands: Commands) -> None:
    recipes = commands.add_parser("recipes", help="list the recipes")
    recipes.add_argument("--json", action="store_true", help="one JSON object per line")
    recipes.set_defaults(run=_recipes)


def add_backup(commands: Commands) -> None:
    """Add the command `backup`, which `_backup` runs."""
    backup = commands.add_parser("backup", help="copy the database, also while the app runs and trains")
    backup.add_argument(
        "file", type=Path, metavar="FILE", help="a new file; docs/deployment.md says how to restore it"
    )
    backup.set_defaults(run=_backup)


def add_map(commands: Commands) -> None:
    the_map = commands.add_parser("map", help="make the files by which the map of digits is there at once")
    the_map.add_argument("--out", type=Path, metavar="FOLDER", default=works.SHIPPED)
    the_map.set_defaults(run=_map)


def add_landscapes(commands: Commands) -> None:
    landscapes = commands.add_parser("landscapes", help="make the files of the loss around the app's networks")
    landscapes.add_argument("--out", type=Path, metavar="FOLDER", default=loss_plane.SHIPPED)
    landscapes.set_defaults(run=_landscapes)


def _runs(options: argparse.Namespace) -> int:
    store = open_store()
    lost_workers.interrupt_gone(store)
    runs = store.runs()
    for run in runs:
        print(json.dumps(run_row(run)) if options.json else run_line(run))
    if not runs and not options.json:
        print(f"There are no runs yet: {output.program()} train --recipe quick")
    return 0


def run_or_sweep(text: str) -> int:
    """Take the number of a run or sweep, for argparse; what no database could hold is refused by it."""
    if (number := parse_id(text)) is None:
        raise argparse.ArgumentTypeError(f"expected a number such as 7, got {text!r}")
    return number


def run_row(run: Run) -> dict:
    """Return what `runs --json` says of a run: names to values that JSON knows."""
    row = dataclasses.asdict(run)
    more = {"kind": run.kind, "config": configs.to_json(run.config), "created": run.created.isoformat()}
    return {**row, **more}


def run_line(run: Run) -> str:
    """Return what `runs` says of a run, in one line."""
    accuracy = f"  test {percent(run.test_accuracy)}" if run.has_network else ""
    what = "own network" if run.kind == "trained" else "network"
    return (
        f"run {run.id}  {run.status:11}  {run.recipe or what:22}  {configs.origin(run.config)}"
        f"  {run.seconds:6.1f} s{accuracy}  {run.note}".rstrip()
    )


def _recipes(options: argparse.Namespace) -> int:
    for name, recipe in RECIPES.items():
        if options.json:
            row = {**dataclasses.asdict(recipe), "name": name, "config": configs.to_json(recipe.config)}
            print(json.dumps(row))
        else:
            print(f"{name}: {recipe.title}. Claim: {recipe.claim}. Source: {recipe.source}.")
    return 0


def _backup(options: argparse.Namespace) -> int:
    open_store().backup(options.file)
    print(f"{options.file} holds all drawings, trainings and networks.")
    return 0


def _map(options: argparse.Namespace) -> int:
    output.check_folder(options.out)
    for path in embedding.ship(classifiers.shipped(), options.out):
        print(f"{path} ({path.stat().st_size / 1000:,.0f} kB)")
    return 0


def _landscapes(options: argparse.Namespace) -> int:
    output.check_folder(options.out)
    for name in loss_plane.NETWORKS:
        try:
            print(loss_plane.ship(networks.shipped(name), options.out), flush=True)
        except datasets.NoData as error:
            print(f"{name}: {error}", flush=True)
    return 0
