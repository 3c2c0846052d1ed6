"""What a training's network gets wrong: the confusion matrix, and the worst mistakes as pictures.

Called by `ui.sections.run_panel`.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.data import datasets
from core.records import Dataset, Run, Snapshot
from core.storage.store import Store
from core.training import configs
from core.words import confidence
from ui import say
from ui.components import term_notes
from ui.widgets import thumbnails


def mistakes(store: Store, run: Run) -> None:
    """Show what it got wrong after its last epoch; nothing where that is not known."""
    snapshot = store.snapshot(run.id)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        if snapshot:
            _confusion(snapshot, run)
    with right:
        if snapshot:
            _worst(snapshot, run)


def _confusion(snapshot: Snapshot, run: Run) -> None:
    counts = np.array(snapshot.confusion)
    measured, kind = configs.measured(run.training), configs.kind(run.config)
    term_notes.markdown(f"**What is read as what**: {measured} {kind.noun}, epoch {snapshot.epoch}")
    names, what = kind.names, kind.label_noun
    head = "".join(f"<th scope='col'><span>{name}</span></th>" for name in names)
    rows = "".join(_confusion_row(names, place, row) for place, row in enumerate(counts))
    wrong = int(counts.sum() - np.trace(counts))
    st.html(
        f'<table class="dl-confusion dl-of-{kind.noun}"><caption>rows: the true {what}, columns: the {what} '
        f"read; {wrong:,} of {counts.sum():,} are wrong</caption><tr><td></td>{head}</tr>{rows}</table>"
    )


def _confusion_row(names: Sequence[str], digit: int, row: np.ndarray) -> str:
    cells = []
    for read, count in enumerate(row):
        fraction = count / max(1, row.sum())
        # Errors are few: their square root makes one in a hundred visible.
        strength = fraction if read == digit else min(1.0, 3 * fraction**0.5)
        kind = "dl-right" if read == digit else "dl-false"
        said = f"{names[digit]} read as {names[read]}: {count:,} of {row.sum():,}"
        cells.append(f'<td class="{kind}" style="--s:{strength:.3f}" title="{said}">{count or ""}</td>')
    return f"<tr><th scope='row'>{names[digit]}</th>{''.join(cells)}</tr>"


def _worst(snapshot: Snapshot, run: Run) -> None:
    kind = configs.kind(run.config)
    if not snapshot.worst:
        st.markdown(f"**None of the {kind.noun} was misread.**")
        return
    try:
        data = datasets.load(run.config.data)
    except datasets.NoData as error:
        say.caption(f"The worst mistakes cannot be shown: {error}")
        return
    images = _worst_images(snapshot, run, data)
    if images is None:
        say.caption(
            f"The worst mistakes cannot be shown: the files of {kind.title} that are here now are not those "
            "that this network was measured on."
        )
        return
    what = kind.label_noun
    st.markdown(f"**The worst mistakes**: true {what} → {what} read, how sure")
    st.html(
        thumbnails.strip(
            [image / 255 for image in images],
            columns=5,
            captions=[
                f"{kind.classes[true]} → {kind.classes[read]}, {confidence(sure)}"
                for _, true, read, sure in snapshot.worst
            ],
        )
    )


def _worst_images(snapshot: Snapshot, run: Run, data: Dataset) -> np.ndarray | None:
    """Return the images of the worst mistakes; None where the data set's files have been replaced since."""
    part = "train" if run.training.validation_split else "test"
    images, labels = getattr(data, f"x_{part}"), getattr(data, f"y_{part}")
    numbers = [index for index, *_ in snapshot.worst]
    if max(numbers) >= len(labels) or labels[numbers].tolist() != [true for _, true, *_ in snapshot.worst]:
        return None
    found: np.ndarray = images[numbers]
    return found if snapshot.images in ("", datasets.digest(found)) else None
