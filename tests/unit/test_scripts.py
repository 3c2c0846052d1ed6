"""Our scripts: short, and each found whole by the bundler."""

from pathlib import Path

import pytest

from core.io.bundle import bundle
from core.models.exports import html_file

COMPONENTS = Path(__file__).parents[2] / "ui" / "components"
SCRIPTS = [path for path in sorted(COMPONENTS.rglob("*.js")) if not path.name.endswith(".min.js")]
ENTRIES = [path for path in SCRIPTS if "\nexport default " in path.read_text()] + [html_file.SCRIPT]


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
