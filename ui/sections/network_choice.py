"""Which network reads the Draw page, and which other answers beside it."""

import contextlib

import streamlit as st

from core.data import datasets
from core.models import classifier, networks, registry
from core.models.classifier import Recognizer
from core.models.registry import SHIPPED, WITH_THE_APP
from core.records import Run
from core.storage import chosen_networks as kept
from core.storage.store import StoreError, open_store
from core.training import configs
from ui import plain, say
from ui.state import visitor

PICTURES = "pictures-network"  # the run that the page Pictures asks
LOOKED_AT, WAY_TO_PICTURE = "inside-what", "inside-picture-way"  # what Look inside shows: DIGITS or THINGS
DIGITS, THINGS = "Digits", "Pictures"
_FIRST, _SECOND = "reader", "second_reader"
_RECALLED = "readers-recalled"
NOBODY = -1
DIGITS_OF_A_RUN = 9  # at most: what a database's integers hold


def run_in_address() -> int | None:
    """Return the number of the run that the address names, as in /train?run=7; None where it names none."""
    named = st.query_params.get("run", "")
    return int(named) if named.isdecimal() and len(named) <= DIGITS_OF_A_RUN else None


def choose(number: int) -> None:
    """Let this run's network, or SHIPPED, read what is drawn."""
    st.session_state[_FIRST] = number
    _keep(_FIRST)


def _keep(key: str) -> None:
    """Have it outlive a reload. Where the database is out of reach it holds until then all the same."""
    with contextlib.suppress(StoreError):
        kept.keep(open_store(), visitor.name(), key, st.session_state[key])


def _number(key: str, default: int) -> int:
    """Return the network that was chosen at this place, in this visit or in an earlier one."""
    if _RECALLED not in st.session_state:
        st.session_state[_RECALLED] = True
        with contextlib.suppress(StoreError):
            for place, number in kept.load(open_store(), visitor.name()).items():
                if place in (_FIRST, _SECOND):
                    st.session_state.setdefault(place, number)
    return st.session_state.get(key, default)


def choose_button(run: Run) -> None:
    """A button that lets this run's network read what is drawn, or shows it pictures where it reads these."""
    if configs.reads_digits(run.config):
        st.button(
            "Let it read my drawings", key="read", icon=":material/draw:", on_click=choose, args=(run.id,)
        )
    elif st.button("Show it pictures", key="read", icon=":material/image:"):
        st.session_state[PICTURES] = run.id
        st.switch_page("pages/pictures.py")


def look_inside_pictures(way: str) -> None:
    """Open Look inside with the picture in colour that this way leads to, and the network of PICTURES."""
    st.session_state[LOOKED_AT], st.session_state[WAY_TO_PICTURE] = THINGS, way
    st.switch_page("pages/look_inside.py")


def chosen() -> int:
    """Return the number of the run that reads, or SHIPPED."""
    return _number(_FIRST, SHIPPED)


def first() -> Recognizer:
    """Return the network that reads; the shipped one where the chosen one is gone."""
    return _reader(_FIRST, SHIPPED) or classifier.shipped()


def second() -> Recognizer | None:
    """Return the network that answers beside it, or None."""
    return _reader(_SECOND, NOBODY)


def both() -> list[Recognizer]:
    """Return the first, and the second where there is one."""
    return [reader for reader in (first(), second()) if reader]


def menu(reads: Recognizer, beside: Recognizer | None) -> None:
    """Say which network reads; the lists to choose from are sent when they are opened."""
    label = plain.markdown(reads.network.name) if beside is None else "Two networks"
    popover = st.popover(label, icon=":material/neurology:", key="reading", on_change="rerun")
    if popover.open:
        with popover:
            _lists()


def names_of_networks(*, of_digits: bool = True) -> dict[int, str]:
    """Return in words the networks that read digits, or those that name pictures in colour. Raises StoreError.

    By their run's number, or that in `readers` of those that come with the app.
    """
    names = {
        number: f"{networks.shipped(name).name} (comes with the app)"
        for number, name in (WITH_THE_APP if of_digits else registry.PICTURES).items()
        if networks.is_shipped(name)
    }
    for run in open_store().runs():
        if run.readable and configs.reads_digits(run.config) == of_digits:
            measured = "not measured" if run.test_accuracy is None else f"{run.test_accuracy:.2%}"
            names[run.id] = f"run {run.id}: {run.name}, seed {run.config.seed}, {measured}"
    return names


def _lists() -> None:
    try:
        known = names_of_networks()
    except StoreError as error:
        say.error(error)
        return
    for key, label, options in (
        (_FIRST, "Reads your drawing", list(known)),
        (_SECOND, "Answers beside it", [NOBODY, *known]),
    ):
        if st.session_state.get(key) not in options:
            st.session_state[key] = options[0]
        st.selectbox(
            label,
            options,
            key=key,
            format_func=lambda n: known.get(n, "no other"),
            on_change=_keep,
            args=(key,),
            persist_state="session",
        )
    if len(known) == len(WITH_THE_APP):
        st.caption("Networks that you train appear here.")


def _reader(key: str, default: int) -> Recognizer | None:
    number = _number(key, default)
    if number == NOBODY:
        return None
    try:
        found = registry.reader(number)
    except StoreError:
        found = None
    if found is None or datasets.KINDS[found.network.data].noun != "digits":
        st.session_state[key], found = default, None
    return found
