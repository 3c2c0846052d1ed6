"""The photographs that benchmarks.photographs measures on: files that are read, the same for the same seed."""

import numpy as np
import pytest

from benchmarks import photograph_kinds, photograph_scene, photographs
from core import paths
from core.data.pen_files import PenDigit
from core.ink import files
from tests import shapes

DIGITS = [PenDigit(tuple(shapes.strokes(digit)), digit, 9) for digit in range(10)]


@pytest.mark.parametrize("kind", photograph_kinds.KINDS)
@pytest.mark.slow
def test_each_kind_is_a_picture_file_with_a_known_digit(kind, monkeypatch):
    monkeypatch.setattr(photograph_scene, "SIDES", (600, 601))  # small ones are quicker
    ((data, label),) = photograph_kinds.photographs(DIGITS, kind, 1, seed=3)
    assert max(files.open_file(data).shape) >= 600
    assert label == 0


@pytest.mark.slow
def test_the_same_seed_gives_the_same_photographs(monkeypatch):
    monkeypatch.setattr(photograph_scene, "SIDES", (600, 601))  # small ones are quicker
    ((one, _),) = photograph_kinds.photographs(DIGITS, "lined paper", 1, seed=3)
    ((same, _),) = photograph_kinds.photographs(DIGITS, "lined paper", 1, seed=3)
    ((other, _),) = photograph_kinds.photographs(DIGITS, "lined paper", 1, seed=4)
    assert one == same != other


def test_a_digit_at_the_border_touches_it():
    """Its ink is the darkest, and some of it lies in the outermost pixels."""
    ((data, _),) = photograph_kinds.photographs(DIGITS, "touching the border", 1, seed=3)
    light = files.open_file(data).mean(2)
    edge = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    assert edge.min() < np.median(edge) - 40


@pytest.mark.slow
def test_the_smallest_measurement_gives_a_row_for_each_kind_and_one_for_all(classifier, monkeypatch):
    monkeypatch.setattr(photograph_scene, "SIDES", (600, 601))  # small ones are quicker
    monkeypatch.setattr(photographs, "KINDS", {"plain paper": photograph_kinds.plain})
    text = photographs.measure(classifier, DIGITS, 4, seed=3, beside=(str(paths.ASSETS.parent), "itself"))
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    assert [row[0] for row in rows] == ["| plain paper", "| **all**"]
    assert float(rows[0][2].rstrip("%")) >= 75
    assert rows[0][5] == f"{rows[0][2]} |"
    assert "In the last column itself read the same files." in text
