"""A link to the page as it is set up, with what is drawn."""

import streamlit as st

from core.ink.files import BadInput
from core.records import Drawing
from ui import say
from ui.components import copy_link
from ui.state import keys, links


def menu(drawing: Drawing, page: str) -> None:
    """A link that opens this page as it is set up, with what is drawn."""
    popover = st.popover("Link", icon=":material/link:", key="link-menu", on_change="rerun")
    if popover.open:
        with popover:
            line(drawing, page)


def line(drawing: Drawing, page: str) -> None:
    """Show the link that opens a page with its settings and a drawing, or why there is none."""
    try:
        query = links.with_drawing(page, drawing)
    except BadInput as error:
        say.caption(error)
        return
    copy_link.copy_link(query, key=keys.LINK)
    st.caption("Opens this page as it is now, with this drawing in the link itself.")
