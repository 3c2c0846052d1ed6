"""What the shipped network learns from: who is never learnt from, the same for a seed, and in which order."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from core.data import datasets, glyphs, pen_files, training_sets
from core.data.training_sets import NO_FILES, NOT_A_DIGIT, SOURCES
from core.ink.preprocessing import CENTRE, centre_of_mass
from tests.worker.pen_writers import WRITERS

DIGITS = {"pen", "written", "variant", "unipen", "rare variant", "manner"}


def test_one_writer_in_five_is_held_out():
    assert [w for w in WRITERS if pen_files.is_held_out(w)] == [4, 9]


def test_one_writer_in_ten_is_test_writer():
    assert [w for w in range(30) if pen_files.is_test_writer(w)] == [9, 19, 29]
    assert all(pen_files.is_held_out(w) for w in (9, 19, 29))


def test_no_held_out_writer_is_learnt_from(pens):
    """A writer's number is the x of all lines."""
    learnt, kept = (
        {strokes[0][0, 0] for strokes, _ in training_sets._stroke_pools(pens, h).pen} for h in (False, True)
    )
    assert learnt == {0, 1, 2, 3, 5, 6, 7, 8}
    assert kept == {4, 9}


def test_no_held_out_writer_of_the_other_files_is_learnt_from(all_files):
    learnt, kept = (training_sets._stroke_pools(all_files, h) for h in (False, True))
    assert {strokes[0][0, 0] - 100 for strokes, _ in learnt.unipen} == {0, 1, 2, 3, 5, 6, 7, 8}
    assert {strokes[0][0, 0] - 100 for strokes, _ in kept.unipen} == {4}  # 9 is for the end
    # K by writers 0 to 4; not l, which many write as a 1, nor s, which is a 5 to some.
    assert {strokes[0][0, 0] - 100 for strokes in learnt.unipen_characters} == {0, 1, 2, 3}
    assert {strokes[0][0, 0] - 100 for strokes in kept.unipen_characters} == {4}


def test_a_writer_of_many_digits_is_taken_less_often_than_there_are_of_theirs():
    """By the square root: 16 by one writer are taken four times as often as the one by another."""
    cumulative_weights = training_sets._cumulative_weights([1] * 16 + [2])
    assert cumulative_weights[15] / (cumulative_weights[16] - cumulative_weights[15]) == pytest.approx(4)
    many, one = [(np.zeros((1, 2)), 1)] * 16, [(np.zeros((1, 2)), 2)]
    pools = training_sets.StrokePools(
        pen=[], written=[], characters=[], unipen=many + one, cumulative_weights=cumulative_weights
    )
    rng = np.random.default_rng(0)
    taken = [pools.any_unipen(rng)[1] for _ in range(1000)]
    assert taken.count(2) == pytest.approx(200, abs=40)


def test_no_held_out_handwriting_is_learnt_from():
    """But for points and lines, such as '.' and '_', which many hands write alike."""

    def points(strokes):
        return np.concatenate(strokes).tobytes()

    held_out = {points(g.strokes) for g in glyphs.load(held_out=True) if g.character.isalnum()}
    pools = training_sets._stroke_pools(NO_FILES, held_out=False)
    assert not held_out & {points(strokes) for strokes, _ in pools.written}
    assert not held_out & {points(strokes) for strokes in pools.characters}
    assert pools.pen == []
    assert len(pools.written) == sum(g.character.isdecimal() for g in glyphs.load(held_out=False)) > 400


def test_what_many_write_as_a_digit_teaches_nothing():
    """O is a 0 and l is a 1; what differs by a detail is there once, the rest twice."""
    known = glyphs.load(held_out=False)
    kept = [id(strokes) for strokes in training_sets._stroke_pools(NO_FILES, held_out=False).characters]
    times = {g.character: kept.count(id(g.strokes)) for g in known}
    assert {times[c] for c in times if c in training_sets.AMBIGUOUS or c.isdecimal()} == {0}
    assert {times[c] for c in training_sets.ALIKE & times.keys()} == {1}
    assert (times["K"], times["+"]) == (2, 2)


def test_what_is_held_out_of_all_files(all_files, monkeypatch):
    """The digits of the held-out writers of both but for UNIPEN's for the end, and pen-drawn letters."""
    monkeypatch.setattr(training_sets, "PORTION", 3)
    _, labels = training_sets.held_out(all_files, validation=100)
    others = sum(source.is_reject for source in SOURCES.values())
    assert labels[100:].tolist() == [4, 5, 9, 0, 4, 5] + [NOT_A_DIGIT] * 3 * others


def test_what_is_held_out_is_mnists_last_and_the_hands_held_out(pens, monkeypatch):
    monkeypatch.setattr(training_sets, "PORTION", 3)
    pictures, labels = training_sets.held_out(pens, validation=100)
    others = sum(source.is_reject and not source.needs for source in SOURCES.values())
    assert np.array_equal(pictures[:100], datasets.mnist().x_train[-100:])
    assert np.array_equal(labels[:100], datasets.mnist().y_train[-100:])
    #                                        writers 4 and 9
    assert labels[100:].tolist() == [4, 5, 9, 0] + [NOT_A_DIGIT] * 3 * others
    assert (pictures.dtype, pictures.shape) == (np.uint8, (104 + 3 * others, 28, 28))
    without = training_sets.held_out(NO_FILES, validation=100)[1][100:]
    assert (without < 10).sum() == sum(g.character.isdecimal() for g in glyphs.load(held_out=True))


# -- the images


@pytest.mark.parametrize("name", SOURCES)
def test_each_part_makes_pictures_of_its_class(name, all_files):
    """float32 [28, 28], 0..1, with ink, about the middle; digits 0..9, or no digit."""
    rng, pools = np.random.default_rng(0), training_sets._stroke_pools(all_files, held_out=False)
    made = [SOURCES[name].draw(rng, pools) for _ in range(12)]
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
    assert {name for name, source in SOURCES.items() if not source.is_reject} == DIGITS
    assert {name: source.needs for name, source in SOURCES.items() if source.needs} == {
        "pen": "pen_digits",
        "unipen": "unipen_digits",
        "unipen character": "unipen_characters",
        "rare variant": "unipen_digits",
        "manner": "unipen_digits",
    }
    assert not any(source.count % training_sets.PORTION for source in SOURCES.values())


def test_a_pen_drawn_digit_keeps_its_label():
    """One hand whose 7 is a 7: the image looks like the drawing, whatever the chances."""
    seven = [np.array([[0.0, 0], [1, 0], [0.4, 1.5]])]
    pools = training_sets.StrokePools(pen=[(seven, 7)], written=[], characters=[])
    rng = np.random.default_rng(0)
    plain = training_sets.render(seven, rng)
    for _ in range(10):
        picture, label = SOURCES["pen"].draw(rng, pools)
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
        there = pool.submit(training_sets._portion, "symbol", 3, 1, NO_FILES).result()
    here = training_sets._portion("symbol", 3, 1, NO_FILES)
    assert here[0].shape == (training_sets.PORTION, 28, 28)
    assert (here[0].dtype, here[1].dtype) == (np.uint8, np.uint8)
    for one, other in zip(there, here, strict=True):
        assert np.array_equal(one, other)
    monkeypatch.setattr(training_sets, "PORTION", 5)
    assert np.array_equal(training_sets._portion("symbol", 3, 1, NO_FILES)[0], here[0][:5])
    for other in (("symbol", 3, 2), ("symbol", 4, 1), ("scribble", 3, 1)):
        assert not np.array_equal(training_sets._portion(*other, NO_FILES)[0], here[0][:5])


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
    """Two portions of 3 images of each part."""
    sources = {name: training_sets.Source(p.draw, 6, p.needs, p.is_reject) for name, p in SOURCES.items()}
    for name, value in (("SOURCES", sources), ("PORTION", 3), ("ProcessPoolExecutor", InThisProcess)):
        monkeypatch.setattr(training_sets, name, value)


@pytest.mark.usefixtures("small")
def test_mnist_comes_last_and_in_its_order(all_files):
    progress = []
    data, mnist = training_sets.digit_lab(5, all_files, progress.append), datasets.mnist()
    added = 6 * len(SOURCES)
    assert (data.x_train.dtype, data.x_train.shape) == (np.uint8, (added + 60_000, 28, 28))
    assert (data.y_train.dtype, data.y_train.shape) == (np.uint8, (added + 60_000,))
    assert np.array_equal(data.x_train[added:], mnist.x_train)
    assert np.array_equal(data.y_train[added:], mnist.y_train)
    assert np.array_equal(data.x_test, mnist.x_test)
    assert np.array_equal(data.y_test, mnist.y_test)
    first = [training_sets._portion("pen", 5, portion, all_files)[0] for portion in (0, 1)]
    assert np.array_equal(data.x_train[:6], np.concatenate(first))
    for name, labels in zip(SOURCES, data.y_train[:added].reshape(-1, 6), strict=True):
        assert ((labels < 10) if name in DIGITS else (labels == NOT_A_DIGIT)).all(), name
    assert progress == pytest.approx(np.arange(1, 2 * len(SOURCES) + 1) / (2 * len(SOURCES)))


@pytest.mark.usefixtures("small")
def test_without_a_file_the_rest_is_the_same(all_files):
    """But for images in which any digit may stand, which then come from fewer hands."""
    with_pens, without = (training_sets.digit_lab(5, files) for files in (all_files, NO_FILES))
    kept = [name for name, source in SOURCES.items() if not source.needs]
    assert len(with_pens.x_train) - len(without.x_train) == 6 * 5
    for name in kept:
        if name not in ("two", "surrounded"):
            one, other = 6 * list(SOURCES).index(name), 6 * kept.index(name)
            assert np.array_equal(with_pens.x_train[one : one + 6], without.x_train[other : other + 6])


@pytest.mark.usefixtures("small")
def test_the_same_seed_gives_the_same_data():
    one, same, other = (training_sets.digit_lab(seed).x_train for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
