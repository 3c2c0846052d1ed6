"""The stores that tests use, on SQLite and, where a server can be started, on PostgreSQL; a class in one."""

import pytest
import sqlalchemy as sa

from core.storage import limits, rooms, schema
from core.storage.store import Store
from tests import postgres
from tests.unit.class_made import PUPIL, TEACHER


@pytest.fixture(scope="session")
def postgres_url():
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def store(request, tmp_path):
    if request.param == "sqlite":
        yield Store(f"sqlite:///{tmp_path / 'new' / 'lab.db'}")
        return
    url = request.getfixturevalue("postgres_url")
    if url is None:
        pytest.skip("no PostgreSQL server can be started here")
    yield Store(url)
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        schema.metadata.drop_all(connection)
    engine.dispose()


@pytest.fixture
def no_codes_of_before(monkeypatch):
    monkeypatch.setattr(rooms, "_wrong_codes", limits.Lately())


@pytest.fixture
def room(store):
    found, _ = rooms.start(store.of(TEACHER))
    return found


@pytest.fixture
def pupil(store, room):
    return rooms.join(store.of(PUPIL), room.code)[1]
