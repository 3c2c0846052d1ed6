"""`python -m core train`: train a network here, or go on with a training.

Called by `core.commands.command_line` and `core.commands.reproduce`.
"""

import argparse
import dataclasses
import json
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from tqdm import tqdm

from core.commands import output, show
from core.data import datasets, pen_files
from core.ink import files
from core.models import networks
from core.records import Metric, Run, TrainConfig
from core.runs import lost_workers, processes
from core.storage.database import HOME
from core.storage.store import Store, open_store
from core.training import configs, memory
from core.training.recipes import RECIPES
from core.words import percent

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_BAR = "{desc}{percentage:3.0f}% |{bar}| epoch {n:.2f} of {total} [{elapsed} < {remaining}]"

# Options that name what is learnt from -> what reads it, and says what is wrong with it.
_SOURCES: dict[str, Callable[[str], object]] = {
    "pen_digits": pen_files.pen_digits,
    "unipen_digits": pen_files.pen_digits,
    "unipen_characters": pen_files.pen_characters,
    "teachers": lambda folder: networks.load_all(Path(folder)),
}


def add(commands: Commands) -> None:
    """Add the command `train`, which `_train` runs."""
    train = commands.add_parser("train", help="train a network; it is also shown on the app's Runs page")
    what = train.add_mutually_exclusive_group(required=True)
    what.add_argument("--recipe", choices=RECIPES)
    what.add_argument(
        "--resume", type=show.run_or_sweep, metavar="RUN", help="go on with a run that has not come to its end"
    )
    train.add_argument(
        "--data",
        choices=("mnist", "cifar10", *datasets.IN_FILES),
        help="instead of the recipe's own data set; of those in files see `data`",
    )
    train.add_argument("--epochs", type=int, help="instead of the recipe's own number")
    train.add_argument("--seed", type=int, help="of all that chance decides, 0 unless said")
    train.add_argument(
        "--pen-digits", type=Path, metavar="FILE", help="for digit-lab: pen-drawn digits (docs/model-card.md)"
    )
    train.add_argument(
        "--unipen-digits", type=Path, metavar="FILE", help="for digit-lab: UNIPEN's digits (docs/model-card.md)"
    )
    train.add_argument(
        "--unipen-characters", type=Path, metavar="FILE", help="for digit-lab: UNIPEN's letters and signs"
    )
    train.add_argument(
        "--teachers",
        type=Path,
        metavar="FOLDER",
        help="for digit-lab-taught: a folder for each network it learns from",
    )
    train.add_argument("--json", action="store_true", help="one JSON object per line: each point, then the run")
    train.add_argument("--out", type=Path, metavar="FOLDER", help="store the network in this folder as well")
    train.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> int:
    store = open_store()
    if options.out:
        output.check_folder(options.out)  # now, and not when hours have gone by
    if options.recipe is None:
        _refuse_changes(options)
        number = stopped_run(store, options.resume)
    else:
        number = _new_run(store, options)
    run, network = watched(store, number, options.json), store.network(number)
    print(json.dumps(show.run_row(run)) if options.json else show.run_line(run))
    if run.status == "stopped" and not options.json:
        print(f"To go on: {output.program()} train --resume {number}")
    if network and options.out:
        networks.save(network, options.out)
    return 0 if run.has_network else 1


def watched(store: Store, number: int, as_json: bool) -> Run:
    """Train a queued run here, with a bar or a line per point, until it ends or Ctrl C is pressed."""
    # TensorFlow: six seconds that the other commands need not wait.
    from core.worker import tasks  # noqa: PLC0415

    def stop(*_: object) -> None:
        # In a thread: the training may hold the database's lock at the very line where Ctrl C reaches it.
        threading.Thread(target=store.ask_to_stop, args=(number,)).start()

    signal.signal(signal.SIGINT, stop)  # Ctrl C keeps the best weights
    run = store.run(number)
    assert run is not None
    config = run.training
    with tqdm(total=config.epochs, unit="epoch", disable=as_json or None, bar_format=_BAR) as bar:

        def report(metric: Metric) -> None:
            try:
                bar.update(round(metric.epoch, 2) - bar.n)
                if as_json:
                    print(json.dumps(dataclasses.asdict(metric)), flush=True)
                elif metric.whole:
                    bar.write(_line(metric, config))
                    sys.stdout.flush()
            except BrokenPipeError:  # nobody reads on, as after `| head`
                output.discard()
                stop()
            except OSError as error:  # as of a log whose disk is full
                output.discard()
                print(f"What is printed is lost ({error.strerror}); the training goes on.", file=sys.stderr)

        def drawn(fraction: float) -> None:
            bar.set_description("" if fraction == 1 else f"drawing its pictures, {fraction:.0%}")

        tasks.train_run(store.url, number, report, drawn)
    run = store.run(number)
    assert run is not None
    return run


def _new_run(store: Store, options: argparse.Namespace) -> int:
    recipe = RECIPES[options.recipe]
    if options.recipe == "digit-lab-taught" and not options.teachers:
        raise files.BadInput(
            "The recipe digit-lab-taught learns from other networks: --teachers names their folder."
        )
    epochs = recipe.config.epochs if options.epochs is None else options.epochs
    config = dataclasses.replace(recipe.config, seed=options.seed or 0, epochs=epochs)
    config = dataclasses.replace(config, **_files(options))  # type: ignore[arg-type]
    if options.data and options.data != config.data:
        config = configs.with_data(config, options.data)
        if not datasets.has(config.data) and config.data in datasets.IN_FILES:
            raise files.BadInput(datasets.absent(config.data))
    if problem := configs.check(config) or memory.check(config):
        raise files.BadInput(problem)
    if config.data != recipe.config.data:
        return added(store, config, "", f"{recipe.title}, {datasets.KINDS[config.data].title}")
    return added(store, config, options.recipe, recipe.title)


def _files(options: argparse.Namespace) -> dict[str, str]:
    """The files among the options, by the settings they are. Raises BadInput for what cannot be read."""
    given = {name: str(path.resolve()) for name in _SOURCES if (path := getattr(options, name))}
    try:
        for name, path in given.items():
            _SOURCES[name](path)
    except ValueError as error:
        raise files.BadInput(str(error)) from None
    return given


def added(store: Store, config: TrainConfig, recipe: str, title: str) -> int:
    """A run for this process alone: an app that waits for runs leaves it."""
    from core.worker import tasks  # noqa: F401, PLC0415  # first what takes seconds: it is not silent meanwhile

    me = processes.name()
    return store.add(config, name=title, visitor=HOME, recipe=recipe, worker=me)


def _refuse_changes(options: argparse.Namespace) -> None:
    """Raise BadInput where a run that is resumed is asked to be another than it began as."""
    for name in ("data", "epochs", "seed", *_SOURCES):
        if getattr(options, name) is not None:
            raise files.BadInput(
                f"--{name.replace('_', '-')} {getattr(options, name)} is for a new run: run {options.resume} "
                "goes on with the settings that it began with. Leave it out, or train anew with --recipe."
            )


def stopped_run(store: Store, number: int) -> int:
    """Queue a run again that was stopped, or whose process has ended."""
    if (run := store.run(number)) is None:
        raise files.BadInput(f"There is no run {number}; `{output.program()} runs` lists what there is.")
    if run.kind == "imported":
        raise files.BadInput(f"Run {number} is a network from a file, so there is no training to go on with.")
    lost_workers.interrupt_gone(store, number)
    if not store.requeue(number, processes.name()):
        if number not in {run.id for run in store.runs()}:
            raise files.BadInput(f"Run {number} is deleted; Undo on the page Runs brings it back for a day.")
        raise files.BadInput(f"Run {number} is training or waiting just now, so there is nothing to resume.")
    return number


def _line(metric: Metric, config: TrainConfig) -> str:
    measured = configs.measured(config)
    return (
        f"epoch {metric.epoch:5.4g} of {config.epochs}  {metric.seconds:6.1f} s"
        f"  train {metric.train_accuracy:.2%}  {measured} {percent(metric.validation_accuracy)}"
    )
