"""Our scripts: short, and each found whole by the bundler."""

import ast
import re
from pathlib import Path

import pytest

from core.io.bundle import bundle
from core.models.exports import html_file
from ui.components import term_notes

ROOT = Path(__file__).parents[2]
COMPONENTS = ROOT / "ui" / "components"
SCRIPTS = [path for path in sorted(COMPONENTS.rglob("*.js")) if not path.name.endswith(".min.js")]
ENTRIES = [path for path in SCRIPTS if "\nexport default " in path.read_text()]
ENTRIES += [html_file.SCRIPT, ROOT / "benchmarks" / "read_alone.js"]


def test_none_is_longer_than_three_hundred_lines():
    lengths = {str(path.relative_to(COMPONENTS)): len(path.read_text().splitlines()) for path in SCRIPTS}
    assert len(lengths) > 10
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_every_script_belongs_to_a_component():
    """It is an entry, or one imports it: nothing lies about."""
    sent = "".join(map(bundle, ENTRIES))
    for path in SCRIPTS:
        last = path.read_text().strip().splitlines()[-3:]
        assert all(line.removeprefix("export ") in sent for line in last), path.name


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_what_is_sent_is_one_module_without_imports(path):
    lines = bundle(path).splitlines()
    assert [line for line in lines if line.startswith("import")] == []
    assert sum(line.startswith("export default") for line in lines) == sum(
        line.startswith("export") for line in lines
    )


@pytest.mark.parametrize(
    "path", [path for path in ENTRIES if "function markTerms" in bundle(path)], ids=lambda path: path.stem
)
def test_a_component_that_marks_terms_is_given_the_words_and_the_look(path):
    script = term_notes.bundled(path)
    assert '"epochs": "epoch"' in script
    assert script.count("const GLOSSARY") == 1
    python = (path.parent / "__init__.py").read_text()
    assert f'term_notes.bundled(HERE / "{path.name}")' in python
    assert "term_notes.LINKS" in python


PROTOCOL = (COMPONENTS / "live" / "PROTOCOL.md").read_text()


def test_the_protocol_names_every_event_and_all_that_browsers_keep():
    said = {name for path in SCRIPTS for name in re.findall(r"""["'`](digit-lab-[a-z-]+)""", path.read_text())}
    assert {"digit-lab-pen", "digit-lab-kept-"} <= said
    assert {name for name in said if f"`{name}`" not in PROTOCOL} == set()


SAYS = [("answer_bars", "answer"), ("answer_bars", "_told"), ("canvas", "told"), ("heat", "place")]


@pytest.mark.parametrize(("component", "function"), SAYS)
def test_the_protocol_names_all_that_python_says(component, function):
    tree = ast.parse((COMPONENTS / component / "__init__.py").read_text())
    (body,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    dicts = [node for node in ast.walk(body) if isinstance(node, ast.Dict)]
    keys = {key.value for one in dicts for key in one.keys if isinstance(key, ast.Constant)}
    assert len(keys) > 3
    assert {key for key in keys if not re.search(rf"\b{key}\b", PROTOCOL)} == set()
