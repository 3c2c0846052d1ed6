"""What the tests of the worker share; the stores are those of the unit tests."""

import pytest

from core.data import datasets
from core.records import Dataset
from tests.unit.conftest import postgres_url, store  # noqa: F401


@pytest.fixture(scope="module")
def data() -> Dataset:
    full = datasets.mnist()
    return Dataset(full.x_train[:2000], full.y_train[:2000], full.x_test[:500], full.y_test[:500])


@pytest.fixture(scope="module")
def few(data) -> Dataset:
    """200 digits to learn, so that one batch holds them all."""
    return Dataset(data.x_train[:200], data.y_train[:200], data.x_test[:50], data.y_test[:50])
