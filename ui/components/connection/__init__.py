"""One sentence on every page where the connection to the server is gone, or the server refuses an upload."""

from pathlib import Path

import streamlit as st

from ui import visits
from ui.state import keys

HERE = Path(__file__).parent


_watch = st.components.v2.component(
    "digit_lab_connection",
    html='<div class="dl-gone" role="status"></div>',
    js=(HERE / "connection.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def watch() -> None:
    """Let the browser watch its connection. Call it once, before the page, outside of any fragment."""
    _watch(key=keys.CONNECTION, data={"refused": visits.TOO_MUCH}, on_back_change=lambda: None)
