"""Every page is opened at its top, or where one left it, wherever the one before was scrolled to."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

_begin = st.components.v2.component("digit_lab_page_top", js=(HERE / "page_top.js").read_text(encoding="utf-8"))


def begin(page: str, place: str = "") -> None:
    """Tell the browser which page this is. Call it once, before the page, outside of any fragment.

    place: the key of a container at which it is opened, in place of its top.
    """
    _begin(key="page-top", data={"page": page, "place": f"st-key-{place}" if place else ""})
