"""The Pooling page without a browser: what its component is given, and what is said."""

import re

import numpy as np
import pytest

from core.models import classifiers
from core.nn import ops
from core.nn.padding import output_size
from core.records import DigitImage
from tests import shapes
from tests.pages.operations import drawn, given, open_page
from tests.worked_examples import ZERO


def changed(at) -> dict[str, int]:
    """How much the shift changed, in percent."""
    (said,) = [m.value for m in at.markdown if m.value.startswith("Moved by")]
    return {name.strip(): int(n) for name, n in re.findall(r"([a-z ]+) (\d+)%", said)}


def test_the_tutorials_zero_comes_first():
    at = open_page("pooling")
    data = given(at)
    assert data["input"]["values"] == ZERO.tolist()
    largest, mean = data["outputs"]
    assert largest["values"] == [[1, 3, 2, 0], [5, 3, 5, 1], [4, 0, 6, 2], [2, 4, 3, 0]]
    assert mean["values"][0] == [0.25, 1.5, 0.75, 0]
    assert (largest["how"], mean["how"]) == ("max", "mean")


@pytest.mark.parametrize(("window", "stride"), [(2, 1), (3, 2), (4, 4), (3, 3), (2, 4)])
def test_windows_and_strides(window, stride):
    at = open_page("pooling", pool_window=window, pool_stride=stride)
    for output in given(at)["outputs"]:
        assert np.allclose(output["values"], ops.pool(ZERO, output["how"], window, stride), atol=1e-5)
    count, rest = output_size(8, window, stride)
    assert rf"\mathbf{{{count}}}" in at.latex[1].value
    assert any("left over" in caption.value for caption in at.caption) == bool(rest)


def test_a_shift_changes_the_pooled_maps_less():
    at = open_page("pooling", shapes.fabric(3), pool_picture="Your drawing")
    shares = changed(at)
    pixels = drawn(3)
    moved = ops.shifted(pixels, 1)
    assert shares["picture"] == round(100 * ops.change(pixels, moved))
    for how in ("max", "mean"):
        expected = ops.change(ops.pool(pixels, how), ops.pool(moved, how))
        assert shares[f"{how} pooled"] == round(100 * expected)
        assert shares[f"{how} pooled"] < shares["picture"]
    at.slider(key="pool-shift").set_value(0).run()
    assert set(changed(at).values()) == {0}


def test_a_shift_of_the_zero_loses_no_ink():
    at = open_page("pooling")
    for by in (-3, 3):
        at.slider(key="pool-shift").set_value(by).run()
        assert not at.exception
        assert changed(at)["picture"] <= 200


def test_a_feature_map_is_the_networks_own():
    at = open_page("pooling", shapes.fabric(3), pool_picture="Feature map")
    at.selectbox(key="pool-layer").set_value("conv2d_2").run()
    at.slider(key="pool-map").set_value(5).run()
    maps = classifiers.shipped().activations(DigitImage(drawn(3)))["conv2d_2"]
    assert np.allclose(given(at)["input"]["values"], maps[..., 4], atol=1e-4)
    at.selectbox(key="pool-layer").set_value("conv2d_1").run()  # which has fewer maps than 48
    assert not at.exception


def test_a_window_that_is_larger_than_the_map_is_said(monkeypatch):
    classifier = classifiers.shipped()
    monkeypatch.setattr(classifier, "activations", lambda image: {"conv2d_1": np.ones((3, 3, 1), np.float32)})
    at = open_page("pooling", shapes.fabric(3), pool_picture="Feature map", pool_window=4)
    assert at.error[0].value.startswith("The window is 4 wide")


def test_a_network_without_feature_maps_is_said(monkeypatch):
    classifier = classifiers.shipped()
    monkeypatch.setattr(classifier, "activations", lambda image: {"dense_1": np.ones(10, np.float32)})
    at = open_page("pooling", shapes.fabric(3), pool_picture="Feature map")
    assert "makes no feature maps" in at.info[0].value


def test_feature_maps_that_are_no_numbers_are_said(monkeypatch):
    classifier = classifiers.shipped()
    maps = {"conv2d_1": np.full((26, 26, 3), np.nan, np.float32)}
    monkeypatch.setattr(classifier, "activations", lambda image: maps)
    at = open_page("pooling", shapes.fabric(3), pool_picture="Feature map")
    assert "are not numbers (NaN)" in at.info[0].value
    assert not at.get("bidi_component")  # which would be given what no browser can read


def test_a_strided_convolution_is_counted():
    at = open_page("pooling", pool_maps=16)
    (table,) = [m.value for m in at.markdown if m.value.startswith("| way |")]
    assert "⌊(8 − 2) / 2⌋ + 1 = 4: 4 x 4 x 16 | 0 | 0 |" in table
    assert "(3·3·16 + 1)·16 = 2,320 | 4·4·16·3·3·16 = 36,864 |" in table


def test_settings_outlive_a_change_of_page():
    at = open_page("pooling")
    at.segmented_control(key="pool-window").set_value(3).run()
    before = given(at)
    at.switch_page("pages/about.py").run()
    at.switch_page("pages/pooling.py").run()
    assert given(at) == before
