"""Which questions of the lessons a visitor has answered rightly: kept for the next time, on this computer."""

import streamlit as st

from core.storage import lesson_progress
from core.storage.store import StoreError
from ui.lessons import LESSONS
from ui.lessons.lesson import Lesson, answered, question_key
from ui.state import keys, visitor


def recall() -> None:
    """Take over what this visitor has answered rightly before, where that is right still."""
    who = visitor.name()
    if st.session_state.get(keys.STEPS_RECALLED) == who:
        return
    solved = st.session_state.setdefault(keys.STEPS_SOLVED, {})
    try:
        before = lesson_progress.load(visitor.store(), who)
    except StoreError as error:
        st.session_state[keys.STEPS_NOT_KEPT] = str(error)
        return
    for lesson in LESSONS.values():
        for place, step in enumerate(lesson.steps):
            key = question_key(lesson, place)
            if key in before and answered(step.question, before[key]):
                solved[key] = before[key]
    st.session_state[keys.STEPS_RECALLED] = who
    st.session_state.pop(keys.STEPS_NOT_KEPT, None)


def keep(lesson: Lesson, step: int, typed: str) -> None:
    """Count a right answer. Where it cannot be stored it counts until the page is closed, and that is said."""
    key = question_key(lesson, step)
    st.session_state[keys.STEPS_SOLVED][key] = typed
    try:
        lesson_progress.add(visitor.store(), visitor.name(), key, typed)
        st.session_state.pop(keys.STEPS_NOT_KEPT, None)
    except StoreError as error:
        st.session_state[keys.STEPS_NOT_KEPT] = str(error)


def typed(lesson: Lesson, step: int) -> str:
    """Return the right answer that was given, or ''."""
    return st.session_state.get(keys.STEPS_SOLVED, {}).get(question_key(lesson, step), "")


def solved(lesson: Lesson) -> int:
    """Return how many of its steps' questions are answered."""
    return sum(bool(typed(lesson, place)) for place in range(len(lesson.steps)))
