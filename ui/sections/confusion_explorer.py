"""A confusion matrix, the images behind each of its cells, and one of them in large."""

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis import evaluation, evaluation_sets
from core.analysis.evaluation import KINDS, ORDERS, Choice
from core.data import label_errors
from core.records import Evaluation, Labelled
from core.words import counted
from ui.components import gallery, plotly_chart
from ui.content.glossary import note_in
from ui.figures import metric_figures
from ui.sections import one_image
from ui.sections.one_image import Answer
from ui.state import keys, links
from ui.widgets import downloads

ANY = "any"
PER_PAGE, ACROSS, NARROW = 20, 5, 3
FIRST_ORDER = {"Read rightly": "least sure first", "All": "by number"}  # of a kind; the surest of others
INKS = {"light": "#1a1c2c", "dark": "#eceef8"}  # as in .streamlit/config.toml


@links.fragment
def explore(name: str, data: Labelled, answer: Answer) -> None:
    """Filters over three columns: the matrix, the gallery, and the image that is chosen in it.

    name: the set's, of `evaluation_sets.SETS`, or '' of others.
    """
    found = answer.evaluation
    mislabelled = label_errors.MNIST_TEST if name == evaluation_sets.TEST else {}
    choice = _filters(found, mislabelled)
    numbers = evaluation.select(found, choice, mislabelled)
    left, middle, right = st.columns([1.12, 1.2, 0.72], gap="medium")
    with left:
        _matrix(found, choice)
    with middle:
        chosen = _images(name, data, found, choice, numbers, mislabelled)
    if chosen is not None:
        with right, st.container(key="mistakes-one", gap="small"):
            one_image.show(name, data, chosen, [answer], "mistakes")


def forget() -> None:
    """Begin with the mistakes of all classes: for another set or network."""
    for key in (
        keys.MISTAKES_KIND,
        keys.MISTAKES_ORDER,
        keys.MISTAKES_TRUE,
        keys.MISTAKES_READ,
        keys.MISTAKES_SURE,
        keys.MISTAKES_PAGE,
        keys.MISTAKES_NUMBER,
    ):
        st.session_state.pop(key, None)
    _unmark()


# -- filters


def _filters(found: Evaluation, mislabelled: Collection[int]) -> Choice:
    state = st.session_state
    kinds = [kind for kind in KINDS if kind != "Doubtful labels" or mislabelled]
    _set_up(kinds, found)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="mistakes-filters"):
        kind = st.segmented_control(
            "Show", kinds, key=keys.MISTAKES_KIND, required=True, on_change=_new_kind, persist_state="session"
        )
        true = _class("True", keys.MISTAKES_TRUE, found)
        read = _class("Read as", keys.MISTAKES_READ, found)
        st.slider(
            "How sure it was",
            0,
            100,
            key=keys.MISTAKES_SURE,
            format="%d%%",
            on_change=_first_page,
            width=190,
            persist_state="session",
        )
        order = st.selectbox(
            "Sorted",
            list(ORDERS),
            key=keys.MISTAKES_ORDER,
            on_change=_first_page,
            width=180,
            persist_state="session",
        )
        shown = (state[keys.MISTAKES_TRUE], state[keys.MISTAKES_READ], state[keys.MISTAKES_SURE])
        narrowed = shown != (ANY, ANY, (0, 100))
        st.button("All classes", key="mistakes-reset", on_click=_reset, disabled=not narrowed)
    minimum, limit = state[keys.MISTAKES_SURE]
    assert kind
    return Choice(kind, order, true, read, minimum / 100, limit / 100)


def _set_up(kinds: Sequence[str], found: Evaluation) -> None:
    """What the widgets begin with; and again where they hold what this set or network does not have."""
    state, classes = st.session_state, _options(found)
    for key, known, first in (
        (keys.MISTAKES_KIND, kinds, "Mistakes"),
        (keys.MISTAKES_ORDER, ORDERS, "surest first"),
        (keys.MISTAKES_TRUE, classes, ANY),
        (keys.MISTAKES_READ, classes, ANY),
    ):
        if state.get(key) not in known:
            state[key] = first
    state.setdefault(keys.MISTAKES_SURE, (0, 100))


def _class(label: str, key: str, found: Evaluation) -> int | None:
    options = _options(found)
    chosen = st.selectbox(label, options, key=key, on_change=_unmark, width=110, persist_state="session")
    return None if chosen == ANY else options.index(chosen) - 1


def _options(found: Evaluation) -> list[str]:
    """All classes, and each of them; one of somebody's own may itself be called 'any'."""
    return [ANY, *(f"“{name}”" if name == ANY else name for name in found.classes)]


def _new_kind() -> None:
    st.session_state[keys.MISTAKES_ORDER] = FIRST_ORDER.get(
        st.session_state[keys.MISTAKES_KIND], "surest first"
    )
    _first_page()


def _reset() -> None:
    _narrow(ANY, ANY)
    _unmark()


def _unmark() -> None:
    """The matrix no longer holds the cell that was clicked on, so that a click on it counts again."""
    if st.session_state.pop(keys.MISTAKES_CLICKED, False):
        st.session_state[keys.MISTAKES_MATRICES] = st.session_state.get(keys.MISTAKES_MATRICES, 0) + 1
    _first_page()


def _narrow(true: str, read: str) -> None:
    """Show what is true this and read as that, however sure."""
    st.session_state[keys.MISTAKES_TRUE], st.session_state[keys.MISTAKES_READ] = true, read
    st.session_state[keys.MISTAKES_SURE] = (0, 100)
    _first_page()


def _first_page() -> None:
    st.session_state[keys.MISTAKES_PAGE] = 0


# -- the matrix


def _matrix(found: Evaluation, choice: Choice) -> None:
    view = st.segmented_control(
        "Confusion matrix",
        list(metric_figures.VIEWS),
        key=keys.MISTAKES_VIEW,
        default="counts",
        required=True,
        persist_state="session",
        help=note_in("Confusion matrix"),
    )
    table = evaluation.confusion(found)
    rows, ink = tuple(map(tuple, table.tolist())), INKS[st.context.theme.type or "light"]
    assert view
    figure = _figure(rows, found.classes, view, ink, (choice.true, choice.predicted))
    key = keys.mistakes_matrix(st.session_state.get(keys.MISTAKES_MATRICES, 0))
    with st.container(key="mistakes-matrix"):
        plotly_chart.chart(
            figure,
            key=key,
            on_select=lambda: _clicked(found, st.session_state[key].selection.points),
            selection_mode="points",
            file="confusion-matrix",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Tap or click a cell: the gallery shows exactly those.")
        downloads.csv_button(
            "confusion-matrix",
            ["true", *(f"read as {name}" for name in found.classes)],
            lambda: ([name, *row] for name, row in zip(found.classes, table.tolist(), strict=True)),
        )


@lru_cache(64)
def _figure(
    rows: tuple[tuple[int, ...], ...],
    classes: tuple[str, ...],
    view: str,
    ink: str,
    marked: tuple[int | None, int | None],
) -> go.Figure:
    """The matrix as a figure, which takes 18 ms to make and is the same for most filters."""
    return metric_figures.confusion(np.array(rows), classes, view, ink=ink, marked=marked)


def _clicked(found: Evaluation, points: list[dict]) -> None:
    """Show the cell that was clicked on; after a double click, which selects nothing, all."""
    if not points:
        _reset()
        return
    true, read = (_options(found)[place + 1] for place in points[0]["customdata"][:2])
    kind = "Read rightly" if true == read else "Mistakes"
    if st.session_state[keys.MISTAKES_KIND] != kind:
        st.session_state[keys.MISTAKES_KIND] = kind
        _new_kind()
    _narrow(true, read)
    st.session_state[keys.MISTAKES_CLICKED] = True


# -- the gallery


def _images(
    name: str,
    data: Labelled,
    found: Evaluation,
    choice: Choice,
    numbers: np.ndarray,
    mislabelled: Collection[int],
) -> int | None:
    """Show a page of them; return the number of the one that is chosen, or the first."""
    st.markdown(_summary(found, choice, len(numbers)))
    if not len(numbers):
        st.caption("Choose other filters, or another cell of the matrix.")
        return None
    page = gallery.pager(keys.MISTAKES_PAGE, -(-len(numbers) // PER_PAGE))
    shown = numbers[page * PER_PAGE : (page + 1) * PER_PAGE]
    number = st.session_state.get(keys.MISTAKES_NUMBER)
    chosen = number if isinstance(number, int) and number in shown else int(shown[0])
    gallery.gallery(
        data.images,
        [item(found, int(n), mislabelled) for n in shown],
        key=keys.MISTAKES_GALLERY,
        picked=_pick,
        across=ACROSS,
        narrow=NARROW,
        chosen=chosen,
        answer="mistakes-one",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if mislabelled:
            st.caption("A dashed frame: most people doubt the label.")
        downloads.csv_button(
            "pictures", ["number", "true", "read as", "confidence", "loss"], lambda: _rows(found, numbers)
        )
    return chosen


def _pick(number: int) -> None:
    st.session_state[keys.MISTAKES_NUMBER] = number


def item(found: Evaluation, number: int, mislabelled: Collection[int]) -> gallery.Item:
    """A mistake in the gallery: 'true 4, read as 9' and how confident."""
    words = one_image.in_words(found, number)
    caption = "\n".join(words.rsplit(", ", 1))
    mark = "label-error" if number in mislabelled else ""
    return gallery.Item(number, caption, f"Number {number}: {words}", mark)


def _summary(found: Evaluation, choice: Choice, count: int) -> str:
    what = {
        "Mistakes": counted(count, "mistake"),
        "Read rightly": f"{count:,} read rightly",
        "Doubtful labels": counted(count, "doubtful label"),
        "All": counted(count, "picture"),
    }[choice.kind]
    parts = [f"**{what}**"]
    if choice.true is not None:
        parts.append(f"true {found.classes[choice.true]}")
    if choice.predicted is not None:
        parts.append(f"read as {found.classes[choice.predicted]}")
    if (choice.min_confidence, choice.max_confidence) != (0, 1):
        parts.append(f"{choice.min_confidence:.0%} to {choice.max_confidence:.0%} sure")
    if choice.kind == "Read rightly" and choice.order == "least sure first":
        parts.append("the hardest first")
    return ", ".join(parts)


def _rows(found: Evaluation, numbers: np.ndarray) -> list[list]:
    return [
        [
            n,
            found.classes[found.labels[n]],
            found.classes[found.predicted[n]],
            f"{found.confidence[n]:.6g}",
            f"{found.losses[n]:.6g}",
        ]
        for n in numbers.tolist()
    ]
