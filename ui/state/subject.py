"""What the pages are about, digits or images in colour: one choice for all of them."""

import streamlit as st

from ui.state import keys

DIGITS, IMAGES = "Digits", "Images"


def chosen() -> str:
    """Return DIGITS or IMAGES."""
    if asked := st.session_state.pop(keys.SUBJECT_ASKED, ""):
        st.session_state[keys.SUBJECT] = asked
    return st.session_state.setdefault(keys.SUBJECT, DIGITS)


def coming() -> str:
    """Return the same, or what is asked for from the next page on; it changes nothing."""
    return st.session_state.get(keys.SUBJECT_ASKED) or st.session_state.get(keys.SUBJECT, DIGITS)


def of_digits() -> bool:
    """Are the pages about digits, not images in colour?"""
    return chosen() == DIGITS


def choose(subject: str) -> None:
    """From the next page on; from now on where no switch is shown yet."""
    st.session_state[keys.SUBJECT_ASKED] = subject
