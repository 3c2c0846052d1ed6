"""The worst mistakes of a training, as pictures of the files that it was measured on."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.records import Snapshot
from core.storage.store import open_store
from tests.listed_runs import PERCEPTRON

MNIST = datasets.mnist()
MATRIX = tuple(tuple(3 for _ in range(10)) for _ in range(10))
OF_OTHERS = (
    "The worst mistakes cannot be shown: the files of MNIST that are here now are not those that this network "
    "was measured on."
)


def _mistakes(number):
    from core.storage.store import open_store  # noqa: PLC0415
    from ui.sections import run_mistakes  # noqa: PLC0415

    run_mistakes.mistakes(open_store(), open_store().run(number))


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """What a page says of a run's first two test digits, misread, with this digest of theirs."""
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    store = open_store()
    number = store.add(PERCEPTRON, name="mine")

    def show(digest):
        worst = tuple((n, int(MNIST.y_test[n]), 3, 0.9) for n in range(2))
        store.set_snapshot(number, Snapshot(1, MATRIX, worst, digest))
        at = AppTest.from_function(_mistakes, kwargs={"number": number}).run()
        assert not at.exception
        pictures = sum(part.proto.body.count("<figure>") for part in at.get("html"))
        return pictures, [caption.value for caption in at.caption]

    return show


def test_they_are_shown_where_the_files_are_those_of_then(shown):
    assert shown(datasets.digest(MNIST.x_test[:2])) == (2, [])
    assert shown("") == (2, [])  # a run of before its digest was kept


def test_of_other_files_there_are_none_and_it_is_said(shown, monkeypatch):
    digest = datasets.digest(MNIST.x_test[:2])
    brighter, others = MNIST.x_test.copy(), np.roll(MNIST.y_test, 1)
    brighter[1] //= 2
    monkeypatch.setattr(datasets, "load", lambda _: replace(MNIST, x_test=brighter))
    assert shown(digest) == (0, [OF_OTHERS])
    for data in (
        replace(MNIST, y_test=others),
        replace(MNIST, x_test=MNIST.x_test[:1], y_test=MNIST.y_test[:1]),
    ):
        monkeypatch.setattr(datasets, "load", lambda _, data=data: data)
        assert shown("") == (0, [OF_OTHERS])
