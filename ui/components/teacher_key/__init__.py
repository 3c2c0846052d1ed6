"""The key of a teacher's link: it stands behind the '#' of the address, which no browser sends to a server.

The browser says it here over the app's own connection, once, and takes it out of its address and history.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ui.state import keys

_component = st.components.v2.component(
    "digit_lab_teacher_key", js=(Path(__file__).parent / "teacher_key.js").read_text(encoding="utf-8")
)


def listen(opens: Callable[[str, str], object]) -> None:
    """Call it on the page that the link opens. opens: is called with a code and a key, as they were typed."""

    def said() -> None:
        found = st.session_state[keys.TEACHER_KEY].opened
        if isinstance(found, dict):
            opens(str(found.get("code", ""))[:20], str(found.get("key", ""))[:80])

    _component(key=keys.TEACHER_KEY, on_opened_change=said, height=0)
