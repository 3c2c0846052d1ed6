import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.ink import files, thin_lines
from core.ink.thin_lines import thicken
from tests import shapes


def drawn(digit: int, side: int, width: int, ink: int = 0) -> Image.Image:
    """A digit as drawing programs draw it: lines of whole pixels, nothing in between."""
    image = Image.new("L", (side, side), 255 - ink)
    for stroke in shapes.strokes(digit, 0.7 * side, 0.15 * side, 0.13 * side):
        ImageDraw.Draw(image).line([tuple(point) for point in stroke.tolist()], fill=ink, width=width)
    return image


def as_file(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("side", "width", "ink", "kind"),
    [
        (400, 1, 0, "PNG"),
        (400, 1, 255, "PNG"),
        (800, 1, 0, "PNG"),
        (1600, 1, 0, "PNG"),
        (1600, 2, 255, "PNG"),
        (1600, 3, 0, "JPEG"),
        (4000, 3, 0, "JPEG"),
    ],
)
@pytest.mark.slow
def test_thin_lines_are_read(classifier, side, width, ink, kind):
    said = [
        classifier.predict(files.read(as_file(drawn(digit, side, width, ink), kind))).digit
        for digit in range(10)
    ]
    assert said == list(range(10))


def dotted() -> Image.Image:
    image = Image.new("L", (800, 800), 255)
    for x in range(40, 760, 24):
        ImageDraw.Draw(image).rectangle((x, 400, x + 1, 401), fill=0)
    return image


def specks() -> Image.Image:
    image = Image.new("L", (800, 800), 255)
    for step in range(11):
        image.putpixel((170 + 42 * step, 100 + 60 * step), 0)
    return image


def level() -> Image.Image:
    image = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(image).line((20, 200, 380, 200), fill=0, width=1)
    return image


@pytest.mark.parametrize("picture", [dotted, specks, level])
def test_specks_and_dots_are_no_digit_and_no_blank(classifier, picture):
    image = files.read(as_file(picture()))
    if image is not None:
        assert np.isfinite(image.pixels).all()
        assert image.pixels.max() > 0.5
        assert classifier.predict(image).digit is None


def test_only_thin_lines_become_thicker():
    """One pixel beside a bar of eight, to be shrunk to a third: the line is four wide, the bar as it was."""
    row = np.full(60, 255, np.uint8)
    row[10], row[30:38] = 0, 0
    thick = thicken(np.tile(row, (20, 1)), 3.0)[10]
    assert (thick[5:20] == 0).sum() == 4
    assert np.array_equal(thick[25:45], row[25:45])


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_light_lines_are_the_same(dtype):
    full = 255 if dtype == np.uint8 else 1.0
    dark = np.full((30, 30, 3), full, dtype)
    dark[:, 12] = 0
    assert np.allclose(thicken(full - dark, 2.0), full - thicken(dark, 2.0))


def test_a_photograph_is_left_alone():
    """Its noise is no line."""
    noise = np.random.default_rng(0).normal(200, 8, (900, 900)).clip(0, 255).astype(np.uint8)
    mean = Image.fromarray(noise)
    mean.thumbnail((400, 400), Image.Resampling.BOX)
    assert np.array_equal(thin_lines.shrink(Image.fromarray(noise), 400), mean)


def test_a_large_picture_in_strips_is_as_in_one():
    image = drawn(8, 1300, 1).convert("RGB")
    whole = Image.fromarray(thicken(np.asarray(image), 3.25))
    whole.thumbnail((400, 400), Image.Resampling.BOX)
    assert np.array_equal(thin_lines.shrink(image, 400), whole)
