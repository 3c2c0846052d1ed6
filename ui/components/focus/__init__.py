"""The keyboard focus stays where it was when the button that was pressed goes grey, on every page."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

_keep = st.components.v2.component("digit_lab_focus", js=(HERE / "focus.js").read_text(encoding="utf-8"))


def keep() -> None:
    """Let the browser watch for it. Call it once, before the page, outside of any fragment."""
    _keep(key="focus")
