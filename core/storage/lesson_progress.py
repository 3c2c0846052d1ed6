"""The questions of lessons and tutorials that a visitor has answered rightly, in the same database as the runs.

Each function is one short transaction, on SQLite and on PostgreSQL, and raises StoreError; NotYours where
the store is somebody else's (`Store.of`).

Called by `ui.state.answers`.
"""

import time

import sqlalchemy as sa

from core.storage.database import put
from core.storage.schema import answers
from core.storage.store import Store

LONGEST = 64  # characters of an answer that are kept; a number needs fewer


def load(store: Store, visitor: str) -> dict[str, str]:
    """Return what the visitor typed of right answers, the latest last.

    By the key of `tutorials.EXERCISES` or a lesson's `question_key`.

    A key may be one that the lessons no longer have, and an answer one that is no longer right.
    """
    store.check_owner(visitor)
    query = sa.select(answers.c.question, answers.c.typed).where(answers.c.visitor == visitor)
    query = query.order_by(answers.c.created)
    with store.transaction() as connection:
        return {row.question: row.typed for row in connection.execute(query)}


def add(store: Store, visitor: str, question: str, typed: str) -> None:
    """Keep a right answer; it takes the place of an earlier one to the same question."""
    store.check_owner(visitor)
    new = {"visitor": visitor, "question": question, "typed": typed[:LONGEST], "created": time.time()}
    with store.transaction() as connection:
        put(connection, new, answers)
