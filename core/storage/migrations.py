"""Migrations: a database of an earlier version is given the tables, columns and indexes that it lacks.

Called by `core.storage.database`.
"""

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.schema import CreateColumn

from core.storage.schema import VERSION, metadata, versions

_UPGRADING = 0x0D161718AB  # PostgreSQL's advisory lock of those who change the tables


class NewerVersion(Exception):
    """A later version of this program has changed the tables; the text is one sentence."""


def upgrade(connection: Connection) -> None:
    """Make the tables, columns and indexes that the database lacks, in the transaction of this connection.

    Raises NewerVersion, having changed nothing.
    """
    if (found := version(connection)) > VERSION:
        raise NewerVersion(
            f"The database is of version {found}, made by a newer Digit Lab; this one knows up to {VERSION}. "
            "Nothing was changed: start the newer one."
        )
    if found == VERSION and not any(_missing(connection)):
        return
    # Two programs that both miss something would both make it.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
    tables, columns, indexes = _missing(connection)
    metadata.create_all(connection, tables)
    for column in columns:
        definition = CreateColumn(column).compile(dialect=connection.dialect)
        connection.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {definition}"))
    for fill in filter(None, (column.info.get("fill") for column in columns)):
        if callable(fill):
            fill(connection)
        else:
            connection.execute(text(fill))
    for index in indexes:
        index.create(connection)
    connection.execute(delete(versions))
    connection.execute(insert(versions).values(number=VERSION))


def version(connection: Connection) -> int:
    """Return the number that `upgrade` has left in this database, 0 where it has none."""
    there = inspect(connection).has_table(versions.name)
    return connection.execute(select(func.max(versions.c.number))).scalar() or 0 if there else 0


def _missing(connection: Connection) -> tuple[list[Table], list[Column], list[Index]]:
    """The tables that are not there, and the columns and indexes of those that are."""
    found = inspect(connection)
    present = set(found.get_table_names())
    there = [table for table in metadata.sorted_tables if table.name in present]
    columns = {(t.name, row["name"]) for t in there for row in found.get_columns(t.name)}
    indexes = {row["name"] for table in there for row in found.get_indexes(table.name)}
    return (
        [table for table in metadata.sorted_tables if table.name not in present],
        [c for table in there for c in table.columns if (table.name, c.name) not in columns],
        [index for table in there for index in table.indexes if index.name not in indexes],
    )
