"""Run every measurement and write docs/benchmarks.md: `make bench` (about twenty-three minutes).

`python -m benchmarks NAME ...` measures only these parts, named in `PARTS`, and leaves the others as they were.
"""

import datetime
import importlib
import os
import platform
import re
import sys
from pathlib import Path

OUT = Path(__file__).parents[1] / "docs" / "benchmarks.md"

PART = re.compile(r"<!-- (\w+) -->\n(.*?)(?=\n<!-- |\Z)", re.DOTALL)

HEAD = """# Benchmarks

`make bench`. Absolute times differ from machine to machine and, on a shared one, from hour to hour; what
stands in one table was measured in one run.
"""

# What is measured, in the order of the file; a module is imported when it is, for not all need a browser.
PARTS = {
    "drawing": "benchmarks.pages:drawing",
    "live": "benchmarks.pages:while_drawing",
    "training": "benchmarks.pages:learning",
    "learning": "benchmarks.see_learning:markdown",
    "lessons": "benchmarks.lessons:markdown",
    "gpu": "benchmarks.gpu:markdown",
    "sweep": "benchmarks.sweep:markdown",
    "inside": "benchmarks.pages:inside",
    "mistakes": "benchmarks.pages:mistakes",
    "teaching": "benchmarks.teaching:markdown",
    "digits": "benchmarks.pages:my_digits",
    "play": "benchmarks.play:markdown",
    "class": "benchmarks.class_room:markdown",
}


def main() -> None:
    """Measure the named parts, or all, and put them in place of what the file said of them."""
    for name in sys.argv[1:] or list(PARTS):
        module, function = PARTS[name].split(":")
        if text := getattr(importlib.import_module(module), function)():
            write(name, text)
    print(OUT.read_text(encoding="utf-8"))


def write(name: str, text: str, machine: str = "") -> None:
    """Put a part in place of what the file said of it. machine: what it was measured on, if not here."""
    parts = dict(PART.findall(OUT.read_text(encoding="utf-8")))
    parts[name] = f"\n*{datetime.date.today():%Y-%m-%d}, {machine or _machine()}*\n{text}\n"
    order = [name for name in dict.fromkeys([*PARTS, *parts]) if name in parts]  # others', of numbers.py, stay
    marked = "".join(f"\n<!-- {name} -->\n{parts[name].rstrip()}\n" for name in order)
    OUT.write_text(HEAD + marked, encoding="utf-8")


def _machine() -> str:
    """On what: 'AMD EPYC, 2 cores, Linux, Python 3.11.7'."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":")[1].strip()
            for line in info.read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
