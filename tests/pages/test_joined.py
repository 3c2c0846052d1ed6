"""Look inside of a network whose ways part and meet: which layers are joined; its sums are the network's."""

import json
from itertools import chain

import numpy as np
import pytest

from core.ink.preprocessing import from_strokes
from core.models.classifiers import Classifier
from core.nn import architectures, unit_trace
from core.nn.architectures import (
    Activation,
    Add,
    Average,
    Concatenate,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
    PReLU,
)
from core.records import Network
from core.worker import export, models
from tests import shapes
from tests.networks import by_chance
from ui.components import feature_maps, signal_flow
from ui.components.feature_maps.views import View
from ui.figures import network_diagram, network_rows

LAYERS = (
    Conv2D(4, 5, 2, "same", "relu"),
    Conv2D(4, 3, 1, "same", "linear"),
    PReLU("value"),
    Add(inputs=(2, 0)),
    Conv2D(3, 1, inputs=(0,)),
    Concatenate(inputs=(3, 4)),
    MaxPooling2D(2),
    Flatten(),
    Dense(6, "tanh"),
    Dense(6, "relu", inputs=(7,)),
    Average(inputs=(8, 9, 8)),
    Activation("silu"),
    Dense(10, "softmax"),
)


@pytest.fixture(scope="module")
def joined() -> Classifier:
    network = by_chance(*LAYERS)
    model = models.build(LAYERS)
    models.set_weights(model, network.weights)
    return Classifier(Network("joined", LAYERS, network.weights, export.to_litert(model), {}))


@pytest.fixture(scope="module")
def image():
    return from_strokes(shapes.strokes(3))


def test_each_layer_says_what_it_is_given(joined, image):
    layers = feature_maps.data(joined, image, View())["layers"]
    assert [layer["title"] for layer in layers][2:6] == ["3 PReLU", "4 Add", "5 Conv2D 1x1", "6 Concatenate"]
    assert layers[3]["about"] == "the sum of the maps of several layers, of 3 PReLU and 1 Conv2D 5x5"
    assert layers[4]["about"].endswith("relu, reads 1 Conv2D 5x5")
    assert layers[10]["about"].endswith("of 9 Dense 6, 10 Dense 6 and 9 Dense 6")


def test_every_number_comes_about_as_the_network_says(joined, image):
    activations = joined.activations(image)
    for number, (name, values) in enumerate(activations.items()):
        if unit_trace.is_copy(LAYERS[number]):
            continue
        for unit in range(values.shape[-1]):
            said = feature_maps.data(joined, image, View(number, unit))
            json.dumps(said, allow_nan=False)
            assert "not the same" not in said["chosen"]["sum"]["remark"], (name, unit)
        for place in range(0, values.size, 97):
            position = tuple(int(n) for n in np.unravel_index(place, values.shape))
            found = unit_trace.explain(joined.network, image.pixels, activations, number, position)
            assert found.value == pytest.approx(found.found, rel=1e-4, abs=1e-5)


def test_a_sum_names_its_terms(joined, image):
    terms = feature_maps.data(joined, image, View(3, 1))["chosen"]["sum"]["terms"]
    assert [name for name, _ in terms] == ["3 PReLU", "1 Conv2D 5x5"]
    (handed,) = feature_maps.data(joined, image, View(5, 5))["chosen"]["sum"]["terms"]
    assert handed[0] == "5 Conv2D 1x1"


def test_lines_lead_from_the_layers_that_are_read(joined, image):
    columns = {one["layer"]: one for one in signal_flow.data(joined, image, View())["flow"]["columns"]}
    assert [columns[n]["from"] for n in (0, 3, 4, 5, 8, 9, 10)] == [
        [-1],
        [2, 0],
        [0],
        [3, 4],
        [6],
        [6],
        [8, 9, 8],
    ]
    for column in columns.values():
        for feeds in column["feeds"]:
            assert sum(abs(share) for _, share, *_ in feeds) <= 1.001
    assert {feed[2] for feed in chain(*columns[3]["feeds"])} == {0, 1}
    map_, feeds = columns[3]["maps"][0], columns[3]["feeds"][0]
    terms = feature_maps.data(joined, image, View(3, map_))["chosen"]["sum"]["terms"]
    total = sum(abs(value) for _, value in terms)
    for source, share, which in feeds:
        assert source == map_
        assert share == pytest.approx(terms[which][1] / total, abs=1e-3)


def test_a_unit_lies_in_the_picture_that_was_flattened(joined):
    assert unit_trace.origin(LAYERS, 9, 7 * 7 * 7 - 1) == (6, 6, 6)
    assert unit_trace.receptive_fields(LAYERS)[3].size == 9
    assert unit_trace.receptive_fields(LAYERS)[4].size == 5


def test_the_diagram_shows_the_ways_that_pass_others_by():
    picture = network_diagram.diagram(LAYERS)
    assert picture.count('m-6 1.5l6 -1.5l0 6"') == 6  # 1 to 4, 1 to 5, 4 to 6, 8 to 10 and 9 to 11, twice
    rows = network_rows.rows(LAYERS)
    assert [row.problem for row in rows] == [""] * (len(LAYERS) + 1)
    assert rows[6].shape == "14x14x7"
    assert architectures.describe(LAYERS)[5] == ((14, 14, 7), 0)
