"""Having a fragment run anew as soon as its room has changed, and not before."""

from pathlib import Path

import streamlit as st

from core.io.bundle import lean
from ui.state import keys

_watch = st.components.v2.component(
    "digit_lab_room_watch", js=lean((Path(__file__).parent / "room_watch.js").read_text(encoding="utf-8"))
)


def watch(code: str, seen: int, *, orders_only: bool = False, calm: float = 0.0) -> None:
    """Call it in the fragment that is to run. seen: `Room.changes`, or `Room.orders`, as it shows them.

    calm: seconds between two runs, at least.
    """
    data = {"code": code, "what": "orders" if orders_only else "all", "seen": seen, "calm": round(1000 * calm)}
    _watch(key=keys.ROOM_WATCH, data=data, on_changed_change=lambda: None, height=0)
