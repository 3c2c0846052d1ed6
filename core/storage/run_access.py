"""Which runs there are, who may read and change them, and how their rows become records."""

import contextlib
import json
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from core.records import Imported, Run, TrainConfig
from core.storage.database import Database, NotYours, StoreError
from core.storage.schema import networks, runs
from core.training import configs

ACTIVE = ("queued", "running")
# What a row may raise.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)

_FROM_JSON: dict[str, Callable[[Any], TrainConfig | Imported]] = {
    "trained": configs.from_json,
    "imported": configs.imported_from_json,
}
_RUN_FIELDS = {f.name for f in fields(Run)} - {"config", "created", "has_network"}
Record = TypeVar("Record")


class NotMine(StoreError):
    """A writer has lost its run: it was taken for dead, or somebody has ended or resumed the run."""


class RunAccess(Database):
    """The runs in the database at `url`, and who may do what with them. Raises StoreError."""

    def run(self, run_id: int) -> Run | None:
        """Return one run, deleted or not, or None."""
        found = self._select(sa.and_(runs.c.id == run_id, self._readable()))
        return found[0] if found else None

    def runs(self) -> list[Run]:
        """Return all runs that are not deleted, the latest first."""
        return self._select(sa.and_(runs.c.deleted.is_(None), self._readable()))

    @contextmanager
    def writing(self, run_id: int, token: str | None) -> Iterator[sa.Connection]:
        """Return a transaction in which a run is written to, by its only writer where there is a token.

        Raises NotMine.
        """
        self.program_only()
        with self._transaction() as connection:
            mine = sa.and_(runs.c.id == run_id, sa.true() if token is None else runs.c.token == token)
            # A write, so that nobody can take the run away before this transaction has ended.
            written = connection.execute(sa.update(runs).where(mine).values(heartbeat=time.time())).rowcount
            if token is not None and not written:
                raise NotMine(f"Run {run_id} is not in the hands of this worker any more.")
            yield connection

    @contextmanager
    def changing(self, run_id: int) -> Iterator[sa.Connection]:
        """A transaction in which an owner changes a run of theirs. Raises NotYours."""
        with self._transaction() as connection:
            whose = sa.select(runs.c.visitor).where(runs.c.id == run_id)
            if self.owner is not None and connection.execute(whose).scalar_one_or_none() != self.owner:
                raise NotYours(f"Run {run_id} is not yours: only who has started it can change it.")
            yield connection

    def of_readable(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a row of another table is of a run that may be read."""
        its = sa.exists().where(runs.c.id == table.c.run_id, self._readable())
        return sa.true() if self.owner is None else its

    def _select(self, condition: sa.ColumnElement[bool]) -> list[Run]:
        has_network = sa.exists().where(networks.c.run_id == runs.c.id).label("has_network")
        with self._transaction() as connection:
            query = sa.select(runs, has_network).where(condition).order_by(runs.c.id.desc())
            return readable_records(_run, connection.execute(query).mappings())

    def _mine(self) -> sa.ColumnElement[bool]:
        return sa.true() if self.owner is None else runs.c.visitor == self.owner

    def _readable(self) -> sa.ColumnElement[bool]:
        """Theirs, and what is published."""
        shown = sa.and_(runs.c.published, runs.c.deleted.is_(None))
        return sa.true() if self.owner is None else sa.or_(self._mine(), shown)

    def _check_readable(self, run_id: int) -> None:
        if self.owner is not None and self.run(run_id) is None:
            raise NotYours(f"Run {run_id} is not yours, nor published.")

    def _update(self, run_id: int, **values: Any) -> None:
        with self.changing(run_id) as connection:
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))

    def _one(self, table: sa.Table, run_id: int, *names: str) -> dict[str, Any] | None:
        columns: Sequence[sa.Column] = [table.c[name] for name in names] or list(table.c)
        with self._transaction() as connection:
            query = sa.select(*columns).where(table.c.run_id == run_id, self.of_readable(table))
            row = connection.execute(query).mappings().first()
        return None if row is None else dict(row)


@contextmanager
def decoding(run_id: int) -> Iterator[None]:
    """Say of what cannot be decoded which run it is of. Raises StoreError."""
    try:
        yield
    except (*UNREADABLE, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise StoreError(f"What is stored of run {run_id} is damaged: {error}.") from None


def readable_records(make: Callable[[sa.RowMapping], Record], rows: Iterable[sa.RowMapping]) -> list[Record]:
    """The records of these rows, without those that cannot be read."""
    records = []
    for row in rows:
        with contextlib.suppress(*UNREADABLE):
            records.append(make(row))
    return records


def _run(row: sa.RowMapping) -> Run:
    return Run(
        config=_FROM_JSON[row["kind"]](json.loads(row["config"])),
        created=datetime.fromtimestamp(row["created"], UTC),
        has_network=bool(row["has_network"]),
        **{name: row[name] for name in _RUN_FIELDS},
    )
