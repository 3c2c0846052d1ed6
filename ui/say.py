"""Sentences whose words may come from elsewhere: a file, a name, another program. Shown letter by letter."""

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
