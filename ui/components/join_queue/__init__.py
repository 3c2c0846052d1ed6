"""What a phone has drawn and the server does not have yet: kept in the browser, and sent when it can be."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.io.bundle import bundle, lean
from ui.state import keys

HERE = Path(__file__).parent

_queue = st.components.v2.component(
    "digit_lab_join_queue",
    html='<p class="dl-now-asked" role="status"></p><p class="dl-kept" role="status"></p>'
    '<dialog class="dl-pad" aria-label="Draw on"><p></p><canvas></canvas>'
    '<div><button type="button">Keep it, next</button><button type="button">Clear</button></div></dialog>',
    css=(HERE / "join_queue.css").read_text(encoding="utf-8"),
    js=lean(bundle(HERE / "join_queue.js")),
    isolate_styles=False,
)


def queue(
    code: str, turn: int, task: int, asked: int, label: str, taken: Sequence[str], draws: bool, full: str,
    store: Callable[[], None],
) -> None:  # fmt: skip
    """task: the number of the one that asks, 0 for none. label: what is asked for in words, read out, too.
    turn: how many taps on 'next' this session has handled. taken: of what was sent, the ids that are stored.

    full: one sentence where what is kept will never be stored: the browser stops sending it. store: is called
    where the browser has sent something: `sent` says what.
    """
    data = {"room": code, "turn": turn, "task": task, "asked": asked, "label": label}
    data |= {"taken": list(taken), "draws": draws, "full": full}
    _queue(key=keys.JOIN_QUEUE, data=data, on_sent_change=store)


def sent() -> list[dict[str, Any]]:
    """Return what the browser has sent: {id, task, label, strokes, brushes, canvas} each, not yet looked at."""
    said = st.session_state[keys.JOIN_QUEUE].sent
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
