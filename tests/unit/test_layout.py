"""Who may import whom: the house as a table."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "app.py"]
SOURCES += [p for part in ("core", "ui", "pages") for p in sorted((ROOT / part).rglob("*.py")) if p.read_text()]

# From the ground up. What stands in a row imports its own package and the rows above it, nothing else of ours.
# The longest name that fits is a module's row.
FLOORS = [
    ["core.paths", "core.words", "core.io", "core.nn.architectures", "ui.plain"],
    ["core.records"],
    ["core.nn", "core.ink"],
    ["core.data"],
    ["core.training"],
    ["core.storage"],
    ["core.models"],
    ["core.runs"],
    ["core.analysis", "core.worker"],
    ["core", "ui.server", "ui.say"],
    ["ui.state"],
    ["ui.figures", "ui.content", "ui.widgets"],
    ["ui.components"],
    ["ui.sections"],
    ["pages"],
    ["app"],
]
FLOOR = {name: n for n, row in enumerate(FLOORS) for name in row}

# Besides: (who, what they must not import, but for these).
NEVER = [
    ("core", ("streamlit", "streamlit_drawable_canvas", "plotly"), ()),
    ("", ("tensorflow", "keras"), ("core.worker",)),
    ("", ("core.worker",), ("core.worker", "core.__main__")),
    ("", ("streamlit_drawable_canvas",), ("ui.components.canvas",)),
]


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """The names of all modules that a file imports, wherever in the file, with what it takes from them."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def within(name: str, package: str) -> bool:
    return not package or name == package or name.startswith(f"{package}.")


def row_of(name: str) -> str | None:
    """The longest entry of the table that a module belongs to."""
    return max((entry for entry in FLOOR if within(name, entry)), key=len, default=None)


def test_nobody_imports_from_a_floor_above_or_beside():
    wrong = []
    for path in SOURCES:
        mine = row_of(dotted(path))
        assert mine, f"{path} stands on no floor"
        for name in imported(path):
            other = row_of(name)
            if other and other != mine and FLOOR[other] >= FLOOR[mine]:
                wrong.append(f"{dotted(path)} ({mine}) imports {name} ({other})")
    assert wrong == []


def test_pages_do_not_import_each_other():
    pages = [p for p in SOURCES if dotted(p).startswith("pages.")]
    assert [f"{p.name}: {name}" for p in pages for name in imported(p) if within(name, "pages")] == []


def test_what_must_stay_out_stays_out():
    wrong = []
    for who, what, but in NEVER:
        for path in SOURCES:
            name = dotted(path)
            if within(name, who) and not any(within(name, package) for package in but):
                wrong += [f"{name}: {i}" for i in imported(path) if any(within(i, module) for module in what)]
    assert wrong == []


def test_charts_have_one_home():
    """So that none of them offers to send what it shows to anybody."""
    users = [dotted(p) for p in SOURCES if "st.plotly_chart(" in p.read_text()]
    assert users == ["ui.components.plotly_chart"]


def test_core_itself_is_small():
    """What belongs to a package stands in it."""
    assert len(list((ROOT / "core").glob("*.py"))) <= 5


SAYING = ("warning", "info", "success", "toast", "caption")


def test_sentences_from_elsewhere_are_said_letter_by_letter():
    """What is no text of the page itself may quote a file: `say` shows it, and all errors and warnings."""
    for path in (p for p in SOURCES if not within(dotted(p), "core") and dotted(p) != "ui.say"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name("st"), attr=kind), args=[first, *_]):
                    here = f"{path.name}:{node.lineno}: st.{kind}"
                    assert kind not in ("error", "exception"), here
                    names = {part.id for part in ast.walk(first) if isinstance(part, ast.Name)}
                    assert kind not in SAYING or not names & {"str", "problem", "absent", "reason"}, here


OPEN_EVERY_PAGE = """
import os, sys
from streamlit.testing.v1 import AppTest
from tests import shapes
at = AppTest.from_file(os.path.abspath("app.py"), default_timeout=60)
at.session_state["canvas"] = {"drawing": {"raw": shapes.fabric(7), "data": None}}
at.run()
assert not at.exception
at.switch_page("pages/about.py").run()
assert not at.exception
print([name for name in ("tensorflow", "keras") if name in sys.modules])
"""


def test_the_page_process_never_imports_tensorflow():
    done = subprocess.run(
        [sys.executable, "-c", OPEN_EVERY_PAGE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert done.stdout.splitlines()[-1] == "[]"
