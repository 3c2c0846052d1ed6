"""The digits that somebody has drawn and labelled: to look through, correct, take along and teach with."""

import streamlit as st

from core.models import prediction_cache
from core.storage import drawings
from core.storage.database import HOME
from core.storage.store import Store, StoreError
from ui import say
from ui.components import term_notes
from ui.sections import digit_changes, digit_files, digit_gallery, digit_predictions, finetune, weak_start
from ui.state import visitor, worker
from ui.widgets import heading

SECONDS = 0.3  # of reading at once, when the page is there; the rest follows


def whose() -> None:
    """Say whose digits these are, and where."""
    home = "on this computer" if visitor.name() == HOME else "in this browser"
    term_notes.caption(
        f"Labelled {home}. They stay on the computer that runs this app, nobody else who uses it can see them, "
        "and they are sent nowhere."
    )


def page(store: Store) -> None:
    whose()
    hand = drawings.load(store)
    if len(hand.y):
        left, right = st.columns([1, 1.45], gap="large")
        with left:
            finetune.fine_tuning_panel(worker.jobs(), hand)
            weak_start.weak_start_panel(worker.jobs(), hand)
            st.header("How they are read")
            classifier, said, sure = digit_predictions.read(hand)
        with right:
            digit_gallery.browse(store, hand, said, sure)
    else:
        digit_changes.undo()
        st.info("There is nothing here yet. Draw a digit, then tap, below the bars, which one it was.")
        st.page_link("pages/draw.py", label="Draw a digit", icon=":material/draw:")
    folded_out = not len(hand.y) or digit_files.has_news()
    with st.expander("Save or bring in", icon=":material/swap_vert:", expanded=folded_out):
        if len(hand.y):
            digit_files.take_along(store, hand)
        digit_files.bring(store, digit_changes.done)
    if len(hand.y) and prediction_cache.NOT_YET in said:
        prediction_cache.predict(classifier, hand.x, SECONDS)
        st.rerun()


heading.heading(
    "Teach it your handwriting",
    "Digits that you drew and labelled: look through them, and let a network learn from them.",
)
try:
    page(visitor.store())
except StoreError as problem:
    say.error(problem)
