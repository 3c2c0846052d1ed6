"""Which questions of the lessons a visitor has answered rightly: kept for the next time, on this computer."""

import streamlit as st

from ui.lessons import LESSONS
from ui.lessons.lesson import Lesson, answered, question_key
from ui.state import answers, keys


def recall() -> None:
    """Take over what this visitor has answered rightly before, where that is right still."""
    before = answers.recall(keys.STEPS_RECALLED, keys.STEPS_NOT_KEPT)
    solved = st.session_state.setdefault(keys.STEPS_SOLVED, {})
    for lesson in LESSONS.values():
        for place, step in enumerate(lesson.steps):
            key = question_key(lesson, place)
            if key in before and answered(step.question, before[key]):
                solved[key] = before[key]


def keep(lesson: Lesson, step: int, typed: str) -> None:
    """Count a right answer. Where it cannot be stored it counts until the page is closed, and that is said."""
    key = question_key(lesson, step)
    st.session_state[keys.STEPS_SOLVED][key] = typed
    answers.keep(key, typed, keys.STEPS_NOT_KEPT)


def typed(lesson: Lesson, step: int) -> str:
    """Return the right answer that was given, or ''."""
    return st.session_state.get(keys.STEPS_SOLVED, {}).get(question_key(lesson, step), "")


def solved(lesson: Lesson) -> int:
    """Return how many of its steps' questions are answered."""
    return sum(bool(typed(lesson, place)) for place in range(len(lesson.steps)))
