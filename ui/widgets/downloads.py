"""Downloads of a run: its network, its curves, its program."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields
from typing import Any

import streamlit as st

from core.analysis.reports import subjects
from core.analysis.reports.formats import REPORTS
from core.analysis.reports.subjects import Subject
from core.data import datasets
from core.io import arrays
from core.models.exports.formats import FORMATS
from core.records import Metric, Network, Run
from core.storage.store import Store
from ui import plain, say


def save_menu(store: Store, run: Run) -> None:
    """A menu of files; each is made when it is asked for."""
    menu = st.popover("Save", icon=":material/download:", key=f"save-{run.id}", on_change="rerun")
    if not menu.open:
        return
    number = run.id
    with menu:
        if run.has_network:
            button("Keras model (.keras)", f"run-{number}.keras", lambda: store.keras_file(number))
            button("LiteRT model (.tflite)", f"run-{number}.tflite", lambda: _network(store, number).litert)
            button(
                "Weights (.npz)",
                f"run-{number}-weights.npz",
                lambda: arrays.pack(_network(store, number).weights),
            )
            network_buttons(lambda: _network(store, number), f"run-{number}", but=("keras", "tflite"))
            report_buttons(store, [run])
        if run.kind == "trained":
            button("Curves (.csv)", f"run-{number}.csv", lambda: history(store.metrics(number)))


def network_menu(network: Network, name: str) -> None:
    """The same for a network that may be of no run. name: of the files, without a suffix."""
    menu = st.popover("Take it away", icon=":material/download:", key=f"take-{name}", on_change="rerun")
    if menu.open:
        with menu:
            network_buttons(lambda: network, name)


def report_menu(store: Store, runs: Sequence[Run]) -> None:
    """A menu of reports of several runs side by side."""
    menu = st.popover("Report", icon=":material/lab_profile:", key="report-menu", on_change="rerun")
    if menu.open:
        with menu:
            st.caption("A page with their settings, curves, mistakes and calibration, or a notebook that runs.")
            report_buttons(store, runs)


def report_buttons(store: Store, runs: Sequence[Run]) -> None:
    """One button for each form of the report of these runs. It takes a second or two for each of them."""
    if absent := [run.config.data for run in runs if not datasets.has(run.config.data)]:
        say.caption(f"A report measures anew. {datasets.absent(absent[0])}")
        return
    numbers = "-".join(str(run.id) for run in runs[:5])

    def about() -> list[Subject]:
        found = [subjects.of_run(store, run.id) for run in runs]
        return [subject for subject in found if subject]

    for report in REPORTS.values():
        name = f"run-{numbers}-report{report.suffix}"
        button(report.label, name, lambda report=report: report.make(about()))  # type: ignore[misc]


def stem(network: Network) -> str:
    """Return a file's name for a network, without a suffix: letters, digits and dashes of its name.

    >>> stem(Network("Tom's 2nd: CNN!", (), {}, b"", {}))
    'tom-s-2nd-cnn'
    """
    return stem_of(network.name)


def stem_of(name: str) -> str:
    """The same of any name."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return words[:40].rstrip("-") or "network"


def network_buttons(network: Callable[[], Network], name: str, but: Sequence[str] = ()) -> None:
    """One button for each file as which a network can be taken away. but: keys of FORMATS."""
    for key, form in FORMATS.items():
        if key in but:
            continue
        file = f"{name}{form.suffix}"
        button(form.label, file, lambda form=form: form.make(network()))  # type: ignore[misc]
        if beside := form.beside:
            make = lambda beside=beside, file=file: beside.make(network(), file)  # noqa: E731
            button(beside.label, f"{name}{beside.suffix}", make)


def history(points: list[Metric]) -> str:
    """Return the points of the curves as CSV, one line each, with a head line of Metric's field names."""
    classes = max((len(point.drawing or ()) for point in points), default=0) or 10
    head = [f.name for f in fields(Metric)][:-1] + [f"drawing_{n}" for n in range(classes)]
    rows = (astuple(point) for point in points)
    return table(head, ([*values, *(drawing or [""] * classes)] for *values, drawing in rows))


def _network(store: Store, number: int) -> Network:
    network = store.network(number)
    assert network is not None  # the button is only there for a run that has one
    return network


def button(label: str, name: str, make: Callable[[], Any]) -> None:
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
