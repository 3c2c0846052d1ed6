"""Messages with untrusted text in them, from a file, a name, another program: `plain` escapes it."""

import streamlit as st

from ui import plain


def error(problem: object) -> None:
    """Say what went wrong."""
    st.error(plain.markdown(problem))


def info(sentence: object) -> None:
    """Say what is so."""
    st.info(plain.markdown(sentence))


def caption(sentence: object) -> None:
    """Say it in small."""
    st.caption(plain.markdown(sentence))
