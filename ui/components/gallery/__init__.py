"""Many small images of which one can be chosen: one component, one sheet of images."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from core.io.bundle import bundle
from ui.widgets import thumbnails

HERE = Path(__file__).parent


_component = st.components.v2.component(
    "digit_lab_gallery",
    html='<div class="gallery" role="group"></div>',
    css=(HERE / "gallery.css").read_text(encoding="utf-8"),
    js=bundle(HERE / "gallery.js"),
)


@dataclass(frozen=True)
class Item:
    """An image's number in its set, what is written below it, and what is said of it.

    mark: '' or 'label-error', which is framed differently.
    """

    number: int
    caption: str = ""
    title: str = ""
    mark: str = ""


def gallery(
    images: np.ndarray,
    items: Sequence[Item | None],
    *,
    key: str,
    picked: Callable[[int], object],
    across: int,
    narrow: int | None = None,
    heads: Sequence[str] = (),
    chosen: int | None = None,
    answer: str = "",
) -> None:
    """Show images[item.number] of uint8 [n, h, w] or [n, h, w, 3]; None leaves a cell empty.

    picked: called with the number of what is clicked on, before the next run. across, narrow: images in a
    row, on a desktop and on a phone. heads: words before each row. answer: key of the container that shows the
    chosen one.
    """

    def pick() -> None:
        number = st.session_state[key].get("pick")
        if isinstance(number, int | float) and 0 <= number < len(images):
            picked(int(number))

    _component(
        key=key,
        data=data(images, items, across, narrow or across, heads, chosen, f"st-key-{answer}" if answer else ""),
        on_pick_change=pick,
    )


def pager(key: str, pages: int) -> int:
    """Buttons back and forth, where there is more than one page; return the page, from 0, that `key` holds."""
    page = min(st.session_state.get(key, 0), pages - 1)
    if pages == 1:
        return page
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        for icon, name, step, what in (
            (":material/chevron_left:", "before", -1, "The pictures before"),
            (":material/chevron_right:", "next", 1, "The next pictures"),
        ):
            st.button(
                "",
                icon=icon,
                key=f"{key}-{name}",
                help=what,
                disabled=not 0 <= page + step < pages,
                on_click=_turn,
                args=(key, page + step),
            )
        st.markdown(f"{page + 1:,} of {pages:,}", width="content")
    return page


def _turn(key: str, page: int) -> None:
    st.session_state[key] = page


def data(
    images: np.ndarray,
    items: Sequence[Item | None],
    across: int,
    narrow: int,
    heads: Sequence[str],
    chosen: int | None,
    answer: str,
) -> dict[str, Any]:
    """Return what the component is given."""
    height, width = images.shape[1:3]
    cut = np.zeros((len(items), *images.shape[1:]), np.uint8)
    for place, item in enumerate(items):
        if item:
            cut[place] = images[item.number]
    rows = math.ceil(len(items) / across)
    return {
        "sheet": sheet(cut, across),
        "columns": across,
        "rows": rows,
        "colour": images.ndim == 4,
        "aspect": width / height,
        "items": [item and vars(item) for item in items],
        "heads": list(heads) or None,
        "across": across,
        "narrow": narrow,
        "chosen": chosen,
        "answer": answer,
    }


def sheet(images: np.ndarray, columns: int) -> str:
    """uint8 [n, h, w] or [n, h, w, 3] -> one PNG as a data URL, row by row; grey ink becomes opacity."""
    count, height, width, *colour = images.shape
    rows = math.ceil(count / columns)
    cells = np.zeros((rows * columns, height, width, *colour), np.uint8)
    cells[:count] = images
    together = cells.reshape(rows, columns, height, width, *colour).swapaxes(1, 2)
    image = Image.fromarray(together.reshape(rows * height, columns * width, *colour))
    if not colour:
        image = Image.merge("LA", (Image.new("L", image.size), image))
    return thumbnails.image_url(image)
