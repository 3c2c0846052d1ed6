"""The predicted class in large, and the ten classes as bars with their names."""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.words import confidence, with_article

CLOSE = 0.2  # a runner-up with at least this probability is named


def class_card(names: Sequence[str], probabilities: np.ndarray | None, invitation: str) -> None:
    """The most probable class and how confident the network is, or one sentence."""
    if probabilities is None:
        body = f'<b class="none">—</b>\n<div>{html.escape(invitation)}</div>'
    else:
        *_, second, first = np.argsort(probabilities)
        also = f"It could also be {with_article(names[second])}." if probabilities[second] >= CLOSE else ""
        body = (
            f"<b>{html.escape(names[first])}</b>\n"
            f'<div><div class="dl-sure">{confidence(probabilities[first])} sure</div>\n<div>{also}</div></div>'
        )
    st.html(f'<div class="dl-digit dl-class" role="status">{body}</div>')


def class_bars(names: Sequence[str], probabilities: np.ndarray | None) -> None:
    """One row per class in order: its name, a bar, the percentage; the winner is marked."""
    shown = np.zeros(len(names)) if probabilities is None else probabilities
    winner = None if probabilities is None else int(shown.argmax())
    rows = [
        bar(name, fraction, "dl-named dl-winner" if place == winner else "dl-named")
        for place, (name, fraction) in enumerate(zip(names, shown, strict=True))
    ]
    st.html(bars(rows, "dl-dim" if winner is None else ""))


def bars(rows: Sequence[str], kind: str = "") -> str:
    """Return rows of `bar`, the first on top, as one group. kind: further classes of the style sheet."""
    body = "\n".join(rows)
    return f'<div class="dl-rows {kind}" role="group" aria-label="How probable each is">{body}</div>'


def _meter(name: str, fraction: float) -> str:
    """Return the attributes that let a screen reader say of a bar's row: 'cat, 93.1%'. fraction: 0..1."""
    return (
        f'role="meter" aria-label="{html.escape(name)}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{100 * fraction:.1f}" aria-valuetext="{fraction:.1%}"'
    )


def bar(name: str, fraction: float, kind: str, columns: str = "") -> str:
    """Return one row as HTML: a name, a bar as long as the fraction, 0..1, and the percentage.

    kind: further classes of the style sheet. columns: the row's own, where they are not those of its kind.
    """
    style = f' style="grid-template-columns:{columns}"' if columns else ""
    return (
        f'<div class="dl-row {kind}"{style} {_meter(name, fraction)}><span>{html.escape(name)}</span>\n'
        f'<div class="dl-track"><div class="dl-fill" style="width:{fraction:.2%}"></div></div>\n'
        f"<span>{fraction:.1%}</span></div>"
    )
