"""Lessons of one idea a step: each opens, what is answered is kept, and every way leads somewhere and back."""

import html

import pytest
from streamlit.testing.v1 import AppTest

from core.storage import lesson_progress
from core.storage.store import open_store
from tests import shapes
from tests.pages.lesson_steps import ROOT, STEPS, open_step, words
from ui.content.glossary import marked_html
from ui.content.tutorials import TUTORIALS
from ui.lessons import LESSONS, of_tutorials, sheet


@pytest.mark.parametrize(("key", "place"), STEPS)
def test_every_step_opens_with_a_drawing_and_without(key, place):
    drawn = {"canvas": {"drawing": {"raw": shapes.fabric(7), "data": None}}}
    for state in ({}, drawn):
        at = open_step(key, place, **state)
        title = marked_html(html.escape(LESSONS[key].steps[place].title))
        assert f'<h2 class="dl-step-title">{title}</h2>' in [part.proto.body for part in at.get("html")]
        assert f"Step {place + 1} of {len(LESSONS[key].steps)}" in words(at)


def test_a_right_answer_is_kept_and_leads_on(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    at = open_step("pictures", 0)
    at.text_input[0].set_value("785").run()
    assert "Not yet." in words(at)
    at.text_input[0].set_value("784").run()
    assert "Right." in words(at)
    assert lesson_progress.load(open_store(), at.session_state["browser"]) == {"pictures/1": "784"}
    at.query_params.clear()
    at.switch_page("pages/lessons.py").run()
    assert "1 of 4 steps" in [bar.proto.text for bar in at.get("progress")]


def test_an_address_that_names_no_lesson_shows_them_all():
    at = open_step("no-such-lesson", 98)
    assert len(at.get("progress")) == len(LESSONS)
    at = open_step("pictures", 97)
    assert "Step 4 of 4" in words(at)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_the_sheet_holds_all_questions_and_45_minutes(lesson):
    page = sheet.html(lesson)
    assert sum(minutes for minutes, _ in sheet.plan(lesson)) == 45
    questions = page.partition('class="plan"')[0]
    for step in lesson.steps:
        assert step.teach
        assert step.question.question in page.replace("&#39;", "'")
        assert step.question.why not in questions


def test_a_step_leads_to_a_page_and_back(by_the_navigation):
    at = open_step("shifts", 0)
    at.button(key="lesson-further-0").click().run()
    assert not at.exception
    assert at.get("segmented_control") or at.get("button_group")  # the page Pooling
    at.button(key="way-back-go").click().run()
    assert "Learn how networks learn" in words(at)
    assert not [button for button in at.button if button.key == "way-back-go"]


def test_the_way_back_can_be_left(by_the_navigation):
    at = open_step("shifts", 0)
    at.button(key="lesson-further-0").click().run()
    at.button(key="way-back-leave").click().run()
    assert not at.exception
    assert not [button for button in at.button if button.key == "way-back-go"]


@pytest.mark.parametrize(("key", "place"), [(k, p) for k, p in STEPS if LESSONS[k].steps[p].further])
def test_every_way_from_a_step_leads_somewhere(key, place, by_the_navigation):
    at = open_step(key, place)
    at.button(key="lesson-further-0").click().run()
    assert not at.exception
    assert [button for button in at.button if button.key == "way-back-go"]


def test_every_part_of_a_tutorial_has_a_step_that_is_there():
    parts = {f"{key}-{place}" for key, lesson in TUTORIALS.items() for place in range(len(lesson.sections))}
    assert set(of_tutorials.STEPS) == parts
    for name, step in of_tutorials.STEPS.values():
        assert step < len(LESSONS[name].steps)


def test_a_tutorial_leads_to_the_step_and_back(by_the_navigation):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.switch_page("pages/tutorials.py").run()
    at.button(key="step-of-first-3").click().run()
    assert not at.exception
    assert "Learn how networks learn" in words(at)
    at.button(key="way-back-go").click().run()
    assert not at.exception
    assert [part.value for part in at.header] == [TUTORIALS["first"].title]
