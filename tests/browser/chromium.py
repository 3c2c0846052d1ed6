"""The Chromium for the browser tests: find one, or install one. `python -m tests.browser.chromium`"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# The headless shell is Chromium without a window, a menu and their processes: half the work for the same pages.
NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# No window, no sandbox for root, and no calls home, which would hang where there is no internet.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """Return the path of a Chromium or Chrome that starts: CHROMIUM, the system's, or Playwright's own."""
    named = os.environ.get("CHROMIUM", "")
    for path in (named, *(shutil.which(name) or "" for name in NAMES), *MAC):
        if path and _starts(path):
            return path
    own = _playwright_path()
    return own if _starts(own) else None


def main() -> int:
    """Make sure that there is one, and say which; 1 with what to do where there is none."""
    for install in (None, _from_debian, _from_playwright):
        if install:
            install()
        if path := find():
            print(f"browser tests use {path}")
            return 0
    print(
        "The browser tests need Chromium or Google Chrome. Install one (on Debian: apt-get install chromium), "
        "or name yours: CHROMIUM=/path/to/chrome make test",
        file=sys.stderr,
    )
    return 1


def _from_debian() -> None:
    """Install Debian's package; Ubuntu's is only a snap."""
    release = Path("/etc/os-release")
    if release.exists() and "ID=debian" in release.read_text(encoding="utf-8").splitlines():
        apt_install("fonts-dejavu-core")
        for package in ("chromium-headless-shell", "chromium"):  # an older Debian has only the second
            if not find():
                apt_install(package)


def apt_install(*packages: str) -> None:
    """Install packages of Debian or Ubuntu, as root or through a sudo that asks nothing; else do nothing."""
    if not shutil.which("apt-get"):
        return
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        _run([*root, "apt-get", *command])


def _from_playwright() -> None:
    _run([sys.executable, "-m", "playwright", "install", "chromium"])


def _run(command: list[str]) -> None:
    """Run an attempt whose failure only means that the next one is tried."""
    try:
        subprocess.run(
            command, check=False, timeout=600, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{' '.join(command)}: {error}", file=sys.stderr)


def _playwright_path() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _starts(path: str) -> bool:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
