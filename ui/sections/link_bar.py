"""Links: what one brings is put up, what it asked for that cannot be is said, and a menu that makes one."""

import streamlit as st

from core.ink.files import BadInput
from core.records import Drawing
from ui import say
from ui.components import canvas, copy_link
from ui.state import keys, links


def open_address(page: str) -> None:
    """Set the page up as its address says. Call it before the page, outside of any fragment."""
    links.open_address(page)
    drawn = links.drawing()
    if drawn is not None:
        canvas.put_linked(drawn)
    if problem := links.said():
        with st.container(horizontal=True, vertical_alignment="center", key="link-problem", gap="small"):
            say.info(problem)
            if st.button("Close", key="link-problem-close", icon=":material/close:", type="tertiary"):
                del st.session_state[keys.ADDRESS_SAID]
                st.rerun()


def menu(drawing: Drawing, page: str) -> None:
    """A link that opens this page as it is set up, with what is drawn."""
    popover = st.popover("Link", icon=":material/link:", key="link-menu", on_change="rerun")
    if popover.open:
        with popover:
            line(drawing, page)


def line(drawing: Drawing, page: str) -> None:
    try:
        query = links.with_drawing(page, drawing)
    except BadInput as error:
        say.caption(error)
        return
    copy_link.copy_link(query, key=keys.LINK)
    st.caption("Opens this page as it is now, with this drawing in the link itself.")
