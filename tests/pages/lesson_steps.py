"""The steps of all lessons, opened and read."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.terms import without_notes
from ui.lessons import LESSONS

ROOT = Path(__file__).parents[2]
STEPS = [(key, place) for key, lesson in LESSONS.items() for place in range(len(lesson.steps))]


def open_step(key, place, **state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.query_params["lesson"], at.query_params["step"] = key, str(place + 1)
    for name, value in state.items():
        at.session_state[name] = value
    at.switch_page("pages/lessons.py").run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    marked = " ".join(re.sub(r"<[^>]+>", " ", part.proto.body) for part in at.get("html"))
    kinds = ("markdown", "caption", "subheader")
    return without_notes(" ".join([marked, *(part.value for kind in kinds for part in at.get(kind))]))
