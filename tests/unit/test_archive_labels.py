"""Which digit the names in an archive say, and what has to be asked."""

import pytest

from core.data import archive_labels
from core.data.archive_labels import FILE, INNER, NEITHER, OUTER, Claim

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CERTAIN = ("7/three.png", "7/three_1.png", "7/3_0001.png", "7/label3.png", "seven/class 3.png", "7/digit_3.png")


def said(*names: str) -> list[int | None]:
    """The label of each of the names of one archive."""
    return [archive_labels.label(found) for found in archive_labels.claims(names)]


def asked(*names: str) -> list[str]:
    found = archive_labels.question(names, archive_labels.claims(names))
    return [name for name, _ in found.examples] if found else []


@pytest.mark.parametrize(
    ("folder", "digit"),
    [
        *((word, n) for n, word in enumerate(WORDS)),
        ("7", 7),
        ("Seven", 7),
        ("SEVEN", 7),
        ("sevens", 7),
        ("sixes", 6),
        ("7s", 7),
        ("digit_7", 7),
        ("digit7", 7),
        ("Digit Seven", 7),
        ("digitSeven", 7),
        ("label-7", 7),
        ("class 3", 3),
        ("class=3", 3),
        ("number_four", 4),
        ("0 - zero", 0),
        # copies, a table's numbers, and signs that are numbers
        *((name, 7) for name in ("7 (copy)", "7 - Copy", "7 - Copy (2)", "7 copy 2", "7 (2)", "7 (3rd copy)")),
        *((name, 7) for name in ("Copy of 7", "Kopie von 7", "7 - Kopie", "seven copy", "digit_7 (copy)")),
        *((name, 7) for name in ("7.0", "digit 7.00", "\N{ROMAN NUMERAL SEVEN}", "\N{CIRCLED DIGIT SEVEN}")),
        ("\N{CJK UNIFIED IDEOGRAPH-4E03}", 7),
        # no labels: other numbers, other words, two digits
        ("12", None),
        ("ten", None),
        ("page 2", None),
        ("Year Nine", None),
        ("student_3", None),
        ("7_8", None),
        ("7-2", None),
        ("7.5", None),
        ("v7.0", None),
        ("copy 7 of 9", None),
        ("sieben", None),
        ("\N{ROMAN NUMERAL TWELVE}", None),
        ("3 of 7", None),
        ("digits", None),
        ("", None),
    ],
)
def test_a_folder_says_its_digit_in_figures_words_and_with_a_noun(folder, digit):
    assert archive_labels.of_folder(folder) == digit
    assert said(f"{folder}/picture.png") == [digit]


def test_a_folder_counts_over_running_numbers():
    for folder in ("zero", "0", "digit_0", "digits/zero", "zero/scans"):
        names = [f"{folder}/{n}.png" for n in range(10)]
        assert said(*names) == [0] * 10
        assert asked(*names) == []
    assert said("digit_7/3.png", "label-7/3.png", "digits/seven/0.png") == [7, 7, 7]
    assert said("7/1_a.png", "7/2_a.png", "7/000012.png", "7/img_3.png") == [7] * 4
    assert said("7/1_2024.png", "7/2_2024.png", "7/3_2024.png") == [7] * 3
    assert said("7/digit_0.png", "7/digit_1.png", "7/digit_2.png") == [7] * 3


def test_without_such_a_folder_the_files_name_counts():
    names = ["7.png", "7_2.png", "seven.png", "seven (3).png", "label7_12.png", "mine/7-off.png", "digit_7.png"]
    assert said(*names) == [7] * len(names)
    assert said("12.png", "img_7.png", "a.png", "12/b.png") == [None] * 4


def test_numbers_that_go_on_after_nine_are_no_labels():
    assert said(*(f"scans/{n}.png" for n in range(60))) == [None] * 60
    assert said(*(f"{n}.png" for n in range(10))) == list(range(10))


@pytest.mark.parametrize("name", CERTAIN)
def test_a_file_that_cannot_be_a_running_number_contradicts_its_folder(name):
    assert asked(name, "7/7_0001.png", "2/a.png") == [name]
    (found,) = archive_labels.claims([name])
    assert set(found) == {Claim(INNER, 7), Claim(FILE, 3)}
    assert archive_labels.label(found) is None
    assert [archive_labels.label(found, counts) for counts in (INNER, FILE, NEITHER, OUTER)] == [
        7,
        3,
        None,
        None,
    ]


def test_a_number_that_comes_twice_is_no_running_number():
    assert asked("7/3_a.png", "7/3_b.png", "7/7_a.png") == ["7/3_a.png", "7/3_b.png"]


def test_a_folder_in_a_folder_of_another_digit_is_asked_about():
    names = ["3/7/a.png", "3/3/b.png", "class 3/seven/c.png"]
    found = archive_labels.question(names, archive_labels.claims(names))
    assert (found.count, found.choices) == (2, (INNER, OUTER, NEITHER))
    assert found.examples[0] == ("3/7/a.png", (Claim(INNER, 7), Claim(OUTER, 3)))


@pytest.mark.parametrize("folder", ["sieben", "7-2", "anna", "page 2", "12", "scans/sieben", "sieben/scans"])
def test_numbers_in_a_folder_that_is_not_understood_are_asked_about(folder):
    for endings in (("1", "2", "3"), ("7",), ("2", "12"), ("0_x1", "1_x2", "2_x3"), ("3-a", "4-a", "5-a")):
        names = [f"{folder}/{ending}.png" for ending in endings if ending != "12"]
        assert asked(*(f"{folder}/{ending}.png" for ending in endings), "7/1.png") == names
    found = archive_labels.question(names, archive_labels.claims(names))
    assert (found.count, found.strange, found.choices) == (3, 3, (FILE, NEITHER))
    assert archive_labels.claims(names)[0] == (Claim(INNER, None), Claim(FILE, 3))
    assert archive_labels.label(archive_labels.claims(names)[0], FILE) == 3


def test_names_that_say_a_digit_themselves_are_believed_in_any_folder():
    names = ["anna/seven.png", "anna/label 7.png", "anna/7_1.png", "anna/7_2.png", "digits/7.png", "test/7.png"]
    assert said(*names) == [7] * len(names)
    assert said("My Digits/1.png", "My Digits/2.png", "My Digits/3.png", "pngs/4.png") == [1, 2, 3, 4]


def test_a_question_shows_both_of_its_kinds():
    for twofold, strange in ((9, 2), (1, 9), (9, 9)):
        names = [f"7/three_{n}.png" for n in range(twofold)] + [f"sieben/{n}.png" for n in range(strange)]
        found = archive_labels.question(names, archive_labels.claims(names))
        assert (found.count, found.strange) == (twofold + strange, strange)
        assert {name.split("/")[0] for name, _ in found.examples} == {"7", "sieben"}
        assert len(found.examples) == archive_labels.EXAMPLES


def test_what_agrees_is_not_asked_about():
    assert asked("7/7_0001.png", "7/seven.png", "7/7/a.png", "seven/label 7.png", "digit_7/7_3.png") == []


@pytest.mark.parametrize(
    "folder", ["\N{FULLWIDTH DIGIT SEVEN}", "\N{ARABIC-INDIC DIGIT SEVEN}", "digit \N{DEVANAGARI DIGIT SEVEN}"]
)
def test_digits_of_other_scripts_are_digits(folder):
    said = archive_labels.claims([f"{folder}/1.png", f"{folder}/2.png"])
    assert [archive_labels.label(found) for found in said] == [7, 7]
