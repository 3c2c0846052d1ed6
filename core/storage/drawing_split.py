"""On which side of the held-out split a new drawing lies: may networks learn from it, or does none ever?

One in five is held out, and what is nearly equal, in the sense of `near_duplicates`, lies on one side, whoever
has drawn it. Of all drawings only what `coarse` says of them is looked at; the pixels of few have to be read.

Called by `core.storage.drawings` and `core.storage.room_drawings`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa

from core.data import near_duplicates
from core.ink.preprocessing import SIZE
from core.records import StoredDrawing
from core.storage.schema import drawings

HELD_OUT = 5  # one in so many
WHOLE = sa.func.length(drawings.c.pixels) == SIZE * SIZE  # one damaged row costs that row, not the others
AT_ONCE = 1000  # numbers in one statement: SQLite and PostgreSQL limit them


class Beside(NamedTuple):
    """What decides on the side of new drawings.

    pixels: uint8 [n, 28, 28], of those that may be nearly equal to one of them, deleted or not.
    held_out: bool [n], of these.
    counts, held: of each (visitor, label) of the new ones, how many there are, and how many of them held out.
    ranks: of each visitor with drawings, how many had drawn before they began.
    """

    pixels: np.ndarray
    held_out: np.ndarray
    counts: Counter
    held: Counter
    ranks: dict[str, int]


def is_held_out(count: int, held: int, label: int, rank: int) -> bool:
    """Is a visitor's next drawing of this digit one that nothing learns from?

    count, held: how many of this digit they have, and how many of these are held out.
    rank: how many visitors had drawn before they began.
    Of each digit every fifth, and two of the first ten where each is drawn once; which digits are these goes
    round among the visitors, so that of five who draw each once, one is held out of each:

        >>> [digit for digit in range(10) if is_held_out(0, 0, digit, rank=0)]
        [2, 7]
        >>> sorted(digit for rank in range(5) for digit in range(10) if is_held_out(0, 0, digit, rank))
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
        >>> [count for count in range(15) if is_held_out(count, (count + 1) // 5, 3, rank=0)]
        [3, 8, 13]
    """
    return (count + 1 + (2 * label + rank) % HELD_OUT) // HELD_OUT > held


def state(connection: sa.Connection) -> tuple:
    """Return what is another after anybody has stored, relabelled, deleted or brought back a drawing."""
    counts = (sa.func.max(drawings.c.id), sa.func.sum(drawings.c.label), sa.func.count(drawings.c.deleted))
    return tuple(connection.execute(sa.select(*counts)).one())


def beside(connection: sa.Connection, new: Sequence[StoredDrawing]) -> Beside:
    """Look at all that were stored and are not gone for good."""
    near = _nearly_equal(connection, np.array([drawing.pixels for drawing in new]))
    mine = sa.and_(
        drawings.c.visitor.in_({drawing.visitor for drawing in new}),
        drawings.c.label.in_({drawing.label for drawing in new}),
        drawings.c.deleted.is_(None),
    )
    key = (drawings.c.visitor, drawings.c.label)
    held = sa.func.sum(sa.case((drawings.c.held_out, 1), else_=0))
    counts = connection.execute(sa.select(*key, sa.func.count(), held).where(mine).group_by(*key)).all()
    first = sa.select(drawings.c.visitor).group_by(drawings.c.visitor).order_by(sa.func.min(drawings.c.id))
    return Beside(
        pixels=np.frombuffer(b"".join(bytes(row.pixels) for row in near), np.uint8).reshape(-1, SIZE, SIZE),
        held_out=np.array([row.held_out for row in near], bool),
        counts=Counter({(visitor, label): count for visitor, label, count, _ in counts}),
        held=Counter({(visitor, label): int(held) for visitor, label, _, held in counts}),
        ranks={visitor: rank for rank, visitor in enumerate(connection.execute(first).scalars())},
    )


def _nearly_equal(connection: sa.Connection, new: np.ndarray) -> list[sa.Row]:
    """All drawings but those that are surely not nearly equal to any of these, uint8 [n, 28, 28]."""
    if not len(new):
        return []
    coarse = near_duplicates.coarse(new)
    low, high = near_duplicates.lengths(coarse)
    query = sa.select(drawings.c.id, drawings.c.coarse)
    query = query.where(drawings.c.coarse >= low, drawings.c.coarse < high)
    found = connection.execute(query).all()
    keys = np.frombuffer(b"".join(bytes(row.coarse) for row in found), np.uint8)
    possible = near_duplicates.may_be_near(keys.reshape(-1, near_duplicates.COARSE), coarse)
    ids = [found[place].id for place in np.flatnonzero(possible).tolist()]
    rows = sa.select(drawings.c.held_out, drawings.c.pixels).where(WHOLE)
    # What a server of an earlier version stores beside this one has nothing coarse.
    near = list(connection.execute(rows.where(drawings.c.coarse.is_(None))))
    for batch in parts(ids):
        near += connection.execute(rows.where(drawings.c.id.in_(batch)))
    return near


def parts(ids: list[int]) -> Iterable[list[int]]:
    """Return them in parts that each fit into one statement."""
    return (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def sides(there: Beside, new: Sequence[StoredDrawing]) -> list[bool]:
    """Decide which of the new drawings are held out, beside those that are there.

    One that is nearly equal to a drawing that may be learnt from is not, nor is one that is nearly equal to one
    held out ever learnt from. The others as they say, or as `is_held_out` does.
    """
    ranks, counts, held = dict(there.ranks), there.counts.copy(), there.held.copy()
    before = len(there.pixels)
    drawn = near_duplicates.Drawings(np.concatenate([there.pixels, *(one.pixels[None] for one in new)]))
    side = np.append(there.held_out, np.zeros(len(new), bool))
    for at in range(0, len(new), near_duplicates.AT_ONCE):
        batch = new[at : at + near_duplicates.AT_ONCE]
        last = before + at + len(batch)
        near = drawn.near(slice(before + at, last), slice(last))
        for index, drawing in enumerate(batch):
            position, key = before + at + index, (drawing.visitor, drawing.label)
            twins = side[:position][near[index, :position]]
            if len(twins):
                side[position] = twins.all()
            elif drawing.held_out is not None:
                side[position] = drawing.held_out
            else:
                rank = ranks.setdefault(drawing.visitor, len(ranks))
                side[position] = is_held_out(counts[key], held[key], drawing.label, rank)
            counts[key] += 1
            held[key] += int(side[position])
    return side[before:].tolist()
