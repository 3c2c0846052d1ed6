"""Reading in the browser while the pen moves: the script that does it, and the networks that it reads with.

Both are sent with the page, outside its fragment, so that a stroke does not send them again. Python's answer
after each stroke stays what counts; of a network that a browser is not to run nothing is sent, and the bars
move after each stroke only.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import streamlit as st

from core.io.bundle import bundle, lean
from core.models import browser_export
from core.models.classifiers import Classifier
from ui.state import keys

HERE = Path(__file__).parent

KEPT = 4  # networks, by the browser

_script = st.components.v2.component("digit_lab_live_bars", js=lean(bundle(HERE / "bars.js")))
_network = st.components.v2.component(
    "digit_lab_live_network", js=(HERE / "message_store.js").read_text(encoding="utf-8")
)


def begin(classifiers: Sequence[Classifier]) -> None:
    """Say which networks this run of the page will send. Call it before the fragment that shows answers."""
    st.session_state[keys.LIVE_SENT] = keys_of(classifiers)


@st.fragment
def send(classifiers: Sequence[Classifier], bring_back: Callable[[object], object]) -> None:
    """Send the script and the networks. Call it once, at the end: what is sent first is shown first.

    What this browser tab was sent once it keeps, and is not sent again. Where a network did not arrive, as when
    the page was left at that moment, the browser asks for it, and this fragment runs anew. Where the
    browser has a drawing of before a reload, bring_back is given it: see canvas.bring_back.
    """

    def brought_back() -> None:
        bring_back(st.session_state[keys.LIVE].drawing)

    asked = _script(
        key=keys.LIVE,
        data={"kept": KEPT},
        on_wants_change=_forget,
        on_drawing_change=brought_back,
    )
    if asked.drawing:
        st.rerun()  # the canvas is in another fragment
    held = st.session_state.setdefault(keys.LIVE_HELD, [])
    for key, packed in dict(map(_packed, classifiers)).items():
        if packed and key not in held:
            _network(key=f"live-network-{key}-{st.session_state.get(keys.LIVE_ASKED, 0)}", data=packed)
            held.append(key)
    del held[:-KEPT]


def hand_over(classifier: Classifier) -> None:
    """Send a network that other scripts than the bars' run, by themselves: `messages` has its bytes."""
    key, packed = _packed(classifier)
    _network(key=f"live-network-{key}-alone", data=packed)


def _forget() -> None:
    wanted = st.session_state[keys.LIVE].wants
    st.session_state[keys.LIVE_HELD] = [
        key for key in st.session_state.get(keys.LIVE_HELD, []) if key not in wanted
    ]
    # A new element, or nothing would happen.
    st.session_state[keys.LIVE_ASKED] = st.session_state.get(keys.LIVE_ASKED, 0) + 1


def expect(classifiers: Sequence[Classifier]) -> None:
    """Run the page anew where other networks have been chosen since it was sent."""
    if st.session_state.get(keys.LIVE_SENT, keys_of(classifiers)) != keys_of(classifiers):
        st.rerun()


def runnable(classifiers: Sequence[Classifier]) -> list[str]:
    """Return the keys of the networks; none where there is one that a browser is not to run."""
    return keys_of(classifiers) if all(_packed(classifier)[1] for classifier in classifiers) else []


def keys_of(classifiers: Sequence[Classifier]) -> list[str]:
    """What tells the networks apart in the browser."""
    return [_packed(classifier)[0] for classifier in classifiers]


@lru_cache(16)
def _packed(classifier: Classifier) -> tuple[str, bytes | None]:
    return browser_export.key(classifier.network), browser_export.pack(classifier.network)
