"""A table of numbers of either sign as colours, of which one can be chosen: weights, gradients, values."""

from pathlib import Path

import numpy as np
import streamlit as st

from core.io.bundle import bundle

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "digit_lab_heat_grid",
    html=(
        '<canvas class="heat" tabindex="0" role="application"></canvas>'
        '<div class="readout" aria-live="polite"></div>'
    ),
    css=(HERE / "heat_grid.css").read_text(encoding="utf-8")
    + (HERE.parent / "readout.css").read_text(encoding="utf-8"),
    js=bundle(HERE / "heat_grid.js"),
)


def heat_grid(
    values: np.ndarray,
    *,
    label: str,
    key: str,
    chosen: tuple[int, int] | None = None,
    side: int = 300,
    names: str = "Row {row}, column {column}",
    first: int = 1,
) -> tuple[int, int] | None:
    """Show float [rows, columns]; return the cell (row, column) that was clicked on last, `chosen` before that.

    The scale goes from the largest absolute value downwards and upwards, 0 has the colour of the paper. A cell
    is read by mouse, finger or arrow keys, and chosen by a click, a tap or Enter. chosen: the cell that is
    outlined until somebody clicks. side: the widest that it gets, in pixels. names: what a cell is called when
    it is read, first: the number of the first row and of the first column in it.
    """
    rows, columns = values.shape
    said = _component(
        key=key,
        data={
            "values": [float(f"{value:.7g}") for value in values.ravel()],
            "rows": rows,
            "columns": columns,
            "label": label,
            "chosen": list(chosen) if chosen else None,
            "side": side,
            "names": names,
            "first": first,
        },
        on_pick_change=lambda: None,
        default={"pick": None},
    )
    pick = said.pick
    if not isinstance(pick, list) or len(pick) != 2 or not all(isinstance(n, int | float) for n in pick):
        return chosen
    row, column = map(int, pick)
    return (row, column) if 0 <= row < rows and 0 <= column < columns else chosen
