"""A turn of the switch between digits and images changes the address and is no step for the browser's Back."""

from pathlib import Path

import streamlit as st

_watch = st.components.v2.component(
    "digit_lab_address",
    js=Path(__file__).with_name("address.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def watch() -> None:
    """Let the browser heed it. Call it once, before the page, outside of any fragment."""
    _watch(key="address-watch", height=0)
