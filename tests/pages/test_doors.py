"""The way through the app without a browser: doors, their pages, addresses of before, the one switch."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests import shapes
from tests.pages.opened import told
from ui.content.doors import DOORS, PAGES, door_of
from ui.state import navigation

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("by_the_navigation")


def app(drawing: dict | None = None, **state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    if drawing:
        at.session_state["canvas"] = {"drawing": {"raw": drawing, "data": None}}
    for key, value in state.items():
        at.session_state[key] = value
    return at.run()


def go(at: AppTest, page: str) -> AppTest:
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception
    return at


def heads(at: AppTest) -> list[tuple[str, str]]:
    """The headings of the first level, and the sentence below each."""
    found = " ".join(part.proto.body for part in at.get("html"))
    return re.findall(r"<h1>(.+?)</h1><p>(.+?)</p>", found)


def test_every_page_lies_behind_a_door_once():
    files = {path.stem for path in (ROOT / "pages").glob("*.py")}
    paths = [page.path for door in DOORS for page in door.pages]
    assert sorted([*paths, *navigation.MOVED]) == sorted(files)
    assert [door.name for door in DOORS] == ["Draw", "Look inside", "Learn", "Train", "Class"]
    assert door_of("my_digits").name == "Train"
    assert door_of("no such page").name == "Draw"


def test_every_page_says_what_one_does_there_in_a_heading_and_a_sentence():
    at, seen = app(), set()
    for page in PAGES:
        (head,) = heads(go(at, page))
        seen.add(head)
        assert told(at, "doors")["here"] == page
    assert len(seen) == len(PAGES)


def test_the_address_of_before_leads_to_the_images():
    at = go(app(), "pictures")
    assert told(at, "doors")["here"] == "draw"
    assert at.segmented_control(key="subject").value == "Images"
    assert at.segmented_control(key="pictures-way").value == "Picture"


def test_one_switch_for_all_pages_where_it_applies():
    at = app(shapes.fabric(3))
    at.segmented_control(key="subject").set_value("Images").run()
    assert not at.exception
    for page in ("look_inside", "why", "map_of_digits", "draw"):
        assert at.segmented_control(key="subject").value == "Images"
        go(at, page)
    at.segmented_control(key="subject").set_value("Digits").run()
    assert told(at, "answers")["answers"][0]["digit"] == 3  # it was kept meanwhile


@pytest.mark.parametrize(("subject", "sets", "networks"), [("Digits", 4, 2), ("Images", 2, 1)])
def test_sets_and_networks_are_of_the_kind_that_the_switch_says(subject, sets, networks):
    at = app(subject=subject)
    key = "data-set" if subject == "Digits" else "data-set-in-colour"
    assert len(go(at, "data").selectbox(key=key).options) == sets
    offered = go(at, "mistakes").selectbox(key="mistakes-network").options
    assert len([name for name in offered if "(comes with the app)" in name]) == networks  # and other tests'
    assert at.segmented_control(key="subject").value == subject


def test_the_drawing_and_its_network_go_from_page_to_page():
    at = app(shapes.fabric(3), **{"reader": -2, "neighbourhood-map": "PCA"})
    first = told(at, "answers")["answers"]
    for page in ("look_inside", "why", "map_of_digits", "look_inside"):
        go(at, page)
        assert told(at, "answers")["answers"] == first
        assert at.session_state["reader"] == -2
    at.segmented_control(key="inside-way").set_value("Test digit").run()
    at.number_input(key="inside-number").set_value(61).run()
    assert go(at, "why").number_input(key="inside-number").value == 61


def test_a_drawing_that_was_read_can_be_taken_on():
    at = app()
    assert not [button.key for button in at.button if button.key.startswith("on-to-")]
    at = app(shapes.fabric(3), **{"inside-way": "Test digit"})
    at.button(key="on-to-why").click().run()
    assert not at.exception
    assert told(at, "doors")["here"] == "why"
    assert at.segmented_control(key="inside-way").value == "Draw"
    assert told(at, "answers")["answers"][0]["digit"] == 3


def test_a_page_that_needs_a_picture_offers_one_or_takes_one():
    at = go(app(), "map_of_digits")
    assert "Draw a digit on the left, or take a test digit." in [info.value for info in at.info]
    assert at.button(key="inside-take").label == "Take a test digit"
    at = go(app(), "why")
    assert not at.info
    assert any("it looks at a test digit: a 7." in caption.value for caption in at.caption)
    assert next(c for c in at.segmented_control if c.label == "What is asked").options[0] == "Why a 7?"


def test_a_choice_of_a_page_opens_it_and_an_invented_one_nothing():
    at = app()
    for said, there in (("runs", "runs"), ("no/such/page", "draw"), ("pictures", "draw")):
        go(at, "draw")
        at.session_state["doors"] = {"to": said}
        at.run()
        assert not at.exception
        assert told(at, "doors")["here"] == there
