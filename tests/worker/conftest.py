"""What the tests of the worker share; the stores are those of the unit tests."""

import numpy as np
import pytest
from PIL import Image

from core.data import datasets
from core.data.training_sets import Files
from core.ink import files
from core.records import Dataset, Drawing
from tests import shapes
from tests.unit.conftest import postgres_url, store  # noqa: F401
from tests.worker.pen_writers import arrays


@pytest.fixture(scope="module")
def data() -> Dataset:
    full = datasets.mnist()
    return Dataset(full.x_train[:2000], full.y_train[:2000], full.x_test[:500], full.y_test[:500])


@pytest.fixture(scope="module")
def few(data) -> Dataset:
    """200 digits to learn, so that one batch holds them all."""
    return Dataset(data.x_train[:200], data.y_train[:200], data.x_test[:50], data.y_test[:50])


@pytest.fixture
def pen_file(tmp_path):
    np.savez(tmp_path / "pens.npz", **arrays())
    return str(tmp_path / "pens.npz")


@pytest.fixture
def pens(pen_file):
    return Files(pen_digits=pen_file)


@pytest.fixture
def all_files(tmp_path, pen_file):
    """The pen's digits, such as they are, for UNIPEN's too, shifted by 100, and K, l and s by each writer."""
    digits, letters = arrays(), arrays(labels=np.array([ord(c) for c in ("K" * 10 + "l" * 5 + "s" * 5)]))
    for name, content in (("digits", digits), ("letters", letters)):
        np.savez(tmp_path / f"{name}.npz", **{**content, "points": content["points"] + np.float32([100, 0])})
    return Files(pen_file, str(tmp_path / "digits.npz"), str(tmp_path / "letters.npz"))


@pytest.fixture
def folder(tmp_path):
    """A three as strokes and as an image, an empty page, and two files that cannot be read."""
    strokes = tuple(shapes.strokes(3))
    drawing = Drawing(strokes, (18.0,) * len(strokes), 340)
    (tmp_path / "three.json").write_bytes(files.write_drawing(drawing))
    (tmp_path / "three.png").write_bytes(files.write_image(drawing, 340))
    (tmp_path / "empty.json").write_text('{"strokes": []}')
    (tmp_path / "text.png").write_text("not a picture")
    Image.fromarray(np.full((50, 50), 255, np.uint8)).save(tmp_path / "white.png")
    return tmp_path
