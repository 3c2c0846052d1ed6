"""A field whose script comes late begins with what is stored, whichever run of the page shows it."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ElementTree, Widget

from core.training.recipes import RECIPES
from ui.content import tutorials

ROOT = Path(__file__).parents[2]
KINDS = (
    "checkbox",
    "toggle",
    "number_input",
    "selectbox",
    "slider",
    "select_slider",
    "button_group",
    "text_input",
)
FIELDS = {"number_input", "slider", "select_slider", "selectbox", "segmented_control", "pills", "radio"}
FIELDS |= {"text_input", "text_area", "toggle", "checkbox", "multiselect"}
# What puts a value into a field itself, in each run.
VALUES = {"persist_state", "value", "index", "default"}
# Fields that hold nothing but what their visitor has put into them, or are written anew in each run.
UNWRITTEN = {
    "ui/sections/digit_changes.py": {"keys.DIGITS_RELABEL"},
    "ui/sections/fool_pixels.py": {"keys.FOOL_STEP"},
    "ui/sections/join_code.py": {"keys.JOIN_CODE"},
    "ui/sections/label_row.py": {"keys.LABEL"},
    "ui/sections/own_sets.py": {"keys.own_field(keys.OWN_NAMES, turn)"},
}
# Its place among the arguments.
FIRST_VALUE = {"number_input": 3, "slider": 3, "select_slider": 2, "selectbox": 2, "text_input": 1, "toggle": 1}
FIRST_VALUE |= {"multiselect": 2, "text_area": 1}
OPEN = dict.fromkeys(("training", "digits", "augmentation", "layer-table", "edit-0-0"), True)


def begins_with(widget: Widget) -> Any:
    """What a browser that now shows this field for the first time sends: its message says."""
    told = widget.proto
    match widget.type:
        case "selectbox" if told.set_value:
            return told.raw_value
        case "selectbox":
            return told.options[told.default] if told.HasField("default") else ""
        case "button_group":
            said = told.raw_values if told.set_value else [told.options[n].content for n in told.default]
            return _words(said)
        case "select_slider":
            return list(told.raw_value) if told.set_value else [told.options[int(n)] for n in told.default]
        case "slider":
            return [str(n) for n in (told.value if told.set_value else told.default)]
    return told.value if told.set_value else told.default


def stored(widget: Widget) -> Any:
    """What the page works with, as a browser would send it."""
    state = widget._widget_state
    sent = getattr(state, state.WhichOneof("value"))
    return _words(sent.data) if hasattr(sent, "data") else sent


def _words(parts) -> list[str]:
    """Without the icon, which is sent now beside the words, now among them."""
    return [re.sub(r"^:material/\w+: ", "", str(part)) for part in parts]


def unmounted(monkeypatch, page: str, state: dict[str, Any]) -> AppTest:
    """The page after three runs, of which the browser has shown no field yet."""
    nothing = AppTest.from_string("")._tree.get_widget_states()
    monkeypatch.setattr(ElementTree, "get_widget_states", lambda tree: nothing)
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for key, value in state.items():
        at.session_state[key] = value
    at.switch_page(f"pages/{page}.py").run()
    for _ in range(2):
        at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("page", "state"),
    [
        ("train", OPEN | {"config": RECIPES["first-conv-best"].config, "recipe": "first-conv-best", "form": 1}),
        ("look_inside", {"inside-way": "Test digit", "inside-digit": 77}),
        ("data", {"data-number": 77}),
        ("convolution", {}),
        ("pooling", {"pool-maps": 16}),
        ("draw", {"reading": True, "reader": -2, "brush": 30, "brush-menu": True}),
        ("my_digits", {"reader": -2}),
        ("mistakes", {"reader": -2}),
        ("pictures", {}),
        ("tutorials", {f"typed-{key}": "7" for key in tutorials.EXERCISES}),
    ],
)
def test_a_late_field_begins_with_what_is_stored(monkeypatch, page, state):
    at = unmounted(monkeypatch, page, state)
    found = [widget for kind in KINDS for widget in at.get(kind)]
    wrong = [f"{w.key}: {begins_with(w)} for {stored(w)}" for w in found if begins_with(w) != stored(w)]
    assert wrong == []


def test_every_field_of_every_page_brings_its_value_along():
    for path in sorted([*(ROOT / "pages").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]):
        for call in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            kind, named = call.func.attr, {keyword.arg: keyword.value for keyword in call.keywords}
            if kind not in FIELDS or VALUES & named.keys() or len(call.args) > FIRST_VALUE.get(kind, 9):
                continue
            name = str(path.relative_to(ROOT))
            assert "key" in named, f"{name}: line {call.lineno}"
            assert ast.unparse(named["key"]) in UNWRITTEN.get(name, ()), f"{name}: line {call.lineno}"
