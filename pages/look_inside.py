"""What each layer of a network makes of one image, down to the arithmetic of a single number."""

import streamlit as st

from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage
from ui.components import feature_maps, signal_flow, term_notes
from ui.sections import looked_at
from ui.state import keys
from ui.widgets import heading

FLOW, ALL = "Left to right", "All maps"


def layers(classifier: Classifier, image: DigitImage | ColourImage | None) -> None:
    assert image is not None  # the page borrows one
    if _view() == FLOW:
        signal_flow.network_flow(classifier, image, looked_at.called(image))
    else:
        all_maps(classifier, image)


def _view() -> str:
    st.session_state.setdefault(keys.INSIDE_VIEW, FLOW)
    view = st.segmented_control(
        "How the layers are shown",
        [FLOW, ALL],
        key=keys.INSIDE_VIEW,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    assert view
    return view


def all_maps(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    term_notes.markdown(
        "**What every layer made of it**, to scale: tap or click a "
        + ("map" if feature_maps.has_maps(classifier) else "unit")
        + " to see how each of its numbers was made."
    )
    if not feature_maps.has_maps(classifier):
        term_notes.caption(feature_maps.NO_MAPS)
    feature_maps.network_maps(classifier, image)


heading.heading(
    "See what each layer makes of it",
    "Your picture goes in at one end, the answer comes out at the other.",
    switch=True,
)
looked_at.beside(layers, borrows=True)
