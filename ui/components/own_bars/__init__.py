"""The bars of somebody's own classes, with their names, which move while the pen does."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.io.bundle import bundle, lean
from core.models import own_live
from core.models.classifiers import Classifier
from core.models.own_head import Head
from ui.components import canvas, live
from ui.state import keys

HERE = Path(__file__).parent
_STORE = (HERE.parent / "live" / "message_store.js").read_text(encoding="utf-8")

_bars = st.components.v2.component(
    "digit_lab_own_bars",
    html='<div class="dl-own"><p class="dl-says" role="status"></p>'
    '<div class="dl-rows" role="group" aria-label="How probable each is"></div></div>',
    js=lean(bundle(HERE / "own_bars.js")),
    isolate_styles=False,
)
_head = st.components.v2.component("digit_lab_own_head", js=_STORE)
# What live/bars.js needs to follow the pen; its own answer is not shown: see ui/components/live/PROTOCOL.md.
_told = st.components.v2.component(
    "digit_lab_own_told",
    html='<div hidden><div class="dl-answer"></div><div class="dl-said"></div></div>',
    js=_STORE,
    isolate_styles=False,
)


def own_bars(
    names: Sequence[str], probabilities: Sequence[float] | None, says: str, empty: str, base: str = ""
) -> None:
    """Show the bars.

    names: of the classes, and of none. probabilities: of each, 0..1; None where there is nothing to say.
    says: one sentence. empty: the same for an empty paper. base: the key of the network that a browser is to
    run, or ''.
    """
    told = None if probabilities is None else [round(float(probability), 6) for probability in probabilities]
    data = {"names": list(names), "probabilities": told, "says": says, "empty": empty, "base": base}
    _bars(key="own-bars", data=data)


def learnt(head: Head, names: Sequence[str]) -> None:
    """Send what was learnt; the same is not sent again with each stroke."""
    _head(key="own-head", data=own_live.told(head, names))


def follow_pen(classifier: Classifier) -> str:
    """Have the browser follow the pen with this network; return its key, or '' where it is not to run it."""
    live.expect([classifier])
    networks = live.runnable([classifier])
    turn = st.session_state.get(keys.ANSWER_TURN, 0) + 1
    st.session_state[keys.ANSWER_TURN] = turn
    answer: dict[str, Any] = {"turn": turn, "answers": [None], "names": [], "rows": False, "numbers": False}
    answer |= {"hasRejectClass": False, "invitation": "", "networks": networks, "grid": "", "number": None}
    _told(key="own-told", data=answer | {"canvas": canvas.told()})
    return networks[0] if networks else ""
