"""The canvas: the only place that calls st_canvas or knows what it sends.

The drawing lives in `st.session_state` as a history of Fabric.js objects, so undo, redo and clear
work on a phone, from the keyboard and across pages; the canvas itself forgets when its page closes.
"""

import contextlib
import time
from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from core import fabric, files
from core.datasets import ASSETS
from core.records import Drawing

SIDE = 328  # pixels: what a phone that is 360 wide has room for
INK = "#5b60f0"  # readable on light and on dark paper
BRUSHES = (4, 40, 18)  # narrowest, widest, at first
MOST_STATES = 200  # that undo goes back to

_KEY = "canvas"
_HISTORY, _PLACE, _LOADED, _ECHOES = "canvas_history", "canvas_place", "canvas_loaded", "canvas_echoes"
_ECHO_SECONDS = 3.0  # the browser sends back what it was handed, within this time

SHORTCUTS = {
    "ctrl+z": "undo",
    "ctrl+shift+z": "redo",
    "ctrl+y": "redo",
    "delete": "clear",
    "backspace": "clear",
}

_SCRIPT = "\n".join((ASSETS / name).read_text() for name in ("canvas_hold.js", "canvas_helpers.js"))
_helpers = st.components.v2.component("digit_lab_canvas_helpers", js=_SCRIPT)


def drawing_canvas() -> Drawing:
    """Show the canvas and return what is on it now."""
    state = st.session_state
    state.setdefault(_HISTORY, [[]])
    state.setdefault(_PLACE, 0)
    state.setdefault(_LOADED, {"objects": [], "nonce": 0})
    if _KEY not in state:  # opened for the first time, or again
        _load(_current())
    result = st_canvas(
        key=_KEY,
        width=SIDE,
        height=SIDE,
        stroke_width=state.get("brush", BRUSHES[2]),
        stroke_color=INK,
        initial_drawing=state[_LOADED],
        # Never reached. From it the browser knows which drawing the canvas has loaded: assets/canvas_hold.js.
        max_display_height=SIDE + state[_LOADED]["nonce"],
    )
    objects = (result.json_data or {}).get("objects", [])
    if _paths(objects) != _paths(_current()) and not _is_echo(objects):
        _remember_each(objects)
    return fabric.to_drawing(_current(), SIDE)


def last_drawing() -> Drawing:
    """Return what is on the canvas, from any page; without strokes where nothing was drawn."""
    if _HISTORY not in st.session_state:
        return Drawing(())
    return fabric.to_drawing(_current(), SIDE)


def told() -> dict[str, Any]:
    """Return what the browser is to know of the drawing while it follows the pen: see assets/live_bars.js."""
    drawing = last_drawing()
    return {
        "key": _KEY,
        "brush": st.session_state.get("brush", BRUSHES[2]),
        "side": SIDE,
        "untouched": _untouched(),
        "loaded": st.session_state[_LOADED]["nonce"],
        "strokes": [np.rint(100 * stroke).astype(int).ravel().tolist() for stroke in drawing.strokes],
        "brushes": drawing.brushes,
    }


def helpers() -> None:
    """Send the drawing as soon as the pen is lifted, and listen for shortcuts. Call it once, at the end."""
    _helpers(key="canvas-helpers", data={"canvas": _KEY, "side": SIDE, "keys": SHORTCUTS})


def put(drawing: Drawing) -> None:
    """Replace what is on the canvas; one undo brings it back. Call it before `drawing_canvas`."""
    st.session_state.setdefault(_HISTORY, [[]])
    st.session_state.setdefault(_PLACE, 0)
    _remember(fabric.to_objects(drawing, SIDE, ink=INK, brush=BRUSHES[2]))
    _replace()


def bring_back(content: object) -> None:
    """Put the drawing that the browser tab had before it was loaded again onto a canvas that is untouched.

    content: as `files.to_drawing` takes it, from the tab's own storage. What is no drawing is left out: nobody
    has asked for it.
    """
    with contextlib.suppress(files.BadInput):
        if _untouched() and (drawing := files.to_drawing(content)).strokes:
            put(drawing)


def buttons() -> None:
    """Undo, redo and clear, without tooltips: those would lie over the canvas and catch the pen."""
    place, last = st.session_state[_PLACE], len(st.session_state[_HISTORY]) - 1
    st.button("Undo", key="undo", on_click=_go, args=(-1,), disabled=place == 0)
    st.button("Redo", key="redo", on_click=_go, args=(1,), disabled=place == last)
    st.button("Clear", key="clear", on_click=_clear, disabled=not _current())


def _current() -> list[dict[str, Any]]:
    return st.session_state[_HISTORY][st.session_state[_PLACE]]


def _untouched() -> bool:
    """Has nothing been drawn in this session, nor cleared, nor undone?"""
    return st.session_state.get(_HISTORY, [[]]) == [[]]


def _remember_each(objects: list[dict[str, Any]]) -> None:
    """Add a state for each new stroke: over a slow network several may come at once."""
    known = len(_current())
    if _paths(objects[:known]) != _paths(_current()):
        known = len(objects) - 1
    for count in range(known, len(objects)):
        _remember(objects[: count + 1])


def _remember(objects: list[dict[str, Any]]) -> None:
    """Add a state of the drawing after the present one; what had been undone is dropped."""
    state = st.session_state
    state[_HISTORY] = [*state[_HISTORY][: state[_PLACE] + 1], objects][-MOST_STATES:]
    state[_PLACE] = len(state[_HISTORY]) - 1


def _go(steps: int) -> None:
    last = len(st.session_state[_HISTORY]) - 1
    st.session_state[_PLACE] = min(max(st.session_state[_PLACE] + steps, 0), last)
    _replace()


def _clear() -> None:
    if _current():
        _remember([])
        _replace()


def _replace() -> None:
    """Show the present state in place of what is on the canvas, and expect the canvas to report it back."""
    st.session_state.setdefault(_ECHOES, []).append((time.monotonic(), _paths(_current())))
    _load(_current())


def _is_echo(objects: list[dict[str, Any]]) -> bool:
    """Is this no new ink, but the late report of a state that a later undo has already replaced?"""
    now, echoes = time.monotonic(), st.session_state.get(_ECHOES, [])
    st.session_state[_ECHOES] = [(at, paths) for at, paths in echoes if now - at < _ECHO_SECONDS]
    return any(paths == _paths(objects) for _, paths in st.session_state[_ECHOES])


def _load(objects: list[dict[str, Any]]) -> None:
    """Hand the objects to the canvas, and answer with them until the browser does."""
    nonce = st.session_state.get(_LOADED, {"nonce": 0})["nonce"] + 1  # what differs is loaded
    st.session_state[_LOADED] = {"objects": objects, "nonce": nonce}
    st.session_state[_KEY] = {"drawing": {"raw": {"objects": objects}, "data": None}}


def _paths(objects: list[dict[str, Any]]) -> list:
    """What tells two drawings apart; the rest of a Fabric.js object may come back rounded."""
    return [o.get("path") for o in objects]
