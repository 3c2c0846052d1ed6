"""A tutorial as it is shown: its parts, each with its figure, examples, questions and recipes.

Called by `pages.tutorials`.
"""

from functools import partial

import streamlit as st

from ui import say
from ui.components import term_notes
from ui.content.doors import PAGES
from ui.content.tutorials import EXERCISES, TUTORIALS
from ui.content.tutorials.records import Section
from ui.lessons import LESSONS, of_tutorials
from ui.sections import recipe_claims, tutorial_figures, tutorial_questions
from ui.sections.recipe_claims import Results
from ui.state import keys, navigation

WIDTH = 900  # pixels: longer lines are hard to read


def show_tutorial(key: str, results: Results) -> None:
    """Show how many of its questions are answered, and its parts. key: of `TUTORIALS`."""
    lesson = TUTORIALS[key]
    term_notes.header(lesson.title)
    st.caption(f"After: {lesson.source}")
    its_questions = [name for name in EXERCISES if name.split("-")[0] == key]
    solved = len(st.session_state[keys.SOLVED].intersection(its_questions))
    with st.container(key="lesson-progress", width=WIDTH):
        st.progress(solved / len(its_questions), text=f"{solved} of {len(its_questions)} questions answered")
        if problem := st.session_state.get(keys.SOLVED_NOT_KEPT):
            say.caption(f"Your answers are only kept until you close this page. {problem}")
    for place, section in enumerate(lesson.sections):
        with st.container(key=f"section-{key}-{place}", gap="small", width=WIDTH):
            _part(f"{key}-{place}", place + 1, section, results)


def _part(key: str, number: int, section: Section, results: Results) -> None:
    """One part. key: of the tutorial, and the part's place in it from 0; number: from 1."""
    term_notes.subheader(f"{number}. {section.title}")
    term_notes.markdown(section.text)
    if section.figure:
        tutorial_figures.FIGURES[section.figure](results)
    with st.container(horizontal=True, gap="xsmall"):
        for place, example in enumerate(section.examples):
            label = f"{example.label} · {PAGES[example.page].name}"
            if st.button(label, key=f"example-{key}-{place}", icon=":material/open_in_new:"):
                navigation.lead(example.opens, _back(key))
        _its_lesson(key)
    for place, exercise in enumerate(section.exercises):
        tutorial_questions.question(f"{key}-{place}", exercise)
    for name in section.recipes:
        recipe_claims.recipe_card(name, results.get(name, ()), _back(key))


def _its_lesson(section: str) -> None:
    """A way to the step of the lessons that teaches the same."""
    if section in of_tutorials.STEPS:
        name, step = of_tutorials.STEPS[section]
        title = LESSONS[name].steps[step].title
        label = f"Lesson {list(LESSONS).index(name) + 1}, step {step + 1}: {title}"
        if st.button(label, key=f"step-of-{section}", icon=":material/school:"):
            navigation.lead(partial(navigation.open_lesson, name, step), _back(section))


def _back(section: str) -> navigation.WayBack:
    """The way back to a section, the key of a lesson and its place in it."""
    key, place = section.split("-")
    words = f"tutorial {list(TUTORIALS).index(key) + 1}, part {int(place) + 1}"
    return navigation.WayBack(words, "tutorials", {}, f"section-{section}")
