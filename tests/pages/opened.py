"""Pages as a visitor opens them, and what is read there."""

import json
import re
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.storage.store import ACTIVE, StoreError
from tests.terms import without_notes

ROOT = Path(__file__).parents[2]


def finish(jobs, number):
    deadline = time.monotonic() + 100  # a busy computer's worker waits for all others
    while jobs.store.run(number).status in ACTIVE:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def page(name: str, **state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for key, value in state.items():
        at.session_state[key] = value
    at.switch_page(f"pages/{name}.py").run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    """Everything a visitor can read on the page."""
    html = " ".join(re.sub(r"<[^>]+>", " ", part.proto.body) for part in at.get("html"))
    kinds = ("markdown", "caption", "info", "error", "title", "subheader")
    return without_notes(" ".join([html, *(part.value for kind in kinds for part in at.get(kind))]))


def answer(at: AppTest) -> dict:
    """What the browser is given to draw as the answer: see ui/components/live/bars.js."""
    found = [json.loads(part.proto.json) for part in at.get("bidi_component") if part.proto.json]
    (data,) = [data for data in found if "answers" in data]
    return data


def told(at: AppTest, name: str) -> dict:
    """What a component with this in its data was given."""
    found = [json.loads(part.proto.json) for part in at.get("bidi_component") if part.proto.json]
    return next(data for data in found if name in data)


def learnt(at: AppTest) -> dict:
    """What the component that shows a network learn is given."""
    (said,) = (json.loads(p.proto.json) for p in at.get("bidi_component") if '"winds"' in p.proto.json)
    return said


def refuse(*_: object, **__: object) -> None:
    raise StoreError("The database is away.")
