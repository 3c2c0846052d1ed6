"""What all tests share."""

import pytest

from core import recognizer


@pytest.fixture(scope="session")
def reader() -> recognizer.Recognizer:
    return recognizer.shipped()
