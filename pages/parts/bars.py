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
    with st.container(key="prediction"):
        st.html(_card(prediction, invitation))


def probability_bars(prediction: Prediction | None, *, judges: bool = False) -> None:
    """Ten rows in order: digit, bar, percentage; the winner is marked.

    judges: the network also says whether it is a digit at all, which stands in a row below.
    """
    (now,), (before,) = _now_and_before([prediction])
    winner = None if prediction is None else prediction.digit
    rows = "\n".join(
        f'<div class="dl-row{" dl-winner" if digit == winner else ""}"><span>{digit}</span>\n'
        f"{_bar(now[digit], before[digit])}\n<span>{now[digit]:.1%}</span></div>"
        for digit in range(10)
    )
    dim = " dl-dim" if winner is None else ""
    with st.container(key="probabilities"):
        st.html(f'<div class="dl-rows{dim}">{rows}</div>{_judgement(prediction) if judges else ""}')


def side_by_side(predictions: list[Prediction | None], names: list[str], invitation: str) -> None:
    """Two networks' answers to the same drawing: two cards, and two bars in each of the ten rows."""
    cards = "".join(
        f'<div class="dl-two-{place}"><div class="dl-name">{html.escape(name)}</div>'
        f"{_card(prediction, invitation)}</div>"
        for place, (prediction, name) in enumerate(zip(predictions, names, strict=True))
    )
    now, before = _now_and_before(predictions)
    dim = ["" if p is None or p.digit is not None else " dl-dim" for p in predictions]
    rows = "\n".join(
        f'<div class="dl-row dl-pair"><span>{digit}</span>\n<div>'
        + "".join(
            f'<div class="dl-two-{i}{dim[i]}">{_bar(now[i][digit], before[i][digit])}</div>' for i in (0, 1)
        )
        + f"</div>\n<span>{now[0][digit]:.1%}<br>{now[1][digit]:.1%}</span></div>"
        for digit in range(10)
    )
    with st.container(key="prediction"):
        st.html(f'<div class="dl-two">{cards}</div>')
    with st.container(key="probabilities"):
        st.html(f'<div class="dl-rows">{rows}</div>')


def _card(prediction: Prediction | None, invitation: str) -> str:
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
    return f'<div class="dl-digit" role="status">{body}</div>'


def _judgement(prediction: Prediction | None) -> str:
    share = 0.0 if prediction is None or prediction.is_digit is None else prediction.is_digit
    return (
        '<div class="dl-row dl-judged" title="How probable it is that this is one digit at all. The ten bars '
        f'share out 100% as if it were one."><span>one digit?</span>\n{_bar(share, share)}\n'
        f"<span>{share:.1%}</span></div>"
    )


def _bar(now: float, before: float) -> str:
    return (
        f'<div class="dl-track"><div class="dl-fill" style="width:{now:.2%};--from:{before:.2%}"></div></div>'
    )


def _now_and_before(predictions: list[Prediction | None]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The probabilities of each network, and those that its bars showed last."""
    now = [np.zeros(10) if p is None else p.probabilities for p in predictions]
    before = st.session_state.get("bars_shown", [])
    st.session_state["bars_shown"] = now
    return now, [*before, np.zeros(10), np.zeros(10)][: len(now)]


def in_words(prediction: Prediction) -> str:
    """Return such as 'a 7' or 'a 1, but it could be a 7', after the two largest probabilities."""
    *_, second, first = np.argsort(prediction.probabilities)
    if prediction.probabilities[second] < CLOSE:
        return f"It looks like {_a(first)}."
    return f"It looks like {_a(first)}, but it could be {_a(second)}."


def _a(digit: int) -> str:
    return f"{_ARTICLES.get(int(digit), 'a')} {digit}"
