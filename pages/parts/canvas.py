"""The canvas: the only place that calls st_canvas or knows what it sends.

The drawing lives in `st.session_state` as a history of Fabric.js objects, so undo, redo and clear
work on a phone, from the keyboard and across pages; the canvas itself forgets when its page closes.
"""

from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from core.datasets import ASSETS
from core.records import Drawing

SIDE = 340  # pixels: as large as the narrowest phones have room for
INK = "#5b60f0"  # readable on light and on dark paper
BRUSHES = (4, 40, 18)  # narrowest, widest, at first
MOST_STATES = 200  # that undo goes back to

_KEY = "canvas"
_HISTORY, _PLACE, _LOADED = "canvas_history", "canvas_place", "canvas_loaded"

SHORTCUTS = {"ctrl+z": "undo", "ctrl+shift+z": "redo", "ctrl+y": "redo", "delete": "clear"}

_helpers = st.components.v2.component("digit_lab_canvas_helpers", js=(ASSETS / "canvas_helpers.js").read_text())


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
    )
    objects = (result.json_data or {}).get("objects", [])
    if _paths(objects) != _paths(_current()):
        _remember(objects)
    return _to_drawing(_current())


def helpers() -> None:
    """Send the drawing as soon as the pen is lifted, and listen for shortcuts. Call it once, at the end."""
    _helpers(key="canvas-helpers", data={"canvas": _KEY, "keys": SHORTCUTS})


def put(drawing: Drawing) -> None:
    """Replace what is on the canvas; one undo brings it back. Call it before `drawing_canvas`."""
    st.session_state.setdefault(_HISTORY, [[]])
    st.session_state.setdefault(_PLACE, 0)
    _remember(_to_objects(drawing))
    _load(_current())


def buttons() -> None:
    """Undo, redo and clear, without tooltips: those would lie over the canvas and catch the pen."""
    place, last = st.session_state[_PLACE], len(st.session_state[_HISTORY]) - 1
    st.button("Undo", key="undo", on_click=_go, args=(-1,), disabled=place == 0)
    st.button("Redo", key="redo", on_click=_go, args=(1,), disabled=place == last)
    st.button("Clear", key="clear", on_click=_clear, disabled=not _current())


def _current() -> list[dict[str, Any]]:
    return st.session_state[_HISTORY][st.session_state[_PLACE]]


def _remember(objects: list[dict[str, Any]]) -> None:
    """Add a state of the drawing after the present one; what had been undone is dropped."""
    state = st.session_state
    state[_HISTORY] = [*state[_HISTORY][: state[_PLACE] + 1], objects][-MOST_STATES:]
    state[_PLACE] = len(state[_HISTORY]) - 1


def _go(steps: int) -> None:
    last = len(st.session_state[_HISTORY]) - 1
    st.session_state[_PLACE] = min(max(st.session_state[_PLACE] + steps, 0), last)
    _load(_current())


def _clear() -> None:
    if _current():
        _remember([])
        _load([])


def _load(objects: list[dict[str, Any]]) -> None:
    """Hand the objects to the canvas, and answer with them until the browser does."""
    nonce = st.session_state.get(_LOADED, {"nonce": 0})["nonce"] + 1  # what differs is loaded
    st.session_state[_LOADED] = {"objects": objects, "nonce": nonce}
    st.session_state[_KEY] = {"drawing": {"raw": {"objects": objects}, "data": None}}


def _paths(objects: list[dict[str, Any]]) -> list:
    """What tells two drawings apart; the rest of a Fabric.js object may come back rounded."""
    return [o.get("path") for o in objects]


def _to_drawing(objects: list[dict[str, Any]]) -> Drawing:
    strokes = [(_polyline(o["path"]), float(o["strokeWidth"])) for o in objects if o.get("type") == "Path"]
    kept = [(points, width) for points, width in strokes if len(points)]
    return Drawing(tuple(points for points, _ in kept), tuple(width for _, width in kept), SIDE)


def _polyline(path: list[list]) -> np.ndarray:
    """Fabric.js path commands (M, L, and Q for quadratic curves) -> float32 [points, 2]."""
    points: list[tuple[float, float]] = []
    for command, *numbers in path:
        if command == "Q":
            (x0, y0), (cx, cy, x1, y1) = points[-1], numbers
            points += [((x0 + 2 * cx + x1) / 4, (y0 + 2 * cy + y1) / 4), (x1, y1)]  # its middle and its end
        elif command in ("M", "L"):
            points.append((numbers[0], numbers[1]))
    return np.array(points, np.float32).reshape(-1, 2)


def _to_objects(drawing: Drawing) -> list[dict[str, Any]]:
    """Drawing -> Fabric.js objects, moved and scaled onto the canvas where they would not fit it."""
    strokes, brushes = drawing.strokes, drawing.brushes or (BRUSHES[2],) * len(drawing.strokes)
    if not strokes:
        return []
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    if drawing.canvas:
        scale, offset = SIDE / drawing.canvas, np.zeros(2)
        brushes = tuple(b * scale for b in brushes) if drawing.brushes else brushes
    elif low.min() >= 0 and high.max() <= SIDE and (high - low).max() >= SIDE / 5:
        scale, offset = 1.0, np.zeros(2)
    else:
        scale = 0.6 * SIDE / max(float((high - low).max()), 1e-9)
        offset = SIDE / 2 - scale * (low + high) / 2
    return [_path_object(s * scale + offset, b) for s, b in zip(strokes, brushes, strict=True)]


def _path_object(points: np.ndarray, width: float) -> dict[str, Any]:
    if len(points) == 1:  # a dot needs some length to be drawn
        points = np.concatenate([points, points + 0.01])
    (left, top), (right, bottom) = points.min(0).tolist(), points.max(0).tolist()
    (first, *rest) = np.round(points.astype(float), 2).tolist()
    return {
        "type": "Path",
        "path": [["M", *first], *(["L", *p] for p in rest)],
        "originX": "center",
        "originY": "center",
        "left": (left + right) / 2,
        "top": (top + bottom) / 2,
        "stroke": INK,
        "strokeWidth": width,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
        "fill": None,
    }
