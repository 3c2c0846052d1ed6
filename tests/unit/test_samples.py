"""The images that come with the app to click on: of the right size, and read as what they show."""

import numpy as np
import pytest
from PIL import Image

from assets.samples import make, scenes
from core.data import datasets
from core.ink import files, rgb
from core.models import classifiers
from ui.sections import sample_images

DIGITS = sorted(sample_images.FOLDER.joinpath("digits").glob("*.jpg"))
PICTURES = sorted(sample_images.FOLDER.joinpath("pictures").glob("*.jpg"))


def test_there_are_as_many_as_is_said():
    assert (len(DIGITS), len(PICTURES)) == (8, 20)
    assert {path.stem.partition("-")[0] for path in PICTURES} == set(datasets.KINDS["cifar10"].classes)
    assert sum(path.stat().st_size for path in (*DIGITS, *PICTURES)) < 300_000


@pytest.mark.parametrize("path", DIGITS, ids=lambda path: path.stem)
def test_photographs_are_read_as_what_they_show(path, classifier):
    image = files.to_digit_image(files.open_file(path.read_bytes()), classifier.predict)
    assert classifier.predict(image).digit == int(path.stem[0])


def test_scenes_are_named_rightly():
    """All of them, which is said in assets/README.md."""
    pixels = [rgb.shrink(np.asarray(Image.open(path)), 32) for path in PICTURES]
    said = classifiers.shipped("cifar-small").probabilities(np.stack(pixels)).argmax(1)
    classes = datasets.KINDS["cifar10"].classes
    assert [classes[n] for n in said] == [path.stem.partition("-")[0] for path in PICTURES]


def test_they_are_made_by_what_is_said_to_make_them():
    """To what JPEG leaves of an image."""
    truck = scenes.SCENES["truck"](np.random.default_rng((3, 9, 0)))
    kept = np.asarray(Image.open(sample_images.FOLDER / "pictures" / "truck-1.jpg"), float)
    assert np.abs(np.asarray(truck, float) - kept).mean() < 6
    photograph = Image.fromarray(make.photograph(7, "soft shadow")).resize(make.SIZE)
    kept = np.asarray(Image.open(sample_images.FOLDER / "digits" / "7-soft-shadow.jpg"), float)
    assert np.abs(np.asarray(photograph, float) - kept).mean() < 6
