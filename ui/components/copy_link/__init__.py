"""A link as one line, and a button that copies it, where the page is not served by HTTPS, too."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "digit_lab_copy_link",
    html='<div class="link"><input type="text" readonly aria-label="The link">'
    '<button type="button">Copy link</button><span role="status"></span></div>',
    css=(HERE / "copy_link.css").read_text(encoding="utf-8"),
    js=(HERE / "copy_link.js").read_text(encoding="utf-8"),
)


def copy_link(query: str, *, key: str) -> None:
    """Show the link to the page that is shown, with this query. key: of the element."""
    _component(key=key, data={"query": query})
