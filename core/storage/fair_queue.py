"""In which order trainings that wait are begun: by turns, however many one visitor has, and a class's first."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from core.storage.schema import runs

CLASS = "class"  # the recipe of what learns from a class's digits
FIRST = 3  # of one teacher's that come first: one that learns further, and two to compare


@dataclass(frozen=True)
class Waiting:
    """A run that waits, or trains. free: any worker may train it. queued: seconds since 1970.

    served: when one of its visitor's was trained last, the same; 0 where none was.
    """

    id: int
    visitor: str
    of_class: bool
    imported: bool
    running: bool
    free: bool
    queued: float
    served: float = 0.0


_COLUMNS = [runs.c[name] for name in ("id", "visitor", "recipe", "kind", "status", "worker", "queued")]
_IS_ACTIVE = sa.and_(runs.c.status.in_(("queued", "running")), runs.c.deleted.is_(None))
_ACTIVE = sa.select(*_COLUMNS).where(_IS_ACTIVE)
_SERVED = sa.select(runs.c.visitor, sa.func.max(runs.c.heartbeat)).group_by(runs.c.visitor)
_SERVED = _SERVED.where(runs.c.visitor.in_(sa.select(runs.c.visitor).where(_IS_ACTIVE)))


def active(connection: sa.Connection) -> list[Waiting]:
    """Return what trains, and then what waits in the order in which it is begun, of all visitors."""
    rows = connection.execute(_ACTIVE).all()
    served = {row[0]: row[1] for row in connection.execute(_SERVED)} if rows else {}
    return in_turn(
        Waiting(
            row.id,
            row.visitor,
            of_class=row.recipe == CLASS,
            imported=row.kind == "imported",
            running=row.status == "running",
            free=row.worker == "",
            queued=row.queued,
            served=served.get(row.visitor, 0.0),
        )
        for row in rows
    )


def in_turn(found: Iterable[Waiting]) -> list[Waiting]:
    """Return them in their order: a class's, then each visitor's first, then each one's second, and so on.

    What trains is its visitor's first; among equals who was served longest ago comes before. Networks from
    files, which nobody trains, wait for nobody.
    """
    turns: Counter[tuple[str, bool]] = Counter()
    keys: dict[Waiting, tuple[float, ...]] = {}
    for one in sorted(found, key=lambda one: (not one.running, one.queued, one.id)):
        turn = turns[one.visitor, one.of_class]
        group = 0 if one.running else 1 if one.imported else 2 if one.of_class and turn < FIRST else 3
        keys[one] = (group, turn, one.served, one.queued, one.id) if group > 1 else (group, one.queued, one.id)
        turns[one.visitor, one.of_class] += not one.imported
    return sorted(keys, key=lambda one: keys[one])
