"""A lesson on paper: a worksheet for pupils, and for the teacher a plan of 45 minutes with the answers."""

from pathlib import Path

import streamlit as st

from core.io.templates import template
from ui.lessons import LESSONS
from ui.lessons.lesson import Choice, Lesson, Question, Task

MINUTES, OPENING, CLOSING = 45, 5, 6

_TEMPLATE = template(Path(__file__).with_name("sheet.html.jinja"), trim=False, strip=False)


def html(lesson: Lesson) -> str:
    """Return the page, which prints well and needs nothing else."""
    number = list(LESSONS).index(lesson.key) + 1
    answers = [_answer(step.question) for step in lesson.steps]
    return _TEMPLATE.render(lesson=lesson, number=number, plan=plan(lesson), answers=answers)


def plan(lesson: Lesson) -> list[tuple[int, str]]:
    """Return (minutes, what happens), 45 minutes in all."""
    left, count = MINUTES - OPENING - CLOSING, len(lesson.steps)
    each = [left // count + (n < left % count) for n in range(count)]
    steps = [
        (minutes, f"{place}. {step.title}. {step.teach}".strip())
        for place, (minutes, step) in enumerate(zip(each, lesson.steps, strict=True), 1)
    ]
    opening = "Everybody draws a digit on the Draw page. What do we want to find out today?"
    closing = f"Close the screens: what stays? {lesson.idea}"
    return [(OPENING, opening), *steps, (CLOSING, closing)]


def _answer(question: Question) -> str:
    if isinstance(question, Task):
        return f"{question.answer}: right."
    if isinstance(question, Choice):
        return question.options[question.answer]
    return f"{question.answer:g}."


def download(lesson: Lesson) -> None:
    """Show the button that saves a lesson's worksheet and plan, an HTML page made on the click."""
    st.download_button(
        "Worksheet and plan for 45 minutes",
        lambda: html(lesson),
        file_name=f"lesson-{lesson.key}.html",
        mime="text/html",
        icon=":material/print:",
        key=f"sheet-{lesson.key}",
        on_click="ignore",
    )
    st.caption("One HTML file, made to be printed: a sheet for pupils, then the plan with the answers.")
