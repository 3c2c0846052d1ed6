"""The only writer of a run in training: metrics, checkpoints, heartbeats, repeated while the database is away.

Called by `core.worker.run_results` and `core.worker.tasks`.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from core.records import Checkpoint, Metric, Network, Probe, Snapshot, State, View
from core.storage import states, steering
from core.storage.database import NotNow
from core.storage.run_access import NotMine
from core.storage.steering import Request
from core.storage.store import Store, StoreError
from core.training import steering as settings

PATIENCE = 60.0  # seconds in which a database that is away or in use is tried again
EACH = ("metric", "state")  # of these none takes an earlier one's place
GIVES_WAY = 600.0  # seconds that others wait for what is paused or slow, and of which nobody asks anything
_POLL = 0.25  # seconds between two looks at the stop flag
_HEARTBEAT = 2.0  # and between two heartbeats
_AGAIN = 0.5  # and between two tries of what has to be stored now


class Writer:
    """One claim of a run. While it is open, a thread says that this worker lives, however long a step takes.

    What is told along the way is stored when the database can be reached; training goes on meanwhile. Raises
    NotMine once the run is in other hands, and StoreError for what cannot be stored.

    gives_way: while it is paused, or in slow motion, others may wait for this worker. gave_way: it was stopped,
    because it was paused for GIVES_WAY while others waited.
    """

    def __init__(self, store: Store, run_id: int, token: str, *, gives_way: bool = False):
        self.store, self.run_id, self.token = store, run_id, token
        self._gives_way, self.gave_way = gives_way, False
        self._pace = "resume"
        self._since = time.monotonic()  # since when others wait and nothing is asked of it
        self._stop, self._over = False, threading.Event()
        self._late: list[tuple[str, Callable[[], None]]] = []  # what is not stored yet
        self._storing = threading.RLock()
        self._asked: list[Request] = []  # and not yet told
        self._known = 0  # the last request's id
        self._reached = time.monotonic()  # when the database was last written to
        self._drawing: np.ndarray | None = None

    def __enter__(self) -> "Writer":
        threading.Thread(target=self._live, name="digit-lab-heartbeat", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def should_stop(self) -> bool:
        """Was it asked to stop, or is it in other hands?"""
        return self._stop

    def drawing(self) -> np.ndarray | None:
        """Return the drawing to be read, float32 [28, 28], or None."""
        with contextlib.suppress(NotNow):
            self._drawing = self.store.drawing(self.run_id)
        return self._drawing

    def add_metric(self, metric: Metric, images_per_second: float) -> None:
        """As the store's method, now or later; the next two as well, which replace what is not yet stored."""
        if self._pace == "pause":  # it goes on for a batch or an epoch
            self._since = time.monotonic()
        self._write(
            "metric",
            lambda: self.store.add_metric(self.run_id, metric, images_per_second, token=self.token),
        )

    def set_snapshot(self, snapshot: Snapshot) -> None:
        """As the method of the store, now or later."""
        self._write("snapshot", lambda: self.store.set_snapshot(self.run_id, snapshot, token=self.token))

    def set_checkpoint(self, checkpoint: Checkpoint) -> None:
        """As the method of the store, now or later."""
        self._write("checkpoint", lambda: self.store.set_checkpoint(self.run_id, checkpoint, token=self.token))

    def set_probe(self, probe: Probe) -> None:
        """As the functions of `storage.states`, now or later; the next two as well."""
        self._write("probe", lambda: states.set_probe(self.store, self.run_id, probe, token=self.token))

    def add_state(self, state: State, gone: Sequence[int]) -> None:
        """Have it stored within a moment, by the thread, while the training goes on; so is what follows."""
        self._later(lambda: states.add(self.store, self.run_id, state, gone, token=self.token))

    def set_view(self, step: int, view: View) -> None:
        self._later(lambda: states.set_view(self.store, self.run_id, step, view, token=self.token))

    def requests(self) -> list[Request]:
        """Return what was asked of this training since the last call."""
        with self._storing:
            asked, self._asked = self._asked, []
        return asked

    def heeded(self, request: Request, step: int, images: int) -> None:
        """As the function of `storage.steering`, within a moment."""
        self._later(lambda: steering.heeded(self.store, self.run_id, request, step, images, token=self.token))

    def begin(self) -> None:
        """As the function of `storage.steering`, now."""
        self.now(lambda: steering.begin(self.store, self.run_id, token=self.token))
        with self._storing:
            self._asked = [one for one in self._asked if one.name in settings.SETTINGS]
            self._pace = "resume"

    def moments(self) -> list[tuple[int, int]]:
        """Return the states that this run has, as (step, images)."""
        return states.moments(self.store, self.run_id)

    def forget_after(self, checkpoint: Checkpoint) -> None:
        """Remove what a training that goes on from there will tell again, now; so are those that follow."""
        self.now(lambda: self.store.forget_metrics_after(self.run_id, checkpoint.images, token=self.token))
        self.now(lambda: states.forget_after(self.store, self.run_id, checkpoint.step, token=self.token))

    def finish(self, network: Network, keras: bytes, probabilities: np.ndarray | None, **facts: Any) -> None:
        """As the method of the store, now."""
        self.now(
            lambda: self.store.finish(self.run_id, network, keras, probabilities, token=self.token, **facts)
        )

    def end(self, status: str, note: str) -> None:
        """As the method of the store, now."""
        self.now(lambda: self.store.end(self.run_id, status, note, token=self.token))

    def now(self, write: Callable[[], None] = lambda: None) -> None:
        """Store what is late, then this, trying for a while."""
        with self._storing:
            self._late.append(("now", write))
        began = time.monotonic()
        while refused := self._store():
            if time.monotonic() - began > PATIENCE:
                raise refused
            time.sleep(_AGAIN)

    def _write(self, kind: str, write: Callable[[], None]) -> None:
        with self._storing:
            if kind not in EACH:
                self._late = [late for late in self._late if late[0] != kind]
            self._late.append((kind, write))
        if (refused := self._store()) and time.monotonic() - self._reached > PATIENCE:
            raise refused

    def _listen(self) -> None:
        """Hear what is asked of the training."""
        new = [one for one in steering.pending(self.store, self.run_id) if one.id > self._known]
        if new:
            with self._storing:
                self._asked += new
                self._known, self._since = new[-1].id, time.monotonic()
                self._pace = steering.pace(new, self._pace)

    def _give_way(self) -> None:
        """Have it stop that is paused, or go on in full that is slow, once others have waited for long."""
        if self._pace == "resume" or not self._others_wait():
            self._since = time.monotonic()
        elif time.monotonic() - self._since > GIVES_WAY:
            if self._pace == "slow":
                steering.ask(self.store, self.run_id, "resume")
            else:
                self.store.ask_to_stop(self.run_id)
                self.gave_way = True
            self._since = time.monotonic()

    def _others_wait(self) -> bool:
        queue = self.store.queue()
        mine = {one.visitor for one in queue if one.id == self.run_id}
        return any(one.free and not one.running and one.visitor not in mine for one in queue)

    def _later(self, write: Callable[[], None]) -> None:
        with self._storing:
            self._late.append(("state", write))

    def _store(self) -> NotNow | None:
        """Store what is late, in its order. Returns why the rest is not, where that may pass."""
        with self._storing:
            while self._late:
                try:
                    self._late[0][1]()
                except NotNow as error:
                    return error
                self._late.pop(0)
                self._reached = time.monotonic()
        return None

    def _live(self) -> None:
        last_heartbeat = time.monotonic()  # by the claim
        while not self._over.is_set():
            try:
                if time.monotonic() - last_heartbeat >= _HEARTBEAT:
                    self._stop, last_heartbeat = self.store.heartbeat(self.run_id, self.token), time.monotonic()
                    self._reached = last_heartbeat
                    if self._gives_way and not self._stop:
                        self._give_way()
                else:
                    self._stop = self.store.stop_requested(self.run_id)
                self._listen()
                if self._late:
                    self._store()
            except NotMine:
                self._stop = True
                return
            except StoreError:  # those who would hear it cannot be reached by it; the training itself says so
                pass
            self._over.wait(_POLL)
