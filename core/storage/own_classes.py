"""Somebody's own classes in the database: each set in one row, with all its drawings.

Each function is one short transaction, on SQLite and on PostgreSQL, and raises StoreError; NotYours where
the store is somebody else's (`Store.of`).
"""

import time
from dataclasses import replace
from functools import lru_cache

import sqlalchemy as sa

from core.data import own_classes
from core.data.own_classes import OwnClasses
from core.ink.files import BadInput
from core.storage.schema import own_classes as table
from core.storage.store import Store

MOST = 20  # sets of one visitor


def load(store: Store, visitor: str) -> list[OwnClasses]:
    """Return the visitor's sets, the latest first. A row that cannot be read is left out."""
    store.check_owner(visitor)
    query = sa.select(table.c.id, table.c.content).where(table.c.visitor == visitor)
    with store.transaction() as connection:
        rows = connection.execute(query.order_by(table.c.created.desc(), table.c.id.desc())).all()
    found = []
    for row in rows:
        try:
            found.append(replace(_read(row.content), id=row.id))
        except BadInput:  # one damaged row costs that row
            continue
    return found


@lru_cache(64)
def _read(content: str) -> OwnClasses:
    """Of a set with 600 drawings it takes half a second, and a page asks after each stroke."""
    return own_classes.read(content.encode())


def keep(store: Store, visitor: str, own: OwnClasses) -> OwnClasses:
    """Store a set, a new one or in the place of its earlier state; return it with its id. Raises BadInput."""
    store.check_owner(visitor)
    content = own_classes.write(own).decode()
    if len(content) > own_classes.MAX_BYTES:
        raise BadInput(f"These drawings have {len(content) / 1e6:.1f} MB; at most 5 MB are kept of one set.")
    mine = table.c.visitor == visitor
    with store.transaction() as connection:
        if own.id:
            change = sa.update(table).where(mine, table.c.id == own.id).values(content=content)
            if connection.execute(change).rowcount:
                return own
        if connection.execute(sa.select(sa.func.count()).select_from(table).where(mine)).scalar_one() >= MOST:
            raise BadInput(f"You have {MOST} sets of classes already, which is the most; delete one first.")
        new = {"visitor": visitor, "created": time.time(), "content": content}
        number = connection.execute(sa.insert(table).values(new)).inserted_primary_key
        assert number is not None
        return replace(own, id=number[0])


def delete(store: Store, visitor: str, number: int) -> None:
    """Forget a set."""
    store.check_owner(visitor)
    with store.transaction() as connection:
        connection.execute(sa.delete(table).where(table.c.visitor == visitor, table.c.id == number))
