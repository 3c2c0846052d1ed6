"""A button that fills the screen with the page, for a projector; Esc brings the rest back."""

from pathlib import Path

import streamlit as st

_button = st.components.v2.component(
    "digit_lab_full_screen",
    html='<button type="button" class="dl-present"><svg viewBox="0 0 20 20" aria-hidden="true">'
    '<path d="M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4" /></svg><span>Full screen</span></button>',
    js=(Path(__file__).parent / "full_screen.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def full_screen() -> None:
    """Put the button up; nothing where a browser, or the frame that shows the app, has no full screen."""
    _button(key="full-screen", data={}, width="content")
