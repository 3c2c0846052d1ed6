"""ES modules -> one script: Streamlit takes a component's script as text, with no address to import from.

It knows as much of JavaScript as our modules use: `import { a, b } from "./x.js";` and `export` before what is
declared, both at the beginning of a line. All names of a component's modules share one scope in the end, so no
two of them may declare the same. `make lint` reads the modules as they are, with real imports.
"""

import re
from dataclasses import dataclass
from pathlib import Path


class BundleError(ValueError):
    """A module does not fit the others, or says what this does not understand."""


_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)
_IMPORT = re.compile(r'^import\s*\{(?P<names>[^}]*)\}\s*from\s*"(?P<path>\.[^"]*)";[ \t]*\n?', re.MULTILINE)
_ANY_IMPORT = re.compile(r"^import\b.*|^export\b.*\bfrom\b.*", re.MULTILINE)
_DEFAULT = re.compile(r"^export default\b.*", re.MULTILINE)
_DECLARATION = re.compile(
    r"^(?P<export>export )?(?:async )?(?:function\*?|class|const|let|var)\s+(?P<name>[\w$]+)", re.MULTILINE
)
_ANY_DECLARATION = re.compile(r"^(?:export\b(?! default\b)|(?:const|let|var)\b).*", re.MULTILINE)


@dataclass(frozen=True)
class _Module:
    """imports: names by the path of the module that they are taken from; text: without imports and `export`."""

    path: Path
    imports: dict[Path, list[str]]
    exported: frozenset[str]
    declared: tuple[str, ...]
    text: str


def bundle(entry: Path) -> str:
    """Return the module and all that it imports as one module, each after those that it imports.

    Only the entry may have a default export; the bundle has that and no other. BundleError where a module is
    missing, where they import each other in a circle, where what is imported is not exported, where two declare
    the same name, and where an import or export is of another form than said above.
    """
    modules: dict[Path, _Module] = {}
    _collect(entry.resolve(), (), modules)
    owners: dict[str, Path] = {}
    for module in modules.values():
        for path, names in module.imports.items():
            for name in names:
                if name not in modules[path].exported:
                    raise BundleError(f"{module.path.name} imports {name}, which {path.name} does not export.")
        for name in module.declared:
            if name in owners:
                raise BundleError(f"Both {owners[name].name} and {module.path.name} declare {name}.")
            owners[name] = module.path
    return "\n".join(module.text for module in modules.values())


def lean(script: str) -> str:
    """Return a script without the lines that are nothing but comments: a fifth less to send."""
    return _COMMENT.sub("", script)


def _collect(path: Path, above: tuple[Path, ...], modules: dict[Path, _Module]) -> None:
    """Add the module after those that it imports. above: those that are being collected, the entry first."""
    if path in above:
        circle = " -> ".join(p.name for p in (*above[above.index(path) :], path))
        raise BundleError(f"Modules import each other in a circle: {circle}.")
    if path in modules:
        return
    if not path.is_file():
        raise BundleError(
            f"{above[-1].name if above else 'The entry'} imports {path.name}, which does not exist."
        )
    module = _parse(path, is_entry=not above)
    for other in module.imports:
        _collect(other, (*above, path), modules)
    modules[path] = module


def _parse(path: Path, *, is_entry: bool) -> _Module:
    source = path.read_text(encoding="utf-8")
    imports: dict[Path, list[str]] = {}
    for found in _IMPORT.finditer(source):
        names = [name.strip() for name in found["names"].split(",") if name.strip()]
        if any(not re.fullmatch(r"[\w$]+", name) for name in names):
            raise BundleError(f"{path.name}: nothing can be renamed when it is imported: {found[0].strip()}")
        imports.setdefault((path.parent / found["path"]).resolve(), []).extend(names)
    text = _IMPORT.sub("", source)
    declarations = list(_DECLARATION.finditer(text))
    known = {declaration.start() for declaration in declarations}
    for other in (*_ANY_IMPORT.finditer(text), *_ANY_DECLARATION.finditer(text)):
        if other.start() not in known:
            raise BundleError(f"{path.name}: this cannot be bundled: {other[0]}")
    if not is_entry and (default := _DEFAULT.search(text)):
        raise BundleError(f"{path.name}: only the entry has a default export: {default[0]}")
    return _Module(
        path,
        imports,
        frozenset(d["name"] for d in declarations if d["export"]),
        tuple(d["name"] for d in declarations),
        re.sub(r"^export (?!default\b)", "", text, flags=re.MULTILINE).strip() + "\n",
    )
