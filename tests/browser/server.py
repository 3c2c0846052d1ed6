"""The app as users start it, on a free port, for tests and the benchmark."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deploy.local import free_port, wait_for

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def serve(
    script: str = "app.py", variables: dict[str, str] | None = None, port: int | None = None
) -> Iterator[tuple[str, int]]:
    """Start `streamlit run script` and yield its address, path too, and process number; end it at the end."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    with tempfile.TemporaryDirectory(prefix="digit-lab-") as home:
        environment = {
            **os.environ,
            "DIGIT_LAB_HOME": home,
            "STREAMLIT_SERVER_ADDRESS": "localhost",
            "DIGIT_LAB_LOCAL_USER": "0",  # each browser is somebody else, though all are on this computer
            **(variables or {}),
        }
        base = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        yield from _serve(command, environment, f"http://localhost:{port}/{base}".rstrip("/"))


def _serve(command: list[str], environment: dict[str, str], url: str) -> Iterator[tuple[str, int]]:
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(f"{url}/_stcore/health", process)
            yield url, process.pid
        finally:
            process.terminate()
