"""The sets of labelled images that pages show, from a real store and a real file."""

import numpy as np
import pytest

from core.analysis import evaluation_sets
from core.analysis.evaluation_sets import NotThere
from core.data import datasets
from core.storage import drawings
from core.storage.store import open_store
from tests import colours, letters
from tests.stored_drawings import some


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", evaluation_sets.SETS)
def test_every_set_is_as_its_record_says(name, home, monkeypatch):
    colours.install(monkeypatch, home, colours.dataset())
    for written in ("emnist-digits", "emnist-letters", "emnist-balanced"):
        letters.put(home, written, *letters.letters(written))
    letters.put(home, "fashion-mnist", *letters.letters("emnist-digits"))
    drawings.add_many(open_store(), [some(label) for label in range(10)])
    data = evaluation_sets.SETS[name]("me")
    assert data.images.dtype == data.labels.dtype == np.uint8
    assert len(data.images) == len(data.labels) > 0
    assert data.images.shape[1:] == ((32, 32, 3) if name in evaluation_sets.OF_COLOUR else (28, 28))
    many = {"EMNIST letters": 26, "EMNIST balanced": 47}
    assert data.labels.max() < len(data.classes) == many.get(name.partition(",")[0], 10)


def test_each_kind_of_network_is_measured_on_sets_that_are_there():
    assert evaluation_sets.MEASURED.keys() == {kind.tested_on for kind in datasets.KINDS.values()}
    assert {
        name for names in evaluation_sets.MEASURED.values() for name in names
    } <= evaluation_sets.SETS.keys()


def test_cifar10_that_is_not_here_says_what_to_do(home):
    with pytest.raises(NotThere, match=r"put cifar10\.npz into"):
        evaluation_sets.SETS[evaluation_sets.THINGS_TEST]("me")


def test_ones_own_drawings_are_ones_own(home):
    with pytest.raises(NotThere, match="draw a digit on the Draw page"):
        evaluation_sets.SETS[evaluation_sets.OWN]("me")
    store = open_store()
    mine = drawings.add_many(store, [some(label, "me", n) for n in range(5) for label in (3, 4)])
    drawings.add(store, some(7, "somebody"))
    data, kept = (
        evaluation_sets.SETS[name]("me") for name in (evaluation_sets.OWN, evaluation_sets.OWN_HELD_OUT)
    )
    assert sorted(data.labels.tolist()) == [3] * 5 + [4] * 5
    assert sorted(kept.labels.tolist()) == [3, 4]  # one in five of each
    held_out = {picture.tobytes() for picture in kept.images}
    assert len(held_out) == 2
    assert held_out <= {picture.tobytes() for picture in data.images}
    drawings.relabel(store, {mine[0]: 5})
    assert evaluation_sets.SETS[evaluation_sets.OWN]("me").version != data.version
    drawings.relabel(store, {mine[0]: 3})
    assert evaluation_sets.SETS[evaluation_sets.OWN]("me").version == data.version
