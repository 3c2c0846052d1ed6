"""What the component that shows a network learn is given."""

import base64
import io
from dataclasses import replace

import numpy as np
from PIL import Image

from core.data.datasets import KINDS
from core.nn.architectures import Conv2D, Dense, Flatten
from core.records import Metric
from tests.unit.training_states import PROBE, VIEW, state
from ui.components import learning

LAYERS = (Conv2D(2, 3), Flatten(), Dense(10, "softmax"))
POINTS = [
    Metric(500 * n, n / 10, n / 5, 0.5, 1.0, 0.6, 0.9, drawing=tuple(np.eye(10)[n % 10])) for n in range(1, 400)
]


TWO = (state(0), state(9))


def data(states=TWO, points=POINTS, **others):
    kind = KINDS["mnist"]
    return learning.data(LAYERS, kind, PROBE, states, points, measured="validation", total=9000, **others)


def test_a_state_says_its_numbers_and_arrays():
    said = data(readings={9: np.linspace(0, 1, 10)})
    assert said["winds"]
    first, last = said["states"]
    assert (first["said"], last["step"], last["images"]) == (None, 9, 450)
    assert last["said"][-1] == 1
    cloud = np.frombuffer(base64.b64decode(last["cloud"]), "<f4").reshape(-1, 2)
    assert np.array_equal(cloud, VIEW.cloud)
    assert last["gradients"] == [0.5, None]  # JSON has no NaN
    assert np.array(last["confusion"]).reshape(10, 10).tolist() == VIEW.confusion.tolist()


def test_kernels_are_pictures_of_one_scale():
    kernel = np.zeros((3, 3, 1, 2), np.float16)
    kernel[0, 2, 0, 1], kernel[1, 1, 0, 0] = -2.0, 1.0
    (said,) = data([replace(state(1), weights={"conv2d_1/kernel": kernel})])["states"]
    values = np.frombuffer(base64.b64decode(said["kernels"]["values"]), np.int8).reshape(2, 3, 3)
    assert (values[1, 0, 2], values[0, 1, 1]) == (-127, 64)
    assert said["kernels"]["largest"] == 2


def test_a_dense_layers_weights_are_as_large_as_the_image():
    kernel = np.arange(784 * 30, dtype=np.float32).reshape(784, 30).astype(np.float16)
    (said,) = data([replace(state(1), weights={"dense_1/kernel": kernel})])["states"]
    found = said["kernels"]
    assert (found["n"], found["of"], found["height"], found["width"]) == (learning.MAX_KERNELS, 30, 28, 28)


def test_the_drawings_lines_have_as_many_points_as_can_be_seen():
    lines = data()["lines"]
    assert len(lines["images"]) == len(lines["p"]) <= learning.MAX_POINTS
    assert (lines["images"][0], lines["images"][-1]) == (500, 500 * 399)
    assert data(points=[])["lines"] == {"images": [], "p": []}


def test_while_it_trains_the_number_is_the_latest_measurement():
    assert data()["now"] == {"images": 500 * 399, "epoch": 39.9, "accuracy": 0.6}
    assert data(points=[])["now"] is None


def test_the_wall_has_the_images_of_a_class_below_each_other():

    src = data()["wall"]["src"]
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(src.partition(",")[2]))))[..., -1]
    assert sheet.shape == (4 * 28, 10 * 28)
    assert np.array_equal(sheet[28:56, 56:84], PROBE.images[9])  # the second of the third class
