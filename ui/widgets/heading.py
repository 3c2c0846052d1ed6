"""How each page begins: one heading of the first level, which says what one does there, and a sentence."""

import html

import streamlit as st

from ui import say
from ui.content.glossary import marked_html
from ui.state import keys, links, subject


def heading(does: str, more: str = "", *, switch: bool = False) -> None:
    """Say what one does on this page.

    more: one sentence. switch: let people choose between digits and images, always at the same place.
    """
    sentence = f"<p>{html.escape(more)}</p>" if more else ""
    st.html(marked_html(f'<div class="dl-head"><h1>{html.escape(does)}</h1>{sentence}</div>'))
    if switch:
        subject.chosen()
        st.segmented_control(
            "Digits or images",
            [subject.DIGITS, subject.IMAGES],
            key=keys.SUBJECT,
            required=True,
            label_visibility="collapsed",
            persist_state="session",
            width="content",
        )
    if problem := links.said():
        with st.container(horizontal=True, vertical_alignment="center", key="link-problem", gap="small"):
            say.info(problem)
            st.button("Close", key="link-problem-close", icon=":material/close:", on_click=links.forget_said)
