"""What commands leave behind: files, what they print, and the name by which they tell of other commands."""

import contextlib
import os
import sys
from pathlib import Path

from core.ink.files import BadInput


def program() -> str:
    """Return how this command line is called: 'digit-lab' where the project is installed."""
    return "digit-lab" if Path(sys.argv[0]).stem == "digit-lab" else "python -m core"


def write(path: Path, data: bytes) -> None:
    """Write a file; what was there before stays until the new one is whole. Raises BadInput."""
    try:
        if path.exists() and not path.is_file():  # /dev/stdout, say: it has no content to lose
            path.write_bytes(data)
            return
        half = path.resolve().with_name(f"{path.name}.{os.getpid()}.part")
        try:
            half.write_bytes(data)
            half.replace(path.resolve())
        finally:
            half.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None


def check_folder(folder: Path) -> None:
    """Make a folder where it is missing. Raises BadInput where nothing can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f"{os.getpid()}.part"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise BadInput(f"The folder {folder} cannot be written: {error.strerror}.") from None


def discard() -> None:
    """Print no more, for nobody reads it: else Python says so with a traceback when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # where there is no file behind it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
