"""Taking in files of labelled drawings beside the pages: with progress, to be ended at any time.

A file may keep a core busy for `exchange_bounds.SECONDS`. Two threads read them, so that one visitor does not
keep the others waiting, and each visitor has one file in them or waiting for them. All good drawings of a file
are stored when it is read, or none.

Called by `ui.sections.digit_files`.
"""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from core.ink.files import BadInput
from core.models import classifiers
from core.runs.executors import closing
from core.storage import drawings, exchange
from core.storage.store import Store

THREADS = 2
_pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="import")
_busy: set[str] = set()  # visitors with a file that is read or waits
_lock = threading.Lock()


class Cancelled(Exception):
    """The visitor has ended it, or the program ends; nothing is stored."""


@dataclass(frozen=True)
class Taken:
    """What came of a file.

    numbers: of the drawings that are stored now. already: how many were there before.
    refused: (name in the file, one sentence that says why not) of each other. remark: as in `Import`.
    """

    numbers: list[int]
    already: int
    refused: tuple[tuple[str, str], ...]
    remark: str = ""


class Importing:
    """One file on its way in. Raises BadInput where another one of this visitor is."""

    def __init__(self, store: Store, data: bytes, visitor: str, counts: str = ""):
        """counts: as in `exchange.read`."""
        self.fraction = 0.0  # 0..1, how much of it is read
        self._ended = threading.Event()
        with _lock:
            if visitor in _busy:
                raise BadInput("Another file of yours is still being read; bring this one when that is done.")
            _busy.add(visitor)
        self._future: Future[Taken] = _pool.submit(self._take, store, data, visitor, counts)
        self._future.add_done_callback(_freed(visitor))

    def cancel(self) -> None:
        """End it soon, unless it is being stored already."""
        self._ended.set()
        self._future.cancel()

    def waits(self) -> bool:
        """Is it still behind somebody else's?"""
        return not (self._future.running() or self._future.done())

    def done(self, seconds: float = 0.0) -> bool:
        """Is it over? seconds: to wait for it at most."""
        with suppress(TimeoutError, CancelledError):  # `result` tells it
            self._future.exception(timeout=seconds)
        return self._future.done()

    def result(self) -> Taken:
        """Return what came of it. Raises BadInput, StoreError, exchange_zip.Unclear or Cancelled."""
        if self._future.cancelled():
            raise Cancelled
        return self._future.result()

    def _take(self, store: Store, data: bytes, visitor: str, counts: str) -> Taken:
        predict = classifiers.shipped().predict
        known = drawings.known(store, visitor)
        found = exchange.read(data, visitor, known, self._on_progress, counts=counts, predict=predict)
        self._on_progress(1.0)
        numbers = drawings.add_many(store, found.good)
        return Taken(numbers, found.already + len(found.good) - len(numbers), found.refused, found.remark)

    def _on_progress(self, fraction: float) -> None:
        self.fraction = fraction
        if self._ended.is_set() or closing.is_set():
            raise Cancelled


def _freed(visitor: str) -> Callable[[Future], None]:
    def free(_: Future) -> None:
        with _lock:
            _busy.discard(visitor)

    return free
