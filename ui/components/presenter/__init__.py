"""For a stand or a class: the canvas and the answer alone, large; and beginning anew for the next visitor.

Both happen in the browser: the first hides the rest of the page, the second forgets what this browser keeps and
opens the app as if for the first time. What is stored on the computer that runs the app stays.
"""

from pathlib import Path

import streamlit as st

from core.io.bundle import bundle

HERE = Path(__file__).parent

_present = st.components.v2.component(
    "digit_lab_presenter",
    html='<button type="button" class="dl-present" title="Canvas and answer alone, large: for a projector">'
    '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 4h14v9H3zM10 13v3M6.5 16.5h7" /></svg>'
    "<span>Present</span></button>",
    js=bundle(HERE / "presenter.js"),
    isolate_styles=False,
)
_next_visitor = st.components.v2.component(
    "digit_lab_next_visitor",
    html='<button type="button" class="dl-present">Begin anew for the next visitor</button>',
    js=bundle(HERE / "next_visitor.js"),
    isolate_styles=False,
)


def present() -> None:
    """Put up the button that leaves nothing on the page but the canvas and the answer, until Esc."""
    _present(key="present", data={})


def next_visitor() -> None:
    """Put up the button that, asked once, begins anew."""
    _next_visitor(key="next-visitor", data={})
