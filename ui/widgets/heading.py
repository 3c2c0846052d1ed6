"""The one heading of the first level that each page has."""

import html

import streamlit as st


def heading(text: str) -> None:
    """The page's name, to be seen."""
    st.title(text, anchor=False)


def unseen_heading(text: str) -> None:
    """What one does here, for those who go through a page by its headings; the page itself shows it."""
    with st.container(key="unseen-heading"):
        st.html(f"<h1>{html.escape(text)}</h1>")
