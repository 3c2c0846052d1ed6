"""The process that trains gives way to the pages."""

import os

import pytest

from core.runs import executors


@pytest.mark.skipif(not hasattr(os, "nice"), reason="this system has no niceness")
@pytest.mark.parametrize(("said", "more"), [(None, 10), ("3", 3), ("0", 0), ("a lot", 10)])
def test_trainings_give_way_to_pages_as_far_as_is_said(monkeypatch, said, more):
    monkeypatch.delenv("DIGIT_LAB_NICENESS", raising=False)
    if said is not None:
        monkeypatch.setenv("DIGIT_LAB_NICENESS", said)
    with executors.local() as executor:
        assert executor.submit(os.nice, 0).result() == min(os.nice(0) + more, 19)
