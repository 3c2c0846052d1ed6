"""What the browser gets: read here as it is described, by other means than those that wrote it."""

import json

import numpy as np
import pytest

from core.models import browser_export, networks
from core.nn import architectures
from core.nn.architectures import Activation, BatchNormalization, Conv2D, Dense, Flatten
from tests.networks import by_chance as network


def unpack(data: bytes):
    """(header, function that gives an array by its place, type and length)."""
    end = 4 + int.from_bytes(data[:4], "little")
    return json.loads(data[4:end]), lambda place, kind, count: np.frombuffer(data[end:], kind, count, place)


def kernel(layer: dict, array) -> np.ndarray:
    count = layer["rows"] * layer["columns"]
    high, low = array(layer["high"], "<i2", count), array(layer["low"], "u1", (count + 1) // 2)
    four = np.stack([low & 15, low >> 4], 1).ravel()[:count]
    whole = high.astype(float) * 16 + four
    return whole.reshape(layer["rows"], layer["columns"]) * array(layer["scale"], "<f4", layer["columns"])


def test_the_weights_come_back_to_a_millionth_of_each_columns_largest():
    shipped = networks.shipped()
    data = browser_export.pack(shipped)
    header, array = unpack(data)
    assert len(data) <= 1_000_000
    assert [layer["kind"] for layer in header["layers"]] == [layer.kind for layer in shipped.layers]
    for name, layer in zip(architectures.names(shipped.layers), header["layers"], strict=True):
        if "rows" in layer:
            expected = shipped.weights[f"{name}/kernel"].reshape(layer["rows"], -1)
            error = np.abs(kernel(layer, array) - expected)
            assert (error <= 1.1e-6 * np.abs(expected).max(0)).all()
            bias = array(layer["bias"], "<f4", layer["columns"])
            np.testing.assert_array_equal(bias, shipped.weights[f"{name}/bias"])


def test_an_odd_number_of_weights_and_batch_normalisation():
    own = network(Conv2D(3, 3), BatchNormalization(), Flatten(), Dense(10, "softmax"))
    header, array = unpack(browser_export.pack(own))
    first, norm, _, last = header["layers"]
    assert kernel(first, array) == pytest.approx(own.weights["conv2d_1/kernel"].reshape(9, 3), abs=1e-5)
    assert last["activation"] == "linear"
    x = np.array([0.3, -1, 2])
    arrays = {name.split("/")[1]: value for name, value in own.weights.items() if "batch" in name}
    expected = (x - arrays["moving_mean"]) / np.sqrt(arrays["moving_variance"] + 1e-3)
    expected = expected * arrays["gamma"] + arrays["beta"]
    scale, bias = (array(norm[name], "<f4", 3) for name in ("scale", "bias"))
    assert x * scale + bias == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "layers",
    [
        (Flatten(), Dense(10, "relu")),  # not ten probabilities
        (Flatten(), Dense(12, "softmax")),
        (Flatten(), Dense(64, "softmax"), Dense(10, "softmax")),
        (Flatten(), Dense(64, "linear"), Activation("softmax"), Dense(10, "softmax")),
        (Flatten(), Dense(2600), Dense(10, "softmax")),  # too many numbers to download
        (Conv2D(64, 5, 1, "same"), Conv2D(64, 5, 1, "same"), Flatten(), Dense(10, "softmax")),  # too slow
    ],
)
def test_what_a_browser_is_not_to_run(layers):
    assert browser_export.pack(network(*layers)) is None


def test_a_network_for_other_pictures_is_not_packed():
    own = network(Conv2D(3, 3), Flatten(), Dense(10, "softmax"))
    own.weights["conv2d_1/kernel"] = np.zeros((3, 3, 3, 3), np.float32)
    assert browser_export.pack(own) is None


def test_networks_are_told_apart():
    keys = {browser_export.key(networks.shipped(name)) for name in ("digit-lab", "first-conv-best")}
    assert len(keys) == 2
