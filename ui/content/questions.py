"""Questions whose answers are numbers, and examples that lead to a page: of lessons and of tutorials."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import NoReturn

from core.words import parse_number


@dataclass(frozen=True)
class Example:
    """A page of the app, the name of its file under pages/, opened with something in hand."""

    label: str
    page: str
    opens: Callable[[], NoReturn]


@dataclass(frozen=True)
class Exercise:
    """A question whose answer is a number.

    hint: for a wrong answer. why: for a right one. tolerance: how far off is still right.
    """

    question: str
    answer: float
    hint: str
    why: str
    tolerance: float = 0.0


def number(text: str) -> float | None:
    """Return the number that somebody has typed, or None where it is none.

    >>> [number(text) for text in ("626,280", "626 280", "0,2", "1/8", "10%", "ten", "1/0", "")]
    [626280.0, 626280.0, 0.2, 0.125, 10.0, None, None, None]
    """
    return parse_number(re.sub(r"(?<=\d)[,' ](?=\d{3}(?!\d))", "", text.strip().removesuffix("%")))


def is_right(exercise: Exercise, given: float) -> bool:
    """
    >>> [is_right(Exercise("", 0.2, "", "", 0.001), given) for given in (0.2, 0.2009, 0.21)]
    [True, True, False]
    """
    return isfinite(given) and abs(given - exercise.answer) <= exercise.tolerance + 1e-9
