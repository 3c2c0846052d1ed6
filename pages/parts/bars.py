"""A prediction in large, and its ten bars: plain HTML, which arrives 50 ms before a chart would.

Streamlit replaces the HTML at each change, so the bars are told where they come from, and move.
"""

import html

import numpy as np
import streamlit as st

from core.records import Prediction

CLOSE = 0.2  # a runner-up with at least this probability is named
_ARTICLES = {8: "an"}

_STYLE = """
<style>
.dl-digit {display: flex; align-items: center; gap: 1rem; min-height: 7rem;}
.dl-digit b {font-size: 6rem; line-height: 7rem; width: 4.2rem; text-align: center; font-weight: 700;
  font-variant-numeric: tabular-nums;}
.dl-digit .none {opacity: .35;}
.dl-sure {font-size: 1.35rem; font-weight: 600;}
.dl-row {display: grid; grid-template-columns: 1.2rem 1fr 3.6rem; align-items: center; gap: .6rem;
  height: 1.55rem; font-variant-numeric: tabular-nums;}
.dl-row span:last-child {text-align: right;}
.dl-track {height: .8rem; border-radius: .4rem; overflow: hidden;
  background: color-mix(in srgb, currentColor 10%, transparent);}
.dl-fill {height: 100%; border-radius: .4rem; background: #8b90c9; transform-origin: left;
  animation: dl-move .18s ease-out;}
.dl-winner {font-weight: 700;} .dl-winner .dl-fill {background: #5b60f0;}
.dl-dim {opacity: .5;}
@media (max-width: 640px) {.dl-digit, .dl-digit b {min-height: 4.5rem; line-height: 4.5rem;}
  .dl-digit {line-height: inherit;} .dl-digit b {font-size: 4rem; width: 3rem;} .dl-row {height: 1.3rem;}}
@keyframes dl-move {from {width: var(--from);}}
@media (prefers-reduced-motion: reduce) {.dl-fill {animation: none;}}
</style>
"""


def prediction_card(prediction: Prediction | None, invitation: str) -> None:
    """The digit and how sure the network is, or an em dash and one sentence."""
    if prediction is None or prediction.digit is None:
        sentence = invitation if prediction is None else prediction.refusal
        body = f'<b class="none">—</b><div>{html.escape(sentence)}</div>'
    else:
        sure = prediction.probabilities[prediction.digit]
        body = (
            f'<b>{prediction.digit}</b><div><div class="dl-sure">{"more than 99.9%" if sure > 0.999 else f"{sure:.1%}"} sure</div>'
            f"<div>{in_words(prediction)}</div></div>"
        )
    with st.container(key="prediction"):
        st.html(f'{_STYLE}<div class="dl-digit" role="status">{body}</div>')


def probability_bars(prediction: Prediction | None) -> None:
    """Ten rows in order: digit, bar, percentage; the winner is marked."""
    now = np.zeros(10) if prediction is None else prediction.probabilities
    before = st.session_state.get("bars_shown", np.zeros(10))
    st.session_state["bars_shown"] = now
    winner = None if prediction is None else prediction.digit
    rows = "".join(
        f'<div class="dl-row{" dl-winner" if digit == winner else ""}"><span>{digit}</span>'
        f'<div class="dl-track"><div class="dl-fill" style="width:{now[digit]:.2%};--from:{before[digit]:.2%}">'
        f"</div></div><span>{now[digit]:.1%}</span></div>"
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
