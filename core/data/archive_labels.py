"""Which digit the names in an archive of pictures say.

A folder's name counts over a file's, and the folder nearest to the file over those further out:

    7/0001.png, seven/3.png, digit_7/a.png, label-7/b.png, class 7/c.png, digits/seven/0.png     each a 7
    7.png, 7_2.png, seven.png, label7_12.png                                   in no such folder: each a 7

In a folder that says a digit, 0.png, 1.png, 2.png, ... are running numbers and say nothing. A file that says
another digit in a way that cannot be a running number (7/three.png, 7/3_0001.png, or 3_1.png beside 3_2.png)
is a contradiction, and so is a folder 7 in a folder 3: people are asked which counts, nothing is guessed.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

INNER, OUTER, FILE, NEITHER = "inner", "outer", "file", "neither"  # what may count where names contradict

_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_VALUES = {str(digit): digit for digit in range(10)}
_VALUES |= {word: digit for digit, name in enumerate(_NAMES) for word in (name, f"{name}s", f"{name}es")}
# What may stand beside a digit that is meant as one; of the first, a picture's running number is not one.
_LABEL_NOUNS = {"label", "labels", "class", "classes", "cls", "category", "target"}
_NOUNS = _LABEL_NOUNS | {"digit", "digits", "number", "numbers", "num", "numeral", "numerals", "no", "nr"}
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
EXAMPLES = 5


@dataclass(frozen=True)
class Claim:
    """where: INNER, OUTER or FILE. label: 0..9, the digit that this part of the name says."""

    where: str
    label: int


@dataclass(frozen=True)
class Question:
    """Names that say two digits.

    count: how many. examples: (name, its claims) of the first few. choices: what may be answered.
    """

    count: int
    examples: tuple[tuple[str, tuple[Claim, ...]], ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class _Lead:
    """What a file's name begins with. certain: it cannot be a running number; numbered: it has one besides."""

    label: int
    certain: bool
    numbered: bool


def claims(names: Sequence[str]) -> list[tuple[Claim, ...]]:
    """Return what each name in an archive says, the nearest folder first; () where it says nothing.

    >>> claims(["seven/3.png", "3_1.png"])
    [(Claim(where='inner', label=7),), (Claim(where='file', label=3),)]
    """
    paths = [PurePosixPath(name) for name in names]
    by_folder: dict[PurePosixPath, list[str]] = defaultdict(list)
    for path in paths:
        by_folder[path.parent].append(path.name)
    running = {folder: _running(inside, _labelled(folder)) for folder, inside in by_folder.items()}
    return [_claims(path, running[path.parent]) for path in paths]


def contradict(said: Collection[Claim]) -> bool:
    """Do the parts of one name say different digits?"""
    return len({claim.label for claim in said}) > 1


def question(names: Sequence[str], said: Sequence[tuple[Claim, ...]]) -> Question | None:
    """Return what has to be asked of an archive with these names and claims, or None."""
    unclear = [(name, found) for name, found in zip(names, said, strict=True) if contradict(found)]
    if not unclear:
        return None
    there = {claim.where for _, found in unclear for claim in found}
    choices = tuple(where for where in (INNER, OUTER, FILE) if where in there)
    return Question(len(unclear), tuple(unclear[:EXAMPLES]), (*choices, NEITHER))


def label(said: Collection[Claim], counts: str = "") -> int | None:
    """Return the digit that a name says. counts: the answer to the question, for those that contradict."""
    if contradict(said):
        return next((claim.label for claim in said if claim.where == counts), None)
    return next((claim.label for claim in said), None)


@lru_cache(maxsize=4096)
def of_folder(name: str) -> int | None:
    """Return the digit that a folder's name alone says: 7, seven, digit_7, label-7; None for Year 7 or 12."""
    tokens = [token for token in _tokens(name) if token not in _NOUNS and token != "s"]
    found = {_VALUES.get(token) for token in tokens}
    return found.pop() if len(found) == 1 else None


def _tokens(text: str) -> list[str]:
    plain = "".join(str(unicodedata.digit(c, c)) for c in text)  # digits of other scripts, too
    return [token.lower() for token in _TOKEN.findall(_CAMEL.sub(" ", plain))]


def _lead(name: str) -> _Lead | None:
    tokens = _tokens(PurePosixPath(name).stem)
    nouns = 0
    while nouns < len(tokens) and tokens[nouns] in _NOUNS:
        nouns += 1
    before, rest = tokens[:nouns], tokens[nouns:]
    if not rest or rest[0] not in _VALUES:
        return None
    certain = rest[0].isalpha() or bool(_LABEL_NOUNS & set(before))
    numbered = nouns > 0 or any(token.isdigit() for token in rest[1:])
    return _Lead(_VALUES[rest[0]], certain, numbered)


def _running(names: Sequence[str], in_labelled: bool) -> tuple[bool, bool]:
    """Are the digits that names in one folder begin with running numbers, (plain, with another number)?

    A running number comes once. Beside another number it is believed to be one only in a row: 1_x2, 2_x2, 3_x2.
    Where no folder says a digit, only 0 to 9 that go on with 10 are.
    """
    leads = [lead for lead in map(_lead, names) if lead and not lead.certain]
    plain = [lead.label for lead in leads if not lead.numbered]
    others = [lead.label for lead in leads if lead.numbered]
    once = max(Counter(plain).values(), default=0) <= 1
    if not in_labelled:
        return once and {"9", "10"} <= {PurePosixPath(name).stem for name in names}, False
    row = len(others) >= 3 and max(others) - min(others) + 1 == len(others) == len(set(others))
    return once, row


def _labelled(folder: PurePosixPath) -> bool:
    return any(of_folder(part) is not None for part in folder.parts)


def _claims(path: PurePosixPath, running: tuple[bool, bool]) -> tuple[Claim, ...]:
    digits = [digit for part in reversed(path.parts[:-1]) if (digit := of_folder(part)) is not None]
    found = [Claim(where, digit) for where, digit in zip((INNER, OUTER), digits, strict=False)]
    lead = _lead(path.name)
    if lead and (lead.certain or not running[lead.numbered]):
        found.append(Claim(FILE, lead.label))
    return tuple(found)
