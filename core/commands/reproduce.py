"""`python -m core reproduce`: what tutorials claim beside what is measured here.

Called by `core.commands.command_line`.
"""

import argparse
import contextlib
import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from core import paths
from core.commands import output, train
from core.data import datasets, jpeg_copy
from core.ink import files
from core.runs import reproduction, reproduction_document
from core.storage.store import open_store
from core.words import counted

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add(commands: Commands) -> None:
    """Add the command `reproduce`, which `_reproduce` runs."""
    reproduce = commands.add_parser(
        "reproduce",
        help="train the tutorials' recipes and write docs/reproduction.md; goes on where it was interrupted",
    )
    reproduce.add_argument(
        "names", nargs="*", metavar="NAME", help="recipes, as `recipes` lists them; else all"
    )
    reproduce.add_argument("--seeds", type=int, help="how many; else 3 where each takes under ten minutes")
    reproduce.add_argument("--epochs", type=int, help="at most so many; the table says where a recipe has more")
    reproduce.add_argument(
        "--cifar10-is",
        default="",
        metavar="TEXT",
        help="such as 'a JPEG copy of CIFAR-10', if yours is no original",
    )
    reproduce.add_argument(
        "--into", type=Path, metavar="FOLDER", help="keep reproduction.json and reproduction.md there instead"
    )
    reproduce.add_argument(
        "--report", action="store_true", help="only write the page anew from what is measured"
    )
    reproduce.set_defaults(run=_reproduce)


def _reproduce(options: argparse.Namespace) -> int:
    if unknown := [name for name in options.names if name not in reproduction.NAMES]:
        known = ", ".join(reproduction.NAMES)
        raise files.BadInput(f"There is no tutorial's recipe {unknown[0]!r}; there are {known}.")
    if options.epochs is not None and options.epochs < 1:
        raise files.BadInput(f"The epochs are {options.epochs}, but have to be at least 1.")
    file, page = reproduction.FILE, reproduction_document.DOCUMENT
    if options.seeds is not None and options.seeds < 1:
        raise files.BadInput(f"The seeds are {options.seeds}, but have to be at least 1.")
    if options.into:
        file, page = (options.into / path.name for path in (file, page))
    for path in (file, page):
        output.check_folder(path.parent)
    os.environ["DIGIT_LAB_BFLOAT16"] = "0"  # as the tutorials computed: float32 on every processor
    results = _measured(file)
    for name in () if options.report else options.names or reproduction.TUTORIALS:
        seed = 0
        while seed < (options.seeds or reproduction.seeds(results, name)):
            with _images(reproduction.recipe(name).jpeg):
                found = _reproduced(name, seed, results, options)
            if found is not None:
                results = reproduction.add(results, name, found)
                reproduction.write(results, file)
                page.write_text(reproduction_document.document(results), encoding="utf-8")
                if found.epochs < min(found.of, options.epochs or found.of):
                    print("Interrupted; the same command goes on.")
                    return 1
            seed += 1
    page.write_text(reproduction_document.document(results), encoding="utf-8")
    missing = [name for name in reproduction.TUTORIALS if name not in results]
    print(f"{page} is written" + (f"; not yet measured: {', '.join(missing)}." if missing else "."))
    return 0


def _measured(file: Path) -> dict[str, tuple[reproduction.Result, ...]]:
    try:
        return reproduction.read(file)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise files.BadInput(
            f"{file} is not as this command writes it ({type(error).__name__}: {error}). Put it right, or away."
        ) from None


@contextlib.contextmanager
def _images(jpeg: int | None) -> Iterator[None]:
    """Where a recipe's images go through JPEG, work in a data folder of its own, where runs are kept, too."""
    if jpeg is None:
        yield
        return
    before, folder = os.environ.get("DIGIT_LAB_HOME"), paths.folder() / f"jpeg-{jpeg}"
    if not (folder / datasets.CIFAR10_FILE).exists():
        print(f"storing CIFAR-10 as JPEG of quality {jpeg}", flush=True)
        jpeg_copy.write(datasets.cifar10(), jpeg, folder / datasets.CIFAR10_FILE)
    os.environ["DIGIT_LAB_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["DIGIT_LAB_HOME"]
        else:
            os.environ["DIGIT_LAB_HOME"] = before


def _reproduced(
    name: str, seed: int, results: dict[str, tuple[reproduction.Result, ...]], options: argparse.Namespace
) -> reproduction.Result | None:
    """Train a recipe with a seed, or go on with it; None where that is done already."""
    recipe = reproduction.recipe(name)
    epochs = min(recipe.config.epochs, options.epochs or recipe.config.epochs)
    if reproduction.is_done(results, name, seed, epochs):
        return None
    store = open_store()
    config = dataclasses.replace(recipe.config, seed=seed, epochs=epochs)
    earlier = (run for run in store.runs() if run.recipe == name and run.config == config)
    run = next(earlier, None)
    print(f"{name}, seed {seed}, {counted(epochs, 'epoch')}", flush=True)
    if run is None:
        run = train.watched(store, train.added(store, config, name, recipe.title), as_json=False)
    elif run.status != "done":
        run = train.watched(store, train.stopped_run(store, run.id), as_json=False)
    if not run.has_network:
        raise files.BadInput(run.note or f"Run {run.id} has left no network.")
    from core.worker import tasks  # noqa: PLC0415

    last = tasks.last_test_accuracy(store.url, run.id)
    images = _of_images(options.cifar10_is, recipe.jpeg) if config.data == "cifar10" else ""
    device = run.device.replace("this computer's", f"{reproduction.processor()},")
    try:
        return reproduction.result(run, store.metrics(run.id), last, device, images, recipe.config)
    except ValueError as error:
        raise files.BadInput(f"{name}: {error}; the same command goes on.") from None


def _of_images(source: str, jpeg: int | None) -> str:
    """
    >>> _of_images("a copy of CIFAR-10", 50)
    'a copy of CIFAR-10, stored as JPEG of quality 50'
    """
    return source if jpeg is None else f"{source or 'CIFAR-10'}, stored as JPEG of quality {jpeg}"
