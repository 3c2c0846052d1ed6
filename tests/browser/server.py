"""The app as users start it, on a free port, for tests and the benchmark."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def serve(
    script: str = "app.py", variables: dict[str, str] | None = None, port: int | None = None
) -> Iterator[tuple[str, int]]:
    """Start `streamlit run script` and yield its address and process number; stop it at the end."""
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
        yield from _serve(command, environment, port)


def _serve(command: list[str], environment: dict[str, str], port: int) -> Iterator[tuple[str, int]]:
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://localhost:{port}/_stcore/health", process)
            yield f"http://localhost:{port}", process.pid
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen, seconds: float = 60) -> None:
    """Return once the address answers. Raises RuntimeError when the process ends or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not answer")
