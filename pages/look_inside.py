"""What each layer of a network makes of one picture, down to the arithmetic of a single number."""

import streamlit as st

from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage
from ui import plain
from ui.components import feature_maps
from ui.figures import network_diagram
from ui.sections import looked_at
from ui.state import subject
from ui.widgets import heading


def layers(classifier: Classifier, image: DigitImage | ColourImage | None) -> None:
    if image is None:
        aim = "the digit" if subject.of_digits() else "what it shows"
        st.markdown(f"**{plain.markdown(classifier.network.name)}**, from the picture to {aim}")
        picture = network_diagram.diagram(classifier.network.layers, classifier.shape)
        st.markdown(f'<div class="dl-diagram" tabindex="0">{picture}</div>', unsafe_allow_html=True)
        return
    st.markdown(
        "**What every layer made of it**, to scale: tap or click a "
        + ("map" if feature_maps.has_maps(classifier) else "unit")
        + " to see how each of its numbers was made."
    )
    if not feature_maps.has_maps(classifier):
        st.caption(feature_maps.NO_MAPS)
    feature_maps.network_maps(classifier, image)


heading.heading(
    "See what each layer makes of it",
    "Your picture goes in at the top, the answer comes out at the bottom.",
    switch=True,
)
looked_at.room(layers)
