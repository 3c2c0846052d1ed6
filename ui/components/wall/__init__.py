"""A class's drawings, as they arrive: their images travel once."""

import base64
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.io.bundle import bundle
from core.storage.room_records import UNLABELLED, RoomDrawing
from ui.state import keys

HERE = Path(__file__).parent

SHOWN = 96  # drawings, the latest
SENT = 1_000  # images in one message, 1 MB: the browser asks for the rest
AGAIN = 12  # of those shown, whose images are sent each time: a message may be overtaken by the next

_wall = st.components.v2.component(
    "digit_lab_wall",
    html='<div class="dl-wall-grid"></div>',
    css=(HERE / "wall.css").read_text(encoding="utf-8"),
    js=bundle(HERE / "wall.js"),
    isolate_styles=False,
)


def wall(
    drawn: Sequence[RoomDrawing], read: dict[int, int | None], hidden: bool, picked: Callable[[], None]
) -> None:
    """drawn: the first that came first. read: {its number: the digit, None where the network abstains}.

    hidden: no drawing is shown, nor is anything of one sent. picked: is called where one was tapped: `tapped`
    says which.
    """
    shown = list(reversed(drawn[-SHOWN:]))
    data = {
        "order": [
            [one.id, UNLABELLED, None, None]
            if hidden
            else [one.id, one.label, read.get(one.id), right(one, read)]
            for one in shown
        ],
        "images": {} if hidden else due(shown, keys.WALL_SENT),
        "hidden": hidden,
    }
    _wall(
        key=keys.WALL,
        data=data,
        on_picked_change=picked,
        on_missing_change=lambda: forget(keys.WALL, keys.WALL_SENT),
    )


def due(shown: Sequence[RoomDrawing], key: str) -> dict[int, str]:
    """Return the images that a browser has to be sent now, {number: 784 bytes as base64}, SENT at most.

    shown: the latest first. key: of the session's numbers that were sent: each component has its own.
    """
    sent: set[int] = st.session_state.setdefault(key, set())
    found = [one for place, one in enumerate(shown) if place < AGAIN or one.id not in sent][:SENT]
    sent |= {one.id for one in found}
    return {one.id: base64.b64encode(one.pixels.tobytes()).decode() for one in found}


def right(one: RoomDrawing, read: dict[int, int | None]) -> bool | None:
    return None if one.label == UNLABELLED else read.get(one.id) == one.label


def tapped(key: str = keys.WALL) -> int | None:
    """Return the number of the drawing that was tapped just now."""
    picked = st.session_state[key].picked
    return picked if isinstance(picked, int) else None


def forget(key: str, sent: str) -> None:
    """A browser says that images have not come: they are sent again. Keys: the component's, and as in `due`."""
    missing = st.session_state[key].missing
    if isinstance(missing, list):
        st.session_state[sent] -= {one for one in missing if isinstance(one, int)}
