"""Files are UTF-8, also where the system's own encoding is another, as cp1252 under Windows."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("core", "ui", "pages", "digit_lab", "deploy", "benchmarks", "assets")
PLACE = {"read_text": 0, "write_text": 1}  # of the encoding among the arguments


def without_encoding(source: str) -> list[int]:
    """The lines that read or write a text without saying how: ruff finds those of what it knows as a path."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and len(node.args) <= PLACE.get(node.func.attr, -1)
        and not any(keyword.arg == "encoding" for keyword in node.keywords)
    ]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("HERE.read_text()", [1]),
        ("\n(HERE / 'a').write_text(text, newline='')", [2]),
        ("HERE.read_text('ascii')", []),
        ("HERE.read_text(encoding='utf-8')", []),
        ("HERE.write_text(text, 'utf-8')", []),
        ("HERE.read_bytes()", []),
    ],
)
def test_what_says_no_encoding_is_found(source, lines):
    assert without_encoding(source) == lines


def test_every_text_of_the_app_is_read_and_written_as_utf_8():
    files = [ROOT / "app.py", *(file for part in PARTS for file in (ROOT / part).rglob("*.py"))]
    assert len(files) > 300
    found = {str(file): without_encoding(file.read_text(encoding="utf-8")) for file in files}
    assert {file: lines for file, lines in found.items() if lines} == {}
