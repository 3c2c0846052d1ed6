"""What is said of a network's inside, against the network itself."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from core.data import datasets
from core.ink.preprocessing import from_strokes
from core.models import classifiers
from core.models.classifiers import Classifier
from core.models.registry import WITH_THE_APP
from core.nn import architectures, sprites, top_activations, unit_trace
from core.nn.architectures import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    PReLU,
)
from core.records import DigitImage, Network
from core.worker import export, models
from tests import shapes

END = (Flatten(), Dense(10, "softmax"))
EVERY_KIND = (
    Conv2D(4, 3, padding="same", activation="linear"),
    BatchNormalization(),
    Activation("tanh"),
    MaxPooling2D(2),
    Conv2D(5, 4, stride=2, padding="same", activation="sigmoid"),
    AveragePooling2D(2),
    PReLU(),
    Conv2D(6, 2, activation="relu"),
    PReLU("value"),
    Flatten(),
    Dropout(0.3),
    Dense(12, "tanh"),
    BatchNormalization(),
    Activation("relu"),
    Dense(11, "softmax"),
)


def classifier_of(layers, low=-0.5, high=0.5, seed=0) -> Classifier:
    """A network of random weights between low and high, its batch normalisation not folded."""
    model, random = models.build(layers), np.random.default_rng(seed)
    weights = {
        key: random.uniform(0.5, 2, array.shape)
        if "variance" in key
        else random.uniform(low, high, array.shape)
        for key, array in models.get_weights(model).items()
    }
    models.set_weights(model, weights)
    return Classifier(Network("random", layers, models.get_weights(model), export.to_litert(model), {}))


@pytest.fixture(scope="module")
def every_kind() -> Classifier:
    return classifier_of(EVERY_KIND, seed=1)


@pytest.mark.parametrize(
    "layers",
    [
        (Conv2D(2, 5, padding="same", activation="linear"), MaxPooling2D(2), Conv2D(3, 3, activation="linear")),
        (Conv2D(2, 4, 2, "same", "linear"), AveragePooling2D(3), Conv2D(2, 3, 1, "same", "linear")),
        (AveragePooling2D(3), Conv2D(2, 4, 1, "same", "linear"), Conv2D(2, 3, 3, "same", "linear")),
        (Conv2D(2, 3, 3, "valid", "linear"), Conv2D(2, 4, 2, "same", "linear")),
    ],
)
def test_a_number_sees_the_pixels_that_change_it(layers):
    """Each pixel is changed in turn; weights are positive, so no change can cancel another."""
    classifier = classifier_of((*layers, *END), low=0.5, high=1)
    names = architectures.names(layers)
    base = np.random.default_rng(1).random((1, 28, 28), np.float32)
    changed = np.repeat(base, 784, 0)
    changed.reshape(784, 784)[np.diag_indices(784)] += 1000
    before, after = classifier.activations_many(base, names), classifier.activations_many(changed, names)
    for name, field in zip(names, unit_trace.receptive_fields(layers), strict=True):
        differs = (after[name] != before[name]).any(-1).reshape(28, 28, *after[name].shape[1:3])
        for row, column in np.ndindex(differs.shape[2:]):
            rows, columns = np.nonzero(differs[:, :, row, column])
            assert field.rows[row] == (rows.min(), rows.max() + 1)
            assert field.columns[column] == (columns.min(), columns.max() + 1)


def test_away_from_the_edges_size_and_jump_say_it():
    layers = (Conv2D(8, 5, padding="same"), MaxPooling2D(2), Conv2D(8, 3), MaxPooling2D(2), *END)
    *seen, flat, dense = unit_trace.receptive_fields(layers)
    # Conv 5; then 2 - 1 steps of 1; then 3 - 1 steps of 2; then 2 - 1 steps of 2.
    assert [(field.size, field.jump) for field in seen] == [(5, 1), (6, 2), (10, 2), (12, 4)]
    assert flat is dense is None
    for field in seen:
        whole = [span for span in field.rows if span[0] > 0 and span[1] < 28]
        assert {last - first for first, last in whole} == {field.size}
        assert {b[0] - a[0] for a, b in itertools.pairwise(whole)} <= {field.jump}


def positions(shape, random):
    """The corners, where padding is, and some places between."""
    corners = [tuple(0 for _ in shape), tuple(n - 1 for n in shape)]
    return corners + [tuple(int(random.integers(n)) for n in shape) for _ in range(12)]


def check_explanations(classifier, image):
    network, activations = classifier.network, classifier.activations(image)
    random = np.random.default_rng(2)
    for number, (name, values) in enumerate(activations.items()):
        for position in positions(values.shape, random):
            e = unit_trace.explain(network, image.pixels, activations, number, position)
            assert e.found == values[position]
            # The network adds 32-bit numbers; its error goes with the size of what is added.
            size = max(np.abs(e.inputs * e.weights).sum() if e.weights.size else 0, abs(e.found))
            assert abs(e.value - e.found) <= 1e-6 * size, (name, position)
            if e.weights.size:
                assert e.before == pytest.approx((e.inputs * e.weights).sum() + e.bias, rel=1e-12)


def test_every_kind_of_layer_is_explained(every_kind):
    check_explanations(every_kind, from_strokes(shapes.strokes(5)))


@pytest.mark.parametrize("name", WITH_THE_APP.values())
def test_the_shipped_networks_are_explained(name):
    check_explanations(classifiers.shipped(name), from_strokes(shapes.strokes(3)))


def test_in_the_padding_there_is_nothing(every_kind):
    image = DigitImage(np.ones((28, 28), np.float32))
    e = unit_trace.explain(every_kind.network, image.pixels, every_kind.activations(image), 0, (0, 0, 1))
    assert e.first == (-1, -1)
    assert e.inputs[..., 0].tolist() == [[0, 0, 0], [0, 1, 1], [0, 1, 1]]
    assert e.inside.tolist() == [[False, False, False], [False, True, True], [False, True, True]]


def test_where_a_dense_input_comes_from():
    layers = (Conv2D(3, 3), Flatten(), Dropout(0.1), Dense(7), Dense(10, "softmax"))
    flat = np.arange(26 * 26 * 3).reshape(26, 26, 3)
    assert unit_trace.origin(layers, 3, int(flat[4, 7, 2])) == (4, 7, 2)
    assert unit_trace.origin(layers, 4, 6) == (6,)
    assert unit_trace.origin((*END,), 1, 30) == (1, 2, 0)


def test_many_pictures_at_once_are_read_as_one_by_one(every_kind):
    pixels = datasets.mnist().x_test[:300].astype(np.float32) / 255
    many = every_kind.activations_many(pixels, ["conv2d_3", "dense_2"])
    for number in (0, 255, 256, 299):
        one = every_kind.activations(DigitImage(pixels[number]))
        for name, values in many.items():
            assert values[number] == pytest.approx(one[name], abs=1e-5)


def test_a_sprite_holds_every_map():
    values = np.arange(2 * 3 * 5, dtype=float).reshape(2, 3, 5)
    sprite = sprites.sprite(values)
    assert (sprite.low, sprite.high, sprite.count) == (0, 29, 5)
    for number in range(5):
        row, column = divmod(number, sprite.columns)
        part = sprite.codes[2 * row : 2 * row + 2, 3 * column : 3 * column + 3]
        assert part.tolist() == np.rint(1 + values[..., number] * 254 / 29).tolist()
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(sprites.png(sprite.codes)))), sprite.codes)


def test_a_scale_with_negative_numbers_has_0_in_the_middle():
    sprite = sprites.sprite(np.array([-4.0, 0.0, 2.0, 4.0]))
    assert sprite.codes.ravel()[:4].tolist() == [1, 128, 192, 255]
    assert (sprite.low, sprite.high) == (-4, 4)


def test_what_is_no_number_is_marked_and_leaves_the_scale_alone():
    sprite = sprites.sprite(np.array([np.nan, 0.0, 3.0, np.inf]))
    assert sprite.codes.ravel()[:4].tolist() == [0, 1, 255, 0]
    assert sprite.high == 3
    assert sprites.sprite(np.zeros((2, 2, 3))).high == 0


def test_the_strongest_are_those_of_a_full_sort(every_kind):
    pixels = datasets.mnist().x_test[:700]
    names = ["conv2d_2", "dense_1"]
    search = top_activations.Search(every_kind.activations_many, dict.fromkeys(names, 100), pixels)
    assert search.of("dense_1") is None or search.done == 700
    search.wait()
    assert not search.failed
    every = every_kind.activations_many(pixels.astype(np.float32) / 255, names)
    for name in names:
        maps = every[name].reshape(700, -1, every[name].shape[-1])
        order = np.argsort(-maps.max(1), axis=0, kind="stable")[: top_activations.TOP_COUNT]
        found = search.of(name)
        assert np.array_equal(found.images, order)
        assert np.array_equal(found.values, np.take_along_axis(maps.max(1), order, 0))
        assert np.array_equal(found.positions, np.take_along_axis(maps.argmax(1), order, 0))


def test_a_search_that_fails_says_so():
    def broken(pixels, names):
        raise RuntimeError("no memory")

    search = top_activations.Search(broken, {"conv2d_1": 1}, np.zeros((3, 28, 28), np.uint8))
    search.wait()
    assert search.failed == "no memory"
    assert search.of("conv2d_1") is None


def test_few_pictures_fill_few_places():
    found = top_activations.merge(None, np.array([[1.0, np.nan], [3.0, 2.0]], np.float32), 10)
    assert found.images[:, 0].tolist() == [11, 10, -1, -1, -1, -1, -1, -1, -1]
    assert found.images[0, 1] == 11


def test_layers_are_shown_as_long_as_they_fit():
    assert top_activations.opened([50, 60, 40, 10], 100) == [True, False, True, True]
