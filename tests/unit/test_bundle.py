"""A component's modules as one script."""

import json
import shutil
import subprocess

import pytest

from core.io.bundle import BundleError, bundle, lean

ENTRY = """import { double } from "./arithmetic.js";

export default function ({ data }) {
  return double(data);
}
"""


@pytest.fixture
def write(tmp_path):
    """Writes modules into a folder, and returns the path of the first."""

    def written(**modules: str):
        for name, text in modules.items():
            (tmp_path / f"{name}.js").write_text(text)
        return tmp_path / f"{next(iter(modules))}.js"

    return written


def test_what_is_imported_stands_first_and_only_the_default_is_exported(write):
    entry = write(entry=ENTRY, arithmetic="// Twice.\nexport const double = (n) => 2 * n;\nconst unused = 1;\n")
    assert bundle(entry) == (
        "// Twice.\nconst double = (n) => 2 * n;\nconst unused = 1;\n\n"
        "export default function ({ data }) {\n  return double(data);\n}\n"
    )


def test_a_module_that_two_import_comes_once_and_before_both(write):
    entry = write(
        entry='import { b } from "./b.js";\nimport {\n  c,\n} from "./c.js";\nexport default [b, c];\n',
        b='import { d } from "./d.js";\nexport function b() {\n  return d;\n}\n',
        c='import { d } from "./d.js";\nexport class c extends d {}\n',
        d="export class d {}\n",
    )
    made = bundle(entry)
    assert made.count("class d {}") == 1
    assert made.index("class d {}") < made.index("function b()") < made.index("class c") < made.index("default")
    assert "import" not in made


def test_comments_are_not_sent_and_all_else_is():
    text = (
        "// Twice.\nconst a = 1; // one\n\n  /** @type {number} */\nlet b;\n"
        "/**\n * Long * and /slashes/.\n */\n"
        'const url = "http://x";\n  return /** @type {any} */ (b);\nconst c = `\n/* kept */ ${a}`;\n'
    )
    assert lean(text) == (
        'const a = 1; // one\n\nlet b;\nconst url = "http://x";\n  return /** @type {any} */ (b);\n'
        "const c = `\n/* kept */ ${a}`;\n"
    )


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not needed to run the app")
def test_the_bundle_runs(write, tmp_path):
    entry = write(entry=ENTRY, arithmetic="const two = 2;\nexport const double = (n) => two * n;\n")
    (tmp_path / "bundle.mjs").write_text(bundle(entry))
    program = 'import f from "./bundle.mjs"; console.log(JSON.stringify(f({ data: 21 })));'
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == 42


REFUSED = {
    "Both other.js and entry.js declare x": (
        'import { y } from "./other.js";\nlet x = y;',
        "const x = 1;\nexport const y = x;",
    ),
    "entry.js imports y, which other.js does not export": ('import { y } from "./other.js";', "const y = 1;"),
    "entry.js imports z, which other.js does not export": (
        'import { z } from "./other.js";',
        "export let y = 1;",
    ),
    "in a circle: entry.js -> other.js -> entry.js": (
        'import { y } from "./other.js";\nexport const x = 1;',
        'import { x } from "./entry.js";\nexport const y = x;',
    ),
    "entry.js imports none.js, which does not exist": ('import { y } from "./none.js";', ""),
    "nothing can be renamed when it is imported: import { x as y }": (
        'import { x as y } from "./other.js";',
        "export const x = 1;",
    ),
    "cannot be bundled: import y from": ('import y from "./other.js";', "export const y = 1;"),
    "cannot be bundled: import * as y": ('import * as y from "./other.js";', "export const y = 1;"),
    'cannot be bundled: import "./other.js"': ('import "./other.js";', ""),
    "cannot be bundled: import { y } from 'y'": ("import { y } from 'y';", ""),
    "cannot be bundled: export { x };": ("const x = 1;\nexport { x };", ""),
    "cannot be bundled: export * from": ('export * from "./other.js";', ""),
    r"cannot be bundled: const \[x, y\]": ("const [x, y] = [1, 2];", ""),
    "only the entry has a default export": (
        'import { y } from "./other.js";',
        "export const y = 1;\nexport default y;",
    ),
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_it_cannot_do_is_refused_in_a_sentence(write, said):
    entry, other = REFUSED[said]
    with pytest.raises(BundleError, match=said.replace("*", r"\*").replace("{", r"\{")):
        bundle(write(entry=entry, other=other))
