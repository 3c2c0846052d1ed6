"""What is installed is what the short lists ask for, and nothing else by name or by content."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = {
    "requirements.lock": ["requirements.txt"],
    "requirements-dev.lock": ["requirements.txt", "requirements-server.txt", "requirements-dev.txt"],
}


def asked(name: str) -> dict[str, str]:
    """The versions that a short list pins, by package."""
    lines = (ROOT / name).read_text().splitlines()
    found = [re.match(r"([\w.-]+)(?:\[\w+\])?==(\S+)", line) for line in lines]
    assert all(found[n] or re.match(r"#|-r |$", line) for n, line in enumerate(lines)), (
        "each line pins a version"
    )
    return {re.sub(r"[-_.]+", "-", m[1]).lower(): m[2] for m in found if m}


def locked(name: str) -> list[tuple[str, str, int]]:
    """(package, version, how many hashes) of each entry of a lock."""
    entries = re.split(r"\n(?=\w)", (ROOT / name).read_text())
    found = [(re.match(r"([\w.-]+)(?:\[\w+\])?==([^\s;]+)", entry), entry) for entry in entries]
    return [(m[1].lower(), m[2], entry.count("--hash=sha256:")) for m, entry in found if m]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_is_asked_for_with_hashes(lock):
    entries = locked(lock)
    assert all(hashes for *_, hashes in entries)
    versions = {(package, version) for package, version, _ in entries}
    for name in LOCKS[lock]:
        assert set(asked(name).items()) <= versions


def test_tests_run_with_the_versions_that_users_get():
    assert {entry[:2] for entry in locked("requirements.lock")} <= {
        entry[:2] for entry in locked("requirements-dev.lock")
    }
