"""The tour's bar, above the page that it steers, and its offer to those who are new.

How far somebody is, and whether it was offered, is kept by their browser.
"""

from pathlib import Path

import streamlit as st

from core.io.bundle import bundle
from ui.content.doors import PAGES
from ui.content.tour import STEPS
from ui.state import keys, subject

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "digit_lab_tour",
    html=(HERE / "tour.html").read_text(encoding="utf-8"),
    js=bundle(HERE / "tour.js"),
    isolate_styles=False,  # ui/styles has tour.css, which is not sent again with each page
)


def tour(here: str) -> str | None:
    """Show the bar, if somebody is on the tour; return the page that it leads to, once.

    here: the page that is shown. Call it once, before the page, outside any fragment.
    """
    of_digits = subject.coming() == subject.DIGITS  # as all of its steps are
    data = {
        "steps": [step._asdict() for step in STEPS],
        "here": here,
        "ofDigits": of_digits,
        "begun": st.session_state.get(keys.TOUR_BEGUN, 0),
    }
    with st.container(key="tour"):
        said = _component(key=keys.TOUR, data=data, on_to_change=lambda: None)
    if said.to not in PAGES or (of_digits and said.to == here):
        return None
    subject.choose(subject.DIGITS)
    return said.to


def begin() -> None:
    """Open it where somebody left it, from the next run on."""
    st.session_state[keys.TOUR_BEGUN] = st.session_state.get(keys.TOUR_BEGUN, 0) + 1
