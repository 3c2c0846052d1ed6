"""The tutorials as a visitor opens them, and an image and a kernel for their arithmetic."""

import numpy as np
from streamlit.testing.v1 import AppTest

from core.nn import architectures
from core.training import configs
from core.training.recipes import RECIPES
from tests.pages import opened

PICTURE = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])


def rows(recipe):
    """(output shape, parameters) of each layer of a recipe."""
    config = RECIPES[recipe].config
    return architectures.describe(config.layers, configs.kind(config).shape)


def page(**state) -> AppTest:
    return opened.page("tutorials", **state)
