"""Numbers as people type them: as any country writes them, in percent, after what they come from."""

import pytest

from ui.content.questions import Exercise, is_right, readings
from ui.content.tutorials import EXERCISES
from ui.lessons import LESSONS

OF_LESSONS = {
    f"{key}/{place}": step.question
    for key, lesson in LESSONS.items()
    for place, step in enumerate(lesson.steps, 1)
    if isinstance(step.question, Exercise)
}
ALL = {**EXERCISES, **OF_LESSONS}


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        *[("626 280", [626_280]), ("626'280", [626_280]), ("47 040 000", [47_040_000])],
        *[("0.2", [0.2]), ("0,2", [0.2]), (".5", [0.5]), ("1,5", [1.5]), ("1/8", [0.125]), ("1e3", [1000])],
        *[("0,693", [0.693]), ("0.693", [0.693]), ("12345,678", [12345.678]), ("1,386", [1.386, 1386])],
        *[("-3", [-3]), ("\N{MINUS SIGN}0.1", [-0.1]), ("\N{EN DASH}0,1", [-0.1]), ("-1,250", [-1.25, -1250])],
        *[("10%", [10, 0.1]), (" 91,2 % ", [91.2, 0.912]), ("100 * 1/8 = 12.5%", [12.5, 0.125])],
        *[("28x28=784", [784]), ("= 784", [784]), ("1,000/60,000", [1 / 60, 1000 / 60_000])],
        *[("", []), ("ten", []), ("1/0", []), ("1 2", []), ("nan", []), ("-inf", []), ("784 = 28x28", [])],
    ],
)
def test_a_number_is_read_in_every_way_it_may_be_meant(typed, numbers):
    assert sorted(readings(typed)) == pytest.approx(sorted(set(numbers)))


@pytest.mark.parametrize(
    ("typed", "number"),
    [("626,280.5", 626_280.5), ("1.440,5", 1440.5), ("47,040,000", 47_040_000), ("47.040.000", 47_040_000)],
)
def test_what_sets_thousands_apart_shows_by_what_stands_beside_it(typed, number):
    assert number in readings(typed)


@pytest.mark.parametrize("exercise", ALL.values(), ids=list(ALL))
def test_a_right_answer_is_taken_in_every_spelling(exercise):
    points = f"{exercise.answer:.12g}"
    spellings = [points, points.replace(".", ","), points.replace("-", "\N{EN DASH}"), f"what it is = {points}"]
    spellings += [f"{exercise.answer:,}", f"{exercise.answer:,}".translate(str.maketrans(",.", ".,"))]
    spellings += [f"{100 * exercise.answer:.12g}%"]
    for typed in spellings:
        assert is_right(exercise, typed), typed
        far = max(exercise.tolerance, 0.2 * abs(exercise.answer)) + 1e-9
        assert len([n for n in readings(typed) if abs(n - exercise.answer) <= far]) == 1, typed


@pytest.mark.parametrize("exercise", [one for one in ALL.values() if one.answer])
def test_what_is_a_hundred_or_a_thousand_times_too_large_or_small_is_not_taken(exercise):
    for factor in (0.001, 0.01, 0.1, 10, 100, 1000):
        assert not is_right(exercise, f"{factor * exercise.answer:.15f}")
