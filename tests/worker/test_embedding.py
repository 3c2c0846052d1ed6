"""The hidden layer's space: its neighbours by brute force, its maps, and what is kept."""

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import paths
from core.analysis import embedding, placement, works
from core.analysis.embedding import MAPS, Space
from core.data import datasets
from core.ink.preprocessing import from_strokes
from core.models import networks
from core.models.classifiers import Classifier
from core.nn.architectures import Conv2D, Dense, Flatten
from core.records import Dataset, Network
from core.worker import export, models
from tests import shapes

LIMIT = 100  # seconds that any of it may take here


@pytest.fixture(scope="module")
def few() -> Dataset:
    """600 digits to learn from and 300 to test with."""
    full = datasets.mnist()
    return Dataset(full.x_train[:600], full.y_train[:600], full.x_test[:300], full.y_test[:300])


@pytest.fixture(autouse=True)
def small(few, monkeypatch):
    """All works anew, and on few digits."""
    monkeypatch.setattr(datasets, "mnist", lambda: few)
    monkeypatch.setattr(works, "SHIPPED", Path("nothing comes with the app"))
    works._works.clear()


@pytest.fixture
def seven() -> np.ndarray:
    return from_strokes(shapes.strokes(7)).pixels


def wide() -> Classifier:
    """1,352 hidden numbers: more than are kept."""
    layers = (Conv2D(2, 3), Flatten(), Dense(10, "softmax"))
    model = models.build(layers)
    return Classifier(Network("wide", layers, models.get_weights(model), export.to_litert(model), {}))


def by_brute_force(classifier, few, seven):
    """(number, distance) of all training digits, the nearest first, one by one from the activations."""
    name = embedding.hidden_layer(classifier.network)

    def hidden(pixels):
        return classifier.activations_many(pixels.astype(np.float32), [name])[name].astype(float)

    distances = np.linalg.norm(hidden(few.x_train / 255) - hidden(seven[None]), axis=1)
    return [(int(n), distances[n]) for n in np.argsort(distances)]


def test_the_space_is_the_last_hidden_layer(classifier, few, seven):
    space = embedding.tests(classifier).result(LIMIT)
    assert (space.layer, space.width, space.vectors.shape) == ("dense_1", 64, (300, 64))
    expected = classifier.activations_many(few.x_test[:5].astype(np.float32) / 255, ["dense_1"])["dense_1"]
    assert space.vectors[:5] == pytest.approx(expected, abs=1e-5)
    assert np.mean(space.predicted == few.y_test) > 0.98
    assert embedding.vector(classifier, space, seven).shape == (64,)


@pytest.mark.parametrize("which", ["shipped", "wide"])
def test_the_nearest_are_those_of_brute_force(classifier, few, seven, which):
    read = classifier if which == "shipped" else wide()
    space, learnt = embedding.tests(read).result(LIMIT), embedding.training(read).result(LIMIT)
    found = embedding.nearest(read, space, learnt, seven)
    expected = by_brute_force(read, few, seven)[:5]
    assert [n.number for n in found] == [number for number, _ in expected]
    assert [n.distance for n in found] == pytest.approx([d for _, d in expected], rel=1e-4)
    assert [n.label for n in found] == few.y_train[[n.number for n in found]].tolist()


def test_a_training_digit_is_its_own_neighbour(classifier, few):
    space, learnt = embedding.tests(classifier).result(LIMIT), embedding.training(classifier).result(LIMIT)
    first = embedding.nearest(classifier, space, learnt, np.float32(few.x_train[17]) / 255)[0]
    assert (first.number, first.label) == (17, few.y_train[17])
    assert first.distance == pytest.approx(0, abs=1e-3)


def test_a_wide_layer_keeps_nearly_all_of_its_spread(few):
    read = wide()
    space = embedding.tests(read).result(LIMIT)
    assert space.vectors.shape == (300, embedding.MAX_VALUES)
    assert space.directions.T @ space.directions == pytest.approx(np.eye(embedding.MAX_VALUES), abs=1e-4)
    hidden, _ = embedding._hidden(read, few.x_test.astype(np.float32) / 255)
    assert space.vectors.var(0).sum() == pytest.approx(hidden.var(0).sum(), rel=0.02)


def test_pca_is_the_singular_value_decomposition(classifier):
    space = embedding.tests(classifier).result(LIMIT)
    points = embedding.layout(classifier, "PCA").result(LIMIT)
    centred = space.vectors.astype(float) - space.vectors.mean(0)
    _, sizes, rows = np.linalg.svd(centred, full_matrices=False)
    assert np.abs(points) == pytest.approx(np.abs(centred @ rows[:2].T), abs=1e-3)
    assert space.explained_variance_ratio == pytest.approx(sizes[:2] ** 2 / (sizes**2).sum(), abs=1e-5)


def test_pca_puts_a_test_digit_onto_its_own_point(classifier):
    space, points = embedding.tests(classifier).result(LIMIT), embedding.layout(classifier, "PCA").result(LIMIT)
    assert MAPS["PCA"].embed(space, points, space.vectors[3]) == pytest.approx(points[3], abs=1e-4)


def test_tsne_keeps_neighbours_and_puts_new_ones_among_them(classifier, few):
    """Chance would have one in ten of the neighbours on the map with the same label."""
    space, points = (
        embedding.tests(classifier).result(LIMIT),
        embedding.layout(classifier, "t-SNE").result(LIMIT),
    )

    def labels_around(at):
        return few.y_test[np.argsort(((points - at) ** 2).sum(1))[1:6]]

    right = [(labels_around(points[n]) == few.y_test[n]).mean() for n in range(300)]
    assert np.mean(right) > 0.9
    placed = [MAPS["t-SNE"].embed(space, points, space.vectors[n]) for n in range(30)]
    spread = np.linalg.norm(points.std(0))
    off = np.linalg.norm(placed - points[:30], axis=1)
    assert np.median(off) < 0.1 * spread


def test_a_new_digit_lies_where_tsnes_cost_is_least(classifier):
    """Nowhere within a few steps around is sum p ln(p / q) smaller; the cost written out by hand."""
    space, points = (
        embedding.tests(classifier).result(LIMIT),
        embedding.layout(classifier, "t-SNE").result(LIMIT),
    )
    own = space.vectors[8] + 0.1
    squares = ((space.vectors - own) ** 2).sum(1)
    near = np.argsort(squares)[:15]
    p = placement.weights(squares[near] - squares[near].min(), 5)

    def cost(at):
        closeness = 1 / (1 + ((points - at) ** 2).sum(1))
        return (p * np.log(p / (closeness / closeness.sum())[near])).sum()

    found = MAPS["t-SNE"].embed(space, points, own)
    for angle in np.linspace(0, 2 * np.pi, 12):
        for step in (0.01, 0.1, 0.5):
            assert cost(found) <= cost(found + step * np.array([np.cos(angle), np.sin(angle)])) + 1e-9


def test_the_weights_have_the_perplexity_that_is_asked_for():
    weights = placement.weights(np.linspace(0, 4, 15), 5)
    assert weights.sum() == pytest.approx(1)
    assert np.exp(-(weights * np.log(weights)).sum()) == pytest.approx(5)
    assert (np.diff(weights) < 0).all()
    assert placement.weights(np.zeros(15), 5) == pytest.approx(np.full(15, 1 / 15))


def test_what_was_made_once_is_read_again(classifier, monkeypatch):
    first = embedding.tests(classifier).result(LIMIT)
    assert embedding.tests(classifier).result(LIMIT) is first  # in memory
    files = sorted((paths.folder() / "embeddings").glob("*-tests.npz"))
    assert works._path(f"{works.fingerprint(classifier.network)}-tests") in files
    works._works.clear()
    monkeypatch.setattr(embedding, "_tests", None)  # to compute it anew would fail
    begin = time.perf_counter()
    again = embedding.tests(classifier).result(LIMIT)
    assert time.perf_counter() - begin < 0.3
    assert (again.layer, again.width) == (first.layer, first.width)
    assert np.array_equal(again.vectors, first.vectors)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no archive at all"])
def test_a_broken_file_is_made_again(classifier, content):
    key = f"{works.fingerprint(classifier.network)}-tests"
    embedding.tests(classifier).result(LIMIT)
    works._works.clear()
    works._path(key).write_bytes(content)
    assert embedding.tests(classifier).result(LIMIT).width == 64
    assert len(works._path(key).read_bytes()) > 1000


def test_the_oldest_files_give_way(tmp_path, monkeypatch):
    monkeypatch.setattr(works, "_MAX_BYTES", 25)
    for age, name in enumerate(["new", "old", "oldest"]):
        (tmp_path / f"{name}.npz").write_bytes(b"1234567890")
        os.utime(tmp_path / f"{name}.npz", (1000 - age, 1000 - age))
    works._make_room(tmp_path)
    assert sorted(f.stem for f in tmp_path.iterdir()) == ["new", "old"]


def test_a_work_that_failed_is_tried_again(classifier, monkeypatch):
    def fail(*_):
        raise MemoryError("too much")

    monkeypatch.setattr(works, "_load", lambda key: None)
    with monkeypatch.context() as broken:
        broken.setattr(embedding, "_tests", fail)
        with pytest.raises(MemoryError):
            embedding.tests(classifier).result(LIMIT)
    assert isinstance(embedding.tests(classifier).result(LIMIT), Space)


def test_networks_are_told_apart_by_their_weights():
    one, other = networks.shipped(), networks.shipped("first-conv-best")
    renamed = Network("another name", one.layers, one.weights, b"", {})
    assert works.fingerprint(one) == works.fingerprint(renamed) != works.fingerprint(other)
    changed = {**one.weights, "dense_1/bias": one.weights["dense_1/bias"] + 1}
    assert works.fingerprint(Network("", one.layers, changed, b"", {})) != works.fingerprint(one)


def test_a_networks_weights_are_hashed_once_and_nothing_of_it_is_kept(monkeypatch):
    network = replace(networks.shipped(), name="to be gone")
    expected = works.fingerprint(network)
    with monkeypatch.context() as without:
        without.setattr(works.hashlib, "sha256", None)
        assert works.fingerprint(network) == expected
    key = id(network)
    assert key in works._fingerprints
    del network
    assert key not in works._fingerprints


def test_without_hidden_layers_the_space_is_the_picture():
    assert embedding.hidden_layer(Network("", (Flatten(), Dense(10, "softmax")), {}, b"", {})) == "flatten_1"


# -- what comes with the app


@pytest.fixture
def with_the_app(monkeypatch):
    """All of MNIST's digits, and what was computed of them beforehand."""
    monkeypatch.undo()
    monkeypatch.setattr(works, "_save", lambda key, found: None)
    works._works.clear()
    yield datasets.mnist()
    works._works.clear()


@pytest.mark.usefixtures("with_the_app")
def test_what_comes_with_the_app_is_what_would_be_computed(classifier, monkeypatch):
    """To float16's half of a thousandth; of those that were learnt from, one in sixty."""
    data = datasets.mnist()
    with monkeypatch.context() as nothing_kept:
        nothing_kept.setattr(works, "_load", lambda key: None)
        computed = embedding._tests(classifier, lambda fraction: None)
        some, _ = embedding._vectors(classifier, Space(**embedding._plain(computed)), data.x_train[::60], print)
    monkeypatch.setattr(embedding, "_tests", None)  # to compute it anew would fail
    space = embedding.tests(classifier).result(LIMIT)
    assert space.vectors == pytest.approx(computed["vectors"], rel=1e-3, abs=1e-3)
    assert space.predicted.tolist() == computed["predicted"].tolist()
    assert space.components == pytest.approx(computed["components"], abs=1e-3)
    assert embedding.training(classifier).result(LIMIT)[::60] == pytest.approx(some, rel=1e-3, abs=1e-3)


@pytest.mark.usefixtures("with_the_app")
def test_the_map_that_comes_with_the_app_is_t_snes(classifier, monkeypatch):
    """Each digit lies where t-SNE would put it among the others."""
    monkeypatch.setattr(embedding, "_tsne", None)
    space, points = (
        embedding.tests(classifier).result(LIMIT),
        embedding.layout(classifier, "t-SNE").result(LIMIT),
    )
    assert points.shape == (10_000, 2)
    placed = [MAPS["t-SNE"].embed(space, points, space.vectors[n]) for n in range(0, 10_000, 500)]
    assert np.median(np.linalg.norm(placed - points[::500], axis=1)) < 0.01 * np.linalg.norm(points.std(0))


def test_of_another_network_nothing_comes_with_the_app(classifier):
    names = {path.name for path in embedding.datasets.ASSETS.joinpath("embeddings").iterdir()}
    ours = works.fingerprint(classifier.network)
    assert names == {f"{ours}-{name}.npz" for name in ("tests", "t-SNE", "training")}
    assert works.fingerprint(networks.shipped("first-conv-best")) not in str(names)


def test_a_file_of_the_app_that_is_broken_or_stale_is_not_used(classifier, monkeypatch, tmp_path):
    monkeypatch.setattr(works, "SHIPPED", tmp_path)
    key = works.work_key("digit-lab", works.fingerprint(classifier.network), "tests")
    tmp_path.joinpath(f"{key}.npz").write_bytes(b"PK")
    tmp_path.joinpath("0123456789abcdef-tests.npz").write_bytes(b"of another")
    assert embedding.tests(classifier).result(LIMIT).vectors.shape == (300, 64)


def test_what_is_shipped_is_read_again(classifier, monkeypatch, tmp_path):
    monkeypatch.setattr(embedding, "PERPLEXITY", 5)
    tmp_path.joinpath("0123456789abcdef-tests.npz").write_bytes(b"of the network before")
    somebodys = tmp_path / "measured.npz"
    somebodys.write_bytes(b"of whoever has named this folder")
    written = embedding.ship(classifier, tmp_path)
    assert sorted([*written, somebodys]) == sorted(tmp_path.iterdir())
    monkeypatch.setattr(works, "SHIPPED", tmp_path)
    computed = embedding._tests(classifier, lambda fraction: None)
    monkeypatch.setattr(embedding, "_tests", None)
    assert embedding.tests(classifier).result(LIMIT).vectors == pytest.approx(computed["vectors"], rel=1e-3)
    assert embedding.training(classifier).result(LIMIT).shape == (600, 64)
    assert embedding.layout(classifier, "t-SNE").result(LIMIT).shape == (300, 2)
