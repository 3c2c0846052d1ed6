"""Two networks compared on one set: McNemar's test, and the images that one of them misclassifies.

Called by `pages.mistakes`.
"""

import numpy as np
import streamlit as st

from core.analysis import evaluation, evaluation_sets
from core.data import label_errors
from core.records import Labelled
from core.storage.store import StoreError
from ui import plain, say
from ui.components import gallery, term_notes
from ui.sections import confusion_explorer, evaluated_network, network_choice, one_image
from ui.sections.one_image import Answer
from ui.state import keys, links
from ui.widgets import downloads

NOBODY = -1
PER_PAGE, ACROSS = 40, 10


@links.fragment
def two_networks(name: str, data: Labelled, first: Answer, names: dict[int, str]) -> None:
    """Show another network beside the first: what the one gets right and the other wrong.

    name, data: the set that both answer. names: the networks to choose from, of which those with the same
    classes can be compared.
    """
    st.header("Two networks compared")
    try:
        alike = network_choice.alike(first.network, names)
    except StoreError as error:
        say.error(error)
        return
    number = _chosen([n for n in alike if n != first.network], names)
    if number == NOBODY:
        term_notes.caption(
            "Choose another network: which digits does only one of the two read, and is that chance?"
        )
        return
    try:
        second = evaluated_network.answer(number, names, name, data)
    except StoreError as error:
        say.error(error)
        return
    if second is None:
        return
    found = evaluation.compare(first.evaluation, second.evaluation)
    st.markdown(evaluation.in_words(found, [f"**{plain.markdown(a.name)}**" for a in (first, second)]))
    st.caption(f"McNemar's test, exact: p = {found.p:.3g}.")
    groups = {
        "Only the first": found.first,
        "Only the second": found.second,
        "Neither": found.neither,
    }
    _groups(name, data, groups, [first, second])


def _chosen(others: list[int], names: dict[int, str]) -> int:
    """The list of other networks; NOBODY at first."""
    if st.session_state.get(keys.TWO_NETWORK) not in others:
        st.session_state[keys.TWO_NETWORK] = NOBODY
    return st.selectbox(
        "Compare with",
        [NOBODY, *others],
        key=keys.TWO_NETWORK,
        format_func=lambda n: names.get(n, "no other"),
        on_change=_begin,
        width=420,
        persist_state="session",
    )


def _groups(name: str, data: Labelled, groups: dict, answers: list[Answer]) -> None:
    """The images of one of the groups, and one of them in large with what both say."""
    which = st.segmented_control(
        "Read rightly by",
        list(groups),
        key=keys.TWO_GROUP,
        default=next(iter(groups)),
        format_func=lambda name: f"{name}: {len(groups[name]):,}",
        on_change=_begin,
        persist_state="session",
    )
    numbers = groups.get(which, next(iter(groups.values())))
    if not len(numbers):
        st.caption("None.")
        return
    left, right = st.columns([2.3, 0.72], gap="medium")
    with left:
        chosen = _gallery(name, data, numbers, answers)
    with right, st.container(key="mistakes-two-one", gap="small"):
        one_image.show(name, data, chosen, answers, "mistakes-two")


def _gallery(name: str, data: Labelled, numbers: np.ndarray, answers: list[Answer]) -> int:
    """Show a page of these images; return the number of the one that is chosen, or the first."""
    one, other = (a.evaluation for a in answers)
    page = gallery.pager(keys.TWO_PAGE, -(-len(numbers) // PER_PAGE))
    shown = numbers[page * PER_PAGE : (page + 1) * PER_PAGE]
    chosen = st.session_state.get(keys.TWO_NUMBER)
    chosen = chosen if isinstance(chosen, int) and chosen in shown else int(shown[0])
    items = []
    for n in shown.tolist():
        said = f"first {one.classes[one.predicted[n]]}, second {one.classes[other.predicted[n]]}"
        words = f"true {one.classes[one.labels[n]]}\n{said}"
        mark = "label-error" if name == evaluation_sets.TEST and n in label_errors.MNIST_TEST else ""
        items.append(gallery.Item(n, words, f"Number {n}: {words}", mark))
    gallery.gallery(
        data.images,
        items,
        key=keys.TWO_GALLERY,
        picked=_pick,
        across=ACROSS,
        narrow=confusion_explorer.NARROW,
        chosen=chosen,
        answer="mistakes-two-one",
    )
    head = ["number", "true", "first reads", "second reads"]
    columns = (one.labels, one.predicted, other.predicted)
    downloads.csv_button(
        "two-networks", head, lambda: ([n, *(one.classes[c[n]] for c in columns)] for n in numbers.tolist())
    )
    return chosen


def _pick(number: int) -> None:
    st.session_state[keys.TWO_NUMBER] = number


def _begin() -> None:
    st.session_state[keys.TWO_PAGE] = 0
