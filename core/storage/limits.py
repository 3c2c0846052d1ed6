"""How much one visitor may have at once, so that nobody takes what is there for all.

This computer's own user has no limits. Each check runs in the transaction that would add something, and raises
LimitReached with one sentence. Until that transaction ends nobody else is checked, so that of two who would
each take the last place only one does.
"""

import threading
import time

import sqlalchemy as sa

from core.storage.database import HOME, LimitReached
from core.storage.schema import drawings, runs, sweeps

TRAININGS = 12  # that train or wait; a lesson begins nine
ALL_TRAININGS = 300  # of all visitors together: ten for each of a class
SWEEPS = 1  # that are not at their end
DRAWINGS = 20_000  # stored; as many as one file brings
_CHECKING = 0x11B175  # PostgreSQL's advisory lock of those who are checked
WRONG_CODES = 10  # of classes, typed within a minute


class Lately:
    """How often each has done something within the last minute, in this process."""

    def __init__(self) -> None:
        self._when: dict[str, list[float]] = {}
        self._changes = threading.Lock()

    def count(self, who: str, now: float | None = None) -> int:
        """Return how often. now: of `time.monotonic`, as below."""
        now = time.monotonic() if now is None else now
        with self._changes:
            return sum(when > now - 60 for when in self._when.get(who, ()))

    def add(self, who: str, now: float | None = None) -> None:
        """Count once more, and forget what was longer ago."""
        now = time.monotonic() if now is None else now
        with self._changes:
            lately = ((one, [when for when in all_ if when > now - 60]) for one, all_ in self._when.items())
            self._when = {one: kept for one, kept in lately if kept}
            self._when.setdefault(who, []).append(now)


def check_trainings(connection: sa.Connection, owner: str, *, of_class: bool = False) -> None:
    """May this owner begin one more training?

    of_class: it learns from a class, for which what others have waiting is no hindrance.
    """
    if owner == HOME:
        return
    _one_by_one(connection)
    active = sa.and_(runs.c.status.in_(("queued", "running")), runs.c.deleted.is_(None))
    mine = sa.func.sum(sa.case((runs.c.visitor == owner, 1), else_=0))
    query = sa.select(sa.func.count(), mine).select_from(runs).where(active, runs.c.visitor != HOME)
    of_all, own = (int(count or 0) for count in connection.execute(query).one())
    if own >= TRAININGS:
        raise LimitReached(
            f"{own} trainings of yours train or wait, which is as many as one visitor may have at once: stop "
            "one, or wait until one has ended."
        )
    if of_all >= ALL_TRAININGS and not of_class:
        raise LimitReached(
            f"{of_all} trainings of all visitors train or wait, which is as many as are taken at once: try "
            "again when some have ended."
        )


def check_sweeps(connection: sa.Connection, owner: str) -> None:
    """May this owner begin one more sweep?"""
    if owner == HOME:
        return
    _one_by_one(connection)
    active = sa.and_(sweeps.c.visitor == owner, sweeps.c.status == "running", sweeps.c.deleted.is_(None))
    count = connection.execute(sa.select(sa.func.count()).select_from(sweeps).where(active)).scalar_one()
    if count >= SWEEPS:
        raise LimitReached("A sweep of yours is still going on: stop it, or wait until it has ended.")


def check_drawings(connection: sa.Connection, owner: str, new: int) -> None:
    """May this owner store so many drawings more? Nobody else stores any until the transaction ends."""
    if owner == HOME:
        return
    stored = sa.and_(drawings.c.visitor == owner, drawings.c.deleted.is_(None))
    count = connection.execute(sa.select(sa.func.count()).select_from(drawings).where(stored)).scalar_one()
    if count + new > DRAWINGS:
        raise LimitReached(
            f"You have {count:,} stored drawings; with {new:,} more they would be over {DRAWINGS:,}, as many "
            "as one visitor may have: delete some on My digits first."
        )


def _one_by_one(connection: sa.Connection) -> None:
    """Wait until nobody else is between such a check and the end of its transaction."""
    if connection.dialect.name == "sqlite":
        # A write, though of no row: SQLite has one writer at a time. Its `BEGIN IMMEDIATE` would be refused
        # where this transaction has written before.
        connection.execute(sa.delete(runs).where(sa.false()))
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHECKING)))
