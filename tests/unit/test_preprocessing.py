import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ink import preprocessing
from core.ink.preprocessing import BOX, CENTRE, STROKE_RADIUS, centre_of_mass, from_strokes, normalise
from tests import shapes

digits = st.integers(0, 9)
UNHURRIED = settings(deadline=None)  # what is slow on a busy machine is right all the same


def ink_box(pixels, level=0.02):
    """Return the width and height of what is darker than `level`."""
    rows, columns = np.flatnonzero((pixels > level).any(1)), np.flatnonzero((pixels > level).any(0))
    return columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1


@UNHURRIED
@given(digits, st.floats(10, 3000), st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_size_and_place_do_not_matter(digit, size, left, top):
    usual = from_strokes(shapes.strokes(digit)).pixels
    moved = from_strokes(shapes.strokes(digit, size, left, top)).pixels
    assert np.abs(moved - usual).mean() < 0.002
    assert np.abs(moved - usual).max() < 0.1


@UNHURRIED
@given(digits, st.floats(1, 60))
def test_the_brush_does_not_matter(digit, brush):
    strokes = shapes.strokes(digit)
    same = from_strokes(strokes, brushes=[brush] * len(strokes), canvas=340).pixels
    assert np.array_equal(same, from_strokes(strokes).pixels)


@UNHURRIED
@given(digits, st.integers(2, 9))
def test_a_faster_pen_does_not_matter(digit, times):
    """The same lines with `times` as many points."""
    dense = []
    for stroke in shapes.strokes(digit):
        at = np.linspace(0, len(stroke) - 1, times * (len(stroke) - 1) + 1)
        dense.append(np.stack([np.interp(at, range(len(stroke)), axis) for axis in stroke.T], 1))
    difference = np.abs(from_strokes(dense).pixels - from_strokes(shapes.strokes(digit)).pixels)
    assert difference.mean() < 0.01


@pytest.mark.parametrize("digit", range(10))
def test_the_recipe_of_mnist(digit):
    """20 pixels on the longer side, the centre of mass in the middle, values 0..1."""
    image = from_strokes(shapes.strokes(digit))
    assert image.pixels.dtype == np.float32
    assert image.pixels.shape == (28, 28)
    assert 0 == image.pixels.min() < image.pixels.max() == 1
    boxed = next(step.image for step in image.steps if step.name == "20 pixels")
    assert BOX <= max(ink_box(boxed)) <= BOX + 2  # half a pixel of smooth edge on either side
    assert centre_of_mass(image.pixels) == pytest.approx([CENTRE, CENTRE], abs=0.35)


def test_a_vertical_line_by_hand():
    """From (14, 4) to (14, 24) before centring: 17.6 pixels of line and 1.2 of round end on either side."""
    pixels = from_strokes([np.array([[5.0, 0.0], [5.0, 100.0]])]).pixels
    row = pixels[14]
    #                column 13, 14 and 15 lie 1, 0 and 1 from the line; 12 and 16 lie 2 from it
    assert row[12:17] == pytest.approx([0, 0.7, 1, 0.7, 0], abs=1e-4)
    assert pixels.sum() == pytest.approx(20 * 2.4, rel=0.05)


@pytest.mark.parametrize("digit", range(10))
def test_a_drawing_is_normalised_as_it_is_shown(digit):
    """The images alone, without the steps: in the box, and as the network sees it."""
    strokes = shapes.strokes(digit)
    image = from_strokes(strokes)
    boxed, centred = normalise([np.float32(s) for s in strokes])
    assert np.array_equal(centred, image.pixels)
    assert np.array_equal(boxed, next(step.image for step in image.steps if step.name == "20 pixels"))


@pytest.mark.parametrize("radius", [0.9, STROKE_RADIUS, 2.2])
def test_another_pen_draws_as_large(radius):
    """A line of that width whose ink is 20 pixels long, round ends and all."""
    for picture in normalise([np.array([[5.0, 0.0], [5.0, 100.0]])], radius=radius):
        #  what round ends lack of a rectangle: (4 - pi) radius ** 2
        assert picture.sum() == pytest.approx(20 * 2 * radius - (4 - np.pi) * radius**2, rel=0.03)
        assert BOX <= max(ink_box(picture)) <= BOX + 2


def test_no_ink_is_none():
    assert from_strokes([]) is None
    assert from_strokes([np.zeros((0, 2))]) is None


def test_a_dot_stays_a_dot():
    """A wobble smaller than the pen is not blown up to 20 pixels."""
    wobble = [np.array([[100.0, 100.0], [104.0, 101.0]])]
    assert max(ink_box(from_strokes(wobble, brushes=[18], canvas=340).pixels)) <= 5
    assert max(ink_box(from_strokes([np.array([[7.0, 7.0]])]).pixels)) <= 5


def test_strokes_of_every_length_at_once():
    """A dot beside a line, an empty stroke: each keeps its own brush."""
    image = from_strokes(
        [np.array([[50.0, 50.0]]), np.zeros((0, 2)), np.array([[50.0, 80.0], [50.0, 200.0]])],
        brushes=[10, 99, 20],
        canvas=340,
    )
    assert image.steps[1].note == "It is cut out: 20 wide and 170 high, in pixels of the canvas."


def test_twenty_thousand_points():
    """What the largest stroke file may hold."""
    rng = np.random.default_rng(0)
    image = from_strokes([rng.uniform(0, 300, (20_000, 2))])
    assert image.pixels.mean() > 0.3


SEVEN = np.array([[40.0, 40.0], [110.0, 40.0], [70.0, 140.0]])


@pytest.mark.parametrize("at", [(140, 90), (5, 60), (160, 150), (80, 15)])
def test_a_stray_dot_beside_a_digit_is_left_out(at):
    """One in five digits with one was refused. The last is above, where an i, which is narrow, has its dot."""
    dot = np.array([at], float)
    alone = from_strokes([SEVEN], brushes=[12], canvas=300)
    for strokes in ([SEVEN, dot], [dot, SEVEN]):
        found = from_strokes(strokes, brushes=[12, 12], canvas=300)
        assert np.array_equal(found.pixels, alone.pixels)
        assert found.steps[1].box == alone.steps[1].box


def test_what_may_belong_to_a_character_is_no_stray_dot():
    """Of an i, a leaning !, a question mark, a sun, a price; nor is one of two dots, or what touches."""
    stem = np.array([[50.0, 60.0], [53.0, 100.0], [50.0, 140.0]])
    for strokes in (
        [stem, np.array([[52.0, 30.0]])],
        [np.array([[80.0, 40.0], [50.0, 120.0]]), np.array([[40.0, 145.0]])],
        [SEVEN, np.array([[70.0, 170.0]])],
        [SEVEN, np.array([[75.0, 80.0]])],
        [SEVEN, np.array([[140.0, 60.0]]), np.array([[140.0, 120.0]])],
        [SEVEN, np.array([[117.0, 40.0]])],
        [SEVEN, np.array([[140.0, 80.0], [140.0, 100.0]])],
        [np.array([[10.0, 10.0]]), np.array([[60.0, 10.0]])],
    ):
        assert preprocessing.without_stray_dot(strokes) == list(range(len(strokes)))
