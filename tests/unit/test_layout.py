"""Who may import whom: the house as a table."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ui.state import keys

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "app.py"]
SOURCES += [p for part in ("core", "ui", "pages") for p in sorted((ROOT / part).rglob("*.py")) if p.read_text()]

# From the ground up. What stands in a row imports its own package and the rows above it, nothing else of ours.
# The longest name that fits is a module's row.
FLOORS = [
    ["core.paths", "core.words", "core.io", "core.nn.padding", "ui.plain", "ui.styles"],
    ["core.nn.layers"],
    ["core.nn.graph"],
    ["core.nn.architectures", "core.training.optimization"],
    ["core.records"],
    ["core.nn", "core.ink"],
    ["core.data"],
    ["core.training"],
    ["core.storage"],
    ["core.models"],
    ["core.runs"],
    ["core.rooms"],
    ["core.analysis", "core.worker"],
    ["ui.visits", "ui.reruns"],
    ["ui.room_routes"],
    ["core", "ui.server", "ui.map_routes", "ui.say"],
    ["ui.state"],
    ["ui.content"],
    ["ui.figures", "ui.widgets"],
    ["ui.components"],
    ["ui.sections"],
    ["ui.lessons"],
    ["pages"],
    ["app"],
]
FLOOR = {name: n for n, row in enumerate(FLOORS) for name in row}

# Besides: (who, what they must not import, but for these).
NEVER = [
    ("core", ("streamlit", "streamlit_drawable_canvas", "plotly"), ()),
    ("", ("tensorflow", "keras"), ("core.worker",)),
    ("", ("core.worker",), ("core.worker", "core.commands")),
    ("", ("streamlit_drawable_canvas",), ("ui.components.canvas",)),
]


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """The names of all modules that a file imports, wherever in the file, with what it takes from them."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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


def test_the_map_of_the_house_is_this_table():
    block = (ROOT / "docs" / "architecture.md").read_text().split("```")[1]
    assert [line.partition("#")[0].split() for line in block.strip().splitlines()] == FLOORS


def test_numbers_stand_where_the_map_says():
    told = re.findall(
        r"^\| [^|]+ \| (`[^|]+`) \| `([^|]+)` \|$", (ROOT / "docs" / "architecture.md").read_text(), re.M
    )
    assert len(told) > 8
    for names, file in told:
        text = (ROOT / file).read_text(encoding="utf-8")
        for name in re.findall(r"`(\w+)`", names):
            assert re.search(rf"^((export )?const )?{name} = ", text, re.M), (
                f"docs/architecture.md: no {name} in {file}"
            )


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


def test_whoever_is_said_to_call_a_module_does_and_nobody_else():
    """In the docstrings of modules that few others import; where many do, nobody is named."""
    wrong, told = [], 0
    imports = {dotted(path): imported(path) for path in SOURCES}
    for path in SOURCES:
        said = (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\nCalled by ")[2]
        names = set(re.findall(r"`([\w.]+)`", said.partition("\n\n")[0]))
        me = dotted(path)
        callers = {one for one, its in imports.items() if one != me and any(within(name, me) for name in its)}
        told += len(names)
        if names and names != callers:
            wrong.append(f"{me} is imported by {sorted(callers)}, not by {sorted(names)}")
    assert wrong == []
    assert told > 50


def test_pages_do_not_import_each_other():
    pages = [p for p in SOURCES if dotted(p).startswith("pages.")]
    assert [f"{p.name}: {name}" for p in pages for name in imported(p) if within(name, "pages")] == []


def test_a_page_reads_like_a_table_of_contents():
    """What has a life of its own is a section."""
    lines = {p.name: len(p.read_text().splitlines()) for p in sorted((ROOT / "pages").glob("*.py"))}
    assert {name: count for name, count in lines.items() if count > 130} == {}


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


# -- what a session keeps

PAGE_SIDE = [p for p in SOURCES if not within(dotted(p), "core") and not within(dotted(p), "ui.state")]
PAGE_SIDE_AND_STATE = [p for p in SOURCES if not within(dotted(p), "core")]
# What keeps nothing, or only whether it is open, which it says itself: its key is a hook of a style or a test.
KEEPS_NOTHING = {"container", "button", "download_button", "popover", "expander", "dataframe"}
# And of ours; a chart, as long as nothing is selected in it.
KEEPS_NOTHING |= {"chart", "live_chart", "pixel_grid", "learning"}
TAKING = {"get", "pop", "setdefault"}


def is_literal(node: ast.AST | None, constants: set[str]) -> bool:
    """Is it a text, also one that is put together, or a name that this module gives to one?"""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.Name(id=name):
            return name in constants
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return any(is_literal(part, constants) for part in parts)
    return False


def texts_of(tree: ast.Module) -> set[str]:
    """The names that stand for texts wherever this module is used."""
    names = set()
    for node in tree.body:
        for one in node.targets if isinstance(node, ast.Assign) else ():
            value = node.value if isinstance(node, ast.Assign) else None
            for name in one.elts if isinstance(one, ast.Tuple) else [one]:
                if isinstance(name, ast.Name) and is_literal(value, set()):
                    names.add(name.id)
    return names


def of_state(node: ast.AST) -> bool:
    """`st.session_state`, or a local name for it."""
    return ast.unparse(node) in ("st.session_state", "state")


def keeps_nothing(call: ast.Call, components: set[str]) -> bool:
    named = {keyword.arg for keyword in call.keywords}
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    answers = any(arg and arg.startswith("on_") and arg.endswith("_change") for arg in named)
    return (name in KEEPS_NOTHING and "on_select" not in named) or (name in components and not answers)


def literal_keys(path: Path) -> list[str]:
    """Where this file names, itself, something that a session keeps."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = texts_of(tree)
    components = {
        node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and ast.unparse(node.value).startswith("st.components.v2.component(")
    }
    wrong = []
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=state, slice=key) if of_state(state):
                bad = is_literal(key, constants)
            case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[state]) if of_state(state):
                bad = is_literal(key, constants)
            case ast.Call(func=ast.Attribute(value=state, attr=name), args=[key, *_]) if of_state(state):
                bad = name in TAKING and is_literal(key, constants)
            case ast.Call(keywords=named) if not keeps_nothing(node, components):
                bad = any(k.arg == "key" and is_literal(k.value, constants) for k in named)
            case _:
                continue
        if bad:
            wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)[:60]}")
    return wrong


def test_only_the_state_names_what_a_session_keeps():
    """Elsewhere no name of its own is put into the session, nor onto a field that keeps a value."""
    assert [place for path in PAGE_SIDE for place in literal_keys(path)] == []


def test_the_names_stand_once():
    """No page spells out a key; those that are a plain word are told from other texts by the test above."""
    known = {value for name, value in vars(keys).items() if name.isupper() and isinstance(value, str)}
    spelt = known - {value for value in known if value.isalpha()}
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for path in PAGE_SIDE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in spelt
    ]
    assert wrong == []


def test_no_two_keys_are_the_same():
    values = [value for name, value in vars(keys).items() if name.isupper()]
    twice = {value for value in values if values.count(value) > 1}
    assert twice == {keys.LAYER_DIAGRAM}  # said there


def test_pages_see_what_is_stored_as_their_visitor_does():
    """The store of the whole program, its jobs and any run's network are asked for in one place each."""
    asks = {
        "open_store(": ["ui.room_routes", "ui.state.visitor"],  # the first tells counts of changes alone
        "queue.jobs()": ["ui.state.worker"],
        "registry.classifier(": [],
    }
    for text, known in asks.items():
        users = {
            dotted(p)
            for p in PAGE_SIDE_AND_STATE
            for line in p.read_text().splitlines()
            if text in line and not re.search(r"registry\.classifier\([^()]+, visitor\.name\(\)\)", line)
        }
        assert sorted(users) == known, text


def test_only_navigation_goes_to_another_page():
    """So that what a page is opened with is written by functions, not by other pages."""
    users = [dotted(p) for p in SOURCES if "switch_page(" in p.read_text()]
    assert users == ["app", "ui.state.navigation"]


@pytest.mark.parametrize(
    "source",
    [
        'st.session_state["run"] = 1',
        'st.session_state[f"run-{1}"]',
        '_KEY = "run"\nst.session_state.get(_KEY)',
        '_A, _B = "run", "other"\nst.session_state.pop(_A, None)',
        'state = st.session_state\nstate.setdefault("run", 1)',
        '"run" in st.session_state',
        'st.slider("Size", key="run")',
        '_KEY = "run"\nst.slider("Size", key=_KEY)',
        'st.dataframe(rows, key="run", on_select="rerun")',
        '_it = st.components.v2.component("it")\n_it(key="run", on_pick_change=print)',
    ],
)
def test_a_name_of_its_own_is_found(tmp_path, monkeypatch, source):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "page.py").write_text(source)
    assert len(literal_keys(tmp_path / "page.py")) == 1


def test_what_a_data_set_is_is_asked_of_its_kind():
    """Its noun is for sentences: what depends on the kind of data set is a property of `datasets.Kind`."""
    switches = [dotted(p) for p in SOURCES if re.search(r"noun\]? ?(==|!=)|noun\[", p.read_text())]
    assert switches == ["core.data.datasets"]
