"""Moments as the viewer's clock shows them: a server's own is often UTC."""

from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st


def at_viewers(moment: datetime) -> datetime:
    """Return a moment in the viewer's time zone; in this computer's where a browser names none that is known.

    moment: with a time zone.
    """
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or ""))
    except (LookupError, OSError, ValueError):
        return moment.astimezone()
