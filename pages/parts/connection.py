"""One sentence where the connection between browser and server is gone, on every page."""

import streamlit as st

from core.datasets import ASSETS

_watch = st.components.v2.component(
    "digit_lab_connection",
    html='<div class="dl-gone" role="status"></div>',
    js=(ASSETS / "connection.js").read_text(),
    isolate_styles=False,
)


def watch() -> None:
    """Let the browser watch its connection. Call it once, before the page, outside of any fragment."""
    _watch(key="connection", on_back_change=lambda: None)
