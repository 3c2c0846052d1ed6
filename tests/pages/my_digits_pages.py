"""Draw and My digits, opened as the visitor whose drawings they are about."""

from streamlit.testing.v1 import AppTest

from tests.pages.opened import ROOT
from tests.pages.visitors import ME


def page(name: str = "my_digits", drawing: dict | None = None, **state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["browser"] = ME
    if drawing:
        at.session_state["canvas"] = {"drawing": {"raw": drawing, "data": None}}
    for key, value in state.items():
        at.session_state[key.replace("_", "-")] = value
    (at if name == "draw" else at.switch_page(f"pages/{name}.py")).run()
    assert not at.exception
    return at
