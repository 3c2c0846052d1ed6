"""What a lesson is: steps of one idea each, with something to move, two or three sentences, and one
question."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from core.analysis import expressions
from ui.content.questions import Example, Exercise, is_right


@dataclass(frozen=True)
class Choice:
    """A question whose answer is one of a few sentences. answer: its place among them, from 0."""

    question: str
    options: tuple[str, ...]
    answer: int
    hint: str
    why: str

    @property
    def shuffled(self) -> list[str]:
        """The options as they are shown, on screen and on paper: in an order that gives nothing away, and that
        stays the same."""
        return sorted(self.options, key=lambda option: crc32((self.question + option).encode()))


@dataclass(frozen=True)
class Task:
    """Something to be done with arrays, in one expression (core/analysis/expressions.py).

    given: 0 or 1 -> the arrays by name, and what is to come of them: the right expression does it for both.
    """

    question: str
    given: Callable[[int], tuple[dict[str, np.ndarray], np.ndarray]]
    hint: str
    why: str
    answer: str


Question = Exercise | Choice | Task


@dataclass(frozen=True)
class Step:
    """One idea on one screen.

    title: the idea in a few words. live: puts up what can be moved. text: Markdown of our own, below it.
    question: whether it is answered or not, one may go on. teach: one sentence for whoever leads a class.
    further: pages on which one can go on with it.
    """

    title: str
    live: Callable[[], None]
    text: str
    question: Question
    teach: str
    further: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """key: its name in addresses and in the database, never to be changed. idea: what one knows
    afterwards."""

    key: str
    title: str
    idea: str
    steps: tuple[Step, ...]


def answered(question: Question, typed: str) -> bool:
    """Is that the answer? typed: a number in any usual spelling, one of the options, or an expression."""
    if isinstance(question, Task):
        return all(_does(question, which, typed) for which in (0, 1))
    if isinstance(question, Choice):
        return typed == question.options[question.answer]
    return is_right(question, typed)


def _does(task: Task, which: int, typed: str) -> bool:
    names, expected = task.given(which)
    try:
        found = expressions.evaluate(typed, names)
    except expressions.ExpressionError:
        return False
    return found.shape == expected.shape and bool(np.allclose(found.astype(float), expected, equal_nan=True))


def question_key(lesson: Lesson, step: int) -> str:
    """Under which a right answer is kept. step: from 0.

    >>> question_key(Lesson("neuron", "", "", ()), 0)
    'neuron/1'
    """
    return f"{lesson.key}/{step + 1}"
