"""What the room Map of digits shows, without a browser, on few digits."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import embedding, map_export, works
from core.data import datasets
from core.models import classifiers, networks
from core.records import Dataset
from tests import letters
from tests.maps import unpacked
from tests.terms import without_notes
from ui.components import star_map
from ui.sections import embedding_map


@pytest.fixture(scope="module")
def kept() -> dict:
    """What was worked out of the networks as they are, as in a server's data folder."""
    return {}


@pytest.fixture(autouse=True)
def few(monkeypatch, kept) -> Dataset:
    full = datasets.mnist()
    found = Dataset(full.x_train[:600], full.y_train[:600], full.x_test[:300], full.y_test[:300])
    monkeypatch.setattr(datasets, "mnist", lambda: found)
    monkeypatch.setattr(works, "_load", kept.get)
    monkeypatch.setattr(works, "_save", kept.__setitem__)
    map_export._packed.cache_clear()
    works._works.clear()
    yield found
    works._works.clear()
    map_export._packed.cache_clear()


@pytest.fixture
def afresh(few, monkeypatch):
    """Nothing is kept: the network does not answer as it is."""
    monkeypatch.setattr(works, "_load", lambda key: None)
    monkeypatch.setattr(works, "_save", lambda key, found: None)


PAGE = """
import streamlit as st
from core.models import classifiers
from core.ink.preprocessing import from_strokes
from ui.sections import embedding_map as neighbourhood
from tests import shapes
image = from_strokes(shapes.strokes(7))
neighbourhood.embedding_section(classifiers.shipped(), image, lambda: st.info('nothing yet'))
"""


def app(**state) -> AppTest:
    at = AppTest.from_string(PAGE, default_timeout=60)
    for key, value in state.items():
        at.session_state[key] = value
    at.run()
    assert not at.exception
    return at


def shown(at: AppTest) -> dict:
    """What the map was given."""
    (data,) = [json.loads(p.proto.json) for p in at.get("bidi_component") if '"axes"' in p.proto.json]
    return data


@pytest.mark.parametrize("name", embedding.MAPS)
def test_a_map_and_five_neighbours(name, classifier):
    at = app(**{"neighbourhood-map": name})
    assert shown(at)["map"] == map_export.address(classifier, name)
    (near,) = [part.proto.body for part in at.get("html")]
    assert near.count("<figure>") == 5
    assert near.count("<figcaption>a 7, ") >= 3
    assert embedding.MAPS[name].shows in without_notes(" ".join(c.value for c in at.caption))


def test_without_a_picture_the_map_has_no_star():
    at = AppTest.from_string(
        PAGE.replace("image = from_strokes(shapes.strokes(7))", "image = None"), default_timeout=60
    ).run()
    assert not at.exception
    assert (shown(at)["star"], shown(at)["own"]) == (None, None)
    assert [info.value for info in at.info] == ["nothing yet"]


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize("image", ["from_strokes(shapes.strokes(7))", "None"])
def test_of_a_network_whose_answers_are_no_numbers_there_is_no_map(monkeypatch, image):
    class NoNumbers(classifiers.Classifier):
        def outputs(self, pixels: np.ndarray) -> np.ndarray:
            return super().outputs(pixels) * np.nan

    monkeypatch.setattr(classifiers, "shipped", lambda: NoNumbers(networks.shipped()))
    at = AppTest.from_string(PAGE.replace("from_strokes(shapes.strokes(7))", image), default_timeout=60).run()
    assert not at.exception
    assert ["not a number (NaN)" in info.value for info in at.info] == [True]


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize("name", embedding.MAPS)
def test_one_number_in_the_hidden_layer_is_a_line_on_the_map(monkeypatch, classifier, name):
    hidden = embedding._hidden

    def one(*given) -> tuple[np.ndarray, np.ndarray]:
        vectors, logits = hidden(*given)
        return vectors[:, 1:2], logits  # the first is 0 for every digit

    monkeypatch.setattr(embedding, "_hidden", one)
    assert shown(app(**{"neighbourhood-map": name}))["map"] == map_export.address(classifier, name)
    space = embedding.tests(classifier).result(60)
    assert space.explained_variance_ratio.tolist() == [1, 0]
    assert space.vectors == pytest.approx(
        ((space.vectors - space.middle) @ space.components)[:, :1] + space.middle, rel=1e-5
    )


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize(("name", "factor"), [("t-SNE", 0), ("t-SNE", 1e-35), ("PCA", 0)])
def test_a_layer_whose_units_are_all_dead_has_no_map(monkeypatch, name, factor):
    """openTSNE would end the process."""
    hidden = embedding._hidden

    def dead(*given) -> tuple[np.ndarray, np.ndarray]:
        vectors, logits = hidden(*given)
        return np.float32(factor) * vectors, logits

    monkeypatch.setattr(embedding, "_hidden", dead)
    at = app(**{"neighbourhood-map": name})
    (said,) = (info.value for info in at.info)
    assert said.startswith("There is no map: dense_1 gives the same numbers for each digit, or ")
    assert embedding.layout(classifiers.shipped(), name).result(60).tolist() == [[0, 0]] * 300


@pytest.mark.usefixtures("afresh")
def test_of_a_network_for_other_digits_the_map_is_of_theirs(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    letters.put(tmp_path, "emnist-digits", *letters.letters("emnist-digits", 15))
    network = replace(networks.shipped("first-conv-best"), data="emnist-digits")
    monkeypatch.setattr(classifiers, "shipped", lambda: classifiers.Classifier(network))
    at = app(**{"neighbourhood-map": "PCA"})
    said = without_notes(" ".join(c.value for c in at.caption))
    assert "Each dot is one of EMNIST digits' 50 test digits" in said


def test_the_browser_is_told_where_every_digit_lies_what_it_is_and_what_it_was_read_as(classifier, few):
    app(**{"neighbourhood-map": "PCA"})
    space = embedding.tests(classifier).result(60)
    points = embedding.layout(classifier, "PCA").result(60)
    found = unpacked(map_export.packed(*map_export.address(classifier, "PCA").split("/")))
    assert (found["map"], found["count"], found["width"]) == ("PCA", 300, 64)
    assert found["points"] == pytest.approx(points)
    assert found["vectors"] == pytest.approx(space.vectors, rel=1e-3)
    assert found["labels"].tolist() == few.y_test.tolist()
    assert found["predicted"].tolist() == space.predicted.tolist()


def test_numbers_that_are_too_large_for_the_browser_stay_here(classifier, few):
    """float16 ends at 65,504; what lay beyond would be infinite, and the star nowhere."""
    space = embedding.tests(classifier).result(60)
    assert map_export.is_live(space)
    far = replace(space, vectors=space.vectors * 1e5)
    assert not map_export.is_live(far)
    packed = gzip.compress(map_export.pack(far, far.vectors[:, :2], "PCA", few.y_test))
    assert unpacked(packed)["width"] == 0


def test_the_star_lies_where_python_puts_it(classifier):
    at = app(**{"neighbourhood-map": "PCA"})
    space = embedding.tests(classifier).result(60)
    star, own = np.array(shown(at)["star"]), np.array(shown(at)["own"])
    assert star == pytest.approx((own - space.middle) @ space.components, abs=1e-3)
    assert shown(at)["axes"] == [f"{part:.0%} of the spread" for part in space.explained_variance_ratio]


@pytest.mark.parametrize(
    ("said", "number"), [(42, 42), (42.0, 42), (10_000, None), (-1, None), ("7", None), (True, None)]
)
def test_what_a_browser_says_was_clicked_is_a_test_digit_or_nothing(said, number):
    assert star_map.chosen(said, 10_000) == number


def test_distances_within_a_digit_are_typical(classifier, few):
    """All pairs, not a sample of them; to a tenth."""
    space = embedding.tests(classifier).result(60)
    apart = np.concatenate(
        [
            np.linalg.norm(v[:, None] - v[None], axis=2)[np.triu_indices(len(v), 1)]
            for v in (space.vectors[few.y_test == digit] for digit in range(10))
        ]
    )
    assert embedding_map.typical(space, few.y_test) == pytest.approx(np.median(apart), rel=0.15)
