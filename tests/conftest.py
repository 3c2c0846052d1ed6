"""What all tests share."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

# Before anything of ours is imported: no test may touch what a user has made.
_HOME = tempfile.TemporaryDirectory(prefix="digit-lab-tests-")
os.environ["DIGIT_LAB_HOME"] = _HOME.name
for name in ("DIGIT_LAB_DATABASE", "DIGIT_LAB_CLUSTER"):
    os.environ.pop(name, None)
os.environ["DIGIT_LAB_WARM_WORKER"] = "0"  # a page that trains nothing needs no TensorFlow beside it

from core.models import classifier  # noqa: E402

# One process has the browser, and one TensorFlow: two of either would fill two cores, and wait for each other
# until their patience ends. They are the longest and come first; every other file goes where there is room.
GROUPS = ("browser", "worker")


def _group(item: pytest.Item) -> str:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return folder if folder in GROUPS else item.path.stem


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.xdist_group(_group(item)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    first = {name: rank for rank, name in enumerate(GROUPS)}
    items.sort(key=lambda item: first.get(_group(item), len(first)))


@pytest.fixture(scope="session")
def reader() -> classifier.Recognizer:
    return classifier.shipped()


@pytest.fixture(scope="session")
def tutorials_reader() -> classifier.Recognizer:
    """Ten outputs: it has not learnt what is no digit."""
    return classifier.shipped("first-conv-best")


@pytest.fixture(autouse=True)
def _its_own_main():
    """AppTest leaves its script as `__main__`, which a spawned process would run again."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
