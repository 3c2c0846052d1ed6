"""Downloads of a run: its network, its curves, its program."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields
from typing import Any

import streamlit as st

from core.io import arrays
from core.records import Metric, Run
from core.storage.store import Store
from ui import plain


def save_menu(store: Store, run: Run) -> None:
    """A menu of files; each is made when it is asked for."""
    menu = st.popover("Save", icon=":material/download:", key=f"save-{run.id}", on_change="rerun")
    if not menu.open:
        return
    number = run.id
    with menu:
        if run.has_network:
            _button("Keras model (.keras)", f"run-{number}.keras", lambda: store.keras_file(number))
            _button("LiteRT model (.tflite)", f"run-{number}.tflite", lambda: _network(store, number).litert)
            _button(
                "Weights (.npz)",
                f"run-{number}-weights.npz",
                lambda: arrays.pack(_network(store, number).weights),
            )
        if run.kind == "trained":
            _button("Curves (.csv)", f"run-{number}.csv", lambda: history(store.metrics(number)))


def history(points: list[Metric]) -> str:
    """Return the points of the curves as CSV, one line each, with a head line of Metric's field names."""
    head = [f.name for f in fields(Metric)][:-1] + [f"drawing_{digit}" for digit in range(10)]
    rows = (astuple(point) for point in points)
    return table(head, ([*values, *(drawing or [""] * 10)] for *values, drawing in rows))


def _network(store: Store, number: int) -> Any:
    network = store.network(number)
    assert network is not None  # the button is only there for a run that has one
    return network


def _button(label: str, name: str, make: Callable[[], Any]) -> None:
    st.download_button(label, make, file_name=name, key=name, on_click="ignore", width="stretch")


def csv_button(name: str, head: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]]) -> None:
    """A small button that saves a table as `name`.csv; its rows are made when it is clicked."""
    st.download_button(
        "CSV",
        lambda: table(head, rows()),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
    )


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV with a head line. All CSV is made here: no cell computes anything."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([plain.cell(value) for value in row] for row in (head, *rows))
    return out.getvalue()
