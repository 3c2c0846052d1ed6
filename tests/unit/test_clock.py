"""Times on pages are the viewer's; what a browser names may be anything."""

from datetime import UTC, datetime

import pytest
from streamlit.runtime.context import ContextProxy

from ui.widgets.clock import at_viewers

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "time"), [("Asia/Tokyo", "21:00"), ("America/New_York", "08:00"), ("Asia/Kolkata", "17:30")]
)
def test_a_moment_is_the_viewers(monkeypatch, zone, time):
    monkeypatch.setattr(ContextProxy, "timezone", zone)
    assert f"{at_viewers(NOON):%H:%M}" == time


@pytest.mark.parametrize(
    "zone", [None, "", "Atlantis", "Europe", "../../etc/passwd", "/etc/passwd", "a\0b", "a" * 999]
)
def test_without_a_known_zone_it_is_this_computers(monkeypatch, zone):
    monkeypatch.setattr(ContextProxy, "timezone", zone)
    assert at_viewers(NOON).utcoffset() == NOON.astimezone().utcoffset()
