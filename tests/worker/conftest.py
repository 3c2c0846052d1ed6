"""The stores are those of the unit tests."""

from tests.unit.conftest import postgres_url, store  # noqa: F401
