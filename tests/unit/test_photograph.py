import numpy as np
import pytest
from PIL import Image, ImageFilter
from scipy import ndimage

from core.data import datasets
from core.ink import photograph
from core.ink.photograph import from_image
from core.ink.preprocessing import from_strokes, sketch
from tests import shapes


def page(digit, size=200, left=60, top=60, brush=18, side=340):
    """uint8 [side, side]: black ink on white."""
    strokes = shapes.strokes(digit, size, left, top)
    return np.uint8(np.round(255 * (1 - sketch(strokes, [brush] * len(strokes), side))))


def difference(pixels, digit):
    """Mean distance to what the network would get if the same digit had been drawn."""
    return np.abs(from_image(pixels).pixels - from_strokes(shapes.strokes(digit)).pixels).mean()


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize(
    ("size", "left", "top", "brush"), [(200, 60, 60, 18), (80, 10, 240, 6), (280, 30, 30, 8)]
)
def test_a_picture_is_read_as_the_drawing_would_be(digit, size, left, top, brush):
    assert difference(page(digit, size, left, top, brush), digit) < 0.05


def test_light_on_dark_is_the_same():
    dark = page(5)
    assert np.abs(from_image(255 - dark).pixels - from_image(dark).pixels).max() < 0.02


@pytest.mark.parametrize("digit", range(10))
def test_a_photograph(digit):
    """Pencil on grey paper, a lamp from the left, blur, noise and a few specks."""
    rng = np.random.default_rng(digit)
    ink = 1 - page(digit).astype(float) / 255
    light = 200 - 90 * np.linspace(0, 1, 340)[None, :] - 40 * np.linspace(-1, 1, 340)[:, None] ** 2
    photo = light * (1 - 0.6 * ink) + rng.normal(0, 4, ink.shape)
    photo = np.asarray(Image.fromarray(np.uint8(photo.clip(0, 255))).filter(ImageFilter.GaussianBlur(2))).copy()
    for x, y in rng.integers(5, 335, (6, 2)):
        photo[y : y + 3, x : x + 3] = 40
    assert difference(photo, digit) < 0.06


def test_the_table_at_the_edge_is_left_out():
    photo = page(3)
    photo[:, :20] = 60
    photo[320:] = 60
    assert difference(photo, 3) < 0.05


def test_coloured_ink_as_light_as_its_paper():
    """Yellow on white: the blue channel tells them apart, the lightness hardly does."""
    photo = np.full((340, 340, 3), 255, np.uint8)
    photo[page(2) < 128] = (255, 240, 60)
    assert difference(photo, 2) < 0.05


@pytest.mark.parametrize(
    ("size", "left", "top", "invert"), [(28, 0, 0, False), (90, 200, 20, True), (250, 60, 80, False)]
)
@pytest.mark.slow
def test_mnist_comes_back_close_to_itself(classifier, size, left, top, invert):
    """Its own test digits, redrawn at any size and place, keep their shape, thickness and place."""
    data = datasets.mnist()
    differences, right = [], 0
    for digit, label in zip(data.x_test[:100], data.y_test[:100], strict=True):
        large = np.asarray(Image.fromarray(digit).resize((size, size), Image.Resampling.BICUBIC))
        canvas = np.zeros((left + top + size, left + top + size), np.uint8)
        canvas[top : top + size, left : left + size] = large
        image = from_image(255 - canvas if invert else canvas)
        differences.append(np.abs(image.pixels - digit / 255).mean())
        right += classifier.predict(image).probabilities.argmax() == label
    assert np.mean(differences) < 0.035
    assert max(differences) < 0.12
    assert right >= 98


@pytest.mark.parametrize("level", [0, 90, 255])
def test_one_grey_all_over_has_no_ink(level):
    assert from_image(np.full((100, 80), level, np.uint8)) is None


def test_noise_and_a_slope_of_light_have_no_ink():
    rng = np.random.default_rng(1)
    slope = np.linspace(40, 220, 200)[None, :] + rng.normal(0, 6, (200, 200))
    assert from_image(np.uint8(slope.clip(0, 255))) is None


def test_the_steps_are_kept_in_order():
    image = from_image(page(4, size=120, brush=40))
    assert [s.name for s in image.steps] == [
        "Your picture",
        "The ink and its box",
        "20 pixels",
        "Centred by mass",
    ]
    assert np.array_equal(image.steps[-1].image, image.pixels)
    assert "is drawn 2.4 wide" in image.steps[2].note


@pytest.mark.parametrize("invert", [False, True])
def test_the_first_step_shows_ink_as_ink(invert):
    photo = page(7)
    shown = from_image(255 - photo if invert else photo).steps[0].image
    assert shown[photo < 50].mean() > 0.8
    assert shown[photo > 200].mean() < 0.2


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, -2), (-4, 1)])
def test_ink_moves_by_whole_pixels(right, down):
    ink = np.random.default_rng(1).random((12, 10)).astype(np.float32)
    expected = ndimage.shift(ink, (down, right), order=0)
    assert np.array_equal(photograph._shifted(ink, np.array([right, down], np.float32)), expected)
