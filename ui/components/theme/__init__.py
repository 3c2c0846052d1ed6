"""One theme for all pages: the choice of light, dark or the system's is kept for every address."""

from pathlib import Path

import streamlit as st

from core.io.bundle import bundle
from ui.content.doors import PAGES

_component = st.components.v2.component("digit_lab_theme", js=bundle(Path(__file__).with_name("theme.js")))


def keep() -> None:
    """Carry the choice over. Call it once, before the page, outside of any fragment."""
    _component(key="theme", data={"pages": list(PAGES)}, height=0)
