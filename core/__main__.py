"""The command line: python -m core predict | train | sweep | data | backup | evaluate | export | runs |
recipes | reproduce | map | landscapes."""

import argparse
import sys

from core.commands import data, evaluate, predict, reproduce, show, sweep, train
from core.data import datasets
from core.ink import files
from core.storage.store import StoreError


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True)

    for add in (
        predict.add,
        train.add,
        sweep.add,
        data.add,
        show.add_backup,
        evaluate.add_evaluate,
        evaluate.add_export,
        show.add_runs,
        show.add_recipes,
        reproduce.add,
        show.add_map,
        show.add_landscapes,
    ):
        add(commands)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (StoreError, files.BadInput, datasets.NoData) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
