"""What the lessons' live parts show: somebody's own drawing, or a test digit where there is none."""

from typing import NamedTuple

import numpy as np

from core.data import datasets
from ui.state import selection


class Material(NamedTuple):
    """pixels: float32 [28, 28], 0..1. label: the digit, as a label says it or the network. words: whose
    it is."""

    pixels: np.ndarray
    label: int
    words: str


TEST_DIGIT = 0  # a 7


def digit() -> Material:
    """Return what was drawn last, if it is ink, else the first test digit."""
    from ui.components import canvas  # noqa: PLC0415  it can be imported in a server alone, lessons anywhere

    image = canvas.last_image()
    if image is None:
        data = datasets.mnist()
        label = int(data.y_test[TEST_DIGIT])
        return Material(data.x_test[TEST_DIGIT].astype(np.float32) / 255, label, "the first test digit")
    prediction = selection.first().predict(image)
    return Material(image.pixels, int(np.argmax(prediction.probabilities)), "your drawing")
