"""Names of processes that no other process ever has, and whether such a one still lives on this computer.

Called by `core.commands.train`, `core.runs.lost_workers`, `core.runs.placement`, `core.runs.queue` and
`core.worker.tasks`.
"""

import os
import platform
from pathlib import Path

import psutil


def name(process: int | None = None) -> str:
    """Return 'host:process:start' of this process, or of another one of this computer, by its id.

    Raises psutil.NoSuchProcess.
    """
    number = os.getpid() if process is None else process
    return f"{platform.node()}:{number}:{_start(number):.2f}"


def pid(named: str) -> int:
    """Return the process's number on its own computer."""
    return int(named.rsplit(":", 2)[1])


def is_here(named: str) -> bool:
    """Is, or was, it a process of this computer?"""
    return named.rsplit(":", 2)[0] == platform.node()


def lives(named: str) -> bool:
    """Does this process of this computer live? One that has ended but whose parent has not noticed does not."""
    try:
        zombie = psutil.Process(pid(named)).status() == psutil.STATUS_ZOMBIE
        return not zombie and name(pid(named)) == named
    except psutil.NoSuchProcess:
        return False


def _start(process: int) -> float:
    """When a process began, in seconds since any moment: a number that stays when the clock is set."""
    began = psutil.Process(process).create_time()
    try:
        # psutil adds when this computer started, which Linux counts back from its clock
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (FileNotFoundError, ProcessLookupError):
        return began
