"""Three ways to see what a network really looks at: change pixels, add a stroke, let it dream."""

import numpy as np
import streamlit as st

from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage
from ui.sections import fool_dream, fool_pen, fool_pixels
from ui.state import keys

PIXELS, PEN, DREAM = "Change pixels", "Add a stroke", "Let it dream"


def fool_section(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    """Show the ways to fool a network with an image, one at a time; the section of Fool it."""
    if not np.isfinite(classifier.predict(image).logits).all():
        st.info("This network's answer is not a number (NaN), so nothing could fool it further.")
        return
    ways = [PIXELS, PEN, DREAM] if isinstance(image, DigitImage) else [PIXELS, DREAM]
    if st.session_state.get(keys.FOOL_HOW) not in ways:
        st.session_state[keys.FOOL_HOW] = PIXELS
    how = st.segmented_control(
        "How it is fooled",
        ways,
        key=keys.FOOL_HOW,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    if how == PIXELS:
        fool_pixels.pixels_section(classifier, image)
    elif how == PEN and isinstance(image, DigitImage):
        fool_pen.pen_section(classifier, image)
    else:
        fool_dream.dream_section(classifier)
