"""The page process's way to its worker, which is started before anyone asks for it."""

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import streamlit as st

from core.runs import queue
from core.runs.control import NotAccepted
from core.runs.queue import OwnJobs
from core.storage.database import NotYours
from core.storage.room_access import NoRoom
from core.storage.store import StoreError
from ui import say
from ui.state import visitor

_AGAIN = 10.0  # seconds between two tries to open a database that cannot be
Given = ParamSpec("Given")
Result = TypeVar("Result")


def jobs() -> OwnJobs:
    """Return the jobs of this process as the visitor sees them. Raises StoreError."""
    return queue.jobs().of(visitor.name())


def state(its: OwnJobs) -> str:
    """Return in one sentence why nothing is trained yet, '' where the worker is there."""
    if its.trouble or its.has_worker:
        return its.trouble
    if its.is_cold:
        return "The worker starts with the first training, in a few seconds."
    return "The worker is starting, which takes a few seconds."


def spoken(does: Callable[Given, object]) -> Callable[Given, None]:
    """Make a fragment or a callback say in one sentence what the database, or the worker, refuses."""

    @wraps(does)
    def speaks(*given: Given.args, **named: Given.kwargs) -> None:
        try:
            does(*given, **named)
        except (NotAccepted, StoreError) as error:
            say.error(error)

    return speaks


def there(does: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """Return what a fragment asks of a room; where that is not there any more, the whole page runs anew."""
    try:
        return does(*given, **named)
    except (NotYours, NoRoom):
        st.rerun()


@st.cache_resource
def warm_up() -> None:
    """Start the worker in the background, once, so that TensorFlow is there when someone clicks Train.

    Where DIGIT_LAB_WARM_WORKER is 0, the first click on Train starts it.
    """
    threading.Thread(target=_start, daemon=True).start()


def _start() -> None:
    while True:
        try:
            queue.jobs()
        except StoreError:  # the Train page says it
            time.sleep(_AGAIN)
        else:
            return
