"""Labelled drawings, on a real SQLite file and on a real PostgreSQL server where one can be started."""

import threading
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from core.data import datasets, near_duplicates
from core.ink import files
from core.ink.preprocessing import from_strokes
from core.records import Drawing, StoredDrawing
from core.storage import drawing_split, drawings
from core.storage.schema import drawings as table
from core.storage.store import KEPT_AFTER_DELETE, Store, StoreError, time
from tests import shapes
from tests.stored_drawings import THEN, same, some


def test_what_was_drawn_comes_back(store, classifier):
    ink = Drawing(tuple(np.round(s) for s in shapes.strokes(5)), (18.0,), 328.0)
    image = from_strokes(ink.strokes, brushes=ink.brushes, canvas=ink.canvas)
    said = classifier.predict(image)
    new = drawings.labelled(5, image, ink, "me", prediction=said, network="shipped")
    number = drawings.add(store, new)
    found = drawings.get(store, number)
    assert same(found, new)
    assert np.abs(found.pixels / 255 - image.pixels).max() <= 0.5 / 255 + 1e-6
    drawn = files.read_drawing(found.strokes.encode())
    assert all(np.array_equal(a, b) for a, b in zip(drawn.strokes, ink.strokes, strict=True))
    assert (found.predicted, drawn.brushes, drawn.canvas) == (5, (18.0,), 328.0)
    assert found.confidence == pytest.approx(said.probabilities.max())
    hand = drawings.load(store)
    assert (hand.x.dtype, hand.x.shape) == (np.uint8, (1, 28, 28))
    assert (hand.y.dtype, hand.y.tolist()) == (np.uint8, [5])
    assert np.array_equal(hand.x[0], new.pixels)
    assert drawings.sizes(store) == [len(new.strokes)]


def test_everybody_has_their_own(store):
    mine, theirs = drawings.add_many(store, [some(1), some(2, "you")])
    assert drawings.load(store, "me").ids.tolist() == [mine]
    assert drawings.load(store, "you").y.tolist() == [2]
    assert drawings.load(store).ids.tolist() == [theirs, mine]
    assert drawings.load(store, "nobody").x.shape == (0, 28, 28)
    assert drawings.load(store, until=mine).ids.tolist() == [mine]


def test_relabel_delete_and_bring_back(store):
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


def test_one_in_five_of_each_digit_is_held_back_and_stays_so(store):
    numbers = drawings.add_many(store, [some(digit, number=n) for n in range(10) for digit in range(10)])
    hand = drawings.load(store)
    assert Counter(hand.y[hand.held_out].tolist()) == dict.fromkeys(range(10), 2)
    first_ten = [drawings.get(store, n).held_out for n in numbers[:10]]
    assert sum(first_ten) == 2
    before = dict(zip(hand.ids.tolist(), hand.held_out.tolist(), strict=True))
    drawings.delete(store, numbers[:3])
    drawings.relabel(store, dict.fromkeys(numbers[3:20], 4))
    drawings.add(store, some(4))
    after = drawings.load(store)
    assert all(before.get(n, held) == held for n, held in zip(after.ids.tolist(), after.held_out, strict=True))


@pytest.mark.slow
def test_a_class_in_which_each_writes_each_digit_once_has_all_ten_held_back(store):
    """Thirty people, in the order in which they happen to write: six of each digit, two of each person."""
    chance = np.random.default_rng(1)
    todo = {f"pupil {n}": list(range(10)) for n in range(30)}
    while todo:
        name = chance.choice(sorted(todo))
        digit = todo[name].pop(chance.integers(len(todo[name])))
        drawings.add(store, some(digit, name, int(name[6:])))
        if not todo[name]:
            del todo[name]
    hand = drawings.load(store)
    assert Counter(hand.y[hand.held_out].tolist()) == dict.fromkeys(range(10), 6)
    for n in range(30):
        assert drawings.load(store, f"pupil {n}").held_out.sum() == 2


def test_the_same_drawing_is_stored_once_under_each_label(store):
    first = drawings.add(store, some(3))
    assert drawings.add(store, some(3)) == first
    assert drawings.add_many(store, [some(3), some(4), some(4)]) == [first + 1]
    assert drawings.find(store, "me", some(3).pixels).id == first
    assert drawings.find(store, "you", some(3).pixels) is None
    other = drawings.add(store, replace(some(3), label=8))  # somebody may call it both
    assert drawings.add(store, some(3, "you")) not in (first, other)
    assert Counter(drawings.load(store, "me").y.tolist()) == {3: 1, 4: 1, 8: 1}
    copy = sa.select(*[c for c in table.c if c.name != "id"]).where(table.c.id == first)
    columns = [c.key for c in table.c if c.name != "id"]
    with pytest.raises(StoreError), store.transaction() as connection:  # whoever stores it
        connection.execute(sa.insert(table).from_select(columns, copy))


def test_a_networks_name_that_no_database_takes_costs_no_drawing(store):
    number = drawings.add(store, replace(some(3), network="a\0 \ud800network"))
    assert drawings.get(store, number).network == "a network"


def test_relabelling_and_bringing_back_make_no_second_one(store):
    one, two = drawings.add_many(store, [some(3), replace(some(3), label=8)])
    assert drawings.relabel(store, {one: 8}) == [one]
    assert drawings.load(store).ids.tolist() == [two]
    drawings.undelete(store, [one])
    assert drawings.relabel(store, {one: 8, two: 3}) == [one]
    assert drawings.load(store).y.tolist() == [3]
    drawings.delete(store, [two])
    again = drawings.add(store, some(3))
    drawings.undelete(store, [two, one])
    assert drawings.load(store).ids.tolist() == [again]


def test_equal_drawings_of_two_threads_are_one(store):
    numbers: list[int] = []
    threads = [threading.Thread(target=lambda: numbers.append(drawings.add(store, some(3)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 8
    assert len(set(numbers)) == len(drawings.load(store).ids) == 1


def test_what_is_nearly_equal_lies_on_one_side(store):
    """Each digit of MNIST four times, a little changed, by two visitors, in any order, deleted or not."""
    chance = np.random.default_rng(2)
    digits = datasets.mnist().x_test[:60]
    new = []
    for number in range(240):
        pixels = digits[number % 60].astype(int) + chance.integers(-12, 13, (28, 28)) * (
            digits[number % 60] > 0
        )
        who, held = ("me", "you")[number % 2], (None, None, True, False)[number % 4]
        label = int(datasets.mnist().y_test[number % 60])
        new.append(StoredDrawing(label, pixels.clip(0, 255).astype(np.uint8), "", who, THEN, held_out=held))
    order = chance.permutation(240)
    for part in np.split(order, 8):
        numbers = drawings.add_many(store, [new[n] for n in part])
        drawings.delete(store, numbers[:3])
        drawings.undelete(store, numbers[:2])
    hand = drawings.load(store)
    assert 20 < hand.held_out.sum() < 200
    assert not near_duplicates.near_any(hand.x[hand.held_out], hand.x[~hand.held_out]).any()


def test_a_drawing_is_kept_without_a_look_at_the_pixels_of_all_others(tmp_path, monkeypatch):
    """Of 2,000, and of a server's of an earlier version, which has stored nothing coarse of them."""
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    digits = datasets.mnist().x_test
    drawings.add_many(store, [replace(some(3), pixels=digits[n], held_out=n % 2 == 1) for n in range(2000)])
    looked = []
    beside = drawing_split.beside
    monkeypatch.setattr(drawing_split, "beside", lambda *args: looked.append(beside(*args)) or looked[-1])
    for number in (40, 41):
        nearly = (digits[number] // 16 * 16).astype(np.uint8)
        drawing = replace(some(3, "you"), pixels=nearly, held_out=number % 2 == 0)
        assert drawings.get(store, drawings.add(store, drawing)).held_out == (number % 2 == 1)
    assert max(len(one.pixels) for one in looked) < 20
    with store.transaction() as connection:
        connection.execute(sa.update(table).where(table.c.id == 51).values(coarse=None))
    twin = replace(some(4, "you"), pixels=digits[50], held_out=True)
    assert drawings.get(store, drawings.add(store, twin)).held_out is False


@pytest.mark.parametrize("interruptions", [1, 2, 3])
def test_what_another_stores_meanwhile_counts_too(store, monkeypatch, interruptions):
    """Nearly the same drawing by two visitors at one moment: it is never learnt from and measured on."""
    decide, left = drawing_split.sides, [interruptions]

    def slowly(there, new):
        sides = decide(there, new)
        if new[0].visitor == "me" and left[0]:
            left[0] -= 1
            twin = replace(some(3), visitor="you", label=left[0], held_out=False)
            drawings.add(store, twin)
        return sides

    monkeypatch.setattr(drawing_split, "sides", slowly)
    number = drawings.add(store, replace(some(3), held_out=True))
    assert drawings.get(store, number).held_out is False


def old_rows(store, rows) -> None:
    """Make the database as an earlier version has it, with these drawings."""
    added = ("content", "coarse")
    columns = [c.name for c in table.c if c.name not in ("id", *added)]
    old = sa.table("drawings", *map(sa.column, columns))
    with store.transaction() as connection:
        connection.execute(sa.text("DROP INDEX one_drawing_of_each"))
        for name in ("how_drawings_look", "equal_drawings"):
            connection.execute(sa.text(f"DROP INDEX {name}"))
        for name in added:
            connection.execute(sa.text(f"ALTER TABLE drawings DROP COLUMN {name}"))
        for drawing, held_out, deleted in rows:
            values = drawings._row(drawing, held_out) | {"deleted": deleted}
            values = {table.c[key].name: value for key, value in values.items() if key not in added}
            connection.execute(sa.insert(old).values(values))


def test_a_database_of_an_earlier_version_with_drawings_stored_twice(store):
    """Six rows of one image, two of them held back and four learnt from: one is left, and it is learnt from."""
    nearly = replace(some(2), pixels=np.where(some(2).pixels, 250, 0).astype(np.uint8))
    rows = [(some(3), n in (0, 3), None) for n in range(6)]
    rows += [(some(4), True, None), (some(4), True, None), (some(5), False, None), (some(5, "you"), True, None)]
    rows += [(some(2), True, None), (nearly, False, None), (some(6), True, None), (some(6), False, 1.0)]
    old_rows(store, rows)
    upgraded = Store(store.url)
    found = {(d.visitor, d.label, d.id): d.held_out for d in drawings.everything(upgraded)}
    expected = {
        ("me", 3, 1): False,
        ("me", 4, 7): True,
        ("me", 5, 9): False,
        ("you", 5, 10): False,
        ("me", 2, 11): False,
        ("me", 2, 12): False,
        ("me", 6, 13): False,  # one that was deleted may have been learnt from
    }
    assert found == expected
    assert drawings.add(upgraded, some(3)) == 1
    with upgraded.transaction() as connection:
        assert connection.execute(sa.select(table.c.id).where(table.c.coarse.is_(None))).all() == []
    Store(store.url)  # and again
    assert len(drawings.load(upgraded).ids) == 7


@pytest.mark.slow
def test_many_at_once_or_none(store):
    """20,000 numbers are more than one statement may name."""
    drawings.add(store, some(3))
    numbers = drawings.add_many(store, [some(n % 10, number=n) for n in range(20_000)])
    assert len(set(numbers)) == 20_000
    assert drawings.load(store, until=numbers[4]).y.tolist() == [4, 3, 2, 1, 0, 3]
    broken = StoredDrawing(None, np.zeros((28, 28), np.uint8), "", "me", THEN)
    with pytest.raises((StoreError, TypeError)):
        drawings.add_many(store, [some(1), broken])
    drawings.delete(store, numbers)
    assert drawings.load(store).y.tolist() == [3]


def test_two_visitors_at_once(store):
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
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
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
        drawings.add_many(store, [some(n % 10, number=n) for n in range(500)])
    assert drawings.load(store).y.tolist() == [3]
    other.dispose()


def test_one_damaged_row_costs_that_row(store):
    good, bad = drawings.add_many(store, [some(3), some(5)])
    with store.transaction() as connection:
        connection.execute(sa.update(table).where(table.c.id == bad).values(pixels=b"short"))
    assert drawings.load(store).ids.tolist() == [good]
    assert [drawing.id for drawing in drawings.everything(store)] == [good]
    assert drawings.add(store, some(7)) > bad
