"""The network of the Draw page, and the second one beside it."""

import contextlib

import streamlit as st

from core.models import classifiers, registry
from core.models.classifiers import Classifier
from core.models.registry import SHIPPED
from core.storage import chosen_networks as kept
from core.storage.store import StoreError
from ui.state import keys, visitor

NOBODY = -1


def choose(number: int) -> None:
    """Let this run's network, or SHIPPED, read what is drawn."""
    st.session_state[keys.NETWORK] = number
    keep(keys.NETWORK)


def keep(key: str) -> None:
    """Have a choice outlive a reload. Where the database is out of reach it holds until then all the same."""
    with contextlib.suppress(StoreError):
        kept.keep(visitor.store(), visitor.name(), key, st.session_state[key])


def chosen() -> int:
    """Return the number of the run that reads, or SHIPPED."""
    return _number(keys.NETWORK, SHIPPED)


def classifier() -> Classifier:
    """Return the network that reads drawings, of digits or others; the shipped one where it is gone."""
    return _classifier(keys.NETWORK, SHIPPED) or classifiers.shipped()


def first() -> Classifier:
    """Return the network that reads digits; the shipped one where the chosen one reads something else."""
    found = classifier()
    return found if found.kind.of_digits else classifiers.shipped()


def chosen_for_digits() -> int:
    """Return the number of `first`."""
    return chosen() if classifier().kind.of_digits else SHIPPED


def second() -> Classifier | None:
    """Return the network that answers beside `classifier`, or None: it tells the same classes apart."""
    found = _classifier(keys.SECOND_NETWORK, NOBODY)
    return found if found and found.kind.names == classifier().kind.names else None


def beside(classifier: Classifier) -> Classifier:
    """Return another network than this: the second that is chosen, or one that comes with the app."""
    others = [second(), *(registry.classifier(number, visitor.name()) for number in registry.WITH_THE_APP)]
    return next(one for one in others if one and one.network.litert != classifier.network.litert)


def both() -> list[Classifier]:
    """Return `classifier`, and the second where there is one."""
    return [one for one in (classifier(), second()) if one]


def _number(key: str, default: int) -> int:
    """Return the network that was chosen at this place, in this visit or in an earlier one."""
    if keys.NETWORKS_RECALLED not in st.session_state:
        st.session_state[keys.NETWORKS_RECALLED] = True
        with contextlib.suppress(StoreError):
            for place, number in kept.load(visitor.store(), visitor.name()).items():
                if place in (keys.NETWORK, keys.SECOND_NETWORK):
                    st.session_state.setdefault(place, number)
    return st.session_state.get(key, default)


def _classifier(key: str, default: int) -> Classifier | None:
    number = _number(key, default)
    if number == NOBODY:
        return None
    try:
        found = registry.classifier(number, visitor.name())
    except StoreError:
        return None  # for a moment; the choice stays
    if found is None or not found.kind.on_paper:
        st.session_state[key], found = default, None
    return found
