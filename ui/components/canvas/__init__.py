"""The canvas: the only place that calls st_canvas or knows what it sends.

The drawing lives in `st.session_state` as a history of Fabric.js objects, so undo, redo and clear
work on a phone, from the keyboard and across pages; the canvas itself forgets when its page closes.
"""

import contextlib
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit_drawable_canvas import st_canvas

from core.ink import fabricjs, files
from core.io.bundle import bundle, lean
from core.records import DigitImage, Drawing
from ui.state import keys, links

HERE = Path(__file__).parent

SIDE = 560  # pixels of a drawing, whatever the size at which the window shows it, which is at most this
INK = "#5b60f0"  # readable on light and on dark paper
BRUSHES = (6, 68, 28)  # narrowest, widest, at first
GHOST = "draw a digit here"  # on an empty canvas, as in canvas.html
MAX_POINTS = files.MAX_POINTS  # on the canvas: what is saved can be brought back
MAX_STATES = 200  # that undo goes back to, and no further than to where it would hold
MAX_KEPT = 5 * MAX_POINTS  # points

_REFUSED, _SAID = "refused", "said"  # what is known of a canvas that is full
_ECHO_SECONDS = 3.0  # the browser sends back what it was handed, within this time
_RETURN_SECONDS = 15.0  # the same where all have come back to a server at once, which has just begun

SHORTCUTS = {
    "ctrl+z": "undo",
    "ctrl+shift+z": "redo",
    "ctrl+y": "redo",
    "delete": "clear",
    "backspace": "clear",
}

# The eraser's, and those that clear the canvas or bring a drawing back: ui/sections/label_row.py
_BUTTONS = {"eraser": "eraser", "clearing": "teach-clears"}

_helpers = st.components.v2.component("digit_lab_canvas_helpers", js=lean(bundle(HERE / "helpers.js")))

# The canvas component's own script in a frame and a style of ours, which come with it whenever it is put up: so
# its toolbar never shows, it is never wider than its place, and it can be reached by keyboard.
_COMPONENT = "streamlit-drawable-canvas.streamlit_drawable_canvas"
get_bidi_component_manager().unregister(_COMPONENT)
st.components.v2.component(
    _COMPONENT,
    js="index-*.js",
    css=(HERE / "canvas.css").read_text(encoding="utf-8").replace("SIDE", str(SIDE)),
    html=(HERE / "canvas.html").read_text(encoding="utf-8").replace("SIDE", str(SIDE)),
)


@dataclass(frozen=True, eq=False)
class _State:
    """One state of the drawing: the objects of the state before it, where it has any of those, and its own.

    So a history holds each object once, however many states show it.
    """

    before: "_State | None" = None
    own: tuple[dict[str, Any], ...] = ()

    @cached_property
    def size(self) -> int:
        """The points of its own."""
        return sum(map(_size, self.own))

    def objects(self) -> list[dict[str, Any]]:
        parts: list[tuple[dict[str, Any], ...]] = []
        state: _State | None = self
        while state is not None:
            parts.append(state.own)
            state = state.before
        return [o for part in reversed(parts) for o in part]


class _Seen:
    """What a state shows, made once however often a run of the page asks for it."""

    def __init__(self, state: _State):
        self.state = state

    @cached_property
    def drawing(self) -> Drawing:
        return fabricjs.to_drawing(self.state.objects(), SIDE)

    @cached_property
    def image(self) -> DigitImage | None:
        return files.to_digit_image(self.drawing)


def drawing_canvas() -> Drawing:
    """Show the canvas and return what is on it now."""
    state = st.session_state
    _begin()
    _take_linked()
    if keys.CANVAS not in state:  # opened for the first time, or again
        _replace(_RETURN_SECONDS)
    if state.get(keys.CANVAS_FULL) == _REFUSED:
        _replace()  # without the stroke that was too much
        state[keys.CANVAS_FULL] = _SAID
    result = st_canvas(
        key=keys.CANVAS,
        width=SIDE,
        height=SIDE,
        stroke_width=state.get(keys.BRUSH, BRUSHES[2]),
        stroke_color=INK,
        initial_drawing=state[keys.CANVAS_LOADED],
        # Never reached. From it the browser (pen.js) knows which drawing the canvas has loaded.
        max_display_height=SIDE + state[keys.CANVAS_LOADED]["nonce"],
    )
    objects = (result.json_data or {}).get("objects", [])
    if _paths(objects) != _paths(_current()) and not _is_echo(objects):
        _remember_each(objects)
    return _seen().drawing


def last_drawing() -> Drawing:
    """Return what is on the canvas, from any page; without strokes where nothing was drawn."""
    _take_linked()
    if keys.CANVAS_HISTORY not in st.session_state:
        return Drawing(())
    return _seen().drawing


def last_image() -> DigitImage | None:
    """Return the image of `last_drawing`, the same record until something else is on it; None without ink."""
    return _seen().image if last_drawing().strokes else None


def told() -> dict[str, Any]:
    """What the browser (ui/components/live/bars.js) is to know of the drawing while it follows the pen."""
    drawing = last_drawing()
    return {
        "key": keys.CANVAS,
        "brush": st.session_state.get(keys.BRUSH, BRUSHES[2]),
        "side": SIDE,
        "session": st.session_state[keys.CANVAS_SESSION],
        "untouched": _untouched(),
        "loaded": st.session_state[keys.CANVAS_LOADED]["nonce"],
        "strokes": hundredths(drawing),
        "brushes": drawing.brushes,
        "ghost": _ghost(),
        "asked": st.session_state.get(keys.JOIN_ASKED) if st.session_state.get(keys.PAGE) == "join" else None,
    }


def _ghost() -> str:
    """What an empty canvas says; on Draw and in a class it may ask for a certain digit."""
    asks = st.session_state.get(keys.PAGE) in ("draw", "join", "own_classes")
    asked = st.session_state.get(keys.CANVAS_GHOST) if asks else ""
    return asked or GHOST


def hundredths(drawing: Drawing) -> list[list[int]]:
    """Strokes as the browser is told them: [x, y, x, y, ...] in hundredths of a pixel."""
    return [np.rint(100 * stroke).astype(int).ravel().tolist() for stroke in drawing.strokes]


def helpers() -> None:
    """Send the drawing as soon as the pen is lifted, and listen for shortcuts. Call it once, at the end."""
    _helpers(
        key=keys.CANVAS_HELPERS,
        data={"canvas": keys.CANVAS, "side": SIDE, "ink": INK, "keys": SHORTCUTS, **_BUTTONS},
        on_erased_change=_erased,
    )


def put(drawing: Drawing) -> None:
    """Replace what is on the canvas; one undo brings it back. Call it before `drawing_canvas`."""
    _begin()
    _remember(_State(None, tuple(fabricjs.to_objects(drawing, SIDE, ink=INK, brush=BRUSHES[2]))))
    _replace()


def _take_linked() -> None:
    """Put up what a link has brought; one undo brings back what was there, or what the browser tab had."""
    if (drawing := links.drawing()) is not None:
        linked = st.session_state[keys.CANVAS_LINKED]
        put(drawing)
        st.session_state[keys.CANVAS_LINKED] = linked


def heed() -> None:
    """Take in what the canvas has sent already, in a callback: the page has not been run since."""
    _begin()
    said = st.session_state.get(keys.CANVAS)
    sent = said.get("drawing") if isinstance(said, Mapping) else None
    objects = (sent or {}).get("raw", {}).get("objects", [])
    if _paths(objects) != _paths(_current()) and not _is_echo(objects):
        _remember_each(objects)


def bring_back(content: object) -> bool:
    """Put the drawing that the browser tab had before it was loaded again onto a canvas that is untouched.

    Where a link's drawing is on the canvas, one undo brings it back.

    content: as `files.to_drawing` takes it, from the tab's own storage. What is no drawing is left out: nobody
    has asked for it. Returns whether it is on the canvas now.
    """
    with contextlib.suppress(files.BadInput):
        if not _untouched() or not (drawing := files.to_drawing(content)).strokes:
            return False
        *_, last = history = st.session_state[keys.CANVAS_HISTORY]
        st.session_state[keys.CANVAS_PLACE] = 0
        put(drawing)
        if len(history) > 1:  # a link's drawing stays on it
            _remember(last)
            _replace()
        return True
    return False


def _erased() -> None:
    """Put up what the eraser has left. What is no drawing is left out: the browser's script has made it."""
    with contextlib.suppress(files.BadInput):
        left = files.to_drawing(st.session_state[keys.CANVAS_HELPERS].erased)
        if left.strokes:
            put(left)
        else:
            clear()


def buttons(*, always: bool = False) -> None:
    """The eraser, undo, redo and clear, without tooltips: those would lie over the canvas and catch the pen.

    The browser (helpers.js) takes the eraser by itself, so that the next stroke is one of it.
    always: undo and clear are never grey, for where a stroke does not have them shown anew.
    """
    st.button("Eraser", key="eraser", icon=":material/ink_eraser:")
    place, last = st.session_state[keys.CANVAS_PLACE], len(st.session_state[keys.CANVAS_HISTORY]) - 1
    is_first, is_empty = not always and place == 0, not always and not _current()
    st.button("Undo", key="undo", icon=":material/undo:", on_click=_go, args=(-1,), disabled=is_first)
    st.button("Redo", key="redo", icon=":material/redo:", on_click=_go, args=(1,), disabled=place == last)
    st.button("Clear", key="clear", on_click=clear, disabled=is_empty)


def notice() -> None:
    """Say it where the canvas is full. Call it below the buttons, which would jump by a line otherwise."""
    if st.session_state.get(keys.CANVAS_FULL):
        st.caption(f"The canvas is full: {MAX_POINTS:,} points are the most. Take some back, or clear it.")


def _begin() -> None:
    state = st.session_state
    if keys.CANVAS_HISTORY in state:
        return
    state[keys.CANVAS_HISTORY], state[keys.CANVAS_PLACE] = [_State()], 0
    # By chance, so that a browser that had a session with a server before this one can tell them apart.
    state[keys.CANVAS_SESSION] = random.randrange(2**31)
    state[keys.CANVAS_LOADED] = {"objects": [], "nonce": random.randrange(10**5)}


def _state() -> _State:
    return st.session_state[keys.CANVAS_HISTORY][st.session_state[keys.CANVAS_PLACE]]


def _current() -> list[dict[str, Any]]:
    return _state().objects()


def _seen() -> _Seen:
    state, kept = _state(), st.session_state.get(keys.CANVAS_SEEN)
    if kept is None or kept.state is not state:
        st.session_state[keys.CANVAS_SEEN] = kept = _Seen(state)
    return kept


def _untouched() -> bool:
    """Has nothing been drawn in this session, nor cleared, nor undone? A link's drawing is nobody's here."""
    history = st.session_state.get(keys.CANVAS_HISTORY, [_State()])
    linked = st.session_state.get(keys.CANVAS_LINKED) is not None
    return len(history) == 1 + linked and not history[0].objects()


def _remember_each(objects: list[dict[str, Any]]) -> None:
    """Add a state for each new stroke: over a slow network several may come at once."""
    known, state = _current(), st.session_state
    if _paths(objects[: len(known)]) != _paths(known):
        _remember(_State(None, tuple(objects)))
        return
    points = sum(map(_size, known))
    for added in objects[len(known) :]:
        points += _size(added)
        if points > MAX_POINTS:
            state[keys.CANVAS_FULL] = _REFUSED
            st.rerun()
        _remember(_State(state[keys.CANVAS_HISTORY][state[keys.CANVAS_PLACE]], (added,)))


def _remember(drawing: _State) -> None:
    """Add a state of the drawing after the present one; what had been undone is dropped."""
    state = st.session_state
    history = [*state[keys.CANVAS_HISTORY][: state[keys.CANVAS_PLACE] + 1], drawing][-MAX_STATES:]
    sizes = np.cumsum([one.size for one in reversed(history)])  # of the last, the last two, ...
    state[keys.CANVAS_HISTORY] = history[-max(1, int(np.searchsorted(sizes, MAX_KEPT, "right"))) :]
    state[keys.CANVAS_PLACE] = len(state[keys.CANVAS_HISTORY]) - 1
    state[keys.CANVAS_FULL] = state[keys.CANVAS_LINKED] = None


def _go(steps: int) -> None:
    last = len(st.session_state[keys.CANVAS_HISTORY]) - 1
    st.session_state[keys.CANVAS_PLACE] = min(max(st.session_state[keys.CANVAS_PLACE] + steps, 0), last)
    st.session_state[keys.CANVAS_FULL] = st.session_state[keys.CANVAS_LINKED] = None
    _replace()


def clear(*, for_the_next: bool = False) -> None:
    """Empty it; one undo brings the drawing back. for_the_next: what was drawn before that is forgotten."""
    _begin()
    if _current():
        _remember(_State())
    _replace()  # an empty one, too: the browser waits for it
    if for_the_next:
        history = st.session_state[keys.CANVAS_HISTORY]
        begun = max((place for place, one in enumerate(history[:-1]) if not one.objects()), default=0)
        st.session_state[keys.CANVAS_HISTORY] = history[begun:]
        st.session_state[keys.CANVAS_PLACE] = len(history) - begun - 1


def _replace(within: float = _ECHO_SECONDS) -> None:
    """Show the present state in place of what is on the canvas, and expect the canvas to report it back."""
    until = time.monotonic() + within
    st.session_state.setdefault(keys.CANVAS_ECHOES, []).append((until, _paths(_current())))
    _load(_current())


def _is_echo(objects: list[dict[str, Any]]) -> bool:
    """Is this no new ink, but the late report of a state that has already been replaced, by undo or by ink?"""
    now, echoes = time.monotonic(), st.session_state.get(keys.CANVAS_ECHOES, [])
    st.session_state[keys.CANVAS_ECHOES] = [(until, paths) for until, paths in echoes if now < until]
    return any(paths == _paths(objects) for _, paths in st.session_state[keys.CANVAS_ECHOES])


def _load(objects: list[dict[str, Any]]) -> None:
    """Hand the objects to the canvas, and answer with them until the browser does."""
    nonce = st.session_state[keys.CANVAS_LOADED]["nonce"] + 1  # what differs is loaded
    st.session_state[keys.CANVAS_LOADED] = {"objects": objects, "nonce": nonce}
    st.session_state[keys.CANVAS] = {"drawing": {"raw": {"objects": objects}, "data": None}}


def _paths(objects: list[dict[str, Any]]) -> list:
    """What tells two drawings apart; the rest of a Fabric.js object may come back rounded."""
    return [o.get("path") for o in objects]


def _size(stroke: dict[str, Any]) -> int:
    """How many points `fabricjs.to_drawing` makes of it."""
    return sum(1 + (command[0] == "Q") for command in stroke.get("path") or ())
