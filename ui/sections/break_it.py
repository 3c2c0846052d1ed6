"""Two things to break: the network, or the image that it is shown."""

import numpy as np
import streamlit as st

from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage
from ui.sections import break_drawing, break_network
from ui.state import keys

NETWORK, IMAGE = "The network", "The picture"


def break_section(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    """The room Break it: the network's damage, or the picture's, by what is chosen."""
    if not np.isfinite(classifier.predict(image).logits).all():
        st.info("This network's answer is not a number (NaN): it is broken already.")
        return
    what = st.segmented_control(
        "What is broken",
        [NETWORK, IMAGE],
        key=keys.BREAK_WHAT,
        default=NETWORK,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    if what == IMAGE:
        break_drawing.drawing_section(classifier, image)
    else:
        break_network.network_section(classifier, image)
