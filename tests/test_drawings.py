"""Labelled drawings, on a real SQLite file and on a real PostgreSQL server where one can be started."""

import threading
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa

from core import drawings, files
from core.preprocessing import from_strokes
from core.records import Drawing, StoredDrawing
from core.store import KEPT_AFTER_DELETE, Store, StoreError, time
from tests import shapes
from tests.test_store import postgres_url, store  # noqa: F401  (fixtures)

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def some(label: int, visitor: str = "me", number: int = 0) -> StoredDrawing:
    """A drawing whose pixels differ by its number."""
    pixels = np.zeros((28, 28), np.uint8)
    pixels[4:24, 10 + label], pixels[0, :] = 255, number
    return StoredDrawing(label, pixels, "", visitor, THEN)


def same(one: StoredDrawing, other: StoredDrawing) -> bool:
    def plain(d):
        return (
            d.label,
            d.pixels.tolist(),
            d.strokes,
            d.visitor,
            d.created,
            d.predicted,
            d.certainty,
            d.network,
        )

    return plain(one) == plain(other)


def test_what_was_drawn_comes_back(store, reader):  # noqa: F811
    ink = Drawing(tuple(np.round(s) for s in shapes.strokes(5)), (18.0,), 328.0)
    image = from_strokes(ink.strokes, brushes=ink.brushes, canvas=ink.canvas)
    said = reader.predict(image)
    new = drawings.labelled(5, image, ink, "me", prediction=said, network="shipped")
    number = drawings.add(store, new)
    found = drawings.get(store, number)
    assert same(found, new)
    assert np.abs(found.pixels / 255 - image.pixels).max() <= 0.5 / 255 + 1e-6
    drawn = files.read_drawing(found.strokes.encode())
    assert all(np.array_equal(a, b) for a, b in zip(drawn.strokes, ink.strokes, strict=True))
    assert (found.predicted, drawn.brushes, drawn.canvas) == (5, (18.0,), 328.0)
    assert found.certainty == pytest.approx(said.probabilities.max())
    hand = drawings.load(store)
    assert (hand.x.dtype, hand.x.shape) == (np.uint8, (1, 28, 28))
    assert (hand.y.dtype, hand.y.tolist()) == (np.uint8, [5])
    assert np.array_equal(hand.x[0], new.pixels)
    assert drawings.sizes(store) == [len(new.strokes)]


def test_everybody_has_their_own(store):  # noqa: F811
    mine, theirs = drawings.add_many(store, [some(1), some(2, "you")])
    assert drawings.load(store, "me").ids.tolist() == [mine]
    assert drawings.load(store, "you").y.tolist() == [2]
    assert drawings.load(store).ids.tolist() == [theirs, mine]
    assert drawings.load(store, "nobody").x.shape == (0, 28, 28)
    assert drawings.load(store, until=mine).ids.tolist() == [mine]


def test_relabel_delete_and_bring_back(store):  # noqa: F811
    one, two, three = drawings.add_many(store, [some(d) for d in (1, 2, 3)])
    drawings.relabel(store, {one: 7, three: 9})
    assert [d.label for d in drawings.everything(store, "me")] == [7, 2, 9]
    drawings.delete(store, [one, two])
    assert drawings.load(store).ids.tolist() == [three]
    assert drawings.get(store, one) is None
    store.purge()
    drawings.undelete(store, [one])
    assert drawings.load(store).ids.tolist() == [three, one]
    store.purge(now=time.time() + KEPT_AFTER_DELETE + 1)
    drawings.undelete(store, [two])
    assert drawings.load(store).ids.tolist() == [three, one]


def test_one_in_five_of_each_digit_is_held_back_and_stays_so(store):  # noqa: F811
    numbers = drawings.add_many(store, [some(digit, number=n) for n in range(10) for digit in range(10)])
    hand = drawings.load(store)
    assert Counter(hand.y[hand.held_back].tolist()) == dict.fromkeys(range(10), 2)
    first_ten = [drawings.get(store, n).held_back for n in numbers[:10]]
    assert sum(first_ten) == 2
    before = dict(zip(hand.ids.tolist(), hand.held_back.tolist(), strict=True))
    drawings.delete(store, numbers[:3])
    drawings.relabel(store, dict.fromkeys(numbers[3:20], 4))
    drawings.add(store, some(4))
    after = drawings.load(store)
    assert all(before.get(n, held) == held for n, held in zip(after.ids.tolist(), after.held_back, strict=True))


def test_many_at_once_or_none(store):  # noqa: F811
    """20,000 numbers are more than one statement may name."""
    drawings.add(store, some(3))
    numbers = drawings.add_many(store, [some(n % 10, number=n % 256) for n in range(20_000)])
    assert len(set(numbers)) == 20_000
    assert drawings.load(store, until=numbers[4]).y.tolist() == [4, 3, 2, 1, 0, 3]
    broken = StoredDrawing(None, np.zeros((28, 28), np.uint8), "", "me", THEN)
    with pytest.raises((StoreError, TypeError)):
        drawings.add_many(store, [some(1), broken])
    drawings.delete(store, numbers)
    assert drawings.load(store).y.tolist() == [3]


def test_two_visitors_at_once(store):  # noqa: F811
    failed = []

    def draw(visitor):
        try:
            for n in range(10):
                drawings.add(store, some(n, visitor, n))
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=draw, args=(f"visitor {i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert all(sorted(drawings.load(store, f"visitor {i}").y) == list(range(10)) for i in range(4))


def test_a_locked_and_a_full_database_are_said_in_one_sentence(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")  # noqa: F811
    drawings.add(store, some(3))
    other = sa.create_engine(f"sqlite:///{tmp_path / 'lab.db'}")
    sa.event.listen(store._engine, "checkout", lambda c, *_: c.execute("PRAGMA busy_timeout=50"))
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="in use by another program, so nothing was stored"):
            drawings.add(store, some(4))
    with store.transaction() as connection:
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
    sa.event.listen(store._engine, "checkout", lambda c, *_: c.execute(f"PRAGMA max_page_count={pages + 4}"))
    with pytest.raises(StoreError, match="The disk is full"):
        drawings.add_many(store, [some(n % 10, number=n % 256) for n in range(500)])
    assert drawings.load(store).y.tolist() == [3]
    other.dispose()
