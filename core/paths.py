"""The folder, or the URL of the database, in which this computer keeps its users' data.

Called by `core.analysis.works`, `core.commands.reproduce`, `core.data.datasets`, `core.data.glyphs`,
`core.runs.executors`, `core.runs.queue`, `core.storage.store` and `core.worker.devices`.
"""

import os
from functools import lru_cache
from pathlib import Path

import platformdirs
from sqlalchemy import URL

ASSETS = Path(__file__).parents[1] / "assets"


def folder() -> Path:
    """Return the data folder: DIGIT_LAB_HOME, or where this system keeps a program's data."""
    named = os.environ.get("DIGIT_LAB_HOME")
    return Path(named).expanduser() if named else platformdirs.user_data_path("digit-lab")


def database() -> str:
    """Return the database's URL: DIGIT_LAB_DATABASE, or a SQLite file in the data folder."""
    if named := os.environ.get("DIGIT_LAB_DATABASE"):
        return named
    return _sqlite(folder() / "digit-lab.db")


@lru_cache(4)  # asked for at each run of a page, and each URL written out leaves a reference cycle
def _sqlite(file: Path) -> str:
    return URL.create("sqlite", database=str(file)).render_as_string()  # a ? in it, too


def cluster() -> str | None:
    """Return the address of a Dask scheduler that trains in this computer's place, or None."""
    return os.environ.get("DIGIT_LAB_CLUSTER") or None


def warm_worker() -> bool:
    """Return whether the worker is started before anybody trains: not where DIGIT_LAB_WARM_WORKER is 0."""
    return os.environ.get("DIGIT_LAB_WARM_WORKER") != "0"


def bfloat16() -> bool:
    """Return whether large networks may be computed in bfloat16: not where DIGIT_LAB_BFLOAT16 is 0."""
    return os.environ.get("DIGIT_LAB_BFLOAT16") != "0"


def niceness() -> int:
    """Return how far trainings give way to pages, 0..19: DIGIT_LAB_NICENESS, or 10 where it says no number."""
    said = os.environ.get("DIGIT_LAB_NICENESS", "")
    return min(int(said), 19) if said.isdecimal() else 10
