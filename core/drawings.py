"""Labelled drawings in the database: what people teach with, and what their networks are measured on.

One drawing in five is held back: no network ever learns from it. Which, is decided when it is stored and stays,
whatever is stored, relabelled or deleted later. So an accuracy on those held back is honest, even of a network
that was taught several times.

Each function is one short transaction, on SQLite and on PostgreSQL, and raises StoreError.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa

from core import files
from core.preprocessing import SIZE
from core.records import DigitImage, Drawing, Hand, Prediction, StoredDrawing
from core.store import Store
from core.tables import drawings

EVERYBODY = ""  # the visitor that stands for all
HELD_BACK = 5  # one in so many
_AT_ONCE = 1000  # numbers in one statement: SQLite and PostgreSQL limit them


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
        certainty=float(prediction.probabilities.max()) if prediction else None,
        network=network,
    )


def as_bytes(pixels: np.ndarray) -> np.ndarray:
    """float32 [...], 0..1 -> uint8, 0..255, as the drawings are kept."""
    return np.round(255 * np.clip(pixels, 0, 1)).astype(np.uint8)


def is_held_back(place: int, label: int) -> bool:
    """Is a visitor's drawing number `place`, from 0, of this digit one that nothing learns from?

    Every fifth of each digit, and two of the first ten where each digit is drawn once: the digits take turns.

        >>> [digit for digit in range(10) if is_held_back(0, digit)]
        [2, 7]
        >>> [place for place in range(15) if is_held_back(place, 3)]
        [3, 8, 13]
    """
    return (place + 2 * label) % HELD_BACK == HELD_BACK - 1


def add(store: Store, drawing: StoredDrawing) -> int:
    """Store one drawing and return its number."""
    return add_many(store, [drawing])[0]


def add_many(store: Store, new: Sequence[StoredDrawing]) -> list[int]:
    """Store all of them or, where that fails, none; return their numbers."""
    columns = (drawings.c.visitor, drawings.c.label)
    count = sa.select(*columns, sa.func.count()).group_by(*columns)
    insert = sa.insert(drawings).returning(drawings.c.id, sort_by_parameter_order=True)
    with store.transaction() as connection:
        visitors = {drawing.visitor for drawing in new}
        rows = connection.execute(count.where(drawings.c.visitor.in_(visitors)))
        places = Counter({(visitor, label): number for visitor, label, number in rows})
        values = []
        for drawing in new:
            key = (drawing.visitor, drawing.label)
            values.append(_row(drawing, places[key]))
            places[key] += 1
        return list(connection.execute(insert, values).scalars()) if values else []


def relabel(store: Store, labels: Mapping[int, int]) -> None:
    """Give drawings other labels: {number: label}."""
    by_label: dict[int, list[int]] = {}
    for number, label in labels.items():
        by_label.setdefault(int(label), []).append(int(number))
    with store.transaction() as connection:
        for label, numbers in by_label.items():
            for part in _parts(numbers):
                change = sa.update(drawings).where(drawings.c.id.in_(part)).values(label=label)
                connection.execute(change)


def delete(store: Store, numbers: Iterable[int]) -> None:
    """Hide drawings; `undelete` brings them back for a day, then they are gone for good."""
    _mark(store, numbers, time.time())


def undelete(store: Store, numbers: Iterable[int]) -> None:
    """Bring deleted drawings back."""
    _mark(store, numbers, None)


def get(store: Store, number: int) -> StoredDrawing | None:
    """Return one drawing, or None where it is not there or deleted."""
    query = sa.select(drawings).where(drawings.c.id == number, drawings.c.deleted.is_(None))
    with store.transaction() as connection:
        row = connection.execute(query).mappings().first()
    return _record(row) if row else None


def everything(store: Store, visitor: str = EVERYBODY) -> list[StoredDrawing]:
    """Return a visitor's drawings, or all, with their strokes, the first that was stored first."""
    query = sa.select(drawings).where(_of(visitor)).order_by(drawings.c.id)
    with store.transaction() as connection:
        return [_record(row) for row in connection.execute(query).mappings()]


def sizes(store: Store, visitor: str = EVERYBODY) -> list[int]:
    """Return the characters of each drawing's strokes, in the order of `everything`."""
    query = sa.select(sa.func.length(drawings.c.strokes)).where(_of(visitor)).order_by(drawings.c.id)
    with store.transaction() as connection:
        return list(connection.execute(query).scalars())


def load(store: Store, visitor: str = EVERYBODY, until: int | None = None) -> Hand:
    """Return a visitor's drawings, or all, as arrays. until: the highest number that counts; None for all."""
    query = sa.select(drawings.c.id, drawings.c.label, drawings.c.held_back, drawings.c.pixels)
    query = query.where(_of(visitor)).order_by(drawings.c.id.desc())
    if until is not None:
        query = query.where(drawings.c.id <= until)
    with store.transaction() as connection:
        rows = connection.execute(query).all()
    ids, labels, held_back, pixels = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Hand(
        ids=np.array(ids, int),
        x=np.frombuffer(b"".join(map(bytes, pixels)), np.uint8).reshape(-1, SIZE, SIZE),
        y=np.array(labels, np.uint8),
        held_back=np.array(held_back, bool),
    )


def known(store: Store, visitor: str) -> set[tuple[int, bytes]]:
    """Return (label, the bytes of its pixels) of each of a visitor's drawings: to tell which are new."""
    hand = load(store, visitor)
    return {(int(label), picture.tobytes()) for label, picture in zip(hand.y, hand.x, strict=True)}


def _mark(store: Store, numbers: Iterable[int], deleted: float | None) -> None:
    with store.transaction() as connection:
        for part in _parts([int(number) for number in numbers]):
            connection.execute(sa.update(drawings).where(drawings.c.id.in_(part)).values(deleted=deleted))


def _parts(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE))


def _of(visitor: str) -> sa.ColumnElement[bool]:
    mine = sa.true() if visitor == EVERYBODY else drawings.c.visitor == visitor
    return sa.and_(mine, drawings.c.deleted.is_(None))


def _row(drawing: StoredDrawing, place: int) -> dict:
    held_back = drawing.held_back
    return {
        "visitor": drawing.visitor,
        "created": drawing.created.timestamp(),
        "label": drawing.label,
        "held_back": is_held_back(place, drawing.label) if held_back is None else held_back,
        "pixels": drawing.pixels.tobytes(),
        "strokes": drawing.strokes,
        "predicted": drawing.predicted,
        "certainty": drawing.certainty,
        "network": drawing.network,
    }


def _record(row: sa.RowMapping) -> StoredDrawing:
    return StoredDrawing(
        label=row["label"],
        pixels=np.frombuffer(bytes(row["pixels"]), np.uint8).reshape(SIZE, SIZE),
        strokes=row["strokes"],
        visitor=row["visitor"],
        created=datetime.fromtimestamp(row["created"], UTC),
        predicted=row["predicted"],
        certainty=row["certainty"],
        network=row["network"],
        id=row["id"],
        held_back=bool(row["held_back"]),
    )
