"""What is asked of a training while it goes on, in the database: rows that its worker answers with a step.

Each function is one short transaction, on SQLite and on PostgreSQL, and raises StoreError.
"""

import json
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from core.records import Change
from core.storage.schema import runs
from core.storage.schema import steering as rows
from core.storage.store import Store
from core.training import steering


@dataclass(frozen=True)
class Request:
    """id: of its row. name: a key of `steering.SETTINGS`, or one of PACES or MORE. value: of a setting.

    step, images: before which step it came into effect, and how many images were seen until then; None before.
    """

    id: int
    name: str
    value: float = 0.0
    step: int | None = None
    images: int | None = None


def ask(store: Store, run_id: int, name: str, value: float = 0.0) -> None:
    """Ask a training for something, which it heeds at its next batch. Raises NotYours, ValueError."""
    if name in steering.SETTINGS:
        setting = steering.SETTINGS[name]
        if not setting.min <= value <= setting.max:
            raise ValueError(
                f"The {setting.label.lower()} is {value:g}; {setting.min:g} to {setting.max:g} is accepted."
            )
    elif name not in (*steering.PACES, *steering.MORE):
        raise ValueError(f"{name!r} cannot be asked of a training.")
    with store.changing(run_id) as connection:
        connection.execute(sa.insert(rows).values(run_id=run_id, name=name, value=value))


def requests(store: Store, run_id: int) -> list[Request]:
    """Return all that was asked of a run, in order."""
    query = sa.select(rows).where(rows.c.run_id == run_id, store.of_readable(rows)).order_by(rows.c.id)
    with store.transaction() as connection:
        return [Request(r.id, r.name, r.value, r.step, r.images) for r in connection.execute(query)]


def pending(store: Store, run_id: int) -> list[Request]:
    """Return what is asked and not yet heeded, in order, for a run's worker."""
    store.program_only()
    query = sa.select(rows).where(rows.c.run_id == run_id, rows.c.step.is_(None)).order_by(rows.c.id)
    with store.transaction() as connection:
        return [Request(r.id, r.name, r.value) for r in connection.execute(query)]


def heeded(
    store: Store, run_id: int, request: Request, step: int, images: int, *, token: str | None = None
) -> None:
    """Say before which step a request came into effect; a setting becomes part of the run's configuration.

    Such a run is of no recipe any more. Raises NotMine.
    """
    done = sa.update(rows).where(rows.c.id == request.id, rows.c.run_id == run_id)
    mine = runs.c.id == run_id
    with store.writing(run_id, token) as connection:
        connection.execute(done.values(step=step, images=images))
        if request.name not in steering.SETTINGS:
            return
        config = json.loads(connection.execute(sa.select(runs.c.config).where(mine)).scalar_one())
        change = Change(step, request.name, request.value)
        config["changes"] = [*config.get("changes", ()), asdict(change)]
        connection.execute(sa.update(runs).where(mine).values(config=json.dumps(config), recipe=""))


def begin(store: Store, run_id: int, *, token: str | None = None) -> None:
    """A training begins, or goes on: whatever pace was asked for before holds no longer."""
    old = sa.and_(rows.c.run_id == run_id, rows.c.name.in_((*steering.PACES, *steering.MORE)))
    with store.writing(run_id, token) as connection:
        connection.execute(sa.delete(rows).where(old))


def pace(asked: list[Request], before: str = "resume") -> str:
    """Return how a run goes on, one of PACES, after all that was asked of it."""
    return next((request.name for request in reversed(asked) if request.name in steering.PACES), before)
