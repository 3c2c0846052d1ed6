"""What is set up on a page stands in its address, so that the address, copied, opens the same.

`link_fields` says what. An address is read where a session begins with it and where somebody goes back in the
browser's history; it is written at the end of each run of a page or of its fragments, where it has changed.
Nothing that is somebody's secret is in it: only what `FIELDS` names, and what other functions of
`ui.state.navigation` put there.
"""

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import ParamSpec
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.ink import stroke_code
from core.ink.files import BadInput
from core.records import Drawing
from core.words import printable
from ui.state import keys
from ui.state.link_fields import DRAWING, FIELDS, Field

_P = ParamSpec("_P")
LONGEST = 7_000  # characters of an address that is read; what is longer was not written here
_ECHOED = 24  # letters of a value that are said again


def open_address(page: str) -> None:
    """Take over what the address says of this page. Call it before the page, outside of any fragment.

    What cannot be is left out, and said by `said`; nothing else changes for that.
    """
    state, here = st.session_state, _in_address(page)
    before = state.get(keys.ADDRESS)  # (page, its parameters), as they were read or written last
    state[keys.ADDRESS] = (page, here)
    same_page = before is not None and before[0] == page
    if not same_page:
        state.pop(keys.ADDRESS_SAID, None)
    went_back = same_page and in_history()
    if not (went_back or (here and before is None)) or before == (page, here):
        return  # on another page, what was chosen meanwhile holds
    fields = FIELDS.get(page, ())
    if before is None and any(field.key == keys.NETWORK for field in fields):
        state[keys.NETWORKS_RECALLED] = True  # it opens as it was there, not with what was chosen here before
    problems = []
    for field in fields:
        try:
            if field.name in here:
                _take(field, here[field.name])
            elif before is None and field.unsaid is not None:
                field.take(field.unsaid)
            elif went_back and (field.default is not None or field.clears) and field.name != DRAWING:
                field.take(field.default)
        except BadInput as error:
            problems.append(f"{field.name} “{printable(here[field.name], _ECHOED)}” ({error})")
    if problems:
        more = " and the rest of it was taken" if len(problems) < len(here) else ""
        state[keys.ADDRESS_SAID] = f"This link could not set {'; '.join(problems)}{more}."


def in_history() -> bool:
    """Has somebody come here by Back or Forward?"""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def _take(field: Field, said: str) -> None:
    if len(said) > LONGEST:
        raise BadInput(f"it has {len(said):,} characters, and {LONGEST:,} are the most")
    value = field.read(said)
    if field.name == DRAWING and value != st.session_state.get(field.key):
        st.session_state[keys.CANVAS_FROM_LINK] = value
    field.take(value)


def drawing() -> Drawing | None:
    """Return the drawing that the address has brought, once, for the canvas."""
    text_of_it = st.session_state.pop(keys.CANVAS_FROM_LINK, None)
    return stroke_code.decode(text_of_it) if text_of_it else None


def said() -> str:
    """Return one sentence about what a link asked for that cannot be, or ''."""
    return st.session_state.get(keys.ADDRESS_SAID, "")


def forget_said() -> None:
    st.session_state.pop(keys.ADDRESS_SAID, None)


def keep() -> None:
    """Write what is set up on the page into its address, where that has changed. Call it when a run ends."""
    state = st.session_state
    page = state.get(keys.PAGE, "")
    if page not in FIELDS:
        return
    wanted = of_page(page)
    if wanted == _in_address(page):
        state[keys.ADDRESS] = (page, wanted)
        return
    names = {field.name for field in FIELDS[page]}
    others = {name: value for name, value in st.query_params.to_dict().items() if name not in names}
    st.query_params.from_dict(wanted | others)
    state[keys.ADDRESS] = (page, wanted)


def of_page(page: str) -> dict[str, str]:
    """Return the parameters that say what is set up on a page."""
    found = {}
    for field in FIELDS.get(page, ()):
        # Of a network that is gone by now nothing can be said; the page chooses another.
        with contextlib.suppress(BadInput):
            value = field.value()
            if value is not None and value != field.default:
                found[field.name] = field.write(value)
    return found


def with_drawing(page: str, drawn: Drawing) -> str:
    """Return the query of a link that opens this page with what is drawn, too. Raises BadInput."""
    own = {name: value for name, value in of_page(page).items() if name != DRAWING}
    code = stroke_code.encode(drawn)
    return urlencode(own | ({DRAWING: code} if code else {}))


def _in_address(page: str) -> Mapping[str, str]:
    names = {field.name for field in FIELDS.get(page, ())}
    return {name: value for name, value in st.query_params.to_dict().items() if name in names}


def fragment(part: Callable[_P, None]) -> Callable[_P, None]:
    """As st.fragment, for a part of a page whose settings stand in the address."""

    @functools.wraps(part)
    def kept(*args: _P.args, **named: _P.kwargs) -> None:
        part(*args, **named)
        keep()

    return st.fragment(kept)
