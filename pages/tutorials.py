"""Five tutorials as lessons: explanations, things to try, questions, and claims beside measurements."""

import streamlit as st

from core.runs import reproduction
from ui.components import term_notes
from ui.content.tutorials import TUTORIALS
from ui.lessons import show_tutorial
from ui.sections import recipe_claims, tutorial_questions
from ui.state import keys
from ui.widgets import heading

heading.heading(
    "Learn how such networks are built",
    "Five tutorials as lessons: things to try, questions, and each claim measured.",
)
tutorial_questions.recall()
chosen_lesson = st.segmented_control(
    "Lesson",
    list(TUTORIALS),
    key=keys.LESSON,
    default=st.session_state.get(keys.SOLVED_LATEST, "first"),
    required=True,
    format_func=lambda name: f"{list(TUTORIALS).index(name) + 1} {TUTORIALS[name].short}",
    label_visibility="collapsed",
    persist_state="session",
)
measured_here = reproduction.read()
show_tutorial.show_tutorial(chosen_lesson, measured_here)
recipe_claims.all_claims(measured_here)
with st.expander("All words that explain themselves", icon=":material/dictionary:"):
    term_notes.every_term()
