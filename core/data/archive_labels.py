"""Labels from the names in an archive of images.

A folder's name counts over a file's, and the folder nearest to the file over those further out:

    7/0001.png, seven/3.png, digit_7/a.png, label-7/b.png, class 7/c.png, digits/seven/0.png     each a 7
    7 (copy)/1.png, Copy of 7/1.png, 7 (2)/1.png, 7.0/1.png, \N{ROMAN NUMERAL SEVEN}/1.png      each a 7
    7.png, 7_2.png, seven.png, label7_12.png                                   in no such folder: each a 7

In a folder that says a digit, 0.png, 1.png, 2.png, ... are running numbers and say nothing. A file that says
another digit in a way that cannot be a running number (7/three.png, 7/3_0001.png, or 3_1.png beside 3_2.png)
is a contradiction, and so is a folder 7 in a folder 3: the visitor is asked which counts, nothing is guessed.

A folder's name that is not understood (sieben, 7-2, anna) may say a digit all the same. Where the files in it
are counted, 1.png, 2.png, 3.png, these numbers may be labels or may not: the visitor is asked then, too.

Called by `core.storage.exchange_zip` and `ui.sections.digit_files`.
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
# What may stand beside a digit that is meant as one; of the first, an image's running number is not one.
_LABEL_NOUNS = {"label", "labels", "class", "classes", "cls", "category", "target"}
_NOUNS = _LABEL_NOUNS | {"digit", "digits", "number", "numbers", "num", "numeral", "numerals", "no", "nr"}
# Folders whose names say nothing, whatever lies in them: their files' numbers are believed.
_CONTAINERS = _NOUNS | {
    *("train", "training", "test", "testing", "val", "valid", "validation", "held", "back", "data", "dataset"),
    *(
        "image",
        "images",
        "img",
        "imgs",
        "picture",
        "pictures",
        "pic",
        "pics",
        "photo",
        "photos",
        "scan",
        "scans",
    ),
    *("png", "pngs", "jpg", "jpgs", "jpeg", "jpegs", "file", "files", "drawing", "drawings", "mnist", "export"),
    *("my", "mine", "the", "of", "all", "raw", "new", "folder", "handwritten", "labelled", "labeled"),
}
# What systems add to the name of a copy: 7 (copy), 7 - Copy (2), 7 copy 2, 7 (2), 7 (3rd copy), Copy of 7.
_WORD = "(?:copy|kopie|copia|copie)"
_COPIED = re.compile(
    rf"^{_WORD} (?:of|von|de) |\s*\((?:\d+|(?:another |\d+(?:st|nd|rd|th) )?{_WORD}(?: \d+)?)\)$"
    rf"|[\s_-]+{_WORD}(?:[\s_-]*\(?\d+\)?)?$",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"(?<![\d.])(\d)\.0+(?![\d.])")  # 7.0, as a table's column of numbers is written
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO, _PERHAPS, _YES = range(3)
EXAMPLES = 5


@dataclass(frozen=True)
class Claim:
    """where: INNER, OUTER or FILE. label: 0..9, what this part of the name says; None: it is not understood."""

    where: str
    label: int | None


@dataclass(frozen=True)
class Question:
    """Names that say two digits, or one digit in a folder that is not understood.

    count: how many. strange: how many of these are of the second kind. examples: (name, its claims) of a few.
    choices: what may be answered.
    """

    count: int
    strange: int
    examples: tuple[tuple[str, tuple[Claim, ...]], ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class _Lead:
    """What a file's name begins with.

    certain: it cannot be a running number; numbered: it has one besides; bare: it is this number alone.
    """

    label: int
    certain: bool
    numbered: bool
    bare: bool


@dataclass(frozen=True)
class _Running:
    """Do the digits that names in one folder begin with only count the images? _NO, _PERHAPS or _YES.

    plain: of those without another number. numbered: of those with one.
    """

    plain: int
    numbered: int


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


def contradict(name_claims: Collection[Claim]) -> bool:
    """Do the parts of one name say different digits, or is one of them not understood?"""
    return len({claim.label for claim in name_claims}) > 1


def question(names: Sequence[str], name_claims: Sequence[tuple[Claim, ...]]) -> Question | None:
    """Return what has to be asked of an archive with these names and claims, or None."""
    unclear = [(name, found) for name, found in zip(names, name_claims, strict=True) if contradict(found)]
    if not unclear:
        return None
    there = {claim.where for _, found in unclear for claim in found if claim.label is not None}
    choices = tuple(where for where in (INNER, OUTER, FILE) if where in there)
    twofold = [pair for pair in unclear if _is_understood(pair[1])]
    strange = [pair for pair in unclear if not _is_understood(pair[1])]
    few = strange[: max(EXAMPLES // 2, EXAMPLES - len(twofold))]  # of both kinds, where there are both
    examples = (*twofold[: EXAMPLES - len(few)], *few)
    return Question(len(unclear), len(strange), examples, (*choices, NEITHER))


def _is_understood(name_claims: Collection[Claim]) -> bool:
    return all(claim.label is not None for claim in name_claims)


def label(name_claims: Collection[Claim], counts: str = "") -> int | None:
    """Return the digit that a name says. counts: the answer to the question, for those that contradict."""
    if contradict(name_claims):
        return next((claim.label for claim in name_claims if claim.where == counts), None)
    return next((claim.label for claim in name_claims), None)


@lru_cache(maxsize=4096)
def of_folder(name: str) -> int | None:
    """Return the digit that a folder's name alone says: 7, seven, digit_7, 7 (copy); None for Year 7 or 12."""
    tokens = [token for token in _tokens(_COPIED.sub("", name.strip())) if token not in _NOUNS and token != "s"]
    found = {_value(token) for token in tokens}
    return found.pop() if len(found) == 1 else None


def _value(token: str) -> int | None:
    """0..9 of a figure, a word, or a sign that is a number by itself, as Roman and Chinese ones are."""
    if token in _VALUES or len(token) > 1:
        return _VALUES.get(token)
    number = unicodedata.numeric(token, -1)
    return int(number) if number in range(10) else None


def _tokens(text: str) -> list[str]:
    plain = "".join(str(unicodedata.digit(c, c)) for c in text)  # digits of other scripts, too
    return [token.lower() for token in _TOKEN.findall(_CAMEL.sub(" ", _WHOLE.sub(r"\1", plain)))]


@lru_cache(maxsize=4096)
def _is_strange(folder: str) -> bool:
    """May this folder's name say something that is not understood?"""
    return of_folder(folder) is None and not _CONTAINERS.issuperset(_tokens(folder))


def _lead(name: str) -> _Lead | None:
    tokens = _tokens(PurePosixPath(name).stem)
    nouns = 0
    while nouns < len(tokens) and tokens[nouns] in _NOUNS:
        nouns += 1
    before, rest = tokens[:nouns], tokens[nouns:]
    label = _value(rest[0]) if rest else None
    if label is None:
        return None
    certain = not rest[0].isdecimal() or bool(_LABEL_NOUNS & set(before))
    numbered = nouns > 0 or any(token.isdigit() for token in rest[1:])
    return _Lead(label, certain, numbered, len(tokens) == 1)


def _running(names: Sequence[str], in_labelled: bool) -> _Running:
    """A running number comes once. Beside another number it is believed to be one only in a row: 1_x2, 2_x2

    Where no folder says a digit, those that are in a row or are all of their names may be running numbers; 0 to
    9 are that go on with 10.
    """
    leads = [lead for lead in map(_lead, names) if lead and not lead.certain]
    plain = [lead.label for lead in leads if not lead.numbered]
    others = [lead.label for lead in leads if lead.numbered]
    once = max(Counter(plain).values(), default=0) <= 1
    row = _in_a_row(others)
    if in_labelled:
        return _Running(_YES if once else _NO, _YES if row else _NO)
    if once and {"9", "10"} <= {PurePosixPath(name).stem for name in names}:
        return _Running(_YES, _PERHAPS if row else _NO)
    bare = any(lead.bare for lead in leads) or _in_a_row(plain)
    return _Running(_PERHAPS if once and bare else _NO, _PERHAPS if row else _NO)


def _in_a_row(labels: Sequence[int]) -> bool:
    return len(labels) >= 3 and max(labels) - min(labels) + 1 == len(labels) == len(set(labels))


def _labelled(folder: PurePosixPath) -> bool:
    return any(of_folder(part) is not None for part in folder.parts)


def _claims(path: PurePosixPath, running: _Running) -> tuple[Claim, ...]:
    folders = path.parts[:-1]
    digits = [digit for part in reversed(folders) if (digit := of_folder(part)) is not None]
    found = [Claim(where, digit) for where, digit in zip((INNER, OUTER), digits, strict=False)]
    lead = _lead(path.name)
    counts = _NO if not lead or lead.certain else running.numbered if lead.numbered else running.plain
    if not lead or counts == _YES:
        return tuple(found)
    if counts == _PERHAPS and any(map(_is_strange, folders)):
        found.append(Claim(INNER, None))
    return (*found, Claim(FILE, lead.label))
