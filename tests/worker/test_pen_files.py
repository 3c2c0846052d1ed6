"""Files of what pens have written: what is read of them, and what is refused."""

import numpy as np
import pytest

from core.data import pen_files
from tests.worker.pen_writers import arrays, without


def test_pen_digits_are_read_stroke_by_stroke(pen_file):
    digits = pen_files.pen_digits(pen_file)
    assert [(d.writer, d.digit) for d in digits[6:8]] == [(3, 3), (3, 6)]
    line, dot = digits[6].strokes
    assert (line.tolist(), dot.tolist()) == ([[3, 0], [3, 4]], [[3.5, 0]])
    assert line.dtype == np.float32
    assert len(digits) == 20


UNIPEN = """\
.LEXICON "0" "1" "4"
.HIERARCHY DIGIT
.SEGMENT DIGIT 0-1 ? "4"
.COMMENT 4 12 5
.PEN_DOWN
10 50
 5  20
.PEN_UP
.DT 100
.PEN_DOWN
20 30
.PEN_UP
.DT 100
.SEGMENT DIGIT 2 ? "1"
.COMMENT 1 14 6
.PEN_DOWN
7 8
7 1
.PEN_UP
.DT 100
"""


def test_pen_digits_are_read_as_text(tmp_path):
    """UNIPEN's y points up."""
    (tmp_path / "pens.tra").write_text(UNIPEN)
    four, one = pen_files.pen_digits(str(tmp_path / "pens.tra"))
    assert ((four.digit, four.writer), (one.digit, one.writer)) == ((4, 12), (1, 14))
    assert [s.tolist() for s in four.strokes] == [[[10, -50], [5, -20]], [[20, -30]]]
    assert [s.tolist() for s in one.strokes] == [[[7, -8], [7, -1]]]
    assert pen_files.is_held_out(one.writer)
    assert not pen_files.is_held_out(four.writer)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        *((without(name), f"it has no array {name}") for name in arrays()),
        (arrays(labels=np.array(["seven"] * 20)), "not whole numbers"),
        (arrays(points=np.array(["here"] * 60)), "its points are <U4"),
        (arrays(points=np.array([None] * 60)), "points does not begin as an array of plain numbers"),
    ],
)
def test_an_npz_of_another_form_is_refused(tmp_path, content, reason):
    path = tmp_path / "other.npz"
    np.savez(path, **content)
    with pytest.raises(ValueError, match=f"{path} holds no pen-drawn digits .*{reason}"):
        pen_files.pen_digits(str(path))


def refused(cases):
    """The cases, by name."""
    return [pytest.param(case, id=name) for name, case in cases.items()]


@pytest.mark.parametrize(
    "content",
    refused(
        {
            "text": b"0.1 0.2 7\n",
            "text that is not ASCII": "drei: é".encode(),
            "a digit without a label": b".SEGMENT DIGIT\n.COMMENT\n.PEN_DOWN\n1 2\n.PEN_UP\n",
            "a digit without ink": b".SEGMENT DIGIT\n.COMMENT 3 7\n.PEN_DOWN\n.PEN_UP\n",
            "half a point": b".SEGMENT DIGIT\n.COMMENT 3 7\n.PEN_DOWN\n1 2\n3\n.PEN_UP\n",
            "an empty file": b"",
            "half an array": b"\x93NUMPY",
            "half a zip": b"PK\x03\x04 the beginning of a zip file, and no more",
            "one array alone": b"\x93NUMPY\x01\x00\x76\x00"
            + b"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}".ljust(117)
            + b"\n\0\0\0\0",
        }
    ),
)
def test_what_is_no_npz_is_refused(tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{path} holds no pen-drawn digits"):
        pen_files.pen_digits(str(path))


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nothing.npz", tmp_path):
        with pytest.raises(ValueError, match=f"{path} holds no pen-drawn digits"):
            pen_files.pen_digits(str(path))


@pytest.mark.parametrize(
    "changes",
    refused(
        {
            "no such digit": {"labels": np.full(20, 10)},
            "a negative digit": {"labels": np.full(20, -1)},
            "too few labels": {"labels": np.zeros(19, int)},
            "too few writers": {"writer": np.zeros(19, int)},
            "points on a line": {"points": np.zeros(60)},
            "points in space": {"points": np.zeros((60, 3))},
            "points that are no numbers": {"points": np.full((60, 2), np.nan)},
            "strokes beyond the points": {"stroke_offsets": np.arange(41) * 100},
            "strokes between the points": {"stroke_offsets": np.arange(41) / 2},
            "digits beyond the strokes": {"digit_offsets": np.arange(21) * 20},
            "digits backwards": {"digit_offsets": np.arange(21)[::-1] * 2},
            "digits without strokes": {"digit_offsets": np.zeros(21, int)},
        }
    ),
)
def test_numbers_that_cannot_be_are_refused(tmp_path, changes):
    np.savez(tmp_path / "other.npz", **arrays(**changes))
    with pytest.raises(ValueError, match="holds no pen-drawn digits"):
        pen_files.pen_digits(str(tmp_path / "other.npz"))


def test_pen_characters_are_read_with_their_code_points(all_files):
    found = pen_files.pen_characters(all_files.unipen_characters)
    assert "".join(c.character for c in found) == "K" * 10 + "l" * 5 + "s" * 5
    assert [c.writer for c in found[:4]] == [0, 0, 1, 1]
    assert found[0].strokes[0].tolist() == [[100, 0], [100, 1]]


def test_digits_among_the_characters_are_none(tmp_path):
    np.savez(tmp_path / "letters.npz", **arrays(labels=np.array([ord("7")] * 19 + [ord("?")])))
    (kept,) = pen_files.pen_characters(str(tmp_path / "letters.npz"))
    assert (kept.character, kept.writer) == ("?", 9)


@pytest.mark.parametrize("code", [0, 10, -1, 0xD800, 0x11_0000])
def test_what_is_no_character_is_refused(tmp_path, code):
    np.savez(tmp_path / "letters.npz", **arrays(labels=np.full(20, code)))
    with pytest.raises(
        ValueError, match=f"no pen-drawn letters and signs .*character 1 has the code point {code}"
    ):
        pen_files.pen_characters(str(tmp_path / "letters.npz"))


def test_a_wrong_label_is_left_out(pen_file, monkeypatch):
    """By what is drawn, in whatever file; the others stay."""
    digits = pen_files.pen_digits(pen_file)
    monkeypatch.setattr(pen_files, "LEFT_OUT", {pen_files.fingerprint(digits[6].strokes): "3: a line"})
    pen_files.pen_digits.cache_clear()
    kept = pen_files.pen_digits(pen_file)
    assert [(d.writer, d.digit) for d in kept[5:8]] == [(2, 7), (3, 6), (4, 4)]
    assert len(kept) == 19
    pen_files.pen_digits.cache_clear()


def test_every_drawing_that_is_left_out_says_why():
    for fingerprint, why in pen_files.LEFT_OUT.items():
        assert len(fingerprint) == 12
        assert int(fingerprint, 16)
        label, seen = why.split(": ")
        assert label in "0123456789"
        assert seen
