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


def readings(text: str) -> list[float]:
    """Return the numbers that somebody may have meant: the decimal sign is a comma to some and sets thousands
    apart to others; n% is n of a hundred. Of a = b it is b. None where it is no number.

    >>> [readings(text) for text in ("0.5", "1/8", "47 040 000", "1,440", "10%", "28 x 28 = 784", "ten", "")]
    [[0.5], [0.125], [47040000.0], [1.44, 1440.0], [10.0, 0.1], [784.0], [], []]
    """
    typed = text.rpartition("=")[2].replace("\N{EN DASH}", "-").strip()
    plain = _joined(typed.removesuffix("%"), r"[\s']")
    found = [parse_number(spelling) for spelling in (plain, _joined(plain, ","), _joined(plain, r"\."))]
    numbers = [number for number in found if number is not None and isfinite(number)]
    if typed.endswith("%"):
        numbers += [number / 100 for number in numbers]
    return list(dict.fromkeys(numbers))


def _joined(text: str, sign: str) -> str:
    """The text without the sign, a regular expression, where it sets thousands apart: 0.693 has none."""
    grouped = rf"(?<![\d.,])[1-9]\d{{0,2}}(?:{sign}\d{{3}})+(?!\d)"
    return re.sub(grouped, lambda found: re.sub(sign, "", found[0]), text)


def is_right(exercise: Exercise, typed: str) -> bool:
    """Is it the answer, in any way that it can be read?

    >>> [is_right(Exercise("", 0.2, "", "", 0.001), typed) for typed in ("0,2", "20%", "0.2009", "0.21", "one")]
    [True, True, True, False, False]
    """
    return any(abs(given - exercise.answer) <= exercise.tolerance + 1e-9 for given in readings(typed))
