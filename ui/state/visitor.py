"""Who a visitor is, the only notion of it: a random name for each browser, in a cookie, so that it outlives
a reload. Drawings, runs, answers and chosen networks are kept under it.

Runs of earlier versions bear the name of one session, which nobody has any more: they are somebody else's.
"""

import re
from collections.abc import Mapping

import numpy as np
import streamlit as st

from ui.state import keys

_COOKIE = "digit_lab_visitor"
_FORM = re.compile(r"[0-9a-f]{16}")

# One that another tab has set in the meantime counts, and is sent back.
_component = st.components.v2.component(
    "digit_lab_visitor",
    js="""
export default function ({ data, setStateValue }) {
  const found = document.cookie.match(new RegExp(`(?:^|; )${data.cookie}=([0-9a-f]{16})(?:;|$)`));
  if (!found) document.cookie = `${data.cookie}=${data.name}; max-age=31536000; path=/; SameSite=Lax`;
  else if (found[1] !== data.name) setStateValue("name", found[1]);
}
""",
)


def name() -> str:
    """Return this browser's name, 16 hexadecimal digits."""
    said = st.session_state.get(keys.VISITOR_COOKIE)
    told = said.get("name") if isinstance(said, Mapping) else None
    for found in (told, st.session_state.get(keys.VISITOR), st.context.cookies.get(_COOKIE)):
        if isinstance(found, str) and _FORM.fullmatch(found):
            break
    else:
        found = np.random.default_rng().bytes(8).hex()
    st.session_state[keys.VISITOR] = found
    return found


def remember() -> None:
    """Have the browser keep its name for a year. `app.py` calls it, once for all pages."""
    _component(
        key=keys.VISITOR_COOKIE, data={"cookie": _COOKIE, "name": name()}, on_name_change=lambda: None, height=0
    )
