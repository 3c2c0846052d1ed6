"""Files that are taken in beside the pages, one after the other."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.data import datasets
from core.ink.files import BadInput
from core.runs import drawing_imports
from core.runs.drawing_imports import Cancelled, Importing
from core.storage import drawings, exchange_zip
from core.storage.store import Store
from tests.file_bytes import archive, png

ROOT = Path(__file__).parents[2]
DIGITS = datasets.mnist().x_test
FEW = archive({f"7/{n}.png": png(DIGITS[n]) for n in range(5)})


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'lab.db'}")


@pytest.fixture
def held():
    """Keeps the threads that read files until it is set."""
    event = threading.Event()
    for _ in range(drawing_imports.THREADS):
        drawing_imports._pool.submit(event.wait, 60)
    yield event
    event.set()


def test_a_file_is_taken_in_and_what_was_there_is_counted(store):
    for expected in ((5, 0), (0, 5)):
        job = Importing(store, FEW, "me")
        assert job.done(30)
        taken = job.result()
        assert (len(taken.numbers), taken.already, taken.refused) == (*expected, ())
        assert job.fraction == 1
    assert len(drawings.load(store, "me").y) == 5


def test_one_visitor_has_one_file_at_a_time_and_others_wait(store, held):
    first = Importing(store, FEW, "me")
    with pytest.raises(BadInput, match="Another file of yours is still being read"):
        Importing(store, FEW, "me")
    other = Importing(store, FEW, "you")
    assert (first.waits(), other.waits()) == (True, True)
    held.set()
    assert first.done(30)
    assert other.done(30)
    assert Importing(store, FEW, "me").done(30)


def test_one_that_waits_can_be_ended(store, held):
    job = Importing(store, FEW, "me")
    job.cancel()
    assert job.done(5)
    with pytest.raises(Cancelled):
        job.result()
    held.set()
    assert Importing(store, FEW, "me").done(30)  # it holds up nothing


def test_one_that_is_read_shows_how_far_it_is_and_can_be_ended(store):
    many = archive({f"7/{n}.png": png(DIGITS[n]) for n in range(5000)})
    job = Importing(store, many, "me")
    deadline = time.monotonic() + 30
    while job.fraction == 0 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert 0 < job.fraction < 1
    job.cancel()
    assert job.done(10)
    with pytest.raises(Cancelled):
        job.result()
    assert len(drawings.load(store).y) == 0


def test_what_has_to_be_asked_is_asked_and_then_taken_in(store):
    data = archive({"7/three.png": png(DIGITS[0])})
    job = Importing(store, data, "me")
    assert job.done(30)
    with pytest.raises(exchange_zip.Unclear):
        job.result()
    assert len(drawings.load(store).y) == 0
    job = Importing(store, data, "me", "file")
    assert job.done(30)
    assert drawings.load(store, "me").y.tolist() == [3]


ENDS = """
import sys, threading
from core.runs.drawing_imports import Importing
from core.storage import exchange
from core.storage.store import Store
begun = threading.Event()
def read(*given, **named):
    begun.set()
    while True:
        given[3](0.5)  # as slow as a file of photographs
exchange.read = read
Importing(Store(sys.argv[1]), b"", "me")
begun.wait()
"""


def test_a_file_that_is_read_does_not_keep_the_program_from_its_end(tmp_path):
    url = f"sqlite:///{tmp_path / 'lab.db'}"
    subprocess.run([sys.executable, "-c", ENDS, url], cwd=ROOT, timeout=60, check=True)
