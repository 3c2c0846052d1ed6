"""`python -m core data`: the data sets that people put into the data folder, and each as one .npz file.

Called by `core.commands.command_line`.
"""

import argparse
import io
from pathlib import Path

import numpy as np

from core.commands import output
from core.data import datasets
from core.ink.files import BadInput


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the others."""
    data = commands.add_parser("data", help="say which data sets are here, or write one of them as a .npz file")
    data.add_argument("name", nargs="?", choices=datasets.IN_FILES)
    data.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write its four arrays, upright, to this .npz",
    )
    data.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a line for each data set, or for the one that is named. Raises NoData and BadInput."""
    if options.out and not options.name:
        raise BadInput(f"--out needs the name of a data set: {', '.join(datasets.IN_FILES)}.")
    for name in [options.name] if options.name else datasets.IN_FILES:
        if not options.name and not datasets.has(name):
            print(f"{name}: {datasets.absent(name)}")
            continue
        data, kind = datasets.load(name), datasets.KINDS[name]
        print(
            f"{name}: {len(data.x_train):,} {kind.noun} to learn from, {len(data.x_test):,} to test with, "
            f"{len(kind.names)} classes. {datasets.remark(name)}".rstrip()
        )
        if options.out:
            _write(options.out, vars(data))
    return 0


def _write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    packed = io.BytesIO()  # of a path NumPy would make another, where it does not end in .npz
    np.savez_compressed(packed, allow_pickle=False, **arrays)  # type: ignore[arg-type]
    output.write(path, packed.getvalue())
    print(f"{path} ({path.stat().st_size / 1e6:,.1f} MB)")
