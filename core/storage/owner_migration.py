"""Databases from before there were owners: all that they hold becomes this computer's own user's.

It lay open to everybody who used the app, under names that browsers kept where any script could read them.

Called by `core.storage.schema`.
"""

import contextlib
import json
import time

from sqlalchemy import Connection, text

_OWNED = ("runs", "drawings", "answers", "chosen")
# What one owner has once: of several visitors' rows the last stays.
_ONCE = {"answers": "question", "chosen": "place"}


def upgrade(connection: Connection) -> None:
    """Give every row to the owner '', in the transaction of this connection.

    Where several visitors have kept the same drawing under the same label, all but the first are deleted.
    """
    twins = (
        "UPDATE drawings SET deleted = :now WHERE deleted IS NULL AND content IS NOT NULL AND EXISTS (SELECT 1 "
        "FROM drawings AS first WHERE first.deleted IS NULL AND first.label = drawings.label "
        "AND first.content = drawings.content AND first.id < drawings.id)"
    )
    connection.execute(text(twins), {"now": time.time()})
    for table, once in _ONCE.items():
        connection.execute(
            text(
                f"DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM {table} AS other WHERE "
                f"other.{once} = {table}.{once} AND other.visitor > {table}.visitor)"
            )
        )
    for table in _OWNED:
        connection.execute(text(f"UPDATE {table} SET visitor = ''"))
    for run_id, config in connection.execute(text("SELECT id, config FROM runs")).all():
        with contextlib.suppress(ValueError, AttributeError):  # a damaged row stays as it is
            if (changed := _learns_from_home(json.loads(config))) is not None:
                change = text("UPDATE runs SET config = :config WHERE id = :id")
                connection.execute(change, {"config": json.dumps(changed), "id": run_id})


def _learns_from_home(config: dict) -> dict | None:
    """A fine-tuning's configuration with its drawings' new owner; None for any other."""
    for name in ("fine_tuning", "retraining"):  # the second is that of the first version
        if isinstance(learns := config.get(name), dict):
            return {**config, name: {**learns, "visitor": ""}}
    return None
