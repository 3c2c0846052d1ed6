"""What a class is asked, who has won, what the wall says, and what is taken along."""

import csv
import io
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

import numpy as np
import pytest

from core.data import datasets
from core.ink import vectorize
from core.rooms import address, export, guessing, results, tasks
from core.storage import exchange
from core.storage.room_records import UNLABELLED, Reply, RoomDrawing, Task, packed

NOW = datetime(2026, 5, 4, 10, 30, 15, tzinfo=UTC)
FOOL = Task(1, "fool", {"draw": 4, "as": 9}, "running", NOW)


def drawing(number, label=4, predicted=9, pupil=1, pixels=None, held_out=False):
    pixels = np.full((28, 28), number, np.uint8) if pixels is None else pixels
    return RoomDrawing(number, pupil, 1, label, packed(pixels.tobytes()), "", predicted, 0.9, held_out, NOW)


def vote(pupil, about, value=1.0):
    return Reply(pupil, about, value, NOW)


# -- what to draw


def test_a_class_gets_all_digits_about_equally_often():
    in_class, own = Counter(), [Counter() for _ in range(30)]
    last = [None] * 30
    for turn in range(300):
        pupil = turn % 30
        last[pupil] = tasks.asked(None, in_class, own[pupil], last[pupil])
        in_class[last[pupil]] += 1
        own[pupil][last[pupil]] += 1
    assert all(count == 1 for mine in own for count in mine.values())
    assert set(in_class.values()) == {30}


def test_tasks_ask_for_what_they_are_about():
    assert tasks.asked(FOOL, {}, {}) == 4
    assert tasks.asked(Task(1, "free", {}, "running", NOW), {}, {}) == UNLABELLED
    assert "Draw a 4 that people read, and the network takes for a 9" in tasks.does(FOOL)


@pytest.mark.parametrize(
    ("kind", "fitting"),
    [("ten", {4, 7}), ("free", {UNLABELLED}), ("fool", {4}), ("guess", set()), ("predict", set())],
)
def test_what_a_phone_had_kept_belongs_to_a_task_that_may_have_asked_for_it(kind, fitting):
    task = Task(1, kind, {"draw": 4, "as": 9} if kind == "fool" else {}, "running", NOW)
    assert {label for label in (UNLABELLED, 4, 7) if tasks.fits(task, label)} == fitting


# -- points


@pytest.mark.parametrize(
    ("predicted", "votes", "points"),
    [
        (9, [1, 1], {1: 3, 2: 1, 3: 1}),  # it is a 4, and was taken for a 9
        (7, [1, 1], {1: 1, 2: 1, 3: 1}),  # for something else
        (4, [1, 1], {2: 1, 3: 1}),  # it was read rightly
        (9, [0, 0], {2: 1, 3: 1}),  # it is no 4
        (9, [1], {}),  # nobody else has looked yet
        (9, [1, 0], {}),  # they do not agree
        (9, [1, 1, 0], {1: 3, 2: 1, 3: 1}),
        (None, [1, 1], {1: 1, 2: 1, 3: 1}),
    ],
)
def test_who_fools_the_network_and_not_the_class_has_points(predicted, votes, points):
    said = [vote(pupil, 5, value) for pupil, value in enumerate(votes, 2)]
    assert tasks.points(FOOL, [drawing(5, predicted=predicted)], said) == points


def test_each_drawing_is_judged_once_by_each():
    drawn = [drawing(7), drawing(6), drawing(5)]
    assert tasks.to_judge(drawn, []).id == 5
    assert tasks.to_judge(drawn, [vote(2, 5), vote(2, 6)]).id == 7
    assert tasks.to_judge(drawn, [vote(2, n) for n in (5, 6, 7)]) is None


def test_the_first_who_is_right_and_the_nearest_win():
    began = NOW.timestamp() - 3
    task = Task(1, "guess", {"question": 2, "label": 6, "began": began}, "running", NOW)
    late = Reply(9, 2, 6.0, datetime.fromtimestamp(NOW.timestamp() + 1, UTC))
    replies = [vote(1, 1, 6), vote(2, 2, 8), late, vote(3, 2, 6)]
    assert tasks.first_right(task, replies) == (3, pytest.approx(3.0))
    assert tasks.first_right(task, replies[:2]) == (None, None)
    said = [vote(1, 0, 90), vote(2, 0, 96), vote(3, 0, 94)]
    assert tasks.nearest(said, 95) == [2, 3]
    assert tasks.nearest([], 95) == []


# -- a digit that grows


def test_a_growing_digit_is_known_at_some_moment(classifier):
    pixels = datasets.mnist().x_test[0]  # a 7
    strokes = guessing._unit(vectorize.from_image(pixels.astype(np.float32) / 255))
    points = np.concatenate(strokes)
    assert (points.min() >= -1e-6, points.max() <= 1 + 1e-6) == (True, True)
    known = guessing.knows(classifier, strokes, 7)
    assert 0 < known <= guessing.SECONDS
    assert guessing.knows(classifier, strokes, 3) is None
    lengths = [sum(len(part) for part in guessing.grown(strokes, f)) for f in (0, 0.3, 0.6, 1)]
    assert lengths == sorted(lengths)
    assert lengths[-1] == len(points)


def test_a_digit_that_gets_sharper_is_known_before_it_is_sharp_and_not_at_once(classifier):
    strokes = guessing._unit(vectorize.from_image(datasets.mnist().x_test[0].astype(np.float32) / 255))
    assert 3 < guessing.knows(classifier, strokes, 7, "blur") < guessing.SECONDS
    assert guessing.knows(classifier, strokes, 3, "blur") is None
    cloud, half, sharp = (guessing.sharpened(strokes, f).pixels for f in (0, 0.5, 1))
    assert cloud.max() < half.max() < sharp.max() == pytest.approx(1, abs=0.01)
    assert np.array_equal(sharp, guessing._part(strokes, 1.0).pixels)


def test_a_question_takes_a_digit_of_the_class_that_is_read_rightly(classifier):
    strokes = json.dumps({"strokes": [[[0, 0], [100, 0], [40, 160]]]})
    good = RoomDrawing(1, 1, 1, 7, packed(bytes(784)), strokes, 7, 0.9, False, NOW)
    asked = guessing.question(classifier, [drawing(2), good], 3)
    assert (asked["question"], asked["label"], len(asked["strokes"])) == (3, 7, 1)
    assert json.dumps(asked)
    assert guessing.question(classifier, [], 1)["label"] in range(10)


# -- what the wall says


def test_what_is_misread_is_said_without_names():
    labels = np.array([7] * 9 + [1] * 3 + [3] * 2)
    read = np.array([7, 7, 7, 7, 1, 1, 1, 1, 2, 1, 1, 7, 5, 5])
    assert results.misread(labels, read) == ("4 of 9 sevens are read as 1", "1 of 3 ones is read as 7")


def test_results_count_what_has_a_label(classifier):
    data = datasets.mnist()
    drawn = [drawing(n, int(data.y_test[n]), pixels=data.x_test[n], held_out=n % 5 == 0) for n in range(20)] + [
        drawing(99, UNLABELLED)
    ]
    found = results.results(classifier, drawn)
    assert found.counts.sum() == found.confusion.sum() == 20
    assert found.accuracy == found.held_out == 1.0
    assert results.results(classifier, []).accuracy is None


# -- what is taken along


def test_files_of_a_class_hold_its_digits_and_nobody():
    drawn = [drawing(9, 7, pupil=3), drawing(3, 2, pupil=8, held_out=True), drawing(5, UNLABELLED)]
    text = export.as_json(drawn).decode()
    assert "10:30" not in text  # nor when each was drawn, which would tell whose they are
    back = exchange.read(text.encode(), "me")
    assert sorted((one.label, one.held_out) for one in back.good) == [(2, True), (7, False)]
    rows = list(csv.DictReader(io.StringIO(export.as_csv(drawn).decode())))
    assert [(row["label"], row["held_out"], row["predicted"], row["pixel783"]) for row in rows] == [
        ("2", "1", "9", "3"),
        ("7", "0", "9", "9"),
    ]
    names = zipfile.ZipFile(io.BytesIO(export.as_zip(drawn))).namelist()
    assert sorted(name.rsplit("/", 1)[0] for name in names) == ["test/2", "train/7"]


def test_a_zip_of_a_class_does_not_tell_who_came_when():
    """Its numbers are new ones, and the same whatever the order in which the drawings came."""
    came = [(number, number % 3, number) for number in range(1, 31)]
    late = [(1000 - number, label, shade) for number, label, shade in came]
    names, again = (
        zipfile.ZipFile(
            io.BytesIO(export.as_zip([drawing(n, y, pixels=shaded(s)) for n, y, s in all_]))
        ).namelist()
        for all_ in (came, late)
    )
    assert names == again
    assert sorted(int(name[-10:-4]) for name in names) == list(range(1, 31))
    assert [int(name.split("/")[1]) for name in sorted(names, key=lambda name: name[-10:])] != [
        number % 3 for number in range(1, 31)
    ]


def shaded(shade):
    return np.full((28, 28), shade, np.uint8)


# -- where phones find it


OWN = ["http://localhost:8501", "http://192.168.1.7:8501"]


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("http://192.168.1.7:8501/class", "http://192.168.1.7:8501"),
        ("https://lab.school.example/lab/class?code=K7QXM4#top", "https://lab.school.example/lab"),
        ("https://[2001:db8::1]:8501/wall", "https://[2001:db8::1]:8501"),
        ("http://localhost:8501/class", ""),
        ("http://127.0.0.1:8501/lab/class", ""),
        ("http://[::1]:8501/class", ""),
        ("http://[::1", ""),
        ("", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_phones_find_the_app_where_the_teachers_browser_has(url, opened):
    assert address.as_opened(url) == opened


def test_the_address_for_phones(monkeypatch):
    monkeypatch.delenv(address.ADDRESS, raising=False)
    assert address.join(OWN, "K7QXM") == "http://192.168.1.7:8501/join?code=K7QXM"
    assert (address.is_reachable(OWN), address.is_reachable(OWN[:1])) == (True, False)
    assert address.others([*OWN, "http://10.0.0.7:8501"]) == [
        "http://10.0.0.7:8501"
    ]  # no phone finds localhost
    monkeypatch.setenv(address.ADDRESS, "https://lab.school.example/lab/")
    assert address.join(OWN, "K7QXM") == "https://lab.school.example/lab/join?code=K7QXM"
    assert address.teach(OWN, "K7QXM", "a b").endswith("/class#code=K7QXM&key=a+b")  # sent to no server
    assert address.is_reachable(OWN[:1])
    assert address.others([*OWN, "http://10.0.0.7:8501"]) == []  # behind a proxy that is the only one
    assert address.qr("https://lab.school.example").startswith("data:image/png;base64,")


def test_what_the_present_network_has_said_is_not_asked_again(classifier):
    data = datasets.mnist()
    seven = packed(data.x_test[0].tobytes())
    said = [RoomDrawing(n, 1, 1, 7, seven, "", 3, 0.9, False, NOW, network=n) for n in (0, 5)]
    assert results.read(classifier, said, 0).tolist() == [3, 7]  # the second was read by another
    assert results.read(classifier, said).tolist() == [7, 7]


def test_another_network_reads_each_drawing_once(classifier, monkeypatch):
    """A wall looks several times a second: with 10,000 drawings it would only hash images."""
    data, asked, predict = datasets.mnist(), [], results.prediction_cache.predict
    monkeypatch.setattr(results, "_known", WeakKeyDictionary())
    monkeypatch.setattr(results, "KEPT", 8)
    monkeypatch.setattr(
        results.prediction_cache, "predict", lambda by, images: asked.append(len(images)) or predict(by, images)
    )
    drawn = [drawing(n, pixels=image) for n, image in enumerate(data.x_test[:12])]
    for count in (5, 5, 7, 7):
        assert results.read(classifier, drawn[:count]).tolist() == data.y_test[:count].tolist()
    assert asked == [5, 2]
    assert results.read(classifier, drawn[5:]).tolist() == data.y_test[5:12].tolist()
    assert asked == [5, 2, 7], "no more than KEPT are held, those of another class go"
