"""The networks that a visitor has chosen, in the same database as the runs, so that a reload forgets none.

Each function is one short transaction, on SQLite and on PostgreSQL, and raises StoreError; NotYours where
the store is somebody else's (`Store.of`).

Called by `ui.state.selection`.
"""

import sqlalchemy as sa

from core.storage.database import put
from core.storage.schema import chosen
from core.storage.store import Store


def load(store: Store, visitor: str) -> dict[str, int]:
    """Return {place: number of a network, as `registry` has it}. A run of that number may be gone."""
    store.check_owner(visitor)
    query = sa.select(chosen.c.role, chosen.c.network).where(chosen.c.visitor == visitor)
    with store.transaction() as connection:
        return {row.role: row.network for row in connection.execute(query)}


def keep(store: Store, visitor: str, role: str, network: int) -> None:
    """Keep which network it is at a place, a word of at most 32 letters; it takes the earlier one's place."""
    store.check_owner(visitor)
    with store.transaction() as connection:
        put(connection, {"visitor": visitor, "role": role, "network": network}, chosen)
