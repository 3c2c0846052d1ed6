"""Having a fragment run anew as soon as its room has changed, and not before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from core.io.bundle import lean
from core.storage.database import NotNow
from ui import say
from ui.state import keys

AGAIN = 2.0  # seconds between two tries while the database cannot be asked

_watch = st.components.v2.component(
    "digit_lab_room_watch", js=lean((Path(__file__).parent / "room_watch.js").read_text(encoding="utf-8"))
)


def watch(code: str, seen: int, *, orders_only: bool = False, calm: float = 0.0) -> None:
    """Call it in the fragment that is to run. seen: `Room.changes`, or `Room.orders`, as it shows them.

    calm: seconds between two runs, at least.
    """
    data = {"code": code, "what": "orders" if orders_only else "all", "seen": seen, "calm": round(1000 * calm)}
    _watch(key=keys.ROOM_WATCH, data=data, on_changed_change=lambda: None, height=0)


@contextmanager
def comes_back(code: str) -> Iterator[None]:
    """Say it where the database is away for a moment, and have what runs here run again until it is back.

    Else nothing would wake a phone: what is shown instead waits for nothing.
    """
    try:
        yield
    except NotNow as error:
        say.error(error)
        watch(code, 0, orders_only=True, calm=AGAIN)  # no room has had so few orders
