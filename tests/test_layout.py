"""Who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "core").rglob("*.py"))
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """Return the names of all modules that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def top(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", CORE, ids=lambda p: str(p.relative_to(ROOT)))
def test_core_knows_no_page(path):
    assert not top(path) & {"streamlit", "streamlit_drawable_canvas", "pages", "app"}


@pytest.mark.parametrize("path", [*CORE, *PAGES], ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_worker_imports_tensorflow(path):
    if "worker" not in path.parts:
        assert not top(path) & {"tensorflow", "keras"}


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_do_not_import_the_worker(path):
    assert not any(name.startswith("core.worker") for name in imported(path))


def test_the_canvas_component_has_one_home():
    users = [p for p in [*CORE, *PAGES] if "streamlit_drawable_canvas" in top(p)]
    assert users == [ROOT / "pages" / "parts" / "canvas.py"]


def test_charts_have_one_home():
    """So that none of them offers to send what it shows to anybody: pages/parts/plots.py."""
    assert [p.name for p in PAGES if "plotly_chart(" in p.read_text()] == ["plots.py"]


SAYING = ("warning", "info", "success", "toast", "caption")


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_sentences_from_elsewhere_are_said_letter_by_letter(path):
    """What is no text of the page itself may quote a file: `say` shows it, and all errors and warnings."""
    if path.name == "say.py":
        return
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
