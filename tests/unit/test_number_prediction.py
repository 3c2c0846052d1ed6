import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from core.ink import files
from core.ink.segments import Segment
from core.models import classifiers, number_prediction
from core.models.number_prediction import Costs, Evidence
from core.records import Drawing
from tests import photographs, shapes


def drawing(*digits, size=120, step=110) -> Drawing:
    """Digits side by side, each in a square of `size`."""
    strokes = tuple(s for n, d in enumerate(digits) for s in shapes.strokes(d, size, 20 + n * step, 60))
    return Drawing(strokes, (12.0,) * len(strokes), 20 + step * len(digits) + 60)


def picture(drawn: Drawing, side=500) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(files.write_image(drawn, side))).convert("RGB"))


def text(reading):
    return reading and reading.number


@pytest.mark.parametrize("digits", [(4, 2), (2, 0, 2, 6), (5, 4), (1, 9, 8, 4), (7, 3, 5)])
def test_digits_side_by_side_are_a_number(digits):
    expected = "".join(map(str, digits))
    reading = number_prediction.predict(drawing(*digits), classifiers.shipped())
    assert text(reading) == expected
    lefts = [digit.box[0] for digit in reading.digits]
    assert lefts == sorted(lefts)
    assert text(number_prediction.predict(picture(drawing(*digits)), classifiers.shipped())) == expected


def priced(mark, *digits) -> Drawing:
    """Digits with a decimal point, of these points, after the first one; it is drawn last."""
    plain = drawing(*digits, step=125)
    at = (20 + 120 + 2.5, 60 + 116)  # between the squares of the first two, on their lower edge
    return Drawing((*plain.strokes, np.array(mark, np.float32) + at), (*plain.brushes, 12.0), plain.canvas)


@pytest.mark.parametrize("mark", [[(0, 0)], [(0, 0), (1, 1), (0, 1)], [(0, 0), (1, 8), (-4, 18)]])
@pytest.mark.parametrize(("digits", "expected"), [((2, 5, 0), "2.50"), ((3, 9, 9), "3.99"), ((0, 7), "0.7")])
def test_a_price(mark, digits, expected):
    price = priced(mark, *digits)
    reading = number_prediction.predict(price, classifiers.shipped())
    assert text(reading) == expected
    assert reading.point == 1
    assert [d.prediction.digit for d in reading.digits] == list(digits)
    assert text(number_prediction.predict(picture(price), classifiers.shipped())) == expected


def test_a_dot_at_the_end_or_above_is_no_decimal_point():
    plain = drawing(4, 2)
    for at in ((20 + 110 + 135, 176), (20 + 112, 80)):
        dotted = Drawing((*plain.strokes, np.array([at], np.float32)), (*plain.brushes, 12.0), plain.canvas)
        reading = number_prediction.predict(dotted, classifiers.shipped())
        assert reading is None or reading.point == 0


@pytest.mark.parametrize("digit", range(10))
def test_one_digit_is_one_digit(digit):
    assert text(number_prediction.predict(drawing(digit), classifiers.shipped())) == str(digit)


def test_a_wide_zero_is_not_two():
    (ring,) = shapes.strokes(0)
    wide = Drawing((ring * (2.2, 1),), (18.0,), 500)
    assert text(number_prediction.predict(wide, classifiers.shipped())) in ("0", None)
    assert number_prediction.number_of_strokes(wide, classifiers.shipped()) is None


@pytest.mark.parametrize("digits", [(7, 0, 6), (2, 0, 2), (4, 0, 4)])
def test_the_stroke_through_a_zero_is_no_digit(digits):
    """It was taken for a 1 within the 0: 706 was 7016."""
    plain = drawing(*digits)
    slash = np.array([[20 + 110 + 85, 85], [20 + 110 + 35, 155]], np.float32)
    for strokes in ((*plain.strokes, slash), (*plain.strokes[:2], slash, *plain.strokes[2:])):
        reading = number_prediction.predict(Drawing(strokes), classifiers.shipped())
        assert text(reading) == "".join(map(str, digits))


def test_the_order_of_strokes_is_not_the_order_of_digits():
    """A 42 whose 4 gets its stem last, and one that was begun with the 2."""
    four, stem, two = drawing(4, 2).strokes
    for strokes in ((four, two, stem), (two, four, stem), (two, stem, four)):
        assert text(number_prediction.predict(Drawing(strokes), classifiers.shipped())) == "42"


def test_neighbours_that_touch_are_split():
    """The 2's foot runs into the 0: one piece in the image."""
    touching = drawing(2, 0, step=92)
    assert text(number_prediction.predict(touching, classifiers.shipped())) == "20"
    assert text(number_prediction.predict(picture(touching, 300), classifiers.shipped())) == "20"


@pytest.mark.parametrize("digits", [(1, 1, 3), (7, 1, 1)])
def test_a_1_in_a_picture_is_no_line_of_its_paper(digits):
    expected = "".join(map(str, digits))
    assert (
        text(number_prediction.predict(picture(drawing(*digits, step=90), 360), classifiers.shipped()))
        == expected
    )


@pytest.mark.slow
def test_the_lines_of_squared_paper_are_no_ones():
    found = [
        (label, text(number_prediction.predict(pixels, classifiers.shipped())))
        for pixels, label in photographs.photographs("squared", 3, seed=5)
    ]
    assert [read for _, read in found] == [str(label) for label, _ in found]


def test_what_is_neither_digit_nor_number_is_none():
    assert number_prediction.predict(drawing("A"), classifiers.shipped()) is None
    assert number_prediction.predict(Drawing(()), classifiers.shipped()) is None
    assert number_prediction.predict(np.full((60, 90), 255, np.uint8), classifiers.shipped()) is None


def test_who_has_not_learnt_what_is_no_digit_reads_single_digits_alone(monkeypatch):
    classifier = classifiers.shipped()
    monkeypatch.setattr(type(classifier), "has_reject_class", property(lambda self: False))
    assert number_prediction.predict(drawing(4, 2), classifier) is None


def segment(*atoms, left=0.0, right=1.0, height=1.0, cuts=0) -> Segment:
    return Segment(frozenset(atoms), np.array([left, 0]), np.array([right, 1]), height, cuts)


def odds(number: float) -> np.ndarray:
    """float32 [11] of an ink that is a digit, the 7, with these log odds."""
    return np.array([-50] * 7 + [number, -50, -50, 0], np.float32)


COSTS = Costs(segment=0.5, cut=2, low=4, overlap=3, nested=10, limit=5, mean=0)


def best(first: Segment, second: Segment, each: tuple[float, float], whole: float):
    both = segment(0, 1, left=0, right=2)
    told = {frozenset({0}): odds(each[0]), frozenset({1}): odds(each[1]), frozenset({0, 1}): odds(whole)}
    found = Evidence(
        ({(0, 1): first, (1, 2): second, (0, 2): both},), 2, lambda sets: [told[chosen] for chosen in sets]
    )
    return number_prediction.best_path(found, COSTS)


def test_the_best_path_by_hand():
    """Two atoms side by side, costs as above; the whole has one segment.

    first, second                     each            whole   paths: two, whole      number
    apart                             +3, +3             -4   (3+3-1)=5, -4.5        two digits
    apart                             +3, +3            +50   5, (5-0.5)=4.5         two digits: 50 counts as 5
    the second half as high           +3, +3             +5   5-2=3, 4.5             none: one digit
    cut apart, two ends               +3, +3             +2   5-4=1, 1.5             none
    half of each box overlaps         +3, +3             +4   5-1.5=3.5, 3.5-0       two digits before one
    0.8 of each box overlap           +5, +5             +4   9-2.4-2=4.6, 3.5       two digits after all
    the second box is in the first    +5, +5             +4   9-3-4=2, 3.5           none: one digit
    apart                             -1, -1             -9   -3, -5.5               none: under `mean`
    """
    apart = segment(0), segment(1, left=1.2, right=2.2)
    score, path = best(*apart, (3, 3), -4)
    assert [s.atoms for s in path] == [{0}, {1}]
    assert score == pytest.approx(2.5)
    assert len(best(*apart, (3, 3), 50)[1]) == 2
    assert best(segment(0), segment(1, left=1.2, right=2.2, height=0.5), (3, 3), 5)[1] == []
    assert best(segment(0, cuts=1), segment(1, left=1.2, right=2.2, cuts=1), (3, 3), 2)[1] == []
    score, path = best(segment(0), segment(1, left=0.5, right=1.5), (3, 3), 3.9)
    assert (score, len(path)) == (pytest.approx(1.75), 2)
    score, path = best(segment(0), segment(1, left=0.2, right=1.2), (5, 5), 4)
    assert (score, len(path)) == (pytest.approx(2.3), 2)
    assert best(segment(0), segment(1, left=0, right=1), (5, 5), 4)[1] == []
    assert best(*apart, (-1, -1), -9)[1] == []


def test_the_network_is_asked_of_what_may_win_alone():
    """Of three digits side by side as they are, not of each two or three together."""
    row = [segment(n, left=1.2 * n, right=1.2 * n + 1) for n in range(3)]
    order = {(n, n + 1): part for n, part in enumerate(row)}
    order |= {(0, 2): segment(0, 1, right=2.2, height=0.9), (1, 3): segment(1, 2, left=1.2, right=3.4)}
    order[0, 3] = segment(0, 1, 2, right=3.4)
    asked = []

    def ask(sets):
        asked.extend(sets)
        return [odds(4.0) for _ in sets]

    score, path = number_prediction.best_path(Evidence((order,), 3, ask), COSTS)
    assert (score, [s.atoms for s in path]) == (pytest.approx(3.5), [{0}, {1}, {2}])
    assert asked == [{0}, {1}, {2}]


def test_the_best_path_is_the_best_of_all():
    """Beside one that tries every way through random lattices, some of whose segments have nothing to read."""
    rng = np.random.default_rng(3)
    for _ in range(60):
        count = int(rng.integers(2, 6))
        order = {
            (a, b): segment(*range(a, b), left=a, right=b + rng.uniform(-0.3, 0.5), height=rng.uniform(0.5, 1))
            for a in range(count)
            for b in range(a + 1, count + 1)
        }
        told = {s.atoms: odds(rng.uniform(-4, 8)) if rng.random() < 0.9 else None for s in order.values()}
        score, path = number_prediction.best_path(
            Evidence((order,), count, lambda sets, told=told: [told[chosen] for chosen in sets]), COSTS
        )
        best_score, best_way = best_by_trying(order, count, told)
        assert [s.atoms for s in path] == [s.atoms for s in best_way]
        if path:
            assert score == pytest.approx(best_score / len(path))


def best_by_trying(order, count, told):
    """Return (score, segments) of the best of all ways from the first atom to the last; none for no number."""
    found = [(-np.inf, [])]
    for inner in range(2 ** (count - 1)):
        ends = [0, *(n + 1 for n in range(count - 1) if inner >> n & 1), count]
        way = [order[edge] for edge in pairwise(ends)]
        if any(told[s.atoms] is None for s in way):
            continue
        own = [min(float(told[s.atoms][7]), COSTS.limit) - 4 * (1 - s.height) - 0.5 for s in way]
        beside = [number_prediction._beside(a, b, COSTS) for a, b in pairwise(way)]
        found.append((sum(own) - sum(beside), way))
    score, way = max(found, key=lambda each: each[0])
    return (score, way) if len(way) > 1 and score >= 0 else (-np.inf, [])


def test_seams_are_not_tried_where_lines_show_a_better_number(monkeypatch):
    def never(*_):
        raise AssertionError("no path of seams can have more")

    monkeypatch.setattr(number_prediction, "_by_seams", never)
    assert text(number_prediction.predict(picture(drawing(4, 2)), classifiers.shipped())) == "42"
