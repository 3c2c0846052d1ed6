"""The command `digit-lab`, as it is where the project is installed."""

import os
import signal
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest

from tests.browser.server import free_port, wait_for

ROOT = Path(__file__).parents[2]
COMMAND = "import sys; sys.argv[0] = 'digit-lab'; import digit_lab; sys.exit(digit_lab.main())"


@pytest.fixture
def environment(tmp_path):
    """Whoever installed it has it on the path; here the checkout is."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "DIGIT_LAB_HOME": str(tmp_path / "home")}


def run(*words: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", COMMAND, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, **options)


def test_with_words_it_is_the_command_line(tmp_path, environment):
    done = run("recipes", cwd=tmp_path, env=environment)
    assert done.returncode == 0
    assert done.stdout.startswith("quick: ")


def test_alone_it_starts_the_app_and_opens_the_browser(tmp_path, environment):
    """From any folder; the browser here is a script that writes down what it was asked for."""
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}\n')
    browser.chmod(0o755)
    port = free_port()
    more = {"BROWSER": str(browser), "STREAMLIT_SERVER_PORT": str(port)}
    command = [sys.executable, "-c", COMMAND]
    with subprocess.Popen(
        command, cwd=tmp_path, env={**environment, **more}, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            wait_for(f"http://localhost:{port}/_stcore/health", process)
            with urllib.request.urlopen(f"http://localhost:{port}/", timeout=20) as page:
                assert page.headers["Content-Security-Policy"] == "frame-ancestors 'self'"
            deadline = time.monotonic() + 20
            while not (opened.exists() and opened.read_text()) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert opened.read_text() == f"http://localhost:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def test_the_wheel_holds_all_that_the_app_needs():
    """Every folder that Git knows and that the app reads is put into it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    inside = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {"app.py", "core", "pages", "ui", "assets", ".streamlit"} <= inside.keys()
    assert all(path == f"digit_lab/{name}" for name, path in inside.items())
