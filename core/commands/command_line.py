"""The command line: its commands, and what is said where one of them fails.

Called by `core.__main__`.
"""

import argparse
import io
import sys

from core.commands import data, evaluate, output, predict, reproduce, show, sweep, train
from core.data import datasets
from core.ink import files
from core.storage.store import StoreError


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 1 where something failed."""
    # A file's name may hold what is no letter, or none of a terminal's.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            options = _parser().parse_args(arguments)
            return options.run(options)
        finally:
            print(end="", flush=True)  # now, while it can be said what is wrong with it
    except (StoreError, files.BadInput, datasets.NoData) as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:  # `| head` has read enough
        output.discard()
    except OSError as error:
        output.discard()
        what = error.filename or "What this command prints"
        print(f"{what} cannot be read or written: {error.strerror or error}.", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=output.program(), description="Digit Lab without its pages; COMMAND --help says more of each."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
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
    return parser
