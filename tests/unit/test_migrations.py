"""A database that the first version has left: `first-version.db.gz`, made by its own code, is opened and used.

It holds a run that was trained (1), one opened from a file (2), another such that still waits (3), and three
drawings, of which two are the same image of a 7. Of what they said of the test images ten rows are left.
"""

import gzip
import json
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from core.models import classifiers
from core.records import FineTuning, Imported
from core.storage import chosen_networks, drawings, lesson_progress, migrations, schema
from core.storage.database import HOME
from core.storage.store import Store, StoreError

FILE = Path(__file__).parent / "first-version.db.gz"


@pytest.fixture
def url(tmp_path):
    with gzip.open(FILE) as old, (tmp_path / "lab.db").open("wb") as new:
        shutil.copyfileobj(old, new)
    return f"sqlite:///{tmp_path / 'lab.db'}"


def change(url, statement, **values):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(statement), values)
    engine.dispose()


def query(url, statement):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        value = connection.execute(sa.text(statement)).scalar()
    engine.dispose()
    return value


def test_every_setting_of_the_first_version_is_read_under_its_present_name(url):
    content = json.loads(query(url, "SELECT config FROM runs WHERE id = 1"))
    content |= {"validation_share": 0.25, "added_share": 0.5, "unchanged": 0.75, "keep": "last"}
    content |= {"retraining": {"start": -2, "visitor": "me", "until": 9, "share": 0.5}}
    change(url, "UPDATE runs SET config = :content WHERE id = 1", content=json.dumps(content))
    config = Store(url).run(1).config
    assert (config.validation_split, config.extra_fraction, config.p_no_augment) == (0.25, 0.5, 0.75)
    assert (config.checkpoint_selection, config.fine_tuning) == ("last", FineTuning(-2, HOME, 9, 0.5))


def test_runs_networks_and_drawings_of_the_first_version_are_there(url):
    store = Store(url)
    assert [(run.id, run.name, run.kind, run.status, run.has_network) for run in store.runs()] == [
        (3, "Waits still", "imported", "queued", False),
        (2, "Opened before", "imported", "done", True),
        (1, "Trained before", "trained", "done", True),
    ]
    trained, imported = store.run(1), store.run(2)
    assert imported.config == Imported(trained.config.layers, "mnist")
    assert (trained.recipe, imported.recipe) == ("", "")
    assert (trained.config.optimizer, trained.config.train_size, trained.test_accuracy) == (
        "Adam",
        3000,
        0.1144,
    )
    before = json.loads(query(url, "SELECT config FROM runs WHERE id = 1"))  # under the names of that version
    assert (before["validation_share"], before["keep"], before["added_share"]) == (0.1, "best", 1.0)
    learnt = trained.config
    assert (learnt.validation_split, learnt.checkpoint_selection, learnt.extra_fraction) == (0.1, "best", 1.0)
    assert (trained.test_loss, trained.train_accuracy, trained.train_loss, trained.dtype) == (
        None,
        None,
        None,
        "",
    )
    assert [point.images for point in store.metrics(1)] == [3000]
    assert store.checkpoint(1).best_epoch == 1
    assert store.snapshot(1).epoch == 1
    picture = np.zeros((1, 28, 28), np.float32)
    first, second = (classifiers.Classifier(store.network(number)).logits(picture) for number in (1, 2))
    assert np.allclose(first, -second)  # the second's weights are the first's with another sign
    assert store.probabilities(1).shape == (10, 10)
    assert {(d.id, d.label, d.held_out) for d in drawings.everything(store)} == {(1, 7, False), (3, 2, True)}


def test_it_takes_new_rows_and_is_up_to_date(url):
    store = Store(url)
    number = store.add(store.run(1).config, name="new")
    assert (number, store.position(number)) == (4, 0)  # files stand in no training's way
    assert store.claim(number, "w:1:1", "")
    with store.transaction() as connection:
        assert not any(migrations._missing(connection))
        assert migrations.version(connection) == schema.VERSION


def test_a_damaged_row_costs_that_row_and_not_the_opening(url):
    """Also one that has to be looked at while its table is changed."""
    change(url, "UPDATE drawings SET pixels = x'00' WHERE id = 3")
    change(url, "UPDATE runs SET config = 'no json' WHERE id = 2")
    store = Store(url)
    assert [run.id for run in store.runs()] == [3, 1]
    assert [drawing.id for drawing in drawings.everything(store)] == [1]
    assert drawings.load(store).y.tolist() == [7]


def test_a_database_of_a_later_version_is_left_alone(url):
    Store(url)
    change(url, f"UPDATE schema_version SET number = {schema.VERSION + 1}")
    change(url, "ALTER TABLE runs DROP COLUMN owed")
    with pytest.raises(StoreError, match=f"of version {schema.VERSION + 1}, made by a newer Digit Lab"):
        Store(url)
    with pytest.raises(sa.exc.OperationalError, match="no such column"):
        change(url, "SELECT owed FROM runs")


def test_changed_tables_have_another_version():
    """Whoever changes the tables writes here what they are now, and their number."""
    made = [CreateTable(table) for table in schema.metadata.sorted_tables]
    made += [
        CreateIndex(index)
        for table in schema.metadata.sorted_tables
        for index in sorted(table.indexes, key=lambda one: one.name)
    ]
    text = "".join(str(one.compile(dialect=sqlite.dialect())) for one in made)
    assert (schema.VERSION, zlib.crc32(" ".join(text.split()).encode())) == (9, 3719816331)


# -- owners


def test_all_of_before_is_this_computers_own_users(url):
    """Also where a visitor of before has the same drawing, answer or choice as another."""
    change(
        url,
        "INSERT INTO drawings SELECT 9, 'b', created, label, held_back, pixels, strokes, predicted, certainty, "
        "network, NULL FROM drawings WHERE id = 3",
    )
    change(url, "UPDATE runs SET visitor = 'a' WHERE id = 1")
    home, other = Store(url).of(HOME), Store(url).of("b")
    assert [run.id for run in home.runs()] == [3, 2, 1]
    assert {(d.id, d.visitor) for d in drawings.everything(home)} == {(1, HOME), (3, HOME)}
    assert (other.runs(), drawings.everything(other)) == ([], [])


def test_answers_and_choices_of_several_visitors_become_one_of_each(url):
    Store(url)
    change(url, "ALTER TABLE runs DROP COLUMN published")
    change(url, "UPDATE schema_version SET number = 3")
    for who, network in (("a", 1), ("b", 2)):
        change(url, f"INSERT INTO answers VALUES ('{who}', 'q', '{network}', 0)")
        change(url, f"INSERT INTO chosen VALUES ('{who}', 'reader', {network})")
    home = Store(url).of(HOME)
    assert (lesson_progress.load(home, HOME), chosen_networks.load(home, HOME)) == ({"q": "2"}, {"reader": 2})
