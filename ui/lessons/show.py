"""The lessons on the page: all of them, or one step of one."""

import html
from typing import Literal

import streamlit as st

from core.analysis import expressions
from ui import say
from ui.components import plotly_chart, term_notes
from ui.content.doors import PAGES
from ui.content.glossary import note_in, notes_in
from ui.content.questions import Exercise
from ui.lessons import LESSONS, progress, sheet
from ui.lessons.lesson import Choice, Lesson, Task, answered, question_key
from ui.lessons.show_array import described
from ui.state import keys, navigation

WIDTH = 1180  # pixels of both columns: longer lines are hard to read


def lessons() -> None:
    """The page. Which lesson and step it is stands in the address."""
    progress.recall()
    place = navigation.lesson_in_address()
    if place is None or place[0] not in LESSONS:
        every_lesson()
    else:
        lesson = LESSONS[place[0]]
        with st.container(key="lesson", width=WIDTH, gap="small"):
            one_step(lesson, min(max(place[1], 0), len(lesson.steps) - 1))
    plotly_chart.load_ahead()  # below all: what is not seen takes room, too


def every_lesson() -> None:
    """A card for each, with how far one has come."""
    if problem := st.session_state.get(keys.STEPS_NOT_KEPT):
        say.caption(f"Your answers are only kept until you close this page. {problem}")
    with st.container(key="lesson-cards"):
        for number, lesson in enumerate(LESSONS.values(), 1):
            with st.container(border=True, key=f"lesson-card-{lesson.key}", gap="xsmall", height="stretch"):
                term_notes.markdown(f"**{number}. {lesson.title}**")
                term_notes.caption(lesson.idea)
                count, solved = len(lesson.steps), progress.solved(lesson)
                st.progress(solved / count, text=f"{solved} of {count} steps")
                label = "Begin" if not solved else "Go on" if solved < count else "Look again"
                if st.button(label, key=f"lesson-open-{lesson.key}", icon=":material/school:"):
                    navigation.open_lesson(lesson.key, _next(lesson))


def _next(lesson: Lesson) -> int:
    """The first step whose question is open; the first of all where none is."""
    places = range(len(lesson.steps))
    return next((place for place in places if not progress.typed(lesson, place)), 0)


def one_step(lesson: Lesson, place: int) -> None:
    """What can be moved, two or three sentences, a question, and the way on."""
    step, number = lesson.steps[place], list(LESSONS).index(lesson.key) + 1
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-head"):
        if st.button("All lessons", key="lesson-all", icon=":material/arrow_back:", type="tertiary"):
            navigation.open_page("lessons")
        term_notes.caption(f"Lesson {number}: {lesson.title}. Step {place + 1} of {len(lesson.steps)}")
    st.html(_dots(lesson, place))
    term_notes.html(f'<h2 class="dl-step-title">{html.escape(step.title)}</h2>')
    left, right = st.columns([1.5, 1], gap="medium")
    with right:  # first: the text need not wait for what is trained on the left
        term_notes.markdown(step.text)
        _question(lesson, place)
        _further(lesson, place)
        _ways(lesson, place)
        with st.expander("For whoever teaches it", icon=":material/co_present:"):
            if step.teach:
                term_notes.markdown(step.teach)
            sheet.download(lesson)
    with left:
        _live(lesson, place)


def _further(lesson: Lesson, place: int) -> None:
    number = list(LESSONS).index(lesson.key) + 1
    back = navigation.WayBack(
        f"lesson {number}, step {place + 1}", "lessons", {"lesson": lesson.key, "step": str(place + 1)}
    )
    with st.container(horizontal=True, gap="xsmall", key="lesson-further"):
        for n, example in enumerate(lesson.steps[place].further):
            label = f"{example.label} · {PAGES[example.page].name}"
            if st.button(label, key=f"lesson-further-{n}", icon=":material/open_in_new:", type="tertiary"):
                navigation.lead(example.opens, back)


def _ways(lesson: Lesson, place: int) -> None:
    with st.container(horizontal=True, key="lesson-ways"):
        if st.button("Back", key="lesson-back", icon=":material/chevron_left:", disabled=place == 0):
            navigation.open_lesson(lesson.key, place - 1)
        last = place == len(lesson.steps) - 1
        kind: Literal["primary", "secondary"] = "primary" if progress.typed(lesson, place) else "secondary"
        if not last and st.button("Next step", key="lesson-next", icon=":material/chevron_right:", type=kind):
            navigation.open_lesson(lesson.key, place + 1)
        after = _after(lesson) if last else None
        if after and st.button(f"Next: {after.title}", key="lesson-next", icon=":material/school:", type=kind):
            navigation.open_lesson(after.key, _next(after))


def _after(lesson: Lesson) -> Lesson | None:
    every = list(LESSONS.values())
    place = every.index(lesson) + 1
    return every[place] if place < len(every) else None


@st.fragment
def _live(lesson: Lesson, place: int) -> None:
    with st.container(border=True, key=f"lesson-live-{lesson.key}-{place}"):
        lesson.steps[place].live()


def _dots(lesson: Lesson, place: int) -> str:
    """How far one is, as a row of marks: done, here, to come."""
    kinds = [
        "dl-here" if n == place else "dl-done" if progress.typed(lesson, n) else ""
        for n in range(len(lesson.steps))
    ]
    marks = "".join(f'<i class="{kind}"></i>' for kind in kinds)
    return f'<div class="dl-dots" aria-hidden="true">{marks}</div>'


@st.fragment
def _question(lesson: Lesson, place: int) -> None:
    question = lesson.steps[place].question
    key = keys.step_field(question_key(lesson, place))
    before = progress.typed(lesson, place)
    with st.container(key="lesson-question", gap="xsmall"):
        given = _choose(question, key, before) if isinstance(question, Choice) else _type(question, key, before)
        if not given or (isinstance(question, Task) and not _result(question, given)):
            return
        if answered(question, given):
            if given != before:
                progress.keep(lesson, place, given)
                st.rerun()
            term_notes.markdown(f":green[:material/check_circle: Right.] {question.why}")
        else:
            term_notes.markdown(f":orange[:material/lightbulb: Not yet.] {question.hint}")


def _choose(question: Choice, key: str, before: str) -> str:
    options = question.shuffled
    index = options.index(before) if before in options else None
    help_ = notes_in(question.question, *options)
    return st.radio(f"**{question.question}**", options, index=index, key=key, help=help_) or ""


def _type(question: Exercise | Task, key: str, before: str) -> str:
    asked = "an expression, such as x + 1" if isinstance(question, Task) else "a number"
    return st.text_input(
        f"**{question.question}**",
        before,
        key=key,
        placeholder=asked,
        max_chars=200,
        help=note_in(question.question),
    )


def _result(task: Task, typed: str) -> bool:
    """What comes of the expression, or one sentence where it is not understood. Return whether it is."""
    names, _ = task.given(0)
    try:
        found = expressions.evaluate(typed, names)
    except expressions.ExpressionError as error:
        say.caption(error)
        return False
    st.caption(f"Your result: {described(found)}.")
    return True
