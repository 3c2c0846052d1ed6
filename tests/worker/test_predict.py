"""`predict`: a line for each file, and what is said of those that cannot be read."""

import json
import os
import re
import shutil

import numpy as np
import pytest

from core.__main__ import main
from core.ink import files
from core.records import Drawing
from tests import shapes


def predict(capsys, *arguments):
    code = main(["predict", *map(str, arguments)])
    return code, capsys.readouterr().out.splitlines()


def test_json_has_a_line_per_file_and_the_others_are_answered(folder, capsys):
    names = ["three.json", "text.png", "missing.png", "empty.json", "white.png", "three.png"]
    code, lines = predict(capsys, *(folder / name for name in names), "--json")
    rows = [json.loads(line) for line in lines]
    assert code == 1
    assert [row["file"] for row in rows] == [str(folder / name) for name in names]
    assert [row.get("digit") for row in rows] == [3, None, None, None, None, 3]
    assert ["error" in row for row in rows] == [False, True, True, False, False, False]
    for row in rows:
        if "error" not in row:
            assert set(row) == {"file", "digit", "probabilities", "is_digit"}
            assert len(row["probabilities"]) == 10
            assert sum(row["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert rows[0]["probabilities"][3] > 0.9


def test_all_good_exits_with_zero(folder, capsys):
    code, lines = predict(capsys, folder / "three.json", folder / "empty.json")
    assert code == 0
    assert lines[0].startswith(f"{folder / 'three.json'}: 3 (")
    assert lines[1] == f"{folder / 'empty.json'}: no digit"


def test_a_folder_is_no_file(folder, capsys):
    code, lines = predict(capsys, folder)
    assert code == 1
    assert "cannot be read" in lines[0]


def test_one_files_fault_costs_no_other_its_line(folder, capsys, monkeypatch):
    """A canvas that no number holds, a file without an end, 30 GB, a name that is no text, a defect of ours."""
    (folder / "tiny.json").write_text('{"strokes": [[[10, 10], [90, 200]]], "brushes": [18], "canvas": 1e-300}')
    with (folder / "huge.png").open("wb") as file:
        file.truncate(30_000_000_000)
    odd = folder / os.fsdecode(b"\xff.png")
    shutil.copy(folder / "three.png", odd)
    (folder / "defect.png").write_bytes(b"\x89PNG defect")
    genuine = files.read

    def read(data, predict=None):
        if data.endswith(b"defect"):
            raise RuntimeError("a defect")
        return genuine(data, predict)

    monkeypatch.setattr(files, "read", read)
    names = ["tiny.json", "/dev/zero", "huge.png", odd, "defect.png", "three.png"]
    code, lines = predict(capsys, *(folder / name for name in names))
    assert code == 1
    assert len(lines) == len(names)
    assert "at most 10 MB" in lines[1]
    assert "has 30000.0 MB; at most 10 MB" in lines[2]
    assert ": 3 (" in lines[3]
    assert "RuntimeError, a defect" in lines[4]
    assert lines[5].startswith(f"{folder / 'three.png'}: 3 (")


def test_numbers_have_their_digits_and_where_these_lie(folder, capsys):
    strokes = (*shapes.strokes(4, left=20), *shapes.strokes(2, left=240))
    drawing = Drawing(strokes, (18.0,) * len(strokes), 500)
    (folder / "42.json").write_bytes(files.write_drawing(drawing))
    (folder / "42.png").write_bytes(files.write_image(drawing, 2500))  # larger than it is read
    names = ["42.json", "42.png", "three.json", "empty.json", "white.png", "text.png"]
    code, lines = predict(capsys, "--number", *(folder / name for name in names), "--json")
    rows = [json.loads(line) for line in lines]
    assert code == 1
    assert [row.get("number", "error") for row in rows] == ["42", "42", "3", None, None, "error"]
    assert [len(row.get("digits", [])) for row in rows] == [2, 2, 1, 0, 0, 0]
    assert set(rows[0]) == {"file", "number", "digits"}
    four, two = rows[0]["digits"]
    assert (four["digit"], two["digit"]) == (4, 2)
    assert min(four["probability"], two["probability"]) > 0.9
    for digit, part in ((four, strokes[:2]), (two, strokes[2:])):
        points = np.concatenate(part)
        low, high = points.min(0) - 9, points.max(0) + 9
        assert digit["box"] == pytest.approx([*low, *(high - low)], abs=0.02)
    for in_picture, drawn in zip(rows[1]["digits"], (four, two), strict=True):
        assert in_picture["box"] == pytest.approx([5 * side for side in drawn["box"]], abs=25)
    _, lines = predict(capsys, "--number", folder / "42.json", folder / "empty.json")
    assert re.fullmatch(r".*42\.json: 42 \([^,]*%, [^,]*%\)", lines[0])
    assert lines[1].endswith("empty.json: no number")
