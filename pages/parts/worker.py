"""The page process's way to its worker, which is started before anyone asks for it."""

import contextlib
import threading

import streamlit as st

from core import jobs as core_jobs
from core.jobs import Jobs
from core.store import StoreError


def jobs() -> Jobs:
    """Return the jobs of this process. Raises StoreError."""
    return core_jobs.jobs()


@st.cache_resource
def warm_up() -> None:
    """Start the worker in the background, once, so that TensorFlow is there when someone clicks Train."""
    threading.Thread(target=_start, daemon=True).start()


def _start() -> None:
    with contextlib.suppress(StoreError):  # the Train page says it
        core_jobs.jobs()
