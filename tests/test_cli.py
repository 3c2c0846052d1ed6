import json

import numpy as np
import pytest
from PIL import Image

from core import files, networks
from core.__main__ import main
from core.records import Drawing
from tests import shapes


@pytest.fixture
def folder(tmp_path):
    """A three as strokes and as a picture, an empty page, and two files that cannot be read."""
    strokes = tuple(shapes.strokes(3))
    drawing = Drawing(strokes, (18.0,) * len(strokes), 340)
    (tmp_path / "three.json").write_bytes(files.write_drawing(drawing))
    (tmp_path / "three.png").write_bytes(files.write_picture(drawing, 340))
    (tmp_path / "empty.json").write_text('{"strokes": []}')
    (tmp_path / "text.png").write_text("not a picture")
    Image.fromarray(np.full((50, 50), 255, np.uint8)).save(tmp_path / "white.png")
    return tmp_path


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
            assert set(row) == {"file", "digit", "probabilities"}
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


def test_train_stores_a_network_that_reads(tmp_path, capsys):
    assert main(["train", "--recipe", "first-conv-best", "--epochs", "1", "--out", str(tmp_path / "new")]) == 0
    network = networks.load(tmp_path / "new")
    assert network.about["epochs"] == 1
    assert network.about["test_accuracy"] > 0.95
    assert main(["evaluate", str(tmp_path / "new")]) == 0
    out = capsys.readouterr().out
    assert "epoch   1 of 1" in out
    assert f"{network.about['test_accuracy']:.2%} of 10,000 test digits" in out


def test_recipes_are_listed_with_their_source(capsys):
    assert main(["recipes"]) == 0
    assert "first-conv-best: Two convolutions" in capsys.readouterr().out
