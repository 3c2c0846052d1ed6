"""A page of small images, any of which can be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from ui.widgets import thumbnails

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "digit_lab_choices",
    html='<div class="grid"></div><button type="button" class="all"></button>',
    css=(HERE / "choices.css").read_text(encoding="utf-8"),
    js=(HERE / "choices.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Cell:
    """image: float32 [28, 28], 1 = ink. caption stands under it, title says more. wrong: to be marked."""

    id: int
    image: np.ndarray
    caption: str
    title: str
    wrong: bool = False


def choices(cells: Sequence[Cell], key: str) -> list[int]:
    """Show the images and return the ids of those that are chosen. Another key: nothing is chosen."""
    rows = [
        {
            "id": cell.id,
            "url": thumbnails.ink_url(cell.image),
            "caption": cell.caption,
            "title": cell.title,
            "wrong": cell.wrong,
        }
        for cell in cells
    ]
    _component(key=key, data={"cells": rows}, on_selected_change=lambda: None)
    said = st.session_state.get(key)
    chosen = said.get("selected") if isinstance(said, Mapping) else None
    there = {cell.id for cell in cells}
    return [number for number in chosen or [] if number in there]
