"""A picture of the layers that the Train form says.

Called by `pages.train`.
"""

import re

import streamlit as st

from core.training import configs
from ui.components import term_notes
from ui.content import glossary
from ui.figures import network_diagram
from ui.state import train_config

LONG = 9  # layers beyond which their image is scrolled, for it would be too small to read


def layer_diagram() -> None:
    """Show the network that the form says, as SVG."""
    config = train_config.current()
    kind = configs.kind(config)
    diagram = network_diagram.diagram(config.layers, kind.shape, kind.classes, of_digits=kind.of_digits)
    # st.html would take the SVG out
    long = " dl-long" if len(config.layers) > LONG else ""
    st.markdown(f'<div class="dl-diagram{long}" tabindex="0">{diagram}</div>', unsafe_allow_html=True)
    words = glossary.words_in(re.sub("<[^>]*>", " ", diagram))  # in the image they are no links
    term_notes.caption(f"Its words: {', '.join(words)}")
