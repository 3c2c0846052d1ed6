"""The lists from which people choose the networks that read what is drawn, and a button that chooses one."""

import streamlit as st

from core.models import networks, registry
from core.models.classifiers import Classifier
from core.models.registry import WITH_THE_APP
from core.records import Run
from core.storage.store import StoreError
from core.training import configs
from ui import plain, say
from ui.state import keys, navigation, selection, visitor


def choose_button(run: Run) -> None:
    """A button that lets this run's network read what is drawn, or shows it pictures where it reads these."""
    if configs.classifies_digits(run.config):
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


def names_of_networks(*, of_digits: bool = True) -> dict[int, str]:
    """Return in words the networks that read digits, or those that name pictures in colour. Raises StoreError.

    By their run's number, or that in `classifiers` of those that come with the app.
    """
    names = {
        number: f"{networks.shipped(name).name} (comes with the app)"
        for number, name in (WITH_THE_APP if of_digits else registry.IN_COLOUR).items()
        if networks.is_shipped(name)
    }
    for run in visitor.store().runs():
        if run.has_network and configs.classifies_digits(run.config) == of_digits:
            measured = "not measured" if run.test_accuracy is None else f"{run.test_accuracy:.2%}"
            names[run.id] = f"run {run.id}: {run.name}, {configs.origin(run.config)}, {measured}"
    return names


def _lists() -> None:
    try:
        known = names_of_networks()
    except StoreError as error:
        say.error(error)
        return
    for key, label, options in (
        (keys.NETWORK, "Reads your drawing", list(known)),
        (keys.SECOND_NETWORK, "Answers beside it", [selection.NOBODY, *known]),
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
