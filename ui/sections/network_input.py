"""What a network is given: the 28 x 28 numbers of the ink, and on demand which of it decides.

Called by `pages.draw`.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.ink.preprocessing import SIZE
from core.models.classifiers import Classifier
from core.records import DigitImage
from ui.components import pixel_grid, term_notes
from ui.sections import ink_heat


def network_input(image: DigitImage | None, classifiers: Sequence[Classifier]) -> None:
    """Show the image, or paper where there is none, and the switch that colours its ink."""
    with st.container(key="network-input"):
        term_notes.markdown("**What the network sees**: 28 x 28 numbers, 0 to 1")
        pixels = image.pixels if image else np.zeros((SIZE, SIZE))
        pixel_grid.pixel_grid(pixels, label="The 28 x 28 picture that the network is given", key="pixels")
        ink_heat.ink_heat(classifiers, image, grid="pixels")
