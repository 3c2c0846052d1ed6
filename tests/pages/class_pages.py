"""A class's pages as a teacher and pupils have them, for the tests of them."""

import json
import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.storage.database import NotNow
from core.storage.store import open_store
from tests import shapes

ROOT = Path(__file__).parents[2]
TEACHER, PUPILS = "a" * 32, ("b" * 32, "c" * 32, "d" * 32)


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


def asked(at: AppTest) -> int:
    return int(re.search(r"Now an? (\d)", words(at))[1])


def kept(monkeypatch, who, its):
    """A browser that has kept these sends them; returns what its session knows then."""
    from ui.components import join_queue  # noqa: PLC0415
    from ui.sections import join_phone  # noqa: PLC0415

    state = {}
    monkeypatch.setattr(join_queue, "sent", lambda: its)
    monkeypatch.setattr(join_phone.st, "session_state", state)
    monkeypatch.setattr(join_phone.visitor, "store", lambda: open_store().of(who))
    return state, join_phone._late


def watches(at):
    """What waits for changes of a class."""
    told = [json.loads(part.proto.json) for part in at.get("bidi_component") if '"seen"' in part.proto.json]
    return [(one["code"], one["what"], one["seen"] > 0) for one in told]


def away(*_, **__):
    raise NotNow("The database is busy with many requests at once. Try again in a moment.")
