"""The lists from which people choose the networks that read what is drawn, and a button that chooses one."""

from collections.abc import Iterable

import streamlit as st

from core.data import datasets
from core.models import networks, registry
from core.models.classifiers import Classifier
from core.models.registry import WITH_THE_APP
from core.records import Run
from core.storage.store import StoreError
from core.training import configs
from ui import plain, say
from ui.state import keys, navigation, selection, visitor


def choose_button(run: Run) -> None:
    """A button that lets this run's network read what is drawn, or shows it images where it reads these."""
    if configs.reads_drawings(run.config):
        st.button(
            "Let it read my drawings",
            key="read",
            icon=":material/draw:",
            on_click=selection.choose,
            args=(run.id,),
        )
    elif st.button("Show it pictures", key="read", icon=":material/image:"):
        navigation.open_images(run.id)


def menu(reads: Classifier, beside: Classifier | None) -> None:
    """Say which network reads; the lists to choose from are sent when they are opened."""
    label = plain.markdown(reads.network.name) if beside is None else "Two networks"
    popover = st.popover(label, icon=":material/neurology:", key="reading", on_change="rerun")
    if popover.open:
        with popover:
            _lists()


def names_of_networks(*, of_digits: bool = True, on_paper: bool = False) -> dict[int, str]:
    """Return in words the networks that read digits, or those that name images in colour. Raises StoreError.

    By their run's number, or that in `classifiers` of those that come with the app. on_paper: those that read
    whatever is drawn, letters and clothes too.
    """
    names = {
        number: f"{networks.shipped(name).name} (comes with the app)"
        for number, name in (WITH_THE_APP if of_digits else registry.IN_COLOUR).items()
        if networks.is_shipped(name)
    }
    for run in visitor.store().runs():
        is_paper = configs.reads_drawings(run.config)
        wanted = is_paper if on_paper else is_paper == of_digits == configs.classifies_digits(run.config)
        if run.has_network and wanted:
            measured = "not measured" if run.test_accuracy is None else f"{run.test_accuracy:.2%}"
            names[run.id] = f"run {run.id}: {run.name}, {configs.origin(run.config)}, {measured}"
    return names


def data_of(number: int) -> str:
    """Return what the network of this number is measured on, a key of `datasets.KINDS`."""
    run = visitor.store().run(number) if number > 0 else None
    shipped = {**WITH_THE_APP, **registry.IN_COLOUR}.get(number, networks.DEFAULT)
    data = run.config.data if run else networks.shipped(shipped).data
    return datasets.KINDS[data].tested_on


def alike(first: int, known: Iterable[int]) -> list[int]:
    """Return those of the known networks whose answers can be compared with the first's: of the same classes.

    Raises StoreError.
    """
    names = datasets.KINDS[data_of(first)].names
    return [number for number in known if datasets.KINDS[data_of(number)].names == names]


def _lists() -> None:
    try:
        known = names_of_networks(on_paper=True)
        first = st.session_state.get(keys.NETWORK, next(iter(known)))
        comparable = alike(first, known)
    except StoreError as error:
        say.error(error)
        return
    for key, label, options in (
        (keys.NETWORK, "Reads your drawing", list(known)),
        (keys.SECOND_NETWORK, "Answers beside it", [selection.NOBODY, *comparable]),
    ):
        if st.session_state.get(key) not in options:
            st.session_state[key] = options[0]
        st.selectbox(
            label,
            options,
            key=key,
            format_func=lambda n: known.get(n, "no other"),
            on_change=selection.keep,
            args=(key,),
            persist_state="session",
        )
    if len(known) == len(WITH_THE_APP):
        st.caption("Networks that you train appear here.")
