"""A PostgreSQL server of our own in a temporary folder, for the store's tests.

`python -m tests.postgres` installs one where that can be done without asking.
"""

import contextlib
import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.browser.chromium import apt_install
from tests.browser.server import free_port


def main() -> None:
    if _programs() is None:
        apt_install("postgresql")
    print("store tests use PostgreSQL too" if _programs() else "store tests use SQLite only")


@contextlib.contextmanager
def server() -> Iterator[str | None]:
    """Yield the URL of an empty database, or None where no server is installed."""
    programs = _programs()
    if programs is None:
        yield None
        return
    # Not in pytest's folder, to which each start of pytest shuts out everybody else.
    with tempfile.TemporaryDirectory(prefix="digit-lab-postgres-") as folder:
        prefix = _as_somebody(Path(folder))
        if prefix is None:
            yield None
        else:
            yield from _serve(programs, prefix, Path(folder))


def _serve(programs: Path, prefix: list[str], folder: Path) -> Iterator[str]:
    data, port = folder / "data", free_port()
    _run([*prefix, programs / "initdb", "-D", data, "-A", "trust", "-U", "lab"])
    options = f"-p {port} -k {folder} -c listen_addresses=localhost -c fsync=off"
    _run([*prefix, programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"])
    try:
        yield f"postgresql://lab@localhost:{port}/postgres"
    finally:
        _run([*prefix, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl, which Debian keeps off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


def _as_somebody(folder: Path) -> list[str] | None:
    """The words before a command: the server refuses to run as root."""
    if getpass.getuser() != "root" and os.geteuid() != 0:
        return []
    if not shutil.which("runuser"):
        return None
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


def _run(command: list) -> None:
    words = [str(part) for part in command]
    # Into a file: what the server inherits of a pipe would keep it open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(words, check=False, stdout=said, stderr=subprocess.STDOUT, cwd="/")
        said.seek(0)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {said.read().decode()}")


if __name__ == "__main__":
    main()
