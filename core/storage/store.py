"""Runs, their curves and their networks in a database: SQLite by default, PostgreSQL by its URL.

Here is what an owner does with a run. What a worker takes and lets go stands in `run_claims`, what a training
says on its way in `run_progress`, what it leaves in `run_networks`, who may read and change what in
`run_access`.

Every method is one short transaction on a connection of its own, so pages and workers may call from
any thread or process. Records go in and come out; no row leaves this module.

As an owner sees it (`Store.of`), their own runs are read and changed, and published ones read; others are not
there.
"""

import json
import threading
import time
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa

from core import paths
from core.records import Checkpoint, Imported, TrainConfig
from core.storage import fair_queue, limits
from core.storage.database import HOME, NotYours, StoreError
from core.storage.run_access import ACTIVE
from core.storage.run_claims import RunClaims
from core.storage.run_networks import RunNetworks
from core.storage.run_progress import RunProgress, packed
from core.storage.schema import (
    checkpoints,
    drawings,
    metrics,
    networks,
    probes,
    runs,
    snapshots,
    states,
    steering,
)
from core.training import configs

KEPT_AFTER_DELETE = 24 * 3600.0  # seconds in which a deletion can be undone
_SAME_ANSWER = 3.0  # seconds in which a database that cannot be opened is not tried again

_opening = threading.Lock()
_refused: dict[str, tuple[float, StoreError]] = {}  # when, so that not each visitor waits for the same answer


def open_store(url: str | None = None) -> "Store":
    """Return the store of this computer, or the one at `url` that another process has made; one per process.

    Raises StoreError.
    """
    return _opened(url or paths.database(), make=url is None)


@lru_cache(4)  # a process has one; tests have many, each with its files open
def _opened(address: str, *, make: bool) -> "Store":
    with _opening:
        when, before = _refused.get(address, (0.0, None))
        if before and time.monotonic() - when < _SAME_ANSWER:
            raise StoreError(str(before))
        try:
            return Store(address, make=make)
        except StoreError as error:
            _refused[address] = time.monotonic(), error
            raise


class Store(RunClaims, RunProgress, RunNetworks):
    """The runs in the database at `url`. Raises StoreError."""

    def add(
        self,
        config: TrainConfig | Imported,
        *,
        name: str,
        visitor: str | None = None,
        recipe: str = "",
        drawing: np.ndarray | None = None,
        checkpoint: Checkpoint | None = None,
        worker: str = "",
    ) -> int:
        """Queue a training, or a network from a file, and return its id.

        visitor: whose it is; None for the owner, or for this computer's own user.
        drawing: float32 [28, 28], read as it learns. checkpoint: where it begins; `best` are a file's weights.
        worker: the only one that may train it, as in `claim`; '' for any.
        Raises NotYours where it would learn from what is somebody else's, LimitReached.
        """
        visitor = (self.owner or HOME) if visitor is None else visitor
        self.check_owner(visitor)
        pixels = None if drawing is None else np.float32(drawing).tobytes()
        with self._transaction() as connection:
            check_sources(self, connection, config)
            if self.owner is not None:
                limits.check_trainings(connection, self.owner)
            elif recipe == fair_queue.CLASS:  # the program begins it, for its teacher
                limits.check_trainings(connection, visitor, of_class=True)
            facts = {"name": name, "visitor": visitor, "recipe": recipe, "worker": worker, "drawing": pixels}
            run_id = insert_run(connection, config, facts)
            if checkpoint:
                connection.execute(sa.insert(checkpoints).values(run_id=run_id, **packed(checkpoint)))
            return run_id

    def position(self, run_id: int) -> int:
        """Return how many trainings come before this one: 0 for the one that is or will be trained next.

        Networks from files stand in nobody's way, and wait for no training.
        """
        self._check_readable(run_id)
        with self._transaction() as connection:
            found = fair_queue.active(connection)
        trained = [one.id for one in found if not one.imported]
        return trained.index(run_id) if run_id in trained else 0

    def rename(self, run_id: int, name: str) -> None:
        """Give a run another name."""
        self._update(run_id, name=name)

    def describe(
        self,
        run_id: int,
        *,
        name: str = "",
        notes: str | None = None,
        tags: str | None = None,
        baseline: bool | None = None,
    ) -> None:
        """Say what its owner has written of a run; what is not given stays. An owner has one baseline."""
        said = {"name": name or None, "notes": notes, "tags": tags, "baseline": baseline}
        values = {field: value for field, value in said.items() if value is not None}
        with self.changing(run_id) as connection:
            if baseline:
                whose = sa.select(runs.c.visitor).where(runs.c.id == run_id).scalar_subquery()
                connection.execute(sa.update(runs).where(runs.c.visitor == whose).values(baseline=False))
            if values:
                connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))

    def delete(self, run_id: int) -> None:
        """Hide a run, and stop it if it trains or waits; `undelete` brings it back for a day."""
        with self.changing(run_id) as connection:  # nobody can resume it between the one and the other
            ask_to_stop(connection, run_id)
            change = sa.update(runs).where(runs.c.id == run_id).values(deleted=time.time())
            connection.execute(change)

    def undelete(self, run_id: int) -> None:
        """Bring a deleted run back."""
        self._update(run_id, deleted=None)

    def publish(self, run_id: int, published: bool = True) -> None:
        """Show a run and its network to all, or to its owner alone again."""
        self._update(run_id, published=published)

    def purge(self, now: float | None = None) -> None:
        """Remove for good what was deleted more than a day ago."""
        self.program_only()
        before = (now or time.time()) - KEPT_AFTER_DELETE
        with self._transaction() as connection:
            gone = [row.id for row in connection.execute(sa.select(runs.c.id).where(runs.c.deleted < before))]
            for table in (metrics, snapshots, checkpoints, networks, probes, states, steering):
                connection.execute(sa.delete(table).where(table.c.run_id.in_(gone)))
            connection.execute(sa.delete(runs).where(runs.c.id.in_(gone)))
            connection.execute(sa.delete(drawings).where(drawings.c.deleted < before))

    def ask_to_stop(self, run_id: int) -> None:
        """Stop a run at its next batch; one that has not begun leaves the queue at once."""
        with self.changing(run_id) as connection:
            ask_to_stop(connection, run_id)

    def requeue(self, run_id: int, worker: str = "") -> bool:
        """Queue a run that has ended, to go on from its checkpoint. False if it has not ended, or is deleted.

        worker: as in `add`.
        """
        ended = sa.and_(runs.c.id == run_id, runs.c.status.not_in(ACTIVE), runs.c.deleted.is_(None))
        values = {"status": "queued", "note": "", "stop": False, "queued": time.time(), "worker": worker}
        change = sa.update(runs).where(ended).values(**values, token="")
        with self.changing(run_id) as connection:
            if self.owner is not None:
                limits.check_trainings(connection, self.owner)
            return connection.execute(change).rowcount == 1

    def active(self) -> list[int]:
        """Return the numbers of the runs that train or wait, the one that trains first."""
        query = sa.select(runs.c.id).where(
            runs.c.status.in_(ACTIVE), runs.c.deleted.is_(None), self._readable()
        )
        with self._transaction() as connection:
            # 'running' comes after 'queued' in the alphabet
            ordered = query.order_by(runs.c.status.desc(), runs.c.queued, runs.c.id)
            return list(connection.execute(ordered).scalars())


def check_sources(store: Store, connection: sa.Connection, config: TrainConfig | Imported) -> None:
    """What a training learns from, and begins with, is its owner's. Raises NotYours.

    A path is of this computer's own user alone, who may train once more what the command line has trained.
    """
    if store.owner not in (None, HOME) and configs.names_files(config):
        raise NotYours(
            "It would open files of the computer that trains, and these are named on its command line alone, "
            "by `python -m core train`."
        )
    if store.owner is None or (learns := configs.fine_tuning(config)) is None:
        return
    store.check_owner(learns.visitor)
    base = sa.select(runs.c.id).where(runs.c.id == learns.base, store._readable())
    if learns.base > 0 and connection.execute(base).first() is None:
        raise NotYours(f"Run {learns.base}, with which it would begin, is not yours, nor published.")


def insert_run(connection: sa.Connection, config: TrainConfig | Imported, facts: dict[str, Any]) -> int:
    """Queue a run in this transaction; return its id. facts: its other columns."""
    now = time.time()
    values = {
        "kind": "imported" if isinstance(config, Imported) else "trained",
        "config": json.dumps(configs.to_json(config)),
        "status": "queued",
        "created": now,
        "queued": now,
        **facts,
    }
    return connection.execute(sa.insert(runs).values(values)).inserted_primary_key[0]  # type: ignore[index]


def ask_to_stop(connection: sa.Connection, run_id: int) -> None:
    """As the method, in this transaction; who may do so is for the caller to check."""
    waiting = sa.and_(runs.c.id == run_id, runs.c.status == "queued")
    out = {"status": "stopped", "note": "It was taken out of the queue before it began."}
    connection.execute(sa.update(runs).where(waiting).values(out))
    connection.execute(sa.update(runs).where(runs.c.id == run_id).values(stop=True))
