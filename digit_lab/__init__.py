"""The command `digit-lab`, for where the project is installed and not a folder that one works in."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# In a wheel everything lies beside this file, in a checkout one folder up: pyproject.toml.
ROOT = HERE if (HERE / "app.py").exists() else HERE.parent


def main() -> int:
    """Without arguments: start the app and open the browser. With them: `python -m core` and its exit code."""
    sys.path.insert(0, str(ROOT))
    if len(sys.argv) == 1:
        return start()
    from core.__main__ import main as command  # noqa: PLC0415  Only now it can be found.

    return command()


def start() -> int:
    """Serve the app until it is stopped, and open it in the browser; returns the server's exit code."""
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    environment = {**os.environ, "PYTHONPATH": _path(), "DIGIT_LAB_OPEN": "1"}
    try:
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0


def _path() -> str:
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
