"""A database by its URL, SQLite or PostgreSQL: connections, transactions, owners and its errors as sentences.

Every transaction is short and on a connection of its own, so pages and workers may use it from any thread or
process.

What is stored has an owner, the name of a visitor. `of` returns the same database for one owner alone: all that
it reads and writes is theirs. Without an owner it is the program itself, its workers and its clock.
"""

import contextlib
import copy
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage import migrations

HOME = ""  # the owner whose visits are from this computer itself, and of what has no other
_BUSY_SECONDS = 6  # that SQLite waits for another writer; workers try again
_CONNECT_SECONDS = 3  # that PostgreSQL is waited for
_POOL_SECONDS = 6  # that a thread waits for one of the connections that others use


class StoreError(Exception):
    """The database cannot be reached, read or written; the text is one sentence that says why."""


class NotNow(StoreError):
    """The database is away or in use just now: what has failed may work in a moment."""


class NotYours(StoreError):
    """It belongs to somebody else; nothing was changed."""


class LimitReached(StoreError):
    """One visitor wants more than is left for the others."""


class Database:
    """The database at `url`; tables and columns are made if they are missing. Raises StoreError.

    make: whether a SQLite file that is not there is made.
    """

    def __init__(self, url: str, *, make: bool = True):
        self.url = url
        self.owner: str | None = None
        try:
            address = sa.make_url(url)
            if address.drivername == "postgresql":
                address = address.set(drivername="postgresql+psycopg")
            self._file = self._folder_of(address)
            self._engine = sa.create_engine(address, **_settings(address))
        except (sa.exc.ArgumentError, ImportError, ValueError) as error:
            raise StoreError(
                f"The database cannot be opened: {str(error).rstrip('.')}. DIGIT_LAB_DATABASE takes such as "
                "postgresql://user:password@host/name."
            ) from None
        except OSError as error:
            raise StoreError(
                f"The data folder cannot be written: {error.filename}, {error.strerror}. Set DIGIT_LAB_HOME to "
                "a folder that can be."
            ) from None
        if address.get_backend_name() == "sqlite":
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        self._opened: dict[str, tuple[int, int] | None] = {"file": None}  # which one; of all its owners
        if not make:
            self._check_file()
        self._upgrade()

    @staticmethod
    def _folder_of(address: sa.URL) -> Path | None:
        """SQLite's file, whose folder is made; None for another database, or one in memory."""
        if address.get_backend_name() != "sqlite" or not address.database or address.database == ":memory:":
            return None
        file = Path(address.database)
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def of(self, owner: str) -> Self:
        """Return this database as its owner sees it: all that is theirs, and nothing else may be changed.

        Of one that has an owner already there is no other's: raises NotYours.
        """
        self.check_owner(owner)
        theirs = copy.copy(self)
        theirs.owner = owner
        return theirs

    def check_owner(self, owner: str) -> None:
        """Raise NotYours where this is the database as somebody else sees it."""
        if self.owner not in (None, owner):
            raise NotYours("This belongs to somebody else: only who has made it can look at it or change it.")

    def program_only(self) -> None:
        """Raise NotYours where this is the database as any visitor sees it."""
        if self.owner is not None:
            raise NotYours("Only the program itself does this, for all.")

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """Return one transaction on a connection of its own, for tables that another module looks after."""
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        self._check_file()
        with self._on_connection() as connection:
            yield connection

    @contextmanager
    def _on_connection(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            sentence = self._sentence(error)
            raise (NotNow if self._may_pass(error) else StoreError)(sentence) from error

    def _check_file(self) -> None:
        """Notice that SQLite's file was deleted or replaced. Raises StoreError where it is not there."""
        if self._file is None or (found := _identity(self._file)) == self._opened["file"] is not None:
            return
        self._engine.dispose()  # else what is stored would go to the file that is gone
        if found is None:
            raise StoreError(
                f"The database {self._file} is not there any more. Put it back from a backup; or, for an empty "
                "one, start the app again."
            )
        if self._opened["file"] is not None:
            self._upgrade()

    def _upgrade(self) -> None:
        try:
            with self._on_connection() as connection:
                migrations.upgrade(connection)
        except migrations.NewerVersion as error:
            raise StoreError(str(error)) from None
        self._opened["file"] = _identity(self._file)

    def _may_pass(self, error: sa.exc.SQLAlchemyError) -> bool:
        if self._engine.dialect.name == "sqlite":
            return isinstance(error, sa.exc.TimeoutError) or "locked" in str(getattr(error, "orig", ""))
        return isinstance(error, sa.exc.TimeoutError | sa.exc.OperationalError)

    def _sentence(self, error: sa.exc.SQLAlchemyError) -> str:
        orig = getattr(error, "orig", None)
        reason = (str(orig or "").strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        if isinstance(error, sa.exc.TimeoutError):
            return "The database is busy with many requests at once. Try again in a moment."
        if self._engine.dialect.name != "sqlite":
            if isinstance(error, sa.exc.OperationalError):
                return f"The database's server cannot be reached just now: {reason}."
            return f"The database cannot be read or written: {reason}."
        if "full" in reason:
            return (
                f"The disk is full, so nothing more can be stored ({reason}). What was stored before is safe."
            )
        if "locked" in reason:
            return (
                "The database is in use by another program, so nothing was stored just now. "
                "Try again in a moment."
            )
        if "malformed" in reason or "not a database" in reason:
            return (
                f"The database {self._file} is damaged ({reason}). Stop the app, move away this file and those "
                "beside it that end in -wal and -shm, and put a backup in its place or start with an empty one."
            )
        if "readonly" in reason or "unable to open" in reason:
            return (
                f"The database {self._file} cannot be written: {reason}. Mend the file's and folder's rights."
            )
        return f"The database cannot be read or written: {reason}."

    def backup(self, file: Path) -> None:
        """Copy the whole SQLite database into a new file, as it is at one moment, while others write to it.

        Raises StoreError.
        """
        self.program_only()
        if self._engine.dialect.name != "sqlite":
            raise StoreError("This database is PostgreSQL, whose own `pg_dump` makes the backup.")
        half = file.with_name(f"{file.name}.{os.getpid()}.part")
        try:
            if file.exists():
                raise StoreError(f"{file} is there already, and is left as it is; name a new file.")
            with self._transaction() as connection, contextlib.closing(sqlite3.connect(half)) as target:
                connection.connection.driver_connection.backup(target)  # type: ignore[union-attr]
            half.replace(file)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The backup {file} cannot be written: {error}.") from None
        finally:
            half.unlink(missing_ok=True)


def _settings(address: sa.URL) -> dict[str, Any]:
    """How an engine connects: answers come soon, also those that say why not."""
    if address.get_backend_name() == "sqlite":
        return {"pool_timeout": _POOL_SECONDS} if address.database not in (None, "", ":memory:") else {}
    wait = {"connect_timeout": _CONNECT_SECONDS, "tcp_user_timeout": 1000 * _BUSY_SECONDS}
    return {"pool_timeout": _POOL_SECONDS, "pool_pre_ping": True, "connect_args": wait}


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Which file this is, whatever its name; None where there is none."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Readers and a writer at once; a crash of the program loses nothing, one of the system the last moment."""
    connection.execute(f"PRAGMA busy_timeout={1000 * _BUSY_SECONDS}")
    for setting in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")


def put(connection: sa.Connection, row: dict[str, Any], table: sa.Table) -> None:
    """Store a row in place of the one of its primary key, if there is one: also where two do so at once."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    keys = [column.key for column in table.primary_key]
    new = insert(table).values(row)
    others = {key: new.excluded[key] for key in row if key not in keys}
    connection.execute(new.on_conflict_do_update(index_elements=[table.c[key] for key in keys], set_=others))
