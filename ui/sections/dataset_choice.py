"""Which data set is looked at.

Called by `pages.data`.
"""

import streamlit as st

from core.analysis import evaluation_sets
from core.data import datasets
from core.records import Labelled
from core.storage.store import StoreError
from core.words import dimensions
from ui import say
from ui.components import term_notes
from ui.state import keys, subject, visitor


def choose() -> tuple[str, Labelled]:
    """Show the list and what the chosen set is; return its name and its images.

    Where it is not there or empty, say so and end the page.
    """
    digits = subject.of_digits()
    name = st.selectbox(
        "Data set",
        [
            name
            for name in evaluation_sets.SETS
            if (name in evaluation_sets.OF_COLOUR) != digits and evaluation_sets.is_offered(name)
        ],
        key=keys.DATA_SET if digits else keys.DATA_COLOUR_SET,
        persist_state="session",
        help=datasets.more() if digits else None,
        width=300,
    )
    _begin_anew(name)
    try:
        data = evaluation_sets.SETS[name](visitor.name())
    except evaluation_sets.NotThere as absent:
        say.info(absent)
        st.stop()
    except StoreError as error:
        say.error(error)
        st.stop()
    shape, total = dimensions(data.images.shape[1:]), data.images[0].size
    term_notes.markdown(
        f"**{len(data.labels):,} pictures** of {shape}, so {total:,} numbers each, in "
        f"{len(data.classes)} classes. "
        + ("0 is paper, 255 is ink." if data.images.ndim == 3 else "0 is dark, 255 is bright.")
    )
    if remark := evaluation_sets.remark(name):
        say.caption(remark)
    return name, data


def _begin_anew(name: str) -> None:
    """What was chosen of another set is chosen no longer."""
    if st.session_state.setdefault(keys.DATA_SHOWN, name) == name:
        return
    st.session_state[keys.DATA_SHOWN] = name
    for key in (keys.DATA_NUMBER, keys.DATA_CLASS, keys.DATA_PAGE, keys.DATA_LABEL):
        st.session_state.pop(key, None)
