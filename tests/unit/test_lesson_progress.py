"""Right answers, on a real SQLite file and on a real PostgreSQL server where one can be started."""

from core.storage import lesson_progress
from ui.content import tutorials


def test_each_visitors_answers_come_back(store):
    assert lesson_progress.load(store, "me") == {}
    lesson_progress.add(store, "me", "first-0-0", "784")
    lesson_progress.add(store, "me", "first-0-1", "1/5")
    lesson_progress.add(store, "you", "first-0-0", "28 x 28")
    lesson_progress.add(store, "me", "first-0-0", "784.0")  # in place of the first
    assert list(lesson_progress.load(store, "me").items()) == [("first-0-1", "1/5"), ("first-0-0", "784.0")]
    assert lesson_progress.load(store, "you") == {"first-0-0": "28 x 28"}


def test_a_question_is_found_by_its_key():
    exercise = tutorials.EXERCISES["first-0-0"]
    assert exercise is tutorials.TUTORIALS["first"].sections[0].exercises[0]
    count = sum(len(part.exercises) for tutorial in tutorials.TUTORIALS.values() for part in tutorial.sections)
    assert len(tutorials.EXERCISES) == count
