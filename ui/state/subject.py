"""What the pages are about, digits or images in colour: one choice for all of them."""

import streamlit as st

from ui.state import keys

DIGITS, IMAGES = "Digits", "Images"


def chosen() -> str:
    """Return DIGITS or IMAGES."""
    return st.session_state.setdefault(keys.SUBJECT, DIGITS)


def of_digits() -> bool:
    return chosen() == DIGITS


def choose(subject: str) -> None:
    """Before the page shows its switch."""
    st.session_state[keys.SUBJECT] = subject
