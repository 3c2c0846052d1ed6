"""A network that somebody has saved is taken in, and becomes a run.

Called by `pages.train`.
"""

import re
from pathlib import Path

import streamlit as st

from core.ink.files import BadInput
from core.models import keras_import
from core.runs.queue import OwnJobs
from core.storage.store import StoreError
from core.training import configs
from ui import say
from ui.sections import run_panel
from ui.state import keys, visitor


def open_file(jobs: OwnJobs) -> None:
    """Show a field for a file and take in its network: only its layers and numbers, never its code."""
    file = st.file_uploader(
        "A network saved by Digit Lab or by Keras",
        type=["keras", "h5", "hdf5"],
        key=keys.KERAS_FILE,
        max_upload_size=keras_import.MAX_BYTES // 10**6,
        help="Where it ends in sigmoids, each by itself, the same sums share out 100% here: the order of the "
        "answers stays.",
    )
    if not file:
        return
    before, problem = st.session_state.get(keys.KERAS_OPENED, ("", ""))
    if before == file.file_id:
        say.error(problem) if problem else say.info("It is opened, at the top of this page.")
        return
    st.session_state[keys.KERAS_OPENED] = file.file_id, ""
    try:
        found, weights, shape = keras_import.read(file.getvalue())
        number = jobs.open_network(
            configs.imported(found, shape), weights, name=_plain(file.name), visitor=visitor.name()
        )
    except (BadInput, StoreError) as error:
        st.session_state[keys.KERAS_OPENED] = file.file_id, str(error)
        say.error(error)
        return
    run_panel.show(number)
    st.rerun()


def _plain(name: str) -> str:
    """A file's name without its ending and without what Markdown would make something of."""
    return re.sub(r"[^\w .-]", " ", Path(name).stem).strip()[:60] or "a network"
