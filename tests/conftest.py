"""What all tests share."""

import os
import re
import sys
import tempfile

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Before anything of ours is imported: no test may touch what a user has made.
_HOME = tempfile.TemporaryDirectory(prefix="digit-lab-tests-")
os.environ["DIGIT_LAB_HOME"] = _HOME.name
for name in ("DIGIT_LAB_DATABASE", "DIGIT_LAB_CLUSTER"):
    os.environ.pop(name, None)
os.environ["DIGIT_LAB_WARM_WORKER"] = "0"  # a page that trains nothing needs no TensorFlow beside it

from core.models import classifiers  # noqa: E402

# Two processes have a browser each, and two TensorFlow: more of either would wait for each other until their
# patience ends. They are the longest and come first; every other file goes where there is room.
# Their files are halved by the alphabet, which happens to halve their time.
TOGETHER = (
    r"tests/browser/test_[a-l]",
    r"tests/browser/test_[m-z]",
    r"tests/worker/test_[a-k]",
    r"tests/worker/test_[l-z]",
)


def _rank(nodeid: str) -> int:
    return next((rank for rank, these in enumerate(TOGETHER) if re.match(these, nodeid)), len(TOGETHER))


class Together(LoadScopeScheduling):
    """What one process does, one test after the other: those of a pattern above, or a file."""

    def _split_scope(self, nodeid: str) -> str:
        return (*TOGETHER, nodeid.split("::", maxsplit=1)[0])[_rank(nodeid)]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _rank(item.nodeid))
    for item in items:
        if item.nodeid.startswith("tests/browser/"):
            item.add_marker(pytest.mark.flaky(reruns=1))  # late on a busy machine; what is wrong fails twice


@pytest.fixture(scope="session")
def classifier() -> classifiers.Classifier:
    return classifiers.shipped()


@pytest.fixture(scope="session")
def tutorials_classifier() -> classifiers.Classifier:
    """Ten outputs: it has not learnt what is no digit."""
    return classifiers.shipped("first-conv-best")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A person would wait: what the browser shows comes before all that is only worked out."""
    is_browser = item.nodeid.startswith("tests/browser/")
    if "PYTEST_XDIST_WORKER" in os.environ and not is_browser and hasattr(os, "nice") and os.nice(0) == 0:
        os.nice(5)


@pytest.fixture(autouse=True)
def _its_own_main():
    """AppTest leaves its script as `__main__`, which a spawned process would run again."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
