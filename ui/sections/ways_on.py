"""Buttons that take a drawing from the Draw page to the pages that show more of it.

Called by `pages.draw`.
"""

import streamlit as st

from ui.state import navigation

WAYS_ON = (
    ("look_inside", ":material/layers:", "See inside"),
    ("why", ":material/ink_highlighter:", "Ask why"),
    ("map_of_digits", ":material/scatter_plot:", "Find it among 10,000"),
    ("fool", ":material/theater_comedy:", "Fool it"),
)


def ways_on() -> None:
    """Show a button for each page behind Look inside that the drawing is taken to, and one for Train."""
    with st.container(key="ways-on", horizontal=True, gap="xsmall"):
        for path, icon, label in WAYS_ON:
            if st.button(label, key=f"on-to-{path}", icon=icon):
                navigation.open_look_inside("Draw", path)
        if st.button("Train your own", key="on-to-train", icon=":material/model_training:"):
            navigation.open_page("train")
