"""Somebody's own classes in the database: each set in one row, with all its drawings.

Each function is one short transaction, on SQLite and on PostgreSQL, and raises StoreError; NotYours where
the store is somebody else's (`Store.of`).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from core.data import own_classes
from core.data.own_classes import OwnClasses
from core.ink.files import BadInput
from core.storage.schema import own_classes as table
from core.storage.store import Store

MOST = 20  # sets of one visitor
KEPT = 64  # sets that are kept as they were last read, each in the place of what it was before
_kept: OrderedDict[tuple[str, int], tuple[str, OwnClasses]] = OrderedDict()  # by database and id
_keeping = threading.Lock()


def load(store: Store, visitor: str) -> list[OwnClasses]:
    """Return the visitor's sets, the latest first. A row that cannot be read is left out."""
    store.check_owner(visitor)
    query = sa.select(table.c.id, table.c.content).where(table.c.visitor == visitor)
    with store.transaction() as connection:
        rows = connection.execute(query.order_by(table.c.created.desc(), table.c.id.desc())).all()
    found = []
    for row in rows:
        try:
            found.append(_read(store, row.id, row.content))
        except BadInput:  # one damaged row costs that row
            continue
    return found


def _read(store: Store, number: int, content: str) -> OwnClasses:
    """Of a set with 600 drawings it takes half a second, and a page asks after each stroke."""
    key = store.url, number
    with _keeping:
        before, found = _kept.get(key, ("", None))
    if found is None or before != content:
        found = replace(own_classes.read(content.encode()), id=number)
    with _keeping:
        _kept[key] = content, found
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def add(store: Store, visitor: str, own: OwnClasses) -> OwnClasses:
    """Store a new set; return it with its id. Raises BadInput."""
    store.check_owner(visitor)
    content = _written(own)
    mine = table.c.visitor == visitor
    with store.transaction() as connection:
        if connection.execute(sa.select(sa.func.count()).select_from(table).where(mine)).scalar_one() >= MOST:
            raise BadInput(f"You have {MOST} sets of classes already, which is the most; delete one first.")
        new = {"visitor": visitor, "created": time.time(), "content": content}
        number = connection.execute(sa.insert(table).values(new)).inserted_primary_key
        assert number is not None
        return replace(own, id=number[0])


def change(
    store: Store, visitor: str, number: int, how: Callable[[OwnClasses], OwnClasses]
) -> tuple[OwnClasses, OwnClasses]:
    """Store what `how` makes of a set as it is now, perhaps changed in another tab since it was shown.

    Return it before and after. Raises BadInput, also where it is deleted.
    """
    store.check_owner(visitor)
    mine = sa.and_(table.c.visitor == visitor, table.c.id == number)
    with store.transaction() as connection:
        # A write first, so that nobody changes it between what is read here and what is written.
        if not connection.execute(sa.update(table).where(mine).values(content=table.c.content)).rowcount:
            raise BadInput("This set of classes has been deleted meanwhile, so nothing was changed.")
        content = connection.execute(sa.select(table.c.content).where(mine)).scalar_one()
        before = _read(store, number, content)
        after = how(before)
        connection.execute(sa.update(table).where(mine).values(content=_written(after)))
    return before, after


def _written(own: OwnClasses) -> str:
    content = own_classes.write(own).decode()
    if len(content) > own_classes.MAX_BYTES:
        raise BadInput(f"These drawings have {len(content) / 1e6:.1f} MB; at most 5 MB are kept of one set.")
    return content


def delete(store: Store, visitor: str, number: int) -> None:
    """Forget a set."""
    store.check_owner(visitor)
    with store.transaction() as connection:
        connection.execute(sa.delete(table).where(table.c.visitor == visitor, table.c.id == number))
