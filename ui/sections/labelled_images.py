"""The images of a data set by class, and one of them as numbers.

Called by `pages.data`.
"""

import numpy as np
import streamlit as st

from core.records import Labelled
from ui.components import gallery, pixel_grid, term_notes
from ui.content.glossary import note_in
from ui.state import keys
from ui.widgets import downloads, thumbnails

ACROSS = 10  # images in a row
EACH = "each class"
CHANNELS = ("red", "green", "blue")


def labelled_images(data: Labelled) -> int:
    """Show the images by class and beside them the chosen one as numbers; return that one's number."""
    number = min(int(st.session_state.setdefault(keys.DATA_NUMBER, 0)), len(data.labels) - 1)
    if (
        number != st.session_state[keys.DATA_NUMBER]
        or st.session_state.get(keys.DATA_LABEL) not in data.classes
    ):
        _show(data, number)
    left, right = st.columns([1.35, 1], gap="large")
    with left:
        _browse(data, number)
    with right, st.container(key="data-one"):
        number = _choose_number(data)
        _as_numbers(data, number)
    return number


def _browse(data: Labelled, number: int) -> None:
    options = [EACH, *data.classes]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        shown = st.selectbox(
            "Show",
            options,
            key=keys.DATA_CLASS,
            on_change=_first_page,
            width=170,
            persist_state="session",
        )
        groups = [np.flatnonzero(data.labels == c) for c in range(len(data.classes))]
        if shown == EACH:
            pages = -(-max(map(len, groups)) // ACROSS)
        else:
            pages = -(-len(groups[data.classes.index(shown)]) // ACROSS**2)
        page = gallery.pager(keys.DATA_PAGE, max(pages, 1))
    if shown == EACH:
        rows = [group[page * ACROSS : (page + 1) * ACROSS] for group in groups]
        heads = list(data.classes)
    else:
        group = groups[data.classes.index(shown)][page * ACROSS**2 : (page + 1) * ACROSS**2]
        rows, heads = [group[at : at + ACROSS] for at in range(0, len(group), ACROSS)], []
        if not len(group):
            term_notes.caption(f"No picture here is labelled {shown}.")
            return
    items = [_item(data, row[place]) if place < len(row) else None for row in rows for place in range(ACROSS)]
    gallery.gallery(
        data.images,
        items,
        key=keys.DATA_GALLERY,
        picked=lambda picked: _show(data, picked),
        across=ACROSS,
        heads=heads,
        chosen=number,
        answer="data-one",
    )


def _item(data: Labelled, number: int) -> gallery.Item:
    return gallery.Item(int(number), title=f"Picture {number}, labelled {data.classes[data.labels[number]]}")


def _first_page() -> None:
    st.session_state[keys.DATA_PAGE] = 0


def _show(data: Labelled, number: int) -> None:
    st.session_state[keys.DATA_NUMBER] = number
    st.session_state[keys.DATA_LABEL] = data.classes[data.labels[number]]


def _choose_number(data: Labelled) -> int:
    number = st.number_input(
        f"Picture, by its number from 0 to {len(data.labels) - 1:,}",
        0,
        len(data.labels) - 1,
        key=keys.DATA_NUMBER,
        on_change=lambda: _show(data, st.session_state[keys.DATA_NUMBER]),
        persist_state="session",
    )
    return int(number)


def _as_numbers(data: Labelled, number: int) -> None:
    """One image whose numbers can be read."""
    image, label = data.images[number], data.classes[data.labels[number]]
    st.markdown(f"Its label is **{label}**.")
    shown, words = image, f"Picture {number}, labelled {label}"
    if image.ndim == 3:
        channel = st.segmented_control(
            "Channel",
            CHANNELS,
            key=keys.DATA_CHANNEL,
            default="red",
            required=True,
            persist_state="session",
            help=note_in("Channel"),
        )
        left, right = st.columns(2)
        with left:
            st.html(f'<div class="dl-thumb">{thumbnails.ink(image / 255, title=words)}</div>')
            term_notes.caption(f"On the right, the darker, the more {channel}.")
        shown, words = image[..., CHANNELS.index(channel)], f"{words}: {channel}"
    else:
        right = st.container()
    with right:
        pixel_grid.pixel_grid(shown / 255, label=words, key="data-pixels", whole=255)
    rows = st.expander("All its numbers", icon=":material/grid_on:", key="data-numbers", on_change="rerun")
    if rows.open:
        with rows:
            st.html(_table_of(shown))
            columns = [f"column {n + 1}" for n in range(shown.shape[1])]
            downloads.csv_button(f"picture-{number}", columns, shown.tolist)


def _table_of(image: np.ndarray) -> str:
    """uint8 [h, w] -> a table whose cells are as dark as their numbers say."""
    rows = "".join(
        "<tr>" + "".join(f'<td style="--s:{value / 255:.2f}">{value}</td>' for value in row) + "</tr>"
        for row in image.tolist()
    )
    return f'<div class="dl-numbers"><table>{rows}</table></div>'
