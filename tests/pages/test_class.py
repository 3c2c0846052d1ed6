"""A class on its three pages: a teacher, pupils who draw, the wall, and what a pupil must not do."""

import json
import random
import re
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.ink import fabricjs, files, preprocessing
from core.models import registry
from core.models.classifiers import Classifier
from core.records import Metric, State
from core.rooms import address, guessing, learning, reading, simulation
from core.storage import drawings, room_drawings, room_events, room_tasks, rooms, states
from core.storage.database import NotNow
from core.storage.store import open_store
from core.words import with_article
from tests import shapes
from ui.state import keys

ROOT = Path(__file__).parents[2]
TEACHER, PUPILS = "a" * 32, ("b" * 32, "c" * 32, "d" * 32)

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_LAB_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def page(name: str, who: str, code: str = "", **state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["browser"] = who
    for key, value in state.items():
        at.session_state[key.replace("_", "-")] = value
    if code:
        at.query_params["code"] = code
    at.switch_page(f"pages/{name}.py").run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.error, *at.info, *at.success]
    return " ".join([part.value for part in parts] + [part.proto.body for part in at.get("html")])


def html(at: AppTest, key: str) -> str:
    """What stands in the container of this key."""
    found = []

    def look(node, inside):
        inside = inside or getattr(getattr(node, "proto", None), "id", "").endswith(f"-{key}")
        body = getattr(getattr(node, "proto", None), "body", None)
        if inside and isinstance(body, str):
            found.append(body)
        for child in getattr(node, "children", {}).values():
            look(child, inside)

    look(at._tree, False)
    return " ".join(found)


def canvas(digit: int) -> dict:
    return {"drawing": {"raw": shapes.fabric(digit), "data": None}}


def draw(at: AppTest, digit: int) -> None:
    """Draw it and tap 'next'."""
    at.session_state["canvas"] = canvas(digit)
    at.run()
    at.button(key="next").click().run()
    assert not at.exception


@pytest.fixture
def room():
    at = page("class", TEACHER)
    at.button(key="start-class").click().run()
    assert not at.exception
    found = rooms.mine(open_store().of(TEACHER))[0]
    assert f'<div class="dl-code">{found.code}</div>' in words(at)
    yield found
    for one in rooms.mine(open_store().of(TEACHER)):  # or they would be too many for one teacher
        rooms.delete(open_store().of(TEACHER), one.id)


def asked(at: AppTest) -> int:
    return int(re.search(r"Now an? (\d)", words(at))[1])


def test_a_pupil_draws_and_the_wall_shows_it(room):
    phone = page("join", PUPILS[0], room.code)
    first = asked(phone)
    draw(phone, 3)
    assert "1 drawing so far" in words(phone)
    assert asked(phone) != first
    assert phone.session_state["canvas"]["drawing"]["raw"]["objects"] == []
    (one,) = room_drawings.of_class(open_store().of(TEACHER), room.id)
    assert (one.label, one.predicted) == (first, 3)
    wall = page("wall", TEACHER, room.code)
    assert "<b>1</b> drawing" in html(wall, "wall-count")
    assert f"<b>{100 * (first == 3)}%</b>" in html(wall, "wall-accuracy")
    assert "99.70%" in html(wall, "wall-accuracy")
    names = [pupil.name for pupil in rooms.class_of(open_store().of(TEACHER), room.id)]
    assert not any(name in words(wall) for name in names)


def test_a_drawing_is_made_an_image_and_read_once_and_what_is_shown_is_stored(room, monkeypatch):
    phone, made, read = page("join", PUPILS[0], room.code), [], []
    make, predict = preprocessing.from_strokes, Classifier.predict
    monkeypatch.setattr(files, "from_strokes", lambda *a, **k: made.append(a) or make(*a, **k))
    monkeypatch.setattr(Classifier, "predict", lambda self, image: read.append(image) or predict(self, image))
    for digit in (3, 5):
        made.clear(), read.clear()
        draw(phone, digit)
        assert (len([strokes for (strokes,) in made if strokes]), len(read)) == (1, 1)
        assert room_drawings.of_class(open_store().of(TEACHER), room.id)[-1].predicted == digit


def test_what_was_asked_for_in_a_task_counts_in_that_task(room):
    """Though the teacher has begun another before 'next' was tapped: the phone had not heard of it."""
    teacher = open_store().of(TEACHER)
    first = room_tasks.start(teacher, room.id, "ten", {})
    phone = page("join", PUPILS[0], room.code)
    digit = asked(phone)
    phone.session_state["canvas"] = canvas(digit)
    phone.run()
    room_tasks.start(teacher, room.id, "free", {})
    phone.button(key="next").click().run()
    (one,) = room_drawings.of_class(teacher, room.id)
    assert (one.task, one.label) == (first.id, digit)
    assert "Draw whatever you like" in words(phone)


def test_next_without_ink_says_so_and_take_back_brings_the_drawing_back(room):
    phone = page("join", PUPILS[0], room.code)
    phone.button(key="next").click().run()
    assert "There is nothing on the canvas yet" in words(phone)
    phone.button(key="join-back").click().run()
    assert "You have sent nothing yet" in words(phone)
    first = asked(phone)
    draw(phone, 5)
    phone.button(key="join-back").click().run()
    assert "0 drawings so far" in words(phone)
    assert asked(phone) == first
    assert len(phone.session_state["canvas"]["drawing"]["raw"]["objects"]) == 1


def test_what_is_taken_back_is_asked_for_on_the_canvas_too_and_not_in_another_task(room):
    phone = page("join", PUPILS[0], room.code)
    first = asked(phone)
    draw(phone, 5)
    assert asked(phone) != first
    phone.button(key="join-back").click().run()
    assert phone.session_state[keys.CANVAS_GHOST] == f"draw {with_article(str(first))}"
    phone.button(key="next").click().run()
    teacher = open_store().of(TEACHER)
    room_tasks.start(teacher, room.id, "fool", {"draw": (first + 1) % 10, "as": 9})
    phone.run()
    phone.button(key="join-back").click().run()
    assert asked(phone) == (first + 1) % 10
    assert "it was drawn for what was asked before" in words(phone)
    assert not phone.session_state["canvas"]["drawing"]["raw"]["objects"]
    assert room_drawings.of_class(teacher, room.id) == []


def test_what_was_kept_from_before_a_task_is_not_of_it(room, monkeypatch):
    page("join", PUPILS[0], room.code)
    room_tasks.start(open_store().of(TEACHER), room.id, "fool", {"draw": 4, "as": 9})
    line = {"strokes": [[[0, 0], [100, 200]]], "canvas": 560}
    _, late = kept(monkeypatch, PUPILS[0], [{"id": f"{n}", "label": n, **line} for n in (4, 7)])
    late(room.id)
    found = room_drawings.of_class(open_store().of(TEACHER), room.id)
    assert [(one.label, one.task is None) for one in found] == [(4, False), (7, True)]


def test_a_phone_goes_back_to_its_last_drawing_and_the_server_keeps_none_before_it(room):
    phone = page("join", PUPILS[0], room.code)
    sizes = set()
    for digit in (1, 4, 5):
        draw(phone, digit)
        sizes.add(sum(one.size for one in phone.session_state[keys.CANVAS_HISTORY]))
    assert max(sizes) == sum(one.size for one in phone.session_state[keys.CANVAS_HISTORY])  # of the 5 alone
    assert [bool(one.objects()) for one in phone.session_state[keys.CANVAS_HISTORY]] in (
        [False, True, False],
        [False, True, True, False],
    )
    phone.button(key="undo").click().run()
    (last,) = {len(phone.session_state["canvas"]["drawing"]["raw"]["objects"])}
    assert last == len(shapes.fabric(5)["objects"])


def test_behind_a_proxy_no_other_address_is_named(room, monkeypatch):
    assert (
        "localhost" not in words(page("class", TEACHER)).partition("Check first")[2].partition("Where that")[2]
    )
    monkeypatch.setenv(address.ADDRESS, "https://lab.school.example")
    said = words(page("class", TEACHER)).partition("Check first")[2]
    assert "open `https://lab.school.example` on one phone" in said
    assert "`DIGIT_LAB_ADDRESS` says" in said
    assert "localhost" not in said
    assert "Other addresses" not in said


def test_a_drawing_of_too_many_points_stays_and_is_said(room, monkeypatch):
    monkeypatch.setattr(reading, "POINTS", 3)
    phone = page("join", PUPILS[0], room.code)
    draw(phone, 3)
    assert re.search(r"This drawing has \d+ points; at most 3 are accepted in a class", words(phone))
    assert "0 drawings so far" in words(phone)
    assert phone.session_state["canvas"]["drawing"]["raw"]["objects"]


def test_a_paused_phone_keeps_its_drawing(room):
    phone = page("join", PUPILS[0], room.code)
    teacher = page("class", TEACHER, room=room.id)
    teacher.button(key="flag-paused").click().run()
    draw(phone, 3)
    assert "paused all phones" in words(phone)
    assert "0 drawings so far" in words(phone)
    teacher.button(key="flag-paused").click().run()
    phone.button(key="next").click().run()
    assert "1 drawing so far" in words(phone)


def test_what_the_browser_had_kept_is_stored_once(room):
    phone = page("join", PUPILS[0], room.code)
    one = {"id": "x-1", "label": 4, "strokes": [[[0, 0], [100, 200]]], "brushes": [28], "canvas": 560}
    bad = {"id": "x-2", "label": 99, "strokes": [[[0, 0]]]}
    from ui.components import join_queue  # noqa: PLC0415
    from ui.sections import join_phone  # noqa: PLC0415

    store = open_store().of(PUPILS[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(join_queue, "sent", lambda: [one, one, bad, {"id": "x-3", "label": 1, "strokes": "no"}])
        patch.setattr(join_phone.visitor, "store", lambda: store)
        state = {}
        patch.setattr(join_phone.st, "session_state", state)
        join_phone._late(room.id)
    assert state["join-said"] == ["x-1", "x-1", "x-2", "x-3"]
    assert [d.label for d in room_drawings.of_class(open_store().of(TEACHER), room.id)] == [4]
    assert "drawing" in words(phone)


def test_a_tap_whose_answer_was_lost_is_one_drawing(room, monkeypatch):
    """What the browser has kept of it comes in hundredths of a pixel, the canvas's in all digits of the pen."""
    phone = page("join", PUPILS[0], room.code)
    digit, off = asked(phone), random.Random(0)
    drawn = canvas(3)
    for one in drawn["drawing"]["raw"]["objects"]:
        one["path"] = [
            [command, *(n + off.uniform(0, 1) for n in numbers)] for command, *numbers in one["path"]
        ]
    phone.session_state["canvas"] = drawn
    phone.run()
    phone.button(key="next").click().run()
    (one,) = room_drawings.of_class(open_store().of(TEACHER), room.id)
    points = fabricjs.to_drawing(drawn["drawing"]["raw"]["objects"], 560)
    strokes = [[[round(100 * float(n)) / 100 for n in point] for point in stroke] for stroke in points.strokes]
    again = {"id": "x", "label": digit, "strokes": strokes, "brushes": list(points.brushes), "canvas": 560}
    kept_pixels = drawings.as_bytes(files.to_digit_image(files.to_drawing(again)).pixels)
    assert not np.array_equal(kept_pixels, one.pixels)  # not the same bytes
    state, late = kept(monkeypatch, PUPILS[0], [again])
    late(room.id)
    assert state["join-said"] == ["x"]
    assert [d.id for d in room_drawings.of_class(open_store().of(TEACHER), room.id)] == [one.id]


def kept(monkeypatch, who, its):
    """A browser that has kept these sends them; returns what its session knows then."""
    from ui.components import join_queue  # noqa: PLC0415
    from ui.sections import join_phone  # noqa: PLC0415

    state = {}
    monkeypatch.setattr(join_queue, "sent", lambda: its)
    monkeypatch.setattr(join_phone.st, "session_state", state)
    monkeypatch.setattr(join_phone.visitor, "store", lambda: open_store().of(who))
    return state, join_phone._late


def test_a_phone_that_has_sent_all_it_may_is_told_and_stops(room, monkeypatch):
    two = [
        {"id": f"{n}", "label": n, "strokes": [[[0, 0], [100, 200 + 90 * n]]], "canvas": 560} for n in (4, 5)
    ]
    page("join", PUPILS[0], room.code)
    with monkeypatch.context() as patch:
        patch.setattr(room_drawings, "MOST", 1)
        state, late = kept(patch, PUPILS[0], two)
        late(room.id)
    assert state["join-said"] == ["4"]  # the other one is lost to nobody: it stays on the phone
    assert state["join-full"] == {
        room.id: "That is 1 in all, as many as one phone may send: let the others draw, too."
    }
    phone = page("join", PUPILS[0], room.code, join_full=state["join-full"])
    told = [json.loads(p.proto.json) for p in phone.get("bidi_component") if '"taken"' in p.proto.json]
    assert told[0]["full"] == state["join-full"][room.id]


def test_what_was_kept_with_too_many_points_is_thinned_out_and_too_much_is_said(room, monkeypatch):
    monkeypatch.setattr(reading, "POINTS", 20)
    line = [[n, 2 * n] for n in range(100)]
    page("join", PUPILS[0], room.code)
    state, late = kept(
        monkeypatch,
        PUPILS[0],
        [
            {
                "id": "a",
                "label": 4,
                "strokes": [line, [[300, 0]], line[::-1]],
                "brushes": [9, 8, 7],
            },
            {"id": "b", "label": 4, "strokes": [line * 201]},
        ],
    )
    late(room.id)
    (one,) = room_drawings.of_class(open_store().of(TEACHER), room.id)
    strokes = json.loads(one.strokes)["strokes"]
    assert sum(map(len, strokes)) <= 20
    assert [(s[0], s[-1]) for s in strokes] == [([0, 0], [99, 198]), ([300, 0],) * 2, ([99, 198], [0, 0])]
    assert json.loads(one.strokes)["brushes"] == [9, 8, 7]
    assert "could not be sent: The stroke file has 20,100 points" in state["teach-problem"]
    assert state["join-said"] == ["a", "b"]


def watches(at):
    """What waits for changes of a class."""
    told = [json.loads(part.proto.json) for part in at.get("bidi_component") if '"seen"' in part.proto.json]
    return [(one["code"], one["what"], one["seen"] > 0) for one in told]


def away(*_, **__):
    raise NotNow("The database is busy with many requests at once. Try again in a moment.")


def test_a_phone_comes_back_after_a_moment_without_the_database(room, monkeypatch):
    phone = page("join", PUPILS[0], room.code)
    assert watches(phone) == [(room.code, "orders", True)]
    for module, name in ((room_drawings, "at_a_glance"), (rooms, "join")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, away)
            phone.run()
            assert [one.value for one in phone.error] == [
                "The database is busy with many requests at once. Try again in a moment."
            ]
            assert watches(phone) == [(room.code, "orders", False)]  # it is told at once, and looks again
            assert phone.query_params["code"] in (room.code, [room.code])
    phone.run()
    assert not phone.error
    assert "Now a" in words(phone)
    assert phone.button(key="next")


def test_a_teachers_page_comes_back_after_a_moment_without_the_database(room, monkeypatch):
    teacher = page("class", TEACHER, room=room.id)
    with monkeypatch.context() as patch:
        patch.setattr(rooms, "look", away)
        assert watches(teacher.run()) == [(room.code, "orders", False)]
    assert watches(teacher.run()) == [(room.code, "all", True)]


def test_a_wrong_code_is_said_and_asked_for_again():
    at = page("join", PUPILS[0], "HELLO, WORLD")
    assert "is no code" in words(at)
    assert at.text_input(key="join-code")
    assert "There is no class with this code" in words(page("join", PUPILS[0], "ABCDE"))


def test_a_drawing_is_taken_off_the_wall_and_brought_back(room):
    draw(page("join", PUPILS[0], room.code), 3)
    (one,) = room_drawings.of_class(open_store().of(TEACHER), room.id)
    wall = page("wall", TEACHER, room.code, wall_tapped=one.id)
    wall.button(key="take-drawing").click().run()
    assert "<b>0</b> drawings" in html(wall, "wall-count")
    wall.button(key="room-undo").click().run()
    assert "<b>1</b> drawing" in html(wall, "wall-count")
    wall.session_state["wall-tapped"] = one.id
    wall.run()
    wall.button(key="take-pupil").click().run()
    assert "by 0 pupils" in html(wall, "wall-count")
    assert "taken you out" in words(page("join", PUPILS[0], room.code))


def test_hidden_drawings_are_not_even_sent(room):
    draw(page("join", PUPILS[0], room.code), 3)
    wall = page("wall", TEACHER, room.code)
    assert "dl-confusion" not in words(wall)  # it is made where it is open
    wall.session_state["wall-matrix"] = True
    wall.run()
    assert "dl-confusion" in words(wall)
    wall.button(key="flag-hidden").click().run()
    told = [json.loads(part.proto.json) for part in wall.get("bidi_component") if '"order"' in part.proto.json]
    assert (told[0]["hidden"], told[0]["images"]) == (True, {})
    assert [one[1:] for one in told[0]["order"]] == [[-1, None, None]]  # nor whether it is read rightly
    assert "<b>?</b>" in html(wall, "wall-accuracy")
    assert "dl-confusion" not in words(wall)


@pytest.mark.parametrize("view", ["Star map", "Replay"])
def test_the_star_map_and_the_replay_show_all_drawings_and_none_that_is_hidden(room, view):
    phone = page("join", PUPILS[0], room.code)
    asked_for = asked(phone)
    draw(phone, 3)
    draw(phone, 5)
    wall = page("wall", TEACHER, room.code, wall_view=view)

    def told():
        return next(json.loads(p.proto.json) for p in wall.get("bidi_component") if '"order"' in p.proto.json)

    first, last = told()["order"]
    assert first[1:4] == [asked_for, 3, asked_for == 3]
    assert set(told()["images"]) == {str(first[0]), str(last[0])}
    assert view == "Star map" or (first[4], last[4]) == (0.0, 1.0)
    # A replay says when, the map where: on that of the network that comes with the app.
    assert view == "Replay" or told()["map"].endswith("/t-SNE")
    wall.button(key="flag-hidden").click().run()
    assert (told()["images"], [one[1:] for one in told()["order"]]) == ({}, [[-1, None, None]] * 2)
    assert "Hidden until your teacher reveals them" in words(wall)
    assert "MNIST's test digits, where" not in words(wall)  # no map, so nothing of it
    wall.button(key="flag-hidden").click().run()
    assert "Hidden until" not in words(wall)
    assert told()["order"][0][1:4] == [asked_for, 3, asked_for == 3]


@pytest.mark.parametrize("where", ["class", "wall"])
def test_what_is_locked_paused_or_hidden_says_how_it_is_taken_back(room, where):
    draw(page("join", PUPILS[0], room.code), 3)
    at = page(where, TEACHER, room.code) if where == "wall" else page(where, TEACHER, room=room.id)
    for name, label, back in (
        ("locked", "Lock joining", "Open joining"),
        ("paused", "Pause all phones", "Resume all phones"),
        ("hidden", "Hide the drawings", "Reveal the drawings"),
    ):
        for said in (label, back, label):
            assert at.button(key=f"flag-{name}").label == said
            at.button(key=f"flag-{name}").click().run()
        at.button(key=f"flag-{name}").click().run()
        assert at.button(key=f"flag-{name}").label == label


def test_the_wall_tells_what_was_predicted(room):
    room_tasks.start(open_store().of(TEACHER), room.id, "predict", {})
    assert "Say it on your phone" in words(page("wall", TEACHER, room.code))
    for who, percent in zip(PUPILS, ("90", "95", "97.5"), strict=True):
        phone = page("join", who, room.code)
        phone.number_input(key="join-guess").set_value(float(percent)).run()
        phone.button(key="predict").click().run()
    assert "3 predictions: 90% to 97.5%, half of them over 95%." in words(page("wall", TEACHER, room.code))


def test_a_task_begins_hidden_where_the_teacher_has_chosen_so(room):
    teacher = page("class", TEACHER, room=room.id, room_hide=True)
    teacher.button(key="task-start").click().run()
    draw(page("join", PUPILS[0], room.code), 3)
    wall = page("wall", TEACHER, room.code)
    assert not [p for p in wall.get("bidi_component") if '"images": {"' in p.proto.json]
    wall.button(key="flag-hidden").click().run()
    told = [json.loads(p.proto.json) for p in wall.get("bidi_component") if '"order"' in p.proto.json]
    assert len(told[0]["images"]) == 1
    # Without the choice it stays as it was.
    teacher = page("class", TEACHER, room=room.id)
    teacher.button(key="task-start").click().run()
    assert not rooms.look(open_store().of(TEACHER), room.id).hidden


def test_a_pupil_sees_nothing_that_is_the_teachers(room):
    draw(page("join", PUPILS[0], room.code), 3)
    wall = page("wall", PUPILS[0], room.code)
    assert "Only the teacher of a class can show its wall" in words(wall)
    assert not [button for button in wall.button if button.key.startswith("flag-")]
    other = page("class", PUPILS[0], room=room.id)
    assert [button.key for button in other.button if button.key == "start-class"]
    assert room.code not in words(other)


@pytest.mark.parametrize(
    ("kind", "says"), [("fool", "Now a 4"), ("free", "whatever you like"), ("ten", "Now a")]
)
def test_tasks_with_something_to_draw(room, kind, says):
    teacher = page("class", TEACHER, room=room.id, room_task=kind)
    teacher.button(key="task-start").click().run()
    assert not teacher.exception
    phone = page("join", PUPILS[0], room.code)
    assert says in words(phone)
    draw(phone, 4)
    assert "1 drawing so far" in words(phone)
    teacher.run()
    teacher.button(key="task-end").click().run()
    assert rooms.look(open_store().of(TEACHER), room.id).task.status == "ended"


@pytest.mark.parametrize(("kind", "settings"), [("fool", {"draw": 4, "as": 9}), ("free", {}), ("predict", {})])
def test_after_a_task_has_ended_the_phones_draw_the_ten_digits(room, kind, settings):
    """And the wall says so, and what is drawn then belongs to no task."""
    teacher = open_store().of(TEACHER)
    room_tasks.start(teacher, room.id, kind, settings)
    phone = page("join", PUPILS[0], room.code)
    room_tasks.end(teacher, room.id)
    digit = asked(phone.run())
    assert "Draw a 4 that people read" not in words(phone)
    draw(phone, digit)
    (one,) = room_drawings.of_class(teacher, room.id)
    assert (one.task, one.label) == (None, digit)
    assert "Draw digits" in words(wall := page("wall", TEACHER, room.code))
    assert "Say it on your phone" not in words(wall)


def test_after_a_guess_has_ended_its_digit_is_off_the_wall_and_simulated_pupils_draw(room):
    teacher = page("class", TEACHER, room=room.id, room_task="guess")
    teacher.button(key="task-start").click().run()
    teacher.button(key="task-end").click().run()
    for who in ("wall", "join"):
        at = page(who, TEACHER if who == "wall" else PUPILS[0], room.code)
        assert not [part for part in at.get("bidi_component") if '"seconds"' in part.proto.json]
    store = open_store().of(PUPILS[0])
    simulation._act(store, rooms.look(store, room.id), random.Random(0))
    assert len(room_drawings.of_class(open_store().of(TEACHER), room.id)) == 1


def test_classmates_judge_what_was_drawn_to_fool(room):
    room_tasks.start(open_store().of(TEACHER), room.id, "fool", {"draw": 4, "as": 9})
    draw(page("join", PUPILS[0], room.code), 9)
    for who in PUPILS[1:]:
        judge = page("join", who, room.code)
        assert "Is it a 4?" in words(judge)
        judge.button(key="judge-1").click().run()
        assert "Is it a 4?" not in words(judge)
    teacher = page("class", TEACHER, room=room.id)
    assert "**3 points**" in words(teacher)


def test_the_network_is_never_to_be_fooled_into_what_was_drawn(room):
    teacher = page("class", TEACHER, room=room.id, room_task="fool")
    assert (teacher.selectbox(key=keys.ROOM_DRAW).value, teacher.selectbox(key=keys.ROOM_AS).value) == (4, 9)
    teacher.selectbox(key=keys.ROOM_AS).set_value(7).run()
    for drawn, taken_for in ((3, 7), (7, 9), (9, 8)):
        teacher.selectbox(key=keys.ROOM_DRAW).set_value(drawn).run()
        assert not teacher.exception
        assert teacher.selectbox(key=keys.ROOM_AS).value == taken_for
        assert str(drawn) not in teacher.selectbox(key=keys.ROOM_AS).options
    teacher.button(key="task-start").click().run()
    assert rooms.look(open_store().of(TEACHER), room.id).task.settings == {"draw": 9, "as": 8}


def test_what_is_guessed_before_anything_has_appeared_does_not_count(room):
    teacher = page("class", TEACHER, room=room.id, room_task="guess")
    teacher.button(key="task-start").click().run()
    phone, task = page("join", PUPILS[0], room.code), rooms.look(open_store().of(TEACHER), room.id).task
    settings = {**task.settings, "began": time.time() + 60}
    room_tasks.set_settings(open_store().of(TEACHER), room.id, task.id, settings)
    phone.button(key=f"guess-{task.settings['label']}").click().run()
    assert "Nothing has appeared yet" in words(phone)
    assert room_tasks.all_replies(open_store().of(TEACHER), room.id, task.id) == []
    room_tasks.set_settings(open_store().of(TEACHER), room.id, task.id, {**settings, "began": time.time()})
    phone.button(key=f"guess-{task.settings['label']}").click().run()
    assert "You know it!" in words(phone)


def test_guess_and_predict(room, monkeypatch):
    monkeypatch.setattr(guessing, "COUNTDOWN", 0.0)
    teacher = page("class", TEACHER, room=room.id, room_task="guess")
    teacher.button(key="task-start").click().run()
    assert not teacher.exception
    task = rooms.look(open_store().of(TEACHER), room.id).task
    phone = page("join", PUPILS[0], room.code)
    told = [json.loads(p.proto.json) for p in phone.get("bidi_component") if '"strokes"' in p.proto.json]
    assert all("label" not in data and not data.get("knows") for data in told if "seconds" in data)
    other = page("join", PUPILS[1], room.code)
    other.button(key=f"guess-{(task.settings['label'] + 1) % 10}").click().run()
    assert [one.value for one in other.info] == [
        f"You said {(task.settings['label'] + 1) % 10}: that is not it."
    ]
    assert not other.success  # which is green
    phone.button(key=f"guess-{task.settings['label']}").click().run()
    assert [one.value for one in phone.success] == ["You know it!"]
    assert "You know it!" in words(phone)
    teacher.run()
    assert "First: **" in words(teacher)
    teacher.button(key="guess-next").click().run()
    assert rooms.look(open_store().of(TEACHER), room.id).task.settings["question"] == 2
    teacher = page("class", TEACHER, room=room.id, room_task="guess", room_guess="blur")
    teacher.button(key="task-start").click().run()
    teacher.button(key="guess-next").click().run()
    told = [json.loads(p.proto.json) for p in phone.run().get("bidi_component") if '"blur"' in p.proto.json]
    assert told[0]["blur"] == guessing.BLUR
    room_tasks.start(open_store().of(TEACHER), room.id, "predict", {})
    phone = page("join", PUPILS[0], room.code)
    phone.number_input(key="join-guess").set_value(95.0).run()
    phone.button(key="predict").click().run()
    assert "You say 95%" in words(phone)


def test_the_wall_shows_how_it_learns_before_and_as_it_goes(room):
    """Of a training that goes on: a moment at which the network is still the one that it began with."""
    store, data, count = open_store(), datasets.mnist(), 40
    rooms.join(store.of(PUPILS[0]), room.code)
    for n in range(count):
        shown = {"label": int(data.y_test[n]), "pixels": data.x_test[n]}
        room_drawings.add(store.of(PUPILS[0]), room.id, strokes="", **shown)
    task = room_tasks.start(store.of(TEACHER), room.id, "predict", {})
    for who, percent in zip(PUPILS, (85.0, 97.0), strict=False):
        rooms.join(store.of(who), room.code)
        room_tasks.reply(store.of(who), room.id, task.id, percent)
    config = learning.config(store.of(TEACHER), room, "learn")
    run = store.add(config, name="Taught by the class", visitor=TEACHER)
    room_events.note_run(store.of(TEACHER), room.id, "learn", run)
    assert "Taught by the class: it begins" in html(page("wall", TEACHER, room.code), "wall-learns")
    token = store.claim(run, "w:1:1", "")
    store.add_metric(run, Metric(100, 1.0, 1.0, 0.5, 1.0, 0.75, 1.0, whole=True), 1.0, token=token)
    weights = {name: w.astype(np.float16) for name, w in registry.network(store, 0).weights.items()}
    states.add(store, run, State(5, 100, 1.0, 1.0, weights), token=token)
    shown = html(page("wall", TEACHER, room.code), "wall-learns")
    assert "Taught by the class: 50%" in shown
    held = sum(one.held_out for one in room_drawings.of_class(store.of(TEACHER), room.id))
    ours, mnist = re.findall(r"<tr><th>.*?</tr>", shown)[-2:]
    assert f"this class, {held} held out" in ours
    assert re.findall(r"[\d.]+%", ours) == ["100%", "100%"]
    assert re.findall(r"[\d.]+%", mnist) == ["99.70%", "75.00%"]
    assert shown.count("<img") == 2  # the two curves
    assert "2 predictions: 85% to 97%" in words(page("wall", TEACHER, room.code))
    # And who was nearest, without a name, once it has learnt.
    store.finish(run, registry.network(store, 0), b"", None, test_accuracy=0.997, token=token, status="done")
    assert "It reads <b>100.0%</b>; the nearest of 2 said 97%." in words(page("wall", TEACHER, room.code))


def test_learn_from_us_says_how_many_are_missing(room):
    teacher = page("class", TEACHER, room=room.id)
    teacher.button(key="learn").click().run()
    assert "0 drawings are there to learn from; 20 are the least" in words(teacher)


def test_a_teachers_link_opens_the_class_and_leaves_the_address(room):
    teacher = page("class", TEACHER, room=room.id)
    teacher.button(key="room-new-link").click().run()
    link = next(code.value for code in teacher.code)
    key = re.search("key=([^&]+)", link)[1]
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["browser"] = PUPILS[2]
    at.query_params["code"], at.query_params["key"] = room.code, key
    at.switch_page("pages/class.py").run()
    assert f"Class {room.code}" in words(at)
    assert "key" not in at.query_params


def test_everything_is_deleted_at_once(room):
    teacher = page("class", TEACHER, room=room.id)
    phone, wall = page("join", PUPILS[0], room.code), page("wall", TEACHER, room.code)
    teacher.button(key="delete-class").click().run()
    assert not teacher.exception
    assert "The class is deleted, with all that was in it." in words(teacher)
    assert "You are not in this class" not in words(teacher) + words(phone.run()) + words(wall.run())
    assert "There is no class" in words(page("join", PUPILS[0], room.code))


def test_the_code_is_typed_on_the_first_page(room, by_the_navigation):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["browser"], at.session_state["join-menu"] = PUPILS[0], True
    at.run()
    at.text_input(key="join-code").set_value(f" {room.code.lower()} ")
    next(button for button in at.button if button.label == "Join").click().run()
    assert not at.exception
    assert "Now a" in words(at)


def test_a_networks_name_is_letters_in_the_table_of_results(monkeypatch):
    from types import SimpleNamespace  # noqa: PLC0415

    from ui.sections import class_learn  # noqa: PLC0415

    shown = []
    training = SimpleNamespace(fine_tuning=None)
    run, room = (
        SimpleNamespace(id=5, name="<img src=x>", training=training),
        SimpleNamespace(network=5, task=None),
    )
    classifier = SimpleNamespace(network=SimpleNamespace(about={"test_accuracy": 0.5}))
    monkeypatch.setattr(class_learn.st, "html", shown.append)
    monkeypatch.setattr(class_learn.visitor, "name", lambda: TEACHER)
    class_learn._table(room, [], [("learn", run, classifier)])
    assert "<th>&lt;img src=x&gt;</th>" in shown[0]


def test_a_phone_that_was_taken_out_or_sends_too_much_at_once_breaks_nothing(room, monkeypatch):
    from ui.components import join_queue  # noqa: PLC0415
    from ui.sections import join_phone  # noqa: PLC0415

    kept = [{"id": f"{n}", "label": 4, "strokes": []} for n in range(1000)]
    monkeypatch.setattr(join_queue, "sent", lambda: kept)
    state = {}
    monkeypatch.setattr(join_phone.st, "session_state", state)
    out, here = (open_store().of(who) for who in PUPILS[:2])
    monkeypatch.setattr(join_phone.visitor, "store", lambda: out)
    join_phone._late(room.id)
    assert state["join-said"] == []
    rooms.join(here, room.code)
    monkeypatch.setattr(join_phone.visitor, "store", lambda: here)
    join_phone._late(room.id)
    assert len(state["join-said"]) == join_phone.AT_ONCE
