"""A prediction in large, and its ten bars: plain HTML, which arrives 50 ms before a chart would.

Streamlit replaces the HTML at each change, so the bars are told where they come from, and move.
"""

import html

import numpy as np
import streamlit as st

from core.records import Prediction

CLOSE = 0.2  # a runner-up with at least this probability is named
_ARTICLES = {8: "an"}


def prediction_card(prediction: Prediction | None, invitation: str) -> None:
    """The digit and how sure the network is, or an em dash and one sentence."""
    if prediction is None or prediction.digit is None:
        sentence = invitation if prediction is None else prediction.refusal
        body = f'<b class="none">—</b>\n<div>{html.escape(sentence)}</div>'
    else:
        share = prediction.probabilities[prediction.digit]
        sure = "more than 99.9%" if share > 0.999 else f"{share:.1%}"
        body = (
            f'<b>{prediction.digit}</b>\n<div><div class="dl-sure">{sure} sure</div>\n'
            f"<div>{in_words(prediction)}</div></div>"
        )
    with st.container(key="prediction"):
        st.html(f'<div class="dl-digit" role="status">{body}</div>')


def probability_bars(prediction: Prediction | None) -> None:
    """Ten rows in order: digit, bar, percentage; the winner is marked."""
    now = np.zeros(10) if prediction is None else prediction.probabilities
    before = st.session_state.get("bars_shown", np.zeros(10))
    st.session_state["bars_shown"] = now
    winner = None if prediction is None else prediction.digit
    rows = "\n".join(
        f'<div class="dl-row{" dl-winner" if digit == winner else ""}"><span>{digit}</span>\n'
        f'<div class="dl-track"><div class="dl-fill" style="width:{now[digit]:.2%};'
        f'--from:{before[digit]:.2%}"></div></div>\n<span>{now[digit]:.1%}</span></div>'
        for digit in range(10)
    )
    dim = " dl-dim" if winner is None else ""
    with st.container(key="probabilities"):
        st.html(f'<div class="dl-rows{dim}">{rows}</div>')


def in_words(prediction: Prediction) -> str:
    """Return such as 'a 7' or 'a 1, but it could be a 7', after the two largest probabilities."""
    *_, second, first = np.argsort(prediction.probabilities)
    if prediction.probabilities[second] < CLOSE:
        return f"It looks like {_a(first)}."
    return f"It looks like {_a(first)}, but it could be {_a(second)}."


def _a(digit: int) -> str:
    return f"{_ARTICLES.get(int(digit), 'a')} {digit}"
