"""A digit that grows, or gets sharper, on every screen of a class at once."""

import time
from pathlib import Path
from typing import Any

import streamlit as st

_guess = st.components.v2.component(
    "digit_lab_guess",
    html='<div class="dl-guess"><div><canvas role="img" aria-label="A digit that appears bit by bit"></canvas>'
    '</div><p role="status"></p></div>',
    js=(Path(__file__).parent / "guess.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def guess(settings: dict[str, Any], *, shows: bool) -> None:
    """settings: as `guessing.question` makes them. shows: is it said when the network knew it?

    Which digit it is the browser is not told, nor, before it is time, when the network knows it.
    """
    data = {name: settings[name] for name in ("strokes", "seconds")}
    data |= {
        "blur": settings["blur"] if settings.get("way") == "blur" else 0,
        "left": settings["began"] - time.time(),
        "knows": settings["knows"] if shows else None,
        "shows": shows,
    }
    _guess(key="guess", data=data)
