"""On how many threads NumPy and SciPy multiply: one, unless the environment says otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = "OPENBLAS_NUM_THREADS"
LATER = """
import os
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

if "LIMIT" in os.environ:
    threadpool_limits(int(os.environ.pop("LIMIT")), "blas")
import core
import scipy.linalg

used = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]
print(len(used), *sorted(set(used)), os.environ["OPENBLAS_NUM_THREADS"])
"""


def said(**variables: str) -> list[str]:
    own = {name: value for name, value in os.environ.items() if name != NAME}
    done = subprocess.run(
        [sys.executable, "-c", LATER], cwd=ROOT, env=own | variables, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_both_that_was_loaded_before_and_that_is_loaded_later_use_one():
    """NumPy's before `core` is imported, set to two as on two cores; SciPy's after it."""
    count, *used, told = said(LIMIT="2")
    assert int(count) == 2 or sys.platform == "darwin"  # there the system may multiply
    assert set(used) <= {"1"}
    assert told == "1"  # processes started from here are told


@pytest.mark.parametrize("chosen", ["1", "2"])
def test_what_somebody_has_chosen_stays(chosen):
    assert said(OPENBLAS_NUM_THREADS=chosen)[-1] == chosen
