"""What the shipped network learns from: who is never learnt from, the same for a seed, and in which order."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from core.data import datasets, glyphs, training_sets
from core.data.training_sets import NOT_A_DIGIT, PARTS
from core.ink.preprocessing import CENTRE, centre_of_mass

WRITERS = range(10)  # of whom 4 and 9 are held out
DIGITS = {"pen", "written", "form"}


def arrays(**changes):
    """A file of 20 digits, each of two strokes: a line whose x is its writer, and a dot beside it.

    Writer 3's first digit: [[3, 0], [3, 1]] and [[3.5, 0]].
    """
    points, labels, writers = [], [], []
    for writer in WRITERS:
        for digit in (writer, 9 - writer):
            points += [(writer, 0), (writer, 1 + digit), (writer + 0.5, 0)]
            labels.append(digit)
            writers.append(writer)
    starts = np.arange(20) * 3
    return {
        "points": np.float32(points),
        "stroke_offsets": np.append(np.stack([starts, starts + 2], 1).ravel(), 60),
        "digit_offsets": np.arange(21) * 2,
        "labels": np.uint8(labels),
        "writer": np.int16(writers),
        **changes,
    }


@pytest.fixture
def pen_file(tmp_path):
    np.savez(tmp_path / "pens.npz", **arrays())
    return str(tmp_path / "pens.npz")


# -- pen-drawn digits


def test_pen_digits_are_read_stroke_by_stroke(pen_file):
    digits = training_sets.pen_digits(pen_file)
    assert [(d.writer, d.digit) for d in digits[6:8]] == [(3, 3), (3, 6)]
    line, dot = digits[6].strokes
    assert (line.tolist(), dot.tolist()) == ([[3, 0], [3, 4]], [[3.5, 0]])
    assert line.dtype == np.float32
    assert len(digits) == 20


UNIPEN = """\
.LEXICON "0" "1" "4"
.HIERARCHY DIGIT
.SEGMENT DIGIT 0-1 ? "4"
.COMMENT 4 12 5
.PEN_DOWN
10 50
 5  20
.PEN_UP
.DT 100
.PEN_DOWN
20 30
.PEN_UP
.DT 100
.SEGMENT DIGIT 2 ? "1"
.COMMENT 1 14 6
.PEN_DOWN
7 8
7 1
.PEN_UP
.DT 100
"""


def test_pen_digits_are_read_as_text(tmp_path):
    """UNIPEN's y points up."""
    (tmp_path / "pens.tra").write_text(UNIPEN)
    four, one = training_sets.pen_digits(str(tmp_path / "pens.tra"))
    assert ((four.digit, four.writer), (one.digit, one.writer)) == ((4, 12), (1, 14))
    assert [s.tolist() for s in four.strokes] == [[[10, -50], [5, -20]], [[20, -30]]]
    assert [s.tolist() for s in one.strokes] == [[[7, -8], [7, -1]]]
    assert training_sets.is_held_out(one.writer)
    assert not training_sets.is_held_out(four.writer)


def without(name):
    return {key: array for key, array in arrays().items() if key != name}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        *((without(name), f"it has no array {name}") for name in arrays()),
        (arrays(labels=np.array(["seven"] * 20)), "not whole numbers"),
        (arrays(points=np.array(["here"] * 60)), "its points are <U4"),
        (arrays(points=np.array([None] * 60)), "points does not begin as an array of plain numbers"),
    ],
)
def test_an_npz_of_another_form_is_refused(tmp_path, content, reason):
    path = tmp_path / "other.npz"
    np.savez(path, **content)
    with pytest.raises(ValueError, match=f"{path} holds no pen-drawn digits .*{reason}"):
        training_sets.pen_digits(str(path))


def refused(cases):
    """The cases, by name."""
    return [pytest.param(case, id=name) for name, case in cases.items()]


@pytest.mark.parametrize(
    "content",
    refused(
        {
            "text": b"0.1 0.2 7\n",
            "text that is not ASCII": "drei: é".encode(),
            "a digit without a label": b".SEGMENT DIGIT\n.COMMENT\n.PEN_DOWN\n1 2\n.PEN_UP\n",
            "a digit without ink": b".SEGMENT DIGIT\n.COMMENT 3 7\n.PEN_DOWN\n.PEN_UP\n",
            "half a point": b".SEGMENT DIGIT\n.COMMENT 3 7\n.PEN_DOWN\n1 2\n3\n.PEN_UP\n",
            "an empty file": b"",
            "half an array": b"\x93NUMPY",
            "half a zip": b"PK\x03\x04 the beginning of a zip file, and no more",
            "one array alone": b"\x93NUMPY\x01\x00\x76\x00"
            + b"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}".ljust(117)
            + b"\n\0\0\0\0",
        }
    ),
)
def test_what_is_no_npz_is_refused(tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{path} holds no pen-drawn digits"):
        training_sets.pen_digits(str(path))


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nothing.npz", tmp_path):
        with pytest.raises(ValueError, match=f"{path} holds no pen-drawn digits"):
            training_sets.pen_digits(str(path))


@pytest.mark.parametrize(
    "changes",
    refused(
        {
            "no such digit": {"labels": np.full(20, 10)},
            "a negative digit": {"labels": np.full(20, -1)},
            "too few labels": {"labels": np.zeros(19, int)},
            "too few writers": {"writer": np.zeros(19, int)},
            "points on a line": {"points": np.zeros(60)},
            "points in space": {"points": np.zeros((60, 3))},
            "points that are no numbers": {"points": np.full((60, 2), np.nan)},
            "strokes beyond the points": {"stroke_offsets": np.arange(41) * 100},
            "strokes between the points": {"stroke_offsets": np.arange(41) / 2},
            "digits beyond the strokes": {"digit_offsets": np.arange(21) * 20},
            "digits backwards": {"digit_offsets": np.arange(21)[::-1] * 2},
            "digits without strokes": {"digit_offsets": np.zeros(21, int)},
        }
    ),
)
def test_numbers_that_cannot_be_are_refused(tmp_path, changes):
    np.savez(tmp_path / "other.npz", **arrays(**changes))
    with pytest.raises(ValueError, match="holds no pen-drawn digits"):
        training_sets.pen_digits(str(tmp_path / "other.npz"))


# -- who is held out


def test_one_writer_in_five_is_held_out():
    assert [w for w in WRITERS if training_sets.is_held_out(w)] == [4, 9]


def test_no_held_out_writer_is_learnt_from(pen_file):
    """A writer's number is the x of all lines."""
    learnt, kept = (
        {strokes[0][0, 0] for strokes, _ in training_sets._hands(pen_file, h).pen} for h in (False, True)
    )
    assert learnt == {0, 1, 2, 3, 5, 6, 7, 8}
    assert kept == {4, 9}


def test_no_held_out_handwriting_is_learnt_from():
    """But for points and lines, such as '.' and '_', which many hands write alike."""

    def points(strokes):
        return np.concatenate(strokes).tobytes()

    held_out = {points(g.strokes) for g in glyphs.load(held_out=True) if g.character.isalnum()}
    hands = training_sets._hands("", held_out=False)
    assert not held_out & {points(strokes) for strokes, _ in hands.written}
    assert not held_out & {points(strokes) for strokes in hands.characters}
    assert hands.pen == []
    assert len(hands.written) == sum(g.character.isdecimal() for g in glyphs.load(held_out=False)) > 400


def test_what_many_write_as_a_digit_teaches_nothing():
    """O is a 0 and l is a 1; what differs by a detail is there once, the rest twice."""
    known = glyphs.load(held_out=False)
    kept = [id(strokes) for strokes in training_sets._hands("", held_out=False).characters]
    times = {g.character: kept.count(id(g.strokes)) for g in known}
    assert {times[c] for c in times if c in training_sets.AMBIGUOUS or c.isdecimal()} == {0}
    assert {times[c] for c in training_sets.ALIKE & times.keys()} == {1}
    assert (times["K"], times["+"]) == (2, 2)


def test_what_is_held_out_is_mnists_last_and_the_hands_held_out(pen_file, monkeypatch):
    monkeypatch.setattr(training_sets, "PORTION", 3)
    pictures, labels = training_sets.held_out(pen_file, validation=100)
    others = sum(part.is_other for part in PARTS.values())
    assert np.array_equal(pictures[:100], datasets.mnist().x_train[-100:])
    assert np.array_equal(labels[:100], datasets.mnist().y_train[-100:])
    #                                        writers 4 and 9
    assert labels[100:].tolist() == [4, 5, 9, 0] + [NOT_A_DIGIT] * 3 * others
    assert (pictures.dtype, pictures.shape) == (np.uint8, (104 + 3 * others, 28, 28))
    without = training_sets.held_out("", validation=100)[1][100:]
    assert (without < 10).sum() == sum(g.character.isdecimal() for g in glyphs.load(held_out=True))


# -- the pictures


@pytest.mark.parametrize("name", PARTS)
def test_each_part_makes_pictures_of_its_class(name, pen_file):
    """float32 [28, 28], 0..1, with ink, about the middle; digits 0..9, or no digit."""
    rng, hands = np.random.default_rng(0), training_sets._hands(pen_file, held_out=False)
    made = [PARTS[name].make(rng, hands) for _ in range(12)]
    for picture, _ in made:
        assert (picture.dtype, picture.shape) == (np.float32, (28, 28))
        assert 0 <= picture.min() < 0.5 < picture.max() <= 1
        assert centre_of_mass(picture) == pytest.approx([CENTRE, CENTRE], abs=0.6)
    labels = {int(label) for _, label in made}
    if name in DIGITS:
        assert len(labels) > 3
        assert labels <= set(range(10))
    else:
        assert labels == {NOT_A_DIGIT}


def test_the_parts_know_what_they_are():
    assert {name for name, part in PARTS.items() if not part.is_other} == DIGITS
    assert {name for name, part in PARTS.items() if part.needs_pen_digits} == {"pen"}
    assert not any(part.count % training_sets.PORTION for part in PARTS.values())


def test_a_pen_drawn_digit_keeps_its_label():
    """One hand whose 7 is a 7: the picture looks like the drawing, whatever the chances."""
    seven = [np.array([[0.0, 0], [1, 0], [0.4, 1.5]])]
    hands = training_sets._Hands(pen=[(seven, 7)], written=[], characters=[])
    rng = np.random.default_rng(0)
    plain = training_sets.render(seven, rng)
    for _ in range(10):
        picture, label = PARTS["pen"].make(rng, hands)
        assert label == 7
        assert np.corrcoef(picture.ravel(), plain.ravel())[0, 1] > 0.35


def test_where_and_how_large_it_is_drawn_does_not_matter():
    strokes = [np.array([[0.0, 0], [1, 0.3], [0.4, 1.5]])]
    one = training_sets.render(strokes, np.random.default_rng(3))
    other = training_sets.render([100 + 50 * s for s in strokes], np.random.default_rng(3))
    assert other == pytest.approx(one, abs=1e-3)


def test_the_pens_width_varies():
    """Half of all drawings have the app's pen, the others one from thin to thick."""
    rng = np.random.default_rng(0)
    inks = np.array([training_sets.render([np.array([[0.0, 0], [0.5, 10]])], rng).sum() for _ in range(100)])
    usual = 20 * 2.4  # a line of 20 pixels, twice the radius of 1.2 wide
    assert 35 <= (np.abs(inks - usual) < 2).sum() <= 65
    assert inks.min() < 0.85 * usual
    assert inks.max() > 1.5 * usual


# -- the same for a seed, and put together


def test_whichever_process_draws_it_is_the_same(monkeypatch):
    """A whole portion in a new process, then here; another portion and another seed differ."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(training_sets._portion, "symbol", 3, 1, "").result()
    here = training_sets._portion("symbol", 3, 1, "")
    assert here[0].shape == (training_sets.PORTION, 28, 28)
    assert (here[0].dtype, here[1].dtype) == (np.uint8, np.uint8)
    for one, other in zip(there, here, strict=True):
        assert np.array_equal(one, other)
    monkeypatch.setattr(training_sets, "PORTION", 5)
    assert np.array_equal(training_sets._portion("symbol", 3, 1, "")[0], here[0][:5])
    for other in (("symbol", 3, 2, ""), ("symbol", 4, 1, ""), ("scribble", 3, 1, "")):
        assert not np.array_equal(training_sets._portion(*other)[0], here[0][:5])


class InThisProcess:
    """A pool that works at once, and sees what a test has replaced."""

    def __init__(self, mp_context):
        assert mp_context.get_start_method() == "spawn"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    map = staticmethod(map)


@pytest.fixture
def small(monkeypatch):
    """Two portions of 3 pictures of each part."""
    parts = {name: training_sets.Part(p.make, 6, p.needs_pen_digits, p.is_other) for name, p in PARTS.items()}
    for name, value in (("PARTS", parts), ("PORTION", 3), ("ProcessPoolExecutor", InThisProcess)):
        monkeypatch.setattr(training_sets, name, value)


@pytest.mark.usefixtures("small")
def test_mnist_comes_last_and_in_its_order(pen_file):
    shares = []
    data, mnist = training_sets.digit_lab(5, pen_file, shares.append), datasets.mnist()
    added = 6 * len(PARTS)
    assert (data.x_train.dtype, data.x_train.shape) == (np.uint8, (added + 60_000, 28, 28))
    assert (data.y_train.dtype, data.y_train.shape) == (np.uint8, (added + 60_000,))
    assert np.array_equal(data.x_train[added:], mnist.x_train)
    assert np.array_equal(data.y_train[added:], mnist.y_train)
    assert np.array_equal(data.x_test, mnist.x_test)
    assert np.array_equal(data.y_test, mnist.y_test)
    first = [training_sets._portion("pen", 5, portion, pen_file)[0] for portion in (0, 1)]
    assert np.array_equal(data.x_train[:6], np.concatenate(first))
    for name, labels in zip(PARTS, data.y_train[:added].reshape(-1, 6), strict=True):
        assert ((labels < 10) if name in DIGITS else (labels == NOT_A_DIGIT)).all(), name
    assert shares == pytest.approx(np.arange(1, 2 * len(PARTS) + 1) / (2 * len(PARTS)))


@pytest.mark.usefixtures("small")
def test_without_a_file_the_rest_is_the_same(pen_file):
    """But for pictures in which any digit may stand, which then come from fewer hands."""
    with_pens, without = (training_sets.digit_lab(5, path) for path in (pen_file, ""))
    assert len(with_pens.x_train) - len(without.x_train) == 6
    pens, rest = slice(6, None), slice(None)
    same = [name for name in PARTS if name not in ("pen", "two", "surrounded")]
    for name in same:
        at = 6 * (list(PARTS).index(name) - 1)
        assert np.array_equal(with_pens.x_train[pens][at : at + 6], without.x_train[rest][at : at + 6])


@pytest.mark.usefixtures("small")
def test_the_same_seed_gives_the_same_data():
    one, same, other = (training_sets.digit_lab(seed).x_train for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
