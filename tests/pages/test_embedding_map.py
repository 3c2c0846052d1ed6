"""What the room Map of digits shows, without a browser, on few digits."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import embedding
from core.data import datasets
from core.records import Dataset
from ui.sections import embedding_map


@pytest.fixture(autouse=True)
def few(monkeypatch) -> Dataset:
    full = datasets.mnist()
    found = Dataset(full.x_train[:600], full.y_train[:600], full.x_test[:300], full.y_test[:300])
    monkeypatch.setattr(datasets, "mnist", lambda: found)
    monkeypatch.setattr(embedding, "_load", lambda key: None)
    monkeypatch.setattr(embedding, "_save", lambda key, found: None)
    embedding._works.clear()
    yield found
    embedding._works.clear()


PAGE = """
from core.models import classifiers
from core.ink.preprocessing import from_strokes
from ui.sections import embedding_map as neighbourhood
from tests import shapes
neighbourhood.embedding_section(classifiers.shipped(), from_strokes(shapes.strokes(7)))
"""


def app(**state) -> AppTest:
    at = AppTest.from_string(PAGE, default_timeout=60)
    for key, value in state.items():
        at.session_state[key] = value
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize("name", embedding.MAPS)
def test_a_map_and_five_neighbours(name):
    at = app(**{"neighbourhood-map": name})
    assert len(at.get("plotly_chart")) == 1
    (near,) = [part.proto.body for part in at.get("html")]
    assert near.count("<figure>") == 5
    assert near.count("<figcaption>a 7, ") >= 3
    assert embedding.MAPS[name].shows in " ".join(c.value for c in at.caption)


def test_the_figure_shows_each_digit_once_and_rings_what_is_misread(classifier, few):
    space = embedding.tests(classifier).result(60)
    points = embedding.layout(classifier, "PCA").result(60)
    chart = embedding_map.figure(space, points, np.array([1.0, 2.0]), "PCA", few.y_test)
    *digits, wrong, star = chart.data
    shown = [np.array(trace.customdata)[:, 0] for trace in digits]
    assert [trace.name for trace in digits] == list("0123456789")
    assert sorted(np.concatenate(shown).tolist()) == list(range(300))
    for digit, (trace, numbers) in enumerate(zip(digits, shown, strict=True)):
        assert (few.y_test[numbers] == digit).all()
        assert trace.x == pytest.approx(points[numbers, 0])
    assert [number for number, *_ in wrong.customdata] == np.flatnonzero(space.predicted != few.y_test).tolist()
    assert (star.x[0], star.y[0]) == (1, 2)


def test_a_click_chooses_a_test_digit_and_not_the_star():
    assert embedding_map.chosen([{"x": 1, "y": 2}, {"customdata": [42, 4, 4]}]) == 42
    assert embedding_map.chosen([{"x": 1, "y": 2}]) is None
    assert embedding_map.chosen([]) is None


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
