"""Labelled drawings in the database: what networks are fine-tuned on, and what they are evaluated on.

One drawing in five is held out: no network ever learns from it. Which, is decided when it is stored and stays,
whatever is stored, relabelled or deleted later. So an accuracy on those held out is honest, even of a network
that was fine-tuned several times. For the same reason a visitor has each drawing once under each label, and
what is nearly equal, in the sense of `near_duplicates`, lies on one side, whoever has drawn it.

As an owner sees the store (`Store.of`), there are no drawings but theirs, and no others can be made or changed.
Without an owner it is all of them, or a visitor's where one is named.

Each function is one short transaction, on SQLite and on PostgreSQL, and raises StoreError.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from core.data import near_duplicates
from core.ink import files
from core.ink.preprocessing import SIZE
from core.records import DigitImage, Drawing, DrawingArrays, Prediction, StoredDrawing
from core.storage import drawing_split, limits
from core.storage.drawing_split import AT_ONCE, WHOLE
from core.storage.schema import drawings
from core.storage.store import Store
from core.words import printable

_TRIES = 3  # to store new drawings beside the same others that were looked at before
_KEY = (drawings.c.visitor, drawings.c.label, drawings.c.content, drawings.c.id)


def labelled(
    label: int,
    image: DigitImage,
    drawing: Drawing | None,
    visitor: str,
    *,
    prediction: Prediction | None = None,
    network: str = "",
) -> StoredDrawing:
    """Return the record of a drawing that was read just now."""
    return StoredDrawing(
        label=label,
        pixels=as_bytes(image.pixels),
        strokes=files.write_drawing(drawing).decode() if drawing else "",
        visitor=visitor,
        created=datetime.now(UTC),
        predicted=prediction.digit if prediction else None,
        confidence=float(prediction.probabilities.max()) if prediction and prediction.is_number else None,
        network=network,
    )


def as_bytes(pixels: np.ndarray) -> np.ndarray:
    """float32 [...], 0..1 -> uint8, 0..255, as the drawings are kept."""
    return np.round(255 * np.clip(pixels, 0, 1)).astype(np.uint8)


def add(store: Store, drawing: StoredDrawing) -> int:
    """Store one drawing, unless it is there already under this label, and return its id."""
    if new := add_many(store, [drawing]):
        return new[0]
    where = sa.and_(_same(drawing.visitor, drawing.pixels), drawings.c.label == drawing.label)
    with store.transaction() as connection:
        return connection.execute(sa.select(drawings.c.id).where(where)).scalar_one()


def add_many(store: Store, new: Sequence[StoredDrawing]) -> list[int]:
    """Store all that are not there yet under their label or, where that fails, none; return their numbers.

    Raises NotYours, LimitReached.
    """
    for drawing in new:
        store.check_owner(drawing.visitor)
    for tries_left in reversed(range(_TRIES)):
        with store.transaction() as connection:
            then, there = drawing_split.state(connection), drawing_split.beside(connection, new)
        sides = drawing_split.sides(there, new)  # what takes long keeps nobody waiting
        with store.transaction() as connection:
            _alone(connection)
            if store.owner is not None:
                limits.check_drawings(connection, store.owner, len(new))
            if drawing_split.state(connection) == then:
                return _insert(connection, new, sides)
            if not tries_left:
                there = drawing_split.beside(connection, new)
                return _insert(connection, new, drawing_split.sides(there, new))
    raise AssertionError("the last try returns")


def _insert(connection: sa.Connection, new: Sequence[StoredDrawing], sides: Sequence[bool]) -> list[int]:
    rows = list(map(_row, new, sides))
    there = set(_live(connection, {row["visitor"] for row in rows}, {row["content"] for row in rows}))
    values = []
    for row in rows:
        if (key := (row["visitor"], row["label"], row["content"])) not in there:
            there.add(key)
            values.append(row)
    insert = sa.insert(drawings).returning(drawings.c.id, sort_by_parameter_order=True)
    return list(connection.execute(insert, values).scalars()) if values else []


def relabel(store: Store, labels: Mapping[int, int]) -> list[int]:
    """Give drawings other labels: {number: label}.

    Where a visitor has the same drawing under that label already, the other is hidden, as if deleted; returns
    the numbers of these.
    """
    by_label: dict[int, list[int]] = {}
    hidden = []
    with store.transaction() as connection:
        _alone(connection)
        rows = _some(connection, labels, _mine(store))
        live = _live(connection, {row.visitor for row in rows})
        for row in rows:
            label = int(labels[row.id])
            if label == row.label:
                continue
            if row.deleted is None:
                del live[_key(row, row.label)]
            if row.deleted is None and live.setdefault(_key(row, label), row.id) != row.id:
                hidden.append(row.id)
            else:
                by_label.setdefault(label, []).append(row.id)
        _change(connection, hidden, deleted=time.time())
        for label, ids in by_label.items():
            _change(connection, ids, label=label)
    return hidden


def delete(store: Store, ids: Iterable[int]) -> None:
    """Hide drawings; `undelete` brings them back for a day, then they are gone for good."""
    with store.transaction() as connection:
        ids = [row.id for row in _some(connection, ids, _mine(store))]
        _change(connection, ids, deleted=time.time())


def undelete(store: Store, ids: Iterable[int]) -> None:
    """Bring deleted drawings back, but for those that have been stored anew since."""
    with store.transaction() as connection:
        _alone(connection)
        rows = [row for row in _some(connection, ids, _mine(store)) if row.deleted is not None]
        live = _live(connection, {row.visitor for row in rows})
        back = [row.id for row in rows if live.setdefault(_key(row, row.label), row.id) == row.id]
        _change(connection, back, deleted=None)


def get(store: Store, drawing_id: int) -> StoredDrawing | None:
    """Return one drawing, or None where it is not there or deleted."""
    query = sa.select(drawings).where(drawings.c.id == drawing_id, drawings.c.deleted.is_(None))
    query = query.where(_mine(store))
    with store.transaction() as connection:
        row = connection.execute(query).mappings().first()
    return _record(row) if row else None


def find(store: Store, visitor: str, pixels: np.ndarray) -> StoredDrawing | None:
    """Return the drawing of a visitor that has these pixels, uint8 [28, 28], the last stored; or None."""
    query = (
        sa.select(drawings).where(_mine(store), _same(visitor, pixels)).order_by(drawings.c.id.desc()).limit(1)
    )
    with store.transaction() as connection:
        row = connection.execute(query).mappings().first()
    return _record(row) if row else None


def everything(store: Store, visitor: str | None = None) -> list[StoredDrawing]:
    """Return a visitor's drawings, or all, with their strokes, the first that was stored first."""
    query = sa.select(drawings).where(_mine(store), _of(visitor)).order_by(drawings.c.id)
    with store.transaction() as connection:
        return [_record(row) for row in connection.execute(query).mappings()]


def sizes(store: Store, visitor: str | None = None) -> list[int]:
    """Return the characters of each drawing's strokes, in the order of `everything`."""
    query = (
        sa.select(sa.func.length(drawings.c.strokes)).where(_mine(store), _of(visitor)).order_by(drawings.c.id)
    )
    with store.transaction() as connection:
        return list(connection.execute(query).scalars())


def load(store: Store, visitor: str | None = None, until: int | None = None) -> DrawingArrays:
    """Return a visitor's drawings, or all, as arrays. until: the highest number that counts; None for all."""
    query = sa.select(drawings.c.id, drawings.c.label, drawings.c.held_out, drawings.c.pixels)
    query = query.where(_mine(store), _of(visitor)).order_by(drawings.c.id.desc())
    if until is not None:
        query = query.where(drawings.c.id <= until)
    with store.transaction() as connection:
        rows = connection.execute(query).all()
    ids, labels, held_out, pixels = zip(*rows, strict=True) if rows else ((), (), (), ())
    return DrawingArrays(
        ids=np.array(ids, int),
        x=np.frombuffer(b"".join(map(bytes, pixels)), np.uint8).reshape(-1, SIZE, SIZE),
        y=np.array(labels, np.uint8),
        held_out=np.array(held_out, bool),
    )


def known(store: Store, visitor: str) -> set[tuple[int, bytes]]:
    """Return (label, the bytes of its pixels) of each of a visitor's drawings: to tell which are new."""
    hand = load(store, visitor)
    return {(int(label), image.tobytes()) for label, image in zip(hand.y, hand.x, strict=True)}


def _alone(connection: sa.Connection) -> None:
    """Let nobody else write drawings until this transaction ends."""
    sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql(
        "BEGIN IMMEDIATE" if sqlite else "LOCK TABLE drawings IN SHARE ROW EXCLUSIVE MODE"
    )


def _live(connection: sa.Connection, visitors: set[str], contents: set[str] | None = None) -> dict[tuple, int]:
    """Return {its key: number} of what is not deleted: a visitor has one drawing of each key.

    contents: of those that are asked for; None for all.
    """
    query = sa.select(*_KEY).where(drawings.c.visitor.in_(visitors), drawings.c.deleted.is_(None))
    if contents is not None and len(contents) <= AT_ONCE:
        query = query.where(drawings.c.content.in_(contents))
    return {_key(row, row.label): row.id for row in connection.execute(query)}


def _key(row: sa.Row, label: int) -> tuple:
    """(visitor, label, content); what a server of an earlier version stores beside this one has no content."""
    return (row.visitor, label, row.content or row.id)


def _some(connection: sa.Connection, ids: Iterable[int], mine: sa.ColumnElement[bool]) -> list[sa.Row]:
    query, parts = (
        sa.select(*_KEY, drawings.c.deleted).where(mine),
        drawing_split.parts(sorted(int(drawing_id) for drawing_id in ids)),
    )
    return [
        row
        for batch in parts
        for row in connection.execute(query.where(drawings.c.id.in_(batch)).order_by(drawings.c.id))
    ]


def _change(connection: sa.Connection, ids: Iterable[int], **values: Any) -> None:
    for batch in drawing_split.parts([int(drawing_id) for drawing_id in ids]):
        connection.execute(sa.update(drawings).where(drawings.c.id.in_(batch)).values(values))


def _mine(store: Store) -> sa.ColumnElement[bool]:
    """All that this store's owner may read and change."""
    return sa.true() if store.owner is None else drawings.c.visitor == store.owner


def _of(visitor: str | None) -> sa.ColumnElement[bool]:
    mine = sa.true() if visitor is None else drawings.c.visitor == visitor
    return sa.and_(mine, drawings.c.deleted.is_(None), WHOLE)


def _same(visitor: str, pixels: np.ndarray) -> sa.ColumnElement[bool]:
    """A visitor's drawings that have these pixels and are not deleted."""
    mine = sa.and_(drawings.c.visitor == visitor, drawings.c.deleted.is_(None))
    return sa.and_(mine, drawings.c.content == near_duplicates.content(pixels))


def _row(drawing: StoredDrawing, held_out: bool) -> dict:
    return {
        "visitor": drawing.visitor,
        "created": drawing.created.timestamp(),
        "label": drawing.label,
        "held_out": held_out,
        "pixels": drawing.pixels.tobytes(),
        "content": near_duplicates.content(drawing.pixels),
        "coarse": near_duplicates.coarse(drawing.pixels[None]).tobytes(),
        "strokes": drawing.strokes,
        "predicted": drawing.predicted,
        "confidence": drawing.confidence,
        "network": printable(drawing.network),
    }


def _record(row: sa.RowMapping) -> StoredDrawing:
    return StoredDrawing(
        label=row["label"],
        pixels=np.frombuffer(bytes(row["pixels"]), np.uint8).reshape(SIZE, SIZE),
        strokes=row["strokes"],
        visitor=row["visitor"],
        created=datetime.fromtimestamp(row["created"], UTC),
        predicted=row["predicted"],
        confidence=row["confidence"],
        network=row["network"],
        id=row["id"],
        held_out=bool(row["held_out"]),
    )
