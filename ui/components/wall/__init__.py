"""A class's drawings, as they arrive: their images travel once."""

import base64
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.storage.room_records import UNLABELLED, RoomDrawing
from ui.state import keys

HERE = Path(__file__).parent

SHOWN = 96  # drawings, the latest
AGAIN = 12  # of these, whose images are sent each time: a message may be overtaken by the next

_wall = st.components.v2.component(
    "digit_lab_wall",
    html='<div class="dl-wall-grid"></div>',
    css=(HERE / "wall.css").read_text(),
    js=(HERE / "wall.js").read_text(),
    isolate_styles=False,
)


def wall(
    drawn: Sequence[RoomDrawing], read: dict[int, int | None], hidden: bool, picked: Callable[[], None]
) -> None:
    """drawn: the first that came first. read: {its number: the digit, None where the network abstains}.

    hidden: no drawing is shown, nor is anything of one sent. picked: is called where one was tapped: `tapped`
    says which.
    """
    sent: set[int] = st.session_state.setdefault(keys.WALL_SENT, set())
    shown = list(reversed(drawn[-SHOWN:]))
    due = [one for place, one in enumerate(shown) if not hidden and (place < AGAIN or one.id not in sent)]
    sent |= {one.id for one in due}
    data = {
        "order": [
            [one.id, UNLABELLED, None, None]
            if hidden
            else [one.id, one.label, read.get(one.id), _right(one, read)]
            for one in shown
        ],
        "images": {one.id: base64.b64encode(one.pixels.tobytes()).decode() for one in due},
        "hidden": hidden,
    }
    _wall(key=keys.WALL, data=data, on_picked_change=picked, on_missing_change=_forget)


def _right(one: RoomDrawing, read: dict[int, int | None]) -> bool | None:
    return None if one.label == UNLABELLED else read.get(one.id) == one.label


def tapped() -> int | None:
    """Return the number of the drawing that was tapped just now."""
    picked = st.session_state[keys.WALL].picked
    return picked if isinstance(picked, int) else None


def _forget() -> None:
    missing = st.session_state[keys.WALL].missing
    if isinstance(missing, list):
        st.session_state[keys.WALL_SENT] -= {one for one in missing if isinstance(one, int)}
