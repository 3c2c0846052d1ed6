"""Labelled digits as files: saving them, and bringing them in, with progress and with what has to be asked."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.data import archive_labels
from core.ink import files
from core.records import DrawingArrays
from core.runs import drawing_imports
from core.runs.drawing_imports import Importing, Taken
from core.storage import drawings, exchange, exchange_bounds, exchange_json, exchange_zip
from core.storage.store import Store, StoreError
from core.words import counted
from ui import say
from ui.state import keys, visitor
from ui.widgets import downloads

SOON = 1.0  # seconds in which most files are read, without a word about it
EVERY = 0.4  # seconds between two looks at one that takes longer
LISTED = 200  # refusals that are shown; all of them can be saved
WHERE = {
    archive_labels.INNER: "The folder that it lies in",
    archive_labels.OUTER: "The folder around that one",
    archive_labels.FILE: "Its own name",
    archive_labels.NEITHER: "Neither: leave these out",
}
Done = Callable[[str, Callable[[], object]], None]  # is told what was done, and how it is undone


def take_along(store: Store, hand: DrawingArrays) -> None:
    """Buttons that save a visitor's drawings in as few files as `bring` takes back whole."""
    stamp = f"{datetime.now():%Y-%m-%d}"
    with st.container(horizontal=True, gap="xsmall"):
        several = exchange.parts(drawings.sizes(store))
        for number, part in enumerate(several, 1):
            _save("Everything (JSON)", number, len(several), stamp, partial(_json, store, part))
        several = exchange.parts([0] * len(hand.y))
        for number, part in enumerate(several, 1):
            _save("Pictures (zip of PNGs)", number, len(several), stamp, partial(_zip, hand, part))
    st.caption(
        "JSON keeps the strokes, what was read and when. The zip holds 28 x 28 pictures as in MNIST, "
        "`train/7/000012.png` for a 7; those under `test` are held back."
    )


def _save(label: str, number: int, of: int, stamp: str, content: Callable[[], bytes]) -> None:
    kind = "zip" if "zip" in label else "json"
    several = f"-{number}-of-{of}" if of > 1 else ""
    st.download_button(
        f"{label}, {number} of {of}" if of > 1 else label,
        content,
        file_name=f"my-digits-{stamp}{several}.{kind}",
        mime=f"application/{kind}",
        key=f"export-{kind}" + several,
        icon=":material/download:",
        on_click="ignore",
    )


def _json(store: Store, part: slice) -> bytes:
    return exchange_json.write(drawings.everything(store)[part])


def _zip(hand: DrawingArrays, part: slice) -> bytes:
    return exchange_zip.write(hand.ids[part], hand.x[part], hand.y[part], hand.held_out[part])


def has_news() -> bool:
    """Is a file being read, or is there something to be said of one?"""
    return any(
        st.session_state.get(key)
        for key in (keys.IMPORT_JOB, keys.IMPORT_TAKEN, keys.IMPORT_QUESTION, keys.IMPORT_PROBLEM)
    )


def bring(store: Store, done: Done) -> None:
    """The uploader, and what has become of the file in it."""
    brought = st.file_uploader(
        "Bring in labelled digits: JSON or zip as saved here, any zip with pictures in folders 0 to 9, or "
        "28 x 28 numbers each as idx (images and labels), .npz or Kaggle's CSV",
        accept_multiple_files=True,  # of any name: idx files have no ending, and what one is its bytes say
        key=keys.IMPORT_FILE,
        on_change=_another,
        max_upload_size=exchange_bounds.MAX_BYTES // 10**6,
    )
    state, these = st.session_state, [file.file_id for file in brought]
    if brought and state.get(keys.IMPORT_BEGUN) != these:
        state[keys.IMPORT_BEGUN] = these
        _begin(store, brought, done)
    if job := state.get(keys.IMPORT_JOB):
        st.fragment(_watch, run_every=EVERY)(job, store, done)
    elif problem := state.get(keys.IMPORT_PROBLEM):
        say.error(problem)
    elif brought and (question := state.get(keys.IMPORT_QUESTION)):
        _ask(question, partial(_begin, store, brought, done))
    elif taken := state.get(keys.IMPORT_TAKEN):
        _tell(taken)


def _another() -> None:
    """Another file, or none: what was said of the one before is over."""
    if job := st.session_state.get(keys.IMPORT_JOB):
        job.cancel()
    for key in (
        keys.IMPORT_BEGUN,
        keys.IMPORT_JOB,
        keys.IMPORT_TAKEN,
        keys.IMPORT_QUESTION,
        keys.IMPORT_PROBLEM,
    ):
        st.session_state.pop(key, None)


def _begin(store: Store, brought: Sequence[UploadedFile], done: Done, counts: str = "") -> None:
    """Have a file read, or two that belong together. counts: as in `exchange.read`."""
    for key in (keys.IMPORT_TAKEN, keys.IMPORT_QUESTION, keys.IMPORT_PROBLEM):
        st.session_state.pop(key, None)
    try:
        data = exchange.together([(file.name, file.getvalue()) for file in brought])
        job = st.session_state[keys.IMPORT_JOB] = Importing(store, data, visitor.name(), counts)
    except files.BadInput as error:
        st.session_state[keys.IMPORT_PROBLEM] = str(error)
        return
    with st.spinner("Reading the file"):
        over = job.done(SOON)
    if over:
        _finish(job, store, done)


def _finish(job: Importing, store: Store, done: Done) -> None:
    """Keep what came of a file, and show the page anew."""
    state = st.session_state
    state.pop(keys.IMPORT_JOB, None)
    try:
        taken = state[keys.IMPORT_TAKEN] = job.result()
    except exchange_zip.Unclear as unclear:
        state[keys.IMPORT_QUESTION] = unclear.question
    except drawing_imports.Cancelled:
        state[keys.IMPORT_PROBLEM] = "It was ended, and nothing of the file is taken in."
    except (files.BadInput, StoreError) as error:
        state[keys.IMPORT_PROBLEM] = str(error)
    else:
        if taken.numbers:
            sentence = f"Took in {counted(len(taken.numbers), 'drawing')}."
            done(sentence, lambda: drawings.delete(store, taken.numbers))
    st.rerun()


def _watch(job: Importing, store: Store, done: Done) -> None:
    """How far it is, until it is over."""
    if job.done():
        _finish(job, store, done)
    waits = "It waits for another file to be read."
    st.progress(job.fraction, text=waits if job.waits() else f"Reading the file: {job.fraction:.0%}")
    st.button("Cancel", key="import-cancel", icon=":material/close:", on_click=job.cancel)


def _ask(question: archive_labels.Question, begin: Callable[[str], None]) -> None:
    """Names say two digits, or may: which counts?"""
    st.warning(_why_asked(question))
    shown = {claim.where for _, said in question.examples for claim in said}
    places = [where for where in WHERE if where in shown]
    rows = [
        {"name": name, **{WHERE[place]: _says(said, place) for place in places}}
        for name, said in question.examples
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="unclear")
    counts = st.radio(
        "What counts?", question.choices, index=None, format_func=WHERE.__getitem__, key=keys.IMPORT_COUNTS
    )
    if st.button("Take them in", key="import-answer", type="primary", disabled=counts is None):
        begin(str(counts))


def _why_asked(question: archive_labels.Question) -> str:
    strange, twofold = question.strange, question.count - question.strange
    facts = []
    if twofold:
        facts.append(f"Two different digits in {counted(twofold, 'name')}")
    if strange:
        facts.append(
            f"The number in {counted(strange, 'name')} may be the digit or may only count the files, as the "
            "folder is called neither 0 to 9 nor zero to nine"
        )
    return f"{'. '.join(facts)}, so nothing is taken in until you say which counts there. Such as:"


def _says(said: tuple[archive_labels.Claim, ...], place: str) -> str:
    label = next((claim.label for claim in said if claim.where == place), "nothing")
    return "not understood" if label is None else str(label)


def _tell(taken: Taken) -> None:
    """Say what was taken, and list what was not."""
    st.markdown(
        f"**{len(taken.numbers):,}** taken in"
        + (f", {taken.already:,} here already" if taken.already else "")
        + (f", {len(taken.refused):,} left out:" if taken.refused else ".")
    )
    if taken.remark:
        say.caption(taken.remark)
    if not taken.refused:
        return
    rows = pd.DataFrame(taken.refused, columns=["file", "why it was left out"])
    st.dataframe(rows.head(LISTED), hide_index=True, key="refused")
    if len(rows) > LISTED:
        st.caption(f"These are the first {LISTED} of {len(rows):,}.")
    st.download_button(
        "The whole list (CSV)",
        lambda: downloads.table(list(rows), taken.refused),
        file_name="left-out.csv",
        mime="text/csv",
        key="refused-csv",
        on_click="ignore",
    )
