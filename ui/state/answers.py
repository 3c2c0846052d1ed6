"""What a visitor has answered rightly, kept for the next time.

Called by `ui.lessons.progress` and `ui.sections.tutorial_questions`.
"""

import streamlit as st

from core.storage import lesson_progress
from core.storage.store import StoreError
from ui.state import visitor


def recall(recalled: str, not_kept: str) -> dict[str, str]:
    """Return what this visitor has answered before, question -> answer: once in a session, then nothing.

    recalled, not_kept: the keys under which the session says whose answers it has, and why they are not stored.
    """
    who = visitor.name()
    if st.session_state.get(recalled) == who:
        return {}
    try:
        before = lesson_progress.load(visitor.store(), who)
    except StoreError as error:
        st.session_state[not_kept] = str(error)
        return {}
    st.session_state[recalled] = who
    st.session_state.pop(not_kept, None)
    return before


def keep(question: str, typed: str, not_kept: str) -> None:
    """Store a right answer. Where that cannot be, the session says why under `not_kept`."""
    try:
        lesson_progress.add(visitor.store(), visitor.name(), question, typed)
        st.session_state.pop(not_kept, None)
    except StoreError as error:
        st.session_state[not_kept] = str(error)
