"""The pages of single operations, and what their components are given."""

import json

import numpy as np
from streamlit.testing.v1 import AppTest

from core.ink import fabricjs, files
from tests import shapes
from tests.pages.opened import ROOT


def open_page(name: str, drawing: dict | None = None, **state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    if drawing:
        at.session_state["canvas"] = {"drawing": {"raw": drawing, "data": None}}
        at.run()  # the page Draw takes it over
    for key, value in state.items():
        at.session_state[key.replace("_", "-")] = value
    at.switch_page(f"pages/{name}.py").run()
    assert not at.exception
    return at


def given(at: AppTest) -> dict:
    """What the component is given."""
    (component,) = at.get("bidi_component")
    return json.loads(component.proto.mixed.json or component.proto.json)


def drawn(digit: int) -> np.ndarray:
    return files.to_digit_image(fabricjs.to_drawing(shapes.fabric(digit)["objects"], shapes.SIDE)).pixels
