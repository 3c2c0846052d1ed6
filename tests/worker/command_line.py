"""The command line as tests call it."""

import contextlib
import io
import json
import signal

from core.__main__ import main

# -- trainings


def run(*arguments):
    """Return the exit code, the lines on stdout, and stderr."""
    out, err = io.StringIO(), io.StringIO()
    before = signal.getsignal(signal.SIGINT)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([*map(str, arguments)])
    finally:
        signal.signal(signal.SIGINT, before)  # a training takes Ctrl C
    return code, out.getvalue().splitlines(), err.getvalue()


def rows(*arguments):
    code, lines, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    return [json.loads(line) for line in lines]
