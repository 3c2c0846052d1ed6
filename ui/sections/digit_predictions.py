"""How a network reads somebody's labelled digits, and how many of them as they are labelled.

Called by `pages.my_digits`.
"""

import numpy as np
import streamlit as st

from core.models import prediction_cache, registry
from core.models.classifiers import Classifier
from core.records import DrawingArrays
from core.words import counted, fraction
from ui.sections import network_choice
from ui.state import keys, selection, visitor


def read(hand: DrawingArrays) -> tuple[Classifier, np.ndarray, np.ndarray]:
    """Let the visitor choose a network; return it, what it reads each drawing as, and how sure it is.

    The last two are as `prediction_cache.predict` has them. Of those that it has not read yet, it reads the
    first few hundred.
    """
    known = network_choice.names_of_networks()
    reads = selection.chosen() if selection.chosen() in known else registry.SHIPPED
    if (
        st.session_state.get(keys.DIGITS_NETWORK) not in known
        or st.session_state.get(keys.DIGITS_NETWORK_OF_DRAW) != reads
    ):
        st.session_state[keys.DIGITS_NETWORK] = reads  # until another reads the Draw page, one may choose here
    st.session_state[keys.DIGITS_NETWORK_OF_DRAW] = reads
    number = st.selectbox(
        "Read by", list(known), key=keys.DIGITS_NETWORK, format_func=known.__getitem__, persist_state="session"
    )
    classifier = registry.classifier(number, visitor.name())
    assert classifier is not None  # only those are listed that can read
    said, sure = prediction_cache.predict(classifier, hand.x, seconds=0)
    st.markdown(_accuracy(hand, said))
    return classifier, said, sure


def _accuracy(hand: DrawingArrays, said: np.ndarray) -> str:
    """In words: how many are read as they are labelled."""
    done = said != prediction_cache.NOT_YET
    right = said == hand.y
    if not done.any():
        return f"{counted(len(done), 'drawing')} still to be read."
    ratio = fraction(int(right[done].sum()), int(done.sum()))
    whole = f"**{ratio}** are read as you say: {right[done].sum():,} of {done.sum():,}"
    if not done.all():
        return f"{whole} so far; {(~done).sum():,} still to be read."
    held = hand.held_out
    return whole + (f"; {right[held].sum():,} of the {held.sum():,} held back." if held.any() else ".")
