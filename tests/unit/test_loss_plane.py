"""The loss along lines and planes, against single losses and against directions worked out by hand."""

import numpy as np
import pytest

from core.__main__ import main
from core.analysis import loss_plane
from core.data import datasets
from core.models import networks
from core.nn import learning
from core.nn.architectures import Conv2D, Dense, Flatten, MaxPooling2D
from core.nn.descent import descend, fresh
from core.records import Network

NETWORK = fresh((784, 6, 10), "relu", seed=2)


CONV = Network(
    "by chance",
    (Conv2D(3, 4, activation="relu"), MaxPooling2D(2), Flatten(), Dense(5, "relu"), Dense(11, "softmax")),
    {
        name: 0.1 * np.random.default_rng(4).normal(size=shape)
        for name, shape in {
            **{"conv2d_1/kernel": (4, 4, 1, 3), "conv2d_1/bias": (3,)},
            **{
                "dense_1/kernel": (432, 5),
                "dense_1/bias": (5,),
                "dense_2/kernel": (5, 11),
                "dense_2/bias": (11,),
            },
        }.items()
    },
    b"",
    {},
)
ONE_LAYER = fresh((784, 10), "relu", seed=3)


@pytest.fixture(scope="module")
def digits():
    data = datasets.mnist()
    return data.x_train[:40] / 255, data.y_train[:40].astype(int)


def test_a_random_directions_parts_are_as_long_as_each_unit(digits):
    found = loss_plane.filter_normalised(NETWORK, seed=1)
    for name, array in NETWORK.weights.items():
        if name.endswith("/bias"):
            assert not found[name].any()
        else:
            np.testing.assert_allclose(np.linalg.norm(found[name], axis=0), np.linalg.norm(array, axis=0))
    other = loss_plane.filter_normalised(NETWORK, seed=2)["dense_1/kernel"]
    assert abs(np.corrcoef(found["dense_1/kernel"].ravel(), other.ravel())[0, 1]) < 0.1


def test_a_convolutions_filter_is_one_part():
    network = loss_plane.replace(NETWORK, weights={"conv2d_1/kernel": np.arange(54.0).reshape(3, 3, 2, 3)})
    found = loss_plane.filter_normalised(network, seed=1)["conv2d_1/kernel"]
    lengths = [np.linalg.norm(network.weights["conv2d_1/kernel"][..., n]) for n in range(3)]
    np.testing.assert_allclose([np.linalg.norm(found[..., n]) for n in range(3)], lengths)


@pytest.mark.parametrize("network", [NETWORK, CONV, ONE_LAYER], ids=["dense", "convolution", "one layer"])
def test_the_plane_holds_the_loss_of_each_of_its_places(digits, network):
    images, labels = digits
    across, up = (loss_plane.filter_normalised(network, seed) for seed in (1, 2))
    told = []
    xs, ys = np.array([-1.0, 0.0, 0.5]), np.array([0.0, 1.0])
    found = loss_plane.plane(network, across, up, images, labels, xs, ys, told.append)
    assert found.shape == (2, 3)
    assert told == [0.5, 1.0]
    for row, y in enumerate(ys):
        for column, x in enumerate(xs):
            there = loss_plane.moved(network, [(x, across), (y, up)])
            each = [learning.begin(there, i, label).loss for i, label in zip(images, labels, strict=True)]
            assert found[row, column] == pytest.approx(np.mean(each), rel=1e-4)
    np.testing.assert_allclose(loss_plane.line(network, across, images, labels, xs), found[0], rtol=1e-4)


def test_a_trainings_own_plane_shows_its_way(digits):
    """Its directions are at right angles, of length 1, and the way back along them is nearly the whole way."""
    moments = list(descend(NETWORK, *digits, "plain", rate=0.1, batch=20, steps=30, seed=1))
    path = [moment.network for moment in moments]
    first, second, way = loss_plane.of_path(path)
    flat = [np.concatenate([part.ravel() for part in direction.values()]) for direction in (first, second)]
    np.testing.assert_allclose(np.array(flat) @ np.array(flat).T, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(way[-1], 0)
    start = loss_plane.moved(path[-1], [(way[0, 0], first), (way[0, 1], second)])
    far = [np.linalg.norm(path[0].weights[k] - path[-1].weights[k]) for k in NETWORK.weights]
    off = [np.linalg.norm(path[0].weights[k] - start.weights[k]) for k in NETWORK.weights]
    assert np.linalg.norm(off) < 0.2 * np.linalg.norm(far)


@pytest.mark.parametrize("name", ["digit-lab", "first-conv-best"])
def test_the_planes_that_come_with_the_app_are_of_its_networks(name):
    """Each place of a few is measured anew; another network has none."""
    network = networks.shipped(name)
    found = loss_plane.shipped(network)
    assert found is not None
    assert found.loss.shape == (len(found.at), len(found.at)) == (41, 41)
    data = datasets.mnist()
    images, labels = data.x_test[:64] / 255, data.y_test[:64].astype(int)
    across, up = (loss_plane.filter_normalised(network, seed) for seed in (0, 1))
    for row, column in ((20, 20), (0, 5), (33, 24)):
        there = loss_plane.moved(network, [(found.at[column], across), (found.at[row], up)])
        assert loss_plane.loss(there, images, labels) == pytest.approx(found.loss[row, column], rel=2e-3)
    assert loss_plane.shipped(NETWORK) is None


def test_each_network_that_comes_with_the_app_has_its_plane_and_lies_in_a_valley():
    """Whose data is here or not: it is lower than all around it, at the edge by far."""
    assert set(loss_plane.NETWORKS) == {
        path.name for path in (datasets.ASSETS / "models").iterdir() if path.is_dir()
    }
    for name in loss_plane.NETWORKS:
        found = loss_plane.shipped(networks.shipped(name))
        assert found is not None
        edge = np.concatenate([found.loss[[0, -1]].ravel(), found.loss[:, [0, -1]].ravel()])
        assert found.loss[20, 20] < found.loss[[10, 20, 20, 30], [20, 10, 30, 20]].min() < edge.max()
        assert found.loss[20, 20] < 0.2 * edge.min()


def test_a_plane_whose_images_are_not_here_is_said_and_the_others_are_made(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(loss_plane, "NETWORKS", ("cifar-small",))
    assert main(["landscapes", "--out", str(tmp_path / "planes")]) == 0
    assert "cifar-small: CIFAR-10 is not on this computer yet" in capsys.readouterr().out
