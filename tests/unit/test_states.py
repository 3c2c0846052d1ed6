"""Which moments of a training are kept, and how they lie in the database."""

import time
from dataclasses import replace

import numpy as np
import pytest

from core.nn.architectures import Activation, BatchNormalization, Conv2D, Dense, Flatten
from core.storage import states as stored
from core.storage import store as stores
from core.storage.run_access import NotMine
from core.training import states
from tests.stored_runs import CONFIG
from tests.unit.training_states import PROBE, VIEW, state


def same(one: object, other: object) -> bool:
    """Are two records of arrays the same, NaN being equal to itself?"""
    mine, its = vars(one), vars(other)
    return all(
        np.array_equal(mine[name], its[name], equal_nan=np.asarray(mine[name]).dtype.kind == "f")
        for name in mine
    )


@pytest.mark.parametrize("total", [2000, 60_000, 4_000_000])
def test_what_is_left_is_spread_over_the_training_with_the_early_steps_denser(total):
    images = [0]
    for seen in range(total // 2000, total + 1, total // 2000):  # as the run grows
        images.append(seen)
        for place in reversed(states.surplus(images, states.MAX_STATES)):
            images.pop(place)
    assert 20 <= len(images) <= states.MAX_STATES
    assert images[0] == 0
    gaps = np.diff(images)
    assert gaps.max() < total / 10  # no hole
    assert np.median(gaps[:10]) < np.median(gaps[-10:]) / 2


def test_all_states_of_the_largest_networks_together_keep_to_the_limit():
    for weights in (10, 34_826, 1_300_000, 12_000_000, 100_000_000):
        assert states.limit(weights) * 2 * weights <= states.MAX_BYTES
        assert states.limit(weights) != 1  # there is nothing to move a slider between


def test_the_wall_has_four_of_each_class_and_the_cloud_no_more_than_it_can_show():
    labels = np.tile(np.arange(10, dtype=np.uint8), 50)
    images = np.arange(500, dtype=np.uint16)[:, None, None].repeat(28, 1).repeat(28, 2).astype(np.uint8)
    probe, wall, cloud = states.probe(images, labels, 500)
    assert probe.labels.tolist() == sorted(4 * list(range(10)))
    assert (labels[wall] == probe.labels).all()
    assert len(cloud) == len(probe.cloud_labels) == states.CLOUD


def test_the_projection_lays_the_classes_round_a_circle():
    """Each class's own direction in the last hidden layer, where these are at right angles."""
    plane = states.projection(np.eye(10, dtype=np.float32))
    np.testing.assert_allclose(np.hypot(*plane.T), 1, atol=1e-6)
    np.testing.assert_allclose(np.diff(np.unwrap(np.arctan2(plane[:, 1], plane[:, 0]))), np.pi / 5, atol=1e-6)


def test_layers_are_named_as_the_views_have_them():
    layers = (Conv2D(4, 3, activation="linear"), BatchNormalization(), Activation("relu"), Flatten())
    layers = (*layers, Dense(8), Dense(5, "tanh"), Dense(10, "softmax"))
    assert states.learning_layers(layers) == ["conv2d_1", "dense_1", "dense_2", "dense_3"]
    assert states.relu_layers(layers) == ["activation_1", "dense_1"]


def test_states_come_back_as_they_were_and_those_that_go_are_gone(store):
    number = store.add(CONFIG, name="mine")
    token = store.claim(number, "host:1:2", "")
    stored.set_probe(store, number, PROBE, token=token)
    stored.set_probe(store, number, replace(PROBE, sample=5), token=token)  # another claim's
    assert same(stored.probe(store, number), PROBE)
    for step in (0, 3, 7, 9):
        stored.add(store, number, state(step, None if step == 7 else VIEW), token=token)
    assert stored.moments(store, number) == [(0, 0), (3, 150), (7, 350), (9, 450)]
    seen = stored.views(store, number)
    assert [s.step for s in seen] == [0, 3, 9]
    assert all(same(s.view, VIEW) for s in seen)
    assert [list(s.weights) for s in seen] == 3 * [["conv2d_1/kernel"]]
    assert [s.step for s in stored.views(store, number, after=3)] == [9]
    whole = stored.state(store, number, 3)
    assert whole.weights.keys() == {"conv2d_1/kernel", "conv2d_1/bias"}
    assert whole.weights["conv2d_1/kernel"].dtype == np.float16
    assert (whole.weights["conv2d_1/kernel"] == 3).all()
    stored.set_view(store, number, 7, VIEW, token=token)
    stored.add(store, number, state(12), gone=(3, 9), token=token)
    assert [s.step for s in stored.views(store, number)] == [0, 7, 12]
    stored.forget_after(store, number, 7, token=token)
    assert [step for step, _ in stored.moments(store, number)] == [0, 7]


def test_nobody_else_writes_a_state(store):
    number = store.add(CONFIG, name="mine")
    store.claim(number, "host:1:2", "")
    for write in (
        lambda: stored.set_probe(store, number, PROBE, token="another"),
        lambda: stored.add(store, number, state(1), token="another"),
        lambda: stored.set_view(store, number, 1, VIEW, token="another"),
        lambda: stored.forget_after(store, number, 0, token="another"),
    ):
        with pytest.raises(NotMine):
            write()
    assert stored.moments(store, number) == []
    assert stored.probe(store, number) is None


def test_states_are_deleted_with_their_run(store):
    number, other = (store.add(CONFIG, name=name) for name in ("mine", "other"))
    for run in (number, other):
        stored.set_probe(store, run, PROBE)
        stored.add(store, run, state(1))
    store.delete(number)
    store.purge(time.time() + 2 * stores.KEPT_AFTER_DELETE)
    assert stored.moments(store, number) == []
    assert stored.probe(store, number) is None
    assert stored.moments(store, other) == [(1, 50)]
