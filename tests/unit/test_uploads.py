"""How large a file may be: each uploader says it, and the server lets it through."""

import ast
import tomllib
from pathlib import Path

import pytest

from core.data import own_classes
from core.ink import files
from core.models import keras_import
from core.storage import exchange_bounds

ROOT = Path(__file__).parents[2]
LIMITS = {
    "files": files.MAX_BYTES,
    "exchange_bounds": exchange_bounds.MAX_BYTES,
    "keras_import": keras_import.MAX_BYTES,
    "own_classes": own_classes.MAX_BYTES,
}


def uploaders() -> list[tuple[str, ast.Call]]:
    calls = [
        (str(path.relative_to(ROOT)), node)
        for folder in ("pages", "ui")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "file_uploader"
    ]
    assert len(calls) >= 5
    return calls


@pytest.mark.parametrize(
    ("path", "call"), uploaders(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_uploader_says_the_limit_of_what_reads_the_file(path, call):
    (said,) = [ast.unparse(k.value) for k in call.keywords if k.arg == "max_upload_size"]
    assert said in {f"{module}.MAX_BYTES // 10 ** 6" for module in LIMITS}


def test_the_server_takes_the_largest_file_that_a_page_does():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert settings["server"]["maxUploadSize"] * 10**6 >= max(LIMITS.values())
