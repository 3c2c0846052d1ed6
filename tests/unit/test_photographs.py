"""Photographs of digits: which are read rightly, and what is said of how."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.ink import ink_candidates
from core.ink.photograph import from_image
from core.ink.preprocessing import sketch
from core.storage import exchange
from tests import shapes
from tests.photographs import KINDS, photographs, ruled

OF_EACH = 4
# How many of OF_EACH are read rightly at least. A lamp's reflection on a whiteboard takes ink away.
RIGHT = dict.fromkeys(KINDS, OF_EACH) | {"on a whiteboard": 2}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_photographs_are_read(classifier, kind):
    read = [
        classifier.predict(from_image(pixels, classifier.predict)).digit == label
        for pixels, label in photographs(kind, OF_EACH)
    ]
    assert sum(read) >= RIGHT[kind], read


@pytest.mark.parametrize("turns", range(4))
def test_an_eight_of_two_rings_at_the_edge(classifier, turns):
    """One of them touches it, the other does not."""
    image = Image.new("L", (420, 420), 245)
    pen = ImageDraw.Draw(image)
    for box in ((118, 2, 262, 146), (100, 150, 280, 330)):
        pen.ellipse(box, outline=30, width=18)
    pixels = np.asarray(image if turns < 2 else image.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    if turns % 2:
        pixels = np.roll(pixels, -99, axis=1)  # the larger ring touches the left side
    assert classifier.predict(from_image(pixels, classifier.predict)).digit == 8


def test_a_line_at_the_edge_is_ink_but_a_border_is_not(classifier):
    """A stroke as wide as the digit's others, and a strip of table along the whole side."""
    pixels = np.full((300, 300), 240, np.uint8)
    pixels[60:160, 0:14] = pixels[146:160, 0:110] = 30  # the corner of a 4, and its stem
    pixels[70:270, 128:142] = 30
    assert classifier.predict(from_image(pixels, classifier.predict)).digit == 4
    pixels = np.pad(pixels, ((0, 0), (40, 0)), constant_values=240)
    pixels[:, 326:] = 60
    assert classifier.predict(from_image(pixels, classifier.predict)).digit == 4


def test_colours_that_hardly_differ_are_one_ink():
    """Of 0.84 and the next number no histogram can be made; transparency blended with black gives such."""
    rest = np.zeros((200, 200), np.float32)
    rest[50:150, 90:110] = np.nextafter(np.float32(0.84), np.float32(1))
    rest[50:150, 95:105] = 0.84
    ((ink, left_out),) = ink_candidates._levels(rest)
    assert left_out == ()
    assert (ink > 0.5).sum() == 100 * 20


@pytest.mark.slow
def test_ruled_paper_alone_holds_no_digit(classifier):
    nothing = np.zeros((200, 200), np.float32)
    for seed in range(4):
        image = from_image(ruled(nothing, np.random.default_rng(seed)), classifier.predict)
        assert image is None or classifier.predict(image).digit is None


def test_two_filled_boxes_are_no_picture_of_one_digit(classifier):
    (one, _), (other, _) = photographs("in a box", 2)
    image = from_image(np.concatenate([one, other], axis=1), classifier.predict)
    assert image is None or classifier.predict(image).digit is None


def test_the_step_says_what_was_done(classifier):
    ((pixels, label),) = photographs("in a box", 1)
    note = from_image(pixels, classifier.predict).steps[1].note
    assert "the box around it" in note
    assert note.endswith(f"3 of 3 ways to find the ink show a {label}.")


def test_photographs_in_an_archive_are_read_as_those_under_picture(classifier):
    ((pixels, label),) = photographs("hard shadow", 1)
    picture, archive = io.BytesIO(), io.BytesIO()
    Image.fromarray(pixels).save(picture, "PNG")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(f"{label}/photo.png", picture.getvalue())
    (found,) = exchange.read(archive.getvalue(), "me", predict=classifier.predict).good
    expected = from_image(pixels, classifier.predict).pixels
    assert np.abs(found.pixels / 255 - expected).max() < 0.01


@pytest.mark.parametrize("corner", range(4))
def test_a_dark_corner_of_a_turned_picture_is_no_ink(classifier, corner):
    """A thin 4 in the middle of paper that was turned: beside it lies a black triangle."""
    strokes = shapes.strokes(4, 70, 150, 160)
    paper = np.uint8(220 - 120 * sketch(strokes, [2.5] * len(strokes), 400))
    y, x = np.mgrid[:400, :400]
    pixels = np.where(np.rot90(y + 3 * x < 100, corner), np.uint8(5), paper)
    assert classifier.predict(from_image(pixels, classifier.predict)).digit == 4


def _in_shadow(bright: np.ndarray, digit: int) -> np.ndarray:
    """A thin digit on a sheet in the shade, but for a part, bool [400, 300], which is lit."""
    strokes = shapes.strokes(digit, 130, 150, 90)
    ink = sketch(strokes, [4.0] * len(strokes), 400)[:, :300]
    return np.uint8((1 - 0.75 * ink) * np.where(bright, 205, 75))


@pytest.mark.parametrize("turns", [0, 2])
def test_a_lit_wedge_beside_a_shadow_is_no_ink(classifier, turns):
    """It is as bright against the shade as the ink is dark, and rarer."""
    y, x = np.mgrid[:400, :300]
    pixels = _in_shadow(np.rot90(x < 90 - y / 4, turns), 6)
    assert classifier.predict(from_image(pixels, classifier.predict)).digit == 6


def test_the_corner_of_a_shadow_at_the_edge_is_no_ink(classifier):
    y, x = np.mgrid[:400, :300]
    pixels = _in_shadow(y < 230 - x / 3, 1)
    assert classifier.predict(from_image(pixels, classifier.predict)).digit == 1
