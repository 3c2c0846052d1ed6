"""The questions of the tutorials, and which of them a visitor has answered rightly.

Called by `pages.tutorials` and `ui.lessons.show_tutorial`.
"""

import streamlit as st

from ui.components import term_notes
from ui.content import questions
from ui.content.glossary import note_in
from ui.content.questions import Exercise
from ui.content.tutorials import EXERCISES
from ui.state import answers, keys


def recall() -> None:
    """Take over what this visitor has answered rightly before, where that is right still. Call it first."""
    st.session_state.setdefault(keys.SOLVED, set())
    before = answers.recall(keys.SOLVED_RECALLED, keys.SOLVED_NOT_KEPT)
    for key, typed in before.items():
        if key in EXERCISES and questions.is_right(EXERCISES[key], typed):
            st.session_state[keys.SOLVED].add(key)
            st.session_state[keys.SOLVED_LATEST] = key.split("-")[0]
            st.session_state.setdefault(keys.typed(key), typed)


def question(key: str, exercise: Exercise) -> None:
    """Show a question, a field for the number, and what is to be said of what was typed.

    key: of the exercise, as in `EXERCISES`.
    """
    field, said = st.columns([1, 1], gap="medium", vertical_alignment="bottom")
    with field:
        before = st.session_state.get(keys.typed(key), "")
        typed = st.text_input(
            exercise.question,
            before,
            key=keys.exercise_field(key),
            placeholder="a number",
            help=note_in(exercise.question),
        )
    st.session_state[keys.typed(key)] = typed  # the field forgets it where another lesson is shown
    right = questions.is_right(exercise, typed)
    if right and key not in st.session_state[keys.SOLVED]:
        _keep(key, typed)
        st.rerun()
    if not typed:
        return
    with said:
        if not questions.readings(typed):
            st.markdown(":orange[:material/lightbulb: A number is asked for], such as 12, 0.5 or 1/3.")
        elif right:
            term_notes.markdown(f":green[:material/check_circle: Right.] {exercise.why}")
        else:
            term_notes.markdown(f":orange[:material/lightbulb: Not yet.] {exercise.hint}")


def _keep(key: str, typed: str) -> None:
    """Count a right answer, and keep it for this visitor's next time."""
    st.session_state[keys.SOLVED].add(key)
    answers.keep(key, typed, keys.SOLVED_NOT_KEPT)
