"""A lesson once more: a class's drawings arrive as they did, in time-lapse."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from core.io.bundle import bundle
from core.storage.room_records import RoomDrawing
from ui.components import wall
from ui.state import keys
from ui.widgets import clock

HERE = Path(__file__).parent
PAUSE = 20.0  # seconds: longer ones, such as a night between two lessons, are passed over
PER_DRAWING, SHORTEST, LONGEST = 0.25, 5.0, 45.0  # seconds of the time-lapse

_replay = st.components.v2.component(
    "digit_lab_replay",
    html='<div class="dl-replay"><div class="dl-replay-bar"><button type="button">Play</button>'
    '<input type="range" min="0" max="1" step="any" value="1" aria-label="Moment of the lesson">'
    '<output aria-live="off"></output></div><div class="dl-wall-grid"></div></div>',
    css=(HERE.parent / "wall/wall.css").read_text(encoding="utf-8")
    + (HERE / "replay.css").read_text(encoding="utf-8"),
    js=bundle(HERE / "replay.js"),
    isolate_styles=False,
)


def moments(seconds: Sequence[float]) -> np.ndarray:
    """When each arrives in the time-lapse, float [n], 0..1, the last at 1. seconds: when it came, in order.

    >>> moments([0, 5, 10, 100_000]).round(3).tolist()
    [0.0, 0.167, 0.333, 1.0]
    """
    passed = np.cumsum(np.minimum(np.diff(np.asarray(seconds, float), prepend=seconds[:1]), PAUSE))
    return passed / passed[-1] if len(passed) and passed[-1] else np.zeros(len(passed))


def replay(drawn: Sequence[RoomDrawing], read: dict[int, int | None]) -> None:
    """drawn: all, the first that came first. read: as for `wall`, of all."""
    when = moments([one.created.timestamp() for one in drawn])
    data = {
        "order": [
            [one.id, one.label, read.get(one.id), wall.right(one, read), round(float(at), 5)]
            for one, at in zip(drawn, when, strict=True)
        ],
        "clocks": [f"{clock.at_viewers(one.created):%H:%M}" for one in drawn],
        "seconds": float(np.clip(PER_DRAWING * len(drawn), SHORTEST, LONGEST)),
        "images": wall.due(drawn[::-1], keys.REPLAY_SENT),
    }
    _replay(key=keys.REPLAY, data=data, on_missing_change=lambda: wall.forget(keys.REPLAY, keys.REPLAY_SENT))
